//! [`Link`]: streams that have their XRUNs together. If one of them is overtaken, all stop at once, as the ends of one sound do.
//!
//! It is a list of the streams' interrupt halves. Which of them belong together is a number that each keeps with its pointers, so
//! streams can be linked and unlinked while they run.

use core::fmt;

use dmaengine_core::{Callback, Engine, ErrorKind, Event};

use crate::period::{Elapsed, PeriodHalf};
use crate::statistics::XrunCause;

/// Why streams were not linked, or not unlinked. Nothing was changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum LinkError {
    /// The list is shorter.
    #[error("stream {stream}: there are {count}")]
    NoSuchStream {
        /// The one asked for.
        stream: usize,
        /// How many there are.
        count: usize,
    },
    /// A stream is not linked with itself.
    #[error("stream {stream} with itself")]
    #[doc(alias = "EINVAL")]
    Itself {
        /// Which.
        stream: usize,
    },
    /// It is linked already.
    #[error("stream {stream} is linked already")]
    #[doc(alias = "EALREADY")]
    Linked {
        /// Which.
        stream: usize,
    },
    /// It is linked with nobody.
    #[error("stream {stream} is not linked")]
    #[doc(alias = "EALREADY")]
    NotLinked {
        /// Which.
        stream: usize,
    },
}

impl LinkError {
    /// Always [`ErrorKind::InvalidInput`].
    pub const fn kind(&self) -> ErrorKind {
        ErrorKind::InvalidInput
    }
}

/// The interrupt halves of streams that may be linked: at most 255, on channels of one controller.
///
/// Linked streams end together: an XRUN or a death of one of them, or its stop, is an XRUN of the others, of the cause
/// [`Linked`](XrunCause::Linked), whether they move, are paused or play the rest. A stream that has played its rest, a capture that is drained and a
/// device that goes away stop nobody else.
///
/// The board's interrupt handler gives the events of all their channels to [`elapsed`](Self::elapsed), and the streams are told of it with
/// [`with_link`](crate::Open::with_link).
#[doc(alias = "snd_pcm_group")]
pub struct Link<'a, E: Engine> {
    halves: &'a [PeriodHalf<'a, E>],
}

impl<E: Engine> Clone for Link<'_, E> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<E: Engine> Copy for Link<'_, E> {}

impl<'a, E: Engine> Link<'a, E> {
    /// All of these are linked, from now on.
    #[must_use]
    pub fn new(halves: &'a [PeriodHalf<'a, E>]) -> Self {
        let this = Self::unlinked(halves);
        this.halves.iter().for_each(|half| half.pcm.with(|shared| shared.group = 1));
        this
    }

    /// None of these is linked, until [`link`](Self::link) says so.
    #[must_use]
    pub fn unlinked(halves: &'a [PeriodHalf<'a, E>]) -> Self {
        halves.iter().for_each(|half| half.pcm.with(|shared| shared.group = 0));
        Self { halves }
    }

    /// Links a stream that is not linked with another and all that are linked with it. Streams are numbered as in the list.
    ///
    /// # Errors
    /// [`LinkError`]; nothing was changed.
    #[doc(alias = "snd_pcm_link")]
    pub fn link(&self, stream: usize, other: usize) -> Result<(), LinkError> {
        let (own, group) = (self.group(stream)?, self.group(other)?);
        if stream == other {
            return Err(LinkError::Itself { stream });
        }
        if own != 0 {
            return Err(LinkError::Linked { stream });
        }
        // The first number that nobody has. There are not more groups than streams, and not more than 255 of these count.
        let taken = |number: &u8| (0..self.halves.len()).any(|at| self.group(at) == Ok(*number));
        let group = if group == 0 { (1..=u8::MAX).find(|number| !taken(number)).unwrap_or(u8::MAX) } else { group };
        for at in [stream, other] {
            self.halves[at].pcm.with(|shared| shared.group = group);
        }
        Ok(())
    }

    /// Takes a stream out. The last one that is left is linked with nobody.
    ///
    /// # Errors
    /// [`LinkError`]; nothing was changed.
    #[doc(alias = "snd_pcm_unlink")]
    pub fn unlink(&self, stream: usize) -> Result<(), LinkError> {
        let group = self.group(stream)?;
        if group == 0 {
            return Err(LinkError::NotLinked { stream });
        }
        self.halves[stream].pcm.with(|shared| shared.group = 0);
        let mut left = self.halves.iter().filter(|half| half.pcm.with(|shared| shared.group) == group);
        if let (Some(last), None) = (left.next(), left.next()) {
            last.pcm.with(|shared| shared.group = 0);
        }
        Ok(())
    }

    /// Whether two streams are linked.
    pub fn are_linked(&self, stream: usize, other: usize) -> bool {
        let groups = (self.group(stream), self.group(other));
        matches!(groups, (Ok(one), Ok(two)) if one == two && one != 0)
    }

    /// The first of these that is not linked with the first of them.
    pub(crate) fn first_unlinked(&self, halves: &[PeriodHalf<'_, E>]) -> Option<usize> {
        let group = |half: &PeriodHalf<'_, E>| {
            let ours = self.halves.iter().any(|our| core::ptr::eq(our.pcm, half.pcm));
            if ours { half.pcm.with(|shared| shared.group) } else { 0 }
        };
        let first = halves.first().map_or(0, group);
        halves.iter().position(|half| first == 0 || group(half) != first)
    }

    fn group(&self, stream: usize) -> Result<u8, LinkError> {
        let half = self.halves.get(stream).ok_or(LinkError::NoSuchStream { stream, count: self.halves.len() })?;
        Ok(half.pcm.with(|shared| shared.group))
    }

    /// As [`PeriodHalf::elapsed`], for the stream that the event is about. If it has an XRUN, or its engine failed, the others stop, too.
    pub fn elapsed(&self, callback: &Callback<'_, E>, event: Event) -> Elapsed {
        let Some(half) = self.halves.iter().find(|half| half.stopper.id() == event.channel) else {
            return Elapsed::NotOurs;
        };
        let elapsed = half.elapsed(callback, event);
        self.tell(half);
        elapsed
    }

    /// As [`PeriodHalf::xrun`], and the others stop at once, too; without this they do when the stream's thread finds out.
    #[doc(alias = "snd_pcm_stop_xrun")]
    pub fn xrun(&self, half: &PeriodHalf<'_, E>) -> bool {
        let stopped = half.xrun();
        self.tell(half);
        stopped
    }

    /// Stops those that are linked with a stream whose end is theirs, if nobody has told them yet. Told twice, the second time might hit
    /// a run that came after.
    pub(crate) fn tell(&self, half: &PeriodHalf<'_, E>) {
        if half.pcm.with(|shared| core::mem::take(&mut shared.owes_link)) {
            self.stop_others(half);
        }
    }

    /// Stops those that are linked with a stream that has stopped.
    pub(crate) fn stop_others(&self, half: &PeriodHalf<'_, E>) {
        let group = half.pcm.with(|shared| shared.group);
        for other in self.halves.iter().filter(|other| !core::ptr::eq(other.pcm, half.pcm)) {
            if group != 0 && other.pcm.with(|shared| shared.group) == group {
                other.stop_by_xrun(XrunCause::Linked);
            }
        }
    }
}

impl<E: Engine> fmt::Debug for Link<'_, E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Link of {}", self.halves.len())
    }
}
