//! What each state does in each of the verbs.

use core::convert::Infallible;

use dmaengine_core::{Engine, EngineCyclic, EnginePause, Kept};

use super::stage::Not;
use super::{Member, Pause, Resume, Start, Stop, sealed};
use crate::error::{PauseError, StartError};
use crate::period::PeriodHalf;
use crate::stream::prepared::Loading;
use crate::stream::{
    Broken, Draining, NotStarted, PauseFailed, Paused, Playback, Prepared, ReleaseFailed, Running, Stopped, Way,
};

impl<E: Engine, D: Way> sealed::Sealed for Prepared<'_, E, D> {}
impl<E: Engine, D: Way> sealed::Sealed for Running<'_, E, D> {}
impl<E: Engine, D: Way> sealed::Sealed for Paused<'_, E, D> {}
impl<E: Engine> sealed::Sealed for Draining<'_, E> {}

impl<'a, E: EngineCyclic, D: Way> Member<'a, E, Start> for Prepared<'a, E, D> {
    type After = Running<'a, E, D>;
    type Failed = NotStarted<'a, E, D>;
    type Checked = Loading<'a, E, D>;

    fn half(&self) -> PeriodHalf<'a, E> {
        self.base.half
    }

    fn check(self) -> Result<Self::Checked, Not<Self::Failed, Start>> {
        self.load().map_err(|Kept { value, error }| (NotStarted::Prepared(value), Some(error)))
    }

    fn act(checked: Self::Checked) -> Result<Self::After, Not<Self::Failed, Start>> {
        checked.go().map_err(|Kept { value, error }| (value, Some(error)))
    }

    fn done(after: &Self::After) {
        after.flow.begun();
    }

    fn unasked(self) -> Self::Failed {
        NotStarted::Prepared(self)
    }

    fn uncheck(checked: Self::Checked) -> Self::Failed {
        NotStarted::Prepared(checked.unload())
    }

    fn undo(after: Self::After, why: Option<StartError>) -> Self::Failed {
        // What was started is only taken back because another refused to start, and that one had a reason.
        after.take_back(why.unwrap_or(StartError::StoppedByAnother))
    }
}

impl<'a, E: EngineCyclic + EnginePause, D: Way> Member<'a, E, Pause> for Running<'a, E, D> {
    type After = Paused<'a, E, D>;
    type Failed = Result<Self, Broken<'a, E, D>>;
    type Checked = Self;

    fn half(&self) -> PeriodHalf<'a, E> {
        self.flow.base.half
    }

    fn check(self) -> Result<Self, Not<Self::Failed, Pause>> {
        self.hwsync().map_err(|broken| (Err(broken), None))
    }

    fn act(checked: Self) -> Result<Self::After, Not<Self::Failed, Pause>> {
        checked.pause().map_err(|failed| match failed {
            PauseFailed::Refused(Kept { value, error }) => (Ok(value), Some(error)),
            PauseFailed::Broken(broken) => (Err(broken), None),
        })
    }

    fn unasked(self) -> Self::Failed {
        Ok(self)
    }

    fn uncheck(checked: Self) -> Self::Failed {
        Ok(checked)
    }

    fn undo(after: Self::After, _why: Option<PauseError>) -> Self::Failed {
        after.resume().map_err(|failed| match failed {
            // It neither stays as it is nor goes back.
            ReleaseFailed::Refused(Kept { value, error }) => value.give_up(error.into()),
            ReleaseFailed::Broken(broken) => broken,
        })
    }
}

impl<'a, E: EngineCyclic + EnginePause, D: Way> Member<'a, E, Resume> for Paused<'a, E, D> {
    type After = Running<'a, E, D>;
    type Failed = Result<Self, Broken<'a, E, D>>;
    type Checked = Self;

    fn half(&self) -> PeriodHalf<'a, E> {
        self.flow.base.half
    }

    fn check(self) -> Result<Self, Not<Self::Failed, Resume>> {
        self.look().map_err(|broken| (Err(broken), None))
    }

    fn act(checked: Self) -> Result<Self::After, Not<Self::Failed, Resume>> {
        checked.resume().map_err(|failed| match failed {
            ReleaseFailed::Refused(Kept { value, error }) => (Ok(value), Some(error)),
            ReleaseFailed::Broken(broken) => (Err(broken), None),
        })
    }

    fn unasked(self) -> Self::Failed {
        Ok(self)
    }

    fn uncheck(checked: Self) -> Self::Failed {
        Ok(checked)
    }

    fn undo(after: Self::After, _why: Option<StartError>) -> Self::Failed {
        after.pause().map_err(|failed| match failed {
            PauseFailed::Refused(Kept { value, error }) => value.give_up(error.into()),
            PauseFailed::Broken(broken) => broken,
        })
    }
}

macro_rules! stops {
    ($($state:ident < $($way:ident)? >: $of:ty, $this:ident => $flow:expr, $halt:expr;)*) => { $(
        impl<'a, E: EngineCyclic, $($way: Way)?> Member<'a, E, Stop> for $state<'a, E, $($way)?> {
            type After = Stopped<'a, E, $of>;
            type Failed = Infallible;
            type Checked = Self;

            fn half(&self) -> PeriodHalf<'a, E> {
                let $this = self;
                $flow.base.half
            }

            fn check(self) -> Result<Self, Not<Infallible, Stop>> {
                Ok(self)
            }

            fn act(checked: Self) -> Result<Self::After, Not<Infallible, Stop>> {
                let $this = checked;
                Ok(Stopped::new($halt))
            }

            fn unasked(self) -> Infallible {
                unreachable!("nobody refuses to stop")
            }

            fn uncheck(_checked: Self) -> Infallible {
                unreachable!("nobody refuses to stop")
            }

            fn undo(_after: Self::After, _why: Option<Infallible>) -> Infallible {
                unreachable!("nobody refuses to stop")
            }
        }
    )* };
}

stops! {
    Running<D>: D, this => this.flow, this.halt_alone();
    Draining<>: Playback, this => this.running.flow, this.running.halt_alone();
    Paused<D>: D, this => this.flow, { let paused = this.paused; this.flow.halt_alone(|| paused.terminate_async()) };
}
