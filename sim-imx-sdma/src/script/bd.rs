//! Buffer descriptors, as the ROM's helpers treat them: find the current one, load it, close it, step to the next.
//!
//! The helpers talk through registers: r2 is the channel control block (CCB), r3 the descriptor (BD), r4 its mode word; after
//! loading, r5 is its buffer address and r6 its extended one. They use the burst unit, so MSA and MDA are theirs afterwards.
//!
//! Inferred: all of it. The ROM is not public; it rests on how published RAM scripts call these helpers.

use super::burst;
use crate::machine::{Machine, Notify};

/// Mode word: how much is to be done; in the end, how much was.
pub(super) const COUNT: u32 = 0xFFFF;
/// Mode word, D: it is the engine's. Linux calls it BD_DONE.
pub(super) const DONE: u32 = 1 << 16;
/// Mode word, W: after it comes the first.
pub(super) const WRAP: u32 = 1 << 17;
/// Mode word, C: go on with the next one.
pub(super) const CONT: u32 = 1 << 18;
/// Mode word, I: say when it is closed.
pub(super) const INTR: u32 = 1 << 19;
/// Mode word, R: it went wrong.
pub(super) const RROR: u32 = 1 << 20;

/// The length of a control block.
///
/// Unconfirmed: whether it has to be aligned; here it may lie anywhere.
const CCB_SIZE: u32 = 16;
/// The length of a descriptor.
const BD_SIZE: u32 = 12;

/// What the instructions around the accesses to memory take. Inferred: from the length of such helpers in published scripts.
const FIND: u32 = 18;
const LOAD: u32 = 12;
const CLOSE: u32 = 10;
const NEXT: u32 = 14;

/// r2 := the CCB, r3 := its current BD. False if there is none, or the CCB cannot be read.
pub(super) fn find<M: Machine>(machine: &mut M) -> bool {
    machine.spend(FIND);
    let ccb = machine.mc0ptr().wrapping_add(CCB_SIZE * u32::from(machine.channel()));
    machine.regs().r[2] = ccb;
    let bd = word(machine, ccb).unwrap_or(0);
    machine.regs().r[3] = bd;
    bd != 0
}

/// From the BD at r3: r4 := mode, r5 := buffer, r6 := extended buffer. False if it is not the engine's or cannot be read.
///
/// Inferred: that both look the same to the script, which stops in silence: the published callers only clear HE then.
pub(super) fn load<M: Machine>(machine: &mut M) -> bool {
    machine.spend(LOAD);
    let bd = machine.regs().r[3];
    burst::set_source(machine, bd);
    for (n, ahead) in [(4, 12), (5, 8), (6, 4)] {
        let Ok(value) = burst::get::<M, 4>(machine, ahead) else {
            burst::clear_error(machine);
            return false;
        };
        machine.regs().r[n] = value;
    }
    machine.regs().r[4] & DONE != 0
}

/// Gives the BD at r3 back with the mode word r4, D cleared, and raises the channel's interrupt if it asks for it.
pub(super) fn close<M: Machine>(machine: &mut M) {
    machine.spend(CLOSE);
    let regs = machine.regs();
    regs.r[4] &= !DONE;
    let (bd, mode) = (regs.r[3], regs.r[4]);
    set_word(machine, bd, mode);
    if mode & INTR != 0 {
        machine.notify(Notify::Interrupt);
    }
}

/// r3 := the BD after the one at r3, in the CCB too. True if the chain goes on with it.
///
/// Inferred: that W moves the pointer back whether or not C is set, and that the CCB is written before the next BD is looked at.
/// Unconfirmed: that EXTD (bit 23) and L (bit 21) mean nothing; no known script tests them.
pub(super) fn next<M: Machine>(machine: &mut M) -> bool {
    machine.spend(NEXT);
    let [_, _, ccb, bd, mode, ..] = machine.regs().r;
    let next = if mode & WRAP == 0 { Some(bd.wrapping_add(BD_SIZE)) } else { word(machine, ccb.wrapping_add(4)) };
    let Some(next) = next else { return false };
    machine.regs().r[3] = next;
    set_word(machine, ccb, next);
    mode & CONT != 0
}

/// Puts the count that was really done into the mode word r4.
pub(super) fn set_count<M: Machine>(machine: &mut M, count: u32) {
    let mode = &mut machine.regs().r[4];
    *mode = *mode & !COUNT | count & COUNT;
}

fn word<M: Machine>(machine: &mut M, address: u32) -> Option<u32> {
    burst::set_source(machine, address);
    let value = burst::get::<M, 4>(machine, 4).ok();
    if value.is_none() {
        burst::clear_error(machine);
    }
    value
}

/// Inferred: an error here is dropped; there is nobody to tell.
fn set_word<M: Machine>(machine: &mut M, address: u32, value: u32) {
    burst::set_destination(machine, address);
    if burst::put::<M, 4>(machine, value).and_then(|()| burst::flush(machine)).is_err() {
        burst::clear_error(machine);
    }
}
