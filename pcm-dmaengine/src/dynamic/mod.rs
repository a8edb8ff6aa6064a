//! The façade for callers that speak ioctl: [`DynPcm`], one object, on which every operation can be called in every
//! state, and is answered as ALSA does, with a number of Linux.
//!
//! The types of this crate do not have what is wrong in a state. Here it compiles, and gets an [`Errno`]. `DynPcm`
//! holds the typed state, and an operation is a `match` on it: what it answers with an error because of the state, the
//! type does not have. A [`Card`] has several, and they can be linked.
//!
//! Operations that may have to wait for a stop take a [`Sleepable`](dmaengine_core::Sleepable): it is where ALSA's
//! `sync_stop` sleeps. That ALSA answers EBUSY while another thread copies, and EBADFD while the ring is mapped, cannot
//! happen: every operation has the object for itself.
//!
//! # The table
#![doc = include_str!("linux-6.12.md")]
//!
//! A cell is what becomes of the stream: its new state, `ok` for none, an error, or an error and a new state; behind a
//! semicolon is what the peripheral's driver is told on the way (its [`Trigger`](crate::Trigger)s). `-` is a state that
//! such an engine does not get into.
//!
//! # Where the answer is another
//!
//! And why: where Linux's answer is one of the holes that this crate closes.
//!
#![doc = include_str!("deviations.md")]
//!
//! Two more are closed and have no line, because the answer is the same. A start after one that was refused begins when
//! that one has stopped, and not before. And nobody can promise to resume over an engine that cannot pause:
//! [`with_pause`](DynPcm::with_pause) asks for one that can.

mod card;
mod drain;
mod errno;
mod member;
mod pcm;
mod setup;
mod slot;
mod state;
mod status;
mod transfer;
mod trigger;

pub use card::{AnyPcm, Card};
pub use errno::Errno;
pub use pcm::DynPcm;
pub use state::State;
pub use status::{Readiness, Status};
