//! Virtual time: one number of nanoseconds since the hardware was built.
//!
//! Assumes nothing. Sums and differences saturate, so a time that is "never" stays never.

use core::fmt;
use core::ops::{Add, Sub};

/// A point in virtual time, or a span of it, in nanoseconds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Nanos(pub u64);

impl Nanos {
    /// Later than everything: the time of what does not happen.
    pub(super) const NEVER: Nanos = Nanos(u64::MAX);

    /// A span of `micros` microseconds; saturates.
    pub const fn from_micros(micros: u64) -> Self {
        Nanos(micros.saturating_mul(1000))
    }

    /// Whole microseconds, rounded down.
    pub const fn as_micros(self) -> u64 {
        self.0 / 1000
    }
}

impl Add for Nanos {
    type Output = Nanos;

    /// Saturates.
    fn add(self, span: Nanos) -> Nanos {
        Nanos(self.0.saturating_add(span.0))
    }
}

impl Sub for Nanos {
    type Output = Nanos;

    /// Saturates at zero.
    fn sub(self, earlier: Nanos) -> Nanos {
        Nanos(self.0.saturating_sub(earlier.0))
    }
}

impl fmt::Display for Nanos {
    /// In microseconds: `1584.000 µs`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{:03} µs", self.0 / 1000, self.0 % 1000)
    }
}
