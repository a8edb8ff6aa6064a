//! [`Prepared`]: ready to start, on a quiescent channel or behind a stop.

use core::fmt;
use core::marker::PhantomData;

use dmaengine_core::{
    Active, Cyclic, Direction, Engine, EngineCyclic, EngineQueueAfterStop, Generation, Idle, Kept, PrepError, Stopping,
    Transfer,
};

use super::halted::Halt;
use super::playback::silence;
use super::{Base, Ring, Running, Setup, Stopped, Way};
use crate::error::StartError;
use crate::units::HwParams;

/// The right to start: proof of quiescence with the ring in hand, or a place behind the stop with the ring still in the
/// old transfer.
pub(super) enum Ready<'a, E: Engine> {
    Quiet { channel: Idle<'a, E>, ring: Ring },
    Behind { stopping: Stopping<'a, E>, old: Transfer<'a, E, Ring>, queue: QueueAgain<'a, E> },
}

/// [`Stopping::queue_again`] of an engine that has it. Only [`prepare_queued`](super::Xrun::prepare_queued) can name
/// it, for only there is the engine known to queue; from there it travels along.
pub(super) type QueueAgain<'a, E> =
    fn(
        Stopping<'a, E>,
        Transfer<'a, E, Ring>,
        &Cyclic<<E as Engine>::Peripheral>,
    )
        -> Result<(Active<'a, E>, Transfer<'a, E, Ring>), Kept<(Stopping<'a, E>, Transfer<'a, E, Ring>), PrepError>>;

impl<'a, E: Engine> Ready<'a, E> {
    pub(super) fn behind(stopping: Stopping<'a, E>, old: Transfer<'a, E, Ring>) -> Self
    where
        E: EngineCyclic + EngineQueueAfterStop,
    {
        Self::Behind { stopping, old, queue: Stopping::queue_again }
    }
}

impl<E: Engine> fmt::Debug for Ready<'_, E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Quiet { .. } => "Quiet",
            Self::Behind { .. } => "Behind a stop",
        })
    }
}

/// A stream that is ready to start. Playback wants something written first.
#[must_use = "behind a stop, it holds the obligation"]
#[doc(alias = "SNDRV_PCM_STATE_PREPARED")]
pub struct Prepared<'a, E: Engine, D: Way> {
    pub(super) base: Base<'a, E>,
    pub(super) ready: Ready<'a, E>,
    way: PhantomData<D>,
}

impl<'a, E: EngineCyclic, D: Way> Prepared<'a, E, D> {
    pub(super) fn new(base: Base<'a, E>, ready: Ready<'a, E>) -> Self {
        let playback = D::DIRECTION == Direction::MemToDev;
        let mut ready = ready;
        if let (true, Ready::Behind { old, .. }) = (playback, &mut ready) {
            // Not the old run's frames again, should the new one run dry.
            let len = old.buffer_len();
            silence(old, base.params.format, 0, len);
        }
        base.pcm.with(|shared| shared.prepare(&base.params, base.stop_threshold, playback));
        Self { base, ready, way: PhantomData }
    }

    /// Starts the stream. Any context; does not wait.
    ///
    /// Prepared behind a stop, it starts by itself as soon as the old run is quiescent; until then it is running without moving.
    ///
    /// # Errors
    /// [`StartError`], and the stream, still prepared: nothing was started, and nothing has to be undone.
    #[doc(alias = "snd_pcm_start")]
    #[doc(alias = "SNDRV_PCM_TRIGGER_START")]
    pub fn start(self) -> Result<Running<'a, E, D>, Kept<Self, StartError>> {
        let Self { base, ready, .. } = self;
        let free = base.stop_threshold >= base.params.boundary();
        let empty = base.pcm.with(|shared| shared.playback && shared.appl_ptr.0 == 0) && !free;
        if empty {
            return Err(Kept { value: Self { base, ready, way: PhantomData }, error: StartError::Empty });
        }
        let request = base.request::<D>();
        let begin = |run| base.pcm.with(|shared| shared.run = Some(run));
        let started = match ready {
            Ready::Quiet { channel, ring } => match channel.prep_cyclic(ring, &request) {
                Err(kept) => Err(Kept {
                    value: Ready::Quiet { channel, ring: kept.value },
                    error: StartError::Engine(kept.error),
                }),
                Ok(prepared) => match channel.submit(prepared) {
                    Ok((pending, transfer)) => {
                        begin(transfer.generation());
                        Ok((pending.issue(), transfer))
                    }
                    Err(Kept { value: (channel, prepared), error }) => {
                        let ready = Ready::Quiet { channel, ring: prepared.cancel() };
                        Err(Kept { value: ready, error: StartError::Channel(error) })
                    }
                },
            },
            Ready::Behind { stopping, old, queue } => {
                // The new transfer is the next one after the old, and may start before the call below is back.
                begin(Generation(old.generation().0 + 1));
                queue(stopping, old, &request).map_err(|kept| {
                    base.pcm.with(|shared| shared.run = None);
                    let (stopping, old) = kept.value;
                    Kept { value: Ready::Behind { stopping, old, queue }, error: StartError::Engine(kept.error) }
                })
            }
        };
        match started {
            Ok((active, transfer)) => Ok(Running::new(base, active, transfer)),
            Err(kept) => Err(kept.map(|ready| Self { base, ready, way: PhantomData })),
        }
    }

    /// Gives up on starting. What was written is dropped.
    ///
    /// # Errors
    /// Prepared behind a stop, there is still that stop to wait for.
    #[doc(alias = "snd_pcm_drop")]
    pub fn stop(self) -> Result<Setup<'a, E, D>, Stopped<'a, E, D>> {
        let base = self.base;
        match self.ready {
            Ready::Quiet { channel, ring } => Ok(Setup { base, channel, ring, way: PhantomData }),
            Ready::Behind { stopping, old, .. } => Err(Stopped::new(Halt { base, stopping, transfer: old })),
        }
    }

    /// The parameters.
    pub fn params(&self) -> &HwParams {
        &self.base.params
    }
}
