//! Waiting for something to happen, and being woken for it, with no lock held on either end.

use core::task::{Poll, Waker};

use super::{Chan, Inner, SlotId, Status};
use crate::channel::Position;
use crate::engine::Engine;
use crate::transfer::Outcome;

impl<E: Engine> Chan<'_, E> {
    /// Wakes everybody whose wait is over, one at a time. Outside the lock: a waker is somebody else's code.
    #[cold]
    pub(super) fn wake(self) {
        while let Some(waker) = self.vchan.inner.with(Inner::due) {
            waker.wake();
        }
    }

    /// How a transfer ended, if it has (its slot is free then); else `waker` is woken when something happens to it.
    pub(crate) fn resolve_or_wait(self, id: SlotId, waker: &Waker) -> Option<Outcome> {
        let waker = waker.clone();
        let (resolved, unused) = self.with(|engine, inner| match inner.resolve(engine, id) {
            Some((outcome, old)) => (Some(outcome), (old, Some(waker))),
            None => (None, (inner.slab.wait(id, waker), None)),
        });
        drop(unused);
        resolved
    }
}

impl<E: Engine> Inner<E> {
    /// The transfer's position if periods have ended since `seen` of them; `None` if it is over; else `waker` waits. With the
    /// answer comes a waker to drop.
    pub(crate) fn next_period(
        &mut self,
        engine: &E,
        id: SlotId,
        seen: u64,
        waker: Waker,
    ) -> (Poll<Option<Position>>, Option<Waker>) {
        let status = self.status(engine, id);
        let slot = self.slab.slot(id);
        let position = Position { periods: slot.periods, bytes: slot.position };
        match status {
            Status::Queued { .. } | Status::Running { .. } | Status::Paused { .. } if position.periods > seen => {
                (Poll::Ready(Some(position)), Some(waker))
            }
            Status::Queued { .. } | Status::Running { .. } | Status::Paused { .. } => {
                (Poll::Pending, self.slab.wait(id, waker))
            }
            _ => (Poll::Ready(None), Some(waker)),
        }
    }

    /// The next waker that a stop has made due.
    fn due(&mut self) -> Option<Waker> {
        self.wake = false;
        let (quiet_below, callback) = (self.quiet_below, self.callback);
        if self.stop.is_none() && callback.is_none() {
            if let Some(waker) = self.stop_waker.take() {
                return Some(waker);
            }
        }
        self.slab
            .take_waker_of(|generation| generation < quiet_below && callback.is_none_or(|running| running > generation))
    }

    /// A stop is complete, or the last callback of what it caught has returned.
    pub(super) fn stir(&mut self) {
        self.wake = self.stop_waker.is_some() || self.slab.is_waited_for();
    }

    /// `waker` is woken when the pending stop is complete and no callback runs. Answers what it replaces.
    pub(crate) fn wait_for_stop(&mut self, waker: Waker) -> Option<Waker> {
        self.stop_waker.replace(waker)
    }

    /// Nobody waits for the stop any more.
    pub(crate) fn forget_stop_waker(&mut self) -> Option<Waker> {
        self.stop_waker.take()
    }
}
