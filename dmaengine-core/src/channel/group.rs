//! [`Group`]: several channels that stop together, or say which did not.
//!
//! A full-duplex transfer has two channels, and half of it stopped is no state to be in. Telling them to stop one after
//! the other is enough: what matters is that none counts as stopped before all have.

use core::fmt;

use super::{Active, Idle, Stopping, wait};
use crate::context::Sleepable;
use crate::engine::{ChannelId, Engine, EngineTerminateAtomic};
use crate::error::{Kept, StillRunning, Unfinished};

/// Channels of one engine that were told to stop together. In the order of the array; a peripheral's own order of stops
/// (transmitter first, say) is that order.
///
/// ```
/// use backend_mock::{Cpu, Mock};
/// use dmaengine_core::{Dma, Group};
///
/// let dma: Dma<Mock, 2> = Dma::new(Mock::default());
/// let cpu = Cpu::new(dma.engine(), |atomic| dma.interrupt(atomic, &mut |_callback, _event| ()));
/// cpu.thread(|context| {
///     let both = [0, 1].map(|channel| {
///         let idle = dma.channel(channel).unwrap();
///         let copy = idle.prep_memcpy(vec![0u8; 9_000].leak(), vec![1u8; 9_000].leak()).unwrap();
///         idle.start(copy).unwrap().0
///     });
///     let [_first, _second] = Group::terminate_async(both).synchronize(context).unwrap();
/// });
/// ```
#[must_use = "the channels have not stopped yet"]
pub struct Group<'d, E: Engine, const N: usize> {
    channels: [Stopping<'d, E>; N],
}

/// A channel of a group did not become quiescent in time. All of them are still owned, and still count as stopping.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[error("channel {channel}: {error}")]
pub struct GroupError {
    /// The first one that did not.
    pub channel: ChannelId,
    /// What is the matter with it.
    pub error: StillRunning,
}

impl<'d, E: Engine, const N: usize> Group<'d, E, N> {
    /// As [`Active::terminate_async`], for each.
    pub fn terminate_async(channels: [Active<'d, E>; N]) -> Self {
        Self { channels: channels.map(Active::terminate_async) }
    }

    /// Channels that were told to stop one by one.
    pub fn new(channels: [Stopping<'d, E>; N]) -> Self {
        Self { channels }
    }

    /// The channels again, each on its own.
    pub fn into_channels(self) -> [Stopping<'d, E>; N] {
        self.channels
    }

    /// All of them idle, if all are quiescent; else the group as it was. Any context; does not wait.
    pub fn try_finish(self) -> Result<[Idle<'d, E>; N], Self> {
        if self.unfinished().is_some() {
            return Err(self);
        }
        // A stopping channel that is quiescent stays so: it is ours, and nothing can be started on it.
        Ok(self.channels.map(|stopping| match stopping.try_finish() {
            Ok(idle) => idle,
            Err(stopping) => unreachable!("{stopping:?} was quiescent a moment ago"),
        }))
    }

    /// The first channel that is not quiescent, and why.
    fn unfinished(&self) -> Option<(ChannelId, Unfinished)> {
        self.channels.iter().find_map(|stopping| {
            let unfinished = stopping.owned.0.with(|engine, inner| inner.unfinished(engine));
            unfinished.map(|reason| (stopping.id(), reason))
        })
    }

    /// Sleeps until all are quiescent, each at most as long as [`Stopping::synchronize`] would.
    ///
    /// # Errors
    /// [`GroupError`], and the group.
    pub fn synchronize(self, context: &Sleepable<'_>) -> Result<[Idle<'d, E>; N], Kept<Self, GroupError>> {
        self.wait(|stopping| {
            let chan = stopping.owned.0;
            let unfinished = || chan.with(|engine, inner| inner.unfinished(engine)).map_or(Ok(()), Err);
            wait::asleep(chan, context, unfinished)
        })
    }

    /// Busy-waits until all are quiescent, each at most [`atomic_bound`](EngineTerminateAtomic::atomic_bound). They stop at the
    /// same time, so that is about the bound in all.
    ///
    /// # Errors
    /// [`GroupError`], and the group.
    pub fn terminate_atomic(self) -> Result<[Idle<'d, E>; N], Kept<Self, GroupError>>
    where
        E: EngineTerminateAtomic,
    {
        self.wait(|stopping| {
            let chan = stopping.owned.0;
            let unfinished = || chan.with(|engine, inner| inner.unfinished(engine)).map_or(Ok(()), Err);
            wait::busy(chan, chan.engine.atomic_bound(), unfinished)
        })
    }

    /// Waits for all of them, as a task; as [`Stopping::quiescent`] for each. Then [`try_finish`](Self::try_finish) gives the
    /// idle channels. Dropped at any point, nothing is lost.
    ///
    /// # Errors
    /// [`GroupError`].
    pub async fn quiescent(&mut self) -> Result<(), GroupError> {
        for stopping in &mut self.channels {
            let channel = stopping.id();
            stopping.quiescent().await.map_err(|error| GroupError { channel, error })?;
        }
        Ok(())
    }

    /// The last way out: resets each channel that has not stopped, as [`Stopping::reset`] would.
    ///
    /// # Errors
    /// [`GroupError`], and the group, if even that did not help.
    pub fn reset(self) -> Result<[Idle<'d, E>; N], Kept<Self, GroupError>> {
        self.wait(|stopping| {
            #[cfg(feature = "log")]
            stopping.log_reset();
            let unfinished = stopping.owned.0.with(|engine, inner| inner.reset(engine));
            let (waited, bound) = (crate::Micros::ZERO, crate::Micros::ZERO);
            unfinished.map_or(Ok(()), |reason| Err(StillRunning { waited, bound, reason }))
        })
    }

    fn wait(
        self,
        one: impl Fn(&Stopping<'d, E>) -> Result<(), StillRunning>,
    ) -> Result<[Idle<'d, E>; N], Kept<Self, GroupError>> {
        for stopping in &self.channels {
            if let Err(error) = one(stopping) {
                let error = GroupError { channel: stopping.id(), error };
                return Err(Kept { value: self, error });
            }
        }
        match self.try_finish() {
            Ok(idle) => Ok(idle),
            Err(group) => unreachable!("{group:?}: all were quiescent"),
        }
    }
}

impl<E: Engine, const N: usize> fmt::Debug for Group<'_, E, N> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(&self.channels).finish()
    }
}
