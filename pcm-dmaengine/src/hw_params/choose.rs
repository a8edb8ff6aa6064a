//! ALSA's choice: the one configuration that a space stands for.
//!
//! Refinement only says what is impossible. That something is left in every interval does not mean that they have a
//! configuration in common, so the choice is a search. In ALSA's order the least period comes before the largest buffer;
//! for one format, one number of channels and one rate that is a question about two whole numbers, and quickly answered.

use super::RefineError;
use super::engine::common_divisor;
use super::{Bound, HwSpace, Quantity};
use crate::access::Access;
use crate::units::{Frames, HwParams};

/// The most steps of one search. Real spaces take a few; a space made to be hard takes some milliseconds.
const MOST_STEPS: u32 = 1 << 20;

/// So many steps are left.
struct Steps(u32);

impl Steps {
    fn take(&mut self) -> Result<(), RefineError> {
        self.0 = self.0.checked_sub(1).ok_or(RefineError::Undecided { steps: MOST_STEPS })?;
        Ok(())
    }
}

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
        let (access, params) = self.first()?;
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
        })?;
        Ok(params)
    }

    fn first(&self) -> Result<(Access, HwParams), RefineError> {
        let access = self.accesses.first().ok_or(RefineError::NoAccess { because: self.accesses_because })?;
        let mut steps = Steps(MOST_STEPS);
        let counts = |quantity| self.interval(quantity).min().value..=self.interval(quantity).max().value;
        for format in self.formats.iter() {
            for channels in counts(Quantity::Channels) {
                steps.take()?;
                let frame_bytes = format.bytes() * channels;
                if !self.interval(Quantity::FrameBits).contains(8 * u128::from(frame_bytes), 1) {
                    continue;
                }
                // What has no answer without a rate has none with any.
                if self.periods(frame_bytes, None, &mut steps)?.is_none() {
                    continue;
                }
                for rate in counts(Quantity::Rate) {
                    steps.take()?;
                    if let Some((period_size, periods)) = self.periods(frame_bytes, Some(rate), &mut steps)? {
                        // `any` has seen to it that channels fit 16 bits.
                        let channels = channels as u16;
                        return Ok((access, HwParams { format, rate, channels, period_size, periods }));
                    }
                }
            }
        }
        Err(RefineError::NothingInCommon)
    }

    /// The shortest period for which there is a number of periods, and the most of these.
    ///
    /// With `most` for the longest buffer, a period of `p` frames can be had at most `most / p` times. If that is too few
    /// for the shortest buffer, no period is right before that many of them reach it: the search goes there at once. So
    /// `most / p` falls with each step.
    fn periods(
        &self,
        frame_bytes: u32,
        rate: Option<u32>,
        steps: &mut Steps,
    ) -> Result<Option<(Frames, u32)>, RefineError> {
        use Quantity::{BufferBytes, BufferSize, BufferTime, PeriodBytes, PeriodSize, PeriodTime};
        let step = u64::from(self.align / common_divisor(self.align, frame_bytes));
        let (shortest, longest) = self.frames([PeriodSize, PeriodBytes, PeriodTime], frame_bytes, rate);
        let (least, most) = self.frames([BufferSize, BufferBytes, BufferTime], frame_bytes, rate);
        let periods = self.interval(Quantity::Periods);
        let (fewest, many) = (u64::from(periods.min().value), u64::from(periods.max().value));
        if shortest > longest || least > most || fewest > many {
            return Ok(None);
        }
        let mut period = shortest.max(least.div_ceil(many)).next_multiple_of(step);
        while period <= longest {
            steps.take()?;
            let count = (most / period).min(many);
            if count < fewest {
                break;
            }
            if count * period >= least {
                return Ok(Some((Frames(period), count as u32)));
            }
            period = (period + 1).max(least.div_ceil(count)).next_multiple_of(step);
        }
        Ok(None)
    }

    /// What the intervals of a length in frames, in bytes and in time allow, in frames.
    fn frames(&self, [size, bytes, time]: [Quantity; 3], frame_bytes: u32, rate: Option<u32>) -> (u64, u64) {
        let by_size = self.interval(size).solve(1, 1);
        let by_bytes = self.interval(bytes).solve(frame_bytes, 1);
        let by_time = rate.map_or(by_size, |rate| self.interval(time).solve(1_000_000, rate));
        let all = [by_size, by_bytes, by_time];
        all.into_iter().fold((1, u64::MAX), |(low, high), (least, most)| (low.max(least), high.min(most)))
    }
}
