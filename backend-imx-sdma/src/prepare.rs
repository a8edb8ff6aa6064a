//! Preparing transfers: a plan, and descriptors in a free block. No register is touched, and what is refused leaves nothing
//! behind.
//!
//! The module has `unsafe` because it implements the ability traits; their promise is that of [`Engine`], and the descriptors
//! that are written here name nothing but the regions that were handed in.
//!
//! [`Engine`]: dmaengine_core::Engine

use dmaengine_core::config::SlaveSg;
use dmaengine_core::lock::MasksInterrupts;
use dmaengine_core::{
    Cyclic, DevToDev, EngineCyclic, EngineDevToDev, EngineMemcpy, EngineSlaveSg, Platform, PrepError, Region,
};

use crate::channel::{Channel, Descriptor, Filled};
use crate::memory::Block;
use crate::peripheral::{self, Chip, Plan};
use crate::regs::Registers;
use crate::sdma::ImxSdma;
use crate::stop::StopMethod;
use crate::words::{BufferDescriptor, recipes};

/// How many descriptors a transfer between devices goes round: it touches no memory, and with two of them one is always the
/// SDMA's.
const DEVICE_PERIODS: u32 = 2;

impl<P, R, S> ImxSdma<P, R, S>
where
    P: Platform<Lock: MasksInterrupts>,
    R: Registers,
    S: StopMethod,
{
    /// Plans the transfer; tells the image that the plan goes by, too.
    fn plan(&self, plan: impl FnOnce(&Chip<'_>) -> Result<Plan, PrepError>) -> Result<(Plan, u32), PrepError> {
        self.shared.with(|shared| {
            let plan = plan(&Chip::new(&self.soc, shared.scripts(), self.settings.spba))?;
            Ok((plan, shared.images()))
        })
    }

    /// Takes a block and has a recipe fill it, which is given a place for each descriptor; a refusal writes nothing. `period` is
    /// that of a ring.
    #[inline]
    fn fill(
        &self,
        transfer: &mut Descriptor,
        planned: (Plan, u32),
        period: Option<u32>,
        recipe: impl FnOnce(u32, &mut Filling<'_, P, R, S>) -> Result<u32, PrepError>,
    ) -> Result<(), PrepError> {
        let mut filling = Filling { sdma: self, block: None, asked: 0, is_ring: period.is_some() };
        let count = recipe(u32::from(self.memory.segments()), &mut filling)?;
        let Filling { block, asked, .. } = filling;
        let block = block.ok_or(PrepError::NoDescriptor { limit: self.memory.transfers() as u16 })?;
        transfer.0 = Some(Filled::new(block, planned, (count as u16, asked), period));
        Ok(())
    }
}

/// A block that is being filled.
struct Filling<'a, P: Platform, R, S> {
    sdma: &'a ImxSdma<P, R, S>,
    block: Option<Block>,
    /// What the last descriptor asks for.
    asked: u16,
    is_ring: bool,
}

impl<P, R, S> Filling<'_, P, R, S>
where
    P: Platform<Lock: MasksInterrupts>,
    R: Registers,
    S: StopMethod,
{
    /// Takes the next descriptor of a recipe.
    #[inline]
    fn write(&mut self, index: u32, descriptor: BufferDescriptor) {
        // Only now, since a recipe that refuses has come to no descriptor; a block that is taken and given back is written to.
        if index == 0 {
            self.block = self.sdma.shared.with(|shared| shared.blocks.take(&self.sdma.memory));
        }
        let Some(block) = &self.block else { return };
        block.write(index as u16, descriptor);
        self.asked = descriptor.mode.count();
        if !self.is_ring {
            block.keep_asked(index as u16, self.asked);
        }
    }
}

// SAFETY: the ring's descriptors cut the region into its periods.
unsafe impl<P, R, S> EngineCyclic for ImxSdma<P, R, S>
where
    P: Platform<Lock: MasksInterrupts>,
    R: Registers,
    S: StopMethod,
{
    fn prep_cyclic(
        &self,
        _channel: &mut Channel,
        transfer: &mut Descriptor,
        buffer: &Region,
        request: &Cyclic<crate::Peripheral>,
    ) -> Result<(), PrepError> {
        let planned = self.plan(|chip| peripheral::cyclic(chip, request))?;
        let (unit, len) = (planned.0.unit, buffer.len as u64);
        self.fill(transfer, planned, Some(request.period), |room, filling| {
            recipes::cyclic(unit, buffer.bus, len, request.period, room, |i, bd| filling.write(i, bd))
        })
    }
}

// SAFETY: one descriptor a segment.
unsafe impl<P, R, S> EngineSlaveSg for ImxSdma<P, R, S>
where
    P: Platform<Lock: MasksInterrupts>,
    R: Registers,
    S: StopMethod,
{
    fn prep_slave_sg(
        &self,
        _channel: &mut Channel,
        transfer: &mut Descriptor,
        segments: &[Region],
        request: &SlaveSg<crate::Peripheral>,
    ) -> Result<(), PrepError> {
        let pieces = segments.iter().map(|segment| (segment.bus, segment.len as u64));
        let planned = self.plan(|chip| peripheral::slave_sg(chip, request))?;
        let unit = planned.0.unit;
        self.fill(transfer, planned, None, |room, filling| {
            recipes::slave_sg(unit, pieces, room, |i, bd| filling.write(i, bd))
        })
    }
}

// SAFETY: pieces of the two regions, which are of one length.
unsafe impl<P, R, S> EngineMemcpy for ImxSdma<P, R, S>
where
    P: Platform<Lock: MasksInterrupts>,
    R: Registers,
    S: StopMethod,
{
    fn prep_memcpy(
        &self,
        _channel: &mut Channel,
        transfer: &mut Descriptor,
        dst: &Region,
        src: &Region,
    ) -> Result<(), PrepError> {
        let planned = self.plan(peripheral::memcpy)?;
        self.fill(transfer, planned, None, |room, filling| {
            recipes::memcpy(dst.bus, src.bus, dst.len as u64, room, |i, bd| filling.write(i, bd))
        })
    }
}

// SAFETY: no memory.
unsafe impl<P, R, S> EngineDevToDev for ImxSdma<P, R, S>
where
    P: Platform<Lock: MasksInterrupts>,
    R: Registers,
    S: StopMethod,
{
    fn prep_dev_to_dev(
        &self,
        _channel: &mut Channel,
        transfer: &mut Descriptor,
        request: &DevToDev<crate::Peripheral>,
    ) -> Result<(), PrepError> {
        let planned = self.plan(|chip| peripheral::dev_to_dev(chip, request, self.settings.dev_to_dev, None))?;
        self.fill(transfer, planned, Some(request.period), |room, filling| {
            recipes::dev_to_dev(request.period, DEVICE_PERIODS, room, |i, bd| filling.write(i, bd))
        })
    }
}
