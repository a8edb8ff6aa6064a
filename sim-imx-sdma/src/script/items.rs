//! What the transfer scripts do with the items of a burst: how wide, how many, one after another, and how many were done.

use super::walk::{BUFFER, REMAINING, Run};
use super::{bd, burst};
use crate::bus::Width;
use crate::machine::{Fault, Machine, Scratch};

/// The width of the BD's items in memory, in bytes.
pub(super) fn width<M: Machine>(machine: &mut M) -> u32 {
    match machine.regs().r[4] >> 24 & 3 {
        0 => 4,
        width => width,
    }
}

/// The width of the access to the device for items of so many bytes: 24 bit need 32.
pub(super) const fn access(width: u32) -> Width {
    match width {
        1 => Width::One,
        2 => Width::Two,
        _ => Width::Four,
    }
}

/// A burst of the watermark or of what is left of the BD, in items of `unit` bytes.
///
/// Inferred: what is left over when it is no whole number of items is skipped, and counts as done.
pub(super) fn watermark<M: Machine>(machine: &mut M, watermark: u32, unit: u32) {
    let regs = machine.regs();
    let bytes = watermark.min(regs.r[5]);
    regs.r[0] = bytes / unit;
    regs.r[5] -= bytes;
    let left = regs.r[5];
    machine.set_scratch(REMAINING, left);
}

/// One item after another, r0 counting down, each with `cycles` of instructions besides its accesses.
#[inline(always)]
pub(super) fn each<M: Machine>(
    machine: &mut M,
    cycles: u32,
    mut item: impl FnMut(&mut M, u32) -> Result<(), Fault>,
) -> Run {
    loop {
        let left = machine.regs().r[0];
        if left == 0 {
            return Run::Moved;
        }
        if item(machine, left).is_err() {
            return Run::Fault;
        }
        machine.regs().r[0] = left - 1;
        machine.spend(cycles);
        if machine.out_of_time() {
            return Run::OutOfTime;
        }
    }
}

/// Items from memory to one register, r0 counting down: those that are buffered in one go, as far as nothing comes up.
#[inline(always)]
pub(super) fn each_out<M: Machine, const W: usize>(
    machine: &mut M,
    cycles: u32,
    write: impl Fn(&mut M, &[u32]) -> (usize, Result<(), Fault>),
) -> Run {
    loop {
        let left = machine.regs().r[0];
        if left == 0 {
            return Run::Moved;
        }
        let mut items = [0; burst::BURST as usize];
        let Ok(count) = burst::peek::<M, W>(machine, left, &mut items) else { return Run::Fault };
        let (written, result) = write(machine, &items[..count]);
        burst::take::<M, W>(machine, written);
        machine.regs().r[0] = left - written as u32;
        if result.is_err() {
            machine.regs().r[0] += 1;
            return Run::Fault;
        }
        machine.spend(cycles);
        if machine.out_of_time() {
            return Run::OutOfTime;
        }
    }
}

/// Items from one register to memory, r0 counting down: those that can be buffered in one go, as far as nothing comes up.
#[inline(always)]
pub(super) fn each_in<M: Machine, const W: usize>(
    machine: &mut M,
    cycles: u32,
    read: impl Fn(&mut M, &mut [u32]) -> (usize, Result<(), Fault>),
) -> Run {
    loop {
        let left = machine.regs().r[0];
        if left == 0 {
            return Run::Moved;
        }
        let mut items = [0; burst::BURST as usize];
        let count = burst::room::<M, W>(machine).min(left as usize);
        let (count, result) = read(machine, &mut items[..count]);
        for item in &items[..count] {
            if burst::put::<M, W>(machine, *item).is_err() {
                return Run::Fault;
            }
        }
        machine.regs().r[0] = left - count as u32;
        if result.is_err() {
            return Run::Fault;
        }
        machine.spend(cycles);
        if machine.out_of_time() {
            return Run::OutOfTime;
        }
    }
}

/// The count of a script that reads memory: the BD's, without the items left in the burst and the bytes left after it.
///
/// Unconfirmed: what the helper of the ROM counts for items of 24 bits; bytes here, as for the others.
pub(super) fn count_from_items<M: Machine>(machine: &mut M, unit: u32) {
    let [left, _, _, _, mode, after, ..] = machine.regs().r;
    bd::set_count(machine, (mode & bd::COUNT).saturating_sub(after + left * unit));
}

/// The count of a script that writes memory: how far it got. What is still buffered is tried once more.
pub(super) fn count_from_address<M: Machine>(machine: &mut M) {
    let _ = burst::flush(machine);
    let count = machine.regs().mda.wrapping_sub(machine.scratch(BUFFER));
    bd::set_count(machine, count);
}

/// Runs a piece of code with the width as a constant, 1 to 4, so that its loop is compiled for each.
macro_rules! by_width {
    ($width:expr, $W:ident => $code:expr) => {
        match $width {
            1 => {
                const $W: usize = 1;
                $code
            }
            2 => {
                const $W: usize = 2;
                $code
            }
            3 => {
                const $W: usize = 3;
                $code
            }
            _ => {
                const $W: usize = 4;
                $code
            }
        }
    };
}
pub(super) use by_width;
