//! [`Running`]: the engine goes round the ring, and the client follows it (capture) or keeps ahead of it (playback).
//!
//! An XRUN can come between any two instructions, from the interrupt. So every call on a running stream may end it:
//! it takes the stream and gives back either the stream or what became of it.

use core::marker::PhantomData;

use dmaengine_core::{Active, Engine, EngineCyclic, Sleepable, Status, Transfer};

use super::halted::Halt;
use super::{Base, Faulted, Ring, Stopped, Way, Xrun};
use crate::error::Fault;
use crate::pcm::End;
use crate::units::{Frames, HwParams};

/// A stream that runs.
#[must_use = "dropped, it stops, and its ring leaks"]
#[doc(alias = "SNDRV_PCM_STATE_RUNNING")]
pub struct Running<'a, E: Engine, D: Way> {
    pub(super) base: Base<'a, E>,
    pub(super) active: Active<'a, E>,
    pub(super) transfer: Transfer<'a, E, Ring>,
    way: PhantomData<D>,
}

/// What became of a stream that runs no more.
pub enum Broken<'a, E: Engine, D: Way> {
    /// The client was too late. It goes on from here.
    Xrun(Xrun<'a, E, D>),
    /// The stream is dead.
    Faulted(Faulted<'a, E, D>),
}

/// What a look at the hardware says.
pub(super) enum Look {
    /// It goes on; so many frames are available to the client.
    Going(Frames),
    Over(End),
}

impl<'a, E: EngineCyclic, D: Way> Running<'a, E, D> {
    pub(super) fn new(base: Base<'a, E>, active: Active<'a, E>, transfer: Transfer<'a, E, Ring>) -> Self {
        Self { base, active, transfer, way: PhantomData }
    }

    /// How far the engine has come in this run.
    pub fn hw_ptr(&self) -> Frames {
        self.follow();
        self.base.pcm.with(|shared| shared.hw_ptr)
    }

    /// How far the client has come in this run.
    pub fn appl_ptr(&self) -> Frames {
        self.base.pcm.with(|shared| shared.appl_ptr)
    }

    /// Frames to read (capture), or room for frames to write (playback).
    #[doc(alias = "snd_pcm_avail")]
    pub fn avail(&self) -> Frames {
        self.follow();
        self.base.pcm.with(|shared| shared.avail())
    }

    /// The parameters.
    pub fn params(&self) -> &HwParams {
        &self.base.params
    }

    /// Stops the stream and drops what is in the ring. Any context; does not wait: the stop is under way.
    #[doc(alias = "snd_pcm_drop")]
    #[doc(alias = "SNDRV_PCM_TRIGGER_STOP")]
    pub fn stop(self) -> Stopped<'a, E, D> {
        Stopped::new(self.halt())
    }

    /// Moves the pointer to where the engine is, and draws no conclusion.
    fn follow(&self) -> Status {
        let status = self.transfer.status();
        if let Status::Running { progress, .. } | Status::Paused { progress, .. } = status {
            self.base.pcm.with(|shared| shared.follow(progress.bytes));
        }
        status
    }

    /// Where the stream stands. If it finds the run over, the caller halts it, now or with the client's next call.
    pub(super) fn look(&self) -> Look {
        let status = self.follow();
        self.base.pcm.with(|shared| {
            match status {
                Status::Running { .. } | Status::Paused { .. } => shared.judge(self.base.now()),
                Status::Queued { .. } => {}
                Status::Failed(error) => shared.finish(End::Dead(Fault::Engine(error))),
                // Whoever stopped it has said why, unless it is a stranger.
                _ => shared.finish(End::Dead(Fault::StoppedByAnother)),
            }
            shared.end.map_or(Look::Going(shared.avail()), Look::Over)
        })
    }

    /// Asks for the stop, if nobody has yet, and holds the obligation.
    pub(super) fn halt(self) -> Halt<'a, E> {
        // From here on an event of this run moves nothing.
        self.base.pcm.with(|shared| shared.run = None);
        Halt { base: self.base, stopping: self.active.terminate_async(), transfer: self.transfer }
    }

    /// What became of a stream that `look` found over.
    pub(super) fn over(self, end: End) -> Broken<'a, E, D> {
        match end {
            End::Xrun(report) => Broken::Xrun(Xrun::new(self.halt(), report)),
            End::Dead(fault) => Broken::Faulted(Faulted::new(self.halt(), fault)),
            End::Drained => unreachable!("only `drain` lets a run drain, and it takes the stream"),
        }
    }

    /// Sleeps until so many frames are available, or the run is over; or dead, if nothing moves for too long.
    #[doc(alias = "wait_for_avail")]
    pub(super) fn wait(&self, context: &Sleepable<'_>, enough: Frames) -> Look {
        let patience = self.base.params.patience();
        let nap = self.base.params.time(self.base.params.period_size);
        let start = self.base.now();
        loop {
            match self.look() {
                Look::Going(avail) if avail < enough => {}
                settled => return settled,
            }
            let waited = self.base.now() - start;
            if waited >= patience {
                let dead = End::Dead(Fault::Stalled { waited });
                self.base.pcm.with(|shared| shared.finish(dead));
                return Look::Over(dead);
            }
            context.sleep(nap.min(patience - waited));
        }
    }

    /// Moves `wanted` frames by `step`, as many at a time as are available, sleeping in between. `step` is told how many
    /// are done and how many to do, and answers whether it did them.
    pub(super) fn in_steps(
        self,
        context: &Sleepable<'_>,
        wanted: Frames,
        mut step: impl FnMut(&mut Self, Frames, Frames) -> bool,
    ) -> Result<(Self, Frames), Broken<'a, E, D>> {
        let (mut this, mut done) = (self, Frames(0));
        while done < wanted {
            match this.wait(context, Frames(1)) {
                Look::Going(avail) => {
                    // A stream that runs free may have more available than its ring holds.
                    let count = avail.min(wanted - done).min(this.base.params.buffer_size());
                    if step(&mut this, done, count) {
                        done += count;
                    }
                }
                _ if done.0 > 0 => break,
                Look::Over(end) => return Err(this.over(end)),
            }
        }
        Ok((this, done))
    }
}
