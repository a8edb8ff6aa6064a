//! `hdmi_dma`: at each event, one write to a device and one interrupt. No BD, no data: it hands the HDMI transmitter's own DMA
//! engine its next piece of work.
//!
//! Unconfirmed: nearly all of it. Known of the script in the GPL-2+ image of QNX' board support package is that r6 is the address of
//! a table, r4 an index, that it writes through the peripheral unit to addresses, and ends each event with `notify 1` and `done 4`.
//! The table here is of pairs, address and value, and begins anew after a pair with the address 0.

use super::{burst, per};
use crate::bus::Width;
use crate::machine::{Machine, Notify, Step};

/// At the event.
const EVENT: u16 = 0;
/// After the write.
const WRITTEN: u16 = 1;
/// After the interrupt.
const NOTIFIED: u16 = 2;
/// How many words of the script are places where it can stand.
pub(super) const LABELS: u16 = 3;

/// What the instructions of one event take. Inferred: from the image.
const CYCLES: u32 = 20;

/// Goes on at a label.
pub(super) fn run<M: Machine>(machine: &mut M, entry: u16, label: u16) -> Option<Step> {
    match label {
        EVENT => {
            machine.spend(CYCLES);
            let (table, index) = (machine.regs().r[6], machine.regs().r[4]);
            write(machine, table.wrapping_add(8 * index));
            machine.regs().pc = entry + WRITTEN;
            if machine.out_of_time() { Some(Step::OutOfTime) } else { run(machine, entry, WRITTEN) }
        }
        WRITTEN => {
            machine.notify(Notify::Interrupt);
            machine.regs().pc = entry + NOTIFIED;
            if machine.out_of_time() { Some(Step::OutOfTime) } else { run(machine, entry, NOTIFIED) }
        }
        NOTIFIED => {
            machine.regs().pc = entry + EVENT;
            Some(Step::ClearEp)
        }
        _ => None,
    }
}

/// Does what the pair at an address of the table says. An error of the bus is dropped.
fn write<M: Machine>(machine: &mut M, pair: u32) {
    burst::set_source(machine, pair);
    let pair = burst::get::<M, 4>(machine, 8).and_then(|to| Ok((to, burst::get::<M, 4>(machine, 4)?)));
    burst::clear_error(machine);
    match pair {
        Ok((0, _)) | Err(_) => machine.regs().r[4] = 0,
        Ok((to, value)) => {
            per::set_destination(machine, to, Width::Four);
            let _ = per::write(machine, Width::Four, value);
            per::clear_error(machine);
            machine.regs().r[4] += 1;
        }
    }
}
