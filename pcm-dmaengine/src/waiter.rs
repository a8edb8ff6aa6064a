//! [`Waiter`]: the task that waits for a stream, and from how many frames on it is to be woken.
//!
//! The core has wakers, too, but for memory: the waker of a transfer that was stopped is woken when the memory is free. A client of sound
//! is to know at once that it was too late.
//!
//! Nobody's wake-up is lost: who waits leaves the waker first and looks at the stream then; who moves the stream does that first, and
//! looks for a waker then. A waker is somebody else's code: it is cloned, woken and dropped with no lock held.

use core::fmt;
use core::task::Waker;

use dmaengine_core::lock::{Locked, RawLock};

use crate::units::Frames;

/// More than there can be: what wakes everybody.
pub(crate) const ALL: Frames = Frames(u64::MAX);

pub(crate) struct Waiter<L>(Locked<L, Option<(Waker, Frames)>>);

impl<L: RawLock> Waiter<L> {
    pub(crate) fn new() -> Self {
        Self(Locked::new(None))
    }

    /// `waker` is woken when so many frames are available. It takes the place of any other.
    pub(crate) fn wait(&self, waker: &Waker, enough: Frames) {
        let waker = waker.clone();
        let old = self.0.with(|waiting| waiting.replace((waker, enough)));
        drop(old);
    }

    /// Nobody waits any more.
    pub(crate) fn forget(&self) {
        let old = self.0.with(Option::take);
        drop(old);
    }

    /// So many frames are available now.
    pub(crate) fn wake(&self, avail: Frames) {
        let due = self.0.with(|waiting| waiting.take_if(|(_, enough)| avail >= *enough));
        if let Some((waker, _)) = due {
            waker.wake();
        }
    }
}

impl<L> fmt::Debug for Waiter<L> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Waiter")
    }
}
