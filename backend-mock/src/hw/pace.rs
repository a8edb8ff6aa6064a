//! Pace: how fast units (frames of a stream, bytes of a copy) may cross the bus.
//!
//! Both ends of a transfer only count. The **head** is how many units the far end has offered up to a time: one more at
//! each tick of its clock. The **tail** is how many the channel has moved. What lies between is ready.
//!
//! | far end | an offered unit is | head at the start | ready is |
//! | --- | --- | --- | --- |
//! | recorder | a frame that has arrived | 0 | the frames in its FIFO |
//! | player | a free place in its FIFO | the FIFO's depth | the free places in its FIFO |
//! | copy | a byte whose time has come | 0 | bytes that may be copied |
//!
//! Tick `n` (from 1) is at `start + n * 1e9 / rate` ns, rounded down. That is computed from `n` each time, so nothing
//! drifts.

use super::time::Nanos;

const NANOS_PER_SECOND: u128 = 1_000_000_000;

#[derive(Debug, Clone, Copy)]
pub(super) struct Pace {
    /// Tick `n` is `n / rate` seconds after this; [`Nanos::NEVER`] until the clock runs.
    pub(super) start: Nanos,
    /// Ticks per second, not zero.
    rate: u64,
    /// Units moved at one request, not zero.
    pub(super) burst: u64,
    /// Units offered before the first tick.
    credit: u64,
    /// Ticks that offered nothing.
    wasted: u64,
    /// Units moved, or given up.
    tail: u64,
}

impl Pace {
    pub(super) fn new(start: Nanos, rate: u64, burst: u64, credit: u64) -> Self {
        Pace { start, rate, burst, credit, wasted: 0, tail: 0 }
    }

    /// Ticks up to and including `t`.
    pub(super) fn ticks(&self, t: Nanos) -> u64 {
        if t < self.start {
            return 0;
        }
        // The greatest n with n * 1e9 / rate, rounded down, at most `elapsed`.
        let elapsed = u128::from((t - self.start).0);
        let ticks = ((elapsed + 1) * u128::from(self.rate) - 1) / NANOS_PER_SECOND;
        u64::try_from(ticks).unwrap_or(u64::MAX)
    }

    /// Units offered up to `t`, over all time.
    pub(super) fn head(&self, t: Nanos) -> u64 {
        self.credit + self.ticks(t) - self.wasted
    }

    /// Units moved or given up, over all time.
    pub(super) fn tail(&self) -> u64 {
        self.tail
    }

    /// Units that may be moved at `t`.
    pub(super) fn ready(&self, t: Nanos) -> u64 {
        self.head(t) - self.tail
    }

    /// When `units` more than now moved will have been offered; [`Nanos::NEVER`] while the clock stands.
    pub(super) fn when(&self, units: u64) -> Nanos {
        let tick = (self.tail + units + self.wasted).saturating_sub(self.credit);
        let span = u128::from(tick) * NANOS_PER_SECOND / u128::from(self.rate);
        self.start + Nanos(u64::try_from(span).unwrap_or(u64::MAX))
    }

    /// `units` were moved, or given up.
    pub(super) fn take(&mut self, units: u64) {
        self.tail += units;
    }

    /// `units` that were moved were not.
    pub(super) fn give_back(&mut self, units: u64) {
        self.tail -= units;
    }

    /// `ticks` of those gone by offered nothing.
    pub(super) fn waste(&mut self, ticks: u64) {
        self.wasted += ticks;
    }
}
