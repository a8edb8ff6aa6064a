//! The interrupt controller (Armv7-M ARM, B3.4.3), of which programs use interrupt 0. It is nobody's on this board: it is raised by hand.
//!
//! The module has `unsafe` because these are registers at bare addresses.

use crate::cpu;

const NVIC_ISER0: *mut u32 = 0xE000_E100 as *mut u32;
const NVIC_ISPR0: *mut u32 = 0xE000_E200 as *mut u32;
const NVIC_IPR0: *mut u32 = 0xE000_E400 as *mut u32;

/// Lets it through.
#[inline]
pub fn enable() {
    // SAFETY: the program has a handler, or ends.
    unsafe { NVIC_ISER0.write_volatile(1) };
}

/// Sets its priority: 0, as at first, is the highest, as SysTick's is.
pub fn set_priority(priority: u8) {
    // SAFETY: the other interrupts in this word are not enabled.
    unsafe { NVIC_IPR0.write_volatile(priority.into()) };
}

/// Raises it. Unless it is masked or something of its priority runs, its handler has run when this returns.
#[inline]
pub fn raise() {
    // SAFETY: as for `enable`.
    unsafe { NVIC_ISPR0.write_volatile(1) };
    cpu::barrier();
}

/// Whether it waits.
#[must_use]
pub fn is_pending() -> bool {
    // SAFETY: reads.
    unsafe { NVIC_ISPR0.read_volatile() & 1 == 1 }
}
