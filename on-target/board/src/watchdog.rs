//! A watchdog: ends a program that hangs, with a status of its own and the place.
//!
//! The private watchdog of each core (Cortex-A9 MPCore TRM, "Private timer and watchdog registers"), as a timer. Its interrupt is the one
//! that comes as FIQ, so it also comes where interrupts are masked: to an interrupt handler that waits for a lock, for instance.
//!
//! The module has `unsafe` because it lets FIQs in.

use core::arch::asm;

use dmaengine_core::Micros;

use crate::mmio::write;
use crate::{cpu, exit, gic, test, uart};

const LOAD: u32 = 0x00A0_0620;
const CONTROL: u32 = LOAD + 8;
/// It counts, and interrupts; it does not reset the chip.
const ON: u32 = 1 << 0 | 1 << 2;
/// Above all others, or it would wait for a handler that hangs.
const PRIORITY: u8 = 0;
/// Counts of a microsecond, as the private timer's.
const MICROSECOND: u64 = 100;

/// Ends the program with [`exit::HANGS`], unless this is called again on this core within that time, 42 s at most. The first call starts
/// it.
pub fn feed(within: Micros) {
    write(CONTROL, 0);
    write(LOAD, u32::try_from(within.0 * MICROSECOND).unwrap_or(u32::MAX));
    write(CONTROL, ON);
    gic::enable(gic::WATCHDOG, PRIORITY, cpu::core());
    // SAFETY: the only FIQ there is ends the program.
    unsafe { asm!("cpsie f", options(nostack, preserves_flags)) };
}

#[unsafe(no_mangle)]
extern "C" fn board_fiq(at: u32) -> ! {
    uart::put_at_the_end(format_args!("\nthe watchdog: core {} hangs at {at:#010x}\n", cpu::core()));
    test::failed();
    exit::exit(exit::HANGS)
}
