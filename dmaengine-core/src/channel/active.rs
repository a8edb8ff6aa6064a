//! [`Active`]: transfers are queued, run, or have run; and the [`StopHandle`] with which others may stop it.

use super::methods::{names::*, preparations, terminations};
use super::paused::PauseFailed;
use super::{Owned, Paused, submit};
use crate::engine::EnginePause;
use crate::error::{SubmitError, Unfinished};
use crate::memory::Payload;
use crate::transfer::Transfer;
use crate::vchan::{Chan, Generation};

/// A channel that runs what is queued on it.
///
/// Somebody else may stop it through a [`StopHandle`] or from a callback. Then nothing more can be started here, and
/// the way on is the same as always: terminate (there is nothing left to do for it) and wait for the stop.
///
/// Dropped, it asks the hardware to stop and gives up the channel; transfers keep their memory.
#[must_use = "dropped, it stops"]
pub struct Active<'d, E: Engine> {
    pub(super) owned: Owned<'d, E>,
    run: Generation,
}

impl<'d, E: Engine> Active<'d, E> {
    pub(super) fn new(owned: Owned<'d, E>, run: Generation) -> Self {
        Self { owned, run }
    }

    /// Queues a prepared transfer behind the others. It does not start before [`Active::issue`].
    ///
    /// # Errors
    /// [`SubmitError`], and the transfer back.
    #[doc(alias = "dmaengine_submit")]
    pub fn submit<B: Payload>(
        &self,
        prepared: Prepared<'d, E, B>,
    ) -> Result<Transfer<'d, E, B>, Kept<Prepared<'d, E, B>, SubmitError>> {
        submit(self.owned.0, Some(self.run), prepared).map(|(transfer, _)| transfer)
    }

    /// Lets everything submitted run, in order. Any context. Harmless with nothing submitted.
    #[doc(alias = "dma_async_issue_pending")]
    #[doc(alias = "issue_pending")]
    pub fn issue(&self) {
        self.owned.0.with(|engine, inner| inner.issue(engine));
    }

    /// Whether a stop handle or a callback has stopped it.
    pub fn is_stopped_by_another(&self) -> bool {
        self.owned.0.with(|_, inner| inner.run() != self.run)
    }

    /// Something that can stop this run from elsewhere, an interrupt handler for instance.
    pub fn stop_handle(&self) -> StopHandle<'d, E> {
        StopHandle { chan: self.owned.0, run: self.run }
    }

    /// Idle again, if everything that was queued has run to its end and every callback has returned.
    ///
    /// # Errors
    /// What has not ended, and the channel as it is.
    pub fn try_idle(self) -> Result<Idle<'d, E>, Kept<Self, Unfinished>> {
        match self.owned.0.with(|engine, inner| inner.finish(engine, self.run)) {
            Ok(()) => Ok(Idle { owned: self.owned }),
            Err(error) => Err(Kept { value: self, error }),
        }
    }

    /// Pauses at once: on return no byte moves, and none is lost. Any context.
    ///
    /// # Errors
    /// [`PauseFailed::Refused`] with the channel running on; [`PauseFailed::Stopped`] if another stopped it first.
    #[doc(alias = "dmaengine_pause")]
    pub fn pause(self) -> Result<Paused<'d, E>, PauseFailed<'d, E>>
    where
        E: EnginePause,
    {
        match self.owned.0.with(|engine, inner| inner.pause(engine, self.run)) {
            Ok(true) => Ok(Paused::new(self.owned, self.run)),
            Ok(false) => Err(PauseFailed::Stopped(Stopping::new(self.owned))),
            Err(error) => Err(PauseFailed::Refused(Kept { value: self, error })),
        }
    }
}

preparations!(Active);
terminations!(Active);

/// Stops one run of a channel from anywhere: an interrupt that finds an overrun, a watchdog. It can do nothing else.
///
/// It names the run it was made for. When that run has been stopped, by whomever, the handle is spent: it cannot hit
/// what is started afterwards.
pub struct StopHandle<'d, E: Engine> {
    pub(super) chan: Chan<'d, E>,
    run: Generation,
}

impl<E: Engine> Clone for StopHandle<'_, E> {
    fn clone(&self) -> Self {
        Self { chan: self.chan, run: self.run }
    }
}

impl<E: Engine> StopHandle<'_, E> {
    /// As [`Active::terminate_async`]. True if this call did it, false if the run had been stopped before.
    #[doc(alias = "dmaengine_terminate_async")]
    pub fn terminate_async(&self) -> bool {
        self.chan.with(|engine, inner| inner.terminate(engine, self.run))
    }

    /// As [`StopHandle::terminate_async`], and busy-waits until the hardware has stopped.
    ///
    /// # Errors
    /// [`StillRunning`] after [`atomic_bound`](EngineTerminateAtomic::atomic_bound); the stop stays asked for.
    pub fn terminate_atomic(&self) -> Result<bool, StillRunning>
    where
        E: EngineTerminateAtomic,
    {
        let first = self.terminate_async();
        super::wait::hardware_stopped(self.chan).map(|()| first)
    }
}
