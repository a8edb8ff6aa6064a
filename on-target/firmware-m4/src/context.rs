//! Who may sleep: the thread, with interrupts on. The core is asked before each claim and before each sleep.
//!
//! The module has `unsafe` because it makes a [`Sleepable`]. It can vouch for it: IPSR tells a thread from an exception's handler, and the
//! only lock of this machine masks interrupts, which PRIMASK tells.

use core::cell::Cell;
use core::sync::atomic::{AtomicU32, Ordering};

use dmaengine_core::{Micros, Platform, Sleepable, Sleeper};
use m4::cpu;

use crate::machine;

static EVENTS: AtomicU32 = AtomicU32::new(0);

/// The DMA's interrupt has run: its handler ends with this.
pub fn woken() {
    EVENTS.fetch_add(1, Ordering::Relaxed);
}

/// Whether the code that asks may sleep: in the thread, with interrupts on and so with no lock held.
#[must_use]
pub fn may_sleep() -> bool {
    cpu::exception() == 0 && !cpu::is_masked()
}

/// Sleeps until the DMA's interrupt has run.
struct Wait {
    /// As often it had when the last sleep returned.
    seen: Cell<u32>,
}

impl Sleeper for Wait {
    /// # Panics
    /// Where nobody may sleep.
    fn sleep(&self, at_most: Micros) {
        assert!(may_sleep(), "sleeping in exception {}, interrupts masked: {}", cpu::exception(), cpu::is_masked());
        let machine = machine::dma().engine();
        let end = machine.now() + at_most;
        let mut is_over = false;
        while !is_over {
            // Masked, so that one that comes between the look and the sleep ends the sleep; it is taken behind it.
            critical_section::with(|_section| {
                let events = EVENTS.load(Ordering::Relaxed);
                is_over = self.seen.replace(events) != events || machine.now() >= end;
                if !is_over {
                    cpu::wait_for_interrupt();
                }
            });
        }
    }
}

/// Runs the thread. A program does it once.
///
/// # Panics
/// Where nobody may sleep.
pub fn thread<R>(body: impl FnOnce(&mut Sleepable<'_>) -> R) -> R {
    assert!(may_sleep(), "a thread in exception {}, interrupts masked: {}", cpu::exception(), cpu::is_masked());
    let wait = Wait { seen: Cell::new(EVENTS.load(Ordering::Relaxed)) };
    // SAFETY: the core itself says that this is the thread with interrupts on, and so holds no lock; it is asked again at each sleep.
    body(&mut unsafe { Sleepable::assume(&wait) })
}

/// Is busy with something else for so long, with interrupts on.
pub fn busy_for(time: Micros) {
    let machine = machine::dma().engine();
    let end = machine.now() + time;
    while machine.now() < end {
        core::hint::spin_loop();
    }
}
