//! Time passes, and what happens by itself happens.

use super::Core;
use crate::bus::NEVER;
use crate::report::ReportKind;
use crate::time::Cycles;

impl Core {
    /// Lets time pass, and with it the world.
    #[inline]
    pub(super) fn pass(&mut self, cycles: u32) {
        self.now += Cycles(cycles.into());
        if self.now >= self.attention {
            self.happen();
        }
    }

    /// Goes to a moment, or to the next one at which something happens by itself. Nothing happens there yet that cannot.
    pub(super) fn pass_to(&mut self, then: Cycles) {
        self.now = self.now.max(then.min(self.attention));
        if self.now >= self.attention {
            self.happen();
        }
    }

    /// What happens by itself up to now, each at its moment.
    pub(super) fn happen(&mut self) {
        let mut last = None;
        while self.bus.quiet_until() <= self.now {
            let Some(at) = self.bus.next_change().filter(|at| *at <= self.now) else { break };
            // A device whose next change never comes must not stop the world.
            if last.is_some_and(|last| at <= last) {
                break;
            }
            last = Some(at);
            self.bus.advance(at);
            let lines = self.bus.lines();
            self.look_at_lines(lines, at);
        }
        if self.trailing.as_ref().is_some_and(|trailing| trailing.due <= self.now) {
            self.end_save();
        }
        self.attend();
    }

    /// Works out when something will happen by itself next.
    fn attend(&mut self) {
        let trailing = self.trailing.as_ref().map(|trailing| trailing.due);
        let others = [trailing, self.interrupts.next_change(self.now)];
        self.others = others.into_iter().flatten().min().unwrap_or(NEVER);
        let quiet_until = self.bus.quiet_until();
        self.attend_to_lines(quiet_until);
    }

    /// The same, when only the lines can have changed.
    #[inline]
    fn attend_to_lines(&mut self, quiet_until: Cycles) {
        self.quiet_until = quiet_until;
        self.attention = quiet_until.min(self.others).max(self.now + Cycles(1));
    }

    /// Nobody will access a device for a while, so that it pays to know when the lines really change.
    pub(super) fn attend_exactly(&mut self) {
        let next = self.bus.next_change();
        self.attend_to_lines(next.unwrap_or(NEVER));
    }

    /// A device was accessed: lines may be other than they were, and their next change too. Mostly neither is.
    #[inline]
    pub(super) fn look_again(&mut self) {
        let lines = self.bus.lines();
        self.look_at_lines(lines, self.now);
        let quiet_until = self.bus.quiet_until();
        if quiet_until != self.quiet_until {
            self.attend_to_lines(quiet_until);
        }
    }

    /// The caller had everything in hand since the last run, at this moment.
    pub(super) fn look_at_all(&mut self) {
        self.bus.advance(self.now);
        let lines = self.bus.lines();
        self.look_at_lines(lines, self.now);
        self.attend();
    }

    /// Looks at the request lines. Those that have risen are requests.
    #[inline]
    fn look_at_lines(&mut self, lines: u64, at: Cycles) {
        let lines = lines & ((1 << self.config.variant.events()) - 1);
        let rising = lines & !self.lines;
        self.lines = lines;
        if rising != 0 {
            self.requests(rising, at);
        }
    }

    /// Several requests at once are handed on one per cycle.
    fn requests(&mut self, mut rising: u64, at: Cycles) {
        self.requests_seen |= rising;
        let mut counts = at + Cycles(self.config.costs.request.into());
        while rising != 0 {
            let event = rising.trailing_zeros();
            rising &= rising - 1;
            self.request(event, counts);
            counts += Cycles(1);
        }
    }

    fn request(&mut self, event: u32, counts: Cycles) {
        if self.storage.chnenbl_written >> event & 1 == 0 {
            self.report(ReportKind::UnsetEventMap { event: event as u8 });
        }
        let whose = self.storage.chnenbl[event as usize];
        let again = self.sched.request(whose, counts);
        self.unseen.set(self.unseen.get() | whose);
        self.interrupts.error(again, self.now, &mut self.troubles);
    }

    /// The level of the request lines, as the core sees it; the channel on the core has seen it.
    pub(super) fn look_at_events(&self) -> u64 {
        self.unseen.set(self.unseen.get() & !(1 << self.ccr));
        self.lines
    }

    /// EP is cleared by the channel on the core. What came since it looked at its lines is forgotten.
    ///
    /// Unconfirmed: that it is; no source says how the hardware decides between an edge and `done 4`. This is the plain rule, and
    /// each case is reported.
    pub(super) fn forget_requests(&mut self) {
        let counts = self.now + Cycles(self.config.costs.condition.into());
        if self.unseen.get() >> self.ccr & 1 == 1 {
            self.report(ReportKind::LostWakeup { channel: self.ccr });
            self.unseen.set(self.unseen.get() & !(1 << self.ccr));
        }
        self.sched.clear_ep(self.ccr, counts);
    }

    /// The interrupt of channels, by their scripts.
    pub(super) fn interrupt(&mut self, channel: u8) {
        self.interrupts.raise(1 << channel, self.now, &mut self.troubles);
        self.attend();
    }

    /// The trailing part of a save reaches memory, whatever was loaded there in the meantime.
    pub(super) fn end_save(&mut self) {
        let Some(trailing) = self.trailing.take() else { return };
        self.ram.set_context(self.context(trailing.channel), &trailing.words, trailing.left);
    }
}
