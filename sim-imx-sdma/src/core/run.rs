//! The loop: elect, switch, run a script, and look up when somebody wants the world to stand still.

use super::{Core, State};
use crate::bus::NEVER;
use crate::machine::Step;
use crate::report::ReportKind;
use crate::sched::Leave;
use crate::time::Cycles;

/// What ends a run before its time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Stop {
    Never,
    /// The interrupt line is up.
    Interrupt,
    /// The core sleeps, and no channel is about to run.
    Idle,
}

impl Core {
    /// Runs up to a moment, or until what is to stop it is so: then it says `true`. An access that has begun is finished, so
    /// that it may be a little later afterwards.
    pub(crate) fn run(&mut self, until: Cycles, stop: Stop, mut script: impl FnMut(&mut Self) -> Option<Step>) -> bool {
        (self.until, self.stop) = (until, stop);
        self.look_at_all();
        loop {
            self.sched.settle(self.now);
            if stop == Stop::Interrupt && self.interrupts.level(self.now) {
                return true;
            }
            if stop == Stop::Idle && self.is_idle() {
                return true;
            }
            if self.now >= until {
                return false;
            }
            self.go_on(&mut script);
        }
    }

    fn is_idle(&self) -> bool {
        matches!(self.state, State::Asleep | State::FreshlyReset)
            && self.sched.next(None).is_none()
            && self.sched.next_change().is_none()
    }

    fn go_on(&mut self, script: &mut impl FnMut(&mut Self) -> Option<Step>) {
        match self.state {
            State::FreshlyReset | State::Asleep => self.sleep(),
            State::Switching { until, next, restores } => {
                self.pass_to(until.min(self.until));
                if self.now >= until {
                    self.arrive(next, restores);
                }
            }
            State::Running | State::Held { .. } | State::Stuck if self.reschedule => {
                self.reschedule = false;
                self.leave(Leave::Done);
            }
            State::Held { until } => {
                self.pass_to(until.min(self.until));
                if self.now >= until {
                    self.state = State::Running;
                }
            }
            State::Stuck => self.pass_to(self.until),
            State::Running => match self.troubles.hold(self.ccr) {
                Some(time) => self.state = State::Held { until: Cycles(self.now.0.saturating_add(time.0)) },
                None => self.run_script(script),
            },
        }
    }

    fn sleep(&mut self) {
        // Nobody is on the core that could give way.
        self.reschedule = false;
        match self.sched.next(None) {
            Some(next) if self.now >= self.reset_until => self.wake(next),
            _ => {
                let held = if self.now < self.reset_until { self.reset_until } else { NEVER };
                let change = self.sched.next_change().unwrap_or(NEVER);
                self.pass_to(held.min(change).min(self.until));
            }
        }
    }

    /// Runs the script until it leaves the core or its time is up.
    fn run_script(&mut self, script: &mut impl FnMut(&mut Self) -> Option<Step>) {
        let pc = self.regs.pc;
        if (0x1000..0x2000).contains(&pc) && !self.ram.is_written(pc >> 1) {
            self.report(ReportKind::UnloadedCode { channel: self.ccr, pc });
            return self.trap();
        }
        let before = self.now;
        match script(self) {
            Some(Step::OutOfTime) if self.now == before => self.pass(1),
            Some(Step::OutOfTime) => {}
            Some(step) => {
                // The instruction itself.
                self.pass(1);
                self.done(step);
            }
            None => self.trap(),
        }
    }

    fn done(&mut self, step: Step) {
        let counts = self.now + Cycles(self.config.costs.condition.into());
        match step {
            // Unconfirmed: the conditional yield (MS.y), whose threshold the manual states in two ways. No published script sets it,
            // and here it is not looked at.
            Step::Yield => return self.leave(Leave::Yield),
            Step::YieldGe => return self.leave(Leave::YieldGe),
            Step::ClearHe => self.sched.clear_he(self.ccr, counts),
            Step::ClearHeAndInterrupt => {
                self.sched.clear_he(self.ccr, counts);
                self.interrupt(self.ccr);
            }
            Step::ClearEp => self.forget_requests(),
            Step::OutOfTime => return,
        }
        self.leave(Leave::Done);
    }

    /// An illegal instruction: on to ILLINSTADDR. Where that leads to the next one, the channel goes round for ever.
    ///
    /// Inferred: that fetching where there is no memory, ROM without a script, or RAM that nobody loaded is an illegal
    /// instruction. EPC gets the address after it, as the manual has it.
    fn trap(&mut self) {
        let illegal = self.regs.pc;
        let handler = self.storage.illinstaddr as u16;
        self.regs.epc = (illegal + 1) & 0x3FFF;
        self.regs.lm = 0;
        self.regs.pc = handler;
        self.pass(2);
        if illegal == handler {
            self.report(ReportKind::Stuck { channel: self.ccr });
            self.state = State::Stuck;
        } else {
            self.report(ReportKind::IllegalInstruction { channel: self.ccr, pc: illegal });
        }
    }

    /// Whether a script has to stop at the next point where it can.
    pub(super) fn is_out_of_time(&self) -> bool {
        self.now >= self.until || self.reschedule || self.stop == Stop::Interrupt && self.interrupts.level(self.now)
    }
}
