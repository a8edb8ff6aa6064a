//! [`Slot`]: the typed state inside a [`DynPcm`](super::DynPcm), and [`PauseOps`]: what only some engines can.

use dmaengine_core::{EngineCyclic, EnginePause, Kept, Sleepable};

use super::{Errno, State};
use crate::stream::{
    Broken, Disconnected, Faulted, NotStarted, Open, PauseFailed, Paused, Prepared, ReleaseFailed, Remainder, Rested,
    Running, Setup, Stopped, Suspended, Undone, Way, Xrun,
};

/// One of the typed states.
pub(super) enum Slot<'a, E: EngineCyclic, D: Way> {
    Open(Open<'a, E, D>),
    Setup(Setup<'a, E, D>),
    Stopped(Stopped<'a, E, D>),
    Prepared(Prepared<'a, E, D>),
    Running(Running<'a, E, D>),
    Draining(Remainder<'a, E, D>),
    Paused(Paused<'a, E, D>),
    /// And what it was.
    Suspended(Suspended<'a, E, D>, State),
    Xrun(Xrun<'a, E, D>),
    /// And whether the client has been told.
    Faulted(Faulted<'a, E, D>, bool),
    Disconnected(Disconnected<'a, E, D>),
    /// The typed state is in the hands of the operation under way.
    Taken,
}

impl<'a, E: EngineCyclic, D: Way> Slot<'a, E, D> {
    /// ALSA's state, as far as the type says.
    pub(super) fn state(&self) -> State {
        match self {
            Self::Open(_) => State::Open,
            Self::Setup(_) | Self::Stopped(_) => State::Setup,
            Self::Prepared(_) => State::Prepared,
            Self::Running(_) => State::Running,
            Self::Draining(_) => State::Draining,
            Self::Paused(_) => State::Paused,
            Self::Suspended(..) => State::Suspended,
            Self::Xrun(_) | Self::Faulted(..) => State::Xrun,
            Self::Disconnected(_) | Self::Taken => State::Disconnected,
        }
    }

    /// What has become of a run, and how the call that found out is answered.
    pub(super) fn broken(broken: Broken<'a, E, D>) -> (Self, Errno) {
        match broken {
            Broken::Xrun(xrun) => (Self::Xrun(xrun), Errno::EPIPE),
            Broken::Faulted(faulted) => (Self::Faulted(faulted, true), Errno::EIO),
            Broken::Disconnected(gone) => (Self::Disconnected(gone), Errno::EBADFD),
        }
    }

    /// The same, as an answer.
    pub(super) fn answered<T>(broken: Broken<'a, E, D>) -> (Self, Result<T, Errno>) {
        let (slot, errno) = Self::broken(broken);
        (slot, Err(errno))
    }

    /// What has become of a rest.
    pub(super) fn rested(rested: Rested<'a, E, D>) -> (Self, Result<(), Errno>) {
        match rested {
            Rested::Left(rest) => (Self::Draining(rest), Ok(())),
            Rested::Stopped(stopped) => (Self::Stopped(stopped), Ok(())),
            Rested::Broken(broken) => Self::answered(broken),
        }
    }

    /// Starts. A start that had to be taken back is waited for at once, so that a stream that says PREPARED is.
    pub(super) fn start(prepared: Prepared<'a, E, D>, context: &Sleepable<'_>) -> (Self, Result<(), Errno>) {
        let Kept { value, error } = match prepared.start() {
            Ok(running) => return (Self::Running(running), Ok(())),
            Err(kept) => kept,
        };
        let slot = match value {
            NotStarted::Prepared(prepared) => Self::Prepared(prepared),
            NotStarted::Xrun(xrun) => Self::Xrun(xrun),
            NotStarted::Undone(undone) => Self::undone(undone, context).0,
        };
        (slot, Err(error.into()))
    }

    /// A start that was taken back: PREPARED again, with what was written.
    pub(super) fn undone(undone: Undone<'a, E, D>, context: &Sleepable<'_>) -> (Self, Result<(), Errno>) {
        match undone.recover(context) {
            Ok((prepared, _lost)) => (Self::Prepared(prepared), Ok(())),
            Err(faulted) => (Self::Faulted(faulted, false), Ok(())),
        }
    }

    /// Looks where the hardware is, if it runs.
    pub(super) fn looked(self) -> (Self, Result<(), Errno>) {
        match self {
            Self::Running(running) => match running.hwsync() {
                Ok(running) => (Self::Running(running), Ok(())),
                Err(broken) => Self::answered(broken),
            },
            Self::Draining(rest) => match Self::rested(rest.try_finish()) {
                (slot @ Self::Stopped(_), Ok(())) => (slot, Err(Errno::EPIPE)),
                other => other,
            },
            other => (other, Ok(())),
        }
    }

    /// How whoever wants to move frames or pointers is refused here.
    pub(super) fn refused<T>(self) -> (Self, Result<T, Errno>) {
        match self {
            Self::Xrun(_) | Self::Faulted(_, true) => (self, Err(Errno::EPIPE)),
            Self::Faulted(faulted, false) => (Self::Faulted(faulted, true), Err(Errno::EIO)),
            Self::Suspended(..) => (self, Err(Errno::ESTRPIPE)),
            other => (other, Err(Errno::EBADFD)),
        }
    }

    /// Sleeps until nothing moves any more: what `hw_params` and `hw_free` begin with. Refused where they are.
    pub(super) fn settle(self, context: &Sleepable<'_>) -> Result<Setup<'a, E, D>, (Self, Errno)> {
        let stopped = match self {
            Self::Setup(setup) => return Ok(setup),
            Self::Stopped(stopped) => stopped,
            Self::Prepared(prepared) => match prepared.stop() {
                Ok(setup) => return Ok(setup),
                Err(stopped) => stopped,
            },
            other => return Err((other, Errno::EBADFD)),
        };
        stopped.reset(context).map_err(|kept| (Self::Stopped(kept.value), kept.error.into()))
    }

    /// Stopped for good, whatever it was; what `drop` does. An `Err` has nothing to stop.
    pub(super) fn stop(self) -> Result<Self, Self> {
        Ok(match self {
            Self::Prepared(prepared) => prepared.stop().map_or_else(Self::Stopped, Self::Setup),
            Self::Running(running) => Self::Stopped(running.stop()),
            Self::Draining(rest) => Self::Stopped(rest.stop()),
            Self::Paused(paused) => Self::Stopped(paused.stop()),
            Self::Suspended(suspended, _) => Self::Stopped(suspended.stop()),
            Self::Xrun(xrun) => Self::Stopped(xrun.stop()),
            other => return Err(other),
        })
    }
}

/// What an engine that can pause does, as values: [`DynPcm`](super::DynPcm) is one type for those that can and those
/// that cannot.
pub(super) struct PauseOps<'a, E: EngineCyclic, D: Way> {
    pub(super) push: fn(Running<'a, E, D>) -> Result<Paused<'a, E, D>, PauseFailed<'a, E, D>>,
    pub(super) release: fn(Paused<'a, E, D>) -> Result<Running<'a, E, D>, ReleaseFailed<'a, E, D>>,
    pub(super) suspend: fn(Running<'a, E, D>) -> Result<Suspended<'a, E, D>, Broken<'a, E, D>>,
    pub(super) suspend_rest: fn(Remainder<'a, E, D>) -> Suspended<'a, E, D>,
}

impl<E: EngineCyclic, D: Way> Clone for PauseOps<'_, E, D> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<E: EngineCyclic, D: Way> Copy for PauseOps<'_, E, D> {}

impl<E: EngineCyclic + EnginePause, D: Way> PauseOps<'_, E, D> {
    pub(super) const fn new() -> Self {
        Self {
            push: |running| running.pause(),
            release: |paused| paused.resume(),
            suspend: |running| running.suspend_paused(),
            suspend_rest: Remainder::suspend_paused,
        }
    }
}
