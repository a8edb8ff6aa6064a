//! [`Member`]: one of several streams and its steps; and the loop that takes all of them through, or back.

use core::mem;

use dmaengine_core::Engine;

use super::{TogetherError, Verb, sealed};
use crate::link::Link;
use crate::period::PeriodHalf;

/// What a stream is that does not do it, and why; without a reason, it was over.
#[doc(hidden)]
pub type Not<F, V> = (F, Option<<V as Verb>::Error>);

/// A stream that can do it with others: a [`Prepared`](crate::Prepared) one starts, a [`Running`](crate::Running) one pauses, a
/// [`Paused`](crate::Paused) one resumes, and whatever runs or stands still stops.
#[diagnostic::on_unimplemented(
    message = "`{Self}` has no part in this",
    note = "`start` takes `Prepared` streams, `pause` `Running` ones, `resume` `Paused` ones, `stop` whatever was started"
)]
pub trait Member<'a, E: Engine, V: Verb>: Sized + sealed::Sealed {
    /// What it is then.
    type After;
    /// What it is if it does not, or another does not.
    type Failed;
    /// It was asked all that can be asked beforehand.
    #[doc(hidden)]
    type Checked;

    #[doc(hidden)]
    fn half(&self) -> PeriodHalf<'a, E>;

    /// Asks all that can be refused with nothing done.
    #[doc(hidden)]
    fn check(self) -> Result<Self::Checked, Not<Self::Failed, V>>;

    /// Does it.
    #[doc(hidden)]
    fn act(checked: Self::Checked) -> Result<Self::After, Not<Self::Failed, V>>;

    /// All have done it.
    #[doc(hidden)]
    fn done(_after: &Self::After) {}

    /// It was not asked; another refused first.
    #[doc(hidden)]
    fn unasked(self) -> Self::Failed;

    /// It was asked, and is not to do it.
    #[doc(hidden)]
    fn uncheck(checked: Self::Checked) -> Self::Failed;

    /// It has done it, and takes it back because of another that does not, or was over.
    #[doc(hidden)]
    fn undo(after: Self::After, why: Option<V::Error>) -> Self::Failed;
}

/// How far one of them has come.
pub(super) enum Stage<'a, E: Engine, V: Verb, M: Member<'a, E, V>> {
    Before(M),
    Checked(M::Checked),
    After(M::After),
    Failed(M::Failed),
    /// It is in the hands of one of its own steps.
    Moving,
}

impl<'a, E: Engine, V: Verb, M: Member<'a, E, V>> Stage<'a, E, V, M> {
    pub(super) fn after(self) -> M::After {
        let Self::After(after) = self else { unreachable!("all have done it") };
        after
    }

    pub(super) fn failed(self) -> M::Failed {
        let Self::Failed(failed) = self else { unreachable!("all were taken back") };
        failed
    }

    fn settle<T>(
        &mut self,
        stepped: Result<T, Not<M::Failed, V>>,
        then: fn(T) -> Self,
    ) -> Result<(), Option<V::Error>> {
        let (stage, answer) = match stepped {
            Ok(value) => (then(value), Ok(())),
            Err((failed, why)) => (Self::Failed(failed), Err(why)),
        };
        *self = stage;
        answer
    }
}

/// The steps of one of them, whatever its type.
pub(super) trait Step<V: Verb> {
    fn check(&mut self) -> Result<(), Option<V::Error>>;
    fn act(&mut self) -> Result<(), Option<V::Error>>;
    fn done(&self);
    fn back(&mut self, why: Option<V::Error>);
}

impl<'a, E: Engine, V: Verb, M: Member<'a, E, V>> Step<V> for Stage<'a, E, V, M> {
    fn check(&mut self) -> Result<(), Option<V::Error>> {
        match mem::replace(self, Self::Moving) {
            Self::Before(stream) => self.settle(stream.check(), Self::Checked),
            _ => unreachable!("each is asked once"),
        }
    }

    fn act(&mut self) -> Result<(), Option<V::Error>> {
        match mem::replace(self, Self::Moving) {
            Self::Checked(checked) => self.settle(M::act(checked), Self::After),
            _ => unreachable!("each was asked"),
        }
    }

    fn done(&self) {
        if let Self::After(after) = self {
            M::done(after);
        }
    }

    fn back(&mut self, why: Option<V::Error>) {
        *self = Self::Failed(match mem::replace(self, Self::Moving) {
            Self::Before(stream) => stream.unasked(),
            Self::Checked(checked) => M::uncheck(checked),
            Self::After(after) => M::undo(after, why),
            Self::Failed(failed) => failed,
            Self::Moving => unreachable!("no step is under way"),
        });
    }
}

/// All of them do it, or none.
pub(super) fn all_or_none<E: Engine, V: Verb>(
    link: &Link<'_, E>,
    halves: &[PeriodHalf<'_, E>],
    streams: &mut [&mut dyn Step<V>],
) -> Result<(), TogetherError<V::Error>> {
    let unlinked = if V::ENDS { None } else { link.first_unlinked(halves) };
    let (answer, why) = match unlinked {
        Some(stream) => (Err(TogetherError::NotLinked { stream }), None),
        None => {
            let done = each(streams, |stream| stream.check()).and_then(|()| each(streams, |stream| stream.act()));
            match done {
                Ok(()) => (Ok(()), None),
                Err((stream, None)) => (Err(TogetherError::Over { stream }), None),
                Err((stream, Some(error))) => (Err(TogetherError::Refused { stream, error }), Some(error)),
            }
        }
    };
    match answer {
        Ok(()) => {
            streams.iter().for_each(|stream| stream.done());
            let over = |half: &&PeriodHalf<'_, E>| {
                // Whoever found it can have told only those that were there by then.
                half.pcm.with(|shared| {
                    shared.owes_link = false;
                    V::ENDS || shared.end.is_some()
                })
            };
            halves.iter().filter(over).for_each(|half| link.stop_others(half));
        }
        Err(_) => streams.iter_mut().rev().for_each(|stream| stream.back(why)),
    }
    answer
}

fn each<V: Verb>(
    streams: &mut [&mut dyn Step<V>],
    mut step: impl FnMut(&mut dyn Step<V>) -> Result<(), Option<V::Error>>,
) -> Result<(), (usize, Option<V::Error>)> {
    for (number, stream) in streams.iter_mut().enumerate() {
        step(&mut **stream).map_err(|why| (number, why))?;
    }
    Ok(())
}
