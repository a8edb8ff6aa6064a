//! Interrupts: who handles which.
//!
//! The module has `unsafe` because handlers are kept as addresses.

use core::sync::atomic::{AtomicU32, AtomicUsize, Ordering};

use crate::{cpu, gic, hardware};

/// The priority that a handler has if there is nothing to say about it.
pub const NORMAL: u8 = 0x80;
/// Above the others: comes through where a handler lets it ([`nested`]).
pub const HIGH: u8 = 0x40;

static HANDLERS: [AtomicUsize; gic::IDS as usize] = [const { AtomicUsize::new(0) }; gic::IDS as usize];
static EVENTS: AtomicU32 = AtomicU32::new(0);
static INTERRUPTED: [AtomicU32; cpu::CORES] = [const { AtomicU32::new(0) }; cpu::CORES];

/// Has `handler` called for an interrupt, on this core. It runs with interrupts masked.
pub fn handle(id: u32, priority: u8, handler: fn()) {
    HANDLERS[id as usize].store(handler as usize, Ordering::Release);
    gic::enable(id, priority, cpu::core());
}

/// Interrupts that were handled, without those by which simulated time passes. It wraps.
#[must_use]
pub fn events() -> u32 {
    EVENTS.load(Ordering::Relaxed)
}

/// In a handler, before it [lets others in](nested): the instruction at which this core goes on when it returns.
#[must_use]
pub fn interrupted() -> u32 {
    INTERRUPTED[cpu::core()].load(Ordering::Relaxed)
}

/// In a handler: lets interrupts of higher priority in while `f` runs.
///
/// # Panics
/// If this is no handler.
pub fn nested<R>(f: impl FnOnce() -> R) -> R {
    assert_eq!(cpu::mode(), cpu::Mode::Interrupt, "nothing to nest in");
    // SAFETY: the handler asks for it, and the entry keeps nothing in registers of its mode.
    unsafe { cpu::enable_interrupts() };
    let answer = f();
    cpu::mask();
    answer
}

#[unsafe(no_mangle)]
extern "C" fn board_irq(at: u32) {
    INTERRUPTED[cpu::core()].store(at, Ordering::Relaxed);
    let acknowledged = gic::acknowledge();
    let id = acknowledged & 0x3FF;
    if id >= gic::IDS {
        // Taken back between the signal and here.
        return;
    }
    let handler = HANDLERS[id as usize].load(Ordering::Acquire);
    assert_ne!(handler, 0, "nobody handles interrupt {id}");
    // SAFETY: `handle` put it there, from a function of this type.
    let handler: fn() = unsafe { core::mem::transmute(handler) };
    handler();
    if id != hardware::TICK {
        EVENTS.fetch_add(1, Ordering::Relaxed);
    }
    gic::end(acknowledged);
}
