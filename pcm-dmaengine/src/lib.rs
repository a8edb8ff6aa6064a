//! PCM streams over any DMA engine of [`dmaengine-core`](dmaengine_core): ALSA's states as types, and three sound ways
//! out of an XRUN.
//!
//! # The three parties
//!
//! | party | handle | may |
//! | --- | --- | --- |
//! | the thread that reads or writes | one of the state types, [`Open`] to [`Disconnected`] | what is right in that state |
//! | the interrupt | [`PeriodHalf`], or a [`Link`] of several | follow the engine, find the XRUN, ask for the stop |
//! | the peripheral's driver | [`Dai`] | start and stop with the stream, in ALSA's order |
//! | whoever wants to know | [`PeriodHalf::statistics`] | read the statistics, at any time |
//!
//! # An XRUN and what comes after it
//!
//! The client is late, the engine overtakes it, the interrupt finds out and tells the engine to stop. Stopping takes
//! time: an engine may go on writing into the ring for a millisecond. The client, woken by the same interrupt, wants to
//! start again within a fraction of that. In 2020 this was how an i.MX6 lost its sound: the second start went through
//! while the first transfer was still being stopped, and the work that finished the stop took both transfers away
//! ("pcm|dmaengine|imx-sdma race condition on i.MX6", August 2020).
//!
//! Here an XRUN is a state, [`Xrun`], and it holds the unfinished stop. There is no `start` on it. There are three ways
//! from it to [`Prepared`], which are that thread's three remedies:
//!
//! | way | waits | where |
//! | --- | --- | --- |
//! | [`prepare`](Xrun::prepare) | asleep, until the old run is quiescent | where a [`Sleepable`](dmaengine_core::Sleepable) is |
//! | [`prepare_atomic`](Xrun::prepare_atomic) | busy, at most the engine's declared bound | anywhere |
//! | [`prepare_queued`](Xrun::prepare_queued) | not at all: the new run waits behind the stop | anywhere |
//!
//! A stream can be told once which of them it is to take ([`Recovery`]); then [`recover`](Broken::recover) takes it out of whatever
//! became of it, resets the hardware if nothing else helps, and says what was [`Lost`].
//!
//! # Reading and writing
//!
//! | who waits | capture | playback |
//! | --- | --- | --- |
//! | the thread, asleep | [`readi`](Running::readi), [`readn`](Running::readn) | [`writei`](Running::writei), [`writen`](Running::writen) |
//! | nobody | [`try_readi`](Running::try_readi), [`try_readn`](Running::try_readn) | [`try_writei`](Running::try_writei), [`try_writen`](Running::try_writen) |
//! | the thread, for so long | [`wait_for`](Running::wait_for), and one of these | the same |
//! | a task | [`readi_async`](Running::readi_async), or [`ready`](Running::ready) and one of these | [`writei_async`](Running::writei_async), the same |
//! | nobody; without a copy | [`begin`](Running::begin), an [`Area`], [`commit`](Running::commit) | the same |
//!
//! With an `i` the samples are interleaved; with an `n` each channel has a slice. A [`Prepared`] stream starts by itself
//! with [`readi_start`](Prepared::readi_start), [`writei_start`](Prepared::writei_start) or
//! [`start_if_due`](Prepared::start_if_due).
//!
//! Whoever writes too late, on a stream that does not stop for that, is heard as the [`silence`] that [`SwParams`] ask for, or
//! else as the lap before.
//!
//! # Parameters
//!
//! [`HwSpace`] is ALSA's space of configurations: the engine's limits and the client's wishes go in, one [`HwParams`]
//! comes out. Whoever knows what he wants writes a [`HwParams`] down. [`SwParams`] and [`pointers`] are ALSA's
//! thresholds and its arithmetic of positions, on their own.
//!
//! All positions are [`Frames`]. A run's events carry the number of its transfer, so a period of the old run never moves
//! the pointer of the new one.
//!
//! # A stream for callers that speak ioctl
//!
//! [`dynamic::DynPcm`] is one object with every operation in every state, answered with Linux's error numbers, as ALSA's transition table
//! says.
#![no_std]

pub mod dynamic;
pub mod error;
pub mod hw_params;
pub mod pointers;
pub mod silence;
pub mod sw_params;

mod access;
mod dai;
mod format;
mod hush;
mod link;
mod pcm;
mod period;
mod recovery;
mod statistics;
mod stream;
mod trigger;
mod units;
mod waiter;

pub use access::Access;
pub use dai::{Dai, DaiError, NoDai, Trigger, TriggerOrder};
pub use error::{ChannelsError, Fault, ParamError, PauseError, StartError, SwParamError};
pub use format::{Endian, SampleFormat, SampleKind};
pub use hw_params::{HwSpace, RefineError};
pub use link::{Link, LinkError};
pub use pcm::Pcm;
pub use period::{Elapsed, PeriodHalf};
pub use recovery::Recovery;
pub use statistics::{Lost, PcmStatistics, XrunCause, XrunReport};
pub use stream::together;
pub use stream::{
    Area, BeginFailed, Begun, Broken, Capture, Disconnected, Draining, Faulted, Leftover, MoveFailed, NotStarted, Open,
    PauseFailed, Paused, Playback, Prepared, ReleaseFailed, Resumed, Running, Setup, Stopped, Suspended, Undone, Way,
    Xrun,
};
pub use sw_params::SwParams;
pub use units::{Frames, HwParams};
