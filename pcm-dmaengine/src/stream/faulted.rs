//! [`Faulted`]: the stream is dead; and [`Disconnected`]: its device is gone.

use core::marker::PhantomData;

use dmaengine_core::{Engine, EngineCyclic, Idle, Kept, Micros, Sleepable, StillRunning};

use super::halt::{Halt, Quiet, Rest};
use super::xrun::Before;
use super::{Prepared, Setup, Way};
use crate::error::Fault;
use crate::statistics::Lost;
use crate::units::Frames;

/// A stream that is dead: nothing moves, or the engine has failed. Never reported as running.
#[must_use = "the engine may not have stopped yet"]
#[doc(alias = "EIO")]
pub struct Faulted<'a, E: Engine, D: Way> {
    pub(super) halt: Halt<'a, E>,
    fault: Fault,
    since: Micros,
    way: PhantomData<D>,
}

impl<'a, E: EngineCyclic, D: Way> Faulted<'a, E, D> {
    pub(super) fn new(halt: Halt<'a, E>, fault: Fault) -> Self {
        let still = if let Fault::Stalled { waited } = fault { waited } else { Micros::ZERO };
        Self { since: halt.base.now() - still, halt, fault, way: PhantomData }
    }

    /// Why.
    pub fn fault(&self) -> Fault {
        self.fault
    }

    /// Sleeps until the channel is quiescent; if it does not become so, resets it.
    ///
    /// # Errors
    /// [`StillRunning`] if even that did not help, and the stream as it was. Its ring stays with it.
    pub fn reset(self, context: &Sleepable<'_>) -> Result<Setup<'a, E, D>, Kept<Self, StillRunning>> {
        let (fault, since, way) = (self.fault, self.since, self.way);
        let reset = self.halt.reset(context).map(Setup::new);
        reset.map_err(|kept| kept.map(|halt| Self { halt, fault, since, way }))
    }

    /// [`reset`](Self::reset) and [`prepare`](Setup::prepare) in one; and what was lost: the time since anything moved, and the frames
    /// that would have.
    ///
    /// # Errors
    /// The stream, for another reason: [`Fault::NeverStopped`].
    #[doc(alias = "snd_pcm_recover")]
    pub fn recover(self, context: &Sleepable<'_>) -> Result<(Prepared<'a, E, D>, Lost), Self> {
        let before = Before { dropped: Frames(0), since: self.since };
        match self.halt.reset(context) {
            Ok(quiet) => {
                let lost = before.until_now(&quiet.base);
                Ok((Prepared::new(quiet.ready()), lost))
            }
            Err(kept) => Err(Self::new(kept.value, Fault::NeverStopped(kept.error))),
        }
    }
}

/// A stream whose device is gone. It can be closed and nothing else.
#[must_use = "the engine may not have stopped yet"]
#[doc(alias = "SNDRV_PCM_STATE_DISCONNECTED")]
#[doc(alias = "ENODEV")]
pub struct Disconnected<'a, E: Engine, D: Way> {
    halt: Halt<'a, E>,
    way: PhantomData<D>,
}

impl<'a, E: EngineCyclic, D: Way> Disconnected<'a, E, D> {
    pub(super) fn new(halt: Halt<'a, E>) -> Self {
        Self { halt, way: PhantomData }
    }

    /// Sleeps until the channel is quiescent, resets it if it does not become so, and gives back the channel and the ring.
    ///
    /// # Errors
    /// [`StillRunning`] if even that did not help, and the stream as it was.
    #[doc(alias = "snd_pcm_close")]
    pub fn close(self, context: &Sleepable<'_>) -> Result<(Idle<'a, E>, &'static mut [u8]), Kept<Self, StillRunning>> {
        let closed = self.halt.reset(context).map(|Quiet { channel, ring, .. }| (channel, ring.into_whole()));
        closed.map_err(|kept| kept.map(Self::new))
    }
}

impl<'a, E: EngineCyclic, D: Way> Setup<'a, E, D> {
    /// The device is gone.
    #[doc(alias = "snd_pcm_dev_disconnect")]
    pub fn disconnect(self) -> Disconnected<'a, E, D> {
        self.base.half.disconnect();
        let rest = Rest::Quiet { channel: self.channel, ring: self.ring };
        Disconnected::new(Halt { base: self.base, rest })
    }
}
