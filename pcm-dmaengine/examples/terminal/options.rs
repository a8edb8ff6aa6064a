//! The command line that players and recorders have in common.

use std::ffi::OsString;
use std::path::PathBuf;

use pcm_dmaengine::{Frames, Recovery, SampleFormat};

use crate::sound::machine::Imx;
use crate::sound::plan::Plan;
use crate::sound::wav::Sound;

/// The options that all have, for the help.
pub const COMMON: &str = "  --format NAME      the samples in memory, by ALSA's name: S16_LE, U24_3BE, FLOAT_LE, ... (default: as in the WAV)
  --channels N       that many: the WAV's over and over, or the first of them (default: as in the WAV)
  --rate HZ          frames in a second (default: as in the WAV); nothing is resampled
  --period FRAMES    frames between two interrupts (default 480)
  --periods N        periods in the ring (default 4)
  --recovery NAME    sync-stop (default), atomic or queue-after-stop: how an XRUN's stop is waited for
  --xruns N          be late so many times on purpose, which gives as many XRUNs (default 0)
  --duration SECONDS for so long (default: as long as the WAV, which is also all that there is to play)
  --help             this text";

/// What was asked for.
pub struct Options {
    /// The sound: a WAV, or the clip of speech.
    pub from: Option<PathBuf>,
    /// Where what came of it goes.
    pub out: Option<PathBuf>,
    format: Option<SampleFormat>,
    channels: Option<u16>,
    rate: Option<u32>,
    period: u64,
    periods: u32,
    recovery: Recovery<Imx>,
    xruns: u32,
    duration: Option<f64>,
}

impl Options {
    /// `Ok(None)`: help was asked for. `bare` is the option that an argument without a name stands for; a program has this one and
    /// `other`.
    pub fn parse(
        arguments: impl IntoIterator<Item = OsString>,
        bare: &str,
        other: &str,
    ) -> Result<Option<Self>, String> {
        let mut options = Self {
            from: None,
            out: None,
            format: None,
            channels: None,
            rate: None,
            period: 480,
            periods: 4,
            recovery: Recovery::SYNC_STOP,
            xruns: 0,
            duration: None,
        };
        let mut arguments = arguments.into_iter();
        while let Some(argument) = arguments.next() {
            let name = argument.to_string_lossy().into_owned();
            if !name.starts_with('-') {
                options.file(bare, argument)?;
                continue;
            }
            if name == "--help" || name == "-h" {
                return Ok(None);
            }
            let mut value = || arguments.next().ok_or(format!("{name} needs a value"));
            if name == bare || name == other {
                options.file(&name, value()?)?;
                continue;
            }
            let mut text = || value().map(|value| value.to_string_lossy().into_owned());
            match name.as_str() {
                "--format" => {
                    let format = text()?;
                    let known = || SampleFormat::ALL.map(SampleFormat::name).join(" ");
                    options.format = Some(format.parse().map_err(|_| format!("no format {format:?}: {}", known()))?);
                }
                "--channels" => options.channels = Some(number(&name, &text()?, 1..=32)? as u16),
                "--rate" => options.rate = Some(number(&name, &text()?, 1..=768_000)? as u32),
                "--period" => options.period = number(&name, &text()?, 1..=1 << 20)?,
                "--periods" => options.periods = number(&name, &text()?, 2..=1 << 10)? as u32,
                "--xruns" => options.xruns = number(&name, &text()?, 0..=1_000_000)? as u32,
                "--recovery" => options.recovery = recovery(&text()?)?,
                "--duration" => options.duration = Some(seconds(&name, &text()?)?),
                _ => return Err(format!("unknown option {name:?}")),
            }
        }
        Ok(Some(options))
    }

    fn file(&mut self, name: &str, path: OsString) -> Result<(), String> {
        let file = if name == "--out" { &mut self.out } else { &mut self.from };
        match file.replace(path.into()) {
            None => Ok(()),
            Some(first) => Err(format!("one file is enough, and there is {}", first.display())),
        }
    }

    /// The sound, as it is to lie in memory.
    pub fn sound(&self) -> Result<Sound, String> {
        let sound = Sound::open(self.from.as_deref())?;
        let (format, channels) = (self.format.unwrap_or(sound.format), self.channels.unwrap_or(sound.channels));
        let rate = self.rate.unwrap_or(sound.rate);
        Ok(Sound { rate, ..sound.converted(format, channels)? })
    }

    /// What to do with it.
    pub fn plan(&self, sound: &Sound) -> Plan {
        let asked = self.duration.map(|seconds| (seconds * f64::from(sound.rate)).round() as u64);
        let Self { periods, recovery, xruns, .. } = *self;
        Plan { period: Frames(self.period), periods, recovery, xruns, frames: asked.unwrap_or(sound.frames()) }
    }
}

fn recovery(name: &str) -> Result<Recovery<Imx>, String> {
    match name {
        "sync-stop" => Ok(Recovery::SYNC_STOP),
        "atomic" => Ok(Recovery::ATOMIC),
        "queue-after-stop" => Ok(Recovery::QUEUE_AFTER_STOP),
        _ => Err(format!("no recovery {name:?}: sync-stop, atomic or queue-after-stop")),
    }
}

fn number(name: &str, value: &str, range: std::ops::RangeInclusive<u64>) -> Result<u64, String> {
    let parsed = value.parse().ok().filter(|number| range.contains(number));
    parsed.ok_or_else(|| format!("{name} {value:?}: a number from {} to {}", range.start(), range.end()))
}

fn seconds(name: &str, value: &str) -> Result<f64, String> {
    const MOST: f64 = 3_600.0;
    let parsed = value.parse().ok().filter(|seconds| (0.001..=MOST).contains(seconds));
    parsed.ok_or_else(|| format!("{name} {value:?}: seconds, from 0.001 to {MOST}"))
}
