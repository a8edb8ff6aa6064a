//! [`Recovery`]: which of the three ways out of a stop a stream takes when it is told to [`recover`](crate::Xrun::recover).
//!
//! What the engine must be able to do is asked where the policy is named. From there it travels along as a value, so that a stream's
//! type does not have it.

use core::fmt;

use dmaengine_core::{
    Active, Cyclic, Engine, EngineCyclic, EngineQueueAfterStop, EngineTerminateAtomic, Idle, Kept, PrepError,
    StillRunning, Stopping, Transfer,
};

use crate::stream::Ring;

/// [`Stopping::terminate_atomic`], of an engine that has it.
pub(crate) type BusyWait<E> = for<'a> fn(Stopping<'a, E>) -> Result<Idle<'a, E>, Kept<Stopping<'a, E>, StillRunning>>;

/// [`Stopping::queue_again`], of an engine that has it.
pub(crate) type QueueAgain<E> = for<'a> fn(
    Stopping<'a, E>,
    Transfer<'a, E, Ring>,
    &Cyclic<<E as Engine>::Peripheral>,
) -> Result<
    (Active<'a, E>, Transfer<'a, E, Ring>),
    Kept<(Stopping<'a, E>, Transfer<'a, E, Ring>), PrepError>,
>;

pub(crate) enum Policy<E: Engine> {
    SyncStop,
    Atomic(BusyWait<E>),
    QueueAfterStop(QueueAgain<E>),
}

/// How a stream gets past an unfinished stop.
///
/// | policy | waits | the engine must | the stop is over |
/// | --- | --- | --- | --- |
/// | [`SYNC_STOP`](Self::SYNC_STOP) | asleep | | before the stream is prepared |
/// | [`ATOMIC`](Self::ATOMIC) | busy, at most the engine's bound | be able to [`terminate_atomic`](EngineTerminateAtomic) | before the stream is prepared |
/// | [`QUEUE_AFTER_STOP`](Self::QUEUE_AFTER_STOP) | not at all | be able to [queue](EngineQueueAfterStop) | before the next run starts, which waits for it |
///
/// ```
/// # use backend_mock::Mock;
/// # use dmaengine_core::{BusAddr, BusWidth, Dma, SlaveConfig};
/// use pcm_dmaengine::{Pcm, Recovery};
/// # let dma: Dma<Mock, 1> = Dma::new(Mock::default());
/// # let mut pcm = Pcm::new();
/// # let config = SlaveConfig::new(BusAddr(0x0202_8004), BusWidth::Two, ());
/// let (stream, period) = pcm.open_capture(dma.channel(0).unwrap(), config);
/// let stream = stream.with_recovery(Recovery::QUEUE_AFTER_STOP);
/// # drop((stream, period));
/// ```
pub struct Recovery<E: Engine>(pub(crate) Policy<E>);

impl<E: Engine> Recovery<E> {
    /// Sleeps until the stop is complete: the first remedy, what Linux has done since 6.10. Every engine can.
    #[doc(alias = "sync_stop")]
    pub const SYNC_STOP: Self = Self(Policy::SyncStop);
}

impl<E: EngineTerminateAtomic> Recovery<E> {
    /// Busy-waits until the stop is complete: the second.
    pub const ATOMIC: Self = Self(Policy::Atomic(|stopping| stopping.terminate_atomic()));
}

impl<E: EngineCyclic + EngineQueueAfterStop> Recovery<E> {
    /// Lets the next run wait behind the stop: the third.
    pub const QUEUE_AFTER_STOP: Self =
        Self(Policy::QueueAfterStop(|stopping, old, request| stopping.queue_again(old, request)));
}

impl<E: Engine> Default for Recovery<E> {
    fn default() -> Self {
        Self::SYNC_STOP
    }
}

impl<E: Engine> Clone for Policy<E> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<E: Engine> Copy for Policy<E> {}

impl<E: Engine> Clone for Recovery<E> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<E: Engine> Copy for Recovery<E> {}

impl<E: Engine> fmt::Debug for Recovery<E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self.0 {
            Policy::SyncStop => "SYNC_STOP",
            Policy::Atomic(_) => "ATOMIC",
            Policy::QueueAfterStop(_) => "QUEUE_AFTER_STOP",
        })
    }
}
