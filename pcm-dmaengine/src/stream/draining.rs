//! ALSA's DRAINING, which is two states: [`Draining`], playback that plays the rest; and [`Leftover`], capture that was stopped with frames
//! left to take.

use core::fmt;

use dmaengine_core::{Engine, EngineCyclic, Sleepable};

use super::flow::{Flow, Look};
use super::halt::{Halt, Rest};
use super::samples::{Interleaved, Sink};
use super::{Broken, Capture, Playback, Running, Stopped};
use crate::pcm::End;
use crate::units::Frames;

/// A playback that plays what was written, and then stops by itself.
#[must_use = "dropped, it stops, and its ring leaks"]
#[doc(alias = "SNDRV_PCM_STATE_DRAINING")]
pub struct Draining<'a, E: Engine> {
    pub(super) running: Running<'a, E, Playback>,
    /// Frames behind the last one that was written which are silence already.
    hushed: Frames,
}

impl<'a, E: EngineCyclic> Draining<'a, E> {
    pub(super) fn new(running: Running<'a, E, Playback>) -> Self {
        running.flow.with(|shared| shared.draining = true);
        Self { running, hushed: Frames(0) }
    }

    /// Where it stands. Behind the last frame the engine must find silence, as long as it takes to stop.
    pub(super) fn look(&mut self) -> Look {
        let look = self.running.flow.look();
        if let Look::Going(room) = look {
            self.running.flow.hush(self.hushed, room);
            self.hushed = self.hushed.max(room);
        }
        look
    }

    /// Sleeps until everything was played.
    ///
    /// # Errors
    /// [`Broken::Faulted`] if nothing moved for [`HwParams::patience`](crate::HwParams::patience), or the engine failed; [`Broken::Xrun`] if the peripheral or a linked stream
    /// had one.
    #[doc(alias = "snd_pcm_drain")]
    pub fn finish(self, context: &Sleepable<'_>) -> Result<Stopped<'a, E, Playback>, Broken<'a, E, Playback>> {
        let mut this = self;
        let nap = this.params().time(this.params().period_size);
        loop {
            match this.look() {
                Look::Going(_) => context.sleep(nap),
                Look::Over(end) => return this.over(end),
            }
        }
    }

    /// Stopped, if everything was played; else as it was, in `Ok(Err(..))`. Any context; does not wait. Called now and then, it keeps silence behind
    /// the last frame.
    ///
    /// # Errors
    /// As for [`finish`](Self::finish).
    pub fn try_finish(self) -> Result<Result<Stopped<'a, E, Playback>, Self>, Broken<'a, E, Playback>> {
        let mut this = self;
        match this.look() {
            Look::Going(_) => Ok(Err(this)),
            Look::Over(end) => this.over(end).map(Ok),
        }
    }

    fn over(self, end: End) -> Result<Stopped<'a, E, Playback>, Broken<'a, E, Playback>> {
        match end {
            End::Drained => Ok(Stopped::new(self.running.halt())),
            end => Err(self.running.over(end)),
        }
    }

    /// Stops at once, and drops what was not played. Any context; does not wait: the stop is under way.
    #[doc(alias = "snd_pcm_drop")]
    pub fn stop(self) -> Stopped<'a, E, Playback> {
        self.running.stop()
    }
}

impl<E: Engine> fmt::Debug for Draining<'_, E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Draining MemToDev stream")
    }
}

/// A capture that was stopped, with the frames that nobody has read yet.
#[must_use = "the engine may not have stopped yet"]
#[doc(alias = "SNDRV_PCM_STATE_DRAINING")]
pub struct Leftover<'a, E: Engine> {
    pub(super) halt: Halt<'a, E>,
}

impl<'a, E: EngineCyclic> Running<'a, E, Capture> {
    /// Stops, and keeps what was captured up to now. Any context; does not wait: the stop is under way.
    ///
    /// # Errors
    /// As for every other call that looks: [`Broken`].
    #[doc(alias = "snd_pcm_drain")]
    pub fn drain(self) -> Result<Leftover<'a, E>, Broken<'a, E, Capture>> {
        let this = self.hwsync()?;
        this.flow.with(|shared| shared.draining = true);
        Ok(Leftover { halt: this.halt() })
    }
}

impl<'a, E: EngineCyclic> Leftover<'a, E> {
    /// Frames left.
    #[doc(alias = "snd_pcm_avail")]
    pub fn avail(&self) -> Frames {
        self.halt.base.half.pcm.with(|shared| shared.avail())
    }

    /// Takes the next frames, as many as there are and as fit; interleaved. Any context. Gives back how many.
    ///
    /// The user's documentation of ALSA promises them to readers; the kernel's `readi` refuses (Linux 6.12,
    /// sound/core/pcm_lib.c).
    pub fn take(&mut self, out: &mut [u8]) -> Frames {
        let mut sink = Interleaved::new(out, &self.halt.base.params);
        let frames = sink.frames();
        self.take_into(&mut sink, frames)
    }

    /// Takes as many frames as there are.
    pub(super) fn take_into(&mut self, sink: &mut impl Sink, frames: Frames) -> Frames {
        let base = self.halt.base;
        let (from, avail) = base.half.pcm.with(|shared| (shared.appl_ptr, shared.avail()));
        let (count, mut at) = (avail.min(frames), Frames(0));
        for (offset, len) in base.stretches(from, count) {
            sink.fill(at, len, |skip, part| match &self.halt.rest {
                Rest::Quiet { ring, .. } => part.copy_from_slice(&ring[offset + skip..][..part.len()]),
                Rest::Stopping { transfer, .. } => {
                    let copied = transfer.copy_out(offset + skip, part);
                    debug_assert_eq!(copied, Ok(()), "stretches lie in the ring");
                }
            });
            at += base.frames(len);
        }
        base.half.pcm.with(|shared| shared.appl_ptr = from + count);
        count
    }

    /// Gives up the rest.
    #[doc(alias = "snd_pcm_drop")]
    pub fn stop(self) -> Stopped<'a, E, Capture> {
        Stopped::new(self.halt)
    }
}

impl<E: Engine> fmt::Debug for Leftover<'_, E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Leftover DevToMem stream")
    }
}

impl<'a, E: EngineCyclic> Flow<'a, E> {
    /// Whether it plays the rest.
    pub(super) fn is_draining(&self) -> bool {
        self.with(|shared| shared.draining)
    }
}
