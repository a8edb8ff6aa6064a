//! [`Plan`]: what a client is to do: with what ring, by which recovery, for how long, and how often it is to be late.

use pcm_dmaengine::{Frames, HwParams, HwSpace, Recovery, SampleFormat};

use super::machine::Imx;
use super::wav::Sound;

/// What a client is to do with a sound.
#[derive(Clone, Copy, Debug)]
pub struct Plan {
    pub period: Frames,
    pub periods: u32,
    pub recovery: Recovery<Imx>,
    /// How often it is to be late.
    pub xruns: u32,
    /// Frames to play or to record.
    pub frames: u64,
}

impl Plan {
    /// The one configuration of the engine that has this sound and this ring.
    pub fn params(&self, space: HwSpace, sound: &Sound) -> Result<HwParams, String> {
        let mut space = space;
        let (bytes, channels) = sound.words();
        let format = if bytes == sound.format.bytes() { sound.format } else { SampleFormat::S32Le };
        let params = space
            .set_format(format)
            .and_then(|()| space.set_channels(channels.into()))
            .and_then(|()| space.set_rate(sound.rate))
            .and_then(|()| space.set_period_size(self.period))
            .and_then(|()| space.set_periods(self.periods))
            .and_then(|()| space.choose())
            .map_err(|error| format!("the engine cannot do that: {error}"))?;
        Ok(HwParams { format: sound.format, channels: sound.channels, ..params })
    }

    /// The frames at which it is late, evenly spread.
    pub fn lateness(&self) -> Result<Lateness, String> {
        let most = self.frames / (3 * self.period.0 * u64::from(self.periods));
        if u64::from(self.xruns) > most {
            return Err(format!("{} XRUNs: with this ring, {} frames have room for {most}", self.xruns, self.frames));
        }
        Ok(Lateness { every: self.frames / u64::from(self.xruns + 1), count: self.xruns, done: 0 })
    }
}

/// When a client is to be late.
#[derive(Debug)]
pub struct Lateness {
    every: u64,
    count: u32,
    done: u32,
}

impl Lateness {
    /// Whether it is to be late now, and for which time that is, from 0.
    pub fn is_due(&mut self, frame: u64) -> Option<u32> {
        let is_due = self.done < self.count && frame >= self.every * u64::from(self.done + 1);
        is_due.then(|| {
            self.done += 1;
            self.done - 1
        })
    }
}

/// Where a client is, after each step.
#[derive(Clone, Copy, Debug)]
pub struct Step<'s> {
    /// The frames of this step.
    pub bytes: &'s [u8],
    /// The next frame, of the sound.
    pub frame: u64,
    /// XRUNs up to now.
    pub xruns: u64,
}

/// Runs that end before anything moved: so many in a row, and the SDMA is too slow for the sound.
pub const HOPELESS: u32 = 8;
