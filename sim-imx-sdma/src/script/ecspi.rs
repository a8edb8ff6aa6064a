//! `mcu_2_ecspi`: memory to an ECSPI whose flag "transmit FIFO empty" cannot be trusted (erratum ERR009165).
//!
//! Before a burst it looks how full the FIFO is, and after it starts the exchange by hand. Bit 31 of the watermark word leaves
//! the latter out, for parts without the erratum. The device's address is that of TXDATA.
//!
//! Inferred: from a published listing of it. That the low byte of TESTREG counts is what the listing does; the erratum's text in
//! Linux speaks of the receive counter.

use super::app::{ITEM, McuToApp};
use super::items::{self, access, by_width, each};
use super::walk::{self, Run, Transfer, Turn};
use super::{burst, per};
use crate::machine::{Fault, Machine, Scratch};

/// Memory to ECSPI.
pub(super) struct McuToEcspi;

impl McuToEcspi {
    /// From TXDATA to TESTREG, whose low byte is the fill of the transmit FIFO, and the fill at which it is left alone.
    const TESTREG: u32 = 0x1C;
    const FULL: u32 = 48;
    /// From TXDATA to CONREG, and its bit XCH.
    const CONREG: u32 = 4;
    const XCH: u32 = 1 << 2;
    /// Bit 31 of r7.
    const NO_ERRATUM: u32 = 1 << 31;
}

impl Transfer for McuToEcspi {
    fn open<M: Machine>(machine: &mut M, buffer: u32) {
        let device = machine.scratch(walk::DEVICE);
        burst::set_source(machine, buffer);
        per::set_destination(machine, device, access(4));
    }

    fn burst<M: Machine>(machine: &mut M) -> Turn {
        let device = machine.regs().pda;
        match machine.read(device.wrapping_add(Self::TESTREG), access(4)) {
            Ok(test) if test & 0xFF < Self::FULL => {
                let (watermark, width) = (machine.regs().r[7] & !Self::NO_ERRATUM, items::width(machine));
                items::watermark(machine, watermark, width);
                Turn::Go
            }
            Ok(_) => Turn::Later,
            Err(_) => {
                machine.regs().r[0] = 0;
                Turn::Fault
            }
        }
    }

    fn items<M: Machine>(machine: &mut M) -> Run {
        by_width!(items::width(machine), W => each(machine, ITEM, |machine, left| {
            let value = burst::get::<M, W>(machine, left * W as u32)?;
            per::write(machine, access(4), value)
        }))
    }

    fn end<M: Machine>(machine: &mut M) -> Result<(), Fault> {
        per::sync(machine)?;
        if machine.regs().r[7] & Self::NO_ERRATUM != 0 {
            return Ok(());
        }
        let conreg = machine.regs().pda.wrapping_add(Self::CONREG);
        let value = machine.read(conreg, access(4)).map_err(|_| Fault)?;
        machine.write(conreg, access(4), value | Self::XCH).map_err(|_| Fault)
    }

    fn count<M: Machine>(machine: &mut M) {
        McuToApp::count(machine);
    }
}
