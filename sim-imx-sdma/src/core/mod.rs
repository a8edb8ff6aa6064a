//! The core: the channel that runs on it, and time.
//!
//! ```text
//!                 elected                     the switch is over
//!  FreshlyReset ───────────┐               ┌───────────────────▶ Running ◀──▶ Held   (trouble that was asked for)
//!                          ├──▶ Switching ─┤                      │   │
//!  Asleep ─────────────────┘        ▲      └──▶ Asleep            │   └─▶ Stuck      (an illegal instruction leads to another)
//!    ▲    elected                   └─────────────────────────────┘
//!    └── nobody was elected                 done, or RESCHED
//! ```
//!
//! **FreshlyReset, Asleep.** No script runs. As soon as a channel may run, it is elected. The first one after a reset starts
//! at program address 0 with all registers 0; its context is not looked at.
//!
//! **Switching.** The old context was saved when the switch began, the new one is restored when it ends. Who was elected
//! stays elected.
//!
//! **Running.** The script goes on where the program counter is, until it says `done` or its time is up. Time is up when a
//! caller wants the world to stand still; the script then goes on later as if nothing had been.
//!
//! **Held.** As Running, but nothing moves. **Stuck.** The same, for ever. RESCHED leads out of both.
//!
//! There is one clock. It moves only in [`Core::pass`], and everything that happens by itself (edges of request lines, the
//! end of a save that trails) happens there, in order, at its own moment, even while a script runs.

mod machine;
mod pass;
mod run;
mod space;
mod switch;
#[cfg(test)]
mod tests;

use core::cell::Cell;

use crate::bus::Bus;
use crate::config::Config;
use crate::interrupt::Interrupts;
use crate::ram::Ram;
use crate::registers::{Registers, SAVED};
use crate::report::{ReportKind, Reports};
use crate::sched::Scheduler;
use crate::time::Cycles;
use crate::trouble::Troubles;
use crate::window::Storage;

pub(crate) use run::Stop;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
    FreshlyReset,
    Asleep,
    /// Until then; then `next` runs, or the core sleeps.
    Switching {
        until: Cycles,
        next: Option<u8>,
        restores: bool,
    },
    Running,
    Held {
        until: Cycles,
    },
    Stuck,
}

/// The end of a save that comes later than the switch.
#[derive(Debug)]
struct Trailing {
    due: Cycles,
    channel: u8,
    words: [u32; SAVED],
    /// Bit n: word n is still to be written.
    left: u32,
    /// That it overwrites something was reported.
    is_told: bool,
}

/// All of the SDMA but its scripts.
#[derive(Debug)]
pub(crate) struct Core {
    pub(crate) config: Config,
    pub(crate) now: Cycles,
    /// Something happens by itself then. Not before.
    attention: Cycles,
    /// When something does that is no change of a line.
    others: Cycles,
    /// Until when the present run goes, and what else ends it.
    until: Cycles,
    stop: Stop,
    state: State,
    /// Core register CCR: who is on the core, or was there last.
    pub(crate) ccr: u8,
    regs: Registers,
    /// The context as it was restored: a dynamic save writes what differs.
    restored: [u32; SAVED],
    trailing: Option<Trailing>,
    pub(crate) reset_until: Cycles,
    /// RESET.RESCHED.
    pub(crate) reschedule: bool,
    /// The request lines as they were looked at last.
    lines: u64,
    /// Until when they will not change by themselves, as far as is known: what `attention` was worked out from.
    quiet_until: Cycles,
    /// EVT_MIRROR and EVT_MIRROR2.
    ///
    /// Inferred: that they keep edges until they are read. The manual says "requests seen" and that reading clears; a mirror of
    /// levels could not be cleared.
    pub(crate) requests_seen: u64,
    /// Channels for which a request came since their script looked at its lines.
    unseen: Cell<u32>,
    /// Core registers that only hold what was written.
    held: [u32; 32],
    pub(crate) sched: Scheduler,
    pub(crate) interrupts: Interrupts,
    pub(crate) storage: Storage,
    pub(crate) ram: Ram,
    pub(crate) bus: Bus,
    pub(crate) troubles: Troubles,
    pub(crate) reports: Reports,
}

impl Core {
    /// As after power-on.
    pub(crate) fn new(config: Config) -> Self {
        Self {
            now: Cycles(0),
            attention: Cycles(0),
            others: Cycles(0),
            until: Cycles(0),
            stop: Stop::Never,
            state: State::FreshlyReset,
            ccr: 0,
            regs: Registers::default(),
            restored: [0; SAVED],
            trailing: None,
            reset_until: Cycles(0),
            reschedule: false,
            lines: 0,
            quiet_until: Cycles(0),
            requests_seen: 0,
            unseen: Cell::new(0),
            held: [0; 32],
            sched: Scheduler::new(),
            interrupts: Interrupts::default(),
            storage: Storage::new(config.variant, config.seed),
            ram: Ram::new(),
            bus: Bus::new(),
            troubles: Troubles::default(),
            reports: Reports::default(),
            config,
        }
    }

    /// A software reset. Memory keeps what it has: the core's RAM, and CHNENBL.
    ///
    /// Inferred: that memory does, and that nobody is elected while the reset is held; the manual lists the registers only.
    pub(crate) fn reset(&mut self) {
        self.state = State::FreshlyReset;
        self.ccr = 0;
        self.regs = Registers::default();
        self.restored = [0; SAVED];
        self.trailing = None;
        self.reset_until = self.now + Cycles(self.config.costs.reset.into());
        self.reschedule = false;
        self.requests_seen = 0;
        self.unseen.set(0);
        self.held = [0; 32];
        self.sched = Scheduler::new();
        self.interrupts = Interrupts::default();
        self.storage.reset(self.config.variant);
    }

    /// The power was gone, and is back: what a software reset does, and memory has lost what it had. Time has gone on, and so have
    /// the bus and its devices.
    ///
    /// Inferred: a request line that is high when the power comes back makes no edge.
    pub(crate) fn lose_power(&mut self) {
        self.storage = Storage::new(self.config.variant, self.config.seed);
        self.ram = Ram::new();
        self.reset();
        self.reset_until = self.now;
    }

    pub(crate) fn report(&mut self, kind: ReportKind) {
        self.reports.add(self.now, kind);
    }

    /// Who is on the core, or about to be.
    pub(crate) fn current(&self) -> Option<u8> {
        match self.state {
            State::FreshlyReset | State::Asleep | State::Switching { next: None, .. } => None,
            State::Switching { next, .. } => next,
            State::Running | State::Held { .. } | State::Stuck => Some(self.ccr),
        }
    }

    /// The registers of the channel on the core.
    pub(crate) fn registers(&self) -> &Registers {
        &self.regs
    }

    /// ONCE_STAT: only the state of the core, in bits 15 to 12; there is no debugger.
    pub(crate) fn once_stat(&self) -> u32 {
        let state = match self.state {
            State::FreshlyReset => 14,
            State::Asleep => 6,
            State::Switching { next: None, .. } => 7,
            State::Switching { .. } => 15,
            State::Running | State::Held { .. } | State::Stuck => 0,
        };
        state << 12
    }

    /// Where in data space a channel's context lies.
    pub(crate) fn context(&self, channel: u8) -> u16 {
        0x0800 + self.storage.context_len() * u16::from(channel)
    }
}
