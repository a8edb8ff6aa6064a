//! [`Paused`]: a transfer stands still and can go on, or be stopped. It can not be synchronized: nobody has stopped it.

use core::fmt;

use super::methods::{names::*, terminations};
use super::{Active, Owned};
use crate::engine::EnginePause;
use crate::error::TransferError;
use crate::vchan::Generation;

/// A channel whose transfer is paused.
///
/// ```compile_fail,E0599
/// # fn f(paused: dmaengine_core::Paused<'_, backend_mock::Mock>, cx: &dmaengine_core::Sleepable<'_>) {
/// paused.synchronize(cx); // it would wait for a stop that nobody has asked for
/// # }
/// ```
#[must_use = "dropped, it stops"]
pub struct Paused<'d, E: Engine> {
    pub(super) owned: Owned<'d, E>,
    run: Generation,
}

/// Why a channel is not paused.
pub enum PauseFailed<'d, E: Engine> {
    /// The engine refused; the channel runs on.
    Refused(Kept<Active<'d, E>, TransferError>),
    /// Another stopped it first.
    Stopped(Stopping<'d, E>),
}

/// Why a channel does not go on.
pub enum ResumeFailed<'d, E: Engine> {
    /// The engine refused; the channel is still paused.
    Refused(Kept<Paused<'d, E>, TransferError>),
    /// Another stopped it first.
    Stopped(Stopping<'d, E>),
}

impl<'d, E: Engine> Paused<'d, E> {
    pub(super) fn new(owned: Owned<'d, E>, run: Generation) -> Self {
        Self { owned, run }
    }

    /// Goes on at once where it was paused. Any context.
    ///
    /// # Errors
    /// [`ResumeFailed::Refused`] with the channel still paused; [`ResumeFailed::Stopped`] if another stopped it first.
    #[doc(alias = "dmaengine_resume")]
    pub fn resume(self) -> Result<Active<'d, E>, ResumeFailed<'d, E>>
    where
        E: EnginePause,
    {
        match self.owned.0.with(|engine, inner| inner.resume(engine, self.run)) {
            Ok(true) => Ok(Active::new(self.owned, self.run)),
            Ok(false) => Err(ResumeFailed::Stopped(Stopping::new(self.owned))),
            Err(error) => Err(ResumeFailed::Refused(Kept { value: self, error })),
        }
    }
}

terminations!(Paused);

impl<E: Engine> fmt::Debug for PauseFailed<'_, E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Refused(kept) => kept.fmt(f),
            Self::Stopped(stopping) => stopping.fmt(f),
        }
    }
}

impl<E: Engine> fmt::Debug for ResumeFailed<'_, E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Refused(kept) => kept.fmt(f),
            Self::Stopped(stopping) => stopping.fmt(f),
        }
    }
}
