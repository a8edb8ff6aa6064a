//! What only some engines can do: a trait for each, so that a client that needs it says so in its bounds.
//!
//! As its parent, this module declares `unsafe` traits and calls none of them.

use super::Engine;
// For the documentation's links.
#[cfg(doc)]
use super::{Facts, NewsKind};
use crate::config::{Cyclic, DevToDev, Interleaved, InterleavedSlave, SlaveSg};
use crate::error::{PrepError, TransferError};
use crate::{Micros, Region};

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

/// An engine that can go through rows of chunks again and again until the next transfer replaces it. What it repeats is told
/// by [`EngineInterleaved`] and [`EngineInterleavedSlave`], which build on this; an engine may have one of them or both.
///
/// A [`repeat`](Interleaved::repeat)ing transfer tells [`NewsKind::Periods`] for each round, and its
/// [`progress`](Engine::progress) counts over all rounds.
///
/// # Safety
/// As for [`Engine`].
#[doc(alias = "DMA_REPEAT")]
pub unsafe trait EngineRepeat: Engine {
    /// Makes the round under way of a running, repeating transfer its last: [`NewsKind::Done`] follows at its end.
    fn end_repeat(&self, channel: &mut Self::Channel, transfer: &mut Self::Descriptor);
}

/// An engine that can copy rows of chunks.
///
/// # Safety
/// As for [`Engine`].
pub unsafe trait EngineInterleaved: EngineRepeat {
    /// Fills a descriptor; touches no register. A refusal leaves nothing behind. All pieces lie inside the regions.
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
}

/// An engine that can serve a device from rows of chunks, or into them.
///
/// # Safety
/// As for [`Engine`]; in addition the gaps of memory that a device fills are not written.
pub unsafe trait EngineInterleavedSlave: EngineRepeat {
    /// Fills a descriptor; touches no register. A refusal leaves nothing behind. All [pieces](InterleavedSlave::pieces) lie
    /// inside the buffer.
    ///
    /// # Errors
    /// What the engine cannot do although [`Facts`] allows it.
    fn prep_interleaved_slave(
        &self,
        channel: &mut Self::Channel,
        transfer: &mut Self::Descriptor,
        buffer: &Region,
        request: &InterleavedSlave<'_, Self::Peripheral>,
    ) -> Result<(), PrepError>;
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
