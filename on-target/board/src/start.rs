//! From power-on to the program, and the same way for the other cores.
//!
//! The module has `unsafe` because it is assembly, and because it jumps to what another core left for it.
//!
//! In order: interrupts off, vectors, floating point (where the ABI has it), a stack for each mode, `.bss`, the MMU, the interrupt
//! controller; then the program, in SYS mode and with interrupts on. Modes: threads run in SYS, interrupt handlers in SVC, emulation of
//! registers in ABT, so the mode bits of CPSR say at any moment what kind of code this is.

use core::arch::global_asm;
use core::sync::atomic::{AtomicUsize, Ordering};

use crate::mmio::{read, write};
use crate::{cpu, gic, mmu, timer, uart};

global_asm!(
    ".section .text._start, \"ax\"",
    ".global _start",
    ".arm",
    "_start:",
    "cpsid aif",
    "ldr r0, =board_vectors",
    "mcr p15, 0, r0, c12, c0, 0", // VBAR
    "mrc p15, 0, r0, c1, c0, 0",
    "bic r0, r0, #0x2000", // SCTLR.V: the vectors are where VBAR says
    "mcr p15, 0, r0, c1, c0, 0",
    "mrc p15, 0, r0, c1, c0, 2",
    "orr r0, r0, #0xf00000", // CPACR: CP10 and CP11
    "mcr p15, 0, r0, c1, c0, 2",
    "isb",
    "mov r0, #0x40000000",
    ".inst 0xeee80a10", // vmsr fpexc, r0: EN. As a number, because the soft-float target does not know the name.
    "mrc p15, 0, r4, c0, c0, 5",
    "and r4, r4, #3", // MPIDR: which core
    "ldr r1, =__stacks_top",
    "ldr r2, =__stacks_per_core",
    "mul r3, r4, r2",
    "sub r1, r1, r3",
    "cps #0x11", // FIQ: the end of the program, so whoever needs that stack does no more
    "mov sp, r1",
    "cps #0x17", // ABT
    "mov sp, r1",
    "sub r1, r1, #0x10000",
    "cps #0x12", // IRQ
    "mov sp, r1",
    "sub r1, r1, #0x400",
    "cps #0x1b", // UND
    "mov sp, r1",
    "sub r1, r1, #0x400",
    "cps #0x13", // SVC
    "mov sp, r1",
    "sub r1, r1, #0x20000",
    "cps #0x1f", // SYS
    "mov sp, r1",
    "cmp r4, #0",
    "bne 2f",
    "ldr r0, =__bss_start",
    "ldr r1, =__bss_end",
    "mov r2, #0",
    "1: cmp r0, r1",
    "strlo r2, [r0], #4",
    "blo 1b",
    "bl board_first_core",
    "2: mov r0, r4",
    "bl board_other_core",
    ".ltorg",
);

unsafe extern "C" {
    /// The program; [`program!`](crate::program) makes it.
    safe fn board_main();
    safe fn _start();
}

/// The first core, with a stack and clean statics.
#[unsafe(no_mangle)]
extern "C" fn board_first_core() -> ! {
    mmu::build();
    mmu::turn_on();
    uart::set_up();
    timer::global::start();
    gic::set_up_distributor();
    gic::set_up_core();
    // SAFETY: the vectors, their stacks and the interrupt controller are ready.
    unsafe { cpu::enable_interrupts() };
    board_main();
    crate::exit::exit(0)
}

/// Where each core goes on when it comes up, as an address.
static ENTRIES: [AtomicUsize; cpu::CORES] = [const { AtomicUsize::new(0) }; cpu::CORES];

#[unsafe(no_mangle)]
extern "C" fn board_other_core(core: usize) -> ! {
    mmu::turn_on();
    gic::set_up_core();
    // SAFETY: as on the first core.
    unsafe { cpu::enable_interrupts() };
    let entry = ENTRIES[core].load(Ordering::Acquire);
    if entry != 0 {
        // SAFETY: `start_core` put it there, from a function of this type.
        let entry: fn() = unsafe { core::mem::transmute(entry) };
        entry();
    }
    loop {
        cpu::wait_for_interrupt();
    }
}

/// The system reset controller: GPR3 is where core 1 begins, and a bit of SCR lets it (i.MX 6Dual/6Quad RM, chapter "System Reset
/// Controller (SRC)").
const SRC_SCR: u32 = 0x020D_8000;
const SRC_GPR: u32 = 0x020D_8020;

/// Lets another core run `entry`, as a thread of its own with interrupts on. When it returns, the core sleeps for good.
///
/// # Panics
/// If there is no such core, or it runs already.
pub fn start_core(core: usize, entry: fn()) {
    assert!((1..cpu::CORES).contains(&core), "no core {core} to start");
    let before = ENTRIES[core].swap(entry as usize, Ordering::AcqRel);
    assert_eq!(before, 0, "core {core} runs already");
    cpu::barrier();
    write(SRC_GPR + 8 * core as u32, _start as *const () as usize as u32);
    write(SRC_SCR, read(SRC_SCR) | 1 << (21 + core));
}

/// Makes the entry of a program: the first core calls it in a thread's context, interrupts on.
///
/// ```ignore
/// board::program!(|context| { /* a `&mut Sleepable` */ });
/// ```
#[macro_export]
macro_rules! program {
    ($main:expr) => {
        #[unsafe(no_mangle)]
        extern "C" fn board_main() {
            $crate::context::thread($main);
        }
    };
}
