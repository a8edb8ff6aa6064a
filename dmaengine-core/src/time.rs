//! Microseconds: the one unit of time in this library, for durations and for moments alike.
//!
//! A moment is counted from whenever the [`Platform`](crate::Platform)'s clock began; only differences mean anything.

use core::fmt;
use core::ops::{Add, Mul, Sub};

/// A number of microseconds: a duration, or a moment on the platform's clock.
///
/// Arithmetic saturates, so a deadline far away stays far away and a difference is never negative.
///
/// ```
/// use dmaengine_core::Micros;
/// assert_eq!(Micros(250) + Micros::from_millis(1), Micros(1_250));
/// assert_eq!(Micros(1) - Micros(5), Micros(0));
/// assert_eq!(Micros(20).to_string(), "20 us");
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Micros(pub u64);

impl Micros {
    /// No time at all.
    pub const ZERO: Self = Self(0);

    /// A number of milliseconds, in microseconds.
    #[must_use]
    pub const fn from_millis(ms: u64) -> Self {
        Self(ms.saturating_mul(1_000))
    }
}

impl Add for Micros {
    type Output = Self;
    fn add(self, other: Self) -> Self {
        Self(self.0.saturating_add(other.0))
    }
}

impl Sub for Micros {
    type Output = Self;
    fn sub(self, other: Self) -> Self {
        Self(self.0.saturating_sub(other.0))
    }
}

impl Mul<u64> for Micros {
    type Output = Self;
    fn mul(self, times: u64) -> Self {
        Self(self.0.saturating_mul(times))
    }
}

impl fmt::Display for Micros {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} us", self.0)
    }
}
