//! What every one of the programs needs: a start, an interrupt, and a way to tell how deep its stack went.
//!
//! `cargo xtask footprint` builds, runs and measures them. What a program prints is one number: how many bytes of stack its interrupt
//! took, or 0 if its callback was not called or anything else went wrong.
//!
//! A Cortex-M4 as of Arm's MPS2 board with AN386, which QEMU has (`mps2-an386`). Its interrupt 0 is the DMA's: it is raised by hand,
//! goes through the processor's real exception entry, and what it writes below the stack pointer was painted before.
//!
//! The crate has `unsafe` because it paints the stack.
#![no_std]

pub mod chip;

use core::arch::asm;
use core::ffi::CStr;
use core::panic::PanicInfo;

use m4::{nvic, semihosting};

/// Memory for a transfer, where words of any width may begin.
#[derive(Debug)]
#[repr(align(4))]
pub struct Ring(pub [u8; 1024]);

unsafe extern "Rust" {
    safe fn program() -> &'static CStr;
    safe fn interrupt();
}

#[unsafe(no_mangle)]
extern "C" fn main() -> ! {
    semihosting::write(program());
    semihosting::exit(0)
}

#[unsafe(no_mangle)]
extern "C" fn Interrupt0() {
    interrupt();
}

#[panic_handler]
fn panic(_info: &PanicInfo<'_>) -> ! {
    semihosting::exit(2)
}

const PAINT: u32 = 0x5AA5_C33C;
const PAINTED: usize = 16 * 1024;

/// Raises the interrupt, and says how many bytes of stack it took, the processor's own frame included.
#[inline(never)]
pub fn stack_of_interrupt() -> u32 {
    let here: usize;
    // SAFETY: reads a register.
    unsafe { asm!("mov {}, sp", out(reg) here) };
    let deepest = (here - PAINTED) as *mut u32;
    // SAFETY: there is nothing below the stack pointer: this function calls nobody, and the stack has 100 KB to go.
    unsafe { (0..PAINTED / 4).for_each(|word| deepest.add(word).write_volatile(PAINT)) };
    nvic::enable();
    nvic::raise();
    // SAFETY: the same memory.
    let untouched = (0..PAINTED / 4).take_while(|word| unsafe { deepest.add(*word).read_volatile() } == PAINT).count();
    (PAINTED - 4 * untouched) as u32
}

/// A number in words: a line.
pub fn line(number: u32) -> &'static CStr {
    static mut LINE: [u8; 12] = [0; 12];
    // SAFETY: one program, one line.
    let line = unsafe { &mut *(&raw mut LINE) };
    let mut left = number;
    line[10] = b'\n';
    for digit in line[..10].iter_mut().rev() {
        *digit = b'0' + (left % 10) as u8;
        left /= 10;
    }
    // SAFETY: ten digits, the end of the line, and the zero that was there.
    unsafe { CStr::from_bytes_with_nul_unchecked(line) }
}
