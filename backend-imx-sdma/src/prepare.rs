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
    /// Plans the transfer, takes a block and fills it; a refusal writes nothing. `recipe` is given the room there is and a place
    /// for each descriptor.
    fn prepare(
        &self,
        transfer: &mut Descriptor,
        period: Option<u32>,
        plan: impl FnOnce(&Chip<'_>) -> Result<Plan, PrepError>,
        recipe: impl FnOnce(&Plan, u32, &mut dyn FnMut(u32, BufferDescriptor)) -> Result<u32, PrepError>,
    ) -> Result<(), PrepError> {
        let (plan, images) = self.shared.with(|shared| {
            let plan = plan(&Chip::new(&self.soc, shared.scripts(), self.settings.spba))?;
            Ok((plan, shared.images()))
        })?;
        let room = u32::from(self.memory.segments());
        let mut block = None;
        let mut asked = 0;
        let count = recipe(&plan, room, &mut |index, descriptor| {
            // Only now, since a recipe that refuses has come to no descriptor; a block that is taken and given back is written to.
            if index == 0 {
                block = self.shared.with(|shared| shared.blocks.take(&self.memory));
            }
            let Some(block) = &block else { return };
            block.write(index as u16, descriptor);
            asked = descriptor.mode.count();
            if period.is_none() {
                block.keep_asked(index as u16, asked);
            }
        })?;
        let block = block.ok_or(PrepError::NoDescriptor { limit: self.memory.transfers() as u16 })?;
        transfer.0 = Some(Filled::new(block, (plan, images), (count as u16, asked), period));
        Ok(())
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
        self.prepare(
            transfer,
            Some(request.period),
            |chip| peripheral::cyclic(chip, request),
            |plan, room, write| recipes::cyclic(plan.unit, buffer.bus, buffer.len as u64, request.period, room, write),
        )
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
        self.prepare(
            transfer,
            None,
            |chip| peripheral::slave_sg(chip, request),
            |plan, room, write| recipes::slave_sg(plan.unit, pieces, room, write),
        )
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
        self.prepare(transfer, None, peripheral::memcpy, |_, room, write| {
            recipes::memcpy(dst.bus, src.bus, dst.len as u64, room, write)
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
        self.prepare(
            transfer,
            Some(request.period),
            |chip| peripheral::dev_to_dev(chip, request, self.settings.dev_to_dev, None),
            |_, room, write| recipes::dev_to_dev(request.period, DEVICE_PERIODS, room, write),
        )
    }
}
