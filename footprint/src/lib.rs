//! What every one of the programs needs: a start, an interrupt, and a way to tell how deep its stack went.
//!
//! `cargo xtask footprint` builds, runs and measures them. What a program prints is one number: how many bytes of stack its interrupt
//! took, or 0 if its callback was not called or anything else went wrong.
//!
//! A Cortex-M4 as of Arm's MPS2 board with AN386, which QEMU has (`mps2-an386`). Its interrupt 0 is the DMA's: it is raised by hand,
//! goes through the processor's real exception entry, and what it writes below the stack pointer was painted before.
//!
//! The crate has `unsafe` because it is the start-up code, and talks to the processor and the debugger.
#![no_std]

pub mod chip;

use core::arch::{asm, global_asm};
use core::panic::PanicInfo;

/// Memory for a transfer, where words of any width may begin.
#[derive(Debug)]
#[repr(align(4))]
pub struct Ring(pub [u8; 1024]);

unsafe extern "Rust" {
    safe fn program() -> &'static str;
    safe fn interrupt();
}

/// The vector table: stack, reset, fourteen exceptions that do not occur, interrupt 0 (Armv7-M ARM, B1.5.3).
#[repr(C)]
struct Vectors {
    stack: *const u32,
    reset: unsafe extern "C" fn(),
    exceptions: [extern "C" fn(); 14],
    interrupt_0: extern "C" fn(),
}

// SAFETY: it is never written.
unsafe impl Sync for Vectors {}

unsafe extern "C" {
    static __stack_top: u32;
    fn Reset();
}

#[used]
#[unsafe(link_section = ".vectors")]
static VECTORS: Vectors =
    Vectors { stack: &raw const __stack_top, reset: Reset, exceptions: [trap; 14], interrupt_0: irq };

// Copies .data, clears .bss, turns the floating point unit on (CPACR), and goes on in `start`.
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
    "bl {start}",
    "b .",
    start = sym start,
);

extern "C" fn start() -> ! {
    call(SYS_WRITE0, program().as_ptr().addr());
    exit(0)
}

extern "C" fn irq() {
    interrupt();
}

extern "C" fn trap() {
    exit(3)
}

#[panic_handler]
fn panic(_info: &PanicInfo<'_>) -> ! {
    exit(2)
}

const SYS_WRITE0: u32 = 0x04;
const SYS_EXIT_EXTENDED: u32 = 0x20;
const ADP_STOPPED_APPLICATION_EXIT: u32 = 0x2_0026;

/// Asks the debugger for something ("Semihosting for AArch32 and AArch64", Arm).
fn call(operation: u32, parameter: usize) {
    // SAFETY: the operations above read what the parameter points to, and change a register.
    unsafe { asm!("bkpt 0xab", inout("r0") operation => _, in("r1") parameter) };
}

fn exit(status: u32) -> ! {
    let block = [ADP_STOPPED_APPLICATION_EXIT, status];
    call(SYS_EXIT_EXTENDED, block.as_ptr().addr());
    loop {}
}

const PAINT: u32 = 0x5AA5_C33C;
const PAINTED: usize = 16 * 1024;
/// NVIC_ISER0 and NVIC_ISPR0 (Armv7-M ARM, B3.4.3).
const NVIC_ISER0: *mut u32 = 0xE000_E100 as *mut u32;
const NVIC_ISPR0: *mut u32 = 0xE000_E200 as *mut u32;

/// Raises the interrupt, and says how many bytes of stack it took, the processor's own frame included.
#[inline(never)]
pub fn stack_of_interrupt() -> u32 {
    let here: usize;
    // SAFETY: reads a register.
    unsafe { asm!("mov {}, sp", out(reg) here) };
    let deepest = (here - PAINTED) as *mut u32;
    // SAFETY: there is nothing below the stack pointer: this function calls nobody, and the stack has 100 KB to go.
    unsafe { (0..PAINTED / 4).for_each(|word| deepest.add(word).write_volatile(PAINT)) };
    // SAFETY: the interrupt has a handler.
    unsafe {
        NVIC_ISER0.write_volatile(1);
        NVIC_ISPR0.write_volatile(1);
        asm!("dsb", "isb");
    }
    // SAFETY: the same memory.
    let untouched = (0..PAINTED / 4).take_while(|word| unsafe { deepest.add(*word).read_volatile() } == PAINT).count();
    (PAINTED - 4 * untouched) as u32
}

/// A number in words that `start` can print: a line that ends with a zero.
pub fn line(number: u32) -> &'static str {
    static mut LINE: [u8; 12] = [0; 12];
    // SAFETY: one program, one line.
    let line = unsafe { &mut *(&raw mut LINE) };
    let mut left = number;
    line[10] = b'\n';
    for digit in line[..10].iter_mut().rev() {
        *digit = b'0' + (left % 10) as u8;
        left /= 10;
    }
    // SAFETY: digits.
    unsafe { core::str::from_utf8_unchecked(line) }
}
