//! The callback context: what a completion or period callback is told, and the little it may do.

use core::fmt;
use core::marker::PhantomData;

use crate::channel::wait;
use crate::engine::{ChannelId, Engine, EngineTerminateAtomic};
use crate::error::{StillRunning, TransferError, WriteError};
use crate::vchan::{Chan, Generation};

/// Something happened to a transfer that is alive.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Event {
    /// On which channel.
    pub channel: ChannelId,
    /// To which transfer. A client that restarts compares it with its current one.
    pub generation: Generation,
    /// What happened.
    pub kind: EventKind,
}

/// What happened to a transfer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[non_exhaustive]
pub enum EventKind {
    /// One or more periods of a cyclic transfer ended.
    Period {
        /// How many since the last event; several may be folded into one, so count with this and not with calls.
        periods: u32,
        /// Bytes that have arrived since the start, over all rounds.
        position: u64,
    },
    /// The transfer ran to its end.
    Completed,
    /// The transfer failed.
    Failed(TransferError),
    /// The stop that was asked for is complete. The generation is that of the transfer that the hardware was busy with.
    ///
    /// It does not come if somebody saw the stop complete by asking first, or if there was nothing to stop.
    Stopped,
}

/// The context a callback runs in: interrupt or interrupt-like, and never a place to sleep.
///
/// It offers what is right inside a callback and nothing else. In particular there is no way from here to
/// [`synchronize`](crate::Stopping::synchronize), which would wait for the very callback that calls it.
pub struct Callback<'c, E: Engine> {
    chan: Chan<'c, E>,
    generation: Generation,
    stays_in_its_context: PhantomData<*mut ()>,
}

impl<'c, E: Engine> Callback<'c, E> {
    pub(crate) fn new(chan: Chan<'c, E>, generation: Generation) -> Self {
        Self { chan, generation, stays_in_its_context: PhantomData }
    }

    /// Asks the channel to stop: aborts the transfer this callback is about and everything queued with it.
    ///
    /// True if this call did it; false if another stop came first, in which case nothing is touched: a callback cannot
    /// stop a later transfer than its own.
    #[doc(alias = "dmaengine_terminate_async")]
    pub fn terminate_async(&self) -> bool {
        self.chan.with(|engine, inner| inner.terminate_run_of(engine, self.generation))
    }

    /// Copies bytes into the buffer of the transfer that this callback is about, if its holder [shares](crate::Transfer::share) it and it still
    /// runs. The channel's lock is taken for a few hundred bytes at a time.
    ///
    /// # Errors
    /// [`WriteError`]; then nothing was written, unless the transfer was stopped or its holder came on the way.
    pub fn copy_in(&self, offset: usize, bytes: &[u8]) -> Result<(), WriteError> {
        self.chan.copy_in(self.generation, offset, bytes)
    }

    /// As [`Callback::terminate_async`], and busy-waits until the hardware has stopped.
    ///
    /// It cannot wait for the callback it is called from. On return the hardware touches no memory of the aborted
    /// transfers, and no *other* callback of theirs runs or will; the channel is quiescent as soon as this one returns.
    ///
    /// # Errors
    /// [`StillRunning`] after [`atomic_bound`](EngineTerminateAtomic::atomic_bound); the stop stays asked for.
    pub fn terminate_atomic(&self) -> Result<bool, StillRunning>
    where
        E: EngineTerminateAtomic,
    {
        let first = self.terminate_async();
        wait::hardware_stopped(self.chan).map(|()| first)
    }
}

impl<E: Engine> fmt::Debug for Callback<'_, E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Callback of transfer {} on {:?}", self.generation.0, self.chan)
    }
}
