//! `mcu_2_sai` and `sai_2_mcu`: a burst spread over several FIFOs of one SAI or PDM interface.
//!
//! r7 has the watermark in bits 11:0, the number of FIFOs in 15:12, how many words are left out between two of them in 19:16, and
//! how many words each gets in turn, less one, in 31:28 (Linux 6.12 drivers/dma/imx-sdma.c). A burst begins at the first FIFO.
//!
//! Unconfirmed: how they work inside, and that they use the peripheral unit. They are published in NXP's firmware alone, of which
//! only the arguments are known. The software "done" (bits 23 and 27:24) does nothing here.
//!
//! Unconfirmed: the count that they leave in a BD is what *remains*, so 0 in a full one. NXP's kernel says so and subtracts; a
//! setting of [`Scripts`](super::table::Scripts) makes them count like the others.

use super::app::ITEM;
use super::items::{self, access, by_width, each};
use super::walk::{self, Run, Transfer, Turn};
use super::{Chip, bd, burst, per};
use crate::machine::{Fault, Machine, Scratch};

/// The bits of r7 that are the watermark.
const WATERMARK: u32 = 0xFFF;

/// Begins a burst: r2 counts its items, r6 is the first FIFO.
fn begin<M: Machine>(machine: &mut M) -> Turn {
    let (watermark, width) = (machine.regs().r[7] & WATERMARK, items::width(machine));
    items::watermark(machine, watermark, width);
    let device = machine.scratch(walk::DEVICE);
    let regs = machine.regs();
    regs.r[2] = 0;
    regs.r[6] = device;
    Turn::Go
}

/// The FIFO that the next item of the burst belongs to.
#[inline]
fn next_fifo<M: Machine>(machine: &mut M) -> u32 {
    let regs = machine.regs();
    let [_, _, moved, _, _, _, first, r7] = regs.r;
    let (fifos, left_out, words) = ((r7 >> 12 & 0xF).max(1), r7 >> 16 & 0xF, (r7 >> 28) + 1);
    regs.r[2] += 1;
    first.wrapping_add(moved / words % fifos * 4 * (left_out + 1))
}

/// What remains of the BD goes into its count, if that is what these scripts do. r5 is that in bytes.
fn count_what_remains<M: Machine>(machine: &mut M, chip: Chip) {
    if chip.sai_counts_what_remains {
        let remains = machine.regs().r[5];
        bd::set_count(machine, remains);
    }
}

/// Memory to SAI.
pub(super) struct McuToSai;

impl Transfer for McuToSai {
    fn open<M: Machine>(machine: &mut M, buffer: u32) {
        let (device, width) = (machine.scratch(walk::DEVICE), items::width(machine));
        burst::set_source(machine, buffer);
        per::set_destination(machine, device, access(width));
    }

    fn burst<M: Machine>(machine: &mut M) -> Turn {
        begin(machine)
    }

    fn items<M: Machine>(machine: &mut M) -> Run {
        by_width!(items::width(machine), W => each(machine, ITEM, |machine, left| {
            let value = burst::get::<M, W>(machine, left * W as u32)?;
            machine.regs().pda = next_fifo(machine);
            per::write(machine, const { access(W as u32) }, value)
        }))
    }

    fn end<M: Machine>(machine: &mut M) -> Result<(), Fault> {
        per::sync(machine)
    }

    fn count<M: Machine>(machine: &mut M) {
        let width = items::width(machine);
        items::count_from_items(machine, width);
        let regs = machine.regs();
        regs.r[5] += regs.r[0] * width;
    }

    fn closing<M: Machine>(machine: &mut M, chip: Chip) {
        count_what_remains(machine, chip);
    }
}

/// SAI to memory.
pub(super) struct SaiToMcu;

impl Transfer for SaiToMcu {
    fn open<M: Machine>(machine: &mut M, buffer: u32) {
        let (device, width) = (machine.scratch(walk::DEVICE), items::width(machine));
        burst::set_destination(machine, buffer);
        per::set_source(machine, device, access(width));
    }

    fn burst<M: Machine>(machine: &mut M) -> Turn {
        begin(machine)
    }

    fn items<M: Machine>(machine: &mut M) -> Run {
        by_width!(items::width(machine), W => each(machine, ITEM, |machine, _| {
            machine.regs().psa = next_fifo(machine);
            let value = per::read(machine, const { access(W as u32) })?;
            burst::put::<M, W>(machine, value)
        }))
    }

    fn end<M: Machine>(machine: &mut M) -> Result<(), Fault> {
        burst::flush(machine)
    }

    fn count<M: Machine>(machine: &mut M) {
        let whole = machine.regs().r[4] & bd::COUNT;
        items::count_from_address(machine);
        let regs = machine.regs();
        regs.r[5] = whole - (regs.r[4] & bd::COUNT);
    }

    fn closing<M: Machine>(machine: &mut M, chip: Chip) {
        count_what_remains(machine, chip);
    }
}
