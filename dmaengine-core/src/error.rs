//! What can go wrong, and what you get back when it does.
//!
//! Errors are small and `Copy`, and name the value that was refused and the limit it broke. A call that takes something
//! by value gives it back on failure, inside [`Kept`]: nothing is lost and nothing is half done.

use crate::transfer::OutOfRange;
use crate::{ChannelId, Direction, Generation, Micros};

/// What sort of failure it was, the same for every engine. Generic code matches on this.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[non_exhaustive]
pub enum ErrorKind {
    /// A parameter is out of the engine's limits, or the parameters contradict each other.
    InvalidInput,
    /// The engine cannot do this kind of thing.
    Unsupported,
    /// No free descriptor or no free channel right now.
    Exhausted,
    /// The channel belongs to somebody else, or has not stopped yet.
    Busy,
    /// The engine did not stop within its bound.
    StillRunning,
    /// Another holder of a stop handle stopped the channel first.
    Stopped,
    /// The engine reported a failure.
    Hardware,
}

/// A failure together with what the caller had put in, untouched.
///
/// ```
/// use dmaengine_core::error::Kept;
/// let kept = Kept { value: "the buffer", error: 5 };
/// assert_eq!(kept.map(str::len), Kept { value: 10, error: 5 });
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[must_use = "it holds what you put into the call"]
pub struct Kept<T, E> {
    /// What was put in.
    pub value: T,
    /// Why it came back.
    pub error: E,
}

impl<T, E> Kept<T, E> {
    /// Changes what is held, and keeps the reason.
    pub fn map<U>(self, f: impl FnOnce(T) -> U) -> Kept<U, E> {
        Kept { value: f(self.value), error: self.error }
    }
}

/// Why a channel could not be had.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[non_exhaustive]
pub enum RequestError {
    /// There is no such channel.
    #[error("channel {channel}: there are {count}")]
    NoSuchChannel {
        /// The channel asked for.
        channel: u8,
        /// How many there are.
        count: u8,
    },
    /// Somebody holds it, or its last transfer has not stopped yet.
    #[error("channel {channel} is in use")]
    Busy {
        /// The channel asked for.
        channel: u8,
    },
}

impl RequestError {
    /// What sort of failure this is.
    pub const fn kind(&self) -> ErrorKind {
        match self {
            Self::NoSuchChannel { .. } => ErrorKind::InvalidInput,
            Self::Busy { .. } => ErrorKind::Busy,
        }
    }
}

/// Why a transfer could not be prepared. Nothing was written to the hardware.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[non_exhaustive]
pub enum PrepError {
    /// A buffer, a segment or a period has no bytes, or a list has no entries.
    #[error("nothing to transfer: a length or a count is zero")]
    Zero,
    /// An address or a length is not a multiple of what the engine moves at once.
    #[error("{value:#x} is not a multiple of {align} bytes")]
    Misaligned {
        /// The address or the length, in bytes.
        value: u64,
        /// What it must be a multiple of.
        align: u32,
    },
    /// One contiguous piece is longer than the engine's counter.
    #[error("segment of {len} bytes: at most {limit}")]
    SegmentTooLong {
        /// Its length in bytes.
        len: u64,
        /// The engine's limit in bytes.
        limit: u32,
    },
    /// There are more pieces than the engine has descriptors for.
    #[error("{count} segments: at most {limit}")]
    TooManySegments {
        /// How many there are.
        count: u64,
        /// The engine's limit.
        limit: u32,
    },
    /// The buffer of a cyclic transfer is not a whole number of periods.
    #[error("buffer of {len} bytes is not a whole number of periods of {period} bytes")]
    PeriodDoesNotDivide {
        /// The buffer's length in bytes.
        len: u64,
        /// The period's length in bytes.
        period: u32,
    },
    /// Source and destination of a copy differ in length.
    #[error("destination of {dst} bytes, source of {src}")]
    LengthsDiffer {
        /// The destination's length in bytes.
        dst: u64,
        /// The source's length in bytes.
        src: u64,
    },
    /// Rows of chunks reach behind the end of their memory.
    #[error("reaches up to byte {end} of a buffer of {len}")]
    OutOfBuffer {
        /// How many bytes it takes.
        end: u64,
        /// How many there are.
        len: u64,
    },
    /// The device's register width is none that the engine has.
    #[error("{bytes}-byte accesses are not supported")]
    Width {
        /// The width asked for, in bytes.
        bytes: u8,
    },
    /// The engine cannot go this way with this kind of transfer.
    #[error("direction {direction:?} is not supported")]
    Direction {
        /// The direction asked for.
        direction: Direction,
    },
    /// All descriptors of the channel are in use.
    #[error("all {limit} descriptors of the channel are in use")]
    NoDescriptor {
        /// How many the channel has.
        limit: u16,
    },
    /// The device cannot reach the memory, or the engine the device.
    #[error("the device cannot reach {address:#x}")]
    Unreachable {
        /// The address: of memory as the CPU sees it, of a device's register as the engine does.
        address: u64,
    },
    /// A burst has no words, or more than the engine can be told.
    #[error("bursts of {words} words: 1 to {limit}")]
    Burst {
        /// How many words.
        words: u16,
        /// The engine's limit, for this device and width.
        limit: u32,
    },
    /// The engine cannot go round a window of registers of that size.
    #[error("a port window of {words} words: at most {limit}")]
    PortWindow {
        /// The size in words.
        words: u16,
        /// The engine's limit in words; 1 if it has no windows.
        limit: u16,
    },
    /// The engine alone says when a transfer is over; the device cannot.
    #[error("the device cannot be the flow controller")]
    FlowController,
    /// There is no such request line.
    #[error("request line {line}: there are {count}")]
    NoSuchLine {
        /// The line asked for.
        line: u8,
        /// How many there are.
        count: u8,
    },
    /// The engine runs programs, and lacks the one for this device and direction. Firmware may bring it.
    #[error("the engine has no program {name}; is its firmware loaded?")]
    NoProgram {
        /// What its vendor calls it.
        name: &'static str,
    },
    /// The transfer whose memory was to be reused is not a stopped one of this channel.
    #[error("only a terminated transfer of the same channel can be queued again")]
    NotTerminated,
    /// The engine refuses for a reason of its own; its documentation explains the code.
    #[error("refused by the engine, code {code}")]
    Engine {
        /// The engine's own number.
        code: u16,
    },
}

impl PrepError {
    /// What sort of failure this is.
    pub const fn kind(&self) -> ErrorKind {
        match self {
            Self::Width { .. } | Self::Direction { .. } => ErrorKind::Unsupported,
            Self::PortWindow { .. } | Self::FlowController | Self::NoProgram { .. } => ErrorKind::Unsupported,
            Self::NoDescriptor { .. } => ErrorKind::Exhausted,
            Self::Engine { .. } => ErrorKind::Hardware,
            _ => ErrorKind::InvalidInput,
        }
    }
}

/// Why a prepared transfer was not queued.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[non_exhaustive]
pub enum SubmitError {
    /// It was prepared on another channel.
    #[error("prepared for channel {prepared_for}, submitted to channel {submitted_to}")]
    OtherChannel {
        /// Where it was prepared.
        prepared_for: ChannelId,
        /// Where it was submitted.
        submitted_to: ChannelId,
    },
    /// A stop handle stopped the channel first.
    #[error("the channel was stopped by another")]
    Stopped,
}

impl SubmitError {
    /// What sort of failure this is.
    pub const fn kind(&self) -> ErrorKind {
        match self {
            Self::OtherChannel { .. } => ErrorKind::InvalidInput,
            Self::Stopped => ErrorKind::Stopped,
        }
    }
}

/// The channel did not become quiescent in time. Everything is still owned; nothing was freed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[error("not quiescent after {waited} (bound {bound}): {reason}")]
pub struct StillRunning {
    /// How long the call waited.
    pub waited: Micros,
    /// The bound it waited for.
    pub bound: Micros,
    /// What has not ended.
    pub reason: Unfinished,
}

impl StillRunning {
    /// Always [`ErrorKind::StillRunning`].
    pub const fn kind(&self) -> ErrorKind {
        ErrorKind::StillRunning
    }
}

/// What keeps a channel from being quiescent.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[non_exhaustive]
pub enum Unfinished {
    /// The engine may still touch memory.
    #[error("the engine has not stopped")]
    Engine,
    /// A callback of an earlier transfer is running.
    #[error("a callback is running")]
    Callback,
    /// Transfers are queued or running; nobody has stopped them.
    #[error("transfers are outstanding")]
    Transfers,
    /// Another stopped the channel; somebody has to wait for that.
    #[error("the channel was stopped by another")]
    Stopped,
}

/// How a transfer failed, as its engine reports it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[non_exhaustive]
pub enum TransferError {
    /// An access to memory failed.
    #[error("bus error")]
    Bus,
    /// The peripheral reported an error.
    #[error("device error")]
    Device,
    /// What the engine wrote back makes no sense.
    #[error("the engine's report contradicts its descriptor")]
    Corrupt,
    /// The engine's program for it was there when it was prepared, and is gone.
    #[error("the program for it is gone")]
    NoProgram,
    /// The controller was reset, because a transfer of another channel did not stop.
    #[error("lost in a reset of the controller")]
    Reset,
}

impl TransferError {
    /// Always [`ErrorKind::Hardware`].
    pub const fn kind(&self) -> ErrorKind {
        ErrorKind::Hardware
    }
}

/// Why nothing was written into the buffer of a transfer by another than its holder.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[non_exhaustive]
pub enum WriteError {
    /// It is not the one that runs: it has not begun, or has ended, or was stopped.
    #[error("transfer {} does not run", .transfer.0)]
    NotRunning {
        /// Which.
        transfer: Generation,
    },
    /// Its holder does not [share](crate::Transfer::share) it.
    #[error("the buffer is not shared")]
    NotShared,
    /// Its holder is at a part of what was to be written.
    #[error("{len} bytes from {offset} are held")]
    Held {
        /// The first byte that is held.
        offset: usize,
        /// How many are.
        len: usize,
    },
    /// That is not in the buffer.
    #[error(transparent)]
    OutOfRange(#[from] OutOfRange),
}

impl WriteError {
    /// What sort of failure this is.
    pub const fn kind(&self) -> ErrorKind {
        match self {
            Self::NotRunning { .. } => ErrorKind::Stopped,
            Self::NotShared => ErrorKind::Unsupported,
            Self::Held { .. } => ErrorKind::Busy,
            Self::OutOfRange(_) => ErrorKind::InvalidInput,
        }
    }
}
