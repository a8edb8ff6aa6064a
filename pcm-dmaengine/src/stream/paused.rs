//! [`Paused`]: the stream stands still and can go on where it was, or be stopped. It can not be synchronized: nobody has stopped it.

use core::marker::PhantomData;

use dmaengine_core::{Active, Engine, EngineCyclic, EnginePause, Kept, ResumeFailed, Stopping};

use super::flow::{Flow, Look};
use super::halt::Halt;
use super::{Broken, Running, Stopped, Way};
use crate::dai::Trigger;
use crate::error::{Fault, PauseError, StartError};
use crate::pcm::End;
use crate::trigger::{NotHeld, Refused};

/// A stream that is paused. Its engine is, too: not a byte moves.
#[must_use = "dropped, it stops, and its ring leaks"]
#[doc(alias = "SNDRV_PCM_STATE_PAUSED")]
pub struct Paused<'a, E: Engine, D: Way> {
    pub(super) flow: Flow<'a, E>,
    pub(super) paused: dmaengine_core::Paused<'a, E>,
    way: PhantomData<D>,
}

/// What a stream is that did not pause.
pub enum PauseFailed<'a, E: Engine, D: Way> {
    /// It runs on.
    Refused(Kept<Running<'a, E, D>, PauseError>),
    /// It was over.
    Broken(Broken<'a, E, D>),
}

/// What a stream is that does not go on.
pub enum ReleaseFailed<'a, E: Engine, D: Way> {
    /// It is still paused.
    Refused(Kept<Paused<'a, E, D>, StartError>),
    /// It was over.
    Broken(Broken<'a, E, D>),
}

/// A DMA channel that is to go on.
pub(super) enum Held<'a, E: Engine> {
    Paused(dmaengine_core::Paused<'a, E>),
    /// It was stopped meanwhile.
    Stopping(Stopping<'a, E>),
}

/// [`dmaengine_core::Paused::resume`], of an engine that has it.
pub(super) type Resume<E> = for<'a> fn(dmaengine_core::Paused<'a, E>) -> Result<Active<'a, E>, ResumeFailed<'a, E>>;

impl<'a, E: EngineCyclic> Flow<'a, E> {
    /// Holds the run: the peripheral and the DMA channel.
    pub(super) fn hold(
        &self,
        trigger: Trigger,
        active: Active<'a, E>,
    ) -> Result<dmaengine_core::Paused<'a, E>, NotHeld<'a, E>>
    where
        E: EnginePause,
    {
        self.with(|shared| {
            let held = self.base.half.hold_in_order(trigger, active);
            shared.held |= held.is_ok();
            held
        })
    }

    /// Lets the run go on.
    pub(super) fn release(
        &self,
        trigger: Trigger,
        paused: dmaengine_core::Paused<'a, E>,
        resume: Resume<E>,
    ) -> Result<Active<'a, E>, (Held<'a, E>, StartError)> {
        let now = self.base.now();
        self.with(|shared| {
            let dma = |held| match held {
                Held::Stopping(_) => Err((held, StartError::StoppedByAnother)),
                Held::Paused(paused) => resume(paused).map_err(|failed| match failed {
                    ResumeFailed::Stopped(stopping) => (Held::Stopping(stopping), StartError::StoppedByAnother),
                    ResumeFailed::Refused(kept) => (Held::Paused(kept.value), StartError::Resume(kept.error)),
                }),
            };
            let undo = |active: Active<'a, E>| Held::Stopping(active.terminate_async());
            let released = self.base.half.start_in_order(trigger, Held::Paused(paused), dma, undo);
            if released.is_ok() {
                (shared.held, shared.moved_at) = (false, now);
            }
            released.map_err(|(Refused::Before(held, error) | Refused::After(held, error))| (held, error))
        })
    }

    /// What ended it, of a run that was found to have been stopped.
    pub(super) fn ended(&self) -> End {
        self.with(|shared| {
            self.base.half.end(shared, End::Dead(Fault::StoppedByAnother));
            shared.end.unwrap_or(End::Dead(Fault::StoppedByAnother))
        })
    }
}

impl<'a, E: EngineCyclic, D: Way> Running<'a, E, D> {
    /// Pauses: the peripheral, then the engine. Any context; on return nothing moves and nothing is lost.
    ///
    /// # Errors
    /// [`PauseFailed::Refused`] with the stream running on; [`PauseFailed::Broken`] if it was over.
    #[doc(alias = "snd_pcm_pause")]
    #[doc(alias = "SNDRV_PCM_TRIGGER_PAUSE_PUSH")]
    pub fn pause(self) -> Result<Paused<'a, E, D>, PauseFailed<'a, E, D>>
    where
        E: EnginePause,
    {
        let Self { flow, active, .. } = self.hwsync().map_err(PauseFailed::Broken)?;
        match flow.hold(Trigger::PausePush, active) {
            Ok(paused) => Ok(Paused { flow, paused, way: PhantomData }),
            Err(NotHeld::Refused(active, error)) => {
                Err(PauseFailed::Refused(Kept { value: Running::new(flow, active), error }))
            }
            Err(NotHeld::Stopped(stopping)) => {
                let end = flow.ended();
                Err(PauseFailed::Broken(Broken::of(flow.halt(|| stopping), end)))
            }
        }
    }
}

impl<'a, E: EngineCyclic, D: Way> Paused<'a, E, D> {
    /// Goes on where it was: the engine, then the peripheral. Any context.
    ///
    /// # Errors
    /// [`ReleaseFailed::Refused`] with the stream still paused; [`ReleaseFailed::Broken`] if it was stopped meanwhile, or had to be: when
    /// the engine went on and the peripheral did not.
    #[doc(alias = "snd_pcm_pause")]
    #[doc(alias = "SNDRV_PCM_TRIGGER_PAUSE_RELEASE")]
    pub fn resume(self) -> Result<Running<'a, E, D>, ReleaseFailed<'a, E, D>>
    where
        E: EnginePause,
    {
        if let Look::Over(end) = self.flow.look() {
            return Err(ReleaseFailed::Broken(Broken::of(self.halt(), end)));
        }
        let Self { flow, paused, way } = self;
        match flow.release(Trigger::PauseRelease, paused, |paused| paused.resume()) {
            Ok(active) => Ok(Running::new(flow, active)),
            Err((Held::Paused(paused), error)) => {
                Err(ReleaseFailed::Refused(Kept { value: Self { flow, paused, way }, error }))
            }
            Err((Held::Stopping(stopping), _)) => {
                let end = flow.ended();
                Err(ReleaseFailed::Broken(Broken::of(flow.halt(|| stopping), end)))
            }
        }
    }

    pub(super) fn halt(self) -> Halt<'a, E> {
        let paused = self.paused;
        self.flow.halt(|| paused.terminate_async())
    }

    /// Stops it for good: whatever comes next, the engine is terminated first. Any context; does not wait: the stop is under way.
    #[doc(alias = "snd_pcm_drop")]
    pub fn stop(self) -> Stopped<'a, E, D> {
        Stopped::new(self.halt())
    }
}
