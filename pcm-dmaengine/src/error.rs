//! What can go wrong with a stream. An XRUN is not among it: that is a state ([`Xrun`](crate::Xrun)).

use dmaengine_core::{ErrorKind, Micros, PrepError, StillRunning, SubmitError, TransferError};

use crate::dai::DaiError;
use crate::units::Frames;

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
    /// The memory for the ring is shorter than the parameters need.
    #[error("ring of {len} bytes: the parameters need {needed}")]
    #[doc(alias = "ENOMEM")]
    RingLength {
        /// The length of the memory, in bytes.
        len: u64,
        /// What it has to be at least.
        needed: u64,
    },
}

impl ParamError {
    /// Always [`ErrorKind::InvalidInput`].
    pub const fn kind(&self) -> ErrorKind {
        ErrorKind::InvalidInput
    }
}

/// A name that ALSA does not have, or that this crate does not.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("no such format or access")]
pub struct UnknownName;

impl UnknownName {
    /// Always [`ErrorKind::InvalidInput`].
    pub const fn kind(&self) -> ErrorKind {
        ErrorKind::InvalidInput
    }
}

/// Why software parameters were refused. Nothing was changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
#[doc(alias = "EINVAL")]
pub enum SwParamError {
    /// Nobody can wait for no frames.
    #[error("avail_min is 0: at least 1")]
    AvailMinZero,
    /// More silence is to be written than there may be.
    #[error("silence_size of {size} frames: at most silence_threshold, {threshold}")]
    SilenceSize {
        /// The silence_size.
        size: Frames,
        /// The silence_threshold.
        threshold: Frames,
    },
    /// Silence is to be kept farther ahead than the ring goes.
    #[error("silence_threshold of {threshold} frames: at most the buffer, {buffer}")]
    SilenceThreshold {
        /// The silence_threshold.
        threshold: Frames,
        /// Frames in the buffer.
        buffer: Frames,
    },
    /// What was played is to be silenced at once, and yet only below a threshold.
    #[error("silence_threshold of {threshold} frames: 0 if silence_size reaches the boundary, {boundary}")]
    SilenceThresholdAtBoundary {
        /// The silence_threshold.
        threshold: Frames,
        /// The boundary.
        boundary: Frames,
    },
}

impl SwParamError {
    /// Always [`ErrorKind::InvalidInput`].
    pub const fn kind(&self) -> ErrorKind {
        ErrorKind::InvalidInput
    }
}

/// A pointer that is not below the boundary. Nothing was changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("position {position}: below the boundary, {boundary}")]
#[doc(alias = "EINVAL")]
pub struct BeyondBoundary {
    /// The position.
    pub position: Frames,
    /// The boundary.
    pub boundary: Frames,
}

impl BeyondBoundary {
    /// Always [`ErrorKind::InvalidInput`].
    pub const fn kind(&self) -> ErrorKind {
        ErrorKind::InvalidInput
    }
}

/// Why a stream did not start or go on.
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
    /// The engine refused to go on.
    #[error("the engine did not go on: {0}")]
    Resume(TransferError),
    /// The peripheral refused.
    #[error(transparent)]
    Dai(#[from] DaiError),
    /// Somebody stopped it who is not the stream.
    #[error("the channel was stopped by another")]
    StoppedByAnother,
    /// The device is gone.
    #[error("the device is gone")]
    #[doc(alias = "ENODEV")]
    Disconnected,
    /// It was stopped when the system was suspended, because its engine did not pause; there is nothing to go on with.
    #[error("its run ended with the suspend")]
    #[doc(alias = "ENOSYS")]
    NotResumable,
}

impl StartError {
    /// What sort of failure this is.
    pub const fn kind(&self) -> ErrorKind {
        match self {
            Self::Empty => ErrorKind::InvalidInput,
            Self::Engine(error) => error.kind(),
            Self::Channel(error) => error.kind(),
            Self::Dai(error) => error.kind(),
            Self::Resume(_) => ErrorKind::Hardware,
            Self::StoppedByAnother | Self::Disconnected | Self::NotResumable => ErrorKind::Stopped,
        }
    }
}

/// Why a stream did not pause. It runs on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum PauseError {
    /// The engine refused.
    #[error("the engine did not pause: {0}")]
    Engine(TransferError),
    /// The peripheral refused.
    #[error(transparent)]
    Dai(#[from] DaiError),
}

impl PauseError {
    /// Always [`ErrorKind::Hardware`].
    pub const fn kind(&self) -> ErrorKind {
        ErrorKind::Hardware
    }
}

/// Why nothing was read into the slices of channels, or written from them. Nothing was touched.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
#[doc(alias = "EINVAL")]
pub enum ChannelsError {
    /// A stream reads and writes all of its channels.
    #[error("{slices} slices: the stream has {channels} channels")]
    Count {
        /// How many slices there are.
        slices: usize,
        /// How many channels.
        channels: u16,
    },
    /// All channels have as many samples.
    #[error("channel {channel} has {len} bytes: channel 0 has {first}")]
    Length {
        /// The first channel that differs.
        channel: u16,
        /// The bytes of its slice.
        len: usize,
        /// The bytes of channel 0.
        first: usize,
    },
}

impl ChannelsError {
    /// Always [`ErrorKind::InvalidInput`].
    pub const fn kind(&self) -> ErrorKind {
        ErrorKind::InvalidInput
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
    /// Its pause was over, and the peripheral did not go on; the engine had.
    #[error("the peripheral did not go on: {0}")]
    Peripheral(DaiError),
    /// Somebody stopped the stream's channel who is not the stream.
    #[error("the channel was stopped by another")]
    StoppedByAnother,
    /// It was to be recovered, and not even a reset stopped the engine.
    #[error("the engine does not stop: {0}")]
    NeverStopped(StillRunning),
}

impl Fault {
    /// What sort of failure this is.
    pub const fn kind(&self) -> ErrorKind {
        match self {
            Self::Stalled { .. } | Self::Engine(_) | Self::Peripheral(_) | Self::NeverStopped(_) => ErrorKind::Hardware,
            Self::StoppedByAnother => ErrorKind::Stopped,
        }
    }
}

/// Why a stream is dead that could not go on.
impl From<StartError> for Fault {
    fn from(error: StartError) -> Self {
        match error {
            StartError::Resume(error) => Self::Engine(error),
            StartError::Dai(error) => Self::Peripheral(error),
            _ => Self::StoppedByAnother,
        }
    }
}

/// Why a stream is dead that could not stand still.
impl From<PauseError> for Fault {
    fn from(error: PauseError) -> Self {
        match error {
            PauseError::Engine(error) => Self::Engine(error),
            PauseError::Dai(error) => Self::Peripheral(error),
        }
    }
}
