//! The stream as its thread holds it: one type for each of ALSA's states, and only the operations that are right in it.
//!
//! ```text
//!         hw_params         prepare            start              pause
//!   Open ──────────▶ Setup ────────▶ Prepared ──────▶ Running ◀────────▶ Paused
//!        ◀──────────   ▲               ▲ │ ▲             │       resume    │
//!          hw_free     │               │ │ │ recover     ├─ begin_drain ─▶ Draining, drain ─▶ Leftover
//!                      │     prepare*, │ │ └─ Undone     ├─ found by a call ─▶ Xrun, Faulted, Disconnected
//!                      │     recover   │ └─── start was  │
//!                      │               │      taken back │ stop, from each of them
//!                      │ synchronize   │                 ▼
//!                      └───────────────┴───────────── Stopped
//!
//!   suspend: all that can sleep ──▶ Suspended ── resume ──▶ what it was;  ── stop ──▶ Stopped
//!   prepare* is prepare (sleeps), prepare_atomic (busy-waits) or prepare_queued (waits behind the stop)
//! ```
//!
//! ALSA's SETUP and XRUN hide states: the stop is complete, or still under way, or the hardware is dead. Here `Setup` and
//! `Prepared` are reached with proof of quiescence, or behind the stop; `Xrun`, `Undone`, `Stopped` and `Faulted` hold the
//! obligation. `Paused` and `Suspended` hold a channel that stands still, and there is no way from them to a start that does not
//! go on with it or terminate it.

mod begun;
mod capture;
mod direct;
mod draining;
mod faulted;
mod flow;
mod halt;
mod leftover;
mod noninterleaved;
mod open;
mod parameters;
mod paused;
mod playback;
mod positions;
mod prepared;
mod ready;
mod rest;
mod running;
pub(crate) mod samples;
mod standing;
mod stopped;
mod suspended;
pub mod together;
mod undone;
mod wait;
mod xrun;

pub use begun::{BeginFailed, Begun};
pub use direct::Area;
pub use draining::Draining;
pub use faulted::{Disconnected, Faulted};
pub use leftover::Leftover;
pub use noninterleaved::MoveFailed;
pub use open::{Open, Setup};
pub use paused::{PauseFailed, Paused, ReleaseFailed};
use prepared::Loading;
pub use prepared::{NotStarted, Prepared};
pub(crate) use rest::{Positions, Remainder, Rested};
pub use running::{Broken, Running};
pub use stopped::Stopped;
pub use suspended::{Resumed, Suspended};
pub use undone::Undone;
pub use xrun::Xrun;

use core::fmt;

use dmaengine_core::memory::Front;
use dmaengine_core::{Cyclic, Direction, Engine, Micros, Platform, SlaveConfig};

use crate::link::Link;
use crate::period::PeriodHalf;
use crate::recovery::Recovery;
use crate::units::{Frames, HwParams};

/// The ring buffer: memory for good, so that a stream that is forgotten does no harm; as much of it as the parameters need.
pub(crate) type Ring = Front<u8>;

mod sealed {
    pub trait Sealed {}
}

/// Which way a stream goes: [`Capture`] or [`Playback`].
pub trait Way: sealed::Sealed + fmt::Debug {
    /// The way the engine moves its data.
    const DIRECTION: Direction;
}

/// From the device to the client.
#[derive(Debug)]
#[doc(alias = "SNDRV_PCM_STREAM_CAPTURE")]
pub struct Capture;

/// From the client to the device.
#[derive(Debug)]
#[doc(alias = "SNDRV_PCM_STREAM_PLAYBACK")]
pub struct Playback;

impl sealed::Sealed for Capture {}
impl sealed::Sealed for Playback {}

impl Way for Capture {
    const DIRECTION: Direction = Direction::DevToMem;
}

impl Way for Playback {
    const DIRECTION: Direction = Direction::MemToDev;
}

/// What every state from [`Setup`] on carries along.
pub(crate) struct Base<'a, E: Engine> {
    pub(crate) half: PeriodHalf<'a, E>,
    pub(crate) config: SlaveConfig<E::Peripheral>,
    pub(crate) params: HwParams,
    pub(crate) recovery: Recovery<E>,
    /// How long a wait for its engine's stop would take at most.
    pub(crate) longest_stop: Micros,
    pub(crate) link: Option<Link<'a, E>>,
}

impl<E: Engine> Clone for Base<'_, E> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<E: Engine> Copy for Base<'_, E> {}

/// The states can be printed whatever the engine, so that generic code can unwrap a `Result` that holds one.
macro_rules! printed {
    ($($state:ident)*) => { $(
        impl<E: Engine, D: Way> fmt::Debug for $state<'_, E, D> {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, concat!(stringify!($state), " {:?} stream"), D::DIRECTION)
            }
        }
    )* };
}
printed! {
    Open Setup Prepared Loading NotStarted Begun BeginFailed Undone Running Broken Paused PauseFailed ReleaseFailed MoveFailed
    Suspended Resumed Xrun Stopped
    Faulted Disconnected
}

impl<E: Engine> fmt::Debug for Base<'_, E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.params.fmt(f)
    }
}

impl<E: Engine> Base<'_, E> {
    /// The cyclic transfer of this stream.
    fn request<D: Way>(&self) -> Cyclic<E::Peripheral> {
        Cyclic {
            direction: D::DIRECTION,
            // `HwParams::check` has seen that the whole buffer fits 32 bits.
            period: (self.params.period_size.0 * u64::from(self.params.frame_bytes())) as u32,
            config: self.config,
        }
    }

    /// Frames as bytes of memory.
    fn bytes(&self, frames: Frames) -> usize {
        frames.0 as usize * self.params.frame_bytes() as usize
    }

    /// Whole frames in so many bytes of memory.
    fn frames(&self, bytes: usize) -> Frames {
        Frames(bytes as u64 / u64::from(self.params.frame_bytes()))
    }

    /// Where `count` frames from `position` on lie in the ring. Byte offsets and byte counts.
    fn stretches(&self, position: Frames, count: Frames) -> impl Iterator<Item = (usize, usize)> + use<E> {
        self.params.stretches(position, count)
    }

    fn now(&self) -> Micros {
        self.half.platform.now()
    }
}
