//! Preparing a transfer: the request is checked against the engine's facts, the memory is mapped, a slot is filled.
//! Nothing reaches the hardware, and a refusal gives everything back.

use core::fmt;
use core::mem::ManuallyDrop;

use crate::config::{Cyclic, Direction, Interleaved, SlaveConfig, SlaveSg};
use crate::engine::{Engine, EngineCyclic, EngineInterleaved, EngineMemcpy, EngineMemset, EngineSlaveSg, Facts};
use crate::error::{Kept, PrepError};
use crate::memory::{Buffer, Payload, Region, WriteBuffer};
use crate::platform::Platform;
use crate::vchan::{Chan, EndRepeat, Shape, SlotId};

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

/// The regions of a payload while they are mapped.
pub(crate) struct Mapped<B: Payload> {
    pub(crate) regions: B::Regions,
    direction: Direction,
}

impl<B: Payload> Clone for Mapped<B> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<B: Payload> Copy for Mapped<B> {}

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
        let mut regions = payload.into_regions();
        let count = regions.as_ref().len();
        for i in 0..count {
            match platform.map(&regions.as_ref()[i], way(direction, i)) {
                Ok(bus) => regions.as_mut()[i].bus = bus,
                Err(error) => {
                    for (j, done) in regions.as_ref()[..i].iter().enumerate() {
                        platform.unmap(done, way(direction, j));
                    }
                    // SAFETY: the regions are this payload's, and no device knows of them any more.
                    let value = unsafe { B::from_regions(regions) };
                    return Err(Kept { value, error });
                }
            }
        }
        Ok(Self { regions, direction })
    }

    /// Hands the memory back to the CPU and makes it the caller's buffers again.
    ///
    /// # Safety
    /// No device touches the regions any more, and this is the only use of them.
    pub(crate) unsafe fn unmap(self, platform: &impl Platform) -> B {
        for (i, region) in self.regions.as_ref().iter().enumerate() {
            platform.unmap(region, way(self.direction, i));
        }
        // SAFETY: the caller's promise.
        unsafe { B::from_regions(self.regions) }
    }
}

impl<'d, E: Engine, B: Payload> Prepared<'d, E, B> {
    /// Undoes the preparation and gives the memory back.
    pub fn cancel(self) -> B {
        let this = ManuallyDrop::new(self);
        this.undo()
    }

    /// Called once, by `cancel` or by `drop`.
    fn undo(&self) -> B {
        self.chan.with(|engine, inner| inner.discard(engine, self.slot));
        // SAFETY: a prepared transfer was never submitted, so no device was told of its memory.
        unsafe { self.memory.unmap(self.chan.platform()) }
    }

    /// Takes it apart, to be submitted.
    pub(crate) fn into_parts(self) -> (Chan<'d, E>, SlotId, Mapped<B>) {
        let this = ManuallyDrop::new(self);
        (this.chan, this.slot, this.memory)
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

impl Facts {
    fn aligned(&self, value: u64) -> Result<(), PrepError> {
        if value % u64::from(self.align.max(1)) == 0 {
            return Ok(());
        }
        Err(PrepError::Misaligned { value, align: self.align })
    }

    /// A buffer that may be cut into as many segments as there are.
    fn whole(&self, region: &Region) -> Result<(), PrepError> {
        if region.len == 0 {
            return Err(PrepError::Zero);
        }
        self.aligned(region.ptr.as_ptr() as u64)?;
        self.aligned(region.len as u64)
    }

    /// One hardware segment.
    fn segment(&self, region: &Region) -> Result<(), PrepError> {
        self.whole(region)?;
        self.length(region.len as u64)
    }

    fn length(&self, len: u64) -> Result<(), PrepError> {
        if len <= u64::from(self.max_segment) {
            return Ok(());
        }
        Err(PrepError::SegmentTooLong { len, limit: self.max_segment })
    }

    fn count(&self, count: u64) -> Result<(), PrepError> {
        if count == 0 {
            return Err(PrepError::Zero);
        }
        if count <= u64::from(self.max_segments) {
            return Ok(());
        }
        Err(PrepError::TooManySegments { count, limit: self.max_segments })
    }

    fn device<P>(&self, config: &SlaveConfig<P>) -> Result<(), PrepError> {
        if self.widths.has(config.width) {
            return Ok(());
        }
        Err(PrepError::Width { bytes: config.width.bytes() })
    }

    fn interleaved(&self, dst: &Region, src: &Region, request: &Interleaved<'_>) -> Result<(), PrepError> {
        self.whole(dst)?;
        self.whole(src)?;
        self.count(request.chunks.len() as u64 * u64::from(request.rows))?;
        for chunk in request.chunks {
            if chunk.size == 0 {
                return Err(PrepError::Zero);
            }
            self.length(u64::from(chunk.size))?;
            for bytes in [chunk.size, chunk.src_gap, chunk.dst_gap] {
                self.aligned(u64::from(bytes))?;
            }
        }
        let within = |end: u64, region: &Region| {
            let len = region.len as u64;
            if end <= len { Ok(()) } else { Err(PrepError::OutOfBuffer { end, len }) }
        };
        within(request.extent(|chunk| chunk.dst_gap), dst)?;
        within(request.extent(|chunk| chunk.src_gap), src)
    }

    pub(crate) fn cyclic<P>(&self, buffer: &Region, request: &Cyclic<P>) -> Result<(), PrepError> {
        let len = buffer.len as u64;
        request.check(len)?;
        self.device(&request.config)?;
        self.whole(buffer)?;
        self.aligned(u64::from(request.period))?;
        self.length(u64::from(request.period))?;
        self.count(len / u64::from(request.period))
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
    let bare = payload.into_regions();
    let checked = check(chan.engine.facts(), bare.as_ref());
    // SAFETY: the regions were given up a moment ago and nobody was told of them.
    let payload = unsafe { B::from_regions(bare) };
    if let Err(error) = checked {
        return Err(Kept { value: payload, error });
    }
    let memory = Mapped::map(chan.platform(), payload, direction)?;
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

pub(crate) fn cyclic<'d, E: EngineCyclic, B: WriteBuffer>(
    chan: Chan<'d, E>,
    buffer: B,
    request: &Cyclic<E::Peripheral>,
) -> Result<Prepared<'d, E, B>, Kept<B, PrepError>> {
    prepare(
        chan,
        buffer,
        request.direction,
        |total| Shape::plain(total, true),
        |facts, regions| facts.cyclic(&regions[0], request),
        |engine, hw, descriptor, regions| engine.prep_cyclic(hw, descriptor, &regions[0], request),
    )
}

/// Prepares a cyclic transfer over memory that is mapped already and that a dead transfer may still be touching.
pub(crate) fn cyclic_again<E: EngineCyclic, B: WriteBuffer>(
    chan: Chan<'_, E>,
    memory: &Mapped<B>,
    request: &Cyclic<E::Peripheral>,
) -> Result<SlotId, PrepError> {
    let [region] = memory.regions;
    if request.direction != memory.direction {
        return Err(PrepError::Direction { direction: request.direction });
    }
    chan.engine.facts().cyclic(&region, request)?;
    chan.with(|engine, inner| {
        inner.prepare(engine, Shape::plain(region.len as u64, true), |engine, hw, descriptor| {
            engine.prep_cyclic(hw, descriptor, &region, request)
        })
    })
}

pub(crate) fn memcpy<'d, E: EngineMemcpy, D: WriteBuffer, S: Buffer>(
    chan: Chan<'d, E>,
    dst: D,
    src: S,
) -> Result<Prepared<'d, E, (D, S)>, Kept<(D, S), PrepError>> {
    prepare(
        chan,
        (dst, src),
        Direction::MemToMem,
        |total| Shape::plain(total, false),
        |facts, regions| {
            let (dst, src) = (&regions[0], &regions[1]);
            if dst.len != src.len {
                return Err(PrepError::LengthsDiffer { dst: dst.len as u64, src: src.len as u64 });
            }
            facts.whole(dst)?;
            facts.whole(src)?;
            facts.count((dst.len as u64).div_ceil(u64::from(facts.max_segment.max(1))))
        },
        |engine, hw, descriptor, regions| engine.prep_memcpy(hw, descriptor, &regions[0], &regions[1]),
    )
}

pub(crate) fn memset<E: EngineMemset, D: WriteBuffer>(
    chan: Chan<'_, E>,
    dst: D,
    value: u8,
) -> Result<Prepared<'_, E, D>, Kept<D, PrepError>> {
    prepare(
        chan,
        dst,
        // Into memory; the byte comes from the engine itself.
        Direction::DevToMem,
        |total| Shape::plain(total, false),
        |facts, regions| {
            facts.whole(&regions[0])?;
            facts.count((regions[0].len as u64).div_ceil(u64::from(facts.max_segment.max(1))))
        },
        |engine, hw, descriptor, regions| engine.prep_memset(hw, descriptor, &regions[0], value),
    )
}

pub(crate) fn interleaved<'d, E: EngineInterleaved, D: WriteBuffer, S: Buffer>(
    chan: Chan<'d, E>,
    dst: D,
    src: S,
    request: &Interleaved<'_>,
) -> Result<Prepared<'d, E, (D, S)>, Kept<(D, S), PrepError>> {
    prepare(
        chan,
        (dst, src),
        Direction::MemToMem,
        |_| Shape {
            total: request.bytes(),
            cyclic: request.repeat,
            load_at_end: request.load_at_end,
            end_repeat: request.repeat.then_some(E::end_repeat as EndRepeat<E>),
        },
        |facts, regions| facts.interleaved(&regions[0], &regions[1], request),
        |engine, hw, descriptor, regions| engine.prep_interleaved(hw, descriptor, &regions[0], &regions[1], request),
    )
}

pub(crate) fn slave_sg<'d, E: EngineSlaveSg, B: Buffer, const N: usize>(
    chan: Chan<'d, E>,
    buffers: [B; N],
    direction: Direction,
    config: &SlaveConfig<E::Peripheral>,
) -> Result<Prepared<'d, E, [B; N]>, Kept<[B; N], PrepError>> {
    let request = SlaveSg { direction, config: *config };
    prepare(
        chan,
        buffers,
        direction,
        |total| Shape::plain(total, false),
        |facts, regions| {
            facts.device(config)?;
            facts.count(regions.len() as u64)?;
            regions.iter().try_for_each(|region| facts.segment(region))
        },
        |engine, hw, descriptor, regions| engine.prep_slave_sg(hw, descriptor, regions, &request),
    )
}
