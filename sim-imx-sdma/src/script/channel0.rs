//! The ROM's own two programs: the startup code, where the core begins after reset, and the script of channel 0, which carries the
//! driver's commands into the memory that only the core can reach.
//!
//! A command is a BD: the code in bits 31:24 of its mode word, the count in 32-bit words (in 16-bit words for program memory), the
//! buffer in system memory, and in the extended buffer the address inside the SDMA. Program memory is seen through the data space,
//! two instructions a word, the one with the even address in the upper half.
//!
//! Inferred: how the script works inside; what it does is documented (i.MX 6ULL RM chapter 46, "bootload commands"). It keeps all
//! in registers and touches no scratch word, because a context of 24 words (SMSZ = 0) has none: they would be the next channel's.

use super::{bd, burst};
use crate::machine::{Fault, Machine, Step};

/// Core register MCHN0ADDR: where channel 0's script begins, and in bit 14 the size of a context.
const MCHN0ADDR: u16 = 0x701C;
const SMSZ: u32 = 1 << 14;
/// Where the contexts begin in the data space.
const CONTEXTS: u32 = 0x0800;

const FIND: u16 = 0;
const LOAD: u16 = 1;
const WORDS: u16 = 2;
const CLOSE: u16 = 3;
const NEXT: u16 = 4;
const STOP: u16 = 5;
/// How many words of the script are places where it can stand.
pub(super) const LABELS: u16 = 6;

/// What the instructions take: of the startup, of looking at a command, of moving one word. Inferred: from the length of the code.
const STARTUP: u32 = 10;
const DECODE: u32 = 30;
const WORD: u32 = 6;

/// From address 0 to the script of channel 0.
///
/// Unconfirmed: that the ROM waits here while MC0PTR is 0. The model goes on, finds no descriptor there, and ends.
///
/// Inferred: at any other address of the startup code, where an illegal instruction leads (ILLINSTADDR is 1 after reset), the
/// channel gives up its HE and stays there. What the ROM does is not public.
pub(super) fn startup<M: Machine>(machine: &mut M, label: u16) -> Step {
    machine.spend(STARTUP);
    if label != 0 {
        return Step::ClearHe;
    }
    let to = machine.load(MCHN0ADDR).unwrap_or(0);
    machine.regs().pc = (to & 0x3FFF) as u16;
    Step::OutOfTime
}

/// What a command does with each word.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Command {
    /// SETDM, SETCTX.
    SetData,
    /// GETDM, GETCTX.
    GetData,
    /// SETPM.
    SetProgram,
    /// GETPM; 0x06 in the manual, 0x08 in Linux.
    ///
    /// Conflict: both are answered. QNX has 6 for GETCTX, too; the manual's 3 is taken, whose "context of channel 1" for 0x03 must
    /// be a misprint for 0x0B.
    GetProgram,
}

impl Command {
    const SETCTX: u32 = 0x07;
    const GETCTX: u32 = 0x03;

    fn of(mode: u32) -> Option<Self> {
        match mode >> 24 {
            0x01 => Some(Self::SetData),
            0x02 => Some(Self::GetData),
            0x04 => Some(Self::SetProgram),
            0x06 | 0x08 => Some(Self::GetProgram),
            context if context & 7 == Self::SETCTX => Some(Self::SetData),
            context if context & 7 == Self::GETCTX => Some(Self::GetData),
            _ => None,
        }
    }

    /// The channel whose context is meant.
    fn context(mode: u32) -> Option<u32> {
        let code = mode >> 24;
        matches!(code & 7, Self::SETCTX | Self::GETCTX).then_some(code >> 3)
    }
}

/// The script of channel 0, going on at a label. r0 is what is left to do, r6 the address inside.
pub(super) fn run<M: Machine>(machine: &mut M, entry: u16, label: u16) -> Option<Step> {
    let mut label = label;
    loop {
        label = match label {
            FIND => {
                if bd::find(machine) {
                    LOAD
                } else {
                    STOP
                }
            }
            LOAD => {
                if bd::load(machine) {
                    decode(machine)
                } else {
                    STOP
                }
            }
            WORDS => match words(machine) {
                Ok(true) => CLOSE,
                Ok(false) => WORDS,
                Err(Fault) => failed(machine),
            },
            CLOSE => {
                bd::close(machine);
                NEXT
            }
            NEXT => {
                if bd::next(machine) {
                    LOAD
                } else {
                    STOP
                }
            }
            STOP => {
                machine.regs().pc = entry + FIND;
                return Some(Step::ClearHe);
            }
            _ => return None,
        };
        machine.regs().pc = entry + label;
        if machine.out_of_time() {
            return Some(Step::OutOfTime);
        }
    }
}

fn decode<M: Machine>(machine: &mut M) -> u16 {
    machine.spend(DECODE);
    let [_, _, _, _, mode, buffer, ..] = machine.regs().r;
    machine.regs().r[0] = mode & bd::COUNT;
    let Some(command) = Command::of(mode) else {
        return failed(machine);
    };
    match command {
        Command::SetData | Command::SetProgram => burst::set_source(machine, buffer),
        Command::GetData | Command::GetProgram => burst::set_destination(machine, buffer),
    }
    if let Some(channel) = Command::context(mode) {
        let size = if machine.load(MCHN0ADDR).unwrap_or(0) & SMSZ != 0 { 32 } else { 24 };
        machine.regs().r[6] = CONTEXTS + size * channel;
    }
    WORDS
}

/// Moves one word, or two halfwords that make one. True after the last one.
fn words<M: Machine>(machine: &mut M) -> Result<bool, Fault> {
    let [left, _, _, _, mode, _, at, _] = machine.regs().r;
    if left == 0 {
        burst::flush(machine)?;
        return Ok(true);
    }
    machine.spend(WORD);
    let (word, even) = ((at >> 1) as u16 & 0x1FFF, at & 1 == 0);
    let moved = match Command::of(mode).ok_or(Fault)? {
        Command::SetData => {
            let value = burst::get::<M, 4>(machine, left * 4)?;
            machine.store(at as u16, value)?;
            1
        }
        Command::GetData => {
            let value = machine.load(at as u16)?;
            burst::put::<M, 4>(machine, value)?;
            1
        }
        Command::SetProgram if even && left > 1 => {
            let upper = burst::get::<M, 2>(machine, left * 2)?;
            let lower = burst::get::<M, 2>(machine, left * 2 - 2)?;
            machine.store(word, upper << 16 | lower)?;
            2
        }
        Command::SetProgram => {
            let value = burst::get::<M, 2>(machine, left * 2)?;
            let old = machine.load(word)?;
            machine.store(word, if even { value << 16 | old & 0xFFFF } else { old & 0xFFFF_0000 | value })?;
            1
        }
        Command::GetProgram => {
            let value = machine.load(word)?;
            burst::put::<M, 2>(machine, if even { value >> 16 } else { value & 0xFFFF })?;
            1
        }
    };
    let regs = machine.regs();
    regs.r[0] -= moved;
    regs.r[6] = regs.r[6].wrapping_add(moved);
    Ok(false)
}

/// R, and the count of what was done.
fn failed<M: Machine>(machine: &mut M) -> u16 {
    burst::clear_error(machine);
    let [left, _, _, _, mode, ..] = machine.regs().r;
    bd::set_count(machine, (mode & bd::COUNT) - left);
    machine.regs().r[4] |= bd::RROR;
    CLOSE
}
