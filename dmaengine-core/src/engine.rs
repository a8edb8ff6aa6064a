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

use core::fmt;

use crate::config::{BusWidths, Cyclic, DevToDev, Interleaved, SlaveSg};
use crate::context::CallbackContext;
use crate::error::{PrepError, TransferError};
use crate::platform::Platform;
use crate::{Generation, Micros, Region};

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
    /// Only whether it is over.
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

    /// Takes and acknowledges the controller's interrupt: which channels have something to tell. Called with no lock.
    fn interrupt(&self) -> ChannelSet;

    /// The next piece of news of a channel, oldest first; `None` when there is no more. `transfer` is the one that
    /// runs, or the one that is being stopped, if any.
    fn service(&self, channel: &mut Self::Channel, transfer: Option<&mut Self::Descriptor>) -> Option<News>;

    /// The last way out of a stop that did not come: resets the channel, if need be the controller. True if memory is
    /// not touched any more. It does not wait either: a reset that takes a while answers false, and the client tries again.
    fn reset(&self, channel: &mut Self::Channel) -> bool;

    /// The descriptor is not needed any more: it never ran, has ended, or has stopped.
    fn release(&self, channel: &mut Self::Channel, transfer: &mut Self::Descriptor);
}

/// An engine that can go round a buffer for ever.
///
/// # Safety
/// As for [`Engine`].
pub unsafe trait EngineCyclic: Engine {
    /// Fills a descriptor; touches no register. A refusal leaves nothing behind.
    ///
    /// # Errors
    /// What the engine cannot do although [`Facts`] allows it.
    fn prep_cyclic(
        &self,
        channel: &mut Self::Channel,
        transfer: &mut Self::Descriptor,
        buffer: &Region,
        request: &Cyclic<Self::Peripheral>,
    ) -> Result<(), PrepError>;
}

/// An engine that can copy memory.
///
/// # Safety
/// As for [`Engine`].
pub unsafe trait EngineMemcpy: Engine {
    /// Fills a descriptor; touches no register. A refusal leaves nothing behind. Both regions have the same length.
    ///
    /// # Errors
    /// What the engine cannot do although [`Facts`] allows it.
    fn prep_memcpy(
        &self,
        channel: &mut Self::Channel,
        transfer: &mut Self::Descriptor,
        dst: &Region,
        src: &Region,
    ) -> Result<(), PrepError>;
}

/// An engine that can serve one device from another.
///
/// # Safety
/// As for [`Engine`]; it touches no memory.
pub unsafe trait EngineDevToDev: Engine {
    /// Fills a descriptor; touches no register. A refusal leaves nothing behind.
    ///
    /// # Errors
    /// What the engine cannot do although [`Facts`] allows it.
    fn prep_dev_to_dev(
        &self,
        channel: &mut Self::Channel,
        transfer: &mut Self::Descriptor,
        request: &DevToDev<Self::Peripheral>,
    ) -> Result<(), PrepError>;
}

/// An engine that can fill memory with a byte.
///
/// # Safety
/// As for [`Engine`].
pub unsafe trait EngineMemset: Engine {
    /// Fills a descriptor; touches no register. A refusal leaves nothing behind.
    ///
    /// # Errors
    /// What the engine cannot do although [`Facts`] allows it.
    fn prep_memset(
        &self,
        channel: &mut Self::Channel,
        transfer: &mut Self::Descriptor,
        dst: &Region,
        value: u8,
    ) -> Result<(), PrepError>;
}

/// An engine that can copy rows of chunks, and repeat that until the next transfer replaces it.
///
/// # Safety
/// As for [`Engine`].
pub unsafe trait EngineInterleaved: Engine {
    /// Fills a descriptor; touches no register. A refusal leaves nothing behind. All pieces lie inside the regions.
    ///
    /// A [`repeat`](Interleaved::repeat)ing one tells [`NewsKind::Periods`] for each round, and its
    /// [`progress`](Engine::progress) counts over all rounds.
    ///
    /// # Errors
    /// What the engine cannot do although [`Facts`] allows it.
    fn prep_interleaved(
        &self,
        channel: &mut Self::Channel,
        transfer: &mut Self::Descriptor,
        dst: &Region,
        src: &Region,
        request: &Interleaved<'_>,
    ) -> Result<(), PrepError>;

    /// Makes the round under way of a running, repeating transfer its last: [`NewsKind::Done`] follows at its end.
    fn end_repeat(&self, channel: &mut Self::Channel, transfer: &mut Self::Descriptor);
}

/// An engine that can serve a device from, or into, a list of buffers.
///
/// # Safety
/// As for [`Engine`].
pub unsafe trait EngineSlaveSg: Engine {
    /// Fills a descriptor; touches no register. A refusal leaves nothing behind.
    ///
    /// # Errors
    /// What the engine cannot do although [`Facts`] allows it.
    fn prep_slave_sg(
        &self,
        channel: &mut Self::Channel,
        transfer: &mut Self::Descriptor,
        segments: &[Region],
        request: &SlaveSg<Self::Peripheral>,
    ) -> Result<(), PrepError>;
}

/// An engine that can pause a transfer and go on with it later, losing nothing.
///
/// # Safety
/// As for [`Engine`]; after `pause` returns `Ok`, no byte moves until `resume` or `stop`.
pub unsafe trait EnginePause: Engine {
    /// Pauses at once.
    ///
    /// # Errors
    /// If this transfer cannot be paused; then it runs on.
    fn pause(&self, channel: &mut Self::Channel) -> Result<(), TransferError>;

    /// Goes on where it was paused.
    ///
    /// # Errors
    /// If it cannot go on; then it is still paused.
    fn resume(&self, channel: &mut Self::Channel) -> Result<(), TransferError>;
}

/// An engine whose stop can be waited for without sleeping, within a bound.
///
/// # Safety
/// As for [`Engine`]; in addition the stop needs no interrupt and no thread to complete, not even one that plays the hardware:
/// who busy-waits may have the only processor.
pub unsafe trait EngineTerminateAtomic: Engine {
    /// The longest that [`terminate_atomic`](crate::Active::terminate_atomic) may busy-wait with this engine.
    fn atomic_bound(&self) -> Micros;
}

/// An engine that tells the end of a stop by itself, so that a transfer may wait behind it.
///
/// # Safety
/// As for [`Engine`]; in addition every `stop` after which [`is_stopped`](Engine::is_stopped) still answers false is followed by
/// an interrupt with [`NewsKind::Stopped`] for it, also if the transfer comes to its own end first, unless the hardware hangs.
/// That interrupt starts the transfer that waits.
pub unsafe trait EngineQueueAfterStop: Engine {
    /// Told that `next` waits for the pending stop. The engine may prepare its hardware for it as far as that does not
    /// disturb the one that is stopping; [`Engine::start`] follows when it has stopped, or [`Engine::release`].
    fn queue(&self, channel: &mut Self::Channel, next: &mut Self::Descriptor);
}
