//! `mcu_2_shp` and `shp_2_mcu`, memory to device and back over the shared peripheral bus (SPBA), and their like with two FIFOs:
//! `mcu_2_ssish` and `ssish_2_mcu` for an SSI in two-channel mode, `mcu_2_spdif` and `spdif_2_mcu` for left and right.
//!
//! The device is reached by the core's own `ld` and `st`, through the window in the data space that its address falls into. These
//! accesses are 32 bits wide; an item narrower than that lies in the low bits. An item of 24 bits lies packed in memory, three
//! bytes, the lowest first.
//!
//! With two FIFOs, four bytes apart, the items go to them in turn and in pairs. A burst or a BD too short for one pair is an error.
//!
//! Inferred: the pairs and that error, from the two-FIFO scripts in Freescale's platform SDK.
//!
//! Unconfirmed: that the SPDIF scripts are exactly that. Theirs are not public; known is "left and right, 24 bits".

use super::items::{self, by_width, each, each_in, each_out};
use super::walk::{self, Run, Transfer, Turn};
use super::{Chip, burst};
use crate::machine::{Fault, Machine, Scratch, Way};

/// What the instructions of one item take, for each of one or two FIFOs, and for an item of three bytes more, which the script
/// puts together of two. Inferred: from the published two-FIFO variants.
const ITEM: u32 = 2;
const PACKED: u32 = 5;
/// What the helper takes that turns an address into its window. Inferred: from its length.
const WINDOW: u32 = 10;

const fn cycles(fifos: u32, width: usize) -> u32 {
    fifos * (ITEM + if width == 3 { PACKED } else { 0 })
}

/// r6 := the window that the device's address falls into.
fn window<M: Machine>(machine: &mut M, chip: Chip) {
    let device = machine.regs().r[6];
    machine.regs().r[6] = chip.window(device);
    machine.spend(WINDOW);
}

/// Begins a burst for so many FIFOs; r6 is the first.
fn begin<M: Machine>(machine: &mut M, fifos: u32) -> Turn {
    let (unit, device) = (fifos * items::width(machine), machine.scratch(walk::DEVICE));
    let regs = machine.regs();
    regs.r[6] = device;
    let (watermark, left) = (regs.r[7], regs.r[5]);
    if fifos > 1 && watermark.min(left) < unit {
        regs.r[0] = 0;
        return Turn::Fault;
    }
    items::watermark(machine, watermark, unit);
    Turn::Go
}

/// Memory to `FIFOS` FIFOs.
pub(super) struct McuToShp<const FIFOS: u32>;

impl<const FIFOS: u32> Transfer for McuToShp<FIFOS> {
    fn prologue<M: Machine>(machine: &mut M, chip: Chip) {
        window(machine, chip);
    }

    fn open<M: Machine>(machine: &mut M, buffer: u32) {
        burst::set_source(machine, buffer);
    }

    fn burst<M: Machine>(machine: &mut M) -> Turn {
        begin(machine, FIFOS)
    }

    fn items<M: Machine>(machine: &mut M) -> Run {
        if FIFOS == 1 {
            let fifo = Way::Window(machine.regs().r[6] as u16);
            return by_width!(items::width(machine), W => each_out::<M, W>(machine, cycles(1, W), |machine, items| {
                machine.write_run(fifo, items, cycles(1, W))
            }));
        }
        by_width!(items::width(machine), W => each(machine, cycles(FIFOS, W), |machine, left| {
            let fifo = machine.regs().r[6] as u16;
            for n in 0..FIFOS {
                let value = burst::get::<M, W>(machine, (left * FIFOS - n) * W as u32)?;
                machine.store(fifo.wrapping_add(4 * n as u16), value)?;
            }
            Ok(())
        }))
    }

    fn end<M: Machine>(_: &mut M) -> Result<(), Fault> {
        Ok(())
    }

    fn count<M: Machine>(machine: &mut M) {
        let width = items::width(machine);
        items::count_from_items(machine, FIFOS * width);
    }
}

/// `FIFOS` FIFOs to memory.
pub(super) struct ShpToMcu<const FIFOS: u32>;

impl<const FIFOS: u32> Transfer for ShpToMcu<FIFOS> {
    fn prologue<M: Machine>(machine: &mut M, chip: Chip) {
        window(machine, chip);
    }

    fn open<M: Machine>(machine: &mut M, buffer: u32) {
        burst::set_destination(machine, buffer);
    }

    fn burst<M: Machine>(machine: &mut M) -> Turn {
        begin(machine, FIFOS)
    }

    fn items<M: Machine>(machine: &mut M) -> Run {
        if FIFOS == 1 {
            let fifo = Way::Window(machine.regs().r[6] as u16);
            return by_width!(items::width(machine), W => each_in::<M, W>(machine, cycles(1, W), |machine, items| {
                machine.read_run(fifo, items, cycles(1, W))
            }));
        }
        by_width!(items::width(machine), W => each(machine, cycles(FIFOS, W), |machine, _| {
            let fifo = machine.regs().r[6] as u16;
            for n in 0..FIFOS {
                let value = machine.load(fifo.wrapping_add(4 * n as u16))?;
                burst::put::<M, W>(machine, value)?;
            }
            Ok(())
        }))
    }

    fn end<M: Machine>(machine: &mut M) -> Result<(), Fault> {
        burst::flush(machine)
    }

    fn count<M: Machine>(machine: &mut M) {
        items::count_from_address(machine);
    }
}
