//! The positions, on every state in which they say something: how far the engine and the client have come, and what lies between them. Where
//! the engine may have stopped for another reason than the client's, after an XRUN say, there are none.

use dmaengine_core::EngineCyclic;

use super::flow::Flow;
use super::{Base, Draining, Paused, Prepared, Running, Way};
use crate::pcm::{Pcm, Shared};
use crate::units::Frames;

impl<E: EngineCyclic> Flow<'_, E> {
    /// Runs `f` where the engine is now.
    fn followed<R>(&self, f: impl FnOnce(&mut Shared) -> R) -> R {
        self.follow();
        self.with(f)
    }

    fn pcm(&self) -> &Pcm<E> {
        self.base.half.pcm
    }
}

impl<E: EngineCyclic> Base<'_, E> {
    /// Of a stream that has not started, the engine is at the beginning.
    fn followed<R>(&self, f: impl FnOnce(&mut Shared) -> R) -> R {
        self.half.pcm.with(f)
    }

    fn pcm(&self) -> &Pcm<E> {
        self.half.pcm
    }
}

macro_rules! positions {
    ($($state:ident < $($way:ident)? >, $this:ident => $place:expr;)*) => { $(
        impl<'a, E: EngineCyclic, $($way: Way)?> $state<'a, E, $($way)?> {
            /// How far the engine has come in this run.
            #[doc(alias = "snd_pcm_hwsync")]
            pub fn hw_ptr(&self) -> Frames {
                let $this = self;
                $place.followed(|shared| shared.hw_ptr)
            }

            /// How far the client has come in this run.
            pub fn appl_ptr(&self) -> Frames {
                let $this = self;
                $place.pcm().with(|shared| shared.appl_ptr)
            }

            /// Frames to read (capture), or room for frames to write (playback).
            #[doc(alias = "snd_pcm_avail")]
            pub fn avail(&self) -> Frames {
                let $this = self;
                $place.followed(|shared| shared.avail())
            }

            /// Frames between the client and the device, as far as the ring goes; negative once the engine has overtaken.
            #[doc(alias = "snd_pcm_delay")]
            pub fn delay(&self) -> i64 {
                let $this = self;
                $place.followed(|shared| shared.delay())
            }

            /// The client goes back, as far as the engine has not been there: to read again, or to write anew. Gives back how far
            /// that was; not before the start of the run, and nothing once the engine has overtaken.
            #[doc(alias = "snd_pcm_rewind")]
            pub fn rewind(&mut self, frames: Frames) -> Frames {
                let $this = self;
                $place.followed(|shared| shared.rewind(frames))
            }

            /// The client goes on without reading or writing, as far as there is something available. Gives back how far that
            /// was.
            #[doc(alias = "snd_pcm_forward")]
            pub fn forward(&mut self, frames: Frames) -> Frames {
                let $this = self;
                $place.followed(|shared| shared.forward(frames))
            }
        }
    )* };
}

positions! {
    Prepared<D>, this => this.base;
    Running<D>, this => this.flow;
    Draining<>, this => this.running.flow;
    Paused<D>, this => this.flow;
}

macro_rules! reset {
    ($($state:ident, $this:ident => $place:expr;)*) => { $(
        impl<'a, E: EngineCyclic, D: Way> $state<'a, E, D> {
            /// The client goes to where the engine is: nothing is queued, nothing is to be read.
            #[doc(alias = "snd_pcm_reset")]
            pub fn reset(&mut self) {
                let $this = self;
                $place.followed(|shared| shared.appl_ptr = shared.hw_ptr);
            }
        }
    )* };
}

// Not while it plays the rest: that is all there is to play.
reset! {
    Prepared, this => this.base;
    Running, this => this.flow;
    Paused, this => this.flow;
}
