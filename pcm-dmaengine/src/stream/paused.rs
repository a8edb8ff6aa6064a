//! [`Paused`]: the stream stands still and can go on where it was, or be stopped. It can not be synchronized: nobody has stopped it.

use core::marker::PhantomData;

use dmaengine_core::{Active, Engine, EngineCyclic, EnginePause, Kept, ResumeFailed, Stopping};

use super::flow::{Flow, Look};
use super::halt::Halt;
use super::{Broken, Running, Stopped, Way};
use crate::dai::{DaiError, Trigger};
use crate::error::{Fault, PauseError, StartError};
use crate::pcm::End;
use crate::statistics::XrunCause;
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
            // Its peripheral was told to stop already, and is not told to pause.
            if shared.run.is_none() {
                return Err(NotHeld::Stopped(active.terminate_async(), Fault::StoppedByAnother));
            }
            let held = self.base.half.hold_in_order(trigger, active);
            shared.held |= held.is_ok();
            if let Err(NotHeld::Stopped(..)) = held {
                self.base.half.terminate(shared);
            }
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
        self.with(|shared| {
            // Its peripheral was told to stop meanwhile, and is not told to go on.
            if shared.run.is_none() {
                let gone = shared.disconnected;
                let error = if gone { StartError::Disconnected } else { StartError::StoppedByAnother };
                return Err((Held::Stopping(paused.terminate_async()), error));
            }
            let dma = |held| match held {
                Held::Stopping(_) => Err((held, StartError::StoppedByAnother)),
                Held::Paused(paused) => resume(paused).map_err(|failed| match failed {
                    ResumeFailed::Stopped(stopping) => (Held::Stopping(stopping), StartError::StoppedByAnother),
                    ResumeFailed::Refused(kept) => (Held::Paused(kept.value), StartError::Resume(kept.error)),
                }),
            };
            let undo = |active: Active<'a, E>| Held::Stopping(active.terminate_async());
            let released = self.base.half.start_in_order(trigger, Held::Paused(paused), dma, undo);
            match released {
                Ok(active) => {
                    (shared.held, shared.moved_at) = (false, self.base.now());
                    Ok(active)
                }
                Err(Refused::Before(held, error) | Refused::After(held, error)) => {
                    if let Held::Stopping(_) = held {
                        self.base.half.terminate(shared);
                    }
                    Err((held, error))
                }
            }
        })
    }

    /// What ended it, of a run that was found to have been stopped; `fault`, if nobody says.
    pub(super) fn ended(&self, fault: Fault) -> End {
        let end = self.with(|shared| {
            self.base.half.end(shared, End::Dead(fault));
            shared.end.unwrap_or(End::Dead(fault))
        });
        self.tell_link();
        end
    }

    /// What ended a run that was to go on and did not.
    pub(super) fn not_released(&self, error: StartError) -> End {
        match error {
            StartError::Dai(DaiError::Xrun) => {
                let half = &self.base.half;
                self.with(|shared| half.end(shared, End::Xrun(shared.report(XrunCause::Peripheral, self.base.now()))));
                self.ended(Fault::Peripheral(DaiError::Xrun))
            }
            error => self.ended(error.into()),
        }
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
            Err(NotHeld::Stopped(stopping, fault)) => {
                let end = flow.ended(fault);
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
    /// the engine went on and the peripheral did not, which is a [`Fault::Peripheral`], or an XRUN if the peripheral says so.
    #[doc(alias = "snd_pcm_pause")]
    #[doc(alias = "SNDRV_PCM_TRIGGER_PAUSE_RELEASE")]
    pub fn resume(self) -> Result<Running<'a, E, D>, ReleaseFailed<'a, E, D>>
    where
        E: EnginePause,
    {
        let Self { flow, paused, way } = self.look().map_err(ReleaseFailed::Broken)?;
        match flow.release(Trigger::PauseRelease, paused, |paused| paused.resume()) {
            Ok(active) => Ok(Running::new(flow, active)),
            Err((Held::Paused(paused), error)) => {
                Err(ReleaseFailed::Refused(Kept { value: Self { flow, paused, way }, error }))
            }
            Err((Held::Stopping(stopping), error)) => {
                let end = flow.not_released(error);
                Err(ReleaseFailed::Broken(Broken::of(flow.halt(|| stopping), end)))
            }
        }
    }

    /// As it is, unless somebody has ended it.
    pub(super) fn look(self) -> Result<Self, Broken<'a, E, D>> {
        match self.flow.look() {
            Look::Going(_) => Ok(self),
            Look::Over(end) => Err(Broken::of(self.halt(), end)),
        }
    }

    /// Ends it, for it cannot be what it should.
    pub(super) fn give_up(self, fault: Fault) -> Broken<'a, E, D> {
        let end = self.flow.ended(fault);
        Broken::of(self.halt(), end)
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
