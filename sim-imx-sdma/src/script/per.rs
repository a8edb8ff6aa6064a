//! The peripheral DMA unit: a script's way to a device's register past the shared peripheral bus (i.MX 6ULL RM chapter 46,
//! "peripheral DMA"). Its addresses stand still here: that is all that the scripts use of it.
//!
//! A write is posted: that it failed shows at the next access, and from then on until the script clears the error.

use crate::bus::Width;
use crate::machine::{Fault, Machine, Way};

/// PS, e: an error.
const ERROR: u32 = 0b10 << 8;
/// PS, d: the last access was a write.
const WRITING: u32 = 1 << 10;

/// The size fields of PS: 1, 2, 3 for 8, 16, 32 bit.
const fn size(width: Width) -> u32 {
    match width {
        Width::One => 1,
        Width::Two => 2,
        Width::Four => 3,
    }
}

/// PSA := `address`, standing still (`stf 0xC1..0xC3`). A misaligned address is an error at once.
pub(super) fn set_source<M: Machine>(machine: &mut M, address: u32, width: Width) {
    let regs = machine.regs();
    regs.psa = address;
    regs.ps = regs.ps & !(0xF << 20) | size(width) << 22 | misaligned(address, width);
}

/// PDA := `address`, standing still (`stf 0xD1..0xD3`). A misaligned address is an error at once.
pub(super) fn set_destination<M: Machine>(machine: &mut M, address: u32, width: Width) {
    let regs = machine.regs();
    regs.pda = address;
    regs.ps = regs.ps & !(0xF << 16) | size(width) << 18 | misaligned(address, width);
}

fn misaligned(address: u32, width: Width) -> u32 {
    if address % width.bytes() == 0 { 0 } else { ERROR }
}

/// Reads at PSA (`ldf 0xC8`), with the width that was set with it.
#[inline]
pub(super) fn read<M: Machine>(machine: &mut M, width: Width) -> Result<u32, Fault> {
    let regs = machine.regs();
    if regs.ps & ERROR != 0 {
        return Err(Fault);
    }
    regs.ps &= !WRITING;
    let address = regs.psa;
    machine.read(address, width).map_err(|_| {
        machine.regs().ps |= ERROR;
        Fault
    })
}

/// Writes at PDA (`stf 0xC8`), with the width that was set with it. It fails for what went wrong before.
#[inline]
pub(super) fn write<M: Machine>(machine: &mut M, width: Width, value: u32) -> Result<(), Fault> {
    let regs = machine.regs();
    if regs.ps & ERROR != 0 {
        return Err(Fault);
    }
    regs.ps |= WRITING;
    let address = regs.pda;
    if machine.write(address, width, value).is_err() {
        machine.regs().ps |= ERROR;
    }
    Ok(())
}

/// Reads items at PSA, as many of them as nothing comes up at, with so many cycles in between.
#[inline]
pub(super) fn read_run<M: Machine>(
    machine: &mut M,
    width: Width,
    items: &mut [u32],
    cycles: u32,
) -> (usize, Result<(), Fault>) {
    let regs = machine.regs();
    if regs.ps & ERROR != 0 {
        return (0, Err(Fault));
    }
    regs.ps &= !WRITING;
    let address = regs.psa;
    let (count, result) = machine.read_run(Way::Bus(address, width), items, cycles);
    if result.is_err() {
        machine.regs().ps |= ERROR;
    }
    (count, result)
}

/// Writes items at PDA, likewise. It fails for what went wrong before.
#[inline]
pub(super) fn write_run<M: Machine>(
    machine: &mut M,
    width: Width,
    items: &[u32],
    cycles: u32,
) -> (usize, Result<(), Fault>) {
    let regs = machine.regs();
    if regs.ps & ERROR != 0 {
        return (1, Err(Fault));
    }
    regs.ps |= WRITING;
    let address = regs.pda;
    let (count, result) = machine.write_run(Way::Bus(address, width), items, cycles);
    if result.is_err() {
        machine.regs().ps |= ERROR;
    }
    (count, Ok(()))
}

/// Waits for the last write and collects its error (`stf 0xDD..0xDF`, "width update").
pub(super) fn sync<M: Machine>(machine: &mut M) -> Result<(), Fault> {
    if machine.regs().ps & ERROR != 0 { Err(Fault) } else { Ok(()) }
}

/// PS: the error is over (`stf 0xCC`).
pub(super) fn clear_error<M: Machine>(machine: &mut M) {
    machine.regs().ps &= !ERROR;
}
