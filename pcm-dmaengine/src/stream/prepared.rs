//! [`Prepared`]: ready to start, on a quiescent channel or behind a stop.

use core::fmt;
use core::marker::PhantomData;

use dmaengine_core::{Active, Cyclic, Direction, Engine, EngineCyclic, Idle, Kept, Sleepable, Stopping, Transfer};

use super::flow::Flow;
use super::halt::{Halt, Rest};
use super::{Base, Faulted, Ring, Running, Setup, Stopped, Undone, Way, Xrun};
use crate::dai::{DaiError, Trigger};
use crate::error::StartError;
use crate::hush::pieces;
use crate::pcm::End;
use crate::recovery::QueueAgain;
use crate::statistics::XrunCause;
use crate::trigger::Refused;
use crate::units::Frames;

/// The right to start: proof of quiescence with the ring in hand, or a place behind the stop with the ring still in the
/// old transfer.
pub(super) enum Ready<'a, E: Engine> {
    Quiet { channel: Idle<'a, E>, ring: Ring },
    Behind { stopping: Stopping<'a, E>, old: Transfer<'a, E, Ring>, queue: QueueAgain<E> },
}

/// As [`Ready`], with the transfer made.
enum Loaded<'a, E: Engine> {
    Quiet { channel: Idle<'a, E>, prepared: dmaengine_core::Prepared<'a, E, Ring> },
    Behind { stopping: Stopping<'a, E>, old: Transfer<'a, E, Ring>, queue: QueueAgain<E> },
}

type Run<'a, E> = (Active<'a, E>, Transfer<'a, E, Ring>);

impl<'a, E: EngineCyclic> Ready<'a, E> {
    fn load(self, request: &Cyclic<E::Peripheral>) -> Result<Loaded<'a, E>, (Self, StartError)> {
        match self {
            Self::Quiet { channel, ring } => match channel.prep_cyclic(ring, request) {
                Ok(prepared) => Ok(Loaded::Quiet { channel, prepared }),
                Err(kept) => Err((Self::Quiet { channel, ring: kept.value }, StartError::Engine(kept.error))),
            },
            Self::Behind { stopping, old, queue } => Ok(Loaded::Behind { stopping, old, queue }),
        }
    }

    fn rest(self) -> Rest<'a, E> {
        match self {
            Self::Quiet { channel, ring } => Rest::Quiet { channel, ring },
            Self::Behind { stopping, old, .. } => Rest::Stopping { stopping, transfer: old },
        }
    }
}

impl<'a, E: EngineCyclic> Loaded<'a, E> {
    /// Starts the DMA channel.
    fn start(self, request: &Cyclic<E::Peripheral>) -> Result<Run<'a, E>, (Self, StartError)> {
        match self {
            Self::Quiet { channel, prepared } => match channel.start(prepared) {
                Ok(run) => Ok(run),
                Err(Kept { value: (channel, prepared), error }) => {
                    Err((Self::Quiet { channel, prepared }, StartError::Channel(error)))
                }
            },
            Self::Behind { stopping, old, queue } => match queue(stopping, old, request) {
                Ok(run) => Ok(run),
                Err(Kept { value: (stopping, old), error }) => {
                    Err((Self::Behind { stopping, old, queue }, StartError::Engine(error)))
                }
            },
        }
    }

    fn unload(self) -> Ready<'a, E> {
        match self {
            Self::Quiet { channel, prepared } => Ready::Quiet { channel, ring: prepared.cancel() },
            Self::Behind { stopping, old, queue } => Ready::Behind { stopping, old, queue },
        }
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

/// What a stream is that did not start.
pub enum NotStarted<'a, E: Engine, D: Way> {
    /// Nothing was started: it is still prepared.
    Prepared(Prepared<'a, E, D>),
    /// Its DMA channel was started, and told to stop again.
    Undone(Undone<'a, E, D>),
    /// Its peripheral had an XRUN at once.
    Xrun(Xrun<'a, E, D>),
}

impl<'a, E: EngineCyclic, D: Way> NotStarted<'a, E, D> {
    /// Prepared again, to try once more: by the stream's [`Recovery`](crate::Recovery), if something has to be waited for. What was written is still there,
    /// unless the peripheral had an XRUN.
    ///
    /// # Errors
    /// [`Faulted`], if the engine does not stop.
    pub fn recover(self, context: &Sleepable<'_>) -> Result<Prepared<'a, E, D>, Faulted<'a, E, D>> {
        match self {
            Self::Prepared(prepared) => Ok(prepared),
            Self::Undone(undone) => undone.recover(context).map(|(prepared, _)| prepared),
            Self::Xrun(xrun) => xrun.recover(context).map(|(prepared, _)| prepared),
        }
    }
}

impl<'a, E: EngineCyclic, D: Way> Prepared<'a, E, D> {
    /// From the beginning, with silence in the ring.
    pub(super) fn new((base, ready): (Base<'a, E>, Ready<'a, E>)) -> Self {
        let mut ready = ready;
        match &mut ready {
            Ready::Quiet { ring, .. } => base.params.format.fill_silence(ring),
            // Not the old run's frames again, should the new one run dry.
            Ready::Behind { old, .. } if D::DIRECTION == Direction::MemToDev => {
                let len = old.buffer_len();
                let silent = pieces(base.params.format, (0, len), |offset, silence| old.copy_in(offset, silence));
                debug_assert_eq!(silent, Ok(()), "that is the ring");
            }
            Ready::Behind { .. } => {}
        }
        base.half.pcm.with(|shared| shared.prepare());
        Self { base, ready, way: PhantomData }
    }

    /// Once more, with what the client has written.
    pub(super) fn again((base, ready): (Base<'a, E>, Ready<'a, E>)) -> Self {
        base.half.pcm.with(|shared| shared.rewind_hardware());
        Self { base, ready, way: PhantomData }
    }

    /// Starts the stream: the peripheral's link, the DMA channel, and the peripheral, in [this order](crate::Dai). Any context; does not
    /// wait.
    ///
    /// Prepared behind a stop, it starts by itself as soon as the old run is quiescent; until then it is running without moving.
    ///
    /// # Errors
    /// [`StartError`], and what the stream [is now](NotStarted).
    #[doc(alias = "snd_pcm_start")]
    #[doc(alias = "SNDRV_PCM_TRIGGER_START")]
    pub fn start(self) -> Result<Running<'a, E, D>, Kept<NotStarted<'a, E, D>, StartError>> {
        let running = self.load().map_err(|kept| kept.map(NotStarted::Prepared))?.go()?;
        running.flow.begun();
        Ok(running)
    }

    /// The first half of a start: everything that can be refused with nothing started.
    pub(super) fn load(self) -> Result<Loading<'a, E, D>, Kept<Self, StartError>> {
        let Self { base, ready, way } = self;
        if let Some(error) = base.half.pcm.with(|shared| shared.obstacle()) {
            return Err(Kept { value: Self { base, ready, way }, error });
        }
        match ready.load(&base.request::<D>()) {
            Ok(loaded) => Ok(Loading { base, loaded, way }),
            Err((ready, error)) => Err(Kept { value: Self { base, ready, way }, error }),
        }
    }

    /// Whether it starts by itself: playback once [`start_threshold`](crate::SwParams::start_threshold) frames are written, capture
    /// when so many are `requested` at once. A threshold of more than the ring is never reached.
    pub fn is_due(&self, requested: Frames) -> bool {
        self.base.half.pcm.with(|shared| {
            let (frames, threshold) =
                (if shared.playback { shared.appl_ptr } else { requested }, shared.sw.start_threshold);
            frames >= threshold && threshold <= shared.params.buffer_size()
        })
    }

    /// Prepares once more: what was written is dropped.
    #[doc(alias = "snd_pcm_prepare")]
    pub fn prepare(self) -> Self {
        Self::new((self.base, self.ready))
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
            behind => Err(Stopped::new(Halt { base, rest: behind.rest() })),
        }
    }

    /// As [`stop`](Self::stop), with a stop that is complete in the one case.
    pub(super) fn into_stopped(self) -> Stopped<'a, E, D> {
        Stopped::new(Halt { base: self.base, rest: self.ready.rest() })
    }
}

/// A stream whose transfer is made. Public for [`Member`](super::together::Member), and nobody can name it.
pub struct Loading<'a, E: Engine, D: Way> {
    base: Base<'a, E>,
    loaded: Loaded<'a, E>,
    way: PhantomData<D>,
}

impl<'a, E: EngineCyclic, D: Way> Loading<'a, E, D> {
    /// The other half of a start. Of what has to be done once it is known that all is well, there is [`Flow::begun`].
    pub(super) fn go(self) -> Result<Running<'a, E, D>, Kept<NotStarted<'a, E, D>, StartError>> {
        let Self { base, loaded, .. } = self;
        let half = base.half;
        let request = base.request::<D>();
        // No event of the run is looked at before the lock is given back.
        let started = half.pcm.with(|shared| {
            // The device may have gone since somebody last looked.
            if let Some(error) = shared.obstacle() {
                return Err((Refused::Before(loaded, error), None));
            }
            let dma = |loaded: Loaded<'a, E>| loaded.start(&request);
            let undo = |(active, transfer): Run<'a, E>| Rest::Stopping { stopping: active.terminate_async(), transfer };
            let mut started = half.start_in_order(Trigger::Start, loaded, dma, undo);
            match &mut started {
                Ok((_, transfer)) => {
                    if D::DIRECTION == Direction::MemToDev {
                        // Who moves the pointer writes silence.
                        transfer.share();
                    }
                    shared.begin(transfer.generation(), base.now());
                }
                Err(refused) => {
                    if let Refused::After(..) = refused {
                        shared.stopped_at.get_or_insert(base.now());
                    }
                    if refused.error() == StartError::Dai(DaiError::Xrun) {
                        shared.finish(End::Xrun(shared.report(XrunCause::Peripheral, base.now())));
                    }
                }
            }
            started.map_err(|refused| (refused, shared.end))
        });
        let not_started = |halt, error, end| match end {
            Some(End::Xrun(report)) => Kept { value: NotStarted::Xrun(Xrun::new(halt, report)), error },
            _ => Kept { value: NotStarted::Undone(Undone::new(halt, error)), error },
        };
        match started {
            Ok((active, transfer)) => Ok(Running::new(Flow::new(base, transfer), active)),
            Err((Refused::Before(loaded, error), None)) => {
                let loading = Self { base, loaded, way: PhantomData };
                Err(Kept { value: NotStarted::Prepared(loading.unload()), error })
            }
            Err((Refused::Before(loaded, error), end)) => {
                Err(not_started(Halt { base, rest: loaded.unload().rest() }, error, end))
            }
            Err((Refused::After(rest, error), end)) => Err(not_started(Halt { base, rest }, error, end)),
        }
    }

    /// Prepared again, as before.
    pub(super) fn unload(self) -> Prepared<'a, E, D> {
        Prepared { base: self.base, ready: self.loaded.unload(), way: PhantomData }
    }
}
