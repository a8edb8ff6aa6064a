//! What a backend writes: one trait for what every engine does, and one small trait for each thing that only some can.
//!
//! This module declares `unsafe` traits and calls none of them.
//!
//! The methods of one channel are called one at a time, with that channel's lock held and possibly with interrupts masked:
//! they write a bounded number of registers and come back. None of them waits. Lists, numbers, callbacks, ownership of
//! buffers and every race are the library's business.
//!
//! The life of a transfer, as the backend sees it:
//!
//! ```text
//!  prep_* ──▶ start ──▶ service … service ──▶ release            it ran to its end
//!    │          └─────▶ stop ──▶ is_stopped … yes ──▶ release     it was stopped
//!    └──────────────────────────────────────────────▶ release     it never ran
//! ```

mod abilities;

pub use abilities::{
    EngineCyclic, EngineDevToDev, EngineInterleaved, EngineInterleavedSlave, EngineMemcpy, EngineMemset, EnginePause,
    EngineQueueAfterStop, EngineRepeat, EngineSlaveSg, EngineTerminateAtomic,
};

use core::fmt;

use crate::config::BusWidths;
use crate::context::CallbackContext;
use crate::error::TransferError;
use crate::platform::Platform;
use crate::{Generation, Micros};

/// The number of a channel of a controller, from 0.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct ChannelId(pub u8);

impl fmt::Display for ChannelId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// A set of channels, as an interrupt register has them: bit n is channel n.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct ChannelSet(pub u64);

impl Iterator for ChannelSet {
    type Item = ChannelId;

    /// Takes the lowest channel out of the set.
    fn next(&mut self) -> Option<ChannelId> {
        let lowest = self.0.trailing_zeros();
        self.0 &= self.0.wrapping_sub(1);
        (lowest < 64).then_some(ChannelId(lowest as u8))
    }
}

/// How finely an engine can tell how far a transfer has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[doc(alias = "dma_residue_granularity")]
pub enum ResidueGranularity {
    /// Only whether it is over. Of a transfer that goes round the library counts the periods that the engine has told
    /// ([`NewsKind::Periods`]), and does not ask it for its [`progress`](Engine::progress) or [`position`](Engine::position):
    /// positions move with the interrupt, by whole periods, so the engine is up to a period ahead of them, or more while interrupts
    /// are held off.
    Descriptor,
    /// By segment or period.
    Segment,
    /// By burst.
    Burst,
}

/// How an engine stops.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub enum StopKind {
    /// When [`Engine::stop`] returns, no memory is touched any more.
    AtOnce,
    /// It goes on for a while.
    Deferred {
        /// The longest while, if the hardware works.
        bound: Micros,
        /// Whether an interrupt tells the end ([`NewsKind::Stopped`]), or only asking does.
        interrupt: bool,
    },
}

impl StopKind {
    /// The longest time from [`Engine::stop`] to quiet hardware.
    pub const fn bound(self) -> Micros {
        match self {
            Self::AtOnce => Micros::ZERO,
            Self::Deferred { bound, .. } => bound,
        }
    }
}

bitflags::bitflags! {
    /// What an engine can do, as data: the same as which of the traits of this module it implements. For what decides at run
    /// time; a client that needs an ability says so in its bounds. The conformance suite holds the two against each other.
    /// [`EngineRepeat`] has no bit: it is a part of [`EngineInterleaved`] and of [`EngineInterleavedSlave`].
    #[derive(Clone, Copy, Debug, PartialEq, Eq)]
    #[doc(alias = "dma_transaction_type")]
    pub struct Caps: u16 {
        /// [`EngineMemcpy`].
        #[doc(alias = "DMA_MEMCPY")]
        const MEMCPY = 1 << 0;
        /// [`EngineMemset`].
        #[doc(alias = "DMA_MEMSET")]
        const MEMSET = 1 << 1;
        /// [`EngineInterleaved`].
        #[doc(alias = "DMA_INTERLEAVE")]
        const INTERLEAVED = 1 << 2;
        /// [`EngineSlaveSg`].
        #[doc(alias = "DMA_SLAVE")]
        const SLAVE_SG = 1 << 3;
        /// [`EngineCyclic`].
        #[doc(alias = "DMA_CYCLIC")]
        const CYCLIC = 1 << 4;
        /// [`EngineDevToDev`].
        const DEV_TO_DEV = 1 << 5;
        /// [`EnginePause`].
        const PAUSE = 1 << 6;
        /// [`EngineTerminateAtomic`].
        const TERMINATE_ATOMIC = 1 << 7;
        /// [`EngineQueueAfterStop`].
        const QUEUE_AFTER_STOP = 1 << 8;
        /// [`EngineInterleavedSlave`].
        #[doc(alias = "DMA_INTERLEAVE")]
        const INTERLEAVED_SLAVE = 1 << 9;
    }
}

/// What an engine can do and what its limits are. The library checks requests against it before the engine sees them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[doc(alias = "dma_slave_caps")]
pub struct Facts {
    /// How many channels there are; at most 64.
    pub channels: u8,
    /// Which of the optional traits it implements.
    pub caps: Caps,
    /// How it stops.
    pub stop: StopKind,
    /// How finely progress is known.
    pub residue: ResidueGranularity,
    /// The widths of a device's register that it can access.
    pub widths: BusWidths,
    /// What addresses and lengths in memory must be multiples of, in bytes; a power of two.
    pub align: u32,
    /// The longest segment or period, in bytes.
    pub max_segment: u32,
    /// The most segments or periods of one transfer.
    pub max_segments: u32,
}

/// How far a transfer has come.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Progress {
    /// Bytes that have arrived where they belong, since the start; of a cyclic transfer over all rounds.
    pub bytes: u64,
    /// Bytes inside the engine: taken from the source, not yet at the destination.
    pub in_flight: u32,
}

/// Something an engine has to tell about one transfer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct News {
    /// The transfer it is about: the number that [`Engine::start`] was given. Old news of an old transfer may be told
    /// at any time; the library counts and drops it.
    pub generation: Generation,
    /// What happened.
    pub kind: NewsKind,
}

/// What happened to a transfer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[non_exhaustive]
pub enum NewsKind {
    /// So many periods ended since the last news.
    Periods(u32),
    /// The transfer ran to its end; its memory is not touched any more.
    Done,
    /// The transfer failed and its memory is not touched any more.
    Failed(TransferError),
    /// The stop that was asked for is complete.
    Stopped,
}

/// A DMA controller.
///
/// # Safety
/// Client code hands out and takes back memory on this trait's word alone, so an implementation promises:
///
/// - the engine touches a transfer's memory only between `start` and the earliest of: `Done` or `Failed` news of that
///   transfer, `is_stopped` answering true, `reset` returning true;
/// - it touches no other memory than the regions the transfer was prepared with, in the direction it was prepared for;
/// - `is_stopped` tells the truth about the hardware, not about what was asked of it, and once true it stays true until
///   the next `start`;
/// - the numbers of devices and counts that hardware writes back are checked before they are used.
pub unsafe trait Engine: Sync + Sized {
    /// The machine it is in.
    type Platform: Platform;
    /// Where its callbacks run, all of them: [`InInterrupt`](crate::context::InInterrupt) if the board calls
    /// [`Dma::interrupt`](crate::Dma::interrupt) in the interrupt itself, [`Deferred`](crate::context::Deferred) if behind
    /// it. The platform's lock has to be right for it.
    type Callbacks: CallbackContext<<Self::Platform as Platform>::Lock>;
    /// What the driver remembers of one channel. Guarded by the channel's lock.
    type Channel: Send;
    /// What one prepared transfer needs: hardware descriptors or where they lie. It stays in place from `prep_*` until
    /// `release`.
    type Descriptor: Default + Send;
    /// What a client has to say about a peripheral beyond [`SlaveConfig`](crate::SlaveConfig)'s fields; `()` if nothing.
    type Peripheral: Copy + Send + Sync;

    /// What it can do.
    fn facts(&self) -> &Facts;

    /// The machine it is in.
    fn platform(&self) -> &Self::Platform;

    /// Makes the state of a channel, when the controller is put together. `id` is below [`Facts::channels`].
    fn open(&self, id: ChannelId) -> Self::Channel;

    /// Starts a prepared transfer on a channel that is stopped, programming the hardware afresh: nothing of an earlier
    /// transfer may be left in it.
    fn start(&self, channel: &mut Self::Channel, transfer: &mut Self::Descriptor, generation: Generation);

    /// Asks the running transfer to stop. Also called on a paused one, and on one that has come to its end if the news of that
    /// has not been fetched yet. [`is_stopped`](Self::is_stopped) is asked right after it: if that is true, no interrupt needs
    /// to follow.
    fn stop(&self, channel: &mut Self::Channel);

    /// Whether the hardware has stopped touching memory. Reads it; does not wait.
    fn is_stopped(&self, channel: &mut Self::Channel) -> bool;

    /// How far a started transfer has come; of a stopped one, how far it came. Never more than is at its destination.
    fn progress(&self, channel: &mut Self::Channel, transfer: &Self::Descriptor) -> Progress;

    /// Where the last of the periods ended that it has told ([`NewsKind::Periods`]), in bytes since the start. Called right behind
    /// that news: an engine that remembers it need not look at the hardware again.
    fn position(&self, channel: &mut Self::Channel, transfer: &Self::Descriptor) -> u64 {
        self.progress(channel, transfer).bytes
    }

    /// Takes and acknowledges the controller's interrupt: which channels have something to tell. Called with no lock.
    fn interrupt(&self) -> ChannelSet;

    /// The next piece of news of a channel, oldest first; `None` when there is no more. `transfer` is the one that
    /// runs, or the one that is being stopped, if any.
    fn service(&self, channel: &mut Self::Channel, transfer: Option<&mut Self::Descriptor>) -> Option<News>;

    /// The last way out of a stop that did not come: resets the channel, if need be the controller. True if memory is
    /// not touched any more. It does not wait either: a reset that takes a while answers false, and the client tries again.
    fn reset(&self, channel: &mut Self::Channel) -> bool;

    /// Nobody holds the channel any more, and the hardware has stopped: what was set up for its client can be undone. The next
    /// [`start`](Self::start) may be for somebody else's peripheral.
    #[doc(alias = "device_free_chan_resources")]
    fn park(&self, channel: &mut Self::Channel);

    /// The descriptor is not needed any more: it never ran, has ended, or has stopped.
    fn release(&self, channel: &mut Self::Channel, transfer: &mut Self::Descriptor);
}
