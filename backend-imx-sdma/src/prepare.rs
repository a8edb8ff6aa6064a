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
    Cyclic, DevToDev, Direction, EngineCyclic, EngineDevToDev, EngineMemcpy, EngineSlaveSg, Platform, PrepError,
    Region, SlaveConfig,
};

use crate::channel::{Channel, Descriptor, Filled};
use crate::peripheral::{self, Chip, Peripheral, Plan};
use crate::regs::Registers;
use crate::sdma::ImxSdma;
use crate::stop::StopMethod;
use crate::words::{BufferDescriptor, Unit, recipes};

/// How many descriptors a transfer between devices goes round: it touches no memory, and with two of them one is always the
/// SDMA's.
const DEVICE_PERIODS: u32 = 2;

impl<P, R, S> ImxSdma<P, R, S>
where
    P: Platform<Lock: MasksInterrupts>,
    R: Registers,
    S: StopMethod,
{
    /// Plans what is the channel's alone, and tells the image that the plan goes by, too.
    fn plan(&self, plan: impl FnOnce(&Chip<'_>) -> Result<Plan, PrepError>) -> Result<(Plan, u32), PrepError> {
        self.shared.with(|shared| {
            let plan = plan(&Chip::new(&self.soc, shared.scripts(), self.settings.spba))?;
            Ok((plan, shared.images()))
        })
    }

    #[cold]
    fn plan_slave(&self, direction: Direction, config: &SlaveConfig<Peripheral>) -> Result<SlavePlan, PrepError> {
        let planned = self.plan(|chip| peripheral::slave(chip, direction, config))?;
        Ok(SlavePlan { direction, config: *config, planned })
    }

    /// Fills a transfer with a device, by the plan of the channel's last one if that was the same, with the same firmware.
    #[inline]
    fn fill_slave<D: Iterator<Item = BufferDescriptor>>(
        &self,
        channel: &mut Channel,
        transfer: &mut Descriptor,
        (direction, config): (Direction, &SlaveConfig<Peripheral>),
        period: Option<u32>,
        recipe: impl FnOnce(Unit, u32) -> Result<D, PrepError>,
    ) -> Result<(), PrepError> {
        let images = self.shared.with(|shared| shared.images());
        let last = match &channel.last {
            Some(last) if last.is_for(direction, config, images) => last,
            _ => channel.last.insert(self.plan_slave(direction, config)?),
        };
        self.fill(transfer, &last.planned, period, recipe)
    }

    /// Has a recipe cut the transfer for as many descriptors as there is room for, and takes a block for them; a refusal takes none
    /// and writes nothing. `period` is that of a ring.
    #[inline]
    fn fill<D: Iterator<Item = BufferDescriptor>>(
        &self,
        transfer: &mut Descriptor,
        planned: &(Plan, u32),
        period: Option<u32>,
        recipe: impl FnOnce(Unit, u32) -> Result<D, PrepError>,
    ) -> Result<(), PrepError> {
        let descriptors = recipe(planned.0.unit, u32::from(self.memory.segments()))?;
        let block = self.shared.with(|shared| shared.blocks.take(&self.memory));
        let block = block.ok_or(PrepError::NoDescriptor { limit: self.memory.transfers() as u16 })?;
        let written = if period.is_some() { block.fill_ring(descriptors) } else { block.fill_list(descriptors) };
        transfer.0 = Some(Filled::new(block, *planned, written, period));
        Ok(())
    }
}

/// A plan that a channel keeps, since its next transfer is mostly one like the last.
#[derive(Debug)]
pub(crate) struct SlavePlan {
    direction: Direction,
    config: SlaveConfig<Peripheral>,
    planned: (Plan, u32),
}

impl SlavePlan {
    /// Whether it is what would be planned for this, too.
    #[inline]
    fn is_for(&self, direction: Direction, config: &SlaveConfig<Peripheral>, images: u32) -> bool {
        self.config == *config && self.direction == direction && self.planned.1 == images
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
        channel: &mut Channel,
        transfer: &mut Descriptor,
        buffer: &Region,
        request: &Cyclic<Peripheral>,
    ) -> Result<(), PrepError> {
        let (len, period) = (buffer.len as u64, request.period);
        self.fill_slave(channel, transfer, (request.direction, &request.config), Some(period), |unit, room| {
            recipes::cyclic(unit, buffer.bus, len, period, room)
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
        channel: &mut Channel,
        transfer: &mut Descriptor,
        segments: &[Region],
        request: &SlaveSg<Peripheral>,
    ) -> Result<(), PrepError> {
        let pieces = segments.iter().map(|segment| (segment.bus, segment.len as u64));
        peripheral::has_an_end(request)?;
        self.fill_slave(channel, transfer, (request.direction, &request.config), None, |unit, room| {
            recipes::slave_sg(unit, pieces, room)
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
        self.fill(transfer, &planned, None, |_, room| recipes::memcpy(dst.bus, src.bus, dst.len as u64, room))
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
        request: &DevToDev<Peripheral>,
    ) -> Result<(), PrepError> {
        let planned = self.plan(|chip| peripheral::dev_to_dev(chip, request, self.settings.dev_to_dev, None))?;
        let period = request.period;
        self.fill(transfer, &planned, Some(period), |_, room| recipes::dev_to_dev(period, DEVICE_PERIODS, room))
    }
}

#[cfg(test)]
mod tests {
    use dmaengine_core::{BusAddr, BusWidth, FlowController};

    use super::*;
    use crate::peripheral::{Priority, RequestLine};
    use crate::soc::Soc;

    #[test]
    fn a_plan_is_kept_for_the_same_request_and_no_other() {
        let (to, from) = (Direction::MemToDev, Direction::DevToMem);
        let ssi = |line| Peripheral::ssi_shared(RequestLine::new(line).unwrap());
        let config = SlaveConfig::new(BusAddr(0x0202_8000), BusWidth::Two, ssi(38)).with_max_burst(6);
        let chip = Chip::new(&Soc::IMX6Q, &Soc::IMX6Q.rom, None);
        let plan = SlavePlan { direction: to, config, planned: (peripheral::slave(&chip, to, &config).unwrap(), 7) };
        assert!(plan.is_for(to, &config, 7));
        assert!(!plan.is_for(from, &config, 7));
        assert!(!plan.is_for(to, &config, 8));
        let changes: [fn(&mut SlaveConfig<Peripheral>); 6] = [
            |config| config.address = BusAddr(0x0202_8004),
            |config| config.width = BusWidth::Four,
            |config| config.max_burst = 4,
            |config| config.port_window = 2,
            |config| config.flow_controller = FlowController::Device,
            |config| config.peripheral = config.peripheral.with_priority(Priority::High),
        ];
        for change in changes {
            let mut other = config;
            change(&mut other);
            assert!(!plan.is_for(to, &other, 7), "{other:?}");
        }
        for peripheral in [ssi(37), Peripheral::ssi(config.peripheral.line())] {
            let mut other = config;
            other.peripheral = peripheral;
            assert!(!plan.is_for(to, &other, 7), "{other:?}");
        }
    }
}
