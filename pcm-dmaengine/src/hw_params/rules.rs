//! The quantities of a configuration, and what holds between them.

use core::fmt;

use super::Constraints;
use super::interval::Interval;

/// A number that describes a configuration. In ALSA's order and with ALSA's names.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
#[repr(u8)]
pub enum Quantity {
    /// Bits of a sample in memory.
    #[doc(alias = "SNDRV_PCM_HW_PARAM_SAMPLE_BITS")]
    SampleBits,
    /// Bits of a frame in memory.
    #[doc(alias = "SNDRV_PCM_HW_PARAM_FRAME_BITS")]
    FrameBits,
    /// Samples in a frame.
    #[doc(alias = "SNDRV_PCM_HW_PARAM_CHANNELS")]
    Channels,
    /// Frames in a second.
    #[doc(alias = "SNDRV_PCM_HW_PARAM_RATE")]
    Rate,
    /// Microseconds between two period interrupts; not a whole number.
    #[doc(alias = "SNDRV_PCM_HW_PARAM_PERIOD_TIME")]
    PeriodTime,
    /// Frames between two period interrupts.
    #[doc(alias = "SNDRV_PCM_HW_PARAM_PERIOD_SIZE")]
    PeriodSize,
    /// Bytes between two period interrupts.
    #[doc(alias = "SNDRV_PCM_HW_PARAM_PERIOD_BYTES")]
    PeriodBytes,
    /// Periods in the buffer; a whole number, and at least two.
    #[doc(alias = "SNDRV_PCM_HW_PARAM_PERIODS")]
    Periods,
    /// Microseconds in the buffer; not a whole number.
    #[doc(alias = "SNDRV_PCM_HW_PARAM_BUFFER_TIME")]
    BufferTime,
    /// Frames in the buffer.
    #[doc(alias = "SNDRV_PCM_HW_PARAM_BUFFER_SIZE")]
    BufferSize,
    /// Bytes in the buffer.
    #[doc(alias = "SNDRV_PCM_HW_PARAM_BUFFER_BYTES")]
    BufferBytes,
}

impl Quantity {
    /// All of them.
    pub const ALL: [Self; 11] = [
        Self::SampleBits,
        Self::FrameBits,
        Self::Channels,
        Self::Rate,
        Self::PeriodTime,
        Self::PeriodSize,
        Self::PeriodBytes,
        Self::Periods,
        Self::BufferTime,
        Self::BufferSize,
        Self::BufferBytes,
    ];

    /// What the client says about it.
    pub(super) const fn constraint(self) -> Constraints {
        // The first eleven constraints are in this order.
        Constraints::from_bits_truncate(1 << self as u8)
    }

    /// Which values it has.
    pub(super) const fn grid(self) -> Constraints {
        // And so are the last eleven.
        Constraints::from_bits_truncate(Constraints::SAMPLE_BITS_GRID.bits() << self as u8)
    }

    /// ALSA's name of it, without `SNDRV_PCM_HW_PARAM_`.
    pub const fn name(self) -> &'static str {
        match self {
            Self::SampleBits => "SAMPLE_BITS",
            Self::FrameBits => "FRAME_BITS",
            Self::Channels => "CHANNELS",
            Self::Rate => "RATE",
            Self::PeriodTime => "PERIOD_TIME",
            Self::PeriodSize => "PERIOD_SIZE",
            Self::PeriodBytes => "PERIOD_BYTES",
            Self::Periods => "PERIODS",
            Self::BufferTime => "BUFFER_TIME",
            Self::BufferSize => "BUFFER_SIZE",
            Self::BufferBytes => "BUFFER_BYTES",
        }
    }
}

impl fmt::Display for Quantity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

/// One side of a rule: a quantity, or a number that stands for itself.
#[derive(Clone, Copy)]
pub(super) enum Term {
    Of(Quantity),
    Is(u32),
}

/// `target = x * y / z`.
pub(super) struct Rule {
    pub(super) target: Quantity,
    pub(super) x: Term,
    pub(super) y: Term,
    pub(super) z: Term,
}

const fn rule(target: Quantity, x: Term, y: Term, z: Term) -> Rule {
    Rule { target, x, y, z }
}

const BYTE: Term = Term::Is(8);
const SECOND: Term = Term::Is(1_000_000);
const ONE: Term = Term::Is(1);

/// Eight equations, each solved for all that is in it. The last two follow from the others; but an interval forgets what
/// it was made from, so they tell more about bounds.
///
/// ```text
///   frame_bits = sample_bits * channels           buffer_size = period_size * periods
///   period_bytes * 8 = period_size * frame_bits   buffer_bytes * 8 = buffer_size * frame_bits
///   period_size = period_time * rate              buffer_size = buffer_time * rate
///   buffer_bytes = period_bytes * periods         buffer_time = period_time * periods
/// ```
#[rustfmt::skip]
pub(super) const RULES: [Rule; 24] = {
    use Quantity::{
        BufferBytes, BufferSize, BufferTime, Channels, FrameBits, PeriodBytes, PeriodSize, PeriodTime, Periods, Rate, SampleBits,
    };
    use Term::Of;
    [
        rule(FrameBits, Of(SampleBits), Of(Channels), ONE),
        rule(SampleBits, Of(FrameBits), ONE, Of(Channels)),
        rule(Channels, Of(FrameBits), ONE, Of(SampleBits)),

        rule(PeriodBytes, Of(PeriodSize), Of(FrameBits), BYTE),
        rule(PeriodSize, Of(PeriodBytes), BYTE, Of(FrameBits)),
        rule(FrameBits, Of(PeriodBytes), BYTE, Of(PeriodSize)),

        rule(PeriodTime, Of(PeriodSize), SECOND, Of(Rate)),
        rule(PeriodSize, Of(PeriodTime), Of(Rate), SECOND),
        rule(Rate, Of(PeriodSize), SECOND, Of(PeriodTime)),

        rule(BufferSize, Of(PeriodSize), Of(Periods), ONE),
        rule(PeriodSize, Of(BufferSize), ONE, Of(Periods)),
        rule(Periods, Of(BufferSize), ONE, Of(PeriodSize)),

        rule(BufferBytes, Of(BufferSize), Of(FrameBits), BYTE),
        rule(BufferSize, Of(BufferBytes), BYTE, Of(FrameBits)),
        rule(FrameBits, Of(BufferBytes), BYTE, Of(BufferSize)),

        rule(BufferTime, Of(BufferSize), SECOND, Of(Rate)),
        rule(BufferSize, Of(BufferTime), Of(Rate), SECOND),
        rule(Rate, Of(BufferSize), SECOND, Of(BufferTime)),

        rule(BufferBytes, Of(PeriodBytes), Of(Periods), ONE),
        rule(PeriodBytes, Of(BufferBytes), ONE, Of(Periods)),
        rule(Periods, Of(BufferBytes), ONE, Of(PeriodBytes)),

        rule(BufferTime, Of(PeriodTime), Of(Periods), ONE),
        rule(PeriodTime, Of(BufferTime), ONE, Of(Periods)),
        rule(Periods, Of(BufferTime), ONE, Of(PeriodTime)),
    ]
};

impl Term {
    pub(super) fn interval(self, quantities: &[Interval; 11]) -> Interval {
        match self {
            Self::Of(quantity) => quantities[quantity as usize],
            Self::Is(value) => Interval::constant(value),
        }
    }
}
