//! What can go wrong outside of transfers: setting the block up, loading firmware, putting it to sleep.

use dmaengine_core::error::{ErrorKind, PrepError};
use dmaengine_core::{BusAddr, Micros};

/// The block could not be set up.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum InitError {
    /// The reset does not end. Its clocks may be off.
    #[error("the reset did not end within {waited}, {bound} are enough")]
    Reset {
        /// How long the driver waited.
        waited: Micros,
        /// How long it may take.
        bound: Micros,
    },
    /// A register does not keep what it was given: there is no SDMA, it has no clock, or it is locked.
    #[error("a register was written {wrote:#010x} and reads {read:#010x}")]
    NoRegisters {
        /// What was written.
        wrote: u32,
        /// What was read.
        read: u32,
    },
    /// Channel 0 does not do what it is told. A wrong clock ratio is the usual reason.
    #[error("channel 0 did not answer within {waited}, {bound} are enough")]
    NoAnswer {
        /// How long the driver waited.
        waited: Micros,
        /// How long it may take.
        bound: Micros,
    },
    /// The firmware could not be loaded again.
    #[error(transparent)]
    Firmware(FirmwareLoadError),
}

impl InitError {
    /// Always [`ErrorKind::Hardware`].
    #[must_use]
    pub const fn kind(&self) -> ErrorKind {
        ErrorKind::Hardware
    }
}

/// The firmware could not be loaded. There is none now.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum FirmwareLoadError {
    /// The platform cannot map the image.
    #[error(transparent)]
    Map(PrepError),
    /// The SDMA fetches code from multiples of 4 below 4 GB.
    #[error("code at {bus:#x}: the SDMA takes it from a multiple of 4 below 4 GB")]
    Address {
        /// Where the code lies.
        bus: BusAddr,
    },
    /// The SDMA could not read the image.
    #[error("bus error in code at {bus:#x}")]
    Bus {
        /// Where the code lies.
        bus: BusAddr,
    },
    /// Channel 0 did not come to the end of it.
    #[error("channel 0 did not answer within {waited}, {bound} are enough")]
    NoAnswer {
        /// How long the driver waited.
        waited: Micros,
        /// How long it may take.
        bound: Micros,
    },
}

impl FirmwareLoadError {
    /// What kind of error it is.
    #[must_use]
    pub const fn kind(&self) -> ErrorKind {
        match self {
            Self::Map(error) => error.kind(),
            Self::Address { .. } => ErrorKind::InvalidInput,
            Self::Bus { .. } | Self::NoAnswer { .. } => ErrorKind::Hardware,
        }
    }
}

/// The block has something to do and cannot be put to sleep.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("SDMA channels {channels:#010x} are at work")]
pub struct SuspendError {
    /// Those that run or stop, by the SDMA's numbers: bit n is channel n. None: channel 0 itself.
    pub channels: u32,
}

impl SuspendError {
    /// Always [`ErrorKind::Busy`].
    #[must_use]
    pub const fn kind(&self) -> ErrorKind {
        ErrorKind::Busy
    }
}
