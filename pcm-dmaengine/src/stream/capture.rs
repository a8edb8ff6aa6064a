//! Capture's own: reading out of the ring while the engine goes round it.

use dmaengine_core::{EngineCyclic, Sleepable};

use super::flow::Flow;
use super::samples::{Interleaved, Sink};
use super::{Broken, Capture, Running};
use crate::units::Frames;

impl<'a, E: EngineCyclic> Running<'a, E, Capture> {
    /// Reads whole frames into `out` and sleeps until it is full; frames are interleaved, as the format says. What is there is taken
    /// at once; for the rest it wakes when [`avail_min`](crate::SwParams::avail_min) frames are there, or all that are wanted.
    ///
    /// Gives back the stream and how many frames were read. That is fewer than asked for if the run ends on the way,
    /// which the next call then tells.
    ///
    /// # Errors
    /// [`Broken::Xrun`] if the engine has overtaken the client, before anything was read; [`Broken::Faulted`] if nothing
    /// moved for [`HwParams::patience`](crate::HwParams::patience), or the engine failed; [`Broken::Disconnected`].
    #[doc(alias = "snd_pcm_readi")]
    pub fn readi(self, context: &Sleepable<'_>, out: &mut [u8]) -> Result<(Self, Frames), Broken<'a, E, Capture>> {
        let mut sink = Interleaved::new(out, self.params());
        let frames = sink.frames();
        self.read_into(Some(context), &mut sink, frames)
    }

    /// Reads as many whole frames as there are and as fit into `out`; interleaved. Any context; does not wait.
    ///
    /// Gives back the stream and how many frames were read; none where ALSA answers `-EAGAIN`.
    ///
    /// # Errors
    /// As for [`readi`](Self::readi). A stream on which nothing moves is found dead here, too.
    ///
    /// ```
    /// use dmaengine_core::EngineCyclic;
    /// use pcm_dmaengine::{Broken, Capture, Frames, Running};
    ///
    /// /// Throws away what nobody has read yet.
    /// fn skip<E: EngineCyclic>(mut stream: Running<'_, E, Capture>) -> Result<Running<'_, E, Capture>, Broken<'_, E, Capture>> {
    ///     let mut samples = [0; 256];
    ///     loop {
    ///         let (running, frames) = stream.try_readi(&mut samples)?;
    ///         if frames == Frames(0) {
    ///             return Ok(running);
    ///         }
    ///         stream = running;
    ///     }
    /// }
    /// ```
    #[doc(alias = "snd_pcm_readi")]
    #[doc(alias = "EAGAIN")]
    pub fn try_readi(self, out: &mut [u8]) -> Result<(Self, Frames), Broken<'a, E, Capture>> {
        let mut sink = Interleaved::new(out, self.params());
        let frames = sink.frames();
        self.read_into(None, &mut sink, frames)
    }

    /// Reads so many frames, or, where nobody may sleep, as many of them as are there.
    pub(crate) fn read_into(
        self,
        context: Option<&Sleepable<'_>>,
        sink: &mut impl Sink,
        frames: Frames,
    ) -> Result<(Self, Frames), Broken<'a, E, Capture>> {
        match context {
            Some(context) => self.in_steps(context, frames, |this, done, count| this.flow.take(sink, done, count)),
            None => self.at_once(frames, |this, count| this.flow.take(sink, Frames(0), count)),
        }
    }
}

impl<E: EngineCyclic> Flow<'_, E> {
    /// Copies the next frames out of the ring, as the client's from number `at` on. False if the engine overtook the copy: then it
    /// counts for nothing, and the next look finds the XRUN.
    pub(super) fn take(&self, sink: &mut impl Sink, at: Frames, count: Frames) -> bool {
        let from = self.with(|shared| shared.appl_ptr);
        let mut at = at;
        for (offset, len) in self.base.stretches(from, count) {
            sink.fill(at, len, |skip, part| {
                let copied = self.transfer.copy_out(offset + skip, part);
                debug_assert_eq!(copied, Ok(()), "stretches lie in the ring");
            });
            at += self.base.frames(len);
        }
        self.come_to(from + count)
    }
}
