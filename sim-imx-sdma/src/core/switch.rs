//! Contexts: how a channel comes onto the core and how it leaves it (i.MX 6ULL RM chapter 46, "context switching").

use super::{Core, State, Trailing};
use crate::registers::SAVED;
use crate::report::ReportKind;
use crate::sched::Leave;
use crate::time::Cycles;

/// The words that are saved and restored.
const ALL: u32 = (1 << SAVED) - 1;

/// The words that hold the program counters and flags; a save that trails has at least written these at the switch.
const FLOW: u32 = 0b11;

impl Core {
    fn in_cycles(&self, cost: u32) -> Cycles {
        self.now + Cycles(cost.into())
    }

    /// From sleep to a channel. The first after a reset restores nothing and starts at address 0.
    pub(super) fn wake(&mut self, next: u8) {
        let restores = self.state != State::FreshlyReset;
        let costs = &self.config.costs;
        let cost = match (restores, self.storage.is_static()) {
            (false, _) => 0,
            (true, true) => costs.static_switch / 2,
            (true, false) => costs.dynamic_switch_least,
        };
        self.ccr = next;
        self.state = State::Switching { until: self.in_cycles(cost), next: Some(next), restores };
    }

    /// The channel on the core comes to a point where it may leave.
    pub(super) fn leave(&mut self, how: Leave) {
        let next = self.sched.leave(self.ccr, how, self.now);
        if how != Leave::Done && next == Some(self.ccr) {
            return;
        }
        self.save();
        let costs = &self.config.costs;
        let cost = match (next, self.storage.is_static()) {
            (Some(_), true) => costs.static_switch,
            (Some(_), false) => costs.dynamic_switch,
            (None, true) => costs.static_switch / 2,
            // The save goes on behind the back of a core that sleeps.
            (None, false) => 0,
        };
        self.ccr = next.unwrap_or(self.ccr);
        self.state = State::Switching { until: self.in_cycles(cost), next, restores: true };
    }

    /// The switch is over.
    pub(super) fn arrive(&mut self, next: Option<u8>, restores: bool) {
        let Some(next) = next else {
            self.state = State::Asleep;
            self.attend_exactly();
            return;
        };
        if restores {
            self.restore(next);
        }
        self.sched.enter(next);
        let slowness = self.troubles.slowness(next);
        self.state = match slowness {
            Cycles(0) => State::Running,
            _ => State::Held { until: self.now + slowness },
        };
    }

    /// Saves the context of the channel on the core. A static save writes all of it, a dynamic one what has changed.
    ///
    /// Inferred: that a dynamic save leaves out what has not; the manual wants the first save after a reset to be static
    /// because others "leave uninitialised words". The program counter has moved, even if it came back to where it was.
    fn save(&mut self) {
        self.end_save();
        let words = self.regs.to_words();
        let (mut save, mut left) = (ALL, 0);
        if !self.storage.is_static() {
            let changed = |n: &usize| words[*n] != self.restored[*n];
            save = (0..SAVED).filter(changed).fold(1, |bits, n| bits | 1 << n);
        }
        if self.troubles.trailing != Cycles(0) && !self.storage.is_static() {
            (save, left) = (save & FLOW, save & !FLOW);
        }
        self.ram.set_context(self.context(self.ccr), &words, save);
        if left != 0 {
            let due = self.now + self.troubles.trailing;
            self.trailing = Some(Trailing { due, channel: self.ccr, words, left, is_told: false });
            self.others = self.others.min(due);
            self.attention = self.attention.min(due);
        }
    }

    /// Restores a context.
    fn restore(&mut self, channel: u8) {
        if self.trailing.as_ref().is_some_and(|trailing| trailing.channel == channel) {
            self.end_save();
        }
        let unwritten = self.ram.context(self.context(channel), &mut self.restored);
        if unwritten != 0 {
            self.report(ReportKind::UnwrittenContext { channel, words: unwritten });
        }
        self.regs.restore(&self.restored);
    }

    /// A script wrote a word of RAM. If it is one that a save will write over, somebody loaded a context too early.
    pub(super) fn note_context_write(&mut self, address: u16) {
        if address == self.context(self.ccr) {
            self.report(ReportKind::ContextOverwritten { channel: self.ccr });
        }
        let Some(Trailing { channel, .. }) = self.trailing else { return };
        let word = address.wrapping_sub(self.context(channel));
        let Some(trailing) = &mut self.trailing else { return };
        // Words 18 to 23 belong to units that later parts do not have; scripts use them as memory.
        if word < 18 && trailing.left >> word & 1 == 1 && !trailing.is_told {
            trailing.is_told = true;
            self.report(ReportKind::ContextOverwritten { channel });
        }
    }
}
