//! Who may sleep: threads, with interrupts on. The hardware is asked before each claim and before each sleep.
//!
//! The module has `unsafe` because it makes [`Sleepable`]s. It can vouch for them: the mode bits of CPSR tell a thread from an interrupt
//! handler and from an abort, and every lock of this machine masks interrupts, which CPSR tells, too.

use core::cell::Cell;

use dmaengine_core::{Atomic, Micros, Platform, Sleepable, Sleeper};

use crate::platform::Board;
use crate::{cpu, irq};

/// Whether the code that asks may sleep: in a thread, with interrupts on and so with no lock held.
#[must_use]
pub fn may_sleep() -> bool {
    cpu::mode() == cpu::Mode::Thread && cpu::interrupts_enabled()
}

/// Sleeps until an interrupt was handled, whichever.
struct Wait {
    /// As many had been when the last sleep returned.
    seen: Cell<u32>,
}

impl Sleeper for Wait {
    /// # Panics
    /// Where nobody may sleep.
    fn sleep(&self, at_most: Micros) {
        assert!(may_sleep(), "sleeping in {:?} mode, interrupts on: {}", cpu::mode(), cpu::interrupts_enabled());
        let end = Board.now() + at_most;
        let mut is_over = false;
        while !is_over {
            // Masked, so that one that comes between the look and the sleep ends the sleep; it is taken behind it.
            cpu::masked(|| {
                let events = irq::events();
                is_over = self.seen.replace(events) != events || Board.now() >= end;
                match cpu::core() {
                    _ if is_over => {}
                    // The tick comes here, so it never sleeps for longer.
                    0 => cpu::wait_for_interrupt(),
                    _ => core::hint::spin_loop(),
                }
            });
        }
    }
}

/// Runs code that may sleep: once for each core's thread, from where it begins.
///
/// # Panics
/// Where nobody may sleep.
pub fn thread<R>(body: impl FnOnce(&mut Sleepable<'_>) -> R) -> R {
    assert!(may_sleep(), "a thread in {:?} mode, interrupts on: {}", cpu::mode(), cpu::interrupts_enabled());
    let wait = Wait { seen: Cell::new(irq::events()) };
    // SAFETY: the core itself says that this is a thread with interrupts on, and so holds no lock; it is asked again at each sleep.
    body(&mut unsafe { Sleepable::assume(&wait) })
}

/// Runs a piece of a thread with interrupts masked on this core.
pub fn masked<R>(context: &mut Sleepable<'_>, body: impl FnOnce(&Atomic<'_>) -> R) -> R {
    let atomic = context.atomic();
    cpu::masked(|| body(&atomic))
}

/// Sleeps for all of that time, however many interrupts come.
pub fn sleep_for(context: &Sleepable<'_>, time: Micros) {
    let end = Board.now() + time;
    while Board.now() < end {
        context.sleep(Micros(end.0.saturating_sub(Board.now().0)));
    }
}
