//! The processor: hands out contexts, delivers the hardware's interrupts, and counts the time spent with them off.
//!
//! The module has `unsafe` because it makes [`Sleepable`]s. It can vouch for them: it knows at run time whether the
//! code it calls is a thread or an interrupt handler.
//!
//! Code takes no virtual time. Time passes only where code waits: asleep, where interrupts arrive, or busy, where they
//! do not arrive before the code comes back to sleep.

use core::cell::Cell;
use core::fmt;

use dmaengine_core::{Atomic, Micros, Sleepable, Sleeper};

use crate::Mock;
use crate::hw::Nanos;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Level {
    Nobody,
    Thread,
    Masked,
    Interrupt,
}

/// A virtual processor with one thread and one interrupt line.
///
/// ```
/// use backend_mock::{Cpu, Mock};
/// use dmaengine_core::{Dma, Micros};
///
/// let dma: Dma<Mock, 1> = Dma::new(Mock::default());
/// let cpu = Cpu::new(dma.engine(), |atomic| dma.interrupt(atomic, &mut |_, event| println!("{event:?}")));
/// cpu.thread(|context| {
///     context.sleep(Micros(100));
///     cpu.masked(context, |_atomic| {
///         // nothing can sleep here, and no interrupt arrives
///     });
/// });
/// ```
pub struct Cpu<'m, H> {
    mock: &'m Mock,
    handler: H,
    level: Cell<Level>,
    held_off: Cell<bool>,
    /// An interrupt has run since the thread last came back from sleep.
    woken: Cell<bool>,
    masked_time: Cell<Nanos>,
}

impl<'m, H: Fn(&Atomic<'_>)> Cpu<'m, H> {
    /// A processor beside that hardware, with its interrupt handler.
    pub fn new(mock: &'m Mock, handler: H) -> Self {
        Self {
            mock,
            handler,
            level: Cell::new(Level::Nobody),
            held_off: Cell::new(false),
            woken: Cell::new(false),
            masked_time: Cell::new(Nanos(0)),
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

    /// Runs a piece of the thread with interrupts masked, and adds the virtual time it takes to
    /// [`masked_time`](Self::masked_time).
    ///
    /// # Panics
    /// If the context is not the thread's of this processor.
    pub fn masked<R>(&self, context: &mut Sleepable<'_>, body: impl FnOnce(&Atomic<'_>) -> R) -> R {
        assert_eq!(self.level.get(), Level::Thread, "the context of another processor");
        self.at(Level::Masked, || body(&context.atomic()))
    }

    /// Runs something at a level, and counts the time.
    fn at<R>(&self, level: Level, body: impl FnOnce() -> R) -> R {
        let (before, start) = (self.level.replace(level), self.mock.hw().now());
        let answer = body();
        self.masked_time.set(self.masked_time.get() + (self.mock.hw().now() - start));
        self.level.set(before);
        answer
    }

    /// Takes the interrupt now if there is one, it is not masked and not held off. True if the handler ran.
    pub fn take_interrupt(&self) -> bool {
        let open = matches!(self.level.get(), Level::Nobody | Level::Thread) && !self.held_off.get();
        if !open || self.mock.hw().irq_pending() == 0 {
            return false;
        }
        self.at(Level::Interrupt, || (self.handler)(&Atomic::new()));
        self.woken.set(true);
        true
    }

    /// Holds interrupts off, as some other code that masks them for too long would, or lets them through again.
    pub fn hold_off_interrupts(&self, hold: bool) {
        self.held_off.set(hold);
    }

    /// Virtual time spent in the interrupt handler and in [`masked`](Self::masked).
    pub fn masked_time(&self) -> Nanos {
        self.masked_time.get()
    }

    /// Lets time pass up to a moment, delivering interrupts as they come.
    pub fn run_until(&self, moment: Nanos) {
        self.take_interrupt();
        while self.mock.hw().now() < moment {
            self.step(moment);
            self.take_interrupt();
        }
    }

    /// Lets time pass up to the next news, at most up to a moment.
    fn step(&self, moment: Nanos) {
        let next = self.mock.hw().next_news().unwrap_or(moment);
        self.mock.hw().advance_to(next.min(moment));
    }
}

impl<H: Fn(&Atomic<'_>)> Sleeper for Cpu<'_, H> {
    /// # Panics
    /// In an interrupt handler or with interrupts masked.
    fn sleep(&self, at_most: Micros) {
        assert_eq!(self.level.get(), Level::Thread, "sleeping where nobody may");
        let end = self.mock.hw().now() + Nanos::from_micros(at_most.0);
        self.take_interrupt();
        while !self.woken.get() && self.mock.hw().now() < end {
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
