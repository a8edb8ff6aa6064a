//! One access to the bus: its width, its answer, and what is written down of it.

use core::fmt;

use crate::time::Cycles;

/// The width of one access to the bus.
///
/// There is no width of 3: a script that moves 24-bit samples makes an access of 8 and one of 16 bit.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[repr(u8)]
pub enum Width {
    /// 8 bit.
    One = 1,
    /// 16 bit.
    Two = 2,
    /// 32 bit.
    Four = 4,
}

impl Width {
    /// The width in bytes.
    #[inline]
    #[must_use]
    pub const fn bytes(self) -> u32 {
        self as u32
    }

    /// The part of a value that an access of this width carries.
    #[inline]
    #[must_use]
    pub const fn cut(self, value: u32) -> u32 {
        value & (u32::MAX >> (32 - 8 * self.bytes()))
    }
}

/// The bus answered an access with an error.
///
/// What a [`Peripheral`](super::Peripheral) returns bears its own offset; the bus puts the whole address in its place.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("bus error at {address:#010x}")]
pub struct BusError {
    /// Where.
    pub address: u32,
}

/// Which way an access went.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Direction {
    /// The SDMA read.
    Read,
    /// The SDMA wrote.
    Write,
}

/// An access that a channel's script made, as the log and the watchpoints have it. It prints as one line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Access {
    /// When.
    pub time: Cycles,
    /// Whose script.
    pub channel: u8,
    /// The first byte.
    pub address: u32,
    /// How many bytes.
    pub width: Width,
    /// Read or written.
    pub direction: Direction,
    /// What was read or written; `None` if values are not kept, or where nothing was read because of an error.
    pub value: Option<u32>,
    /// The bus answered with an error.
    pub is_error: bool,
}

impl fmt::Display for Access {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let direction = match self.direction {
            Direction::Read => 'r',
            Direction::Write => 'w',
        };
        write!(f, "{} ch{} {direction}{} {:#010x}", self.time, self.channel, self.width.bytes(), self.address)?;
        if let Some(value) = self.value {
            write!(f, " {value:#x}")?;
        }
        if self.is_error { f.write_str(" error") } else { Ok(()) }
    }
}
