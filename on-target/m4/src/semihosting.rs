//! Output and the exit status: the debugger is asked for both ("Semihosting for AArch32 and AArch64", Arm).
//!
//! The module has `unsafe` because asking is an instruction.

use core::arch::asm;
use core::ffi::CStr;
use core::fmt;

const SYS_WRITE0: u32 = 0x04;
const SYS_EXIT_EXTENDED: u32 = 0x20;
const ADP_STOPPED_APPLICATION_EXIT: u32 = 0x2_0026;

/// Asks for an operation.
fn call(operation: u32, parameter: usize) {
    // SAFETY: the operations above read what the parameter points to, and change a register.
    unsafe { asm!("bkpt 0xab", inout("r0") operation => _, in("r1") parameter, options(nostack)) };
}

/// Prints.
pub fn write(text: &CStr) {
    call(SYS_WRITE0, text.as_ptr().addr());
}

/// Ends the program with a status.
pub fn exit(status: u32) -> ! {
    let block = [ADP_STOPPED_APPLICATION_EXIT, status];
    call(SYS_EXIT_EXTENDED, block.as_ptr().addr());
    loop {}
}

/// Prints what is formatted.
#[derive(Clone, Copy, Debug)]
pub struct Console;

impl fmt::Write for Console {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        const ROOM: usize = 63;
        for part in text.as_bytes().chunks(ROOM) {
            let mut line = [0; ROOM + 1];
            line[..part.len()].copy_from_slice(part);
            write(CStr::from_bytes_until_nul(&line).map_err(|_| fmt::Error)?);
        }
        Ok(())
    }
}
