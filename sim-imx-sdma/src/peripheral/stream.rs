//! FIFOs and the clock that works their far ends: what all of the audio devices are made of.

use alloc::vec::Vec;

use super::clock::SampleClock;
use super::fifo::Lane;
use crate::time::Cycles;

/// What a tick means if there are several FIFOs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Order {
    /// Tick by tick one after the other, the first one first.
    Alternate,
    /// All at each tick.
    Together,
}

/// One or more FIFOs of the same direction on one clock.
///
/// Between two accesses a FIFO's level only moves towards its watermark, so when it will ask is arithmetic: a FIFO with
/// `L` words of which `W` may be left asks with the `L - W`th tick that is its own. There is no event for each sample.
#[derive(Debug)]
pub struct Stream<L> {
    clock: SampleClock,
    order: Order,
    lanes: Vec<L>,
    /// The first so many of the FIFOs are in use.
    active: usize,
    /// With `Order::Alternate`, whose turn the next tick is.
    turn: u64,
    /// How many ticks it has left until it stops; `u64::MAX` if it goes on.
    left: u64,
}

impl<L: Lane> Stream<L> {
    /// FIFOs, all in use, on a clock of `rate` ticks a second that does not run yet.
    #[must_use]
    pub fn new(clock: SampleClock, order: Order, lanes: Vec<L>) -> Self {
        Self { clock, order, active: lanes.len(), lanes, turn: 0, left: u64::MAX }
    }

    /// Uses the first so many of the FIFOs, from the next tick on.
    pub fn set_active(&mut self, active: usize) {
        let active = active.min(self.lanes.len());
        if active != self.active {
            (self.active, self.turn) = (active, 0);
        }
    }

    /// How many of the FIFOs are in use.
    #[must_use]
    pub fn active(&self) -> usize {
        self.active
    }

    /// Starts the clock, with the first FIFO's turn.
    pub fn start(&mut self, now: Cycles) {
        if !self.clock.is_running() {
            self.turn = 0;
            self.clock.start(now);
        }
    }

    /// Starts the clock in step with one that began at `origin`, with the first FIFO's turn, at the next round of so many ticks.
    /// One that is [finishing](Self::finish) goes on.
    pub(super) fn join(&mut self, origin: Cycles, now: Cycles, round: u64) {
        self.left = u64::MAX;
        if !self.clock.is_running() {
            self.turn = 0;
            self.clock.join(origin, now, round);
        }
    }

    /// Stops the clock at the end of this round of so many ticks: at once if it ends now.
    pub(super) fn finish(&mut self, now: Cycles, round: u64) {
        if !self.clock.is_running() {
            return;
        }
        let position = self.clock.position();
        self.left = (position + u64::from(self.clock.has_begun(now))).next_multiple_of(round) - position;
        if self.left == 0 {
            self.stop();
        }
    }

    /// Takes another clock, which does not run yet.
    pub(super) fn set_clock(&mut self, clock: SampleClock) {
        self.clock = clock;
        self.left = u64::MAX;
    }

    /// How many ticks of the clock there were.
    #[inline]
    pub(super) fn position(&self) -> u64 {
        self.clock.position()
    }

    /// Stops the clock. What is in the FIFOs stays there.
    pub fn stop(&mut self) {
        self.clock.stop();
        self.left = u64::MAX;
    }

    /// The clock runs.
    #[inline]
    #[must_use]
    pub fn is_running(&self) -> bool {
        self.clock.is_running()
    }

    /// When its clock ticks next; `Cycles(u64::MAX)` if it does not run. Sooner no FIFO changes by itself.
    #[inline]
    #[must_use]
    pub fn next_tick(&self) -> Cycles {
        self.clock.next()
    }

    /// A FIFO, in use or not.
    #[must_use]
    pub fn fifo(&self, n: usize) -> Option<&L> {
        self.lanes.get(n)
    }

    /// A FIFO, in use or not.
    #[inline]
    pub fn fifo_mut(&mut self, n: usize) -> Option<&mut L> {
        self.lanes.get_mut(n)
    }

    /// All FIFOs, in use or not.
    #[inline]
    pub fn fifos(&self) -> core::slice::Iter<'_, L> {
        self.lanes.iter()
    }

    /// All FIFOs, in use or not.
    pub fn fifos_mut(&mut self) -> core::slice::IterMut<'_, L> {
        self.lanes.iter_mut()
    }

    /// Lets the ticks up to and including `now` happen, in one go.
    #[inline]
    pub fn advance(&mut self, now: Cycles) {
        let ticks = self.take_ticks(now);
        if ticks != 0 {
            self.pass(ticks);
        }
    }

    /// The ticks up to and including `now`, for a device that lets them happen itself.
    #[inline]
    pub(super) fn take_ticks(&mut self, now: Cycles) -> u64 {
        let ticks = self.clock.advance(now);
        if self.left == u64::MAX { ticks } else { self.take_last(ticks) }
    }

    #[cold]
    fn take_last(&mut self, ticks: u64) -> u64 {
        let ticks = ticks.min(self.left);
        self.left -= ticks;
        if self.left == 0 {
            self.stop();
        }
        ticks
    }

    fn pass(&mut self, ticks: u64) {
        let active = self.active as u64;
        if self.order == Order::Together || active < 2 {
            self.lanes[..self.active].iter_mut().for_each(|lane| lane.pass(ticks));
            return;
        }
        for (n, lane) in (0..).zip(&mut self.lanes[..self.active]) {
            let before = ticks_before(n, self.turn, active);
            lane.pass((ticks + active - 1 - before) / active);
        }
        self.turn = (self.turn + ticks) % active;
    }

    /// Which of the FIFOs in use ask: bit n is FIFO n.
    #[inline]
    #[must_use]
    pub fn requests(&self) -> u32 {
        (0..).zip(&self.lanes[..self.active]).fold(0, |bits, (n, lane)| bits | u32::from(lane.is_requesting()) << n)
    }

    /// The bits of [`requests`](Self::requests) if all FIFOs in use ask.
    #[must_use]
    pub fn all(&self) -> u32 {
        u32::MAX.checked_shl(self.active as u32).map_or(u32::MAX, |rest| !rest)
    }

    /// When the next of these FIFOs will begin to ask that does not yet.
    #[inline]
    #[must_use]
    pub fn next_request(&self, which: u32) -> Option<Cycles> {
        if which == 0 || !self.clock.is_running() {
            return None;
        }
        let ticks =
            if self.active == 1 && which & 1 == 1 { self.lanes[0].ticks_to_request() } else { self.least(which) };
        ticks.filter(|&ticks| ticks <= self.left).and_then(|ticks| self.clock.after(ticks))
    }

    /// How many ticks from now the first of these FIFOs will begin to ask with.
    #[inline(never)]
    fn least(&self, which: u32) -> Option<u64> {
        self.ticks(which).min()
    }

    /// When the last of the FIFOs in use will begin to ask; `None` if all do, or if one never will.
    #[must_use]
    pub fn last_request(&self) -> Option<Cycles> {
        let waiting = self.all() & !self.requests();
        let ticks = self.ticks(waiting);
        if ticks.clone().count() != waiting.count_ones() as usize {
            return None;
        }
        ticks.max().and_then(|ticks| self.clock.after(ticks))
    }

    /// How many ticks from now each of these FIFOs will begin to ask with, where it will.
    fn ticks(&self, which: u32) -> impl Iterator<Item = u64> + Clone + '_ {
        let active = self.active as u64;
        let lanes = (0..).zip(&self.lanes[..self.active]).filter(move |(n, _)| which >> n & 1 == 1);
        lanes.filter_map(move |(n, lane)| {
            let own = lane.ticks_to_request()?;
            match self.order {
                Order::Together => Some(own),
                Order::Alternate => Some(ticks_before(n, self.turn, active) + (own - 1) * active + 1),
            }
        })
    }
}

/// How many ticks are others' before it is the turn of `n`.
fn ticks_before(n: u64, turn: u64, active: u64) -> u64 {
    if n >= turn { n - turn } else { n + active - turn }
}
