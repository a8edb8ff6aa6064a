//! The core: which one, in which mode, with interrupts on or off.
//!
//! The module has `unsafe` because these are instructions that Rust has no name for.

use core::arch::asm;

/// Cores of the i.MX6Quad.
pub const CORES: usize = 4;

/// CPSR.I: interrupts are masked.
const I: u32 = 1 << 7;

/// What kind of code runs: the mode bits of CPSR, as [`start`](crate::start) has distributed them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mode {
    /// SYS: a thread.
    Thread,
    /// SVC: an interrupt handler.
    Interrupt,
    /// Anything else: an abort, or an exception's first instructions.
    Exception,
}

fn cpsr() -> u32 {
    let cpsr;
    // SAFETY: reads a register.
    unsafe { asm!("mrs {}, cpsr", out(reg) cpsr, options(nomem, nostack, preserves_flags)) };
    cpsr
}

/// In which mode this is.
#[must_use]
pub fn mode() -> Mode {
    match cpsr() & 0x1F {
        0x1F => Mode::Thread,
        0x13 => Mode::Interrupt,
        _ => Mode::Exception,
    }
}

/// Whether this core takes interrupts now.
#[must_use]
pub fn interrupts_enabled() -> bool {
    cpsr() & I == 0
}

/// Which core this is.
#[inline]
#[must_use]
pub fn core() -> usize {
    let mpidr: usize;
    // SAFETY: reads a register.
    unsafe { asm!("mrc p15, 0, {}, c0, c0, 5", out(reg) mpidr, options(nomem, nostack, preserves_flags)) };
    mpidr & 3
}

/// Waits until all accesses before are complete.
#[inline]
pub fn barrier() {
    // SAFETY: does nothing but wait for memory.
    unsafe { asm!("dsb sy", options(nostack, preserves_flags)) };
}

/// Sleeps until an interrupt is pending, masked or not.
pub fn wait_for_interrupt() {
    // SAFETY: waits.
    unsafe { asm!("dsb sy", "wfi", options(nostack, preserves_flags)) };
}

/// Lets interrupts in.
///
/// # Safety
/// Nobody relies on their being masked, and what they need is set up.
pub(crate) unsafe fn enable_interrupts() {
    // SAFETY: by this function's contract.
    unsafe { asm!("cpsie i", options(nostack, preserves_flags)) };
}

/// Masks interrupts.
pub(crate) fn mask() {
    // SAFETY: keeps interrupts away, which is always right.
    unsafe { asm!("cpsid i", options(nostack, preserves_flags)) };
}

/// Runs `f` with interrupts masked on this core; nests.
#[inline]
pub fn masked<R>(f: impl FnOnce() -> R) -> R {
    let before: u32;
    // SAFETY: reads the mask and sets it; the assembly is a barrier for the compiler.
    unsafe { asm!("mrs {}, cpsr", "cpsid i", out(reg) before, options(nostack, preserves_flags)) };
    let answer = f();
    if before & I == 0 {
        // SAFETY: they were on before.
        unsafe { enable_interrupts() };
    }
    answer
}
