//! The end of a program: an exit status for whoever started QEMU.
//!
//! The module has `unsafe` because semihosting is an instruction.

use core::arch::asm;
use core::panic::PanicInfo;

use crate::{cpu, test, uart};

/// Semihosting: SYS_EXIT_EXTENDED, and the reason "application exit" (Arm, "Semihosting for AArch32 and AArch64").
const SYS_EXIT_EXTENDED: u32 = 0x20;
const APPLICATION_EXIT: u32 = 0x2_0026;

/// The status of a program that failed.
pub const FAILED: u8 = 1;
/// The status of one that [hangs](crate::watchdog).
pub const HANGS: u8 = 3;

/// Ends the program with a status.
pub fn exit(status: u8) -> ! {
    let block = [APPLICATION_EXIT, status.into()];
    // SAFETY: ends the program; the block is read before.
    unsafe {
        asm!("dsb sy", "svc #0x123456", in("r0") SYS_EXIT_EXTENDED, in("r1") block.as_ptr(), options(nostack));
    }
    loop {
        cpu::wait_for_interrupt();
    }
}

#[panic_handler]
fn panic(info: &PanicInfo<'_>) -> ! {
    cpu::mask();
    uart::put_at_the_end(format_args!("\n{info}\n  core {}, {:?}\n", cpu::core(), cpu::mode()));
    test::failed();
    exit(FAILED)
}
