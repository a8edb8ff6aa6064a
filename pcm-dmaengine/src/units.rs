//! Frames, and the parameters that turn frames into bytes and time. Nothing else in this crate counts in bytes.

use core::fmt;
use core::ops::{Add, AddAssign, Sub};

use dmaengine_core::Micros;

use crate::error::ParamError;
use crate::format::SampleFormat;

/// A number of frames: one sample of each channel, at one instant. A count, or a position counted from the start of a
/// run.
///
/// Subtraction saturates: a position behind is 0 frames ahead.
///
/// ```
/// use pcm_dmaengine::Frames;
/// assert_eq!(Frames(480) + Frames(32), Frames(512));
/// assert_eq!(Frames(1) - Frames(2), Frames(0));
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[doc(alias = "snd_pcm_uframes_t")]
pub struct Frames(pub u64);

impl Add for Frames {
    type Output = Self;
    fn add(self, other: Self) -> Self {
        Self(self.0 + other.0)
    }
}

impl AddAssign for Frames {
    fn add_assign(&mut self, other: Self) {
        self.0 += other.0;
    }
}

impl Sub for Frames {
    type Output = Self;
    fn sub(self, other: Self) -> Self {
        Self(self.0.saturating_sub(other.0))
    }
}

impl fmt::Display for Frames {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// What a stream is like: the hardware parameters.
///
/// ```
/// use pcm_dmaengine::{Frames, HwParams, SampleFormat};
/// let params = HwParams {
///     format: SampleFormat::S16Le, rate: 48_000, channels: 2, period_size: Frames(32), periods: 15,
/// };
/// assert_eq!(params.buffer_size(), Frames(480));
/// assert_eq!(params.buffer_bytes(), 1_920);
/// assert_eq!(params.time(Frames(480)).0, 10_000);
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[doc(alias = "snd_pcm_hw_params")]
pub struct HwParams {
    /// The sample format.
    pub format: SampleFormat,
    /// Frames in a second.
    pub rate: u32,
    /// Samples in a frame.
    pub channels: u16,
    /// Frames between two period interrupts.
    pub period_size: Frames,
    /// Periods in the ring buffer; at least two.
    pub periods: u32,
}

impl HwParams {
    /// Of a stream that has none yet.
    pub(crate) const NONE: Self =
        Self { format: SampleFormat::S8, rate: 1, channels: 1, period_size: Frames(1), periods: 2 };

    /// Bytes in a frame.
    pub const fn frame_bytes(&self) -> u32 {
        self.format.bytes() * self.channels as u32
    }

    /// Frames in the ring buffer. Saturates, as all that no stream takes.
    pub const fn buffer_size(&self) -> Frames {
        Frames(self.period_size.0.saturating_mul(self.periods as u64))
    }

    /// Bytes in the ring buffer. Saturates.
    pub const fn buffer_bytes(&self) -> u64 {
        self.buffer_size().0.saturating_mul(self.frame_bytes() as u64)
    }

    /// How long so many frames take, in microseconds, rounded up. At a rate of 0, for ever.
    pub const fn time(&self, frames: Frames) -> Micros {
        if self.rate == 0 {
            return Micros(u64::MAX);
        }
        // The wide division takes a small processor a thousand instructions, and is needed from twelve years at 48 kHz on.
        if let Some(product) = frames.0.checked_mul(1_000_000) {
            return Micros(product.div_ceil(self.rate as u64));
        }
        let time = (frames.0 as u128 * 1_000_000).div_ceil(self.rate as u128);
        Micros(if time > u64::MAX as u128 { u64::MAX } else { time as u64 })
    }

    /// Frames that come or go in so long a time, rounded down.
    pub const fn frames_in(&self, time: Micros) -> Frames {
        if let Some(product) = time.0.checked_mul(self.rate as u64) {
            return Frames(product / 1_000_000);
        }
        let frames = time.0 as u128 * self.rate as u128 / 1_000_000;
        Frames(if frames > u64::MAX as u128 { u64::MAX } else { frames as u64 })
    }

    /// Where `count` frames from `position` on lie in the ring: the stretch up to its end, and the rest from its start; no more than a
    /// ring. Byte offsets and byte counts.
    pub(crate) fn stretches(&self, position: Frames, count: Frames) -> impl Iterator<Item = (usize, usize)> + use<> {
        // `check` has seen that the whole buffer fits 32 bits.
        let (buffer, frame) = (self.buffer_size(), self.frame_bytes() as usize);
        let bytes = move |frames: Frames| frames.0 as usize * frame;
        let (offset, count) = (Frames(position.0 % buffer.0), count.min(buffer));
        let first = count.min(buffer - offset);
        let both = [(bytes(offset), bytes(first)), (0, bytes(count - first))];
        both.into_iter().filter(|&(_, len)| len > 0)
    }

    /// How long a stream may stand still before it counts as dead: 1.1 times its buffer, at least 100 ms (as Linux
    /// 6.12, sound/core/pcm_lib.c).
    pub fn patience(&self) -> Micros {
        let buffer = self.time(self.buffer_size()).0;
        Micros(buffer.saturating_add(buffer / 10)).max(Micros::from_millis(100))
    }

    /// Whole, and within what the arithmetic above can hold.
    pub(crate) fn check(&self) -> Result<(), ParamError> {
        const MOST: u64 = u32::MAX as u64;
        if self.rate == 0 || self.channels == 0 || self.period_size.0 == 0 {
            return Err(ParamError::Zero);
        }
        if self.periods < 2 {
            return Err(ParamError::TooFewPeriods { periods: self.periods });
        }
        if self.period_size.0 > MOST || self.buffer_size().0 > MOST || self.buffer_bytes() > MOST {
            return Err(ParamError::TooLarge { limit: MOST });
        }
        Ok(())
    }
}
