//! [`Remainder`]: ALSA's DRAINING of a stream whose way is a type parameter: [`Leftover`] of a capture, [`Draining`] of
//! a playback; and [`Positions`] of whichever state.

use core::marker::PhantomData;

use dmaengine_core::{Direction, Engine, EngineCyclic, EnginePause, Sleepable};

use super::flow::Look;
use super::{Broken, Draining, Leftover, Paused, Prepared, Running, Stopped, Suspended, Way};
use crate::error::SwParamError;
use crate::pcm::End;
use crate::sw_params::SwParams;
use crate::units::Frames;

/// DRAINING, whichever it is.
pub(crate) enum Remainder<'a, E: Engine, D: Way> {
    Draining(Draining<'a, E>),
    Leftover(Leftover<'a, E>, PhantomData<D>),
}

/// What has become of a [`Remainder`].
pub(crate) enum Rested<'a, E: Engine, D: Way> {
    /// There is still one.
    Left(Remainder<'a, E, D>),
    /// There is none.
    Stopped(Stopped<'a, E, D>),
    /// Something else came first.
    Broken(Broken<'a, E, D>),
}

impl<'a, E: EngineCyclic, D: Way> Remainder<'a, E, D> {
    /// From RUNNING; without waiting.
    pub(crate) fn of(running: Running<'a, E, D>) -> Rested<'a, E, D> {
        if D::DIRECTION == Direction::MemToDev {
            return Self::Draining(Draining::new(Running::new(running.flow, running.active))).try_finish();
        }
        match running.hwsync() {
            Ok(running) => {
                running.flow.with(|shared| shared.draining = true);
                Self::Leftover(Leftover { halt: running.halt_alone() }, PhantomData).try_finish()
            }
            Err(broken) => Rested::Broken(broken),
        }
    }

    /// Whether there is still one; without waiting.
    pub(crate) fn try_finish(self) -> Rested<'a, E, D> {
        match self {
            Self::Leftover(rest, _) if rest.avail().0 == 0 => Rested::Stopped(Stopped::new(rest.halt)),
            Self::Leftover(rest, way) => Rested::Left(Self::Leftover(rest, way)),
            Self::Draining(rest) => match rest.look() {
                Look::Going(_) => Rested::Left(Self::Draining(rest)),
                Look::Over(End::Drained) => Rested::Stopped(Stopped::new(rest.running.halt())),
                Look::Over(end) => Rested::Broken(Broken::of(rest.running.halt(), end)),
            },
        }
    }

    /// Waits for what an engine does by itself: playing. Nobody waits for a reader.
    pub(crate) fn finish(self, context: &Sleepable<'_>) -> Rested<'a, E, D> {
        let mut this = self;
        loop {
            match this.try_finish() {
                Rested::Left(Self::Draining(rest)) => {
                    context.sleep(rest.params().time(rest.params().period_size));
                    this = Self::Draining(rest);
                }
                done => return done,
            }
        }
    }

    /// Gives it up.
    pub(crate) fn stop(self) -> Stopped<'a, E, D> {
        Stopped::new(match self {
            Self::Draining(rest) => rest.running.halt(),
            Self::Leftover(rest, _) => rest.halt,
        })
    }

    /// The system goes to sleep.
    pub(crate) fn suspend(self) -> Suspended<'a, E, D> {
        match self {
            Self::Draining(rest) => Suspended::by_stop(Running::new(rest.running.flow, rest.running.active)),
            Self::Leftover(rest, _) => Suspended::leftover(rest),
        }
    }

    /// The same, on an engine that can pause.
    pub(crate) fn suspend_paused(self) -> Suspended<'a, E, D>
    where
        E: EnginePause,
    {
        match self {
            Self::Draining(rest) => Suspended::by_pause(Running::new(rest.running.flow, rest.running.active)),
            Self::Leftover(rest, _) => Suspended::leftover(rest),
        }
    }

    /// Other software parameters.
    ///
    /// # Errors
    /// [`SwParamError`]; nothing was changed.
    pub(crate) fn set_sw_params(&mut self, sw: SwParams) -> Result<(), SwParamError> {
        match self {
            Self::Draining(rest) => rest.set_sw_params(sw),
            Self::Leftover(rest, _) => rest.set_sw_params(sw),
        }
    }

    /// The positions, where they may be moved.
    pub(crate) fn positions(&mut self) -> Option<&mut dyn Positions> {
        match self {
            Self::Draining(rest) => Some(rest),
            Self::Leftover(..) => None,
        }
    }
}

/// The positions of a state that has them, whichever it is.
pub(crate) trait Positions {
    /// As [`Running::delay`].
    fn delay(&self) -> i64;
    /// As [`Running::rewind`].
    fn rewind(&mut self, frames: Frames) -> Frames;
    /// As [`Running::forward`].
    fn forward(&mut self, frames: Frames) -> Frames;
}

macro_rules! positions {
    ($($state:ident < $($way:ident)? >)*) => { $(
        impl<E: EngineCyclic, $($way: Way)?> Positions for $state<'_, E, $($way)?> {
            fn delay(&self) -> i64 {
                self.delay()
            }

            fn rewind(&mut self, frames: Frames) -> Frames {
                self.rewind(frames)
            }

            fn forward(&mut self, frames: Frames) -> Frames {
                self.forward(frames)
            }
        }
    )* };
}
positions!(Prepared<D> Running<D> Draining<> Paused<D>);
