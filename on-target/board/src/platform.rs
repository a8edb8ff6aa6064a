//! The machine around the SDMA, as the library wants to know it.
//!
//! The module has `unsafe` because [`Platform`] is a promise that Rust cannot check.

use dmaengine_core::{BusAddr, Direction, Micros, Platform, PrepError, Region};
use sim_imx_sdma::time::Cycles;

use crate::hardware::MICROSECOND;
use crate::lock::IrqLock;
use crate::{cpu, hardware, mmu};

/// The board: memory is where it is, for the SDMA as for the processor, and the clock is that of the simulated devices.
#[derive(Clone, Copy, Debug, Default)]
pub struct Board;

// SAFETY: the SDMA reaches all of the memory at its own addresses. Neither QEMU's caches nor the simulated SDMA's way to memory can
// be out of step; `dsb` keeps the order.
unsafe impl Platform for Board {
    type Lock = IrqLock;

    fn now(&self) -> Micros {
        Micros(hardware::micros(hardware::now()))
    }

    fn delay(&self, time: Micros) {
        let end = hardware::now() + Cycles(time.0 * MICROSECOND);
        while hardware::now() < end {
            core::hint::spin_loop();
        }
        // With interrupts masked nobody else has given the devices this time.
        hardware::hw(|_| ());
    }

    fn map(&self, region: &Region, _direction: Direction) -> Result<BusAddr, PrepError> {
        let address = region.ptr.as_ptr().addr() as u64;
        let (start, end) = (u64::from(mmu::RAM), u64::from(mmu::RAM) + u64::from(mmu::RAM_SIZE));
        if address < start || address + region.len as u64 > end {
            return Err(PrepError::Unreachable { address });
        }
        cpu::barrier();
        Ok(BusAddr(address))
    }

    fn unmap(&self, _region: &Region, _direction: Direction) {
        cpu::barrier();
    }

    fn sync_for_cpu(&self, _part: &Region) {
        cpu::barrier();
    }

    fn sync_for_device(&self, _part: &Region) {
        cpu::barrier();
    }
}
