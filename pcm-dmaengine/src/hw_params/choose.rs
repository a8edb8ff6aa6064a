//! ALSA's choice: the one configuration that a space stands for.
//!
//! Refinement only says what is impossible. That something is left in every interval does not mean that they have a
//! configuration in common, so the choice is a search. In ALSA's order the least period comes before the largest buffer;
//! for one format, one number of channels and one rate that is a question about two whole numbers, and quickly answered.

use super::grid::Scale;
use super::window::{Steps, Window};
use super::{Bound, HwSpace, Quantity, RefineError};
use crate::access::Access;
use crate::units::{Frames, HwParams};

/// The most steps of one search. Real spaces take a few; one that was made to be hard takes some milliseconds of a desktop's
/// processor.
const MOST_STEPS: u32 = 1 << 16;

impl HwSpace {
    /// Chooses one configuration and leaves the space with nothing but that. In ALSA's order: the first access, the first
    /// format, the fewest channels, the lowest rate, the shortest period, and then the largest buffer. (ALSA's subformat
    /// has one value only, so it is not chosen.)
    ///
    /// What it chooses is in the space, always; and if there is something in the space, it finds it or says that it gave up.
    ///
    /// # Errors
    /// [`RefineError::NothingInCommon`] if every quantity has values left and yet no configuration has them all;
    /// [`RefineError::Undecided`] if that took too long to find out. Nothing was changed.
    #[doc(alias = "snd_pcm_hw_params")]
    #[doc(alias = "snd_pcm_hw_params_choose")]
    pub fn choose(&mut self) -> Result<HwParams, RefineError> {
        let (access, params) = self.first(&mut Steps::at_most(MOST_STEPS))?;
        debug_assert!(self.contains(access, &params));
        self.narrow(|space| {
            space.accesses = space.accesses.filter(|one| one == access);
            space.formats = space.formats.filter(|one| one == params.format);
            for (quantity, value) in [
                (Quantity::Channels, u64::from(params.channels)),
                (Quantity::Rate, u64::from(params.rate)),
                (Quantity::PeriodSize, params.period_size.0),
                (Quantity::Periods, u64::from(params.periods)),
            ] {
                let interval = &mut space.quantities[quantity as usize];
                interval.raise(Bound::at(value, false, interval.min().because));
                interval.lower(Bound::at(value, false, interval.max().because));
            }
            Ok(())
        })?;
        Ok(params)
    }

    /// The first configuration, without changing anything.
    pub(super) fn first(&self, steps: &mut Steps) -> Result<(Access, HwParams), RefineError> {
        let access = self.accesses.first().ok_or(RefineError::NothingInCommon)?;
        for format in self.formats.iter() {
            let frame =
                [(Quantity::Channels, Scale::ONE), (Quantity::FrameBits, Scale::times(format.physical_width().into()))];
            let frame = Window::new(self, &frame);
            let mut from = 1;
            while let Some(channels) = frame.least(from, steps)? {
                steps.take()?;
                from = channels + 1;
                let frame_bytes = u64::from(format.bytes()) * channels;
                if let Some((rate, period_size, periods)) = self.rate(frame_bytes, steps)? {
                    // `any` has seen to it that channels fit 16 bits.
                    let channels = channels as u16;
                    return Ok((access, HwParams { format, rate, channels, period_size, periods }));
                }
            }
        }
        Err(RefineError::NothingInCommon)
    }

    /// The lowest rate for which there are periods, and these.
    fn rate(&self, frame_bytes: u64, steps: &mut Steps) -> Result<Option<(u32, Frames, u32)>, RefineError> {
        // What has no answer without a rate has none with any.
        if self.periods(frame_bytes, None, steps)?.is_none() {
            return Ok(None);
        }
        let rates = [(Quantity::Rate, Scale::ONE)];
        let rates = Window::new(self, &rates);
        let mut from = 1;
        while let Some(rate) = rates.least(from, steps)? {
            steps.take()?;
            from = rate + 1;
            if let Some((period_size, periods)) = self.periods(frame_bytes, Some(rate), steps)? {
                // An interval of 32 bits it came from.
                return Ok(Some((rate as u32, period_size, periods)));
            }
        }
        Ok(None)
    }

    /// The shortest period for which there is a number of periods, and the most of these.
    ///
    /// With `most` for the longest buffer, a period of `p` frames can be had at most `most / p` times. If that is too few
    /// for the shortest buffer, no period is right before that many of them reach it: the search goes there at once. So
    /// `most / p` falls with each step.
    fn periods(
        &self,
        frame_bytes: u64,
        rate: Option<u64>,
        steps: &mut Steps,
    ) -> Result<Option<(Frames, u32)>, RefineError> {
        use Quantity::{BufferBytes, BufferSize, BufferTime, PeriodBytes, PeriodSize, PeriodTime, Periods};
        // So many frames at a time, in frames, in bytes and, if there is a rate, in microseconds.
        let scales = |frames: u64| {
            let time = Scale { numerator: frames * 1_000_000, denominator: rate.unwrap_or(1) };
            [Scale::times(frames), Scale::times(frames * frame_bytes), time]
        };
        let units = if rate.is_some() { 3 } else { 2 };
        let [size, bytes, time] = scales(1);
        let period = [(PeriodSize, size), (PeriodBytes, bytes), (PeriodTime, time)];
        let period = Window::new(self, &period[..units]);
        let buffer = [(BufferSize, size), (BufferBytes, bytes), (BufferTime, time)];
        let buffer = Window::new(self, &buffer[..units]);
        let (Some(least), Some(most)) = (buffer.least(1, steps)?, buffer.most(u64::MAX, steps)?) else {
            return Ok(None);
        };
        let (fewest, many) = self.interval(Periods).solve(Scale::ONE);
        let mut from = least.div_ceil(many);
        while let Some(frames) = period.least(from, steps)? {
            steps.take()?;
            let count = (most / frames).min(many);
            if count < fewest {
                break;
            }
            let [size, bytes, time] = scales(frames);
            let counts = [(Periods, Scale::ONE), (BufferSize, size), (BufferBytes, bytes), (BufferTime, time)];
            if let Some(count) = Window::new(self, &counts[..=units]).most(count, steps)? {
                return Ok(Some((Frames(frames), count as u32)));
            }
            from = (frames + 1).max(least.div_ceil(count));
        }
        Ok(None)
    }
}
