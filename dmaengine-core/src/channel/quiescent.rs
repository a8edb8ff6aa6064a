//! [`Quiescent`]: waiting for a stop as a task.

use core::fmt;
use core::future::Future;
use core::pin::Pin;
use core::task::{Context, Poll};

use super::{Stopping, wait};
use crate::Micros;
use crate::engine::Engine;
use crate::error::StillRunning;
use crate::platform::Platform;

/// The future of [`Stopping::quiescent`].
#[must_use = "it does nothing unless it is awaited"]
pub struct Quiescent<'s, 'd, E: Engine> {
    stopping: &'s mut Stopping<'d, E>,
    since: Micros,
}

impl<'s, 'd, E: Engine> Quiescent<'s, 'd, E> {
    pub(super) fn new(stopping: &'s mut Stopping<'d, E>) -> Self {
        let since = stopping.owned.0.platform().now();
        Self { stopping, since }
    }
}

impl<E: Engine> Future for Quiescent<'_, '_, E> {
    type Output = Result<(), StillRunning>;

    fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        let chan = self.stopping.owned.0;
        let waker = context.waker().clone();
        let (asked, _unused) = chan.with(|engine, inner| match inner.unfinished(engine) {
            // Wakers that are not needed are dropped outside the lock, the new one too.
            None => (Ok(()), (inner.forget_stop_waker(), Some(waker))),
            Some(reason) => (Err(reason), (inner.wait_for_stop(waker), None)),
        });
        let (waited, bound) = (chan.platform().now() - self.since, wait::synchronize_bound(chan.engine));
        match asked {
            Ok(()) => Poll::Ready(Ok(())),
            Err(reason) if waited >= bound => Poll::Ready(Err(wait::ran_out(chan, waited, bound, reason))),
            Err(_) => Poll::Pending,
        }
    }
}

impl<E: Engine> Drop for Quiescent<'_, '_, E> {
    fn drop(&mut self) {
        drop(self.stopping.owned.0.with(|_, inner| inner.forget_stop_waker()));
    }
}

impl<E: Engine> fmt::Debug for Quiescent<'_, '_, E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Quiescent({:?})", self.stopping)
    }
}
