//! The exception vectors, and what is saved before Rust runs.
//!
//! The module has `unsafe` because it is assembly, and because what it hands over is reached through a bare address.
//!
//! An interrupt handler runs in SVC mode, not in IRQ mode: then it may let other interrupts in, whose entry would overwrite LR_irq.
//! The return address goes to the SVC stack before anything else. With the hard-float ABI the caller-saved registers of the FPU (d0 to
//! d7, d16 to d31) and FPSCR are saved, too. Whether a compiler uses d16 to d31 for this target has changed over time; the Cortex-A9
//! here has them.

use core::arch::global_asm;

/// What the data-abort entry saves, and restores from.
#[derive(Debug)]
#[repr(C)]
pub(crate) struct Frame {
    pub(crate) spsr: u32,
    /// SP and LR of the mode that was interrupted.
    pub(crate) sp: u32,
    pub(crate) lr: u32,
    pub(crate) dfar: u32,
    pub(crate) r: [u32; 13],
    /// The instruction that failed. Execution goes on at what stands here at the end.
    pub(crate) pc: u32,
}

#[cfg(target_abi = "eabihf")]
macro_rules! floats {
    ($save:literal, $($line:literal),*) => { global_asm!(
        ".macro save_floats", "vmrs r0, fpscr", "push {{r0, r1}}", "vpush {{d0-d7}}",
            "vpush {{d16-d31}}", ".endm",
        ".macro restore_floats", "vpop {{d16-d31}}",
            "vpop {{d0-d7}}", "pop {{r0, r1}}", "vmsr fpscr, r0", ".endm",
        $save, $($line),*
    ); };
}

#[cfg(not(target_abi = "eabihf"))]
macro_rules! floats {
    ($save:literal, $($line:literal),*) => { global_asm!(
        ".macro save_floats", "push {{r0, r1}}", ".endm",
        ".macro restore_floats", "pop {{r0, r1}}", ".endm",
        $save, $($line),*
    ); };
}

floats!(
    ".section .text._vectors, \"ax\"",
    ".arm",
    ".align 5",
    ".global board_vectors",
    "board_vectors:",
    "b .",
    "b board_undefined_entry",
    "b .",
    "b board_prefetch_entry",
    "b board_data_entry",
    "b .",
    "b board_irq_entry",
    "b board_fiq_entry",
    // An interrupt: return state and registers to the SVC stack, which may be off by four.
    "board_irq_entry:",
    "sub lr, lr, #4",
    "srsdb sp!, #0x13",
    "cps #0x13",
    "push {{r0-r3, r12, lr}}",
    "ldr r2, [sp, #24]", // where to return to
    "and r1, sp, #4",
    "sub sp, sp, r1",
    "save_floats",
    "mov r0, r2",
    "bl board_irq",
    "restore_floats",
    "add sp, sp, r1",
    "pop {{r0-r3, r12, lr}}",
    "clrex",
    "rfeia sp!",
    // A data abort: all registers to the ABT stack, as a `Frame`, and SP and LR of the mode it came from.
    "board_data_entry:",
    "sub lr, lr, #8",
    "push {{r0-r12, lr}}",
    "mrs r0, spsr",
    "mrs r1, cpsr",
    "and r2, r0, #0x1f",
    "orr r2, r2, #0xc0",
    "msr cpsr_c, r2",
    "mov r3, sp",
    "mov r4, lr",
    "msr cpsr_c, r1",
    "mrc p15, 0, r5, c6, c0, 0", // DFAR
    "push {{r0, r3, r4, r5}}",
    "mov r6, sp",
    "save_floats",
    "mov r0, r6",
    "bl board_data_abort",
    "restore_floats",
    "pop {{r0, r3, r4, r5}}",
    "mrs r1, cpsr",
    "and r2, r0, #0x1f",
    "orr r2, r2, #0xc0",
    "msr cpsr_c, r2",
    "mov lr, r4",
    "msr cpsr_c, r1",
    "msr spsr_cxsf, r0",
    "clrex",
    "ldm sp!, {{r0-r12, pc}}^",
    // The end of the program: nothing comes back from these.
    "board_undefined_entry:",
    "sub r0, lr, #4",
    "bl board_undefined",
    "board_prefetch_entry:",
    "sub r0, lr, #4",
    "bl board_prefetch_abort",
    "board_fiq_entry:",
    "sub r0, lr, #4",
    "bl board_fiq"
);

#[unsafe(no_mangle)]
extern "C" fn board_undefined(pc: u32) -> ! {
    panic!("undefined instruction at {pc:#010x}");
}

#[unsafe(no_mangle)]
extern "C" fn board_prefetch_abort(pc: u32) -> ! {
    panic!("a jump to {pc:#010x}, where no program is");
}
