//! `per_2_per`: device to device, past memory, such as from an ASRC to an SSI.
//!
//! r2 is the source, r6 the destination, and r7 says all the rest (Linux 6.12 include/linux/dma/imx-dma.h): the lower watermark
//! LWML in bits 7:0, the higher HWML in 23:16, flags between them, and a number N. r0 is the mask of the request that belongs to
//! LWML, r1 of that to HWML. When both requests are there the script moves LWML words of 32 bits; so does a BD count, in words.
//!
//! The words that it moves pass no memory, so nothing can lie unflushed when it leaves the core. Word 0x12 of the context holds the
//! source's address, and scratch word 0x1C counts ([`Count`]).
//!
//! Inferred: from the image in Freescale's platform SDK. There, too, r7 bit 30 is the script's own flag "do not look at HWML";
//! here nobody sets it.

use super::items::{self, each};
use super::walk::{self, Run, Transfer, Turn};
use super::{Chip, bd, per};
use crate::bus::Width;
use crate::machine::{Fault, Machine, Scratch};

const LWML: u32 = 0xFF;
/// Swallow a word of the source after every N.
const PS: u32 = 1 << 8;
/// Add a word at the destination after every N.
const PA: u32 = 1 << 9;
/// Both sides have two FIFOs, four bytes apart, that take turns.
const SPDIF: u32 = 1 << 10;
/// The source, the destination lies on the shared peripheral bus.
const SP: u32 = 1 << 11;
const DP: u32 = 1 << 12;
/// The source, the destination has two FIFOs that take turns. Unconfirmed: the meaning in newer firmware.
const SD: u32 = 1 << 13;
const DD: u32 = 1 << 14;
/// The request that belongs to LWML, to HWML is in EVENTS2.
const LWE: u32 = 1 << 28;
const HWE: u32 = 1 << 29;
/// Do not look at the request that belongs to HWML.
const ONLY_LWML: u32 = 1 << 30;
/// The BD never comes to its end.
const CONT: u32 = 1 << 31;

/// Scratch word 0x1C. Inferred: its use; it is "private" in the published scripts.
const COUNT: u16 = 0x1C;

/// What the instructions of one word take. Inferred: from the SDK's image.
const WORD: u32 = 10;

/// While the script runs, r2 counts: the words since the last pad in bits 7:0, which of two FIFOs is next in bit 8.
struct Count;

impl Count {
    const SECOND: u32 = 1 << 8;

    /// One more word. True if N of them are through and a pad is due.
    fn one_more(r2: &mut u32, n: u32) -> bool {
        let words = (*r2 & 0xFF) + 1;
        let due = n != 0 && words >= n;
        *r2 = (*r2 ^ Self::SECOND) & Self::SECOND | if due { 0 } else { words & 0xFF };
        due
    }
}

/// Device to device.
pub(super) struct PerToPer;

impl PerToPer {
    fn take<M: Machine>(machine: &mut M) -> Result<u32, Fault> {
        let regs = machine.regs();
        let (r7, second) = (regs.r[7], regs.r[2] & Count::SECOND != 0);
        let offset = if r7 & (SPDIF | SD) != 0 && second { 4 } else { 0 };
        let source = regs.rest[0].wrapping_add(offset);
        if r7 & SP != 0 {
            return machine.load(source as u16);
        }
        regs.psa = source;
        per::read(machine, Width::Four)
    }

    fn give<M: Machine>(machine: &mut M, value: u32) -> Result<(), Fault> {
        let regs = machine.regs();
        let (r7, second) = (regs.r[7], regs.r[2] & Count::SECOND != 0);
        let offset = if r7 & (SPDIF | DD) != 0 && second { 4 } else { 0 };
        let destination = regs.r[6].wrapping_add(offset);
        if r7 & DP != 0 {
            return machine.store(destination as u16, value);
        }
        regs.pda = destination;
        per::write(machine, Width::Four, value)
    }
}

impl Transfer for PerToPer {
    fn prologue<M: Machine>(machine: &mut M, chip: Chip) {
        machine.set_scratch(COUNT, 0);
        let regs = machine.regs();
        let [_, _, source, _, _, _, destination, r7] = regs.r;
        regs.rest[0] = if r7 & SP != 0 { chip.window(source) } else { source };
        regs.r[6] = if r7 & DP != 0 { chip.window(destination) } else { destination };
    }

    fn open<M: Machine>(machine: &mut M, _: u32) {
        let destination = machine.scratch(walk::DEVICE);
        let (source, r7) = (machine.regs().rest[0], machine.regs().r[7]);
        if r7 & SP == 0 {
            per::set_source(machine, source, Width::Four);
        }
        if r7 & DP == 0 {
            per::set_destination(machine, destination, Width::Four);
        }
    }

    /// All bits of both masks.
    fn requested<M: Machine>(machine: &mut M) -> bool {
        let events = machine.events();
        let lower = machine.scratch(walk::MASK2);
        let (higher, r7) = (machine.regs().r[1], machine.regs().r[7]);
        let there = |mask: u32, second: u32| {
            let mask = if r7 & second != 0 { u64::from(mask) << 32 } else { u64::from(mask) };
            events & mask == mask
        };
        (r7 & ONLY_LWML != 0 || there(higher, HWE)) && there(lower, LWE)
    }

    fn burst<M: Machine>(machine: &mut M) -> Turn {
        let (count, destination) = (machine.scratch(COUNT), machine.scratch(walk::DEVICE));
        let regs = machine.regs();
        regs.r[2] = count;
        regs.r[6] = destination;
        let left = regs.r[5];
        let lwml = regs.r[7] & LWML;
        items::watermark(machine, lwml, 1);
        if machine.regs().r[7] & CONT != 0 {
            machine.regs().r[5] = left;
            machine.set_scratch(walk::REMAINING, left);
        }
        Turn::Go
    }

    /// Inferred: pads count neither for the watermark nor for the BD.
    fn items<M: Machine>(machine: &mut M) -> Run {
        each(machine, WORD, |machine, _| {
            let value = Self::take(machine)?;
            Self::give(machine, value)?;
            let regs = machine.regs();
            let r7 = regs.r[7];
            if Count::one_more(&mut regs.r[2], r7 >> 24 & 0xF) {
                if r7 & PS != 0 {
                    Self::take(machine)?;
                }
                if r7 & PA != 0 {
                    Self::give(machine, 0)?;
                }
            }
            Ok(())
        })
    }

    fn end<M: Machine>(machine: &mut M) -> Result<(), Fault> {
        let count = machine.regs().r[2];
        machine.set_scratch(COUNT, count);
        per::sync(machine)
    }

    /// In words. Inferred: with CONT nothing is counted, as nothing is taken off.
    fn count<M: Machine>(machine: &mut M) {
        if machine.regs().r[7] & CONT != 0 {
            bd::set_count(machine, 0);
        } else {
            items::count_from_items(machine, 1);
        }
    }
}
