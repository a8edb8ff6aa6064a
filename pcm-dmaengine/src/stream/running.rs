//! [`Running`]: the engine goes round the ring, and the client follows it (capture) or keeps ahead of it (playback).
//!
//! An XRUN can come between any two instructions, from the interrupt. So every call on a running stream may end it:
//! it takes the stream and gives back either the stream or what became of it.

use core::fmt;
use core::marker::PhantomData;

use dmaengine_core::{Active, Engine, EngineCyclic, Sleepable, Stopping};

use super::flow::{Flow, Look};
use super::halt::{Halt, Rest};
use super::{Disconnected, Faulted, NotStarted, Prepared, Stopped, Undone, Way, Xrun};
use crate::error::{Fault, StartError};
use crate::pcm::End;
use crate::statistics::{Lost, XrunCause};

/// A stream that runs.
#[must_use = "dropped, it stops, and its ring leaks"]
#[doc(alias = "SNDRV_PCM_STATE_RUNNING")]
pub struct Running<'a, E: Engine, D: Way> {
    pub(super) flow: Flow<'a, E>,
    pub(super) active: Active<'a, E>,
    way: PhantomData<D>,
}

/// What became of a stream that runs no more.
#[non_exhaustive]
pub enum Broken<'a, E: Engine, D: Way> {
    /// The client was too late. It goes on from here.
    Xrun(Xrun<'a, E, D>),
    /// The stream is dead.
    Faulted(Faulted<'a, E, D>),
    /// Its device is gone.
    Disconnected(Disconnected<'a, E, D>),
}

impl<'a, E: EngineCyclic, D: Way> Broken<'a, E, D> {
    /// Prepares the stream by its [`Recovery`](crate::Recovery), and by whatever else helps if that does not: sleeps, and resets the
    /// channel. Says what was lost on the way.
    ///
    /// # Errors
    /// [`Faulted`] if the engine does not stop, and [`Disconnected`] as it was.
    #[doc(alias = "snd_pcm_recover")]
    pub fn recover(self, context: &Sleepable<'_>) -> Result<(Prepared<'a, E, D>, Lost), Self> {
        match self {
            Self::Xrun(xrun) => xrun.recover(context).map_err(Self::Faulted),
            Self::Faulted(faulted) => faulted.recover(context).map_err(Self::Faulted),
            Self::Disconnected(gone) => Err(Self::Disconnected(gone)),
        }
    }

    /// What became of a run that ended so.
    pub(super) fn of(halt: Halt<'a, E>, end: End) -> Self {
        match end {
            End::Xrun(report) => Self::Xrun(Xrun::new(halt, report)),
            End::Dead(fault) => Self::Faulted(Faulted::new(halt, fault)),
            End::Disconnected => Self::Disconnected(Disconnected::new(halt)),
            End::Drained => unreachable!("only a draining stream drains, and it looks for that"),
        }
    }
}

impl<E: EngineCyclic, D: Way> fmt::Display for Broken<'_, E, D> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Xrun(xrun) => write!(f, "XRUN: {} frames available", xrun.report().avail),
            Self::Faulted(dead) => dead.fault().fmt(f),
            Self::Disconnected(_) => f.write_str("the device is gone"),
        }
    }
}

impl<'a, E: EngineCyclic> Flow<'a, E> {
    /// Asks for the stop, if nobody has yet, and holds the obligation. `terminate` takes the channel to where it has to be waited for.
    pub(super) fn halt(self, terminate: impl FnOnce() -> Stopping<'a, E>) -> Halt<'a, E> {
        let Self { base, started, transfer } = self;
        // First the peripheral. From here on an event of this run moves nothing.
        drop(started);
        Halt { base, rest: Rest::Stopping { stopping: terminate(), transfer } }
    }

    /// As [`halt`](Self::halt), and leaves the linked ones alone.
    pub(super) fn halt_alone(self, terminate: impl FnOnce() -> Stopping<'a, E>) -> Halt<'a, E> {
        let Self { base, started, transfer } = self;
        started.stop_alone();
        Halt { base, rest: Rest::Stopping { stopping: terminate(), transfer } }
    }
}

impl<'a, E: EngineCyclic, D: Way> Running<'a, E, D> {
    pub(super) fn new(flow: Flow<'a, E>, active: Active<'a, E>) -> Self {
        Self { flow, active, way: PhantomData }
    }

    /// Whether it still runs; if not, what became of it. Does not wait.
    ///
    /// # Errors
    /// As for every other call that looks: [`Broken`].
    #[doc(alias = "snd_pcm_hwsync")]
    pub fn hwsync(self) -> Result<Self, Broken<'a, E, D>> {
        match self.flow.look() {
            Look::Going(_) => Ok(self),
            Look::Over(end) => Err(self.over(end)),
        }
    }

    /// Stops the stream, and those that are [linked](crate::Link) with it, and drops what is in the ring. Any context; does not wait: the stop is under way.
    #[doc(alias = "snd_pcm_drop")]
    #[doc(alias = "SNDRV_PCM_TRIGGER_STOP")]
    pub fn stop(self) -> Stopped<'a, E, D> {
        Stopped::new(self.halt())
    }

    /// Has an XRUN, as if the client had been too late.
    #[doc(alias = "snd_pcm_ioctl_xrun")]
    pub fn xrun(self) -> Broken<'a, E, D> {
        // As far as the engine has come.
        self.flow.follow();
        self.flow.base.half.stop_by_xrun(XrunCause::Asked);
        match self.flow.look() {
            Look::Over(end) => self.over(end),
            Look::Going(_) => self.over(End::Dead(Fault::StoppedByAnother)),
        }
    }

    /// Asks for the stop, if nobody has yet, and holds the obligation.
    pub(super) fn halt(self) -> Halt<'a, E> {
        let active = self.active;
        self.flow.halt(|| active.terminate_async())
    }

    /// The same, and leaves the linked ones alone.
    pub(super) fn halt_alone(self) -> Halt<'a, E> {
        let active = self.active;
        self.flow.halt_alone(|| active.terminate_async())
    }

    /// Its start is taken back. What was written stays, unless there was an XRUN by then.
    pub(super) fn take_back(self, error: StartError) -> NotStarted<'a, E, D> {
        let halt = self.halt_alone();
        match halt.base.half.pcm.with(|shared| shared.end) {
            Some(End::Xrun(report)) => NotStarted::Xrun(Xrun::new(halt, report)),
            _ => NotStarted::Undone(Undone::new(halt, error)),
        }
    }

    /// Ends it, for it cannot be what it should.
    pub(super) fn give_up(self, fault: Fault) -> Broken<'a, E, D> {
        let end = self.flow.ended(fault);
        self.over(end)
    }

    /// What became of a stream that `look` found over.
    pub(super) fn over(self, end: End) -> Broken<'a, E, D> {
        Broken::of(self.halt(), end)
    }
}
