//! Linked streams that do something as one: start, pause, go on or stop, all of them or none.
//!
//! ```text
//!   check  check  check │ act  act  act │ after all
//!                       │     ✗         │
//!   undo ◀──────────────┴─────┘ of those that had acted; the rest is as it was
//! ```
//!
//! First everything is asked that can be refused with nothing done, of all; then each does its part; and if one of them cannot, those
//! before it take theirs back. In ALSA the same happens with all streams' locks held (Linux 6.12, sound/core/pcm_native.c,
//! `snd_pcm_action_group`). Here one lock is taken after the other, so an interrupt may come between: a stream that has an XRUN
//! before another of them has started would find nobody to stop. So after the last one has started it is asked of each whether
//! it has ended, and if so, the others end with it. From then on whoever finds an XRUN finds all of them running.
//!
//! ```
//! # use backend_mock::Mock;
//! # use dmaengine_core::{Idle, SlaveConfig, Sleepable};
//! # use pcm_dmaengine::{Capture, Link, Playback, Prepared};
//! fn duplex<'a>(
//!     link: &Link<'a, Mock>,
//!     microphone: Prepared<'a, Mock, Capture>,
//!     loudspeaker: Prepared<'a, Mock, Playback>,
//!     context: &Sleepable<'_>,
//! ) {
//!     match link.start((microphone, loudspeaker)) {
//!         Ok((microphone, loudspeaker)) => {
//!             // read from the one, write to the other
//!             let (microphone, loudspeaker) = link.stop((microphone, loudspeaker));
//!             let _ = (microphone.synchronize(context), loudspeaker.synchronize(context));
//!         }
//!         Err(kept) => {
//!             println!("neither has started: {}", kept.error);
//!             let (microphone, loudspeaker) = kept.value;
//!             // each is prepared again, what was written still in its ring
//!             let _ = (microphone.recover(context), loudspeaker.recover(context));
//!         }
//!     }
//! }
//! ```

mod members;
mod stage;

use core::convert::Infallible;

use dmaengine_core::{Engine, ErrorKind, Kept};

use super::sealed;
use crate::error::{PauseError, StartError};
use crate::link::Link;
pub use stage::Member;
use stage::Stage;

/// What linked streams may do as one.
pub trait Verb: sealed::Sealed {
    /// Why one of them does not.
    type Error: Copy;
    /// Whoever else is linked with them ends, too.
    #[doc(hidden)]
    const ENDS: bool;
}

macro_rules! verbs {
    ($($(#[$doc:meta])* $verb:ident: $error:ty, ends: $ends:literal;)*) => { $(
        $(#[$doc])*
        #[derive(Debug)]
        pub enum $verb {}

        impl sealed::Sealed for $verb {}

        impl Verb for $verb {
            type Error = $error;
            const ENDS: bool = $ends;
        }
    )* };
}

verbs! {
    /// [`Link::start`].
    Start: StartError, ends: false;
    /// [`Link::pause`].
    Pause: PauseError, ends: false;
    /// [`Link::resume`].
    Resume: StartError, ends: false;
    /// [`Link::stop`].
    Stop: Infallible, ends: true;
}

/// Why linked streams do not do something as one. None of them does.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum TogetherError<R> {
    /// A stream is not linked with the first. Nothing was done.
    #[error("stream {stream} is not linked with the first")]
    NotLinked {
        /// Which of those that were named, from 0 on.
        stream: usize,
    },
    /// A stream refused.
    #[error("stream {stream}: {error}")]
    Refused {
        /// Which, from 0 on.
        stream: usize,
        /// Why.
        error: R,
    },
    /// A stream was over.
    #[error("stream {stream} was over")]
    Over {
        /// Which, from 0 on.
        stream: usize,
    },
}

impl<R> TogetherError<R> {
    /// What sort of failure this is.
    pub const fn kind(&self) -> ErrorKind {
        match self {
            Self::NotLinked { .. } => ErrorKind::InvalidInput,
            Self::Refused { .. } => ErrorKind::Hardware,
            Self::Over { .. } => ErrorKind::Stopped,
        }
    }
}

/// Two to four streams that can do it as one: a tuple of them.
pub trait Together<'a, E: Engine, V: Verb>: Sized + sealed::Sealed {
    /// What they are then.
    type After;
    /// What they are if not.
    type Failed;

    #[doc(hidden)]
    fn together(self, link: &Link<'a, E>) -> Result<Self::After, Kept<Self::Failed, TogetherError<V::Error>>>;
}

macro_rules! tuples {
    ($($($member:ident $name:ident),+;)*) => { $(
        impl<$($member),+> sealed::Sealed for ($($member),+) {}

        impl<'a, E: Engine, V: Verb, $($member: Member<'a, E, V>),+> Together<'a, E, V> for ($($member),+) {
            type After = ($(<$member as Member<'a, E, V>>::After),+);
            type Failed = ($(<$member as Member<'a, E, V>>::Failed),+);

            fn together(self, link: &Link<'a, E>) -> Result<Self::After, Kept<Self::Failed, TogetherError<V::Error>>> {
                let ($($name),+) = self;
                let halves = [$($name.half()),+];
                $(let mut $name = Stage::Before($name);)+
                match stage::all_or_none(link, &halves, &mut [$(&mut $name),+]) {
                    Ok(()) => Ok(($($name.after()),+)),
                    Err(error) => Err(Kept { value: ($($name.failed()),+), error }),
                }
            }
        }
    )* };
}

tuples! {
    A a, B b;
    A a, B b, C c;
    A a, B b, C c, D d;
}

type Done<'a, E, V, T> = Result<
    <T as Together<'a, E, V>>::After,
    Kept<<T as Together<'a, E, V>>::Failed, TogetherError<<V as Verb>::Error>>,
>;

impl<'a, E: Engine> Link<'a, E> {
    /// Starts two to four linked streams, in the order of the tuple; all of them or none. Any context; does not wait.
    ///
    /// One that has an XRUN before the last has started ends them all: they are running then, and the next call on each tells.
    ///
    /// # Errors
    /// [`TogetherError`], and what became of each: [`NotStarted::Prepared`](super::NotStarted::Prepared) if it had not started, or
    /// [`Undone`](super::NotStarted::Undone) if it had, with what was written still in its ring.
    #[doc(alias = "snd_pcm_link")]
    #[doc(alias = "snd_pcm_start")]
    pub fn start<T: Together<'a, E, Start>>(&self, streams: T) -> Done<'a, E, Start, T> {
        streams.together(self)
    }

    /// Pauses two to four linked streams; all of them or none.
    ///
    /// # Errors
    /// [`TogetherError`], and of each whether it runs on or was over.
    #[doc(alias = "snd_pcm_pause")]
    pub fn pause<T: Together<'a, E, Pause>>(&self, streams: T) -> Done<'a, E, Pause, T> {
        streams.together(self)
    }

    /// Ends the pause of two to four linked streams; all of them or none.
    ///
    /// # Errors
    /// [`TogetherError`], and of each whether it is still paused or was over.
    #[doc(alias = "snd_pcm_pause")]
    pub fn resume<T: Together<'a, E, Resume>>(&self, streams: T) -> Done<'a, E, Resume, T> {
        streams.together(self)
    }

    /// Stops two to four linked streams, whatever they do, in the order of the tuple, and whoever else is linked with them. Any context; does not wait: the stops
    /// are under way.
    #[doc(alias = "snd_pcm_drop")]
    pub fn stop<T: Together<'a, E, Stop>>(&self, streams: T) -> T::After {
        match streams.together(self) {
            Ok(stopped) => stopped,
            Err(_) => unreachable!("nobody refuses to stop"),
        }
    }
}
