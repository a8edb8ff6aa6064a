//! `mcu_2_app` and `app_2_mcu`: memory to device and back, the device reached through the peripheral unit at any address.
//!
//! A write to the device is posted, so a device that refuses is noticed one item late, and the item that it refused counts as
//! done. Inferred: from the rules of the unit; the scripts are not public.

use super::items::{self, access, by_width, each_in, each_out};
use super::walk::{self, Run, Transfer, Turn};
use super::{burst, per};
use crate::machine::{Fault, Machine, Scratch};

/// What the instructions of one item take: `ldf`, `stf`, and a share of the loop. Inferred: from the published variants.
pub(super) const ITEM: u32 = 2;

/// Memory to device.
pub(super) struct McuToApp;

impl Transfer for McuToApp {
    fn open<M: Machine>(machine: &mut M, buffer: u32) {
        let (device, width) = (machine.scratch(walk::DEVICE), items::width(machine));
        burst::set_source(machine, buffer);
        per::set_destination(machine, device, access(width));
    }

    fn burst<M: Machine>(machine: &mut M) -> Turn {
        let (watermark, width) = (machine.regs().r[7], items::width(machine));
        items::watermark(machine, watermark, width);
        Turn::Go
    }

    fn items<M: Machine>(machine: &mut M) -> Run {
        by_width!(items::width(machine), W => each_out::<M, W>(machine, ITEM, |machine, items| {
            per::write_run(machine, const { access(W as u32) }, items, ITEM)
        }))
    }

    fn end<M: Machine>(machine: &mut M) -> Result<(), Fault> {
        per::sync(machine)
    }

    fn count<M: Machine>(machine: &mut M) {
        let width = items::width(machine);
        items::count_from_items(machine, width);
    }
}

/// Device to memory.
pub(super) struct AppToMcu;

impl Transfer for AppToMcu {
    fn open<M: Machine>(machine: &mut M, buffer: u32) {
        let (device, width) = (machine.scratch(walk::DEVICE), items::width(machine));
        burst::set_destination(machine, buffer);
        per::set_source(machine, device, access(width));
    }

    fn burst<M: Machine>(machine: &mut M) -> Turn {
        McuToApp::burst(machine)
    }

    fn items<M: Machine>(machine: &mut M) -> Run {
        by_width!(items::width(machine), W => each_in::<M, W>(machine, ITEM, |machine, items| {
            per::read_run(machine, const { access(W as u32) }, items, ITEM)
        }))
    }

    fn end<M: Machine>(machine: &mut M) -> Result<(), Fault> {
        burst::flush(machine)
    }

    fn count<M: Machine>(machine: &mut M) {
        items::count_from_address(machine);
    }
}
