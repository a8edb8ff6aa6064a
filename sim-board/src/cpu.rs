//! The processor: it hands out contexts and takes the SDMA's interrupt where the program sleeps.
//!
//! The module has `unsafe` because it makes [`Sleepable`]s. It can vouch for them: it knows whether what it calls is a thread or
//! an interrupt handler.

use core::cell::Cell;
use core::fmt;

use dmaengine_core::{Atomic, Micros, Sleepable, Sleeper};
use sim_imx_sdma::Until;
use sim_imx_sdma::time::Cycles;

use crate::board::Board;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Level {
    Nobody,
    Thread,
    Masked,
    Interrupt,
}

/// A processor with one thread and one interrupt. Code takes no time but that of its accesses to registers.
pub struct Cpu<'b, H> {
    board: &'b Board,
    handler: H,
    level: Cell<Level>,
    held_off: Cell<bool>,
    /// An interrupt has run since the thread last came back from sleep.
    woken: Cell<bool>,
    masked: Cell<Cycles>,
    idle: Cell<Cycles>,
}

impl<'b, H: Fn(&Atomic<'_>)> Cpu<'b, H> {
    /// The processor of a board, with its interrupt handler.
    pub fn new(board: &'b Board, handler: H) -> Self {
        Self {
            board,
            handler,
            level: Cell::new(Level::Nobody),
            held_off: Cell::new(false),
            woken: Cell::new(false),
            masked: Cell::new(Cycles(0)),
            idle: Cell::new(Cycles(0)),
        }
    }

    /// Runs a thread: code that may sleep.
    ///
    /// # Panics
    /// If one runs already, or inside the interrupt handler.
    pub fn thread<R>(&self, body: impl FnOnce(&mut Sleepable<'_>) -> R) -> R {
        assert_eq!(self.level.get(), Level::Nobody, "a thread begins where nothing else runs on this processor");
        self.level.set(Level::Thread);
        // SAFETY: the level says that this is neither an interrupt nor masked, and it is checked before each sleep.
        let answer = body(&mut unsafe { Sleepable::assume(self) });
        self.level.set(Level::Nobody);
        answer
    }

    /// Runs a piece of the thread with interrupts masked.
    ///
    /// # Panics
    /// If the context is not the thread's of this processor.
    pub fn masked<R>(&self, context: &mut Sleepable<'_>, body: impl FnOnce(&Atomic<'_>) -> R) -> R {
        assert_eq!(self.level.get(), Level::Thread, "the context of another processor");
        self.at(Level::Masked, || body(&context.atomic()))
    }

    fn at<R>(&self, level: Level, body: impl FnOnce() -> R) -> R {
        let (before, start) = (self.level.replace(level), self.now());
        let answer = body();
        self.masked.set(self.masked.get() + (self.now() - start));
        self.level.set(before);
        answer
    }

    fn now(&self) -> Cycles {
        self.board.hw(|hw| hw.now())
    }

    /// Simulated time spent in the interrupt handler and in [`masked`](Self::masked).
    pub fn masked_time(&self) -> Cycles {
        self.masked.get()
    }

    /// Simulated time in which its thread slept, or let time pass, and no interrupt handler ran.
    pub fn idle_time(&self) -> Cycles {
        self.idle.get()
    }

    /// Holds interrupts off, as other code would that masks them for too long, or lets them through again.
    pub fn hold_off_interrupts(&self, hold: bool) {
        self.held_off.set(hold);
    }

    /// Takes the interrupt now, if there is one and it is not masked.
    pub fn take_interrupt(&self) -> bool {
        let open = matches!(self.level.get(), Level::Nobody | Level::Thread) && !self.held_off.get();
        if !open || !self.board.hw(|hw| hw.interrupt()) {
            return false;
        }
        self.at(Level::Interrupt, || (self.handler)(&Atomic::new()));
        self.woken.set(true);
        true
    }

    /// Lets time pass up to a moment, and takes interrupts as they come.
    pub fn run_until(&self, moment: Cycles) {
        self.take_interrupt();
        while self.now() < moment {
            self.step(moment);
            self.take_interrupt();
        }
    }

    /// Lets time pass up to the next interrupt that can be taken, at most up to a moment.
    fn step(&self, moment: Cycles) {
        let until = if self.held_off.get() { Until::Time(moment) } else { Until::Interrupt { limit: moment } };
        let start = self.now();
        self.board.hw(|hw| hw.run_until(until));
        self.idle.set(self.idle.get() + (self.now() - start));
    }
}

impl<H: Fn(&Atomic<'_>)> Sleeper for Cpu<'_, H> {
    /// # Panics
    /// In an interrupt handler or with interrupts masked.
    fn sleep(&self, at_most: Micros) {
        assert_eq!(self.level.get(), Level::Thread, "sleeping where nobody may");
        let end = self.board.after(at_most.0);
        self.take_interrupt();
        while !self.woken.get() && self.now() < end {
            self.step(end);
            self.take_interrupt();
        }
        self.woken.set(false);
    }
}

impl<H> fmt::Debug for Cpu<'_, H> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Cpu({:?})", self.level.get())
    }
}
