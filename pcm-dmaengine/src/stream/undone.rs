//! [`Undone`]: a start that was taken back half-way.

use core::marker::PhantomData;

use dmaengine_core::{
    Engine, EngineCyclic, EngineQueueAfterStop, EngineTerminateAtomic, Kept, Sleepable, StillRunning,
};

use super::halt::{Halt, ways_back};
use super::xrun::Before;
use super::{Faulted, Prepared, Running, Stopped, Way};
use crate::error::{Fault, StartError};
use crate::statistics::Lost;
use crate::units::Frames;

/// A stream whose DMA channel was started, and stopped again because its peripheral did not start. The stop may be under way.
///
/// In ALSA it is PREPARED, and may be started again at once, behind the unfinished stop (Linux 6.12, sound/core/pcm_native.c,
/// `snd_pcm_undo_start`). Here it is prepared again first, in one of the three ways; what was written is still there.
#[must_use = "the engine may not have stopped yet"]
pub struct Undone<'a, E: Engine, D: Way> {
    pub(super) halt: Halt<'a, E>,
    error: StartError,
    way: PhantomData<D>,
}

ways_back!(Undone, keeping error, again);

impl<'a, E: EngineCyclic, D: Way> Undone<'a, E, D> {
    pub(super) fn new(halt: Halt<'a, E>, error: StartError) -> Self {
        Self { halt, error, way: PhantomData }
    }

    /// Why it did not start.
    pub fn error(&self) -> StartError {
        self.error
    }

    /// Gives up on starting. What was written is dropped.
    #[doc(alias = "snd_pcm_drop")]
    pub fn stop(self) -> Stopped<'a, E, D> {
        Stopped::new(self.halt)
    }

    /// Nothing had begun that could be lost.
    fn before(&self) -> Before {
        Before { dropped: Frames(0), since: self.halt.base.now() }
    }
}

impl<'a, E: EngineCyclic, D: Way> Running<'a, E, D> {
    /// A start that is taken back for another's sake: what was written is still there.
    pub(crate) fn undo(self, error: StartError) -> Undone<'a, E, D> {
        Undone::new(self.halt(), error)
    }
}
