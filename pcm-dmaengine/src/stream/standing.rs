//! Reading and writing while a stream is paused: what is there can be taken, what there is room for can be written, and
//! there is nothing to wait for.

use dmaengine_core::EngineCyclic;

use super::samples::{Interleaved, Sink, Source};
use super::{Capture, Paused, Playback};
use crate::units::Frames;

impl<E: EngineCyclic> Paused<'_, E, Capture> {
    /// Takes the next frames, as many as there are and as fit; interleaved. Any context; does not wait. Gives back how
    /// many.
    #[doc(alias = "snd_pcm_readi")]
    pub fn readi(&mut self, out: &mut [u8]) -> Frames {
        let mut sink = Interleaved::new(out, self.params());
        let frames = sink.frames();
        self.take(&mut sink, frames)
    }

    /// Takes as many frames as there are.
    pub(crate) fn take(&mut self, sink: &mut impl Sink, frames: Frames) -> Frames {
        let count = self.avail().min(frames).min(self.params().buffer_size());
        if self.flow.take(sink, Frames(0), count) { count } else { Frames(0) }
    }
}

impl<E: EngineCyclic> Paused<'_, E, Playback> {
    /// Writes whole frames, as many as there is room for; interleaved. Any context; does not wait. Gives back how many.
    #[doc(alias = "snd_pcm_writei")]
    pub fn writei(&mut self, frames: &[u8]) -> Frames {
        let source = Interleaved::new(frames, self.params());
        self.put(&source, source.frames())
    }

    /// Writes as many frames as there is room for.
    pub(crate) fn put(&mut self, source: &impl Source, frames: Frames) -> Frames {
        let count = self.avail().min(frames).min(self.params().buffer_size());
        if self.flow.put(source, Frames(0), count) { count } else { Frames(0) }
    }
}
