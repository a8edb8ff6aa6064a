//! The clock of a device's far side: a rate that needs not divide the core's clock.

use crate::time::{Clock, Cycles};

/// What never comes.
const NEVER: Cycles = Cycles(u64::MAX);

/// Ticks at a rate, each at the cycle that [`Clock::tick`] says, so that no error adds up: 44100 ticks a second are
/// 158760000 in an hour, at any core clock.
///
/// It is asked how many ticks have passed rather than made to tick, so an idle hour costs as much as an idle cycle.
///
/// ```
/// use sim_imx_sdma::peripheral::SampleClock;
/// use sim_imx_sdma::time::{Clock, Cycles};
///
/// let mut clock = SampleClock::new(Clock { hz: 66_000_000 }, 44_100);
/// clock.start(Cycles(0));
/// assert_eq!(clock.after(1), Some(Cycles(1_497))); // 1496.6
/// assert_eq!(clock.advance(Cycles(66_000_000)), 44_100);
/// ```
#[derive(Clone, Copy, Debug)]
pub struct SampleClock {
    clock: Clock,
    rate: u32,
    every: u32,
    start: Cycles,
    /// Ticks that were reported.
    passed: u64,
    /// When the next one falls; `NEVER` if it does not run.
    next: Cycles,
}

impl SampleClock {
    /// A clock of `rate` ticks a second that does not run yet. With a rate of 0 it never ticks.
    #[must_use]
    pub const fn new(clock: Clock, rate: u32) -> Self {
        Self { clock, rate, every: 1, start: Cycles(0), passed: 0, next: NEVER }
    }

    /// Lets it tick with every `n`th of its ticks only, such as with every tenth bit of a line of characters. It does not run.
    #[must_use]
    pub const fn every(mut self, n: u32) -> Self {
        self.every = if n == 0 { 1 } else { n };
        self.next = NEVER;
        self
    }

    /// Starts it: tick n falls n/rate seconds later, the first one at n = 1. One that runs goes on as before.
    pub fn start(&mut self, at: Cycles) {
        if !self.is_running() && self.rate != 0 {
            (self.start, self.passed) = (at, 0);
            self.next = self.tick(1);
        }
    }

    /// Starts it in step with a clock of the same rate that began at `origin`: its ticks are that one's, from the first one of
    /// the next round of so many. One that runs goes on as before.
    pub(super) fn join(&mut self, origin: Cycles, now: Cycles, round: u64) {
        if !self.is_running() && self.rate != 0 {
            self.start = origin;
            self.passed = self.clock.ticks(origin, self.rate, now);
            self.passed = (self.passed + u64::from(self.has_begun(now))).next_multiple_of(round);
            self.next = self.tick(self.passed + 1);
        }
    }

    /// Whether time has gone by since the last tick that was reported.
    pub(super) fn has_begun(&self, now: Cycles) -> bool {
        self.tick(self.passed) < now
    }

    /// How many ticks there were up to the last one that was reported, those before it joined included.
    #[inline]
    pub(super) fn position(&self) -> u64 {
        self.passed
    }

    /// Stops it. Ticks that were not reported are lost, so advance first.
    pub fn stop(&mut self) {
        (self.start, self.passed, self.next) = (Cycles(0), 0, NEVER);
    }

    /// It ticks.
    #[inline]
    #[must_use]
    pub fn is_running(&self) -> bool {
        self.next != NEVER
    }

    /// How many ticks fell since the last call, up to and including `now`.
    #[inline]
    pub fn advance(&mut self, now: Cycles) -> u64 {
        if now < self.next { 0 } else { self.fall(now) }
    }

    fn fall(&mut self, now: Cycles) -> u64 {
        if !self.is_running() {
            return 0;
        }
        let all = self.clock.ticks(self.start, self.rate, now);
        let ticks = if self.every == 1 { all } else { all / u64::from(self.every) };
        let new = ticks - self.passed;
        self.passed = ticks;
        self.next = self.tick(ticks + 1);
        new
    }

    /// When the next tick falls; `Cycles(u64::MAX)` if it does not run.
    #[inline]
    #[must_use]
    pub fn next(&self) -> Cycles {
        self.next
    }

    /// When the `n`th tick from now on falls, the next one being the first; `None` if it does not run.
    #[inline]
    #[must_use]
    pub fn after(&self, n: u64) -> Option<Cycles> {
        match n {
            _ if !self.is_running() => None,
            1 => Some(self.next),
            _ => Some(self.tick(self.passed + n)),
        }
    }

    #[inline]
    fn tick(&self, n: u64) -> Cycles {
        self.clock.tick(self.start, self.rate, n * u64::from(self.every))
    }
}
