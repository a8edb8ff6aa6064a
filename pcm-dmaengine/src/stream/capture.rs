//! Capture's own: reading out of the ring while the engine goes round it.

use dmaengine_core::{EngineCyclic, Sleepable};

use super::flow::{Flow, Look};
use super::{Broken, Capture, Running};
use crate::units::Frames;

impl<'a, E: EngineCyclic> Running<'a, E, Capture> {
    /// Reads whole frames into `out` and sleeps until it is full; frames are interleaved, as the format says.
    ///
    /// Gives back the stream and how many frames were read. That is fewer than asked for if the run ends on the way,
    /// which the next call then tells.
    ///
    /// # Errors
    /// [`Broken::Xrun`] if the engine has overtaken the client, before anything was read; [`Broken::Faulted`] if nothing
    /// moved for [`HwParams::patience`](crate::HwParams::patience), or the engine failed; [`Broken::Disconnected`].
    #[doc(alias = "snd_pcm_readi")]
    pub fn readi(self, context: &Sleepable<'_>, out: &mut [u8]) -> Result<(Self, Frames), Broken<'a, E, Capture>> {
        let base = self.flow.base;
        self.in_steps(context, base.frames(out.len()), |this, done, count| {
            this.flow.take(count, &mut out[base.bytes(done)..base.bytes(done + count)])
        })
    }
}

impl<E: EngineCyclic> Flow<'_, E> {
    /// Copies the next frames out of the ring. False if the engine overtook the copy: then it counts for nothing, and
    /// the next look finds the XRUN.
    pub(super) fn take(&self, count: Frames, out: &mut [u8]) -> bool {
        let from = self.with(|shared| shared.appl_ptr);
        let mut rest = out;
        for (offset, len) in self.base.stretches(from, count) {
            let (part, behind) = rest.split_at_mut(len);
            rest = behind;
            let copied = self.transfer.copy_out(offset, part);
            debug_assert_eq!(copied, Ok(()), "stretches lie in the ring");
        }
        let untouched = matches!(self.look(), Look::Going(_));
        if untouched {
            self.with(|shared| shared.appl_ptr = from + count);
        }
        untouched
    }
}
