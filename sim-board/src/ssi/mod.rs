//! An SSI with its driver and a wire: the way of a sound's frames between the SDMA and the world, bit for bit.
//!
//! ```text
//!   ring ── SDMA ──▶ FIFO ── SSI ──▶ wire      Wire: what was played, start by start
//!   ring ◀── SDMA ── FIFO ◀── SSI ── wire      Wire: what there is to be recorded, or what is played
//! ```

mod access;
mod format;
mod port;
mod regs;
mod wire;

pub use format::{SsiFormat, SsiInstance};
pub use port::SsiPort;
pub use wire::{Played, Wire};

use dmaengine_core::Direction;

/// Why an SSI cannot do what it was told.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum SsiError {
    /// It has no words of that size.
    #[error("the SSI has no samples of {bytes} bytes")]
    Width {
        /// Bytes of a sample.
        bytes: u8,
    },
    /// A frame does not have that many slots.
    #[error("a frame has 1 to {limit} slots, not {slots}")]
    Slots {
        /// How many it would have.
        slots: u32,
        /// How many it can have; none is too few.
        limit: u32,
    },
    /// An SSI only gives to memory and takes from it.
    #[error("an SSI does not go {direction:?}")]
    Direction {
        /// What was asked for.
        direction: Direction,
    },
    /// It is in use with another format or rate.
    #[error("the SSI is in use with another format or rate")]
    Busy,
    /// It was not set up.
    #[error("the SSI was not set up")]
    NotSetUp,
    /// There is no frame clock.
    #[error("the SSI has no frame clock")]
    NoClock,
    /// A word is missing in the middle, and the channels may be in others' slots: it must be stopped and started.
    #[error("the SSI has lost a word: stop it and start it")]
    Torn,
}
