//! Devices for the bus: FIFOs that ask to be served, and a clock of samples or characters behind them.
//!
//! Each has the registers that matter to a transfer, and no others: an access to any other offset, or of a wrong width, is
//! a bus error, since a script that makes one is wrong. Each is set up through these registers, as its driver does it, or
//! through methods that write them. What it took and gave is kept for comparison, and what was lost is counted.
//!
//! | Device | Made of |
//! |---|---|
//! | [`Ssi`], [`Sai`], [`Spdif`], [`Asrc`] | [`Stream`]s: FIFOs on a [`SampleClock`] |
//! | [`Uart`] | characters that arrive when the test says, idle and aging timers |
//! | [`Ecspi`] | words that are exchanged while there are any |
//!
//! An SSI can have a [wire](SsiWire) at its far end, which keeps whole frames rather than words.
//!
//! A device of one's own is made of the same parts, and put on the bus through
//! [`Peripheral`](crate::bus::Peripheral).

mod clock;
mod fifo;
mod stream;

mod asrc;
mod ecspi;
mod sai;
mod spdif;
mod ssi;
mod uart;
mod wire;

pub use asrc::{Asrc, AsrcLines, AsrcPair};
pub use clock::SampleClock;
pub use ecspi::{Ecspi, EcspiLines};
pub use fifo::{Lane, RxFifo, Source, TxFifo};
pub use sai::{Sai, SaiLines};
pub use spdif::{Spdif, SpdifLines};
pub use ssi::{Ssi, SsiLines, SsiRun, SsiSound, SsiWire};
pub use stream::{Order, Stream};
pub use uart::{CharError, Uart, UartLines};

use crate::bus::{BusError, Width};

/// A register that takes 32-bit accesses only.
#[inline]
fn whole(offset: u32, width: Width) -> Result<(), BusError> {
    if width == Width::Four { Ok(()) } else { Err(BusError { address: offset }) }
}

/// A request line, as a bit.
#[inline]
fn line(n: u8, is_high: bool) -> u64 {
    u64::from(is_high) << n
}

/// The sooner of two moments that may not come.
#[inline]
pub(crate) fn sooner<T: Ord>(one: Option<T>, other: Option<T>) -> Option<T> {
    match (one, other) {
        (Some(one), Some(other)) => Some(one.min(other)),
        (one, other) => one.or(other),
    }
}
