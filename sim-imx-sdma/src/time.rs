//! The one clock: cycles of the SDMA core. Everything that happens, happens at a cycle; rates that do not divide the core's
//! clock come out exactly, since the n-th tick of a rate is computed from n.

use core::fmt;
use core::ops::{Add, AddAssign, Sub};

/// A moment, or a length of time, in cycles of the SDMA core's clock. As a moment it counts from power-on.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Cycles(pub u64);

impl Add for Cycles {
    type Output = Self;

    #[inline]
    fn add(self, other: Self) -> Self {
        Self(self.0 + other.0)
    }
}

impl AddAssign for Cycles {
    #[inline]
    fn add_assign(&mut self, other: Self) {
        self.0 += other.0;
    }
}

impl Sub for Cycles {
    type Output = Self;

    #[inline]
    fn sub(self, other: Self) -> Self {
        Self(self.0 - other.0)
    }
}

impl fmt::Display for Cycles {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// How fast the core runs: what turns cycles into time and back.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Clock {
    /// Cycles in a second; at most 104 MHz (i.MX 6ULL RM chapter 46).
    pub hz: u32,
}

impl Clock {
    /// The IPG clock that i.MX6 boards run the core with.
    pub const IMX6: Self = Self { hz: 66_000_000 };

    /// So many nanoseconds in whole cycles, rounded up.
    #[must_use]
    pub const fn from_nanos(self, nanos: u64) -> Cycles {
        Cycles((nanos as u128 * self.hz as u128).div_ceil(1_000_000_000) as u64)
    }

    /// So many microseconds in whole cycles, rounded up.
    #[must_use]
    pub const fn from_micros(self, micros: u64) -> Cycles {
        self.from_nanos(micros * 1_000)
    }

    /// So many cycles in whole nanoseconds, rounded down.
    #[must_use]
    pub const fn nanos(self, cycles: Cycles) -> u64 {
        (cycles.0 as u128 * 1_000_000_000 / self.hz as u128) as u64
    }

    /// When the `n`th tick of a clock of `rate` ticks a second falls that began to tick at `start`; tick 0 is at `start`.
    #[inline]
    #[must_use]
    pub const fn tick(self, start: Cycles, rate: u32, n: u64) -> Cycles {
        let cycles = match n.checked_mul(self.hz as u64) {
            // The common case, and several times as fast.
            Some(product) => product.div_ceil(rate as u64),
            None => (n as u128 * self.hz as u128).div_ceil(rate as u128) as u64,
        };
        Cycles(start.0 + cycles)
    }

    /// How many ticks after tick 0 have fallen up to and including `now`.
    #[inline]
    #[must_use]
    pub const fn ticks(self, start: Cycles, rate: u32, now: Cycles) -> u64 {
        let passed = now.0.saturating_sub(start.0);
        match passed.checked_mul(rate as u64) {
            Some(product) => product / self.hz as u64,
            None => (passed as u128 * rate as u128 / self.hz as u128) as u64,
        }
    }
}
