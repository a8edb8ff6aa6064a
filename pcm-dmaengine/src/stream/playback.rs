//! Playback's own: writing into the ring, before the start and while it runs, and playing out what is in it.

use dmaengine_core::{Engine, EngineCyclic, Sleepable, Transfer};

use super::flow::{Flow, Look};
use super::prepared::Ready;
use super::{Broken, Draining, Playback, Prepared, Ring, Running, Stopped};
use crate::format::SampleFormat;
use crate::pcm::End;
use crate::units::Frames;

/// Fills a part of a transfer's ring with silence. Byte offset and byte count, inside the ring.
pub(super) fn silence<E: Engine>(ring: &mut Transfer<'_, E, Ring>, format: SampleFormat, offset: usize, len: usize) {
    // Whole samples of one, two, three and four bytes.
    let mut silence = [0; 96];
    format.fill_silence(&mut silence);
    for at in (0..len).step_by(silence.len()) {
        let copied = ring.copy_in(offset + at, &silence[..silence.len().min(len - at)]);
        debug_assert_eq!(copied, Ok(()), "the caller keeps inside the ring");
    }
}

impl<E: EngineCyclic> Prepared<'_, E, Playback> {
    /// Writes whole frames into the ring ahead of the start, as many as there is room for; interleaved. Any context.
    ///
    /// Gives back how many it took. Behind a stop, the old run may still play some of them, for as long as it takes to
    /// stop; the new one plays them all, from the first.
    #[doc(alias = "snd_pcm_writei")]
    pub fn writei(&mut self, frames: &[u8]) -> Frames {
        let base = self.base;
        let (from, room) = base.half.pcm.with(|shared| (shared.appl_ptr, shared.avail()));
        let count = base.frames(frames.len()).min(room);
        let mut rest = frames;
        for (offset, len) in base.stretches(from, count) {
            let (part, behind) = rest.split_at(len);
            rest = behind;
            match &mut self.ready {
                Ready::Quiet { ring, .. } => ring[offset..offset + len].copy_from_slice(part),
                Ready::Behind { old, .. } => {
                    if old.copy_in(offset, part).is_err() {
                        return Frames(0);
                    }
                }
            }
        }
        base.half.pcm.with(|shared| shared.appl_ptr = from + count);
        count
    }
}

impl<'a, E: EngineCyclic> Running<'a, E, Playback> {
    /// Writes whole frames and sleeps until all are in the ring; interleaved.
    ///
    /// Gives back the stream and how many frames were written. That is fewer than asked for if the run ends on the way,
    /// which the next call then tells.
    ///
    /// # Errors
    /// [`Broken::Xrun`] if the ring ran empty, before anything was written; [`Broken::Faulted`] if nothing moved for
    /// [`HwParams::patience`](crate::HwParams::patience), or the engine failed.
    #[doc(alias = "snd_pcm_writei")]
    pub fn writei(self, context: &Sleepable<'_>, frames: &[u8]) -> Result<(Self, Frames), Broken<'a, E, Playback>> {
        let base = self.flow.base;
        self.in_steps(context, base.frames(frames.len()), |this, done, count| {
            this.flow.put(count, &frames[base.bytes(done)..base.bytes(done + count)])
        })
    }

    /// Plays what was written, sleeps until then, and stops. Behind the last frame comes silence.
    ///
    /// # Errors
    /// [`Broken::Faulted`] as for [`writei`](Self::writei); [`Broken::Xrun`] if the ring had run empty before the call.
    #[doc(alias = "snd_pcm_drain")]
    pub fn drain(self, context: &Sleepable<'_>) -> Result<Stopped<'a, E, Playback>, Broken<'a, E, Playback>> {
        self.begin_drain()?.finish(context)
    }

    /// Begins to play out what was written. Any context; does not wait.
    ///
    /// # Errors
    /// [`Broken::Xrun`] if the ring had run empty before the call.
    #[doc(alias = "snd_pcm_drain")]
    pub fn begin_drain(self) -> Result<Draining<'a, E>, Broken<'a, E, Playback>> {
        let mut draining = Draining::new(self);
        match draining.look() {
            Look::Going(_) | Look::Over(End::Drained) => Ok(draining),
            Look::Over(end) => Err(draining.running.over(end)),
        }
    }
}

impl<E: EngineCyclic> Flow<'_, E> {
    /// Writes frames where the client is. False if the engine came by meanwhile: then it counts for nothing, and the next look finds
    /// the XRUN.
    pub(super) fn put(&mut self, count: Frames, frames: &[u8]) -> bool {
        let from = self.with(|shared| shared.appl_ptr);
        self.copy_in(from, frames);
        let ahead = matches!(self.look(), Look::Going(_));
        if ahead {
            self.with(|shared| shared.appl_ptr = from + count);
        }
        ahead
    }

    /// Copies whole frames into the ring, from a position on.
    fn copy_in(&mut self, from: Frames, frames: &[u8]) {
        let mut rest = frames;
        for (offset, len) in self.base.stretches(from, self.base.frames(frames.len())) {
            let (part, behind) = rest.split_at(len);
            rest = behind;
            let copied = self.transfer.copy_in(offset, part);
            debug_assert_eq!(copied, Ok(()), "stretches lie in the ring");
        }
    }

    /// Writes silence from so many frames behind what was written up to so many, without counting it.
    pub(super) fn hush(&mut self, from: Frames, to: Frames) {
        let written = self.with(|shared| shared.appl_ptr);
        for (offset, len) in self.base.stretches(written + from, to - from) {
            silence(&mut self.transfer, self.base.params.format, offset, len);
        }
    }
}
