//! Output: UART1 (i.MX 6Dual/6Quad RM, chapter "Universal Asynchronous Receiver/Transmitter").

use core::fmt::{self, Write};

use dmaengine_core::lock::Locked;

use crate::lock::IrqLock;
use crate::mmio::{read, write};

const UART1: u32 = 0x0202_0000;
const UTXD: u32 = UART1 + 0x40;
const UCR1: u32 = UART1 + 0x80;
const UCR2: u32 = UART1 + 0x84;
const USR1: u32 = UART1 + 0x94;
const UCR1_UARTEN: u32 = 1 << 0;
/// No reset, receiver and transmitter, 8 bits, no flow control.
const UCR2_ON: u32 = 0x4027;
const USR1_TRDY: u32 = 1 << 13;

struct Uart;

/// One line at a time, from whichever core.
static UART: Locked<IrqLock, Uart> = Locked::new(Uart);

pub(crate) fn set_up() {
    write(UCR1, UCR1_UARTEN);
    write(UCR2, UCR2_ON);
}

impl Write for Uart {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        for byte in text.bytes() {
            while read(USR1) & USR1_TRDY == 0 {}
            write(UTXD, byte.into());
        }
        Ok(())
    }
}

/// Prints; [`print!`](crate::print) and [`println!`](crate::println) are the way to it.
pub fn put(arguments: fmt::Arguments<'_>) {
    UART.with(|uart| _ = uart.write_fmt(arguments));
}

/// The same where the lock may be held by who failed.
pub(crate) fn put_at_the_end(arguments: fmt::Arguments<'_>) {
    _ = Uart.write_fmt(arguments);
}

/// Prints on the UART. Any context.
#[macro_export]
macro_rules! print {
    ($($word:tt)*) => { $crate::uart::put(format_args!($($word)*)) };
}

/// Prints a line on the UART. Any context.
#[macro_export]
macro_rules! println {
    ($($word:tt)*) => { $crate::uart::put(format_args!("{}\n", format_args!($($word)*))) };
}
