//! A DMA engine for drivers and firmware in which a transfer that has not stopped cannot be mistaken for one that has.
//!
//! # Quiescence
//!
//! Everything here hangs on one word:
//!
//! > A channel is **quiescent** when no earlier transfer will touch a buffer or a descriptor any more, none of their
//! > callbacks is running or will run, and their residue is final.
//!
//! [`Idle`] is the proof of it, as a value. The memory of a transfer that was terminated comes back when its channel is
//! quiescent for that transfer, and not before; that of one that ran to its end comes back at once, since its engine has let
//! go of it, though its own callback may still be running. Four calls are about it; they are four because they promise different things in different
//! places:
//!
//! | call | where | on return | cost |
//! | --- | --- | --- | --- |
//! | [`terminate_async`](Active::terminate_async) | anywhere, also in an interrupt and in the own callback | the stop is asked for; **not** quiescent: the channel is [`Stopping`] | a bounded number of register writes, whatever is queued |
//! | [`synchronize`](Stopping::synchronize) | where a [`Sleepable`] is | quiescent, or [`StillRunning`] that keeps everything | sleeps, with a bound |
//! | [`terminate_sync`](Active::terminate_sync) | where a [`Sleepable`] is | both, in one | as above |
//! | [`terminate_atomic`](Active::terminate_atomic) | anywhere; in the own callback [its sister](Callback::terminate_atomic) | quiescent, or [`StillRunning`] | busy-waits, at most the engine's declared bound |
//!
//! And one call does without it: [`queue_after_stop`](Stopping::queue_after_stop) lets the next transfer wait behind the
//! stop. It starts by itself as soon as the old one is quiescent.
//!
//! # Where it came from
//!
//! In August 2020 a thread on the ALSA and dmaengine lists ("pcm|dmaengine|imx-sdma race condition on i.MX6") told of
//! a sound card that went silent after an overrun. ALSA stopped the DMA channel and started it again at once. The stop
//! was asynchronous: a millisecond later a worker freed the channel's descriptors, and the new one with them. The rule
//! that was broken, *synchronize before you start again*, is one sentence in a manual. It took four fixes in as many
//! years to follow it in one place, each undone by a state that the one before had not thought of: running, paused and
//! closed, paused and suspended. Here the rule is in the types:
//!
//! ```compile_fail,E0599
//! # use dmaengine_core::*;
//! # use backend_mock::Mock;
//! # fn xrun(active: Active<'_, Mock>, next: Prepared<'_, Mock, &'static mut [u8]>) {
//! let stopping = active.terminate_async();
//! stopping.start(next); // no method named `start` found for struct `Stopping`
//! # }
//! ```
//!
//! and the thread's three remedies are three ways through them: [`synchronize`](Stopping::synchronize) where sleeping
//! is allowed, [`terminate_atomic`](Stopping::terminate_atomic) with a declared bound where it is not, and
//! [`queue_after_stop`](Stopping::queue_after_stop).
//!
//! # A stop, and what it gives back
//!
//! ```
//! use backend_mock::{Cpu, Mock};
//! use dmaengine_core::{BusAddr, BusWidth, Cyclic, Direction, Dma, Outcome, SlaveConfig};
//!
//! let dma: Dma<Mock, 1> = Dma::new(Mock::default());
//!
//! // A simulated processor takes the interrupts and hands out the contexts; on a board, its startup code does.
//! let cpu = Cpu::new(dma.engine(), |atomic| dma.interrupt(atomic, &mut |_callback, _event| ()));
//! cpu.thread(|context| {
//!     let idle = dma.channel(0).unwrap();
//!     let ring: &'static mut [u8] = vec![0; 1_920].leak();
//!     let request = Cyclic {
//!         direction: Direction::DevToMem,
//!         period: 128,
//!         config: SlaveConfig::new(BusAddr(0x0202_8004), BusWidth::Two, ()),
//!     };
//!     let prepared = idle.prep_cyclic(ring, &request).unwrap();
//!     let (active, transfer) = idle.start(prepared).unwrap();
//!
//!     let stopping = active.terminate_async();            // any context; the engine still writes,
//!     let transfer = transfer.try_resolve().unwrap_err(); // so the ring is not to be had yet
//!
//!     let _idle = stopping.synchronize(context).unwrap(); // now it is
//!     let ended = transfer.try_resolve().unwrap();
//!     assert!(matches!(ended.outcome, Outcome::Aborted { .. }));
//!     let _ring: &'static mut [u8] = ended.buffer;
//! });
//! ```
//!
//! # Who uses what
//!
//! | you write | you need |
//! | --- | --- |
//! | a client driver (a sound card, a UART) | [`Idle`], [`Active`], [`Stopping`], [`Transfer`], [`Callback`] |
//! | a backend for a DMA controller | [`engine`] |
//! | the board around it | [`Dma`], [`Platform`], [`Sleepable`], [`lock`] |
//!
//! The crate is `no_std`, uses no heap (feature `alloc` adds `Box<[T]>` as a buffer), and allocates nothing at run time:
//! a [`Dma`] holds its channels and their transfers.
//!
//! # Features
//!
//! All are off by default.
//!
//! | feature | what it adds |
//! | --- | --- |
//! | `alloc` | `Box<[T]>` as a buffer |
//! | `critical-section` | the lock policy `lock::CriticalSectionLock` |
//! | `portable-atomic` | the lock policy `lock::ThreadLock` on targets without compare-and-swap |
//! | `defmt` | `defmt::Format` for the errors, numbers, events and states |
//! | `embedded-dma` | `memory::EmbeddedRead` and `EmbeddedWrite`: that crate's buffers as buffers of this one |
//! | `log` | a warning when a bounded wait runs out, a debug message when a channel has to be reset; nothing else |
//! | `conformance` | the suite that tries a backend's promises; needs a heap |
//! | `std` | the suite goes on after a statement that panicked, and prints why a single one is skipped |
//!
//! With `portable-atomic`, the final binary says how compare-and-swap is made: it depends on the crate `portable-atomic` and
//! turns on its `critical-section` or `unsafe-assume-single-core`. A library cannot know which is right. Other targets have
//! the lock anyway, and the feature changes nothing there.
//!
//! With `log`, no lock of this library is held while the logger runs. It runs in the context of the call that failed; for
//! the `terminate_atomic` family that may be an interrupt.
#![no_std]

#[cfg(feature = "alloc")]
extern crate alloc;
#[cfg(feature = "std")]
extern crate std;

pub mod config;
#[cfg(feature = "conformance")]
pub mod conformance;
pub mod context;
pub mod engine;
pub mod error;
pub mod lock;
pub mod memory;
pub mod platform;
pub mod time;

mod callback;
mod channel;
mod dma;
mod prepare;
mod transfer;
mod vchan;

pub use callback::{Callback, Event, EventKind};
pub use channel::wait::SYNCHRONIZE_GRACE;
pub use channel::{
    Active, ChannelStopper, ChannelWriter, Group, GroupError, Idle, PauseFailed, Paused, Pending, Periods, Position,
    Quiescent, ResumeFailed, StopHandle, Stopping,
};
pub use config::{BusWidth, BusWidths, Chunk, Cyclic, DevToDev, Direction, FlowController, Interleaved, SlaveConfig};
pub use context::{Atomic, Sleepable, Sleeper};
pub use dma::Dma;
pub use engine::{
    Caps, ChannelId, Engine, EngineCyclic, EngineDevToDev, EngineInterleaved, EngineInterleavedSlave, EngineMemcpy,
    EngineMemset, EnginePause, EngineQueueAfterStop, EngineRepeat, EngineSlaveSg, EngineTerminateAtomic, Facts,
    ResidueGranularity,
};
pub use error::{
    ErrorKind, Kept, PrepError, RequestError, StillRunning, SubmitError, TransferError, Unfinished, WriteError,
};
pub use memory::{Buffer, BusAddr, Payload, Region, WriteBuffer};
pub use platform::Platform;
pub use prepare::Prepared;
pub use time::Micros;
pub use transfer::{OutOfRange, Outcome, Resolved, Transfer, View};
pub use vchan::{Generation, Statistics, Status};

/// The guides' code is compiled and run with the documentation's.
#[cfg(doctest)]
mod guides {
    #[doc = include_str!("../../docs/write-a-backend.md")]
    mod write_a_backend {}
    #[doc = include_str!("../../docs/write-a-client.md")]
    mod write_a_client {}
}
