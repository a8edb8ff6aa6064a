//! [`Stopped`]: ALSA's SETUP, as long as the stop is not known to be complete.

use core::marker::PhantomData;

use dmaengine_core::{
    Engine, EngineCyclic, EngineQueueAfterStop, EngineTerminateAtomic, Kept, Micros, Sleepable, StillRunning,
};

use super::halt::{Halt, ways_back};
use super::xrun::Before;
use super::{Disconnected, Faulted, Prepared, Setup, Way};
use crate::error::Fault;
use crate::statistics::Lost;
use crate::units::Frames;

/// A stream that was stopped: ALSA's SETUP, as long as the stop is not known to be complete.
#[must_use = "the engine may not have stopped yet"]
#[doc(alias = "SNDRV_PCM_STATE_SETUP")]
pub struct Stopped<'a, E: Engine, D: Way> {
    pub(super) halt: Halt<'a, E>,
    since: Micros,
    way: PhantomData<D>,
}

ways_back!(Stopped, keeping since, new);

impl<'a, E: EngineCyclic, D: Way> Stopped<'a, E, D> {
    pub(super) fn new(halt: Halt<'a, E>) -> Self {
        Self { since: halt.base.now(), halt, way: PhantomData }
    }

    /// Sleeps until the old run is quiescent.
    ///
    /// # Errors
    /// [`StillRunning`] if the engine did not stop within twice its bound, and the stream as it was.
    #[doc(alias = "sync_stop")]
    pub fn synchronize(self, context: &Sleepable<'_>) -> Result<Setup<'a, E, D>, Kept<Self, StillRunning>> {
        self.halt.synchronize(context).map(Setup::new).map_err(|kept| kept.map(Self::new))
    }

    /// As [`synchronize`](Self::synchronize), and resets the channel if the engine does not stop: the last way out.
    ///
    /// # Errors
    /// [`StillRunning`] if even that did not help, and the stream as it was. Its ring stays with it.
    pub fn reset(self, context: &Sleepable<'_>) -> Result<Setup<'a, E, D>, Kept<Self, StillRunning>> {
        self.halt.reset(context).map(Setup::new).map_err(|kept| kept.map(Self::new))
    }

    /// The device is gone.
    #[doc(alias = "snd_pcm_dev_disconnect")]
    pub fn disconnect(self) -> Disconnected<'a, E, D> {
        self.halt.base.half.disconnect();
        Disconnected::new(self.halt)
    }

    fn before(&self) -> Before {
        Before { dropped: Frames(0), since: self.since }
    }
}
