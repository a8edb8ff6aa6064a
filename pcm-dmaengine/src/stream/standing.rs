//! Reading and writing while a stream is paused: what is there can be taken, what there is room for can be written, and there is nothing
//! to wait for.

use dmaengine_core::EngineCyclic;

use super::{Capture, Paused, Playback};
use crate::units::Frames;

impl<E: EngineCyclic> Paused<'_, E, Capture> {
    /// Takes the next frames, as many as there are and as fit; interleaved. Any context; does not wait. Gives back how many.
    #[doc(alias = "snd_pcm_readi")]
    pub fn readi(&mut self, out: &mut [u8]) -> Frames {
        let base = self.flow.base;
        let count = self.avail().min(base.frames(out.len())).min(base.params.buffer_size());
        let taken = self.flow.take(count, &mut out[..base.bytes(count)]);
        if taken { count } else { Frames(0) }
    }
}

impl<E: EngineCyclic> Paused<'_, E, Playback> {
    /// Writes whole frames, as many as there is room for; interleaved. Any context; does not wait. Gives back how many.
    #[doc(alias = "snd_pcm_writei")]
    pub fn writei(&mut self, frames: &[u8]) -> Frames {
        let base = self.flow.base;
        let count = self.avail().min(base.frames(frames.len())).min(base.params.buffer_size());
        let written = self.flow.put(count, &frames[..base.bytes(count)]);
        if written { count } else { Frames(0) }
    }
}
