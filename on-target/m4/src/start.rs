//! The vector table, and from power-on to the program.
//!
//! The module has `unsafe` because it is the start-up code.

use core::arch::global_asm;

use crate::semihosting;

/// The status of a program that has run into an exception it has no handler for.
const TRAPPED: u32 = 3;

/// Stack, reset, the exceptions up to SysTick, interrupt 0 (Armv7-M ARM, B1.5.3).
#[repr(C)]
struct Vectors {
    stack: *const u32,
    reset: unsafe extern "C" fn(),
    exceptions: [extern "C" fn(); 13],
    systick: unsafe extern "C" fn(),
    interrupt_0: unsafe extern "C" fn(),
}

// SAFETY: it is never written.
unsafe impl Sync for Vectors {}

unsafe extern "C" {
    /// Set by the linker script.
    static __stack_top: u32;
    fn Reset();
    /// The program's, or `m4_trap`.
    fn SysTick();
    fn Interrupt0();
}

#[used]
#[unsafe(link_section = ".vectors")]
static VECTORS: Vectors = Vectors {
    stack: &raw const __stack_top,
    reset: Reset,
    exceptions: [m4_trap; 13],
    systick: SysTick,
    interrupt_0: Interrupt0,
};

// Copies .data, clears .bss, turns the floating point unit on (CPACR), and goes on in the program.
global_asm!(
    ".section .text.Reset, \"ax\"",
    ".global Reset",
    ".thumb_func",
    "Reset:",
    "ldr r0, =__data_start",
    "ldr r1, =__data_end",
    "ldr r2, =__data_load",
    "0: cmp r0, r1",
    "ittt lo",
    "ldrlo r3, [r2], #4",
    "strlo r3, [r0], #4",
    "blo 0b",
    "ldr r0, =__bss_start",
    "ldr r1, =__bss_end",
    "movs r3, #0",
    "1: cmp r0, r1",
    "itt lo",
    "strlo r3, [r0], #4",
    "blo 1b",
    "ldr r0, =0xE000ED88",
    "ldr r1, [r0]",
    "orr r1, r1, #0xF00000",
    "str r1, [r0]",
    "dsb",
    "isb",
    "bl main",
    "b .",
);

#[unsafe(no_mangle)]
extern "C" fn m4_trap() {
    semihosting::exit(TRAPPED)
}
