//! What the board has to say: addresses, caches, the clock, the lock. Written once for a machine, by its integrator.
//!
//! The module declares an `unsafe` trait, since memory is handed to a device on its word.

use crate::error::PrepError;
use crate::lock::RawLock;
use crate::{BusAddr, Direction, Micros, Region};

/// The machine around an engine.
///
/// No method has a default: a board whose caches are coherent says so by writing an empty body itself.
///
/// # Safety
/// `map` answers an address at which the device reaches exactly that memory and no more than its `len` bytes; after
/// `unmap` and `sync_for_cpu` the CPU sees what the device wrote, and after `map` and `sync_for_device` the device sees
/// what the CPU wrote, including that the compiler and the CPU do not move accesses across the call.
pub unsafe trait Platform: Sync {
    /// How interrupt handlers and threads are kept apart on this machine.
    type Lock: RawLock;

    /// The clock, in microseconds since some moment in the past. It never goes back and never stands still for good.
    fn now(&self) -> Micros;

    /// Waits without sleeping, for at least that long. Called in any context, also with interrupts masked.
    #[doc(alias = "udelay")]
    fn delay(&self, time: Micros);

    /// Hands memory over to the device: from here on it is the device's, until [`Platform::unmap`].
    ///
    /// What the CPU wrote is in memory then, also where the device is to write: it may leave parts as they are, the gaps
    /// between rows or all that is behind a stop.
    ///
    /// # Errors
    /// [`PrepError::Unreachable`] if the device cannot address the memory; then nothing has happened.
    #[doc(alias = "dma_map_single")]
    fn map(&self, region: &Region, direction: Direction) -> Result<BusAddr, PrepError>;

    /// Hands memory back to the CPU. Called when the device has let go of it, and not before.
    #[doc(alias = "dma_unmap_single")]
    fn unmap(&self, region: &Region, direction: Direction);

    /// Makes what the device wrote into a part of a buffer visible to the CPU, while the device keeps the rest.
    #[doc(alias = "dma_sync_single_for_cpu")]
    fn sync_for_cpu(&self, part: &Region);

    /// Makes what the CPU wrote into a part of a buffer visible to the device, while the device keeps the rest.
    #[doc(alias = "dma_sync_single_for_device")]
    fn sync_for_device(&self, part: &Region);
}
