//! [`Stopping`]: a stop was asked for and is not known to be complete. The obligation, as a value.

use super::methods::{names::*, preparations};
use super::{Active, Owned, Quiescent, wait};
use crate::engine::EngineQueueAfterStop;
use crate::error::SubmitError;
use crate::memory::Payload;
use crate::prepare::Mapped;
use crate::transfer::Transfer;
use crate::vchan::SlotId;

/// A channel that was told to stop. The hardware may still be touching the memory of what ran on it.
///
/// The ways on: wait for the stop ([`synchronize`](Self::synchronize) asleep, [`terminate_atomic`](Self::terminate_atomic)
/// busy, [`try_finish`](Self::try_finish) without waiting), or let the next transfer wait behind it
/// ([`queue_after_stop`](Self::queue_after_stop)). There is no way to start anything before it has stopped:
///
/// ```compile_fail,E0599
/// # use dmaengine_core::*;
/// # use backend_mock::Mock;
/// # fn f(stopping: Stopping<'_, Mock>, next: Prepared<'_, Mock, &'static mut [u8]>) {
/// stopping.start(next); // the failure of 2020
/// # }
/// ```
///
/// Dropped, it gives up the channel without waiting. Nobody gets the channel before it has stopped, and the memory stays
/// with the transfers.
#[must_use = "the channel has not stopped yet; somebody has to wait for it"]
#[doc(alias = "terminating")]
pub struct Stopping<'d, E: Engine> {
    pub(super) owned: Owned<'d, E>,
}

impl<'d, E: Engine> Stopping<'d, E> {
    pub(super) fn new(owned: Owned<'d, E>) -> Self {
        Self { owned }
    }

    /// Idle, if it has stopped and every callback has returned; else as it was. Any context; does not wait.
    pub fn try_finish(self) -> Result<Idle<'d, E>, Self> {
        match self.owned.0.with(|engine, inner| inner.poll(engine)) {
            Ok(()) => Ok(Idle { owned: self.owned }),
            Err(_) => Err(self),
        }
    }

    /// Sleeps until the channel is quiescent: at most twice the engine's stop bound and
    /// [`SYNCHRONIZE_GRACE`](crate::SYNCHRONIZE_GRACE).
    ///
    /// On return no earlier transfer touches memory, none of their callbacks is running or will run, and their residue
    /// is final.
    ///
    /// # Errors
    /// [`StillRunning`], and the channel, still stopping: nothing was freed. Try again, or [`reset`](Self::reset).
    #[doc(alias = "dmaengine_synchronize")]
    pub fn synchronize(self, context: &Sleepable<'_>) -> Result<Idle<'d, E>, Kept<Self, StillRunning>> {
        self.try_finish().or_else(|stopping| stopping.wait_asleep(context))
    }

    #[cold]
    fn wait_asleep(self, context: &Sleepable<'_>) -> Result<Idle<'d, E>, Kept<Self, StillRunning>> {
        let chan = self.owned.0;
        self.settled(wait::asleep(chan, context, || chan.with(|engine, inner| inner.poll(engine))))
    }

    /// As [`synchronize`](Self::synchronize), for a task: waits for the interrupt that tells the end of the stop, with the same
    /// bound, which is looked at when the task is polled. The bound alone wakes nobody: put a timer of your executor around
    /// it, and with an engine that does not tell by interrupt have it poll now and then.
    ///
    /// Borrows the channel: dropped at any point, nothing is lost. When it is done, [`try_finish`](Self::try_finish) gives the
    /// idle channel.
    ///
    /// ```
    /// use dmaengine_core::{Engine, Idle, StillRunning, Stopping};
    ///
    /// async fn stopped<'d, E: Engine>(mut stopping: Stopping<'d, E>) -> Result<Idle<'d, E>, StillRunning> {
    ///     stopping.quiescent().await?;
    ///     Ok(stopping.try_finish().unwrap())
    /// }
    /// ```
    ///
    /// # Errors
    /// [`StillRunning`], if it is polled after the bound.
    pub fn quiescent(&mut self) -> Quiescent<'_, 'd, E> {
        Quiescent::new(self)
    }

    /// Busy-waits until the channel is quiescent, at most [`atomic_bound`](EngineTerminateAtomic::atomic_bound)
    /// microseconds. Any context but the channel's own callback, which has
    /// [`a call of its own`](crate::Callback::terminate_atomic).
    ///
    /// # Errors
    /// [`StillRunning`], and the channel, still stopping.
    pub fn terminate_atomic(self) -> Result<Idle<'d, E>, Kept<Self, StillRunning>>
    where
        E: EngineTerminateAtomic,
    {
        let chan = self.owned.0;
        let bound = chan.engine.atomic_bound();
        self.settled(wait::busy(chan, bound, || chan.with(|engine, inner| inner.poll(engine))))
    }

    fn settled(self, waited: Result<(), StillRunning>) -> Result<Idle<'d, E>, Kept<Self, StillRunning>> {
        match waited {
            Ok(()) => Ok(Idle { owned: self.owned }),
            Err(error) => Err(Kept { value: self, error }),
        }
    }

    /// Queues a transfer behind the stop: it starts by itself as soon as the old ones are quiescent. Any context; does
    /// not wait.
    ///
    /// The memory of the old transfers comes back through their own handles, when they are quiescent. The new one waits for
    /// the hardware alone: a callback of an old one may still be running when it starts.
    ///
    /// # Errors
    /// [`SubmitError::OtherChannel`], and everything back.
    pub fn queue_after_stop<B: Payload>(
        self,
        prepared: Prepared<'d, E, B>,
    ) -> Result<(Active<'d, E>, Transfer<'d, E, B>), Kept<(Self, Prepared<'d, E, B>), SubmitError>>
    where
        E: EngineQueueAfterStop,
    {
        match prepared.slot_on(self.owned.0) {
            Ok(slot) => Ok(self.behind(slot, prepared.into_memory())),
            Err(error) => Err(Kept { value: (self, prepared), error }),
        }
    }

    /// As [`queue_after_stop`](Self::queue_after_stop), with the memory of a transfer that the stop caught: it goes from
    /// the old transfer to the new one and is never in anybody's hands in between.
    ///
    /// A stream that goes round one ring restarts like this.
    ///
    /// # Errors
    /// [`PrepError`], and everything back; [`PrepError::NotTerminated`] for a transfer of another channel.
    pub fn queue_again<B: WriteBuffer>(
        self,
        old: Transfer<'d, E, B>,
        request: &Cyclic<E::Peripheral>,
    ) -> Result<(Active<'d, E>, Transfer<'d, E, B>), Kept<(Self, Transfer<'d, E, B>), PrepError>>
    where
        E: EngineQueueAfterStop + EngineCyclic,
    {
        let chan = self.owned.0;
        let prepared = if core::ptr::eq(chan.vchan, old.chan().vchan) {
            prepare::cyclic_again(chan, old.memory(), request)
        } else {
            Err(PrepError::NotTerminated)
        };
        match prepared {
            Ok(slot) => {
                let memory = old.supersede();
                Ok(self.behind(slot, memory))
            }
            Err(error) => Err(Kept { value: (self, old), error }),
        }
    }

    /// Submits a prepared slot of this channel behind the stop, and issues it.
    fn behind<B: Payload>(self, slot: SlotId, memory: Mapped<B>) -> (Active<'d, E>, Transfer<'d, E, B>)
    where
        E: EngineQueueAfterStop,
    {
        let chan = self.owned.0;
        let (run, generation) = chan.with(|engine, inner| (inner.run(), inner.queue_behind(engine, slot)));
        let transfer = Transfer::new(chan, slot, generation, memory);
        (Active::new(self.owned, run), transfer)
    }

    /// The last way out of a stop that does not come: resets the channel, if need be the controller.
    ///
    /// # Errors
    /// [`StillRunning`], and the channel, still stopping, if even that did not help or a callback is running.
    pub fn reset(self) -> Result<Idle<'d, E>, Kept<Self, StillRunning>> {
        #[cfg(feature = "log")]
        self.log_reset();
        let reset = self.owned.0.with(|engine, inner| match inner.reset(engine) {
            Some(unfinished) => Err(unfinished),
            None => inner.poll(engine),
        });
        self.settled(reset.map_err(|reason| StillRunning {
            waited: crate::Micros::ZERO,
            bound: crate::Micros::ZERO,
            reason,
        }))
    }

    /// Tells of a reset that is about to be, if there is need of one.
    #[cfg(feature = "log")]
    pub(super) fn log_reset(&self) {
        let chan = self.owned.0;
        if !chan.with(|engine, inner| inner.hardware_stopped(engine)) {
            log::debug!("{chan:?}: reset, because it has not stopped");
        }
    }
}

preparations!(Stopping);
