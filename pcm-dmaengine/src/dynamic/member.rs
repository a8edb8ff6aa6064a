//! What a [`Card`](super::Card) asks of a stream that is linked: whether it could, and to take back what it did.

use dmaengine_core::{EngineCyclic, Sleepable};

use super::slot::Slot;
use super::{DynPcm, Errno, State};
use crate::error::StartError;
use crate::stream::{Playback, Way};
use crate::units::Frames;

impl<E: EngineCyclic, D: Way> DynPcm<'_, E, D> {
    /// What a start would be refused with before anything is touched.
    pub(super) fn could_start(&self) -> Result<(), Errno> {
        match (self.state(), self.half.pcm.with(|shared| shared.obstacle())) {
            (State::Prepared, None) => Ok(()),
            (State::Prepared, Some(error)) => Err(error.into()),
            _ => Err(Errno::EBADFD),
        }
    }

    pub(super) fn could_pause(&self, push: bool) -> Result<(), Errno> {
        let from = if push { State::Running } else { State::Paused };
        match (self.state(), self.pause) {
            (State::Disconnected, _) => Err(Errno::EBADFD),
            (_, None) => Err(Errno::ENOSYS),
            (state, Some(_)) if state == from => Ok(()),
            _ => Err(Errno::EBADFD),
        }
    }

    pub(super) fn could_resume(&self) -> Result<(), Errno> {
        match (self.state(), self.pause) {
            (State::Suspended, Some(_)) => Ok(()),
            (State::Suspended, None) => Err(Errno::ENOSYS),
            _ => Err(Errno::EBADFD),
        }
    }

    /// Takes a start back, and sleeps until it has stopped: PREPARED, with what was written.
    pub(super) fn undo_start(&mut self, context: &Sleepable<'_>) {
        let undone = self.operate(|_, slot| match slot {
            Slot::Running(running) => Slot::undone(running.undo(StartError::StoppedByAnother), context),
            other => (other, Ok(())),
        });
        // One that did not stop says so with its state.
        let _ = undone;
    }

    /// Begins to drain, and does not wait.
    pub(super) fn begin_draining(&mut self, context: &Sleepable<'_>) -> Result<(), Errno> {
        self.operate(|this, slot| this.begin_drain(slot, context))
    }

    /// Whether to read so many bytes would start it.
    pub(super) fn would_start(&self, bytes: usize) -> bool {
        match &self.slot {
            Slot::Prepared(prepared) => self.frames(bytes) >= prepared.sw_params().start_threshold.max(Frames(1)),
            _ => false,
        }
    }
}

impl<E: EngineCyclic> DynPcm<'_, E, Playback> {
    /// Writes what there is room for before the start, if it is PREPARED; and whether it should start now.
    pub(super) fn write_ahead(&mut self, frames: &[u8]) -> Option<(Frames, bool)> {
        let state = self.state();
        match &mut self.slot {
            Slot::Prepared(prepared) if state == State::Prepared && !frames.is_empty() => {
                let written = prepared.writei(frames);
                Some((written, prepared.appl_ptr() >= prepared.sw_params().start_threshold))
            }
            _ => None,
        }
    }

    /// What comes behind the first so many frames.
    pub(super) fn behind<'f>(&self, frames: &'f [u8], written: Frames) -> &'f [u8] {
        let frame = self.half.pcm.with(|shared| shared.params.frame_bytes());
        &frames[written.0 as usize * frame as usize..]
    }
}
