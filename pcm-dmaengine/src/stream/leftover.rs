//! [`Leftover`]: ALSA's DRAINING of a capture, which was stopped with frames left to take.
//!
//! # The frames that the stop costs
//!
//! From the moment at which it is told to stop until it has, the engine goes on writing, behind the last frame that counts: first where
//! the ring is free, then over the oldest of those that nobody has taken. How far it gets is known when it has stopped. Until then there
//! is the clock: it gets no farther than what the device can have delivered since, and what it had kept in its FIFO, which is less than
//! a period.
//!
//! ```text
//!        appl_ptr                        hw_ptr        + what may come
//!  ─────────┼───────── left to take ────────┼── free ──┼───▶ goes round
//!           └─ taken only if the engine cannot have come here
//! ```
//!
//! ALSA's drained capture has the same frames, and nothing that looks (Linux 6.12, sound/core/pcm_native.c).

use core::fmt;

use dmaengine_core::{Engine, EngineCyclic, Kept, Sleepable, Status, StillRunning};

use super::halt::{Halt, Quiet, Rest};
use super::samples::{Interleaved, Sink};
use super::{Broken, Capture, Running, Stopped};
use crate::units::Frames;

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
        Ok(Leftover { halt: this.halt_alone() })
    }
}

impl<'a, E: EngineCyclic> Leftover<'a, E> {
    /// Frames left. Fewer once the engine has stopped, if it had to write over the oldest.
    #[doc(alias = "snd_pcm_avail")]
    pub fn avail(&self) -> Frames {
        self.catch_up();
        self.halt.base.half.pcm.with(|shared| shared.avail())
    }

    /// Takes the next frames, as many as there are and as fit; interleaved. Any context; does not wait. Gives back how many: none, if the
    /// engine has not stopped and may be at the oldest of them. They can be taken when it has; see [`synchronize`](Self::synchronize).
    ///
    /// The user's documentation of ALSA promises them to readers; the kernel's `readi` refuses (Linux 6.12,
    /// sound/core/pcm_lib.c).
    pub fn take(&mut self, out: &mut [u8]) -> Frames {
        let mut sink = Interleaved::new(out, &self.halt.base.params);
        let frames = sink.frames();
        self.take_into(&mut sink, frames)
    }

    /// Takes as many frames as there are.
    pub(crate) fn take_into(&mut self, sink: &mut impl Sink, frames: Frames) -> Frames {
        let base = self.halt.base;
        loop {
            self.catch_up();
            let (from, avail) = base.half.pcm.with(|shared| (shared.appl_ptr, shared.avail()));
            let count = avail.min(frames);
            self.copy_out(from, count, sink);
            if let Some(taken) = self.taken(from, count) {
                return taken;
            }
        }
    }

    /// How many of the frames count that were read from a position on: all, or none if the engine may be at the oldest. `None` if it has
    /// stopped in the meantime and has taken the oldest with it.
    pub(super) fn taken(&self, from: Frames, count: Frames) -> Option<Frames> {
        // What was there when the reading began may have been written over before it ended.
        let stopping = self.catch_up();
        let base = self.halt.base;
        base.half.pcm.with(|shared| {
            let safe = !stopping || shared.is_out_of_reach(base.now());
            let taken = if safe { count } else { Frames(0) };
            (shared.appl_ptr == from).then(|| {
                shared.appl_ptr = from + taken;
                taken
            })
        })
    }

    fn copy_out(&self, from: Frames, count: Frames, sink: &mut impl Sink) {
        let (base, mut at) = (self.halt.base, Frames(0));
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
    }

    /// Lets go of the frames that were written over, as soon as it is known which. False if that is so, true as long as the engine may be
    /// writing.
    fn catch_up(&self) -> bool {
        let Rest::Stopping { transfer, .. } = &self.halt.rest else { return false };
        let status = transfer.status();
        if let Status::Aborted { residue } = status {
            self.halt.base.half.pcm.with(|shared| shared.overwritten(residue));
        }
        status == Status::Stopping
    }

    /// Sleeps until the engine has stopped: from then on all frames that are left can be taken.
    ///
    /// # Errors
    /// [`StillRunning`] if the engine did not stop within twice its bound, and the stream as it was.
    #[doc(alias = "sync_stop")]
    pub fn synchronize(self, context: &Sleepable<'_>) -> Result<Self, Kept<Self, StillRunning>> {
        let stopped = self
            .halt
            .synchronize(context)
            .map(|Quiet { base, channel, ring }| Self { halt: Halt { base, rest: Rest::Quiet { channel, ring } } });
        stopped.map_err(|kept| kept.map(|halt| Self { halt }))
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
