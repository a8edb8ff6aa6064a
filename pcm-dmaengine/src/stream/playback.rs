//! Playback's own: writing into the ring, before the start and while it runs, and playing out what is in it.

use dmaengine_core::{EngineCyclic, Sleepable};

use super::flow::{Flow, Look};
use super::prepared::Ready;
use super::samples::{Interleaved, Source};
use super::{Broken, Draining, Playback, Prepared, Running, Stopped};
use crate::pcm::End;
use crate::units::Frames;

impl<E: EngineCyclic> Prepared<'_, E, Playback> {
    /// Writes whole frames into the ring ahead of the start, as many as there is room for; interleaved. Any context.
    ///
    /// Gives back how many it took. Behind a stop, the old run may still play some of them, for as long as it takes to
    /// stop; the new one plays them all, from the first.
    #[doc(alias = "snd_pcm_writei")]
    pub fn writei(&mut self, frames: &[u8]) -> Frames {
        let source = Interleaved::new(frames, &self.base.params);
        self.put(&source, source.frames())
    }

    /// Writes as many frames as there is room for.
    pub(crate) fn put(&mut self, source: &impl Source, frames: Frames) -> Frames {
        let base = self.base;
        let (from, room) = base.half.pcm.with(|shared| (shared.appl_ptr, shared.avail()));
        let count = frames.min(room);
        let mut at = Frames(0);
        for (offset, len) in base.stretches(from, count) {
            source.give(at, len, |skip, part| match &mut self.ready {
                Ready::Quiet { ring, .. } => ring[offset + skip..][..part.len()].copy_from_slice(part),
                Ready::Behind { old, .. } => {
                    let copied = old.copy_in(offset + skip, part);
                    debug_assert_eq!(copied, Ok(()), "stretches lie in the ring");
                }
            });
            at += base.frames(len);
        }
        base.half.pcm.with(|shared| shared.appl_ptr = from + count);
        count
    }
}

impl<'a, E: EngineCyclic> Running<'a, E, Playback> {
    /// Writes whole frames and sleeps until all are in the ring; interleaved. What there is room for is written at once; for the
    /// rest it wakes when there is room for [`avail_min`](crate::SwParams::avail_min) frames, or for all that are left.
    ///
    /// Gives back the stream and how many frames were written. That is fewer than asked for if the run ends on the way,
    /// which the next call then tells.
    ///
    /// # Errors
    /// [`Broken::Xrun`] if the ring ran empty, before anything was written; [`Broken::Faulted`] if nothing moved for
    /// [`HwParams::patience`](crate::HwParams::patience), or the engine failed.
    #[doc(alias = "snd_pcm_writei")]
    pub fn writei(self, context: &Sleepable<'_>, frames: &[u8]) -> Result<(Self, Frames), Broken<'a, E, Playback>> {
        let source = Interleaved::new(frames, self.params());
        self.write_from(Some(context), &source, Frames(0), source.frames())
    }

    /// Writes as many whole frames as there is room for; interleaved. Any context; does not wait.
    ///
    /// Gives back the stream and how many frames were written; none where ALSA answers `-EAGAIN`.
    ///
    /// # Errors
    /// As for [`writei`](Self::writei). A stream on which nothing moves is found dead here, too.
    #[doc(alias = "snd_pcm_writei")]
    #[doc(alias = "EAGAIN")]
    pub fn try_writei(self, frames: &[u8]) -> Result<(Self, Frames), Broken<'a, E, Playback>> {
        let source = Interleaved::new(frames, self.params());
        self.write_from(None, &source, Frames(0), source.frames())
    }

    /// Writes so many frames, from one on, or, where nobody may sleep, as many of them as there is room for.
    pub(crate) fn write_from(
        self,
        context: Option<&Sleepable<'_>>,
        source: &impl Source,
        from: Frames,
        frames: Frames,
    ) -> Result<(Self, Frames), Broken<'a, E, Playback>> {
        match context {
            Some(context) => {
                self.in_steps(context, frames, |this, done, count| this.flow.put(source, from + done, count))
            }
            None => self.at_once(frames, |this, count| this.flow.put(source, from, count)),
        }
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
        let draining = Draining::new(self);
        match draining.look() {
            Look::Going(_) | Look::Over(End::Drained) => Ok(draining),
            Look::Over(end) => Err(draining.running.over(end)),
        }
    }
}

impl<E: EngineCyclic> Flow<'_, E> {
    /// Writes frames where the client is, its own from number `at` on. False if the engine came by meanwhile: then it counts for
    /// nothing, and the next look finds the XRUN.
    pub(super) fn put(&mut self, source: &impl Source, at: Frames, count: Frames) -> bool {
        let from = self.with(|shared| {
            shared.claim(count);
            shared.appl_ptr
        });
        let mut at = at;
        for (offset, len) in self.base.stretches(from, count) {
            source.give(at, len, |skip, part| {
                let copied = self.transfer.copy_in(offset + skip, part);
                debug_assert_eq!(copied, Ok(()), "stretches lie in the ring");
            });
            at += self.base.frames(len);
        }
        self.come_to(from + count)
    }
}
