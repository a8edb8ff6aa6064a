//! What can go wrong with a stream. An XRUN is not among it: that is a state ([`Xrun`](crate::Xrun)).

use dmaengine_core::{ErrorKind, Micros, PrepError, SubmitError, TransferError};

/// Why parameters were refused. Nothing was changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ParamError {
    /// The rate, the channels or the period are zero.
    #[error("rate, channels and period must not be zero")]
    Zero,
    /// A ring needs one period to work on while the other is under way.
    #[error("{periods} periods: at least 2")]
    TooFewPeriods {
        /// How many were asked for.
        periods: u32,
    },
    /// The buffer does not fit what hardware can count.
    #[error("the buffer has more than {limit} bytes or frames")]
    TooLarge {
        /// The limit, in bytes and in frames.
        limit: u64,
    },
    /// The memory for the ring is not as long as the parameters say.
    #[error("ring of {len} bytes: the parameters need {needed}")]
    RingLength {
        /// The length of the memory, in bytes.
        len: u64,
        /// What it has to be.
        needed: u64,
    },
}

impl ParamError {
    /// Always [`ErrorKind::InvalidInput`].
    pub const fn kind(&self) -> ErrorKind {
        ErrorKind::InvalidInput
    }
}

/// Why a stream did not start. It is still prepared.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum StartError {
    /// Playback with nothing to play.
    #[error("nothing was written yet")]
    #[doc(alias = "EPIPE")]
    Empty,
    /// The engine refused the transfer.
    #[error("the engine refused: {0}")]
    Engine(PrepError),
    /// The channel refused.
    #[error("the channel refused: {0}")]
    Channel(SubmitError),
}

impl StartError {
    /// What sort of failure this is.
    pub const fn kind(&self) -> ErrorKind {
        match self {
            Self::Empty => ErrorKind::InvalidInput,
            Self::Engine(error) => error.kind(),
            Self::Channel(error) => error.kind(),
        }
    }
}

/// Why a stream is dead.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Fault {
    /// Nothing moved for longer than the parameters allow.
    #[error("no frame moved for {waited}")]
    #[doc(alias = "EIO")]
    Stalled {
        /// For how long.
        waited: Micros,
    },
    /// The engine reported an error.
    #[error("the engine failed: {0}")]
    Engine(TransferError),
    /// Somebody stopped the stream's channel who is not the stream.
    #[error("the channel was stopped by another")]
    StoppedByAnother,
}

impl Fault {
    /// What sort of failure this is.
    pub const fn kind(&self) -> ErrorKind {
        match self {
            Self::Stalled { .. } | Self::Engine(_) => ErrorKind::Hardware,
            Self::StoppedByAnother => ErrorKind::Stopped,
        }
    }
}
