//! [`Suspended`]: the system sleeps, or is about to. The stream remembers what it was, and holds what it must not forget: a paused
//! channel, or an unfinished stop.
//!
//! In ALSA a suspended stream that is prepared instead of resumed sends no stop to its driver, and its next transfer waits for ever
//! behind the paused one (Linux 6.12: `snd_pcm_do_stop` asks whether the stream runs, and SUSPENDED does not). Here there is no
//! way to prepare but over the stop.

use dmaengine_core::{Engine, EngineCyclic, EnginePause, Kept, Stopping};

use super::flow::{Flow, Started};
use super::halt::{Halt, Rest};
use super::paused::{Held, Resume};
use super::{Base, Broken, Capture, Draining, Leftover, Paused, Playback, Prepared, Running, Stopped, Way, Xrun};
use crate::dai::Trigger;
use crate::error::StartError;
use crate::pcm::End;
use crate::trigger::NotHeld;

/// What it was.
enum Before<'a, E: Engine, D: Way> {
    /// It was ready, stopped or paused: nothing moved.
    Prepared(Prepared<'a, E, D>),
    Xrun(Xrun<'a, E, D>),
    Paused(Paused<'a, E, D>),
    Leftover(Leftover<'a, E>),
    /// It ran, or played the rest, and its engine is paused.
    Held {
        flow: Flow<'a, E>,
        paused: dmaengine_core::Paused<'a, E>,
        resume: Resume<E>,
    },
    /// It ran, or played the rest, and its engine was terminated.
    Halted {
        /// First: the peripheral stops before anybody else gets the channel.
        started: Started<'a, E>,
        halt: Halt<'a, E>,
    },
}

impl<'a, E: EngineCyclic, D: Way> Before<'a, E, D> {
    /// A run that was stopped: by the suspend, or by an XRUN that came before it.
    fn halted(flow: Flow<'a, E>, stopping: Stopping<'a, E>) -> Self {
        flow.tell_link();
        let end = flow.with(|shared| shared.end);
        let Flow { base, started, transfer } = flow;
        let halt = Halt { base, rest: Rest::Stopping { stopping, transfer } };
        match end {
            Some(End::Xrun(report)) => Self::Xrun(Xrun::new(halt, report)),
            _ => Self::Halted { started, halt },
        }
    }
}

/// A stream of a system that sleeps. Not a byte moves, or will.
#[must_use = "the engine may not have stopped yet"]
#[doc(alias = "SNDRV_PCM_STATE_SUSPENDED")]
#[doc(alias = "ESTRPIPE")]
pub struct Suspended<'a, E: Engine, D: Way> {
    before: Before<'a, E, D>,
}

/// What a stream is that was resumed: what it was.
pub enum Resumed<'a, E: Engine, D: Way> {
    /// Ready to start.
    Prepared(Prepared<'a, E, D>),
    /// It runs where it was.
    Running(Running<'a, E, D>),
    /// It goes on playing the rest.
    Draining(Draining<'a, E>),
    /// Stopped, with frames left to take.
    Leftover(Leftover<'a, E>),
    /// Still to recover.
    Xrun(Xrun<'a, E, D>),
    /// Still paused.
    Paused(Paused<'a, E, D>),
}

impl<'a, E: EngineCyclic, D: Way> Suspended<'a, E, D> {
    /// A run whose engine does not pause ends with the suspend.
    pub(super) fn by_stop(running: Running<'a, E, D>) -> Self {
        running.flow.with(|shared| running.flow.base.half.suspend(shared));
        let Running { flow, active, .. } = running;
        // The peripheral sleeps; its stop comes when it is known what the stream does next.
        Self { before: Before::halted(flow, active.terminate_async()) }
    }

    /// One whose engine does can go on, unless it refuses or somebody stopped it first.
    pub(super) fn by_pause(running: Running<'a, E, D>) -> Self
    where
        E: EnginePause,
    {
        let Running { flow, active, .. } = running;
        match flow.hold(Trigger::Suspend, active) {
            Ok(paused) => Self { before: Before::Held { flow, paused, resume: |paused| paused.resume() } },
            Err(NotHeld::Refused(active, _)) => Self::by_stop(Running::new(flow, active)),
            Err(NotHeld::Stopped(stopping, _)) => Self { before: Before::halted(flow, stopping) },
        }
    }

    /// Nothing moves in a capture that was stopped.
    pub(super) fn leftover(rest: Leftover<'a, E>) -> Self {
        Self { before: Before::Leftover(rest) }
    }

    /// Goes on with what it was. Any context.
    ///
    /// # Errors
    /// [`StartError`], and the stream, still suspended; but one that has had an XRUN meanwhile is that. [`StartError::NotResumable`]: its run ended with the suspend, and there is nothing
    /// to go on with; [stop](Self::stop) it and prepare.
    #[doc(alias = "snd_pcm_resume")]
    #[doc(alias = "SNDRV_PCM_TRIGGER_RESUME")]
    pub fn resume(self) -> Result<Resumed<'a, E, D>, Kept<Self, StartError>> {
        match self.before {
            Before::Prepared(prepared) => Ok(Resumed::Prepared(prepared)),
            Before::Xrun(xrun) => Ok(Resumed::Xrun(xrun)),
            Before::Paused(paused) => Ok(Resumed::Paused(paused)),
            Before::Leftover(leftover) => Ok(Resumed::Leftover(leftover)),
            before @ Before::Halted { .. } => Err(Kept { value: Self { before }, error: StartError::NotResumable }),
            Before::Held { flow, paused, resume } => match flow.release(Trigger::Resume, paused, resume) {
                Ok(active) if flow.is_draining() => Ok(Resumed::Draining(Draining::new(Running::new(flow, active)))),
                Ok(active) => Ok(Resumed::Running(Running::new(flow, active))),
                Err((Held::Paused(paused), error)) => {
                    Err(Kept { value: Self { before: Before::Held { flow, paused, resume } }, error })
                }
                Err((Held::Stopping(stopping), error)) => match Before::halted(flow, stopping) {
                    Before::Xrun(xrun) => Ok(Resumed::Xrun(xrun)),
                    before => Err(Kept { value: Self { before }, error }),
                },
            },
        }
    }

    /// Stops it for good, whatever it was: whatever comes next, the engine is terminated first. Any context; does not wait: the stop is under
    /// way.
    #[doc(alias = "snd_pcm_drop")]
    pub fn stop(self) -> Stopped<'a, E, D> {
        match self.before {
            Before::Prepared(prepared) => prepared.into_stopped(),
            Before::Xrun(xrun) => xrun.stop(),
            Before::Paused(paused) => paused.stop(),
            Before::Leftover(leftover) => Stopped::new(leftover.halt),
            Before::Held { flow, paused, .. } => Stopped::new(flow.halt(|| paused.terminate_async())),
            Before::Halted { started, halt } => {
                // The peripheral only slept until now.
                drop(started);
                Stopped::new(halt)
            }
        }
    }
}

impl<'a, E: EngineCyclic, D: Way> Suspended<'a, E, D> {
    pub(super) fn base(&self) -> &Base<'a, E> {
        match &self.before {
            Before::Prepared(prepared) => &prepared.base,
            Before::Xrun(xrun) => &xrun.halt.base,
            Before::Paused(paused) => &paused.flow.base,
            Before::Leftover(leftover) => &leftover.halt.base,
            Before::Held { flow, .. } => &flow.base,
            Before::Halted { halt, .. } => &halt.base,
        }
    }
}

impl<'a, E: EngineCyclic, D: Way> Running<'a, E, D> {
    /// The system goes to sleep: the peripheral and the engine stop. The run is over: its engine is not known to pause. Any context.
    #[doc(alias = "snd_pcm_suspend")]
    #[doc(alias = "SNDRV_PCM_TRIGGER_SUSPEND")]
    pub fn suspend(self) -> Suspended<'a, E, D> {
        Suspended::by_stop(self)
    }

    /// The system goes to sleep: the peripheral and the engine pause, and can go on where they were. If the engine refuses to pause, they stop.
    /// Any context.
    ///
    /// # Errors
    /// [`Broken`], if it was over.
    #[doc(alias = "snd_pcm_suspend")]
    #[doc(alias = "SNDRV_PCM_TRIGGER_SUSPEND")]
    pub fn suspend_paused(self) -> Result<Suspended<'a, E, D>, Broken<'a, E, D>>
    where
        E: EnginePause,
    {
        Ok(Suspended::by_pause(self.hwsync()?))
    }
}

impl<'a, E: EngineCyclic> Draining<'a, E> {
    /// As [`Running::suspend`].
    #[doc(alias = "snd_pcm_suspend")]
    pub fn suspend(self) -> Suspended<'a, E, Playback> {
        Suspended::by_stop(self.running)
    }

    /// As [`Running::suspend_paused`]. Resumed, it goes on playing the rest.
    #[doc(alias = "snd_pcm_suspend")]
    pub fn suspend_paused(self) -> Suspended<'a, E, Playback>
    where
        E: EnginePause,
    {
        Suspended::by_pause(self.running)
    }
}

impl<'a, E: EngineCyclic> Leftover<'a, E> {
    /// The system goes to sleep. Nothing has to be told: it was stopped.
    #[doc(alias = "snd_pcm_suspend")]
    pub fn suspend(self) -> Suspended<'a, E, Capture> {
        Suspended::leftover(self)
    }
}

/// States in which nothing moves.
macro_rules! asleep_already {
    ($($state:ident)*) => { $(
        impl<'a, E: EngineCyclic, D: Way> $state<'a, E, D> {
            /// The system goes to sleep. Nothing has to be told: nothing moves.
            #[doc(alias = "snd_pcm_suspend")]
            pub fn suspend(self) -> Suspended<'a, E, D> {
                Suspended { before: Before::$state(self) }
            }
        }
    )* };
}
asleep_already!(Prepared Xrun Paused);
