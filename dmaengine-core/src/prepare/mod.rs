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
use crate::error::{Kept, PrepError};
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
    /// Maps all regions, or none and gives the payload back.
    fn map(platform: &impl Platform, payload: B, direction: Direction) -> Result<Self, Kept<B, PrepError>> {
        let (mut regions, keep) = payload.into_regions();
        let count = regions.as_ref().len();
        for i in 0..count {
            match platform.map(&regions.as_ref()[i], way(direction, i)) {
                Ok(bus) => regions.as_mut()[i].bus = bus,
                Err(error) => {
                    for (j, done) in regions.as_ref()[..i].iter().enumerate() {
                        platform.unmap(done, way(direction, j));
                    }
                    // SAFETY: the regions are this payload's, and no device knows of them any more.
                    let value = unsafe { B::from_regions(regions, keep) };
                    return Err(Kept { value, error });
                }
            }
        }
        Ok(Self { regions, keep: ManuallyDrop::new(keep), direction })
    }

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

    /// Takes it apart, to be submitted.
    pub(crate) fn into_parts(self) -> (Chan<'d, E>, SlotId, Mapped<B>) {
        let this = ManuallyDrop::new(self);
        // SAFETY: `this` is not used again and never dropped.
        (this.chan, this.slot, unsafe { this.memory.take() })
    }

    /// Puts it together again, after a submission that was refused.
    pub(crate) fn from_parts((chan, slot, memory): (Chan<'d, E>, SlotId, Mapped<B>)) -> Self {
        Self { chan, slot, memory }
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

/// The common frame of all preparations: check, map, fill, and undo in reverse when one of them says no.
fn prepare<'d, E: Engine, B: Payload>(
    chan: Chan<'d, E>,
    payload: B,
    direction: Direction,
    shape: impl FnOnce(u64) -> Shape<E>,
    check: impl FnOnce(&Facts, &[Region]) -> Result<(), PrepError>,
    fill: impl FnOnce(&E, &mut E::Channel, &mut E::Descriptor, &[Region]) -> Result<(), PrepError>,
) -> Result<Prepared<'d, E, B>, Kept<B, PrepError>> {
    let (bare, keep) = payload.into_regions();
    let checked = check(chan.engine.facts(), bare.as_ref());
    // SAFETY: the regions were given up a moment ago and nobody was told of them.
    let payload = unsafe { B::from_regions(bare, keep) };
    if let Err(error) = checked {
        return Err(Kept { value: payload, error });
    }
    let mut memory = Mapped::map(chan.platform(), payload, direction)?;
    let regions = memory.regions.as_ref();
    let sum: u64 = regions.iter().map(|region| region.len as u64).sum();
    let total = if direction == Direction::MemToMem { sum / 2 } else { sum };
    let filled = chan.with(|engine, inner| {
        inner.prepare(engine, shape(total), |engine, hw, descriptor| fill(engine, hw, descriptor, regions))
    });
    match filled {
        Ok(slot) => Ok(Prepared { chan, slot, memory }),
        Err(error) => {
            // SAFETY: the preparation was refused, so no device was told of the memory.
            let value = unsafe { memory.unmap(chan.platform()) };
            Err(Kept { value, error })
        }
    }
}
