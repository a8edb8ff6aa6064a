//! Preparing a transfer: the request is checked against the engine's facts, the memory is mapped, a slot is filled.
//! Nothing reaches the hardware, and a refusal gives everything back.
//!
//! The module has `unsafe` because it turns memory that a device was never told of back into buffers.

mod limits;
mod requests;

pub(crate) use requests::{cyclic, cyclic_again, dev_to_dev, interleaved, interleaved_slave, memcpy, memset, slave_sg};

use core::fmt;
use core::mem::ManuallyDrop;

use crate::config::Direction;
use crate::engine::{Engine, Facts};
use crate::error::{Kept, PrepError, SubmitError};
use crate::memory::{Payload, Region};
use crate::platform::Platform;
use crate::vchan::{Chan, Shape, SlotId};

/// A transfer that is ready to be submitted, with its memory. It is on no list and touches nothing.
///
/// Dropping it, or [`Prepared::cancel`], undoes the preparation. Stopping the channel does not concern it: nobody but its holder can free it.
#[must_use = "a prepared transfer does nothing until it is submitted"]
#[doc(alias = "dma_async_tx_descriptor")]
pub struct Prepared<'d, E: Engine, B: Payload> {
    chan: Chan<'d, E>,
    slot: SlotId,
    memory: Mapped<B>,
}

/// A payload while its memory is mapped: its regions, and what it takes to make buffers of them again.
///
/// Dropping it leaks the memory, which is right for as long as a device may have it.
pub(crate) struct Mapped<B: Payload> {
    pub(crate) regions: B::Regions,
    keep: ManuallyDrop<B::Keep>,
    direction: Direction,
}

/// Which way the data goes in the `index`th region: of a copy, the first is the destination and the second the source.
fn way(direction: Direction, index: usize) -> Direction {
    match (direction, index) {
        (Direction::MemToMem, 0) => Direction::DevToMem,
        (Direction::MemToMem, _) => Direction::MemToDev,
        (slave, _) => slave,
    }
}

impl<B: Payload> Mapped<B> {
    /// Hands the memory back to the CPU and makes it the caller's buffers again.
    ///
    /// # Safety
    /// No device touches the regions any more, and this is called once and is the last use of them.
    pub(crate) unsafe fn unmap(&mut self, platform: &impl Platform) -> B {
        for (i, region) in self.regions.as_ref().iter().enumerate() {
            platform.unmap(region, way(self.direction, i));
        }
        // SAFETY: this is called once.
        let keep = unsafe { ManuallyDrop::take(&mut self.keep) };
        // SAFETY: the caller's promise.
        unsafe { B::from_regions(self.regions, keep) }
    }

    /// Moves it out of a handle that is taken apart without being dropped.
    ///
    /// # Safety
    /// This is the last use of `self`.
    pub(crate) unsafe fn take(&self) -> Self {
        // SAFETY: nothing of `self` is used or dropped any more, so there is one of it as before.
        unsafe { core::ptr::read(self) }
    }
}

impl<'d, E: Engine, B: Payload> Prepared<'d, E, B> {
    /// Undoes the preparation and gives the memory back.
    pub fn cancel(self) -> B {
        ManuallyDrop::new(self).undo()
    }

    /// Called once, by `cancel` or by `drop`.
    fn undo(&mut self) -> B {
        self.chan.with(|engine, inner| inner.discard(engine, self.slot));
        // SAFETY: a prepared transfer was never submitted, so no device was told of its memory.
        unsafe { self.memory.unmap(self.chan.platform()) }
    }

    /// Its slot, if it was prepared for this channel.
    #[inline]
    pub(crate) fn slot_on(&self, chan: Chan<'d, E>) -> Result<SlotId, SubmitError> {
        if core::ptr::eq(self.chan.vchan, chan.vchan) {
            return Ok(self.slot);
        }
        Err(SubmitError::OtherChannel { prepared_for: self.chan.id(), submitted_to: chan.id() })
    }

    /// Its memory, when it was submitted.
    #[inline]
    pub(crate) fn into_memory(self) -> Mapped<B> {
        let this = ManuallyDrop::new(self);
        // SAFETY: `this` is not used again and never dropped.
        unsafe { this.memory.take() }
    }
}

impl<E: Engine, B: Payload> Drop for Prepared<'_, E, B> {
    fn drop(&mut self) {
        drop(self.undo());
    }
}

impl<E: Engine, B: Payload> fmt::Debug for Prepared<'_, E, B> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Prepared on {:?}", self.chan)
    }
}

/// The common frame of all preparations: check, map, fill a slot, and undo in reverse when one of them says no.
///
/// Inlined, with what leads here: most of it is moving the handle to where the caller wants it.
#[inline(always)]
fn prepare<'d, E: Engine, B: Payload>(
    chan: Chan<'d, E>,
    payload: B,
    direction: Direction,
    check: impl FnOnce(&Facts, &[Region]) -> Result<(), PrepError>,
    fill: impl FnOnce(&[Region]) -> Result<SlotId, PrepError>,
) -> Result<Prepared<'d, E, B>, Kept<B, PrepError>> {
    let (mut regions, keep) = payload.into_regions();
    let checked = check(chan.engine.facts(), regions.as_ref());
    match checked.and_then(|()| chan.mapped(regions.as_mut(), direction, fill)) {
        Ok(slot) => {
            let memory = Mapped { regions, keep: ManuallyDrop::new(keep), direction };
            Ok(Prepared { chan, slot, memory })
        }
        // SAFETY: the regions are this payload's, and the preparation was refused, so no device knows of them.
        Err(error) => Err(Kept { value: unsafe { B::from_regions(regions, keep) }, error }),
    }
}

impl<E: Engine> Chan<'_, E> {
    /// Maps the regions, all or none, and has a slot filled for them; if that is refused, unmaps them.
    #[inline]
    fn mapped(
        self,
        regions: &mut [Region],
        direction: Direction,
        fill: impl FnOnce(&[Region]) -> Result<SlotId, PrepError>,
    ) -> Result<SlotId, PrepError> {
        for i in 0..regions.len() {
            match self.platform().map(&regions[i], way(direction, i)) {
                Ok(bus) => regions[i].bus = bus,
                Err(error) => {
                    self.unmap(&regions[..i], direction);
                    return Err(error);
                }
            }
        }
        fill(regions).inspect_err(|_| self.unmap(regions, direction))
    }

    /// Takes a slot and has the engine fill it.
    #[inline]
    fn fill(
        self,
        shape: Shape<E>,
        fill: impl FnOnce(&E, &mut E::Channel, &mut E::Descriptor) -> Result<(), PrepError>,
    ) -> Result<SlotId, PrepError> {
        self.with(|engine, inner| inner.prepare(engine, shape, fill))
    }

    #[cold]
    fn unmap(self, regions: &[Region], direction: Direction) {
        for (i, region) in regions.iter().enumerate() {
            self.platform().unmap(region, way(direction, i));
        }
    }
}
