//! [`Flow`]: what a run has that was started and not stopped, whether it moves or is held: the ring in its transfer, and the duty to
//! stop the peripheral.

use dmaengine_core::{Engine, EngineCyclic, Status, Transfer};

use super::{Base, Ring};
use crate::error::Fault;
use crate::pcm::{End, Shared};
use crate::period::PeriodHalf;
use crate::units::Frames;

/// A peripheral and a DMA channel that were started. Dropped, it stops them, if nobody has.
pub(super) struct Started<'a, E: Engine>(PeriodHalf<'a, E>);

impl<E: Engine> Drop for Started<'_, E> {
    fn drop(&mut self) {
        self.0.pcm.with(|shared| self.0.stop(shared));
    }
}

pub(super) struct Flow<'a, E: Engine> {
    pub(super) base: Base<'a, E>,
    pub(super) started: Started<'a, E>,
    pub(super) transfer: Transfer<'a, E, Ring>,
}

/// What a look at the hardware says.
pub(super) enum Look {
    /// It goes on; so many frames are available to the client.
    Going(Frames),
    Over(End),
}

impl<'a, E: EngineCyclic> Flow<'a, E> {
    pub(super) fn new(base: Base<'a, E>, transfer: Transfer<'a, E, Ring>) -> Self {
        Self { base, started: Started(base.half), transfer }
    }

    pub(super) fn with<R>(&self, f: impl FnOnce(&mut Shared) -> R) -> R {
        self.base.half.pcm.with(f)
    }

    /// Moves the pointer to where the engine is, and draws no conclusion.
    pub(super) fn follow(&self) -> Status {
        let status = self.transfer.status();
        if let Status::Running { progress, .. } | Status::Paused { progress, .. } = status {
            self.with(|shared| shared.follow(progress.bytes, self.base.now()));
        }
        status
    }

    /// Where the stream stands. A run that is over is told to stop here, and its linked ones with it.
    pub(super) fn look(&self) -> Look {
        let status = self.follow();
        let half = &self.base.half;
        let (look, over_now) = self.with(|shared| {
            let before = shared.end;
            match status {
                Status::Running { .. } => half.judge(shared),
                Status::Paused { .. } | Status::Queued { .. } => {}
                Status::Failed(error) => half.end(shared, End::Dead(Fault::Engine(error))),
                // Whoever stopped it has said why, unless it is a stranger.
                _ => half.end(shared, End::Dead(Fault::StoppedByAnother)),
            }
            if let (false, None, Some(dead)) = (shared.held, shared.end, shared.stalled(self.base.now())) {
                half.end(shared, dead);
            }
            (shared.end.map_or(Look::Going(shared.avail()), Look::Over), before.is_none())
        });
        if let (Look::Over(End::Xrun(_)), true, Some(link)) = (&look, over_now, self.base.link) {
            link.stop_others(half);
        }
        look
    }

    /// The client goes back; gives back how far.
    pub(super) fn rewind(&mut self, frames: Frames) -> Frames {
        self.follow();
        self.with(|shared| {
            let room = Frames(u64::try_from(shared.hw_avail()).unwrap_or(0));
            let moved = frames.min(room).min(shared.appl_ptr);
            shared.appl_ptr = shared.appl_ptr - moved;
            moved
        })
    }

    /// The client goes on; gives back how far.
    pub(super) fn forward(&mut self, frames: Frames) -> Frames {
        self.follow();
        self.with(|shared| {
            let moved = frames.min(shared.avail());
            shared.appl_ptr += moved;
            moved
        })
    }
}

/// The positions, on each state that has a [`Flow`]: `$flow` is where.
macro_rules! positions {
    ($state:ident < $($way:ident)? >, $this:ident => $flow:expr) => {
        impl<'a, E: EngineCyclic, $($way: Way)?> $state<'a, E, $($way)?> {
            /// How far the engine has come in this run.
            #[doc(alias = "snd_pcm_hwsync")]
            pub fn hw_ptr(&self) -> Frames {
                let $this = self;
                $flow.follow();
                $flow.with(|shared| shared.hw_ptr)
            }

            /// How far the client has come in this run.
            pub fn appl_ptr(&self) -> Frames {
                let $this = self;
                $flow.with(|shared| shared.appl_ptr)
            }

            /// Frames to read (capture), or room for frames to write (playback).
            #[doc(alias = "snd_pcm_avail")]
            pub fn avail(&self) -> Frames {
                let $this = self;
                $flow.follow();
                $flow.with(|shared| shared.avail())
            }

            /// Frames between the client and the device, as far as the ring goes; negative once the engine has overtaken.
            #[doc(alias = "snd_pcm_delay")]
            pub fn delay(&self) -> i64 {
                let $this = self;
                $flow.follow();
                $flow.with(|shared| shared.delay())
            }

            /// The client goes back, as far as the engine has not been there: to read again, or to write anew. Gives back how far
            /// that was; not before the start of the run, and nothing once the engine has overtaken.
            #[doc(alias = "snd_pcm_rewind")]
            pub fn rewind(&mut self, frames: Frames) -> Frames {
                let $this = self;
                $flow.rewind(frames)
            }

            /// The client goes on without reading or writing, as far as there is something available. Gives back how far that
            /// was.
            #[doc(alias = "snd_pcm_forward")]
            pub fn forward(&mut self, frames: Frames) -> Frames {
                let $this = self;
                $flow.forward(frames)
            }

            /// The client goes to where the engine is: nothing is queued, nothing is to be read.
            #[doc(alias = "snd_pcm_reset")]
            pub fn reset(&mut self) {
                let $this = self;
                $flow.follow();
                $flow.with(|shared| shared.appl_ptr = shared.hw_ptr);
            }
        }
    };
}
pub(super) use positions;
