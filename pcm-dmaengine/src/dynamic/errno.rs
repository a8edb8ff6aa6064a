//! [`Errno`]: why an operation was refused, in Linux's numbers; and which of them each error of this crate is.

use core::fmt;

use dmaengine_core::{RequestError, StillRunning};

use crate::dai::DaiError;
use crate::error::{BeyondBoundary, Fault, ParamError, PauseError, StartError, SwParamError, UnknownName};
use crate::hw_params::RefineError;
use crate::link::LinkError;

/// An error number, positive, as Linux has it on most machines (include/uapi/asm-generic/errno.h). A C caller wants it
/// [negative](Self::code).
///
/// A peripheral's driver may answer with any number, so this is no `enum`; those that have a name here are all that the
/// crate itself answers with, and their neighbours.
///
/// ```
/// use pcm_dmaengine::dynamic::Errno;
/// assert_eq!((Errno::EBADFD.0, Errno::EBADFD.code(), Errno::EBADFD.name()), (77, -77, Some("EBADFD")));
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, thiserror::Error)]
#[doc(alias = "errno")]
pub struct Errno(pub i32);

macro_rules! numbers {
    ($($name:ident $number:literal $meaning:literal)*) => {
        impl Errno {
            $(
                #[doc = $meaning]
                pub const $name: Self = Self($number);
            )*

            /// All that have a name here.
            pub const ALL: &[Self] = &[$(Self::$name),*];

            /// Its name, if it is one of [`ALL`](Self::ALL).
            pub const fn name(self) -> Option<&'static str> {
                match self.0 {
                    $($number => Some(stringify!($name)),)*
                    _ => None,
                }
            }
        }
    };
}

numbers! {
    EIO 5 "Nothing moves, or the hardware failed."
    ENXIO 6 "There is no such channel."
    EAGAIN 11 "It would have to wait, and must not."
    ENOMEM 12 "There is no memory or no descriptor for it."
    EBUSY 16 "It runs, or somebody else has it."
    ENODEV 19 "The device is gone."
    EINVAL 22 "The parameters make no sense."
    EPIPE 32 "An XRUN; or a start with nothing to play."
    ENOSYS 38 "The engine cannot do that."
    EBADFD 77 "Not in this state."
    ESTRPIPE 86 "The stream is suspended."
    EALREADY 114 "It is so already."
}

impl Errno {
    /// As a C function answers it: negative.
    pub const fn code(self) -> i32 {
        -self.0
    }
}

impl fmt::Display for Errno {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.name() {
            Some(name) => f.pad(name),
            None => write!(f, "errno {}", self.0),
        }
    }
}

/// Errors that are one number, whatever they say beyond that.
macro_rules! always {
    ($($error:ty: $number:ident)*) => { $(
        impl From<$error> for Errno {
            fn from(_: $error) -> Self {
                Self::$number
            }
        }
    )* };
}

always! {
    SwParamError: EINVAL
    RefineError: EINVAL
    BeyondBoundary: EINVAL
    UnknownName: EINVAL
    // Nothing moves, or the engine failed.
    Fault: EIO
    // Linux's synchronize cannot fail; there is no number for it.
    StillRunning: EIO
}

impl From<ParamError> for Errno {
    fn from(error: ParamError) -> Self {
        match error {
            ParamError::RingLength { .. } => Self::ENOMEM,
            _ => Self::EINVAL,
        }
    }
}

impl From<RequestError> for Errno {
    /// Linux says [`ENXIO`](Self::ENXIO) if there is no channel to be had, whatever the reason.
    fn from(_: RequestError) -> Self {
        Self::ENXIO
    }
}

impl From<DaiError> for Errno {
    /// What the peripheral's driver says goes through, if it is an error number as Linux's drivers answer it: from
    /// -4095 to -1.
    fn from(error: DaiError) -> Self {
        match error {
            DaiError::Xrun => Self::EPIPE,
            DaiError::Refused { code: code @ -4_095..=-1 } => Self(-code),
            DaiError::Refused { .. } => Self::EIO,
        }
    }
}

impl From<StartError> for Errno {
    /// A preparation that failed is [`ENOMEM`](Self::ENOMEM), whatever the reason, as in Linux's
    /// `snd_dmaengine_pcm_trigger`.
    fn from(error: StartError) -> Self {
        match error {
            StartError::Empty => Self::EPIPE,
            StartError::Engine(_) => Self::ENOMEM,
            StartError::Dai(error) => error.into(),
            StartError::NotResumable => Self::ENOSYS,
            StartError::Disconnected => Self::EBADFD,
            StartError::Channel(_) | StartError::Resume(_) | StartError::StoppedByAnother => Self::EIO,
        }
    }
}

impl From<PauseError> for Errno {
    fn from(error: PauseError) -> Self {
        match error {
            PauseError::Engine(_) => Self::EIO,
            PauseError::Dai(error) => error.into(),
        }
    }
}

impl From<LinkError> for Errno {
    fn from(error: LinkError) -> Self {
        match error {
            LinkError::NoSuchStream { .. } => Self::EBADFD,
            LinkError::Itself { .. } => Self::EINVAL,
            LinkError::Linked { .. } | LinkError::NotLinked { .. } => Self::EALREADY,
        }
    }
}
