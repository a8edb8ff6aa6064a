//! The core: which exception runs, with interrupts masked or not.
//!
//! The module has `unsafe` because these are instructions that Rust has no name for.

use core::arch::asm;

/// The exception that runs, by its number: 0 in a thread, 15 in SysTick's handler, 16 in that of interrupt 0 (Armv7-M ARM, B1.5.2).
#[must_use]
pub fn exception() -> u32 {
    let ipsr: u32;
    // SAFETY: reads a register.
    unsafe { asm!("mrs {}, IPSR", out(reg) ipsr, options(nomem, nostack, preserves_flags)) };
    ipsr
}

/// Whether interrupts are masked.
#[must_use]
pub fn is_masked() -> bool {
    let primask: u32;
    // SAFETY: reads a register.
    unsafe { asm!("mrs {}, PRIMASK", out(reg) primask, options(nomem, nostack, preserves_flags)) };
    primask & 1 == 1
}

/// Masks interrupts, and says whether they were masked before.
#[inline]
pub fn mask() -> bool {
    let was_masked = is_masked();
    // SAFETY: keeps interrupts away, which is always right; a barrier for the compiler.
    unsafe { asm!("cpsid i", options(nostack, preserves_flags)) };
    was_masked
}

/// Lets interrupts in.
///
/// # Safety
/// Nobody relies on their being masked.
#[inline]
pub unsafe fn unmask() {
    // SAFETY: by this function's contract; a barrier for the compiler.
    unsafe { asm!("cpsie i", options(nostack, preserves_flags)) };
}

/// Sleeps until an interrupt is pending, masked or not.
pub fn wait_for_interrupt() {
    // SAFETY: waits.
    unsafe { asm!("dsb", "wfi", options(nostack, preserves_flags)) };
}

/// Waits until what was written before has its effect: an interrupt that was raised and is not masked has been taken.
#[inline]
pub fn barrier() {
    // SAFETY: waits.
    unsafe { asm!("dsb", "isb", options(nostack, preserves_flags)) };
}
