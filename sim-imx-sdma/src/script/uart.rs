//! `uart_2_mcu` and `uartsh_2_mcu`: characters to memory, with a BD closed early when the line falls silent.
//!
//! At a request the script looks why: with RRDY in USR1 the FIFO has its watermark, and it takes that many characters. Without, the
//! line was idle or the characters aged: it clears AGTIM and IDLE, takes what there is, and closes the BD with the count so far.
//! At a character with an error it closes the BD at once, R and bit 24 set.
//!
//! Inferred: from the RAM versions in the GPL-2+ image of QNX' board support package; the ROM's are not public. Theirs, too: that
//! the character with the error is not stored, and that a BD may be closed with nothing in it when the line goes idle right after
//! a watermark.

use core::marker::PhantomData;

use super::items::{self, each};
use super::walk::{self, Run, Transfer, Turn};
use super::{Chip, bd, burst};
use crate::bus::Width;
use crate::machine::{Fault, Machine, Scratch};

/// From URXD to the status registers (i.MX 6ULL RM, "UART").
const USR1: u32 = 0x94;
const USR2: u32 = 0x98;
/// USR1: the FIFO has reached its watermark.
const RRDY: u32 = 1 << 9;
/// USR1: characters lie in the FIFO for long. Writing it clears it.
const AGTIM: u32 = 1 << 8;
/// USR2: the line was idle. Writing it clears it.
const IDLE: u32 = 1 << 12;
/// USR2: there is a character.
const RDR: u32 = 1;
/// URXD: the character has an error.
const ERR: u32 = 1 << 14;
/// What the mode word gets besides R when a character had an error.
const BAD_CHARACTER: u32 = 1 << 24;

/// What the instructions of one character take. Inferred: from the RAM version.
const CHARACTER: u32 = 5;

/// How the script reaches the registers.
pub(super) trait Way {
    /// From the address in r6 at the start to the one that is kept.
    fn device<M: Machine>(machine: &mut M, chip: Chip) -> u32;

    fn read<M: Machine>(machine: &mut M, offset: u32) -> Result<u32, Fault>;

    fn write<M: Machine>(machine: &mut M, offset: u32, value: u32) -> Result<(), Fault>;
}

/// Through the peripheral unit, at PSA.
pub(super) struct Peripheral;

impl Way for Peripheral {
    fn device<M: Machine>(machine: &mut M, _: Chip) -> u32 {
        machine.regs().r[6]
    }

    fn read<M: Machine>(machine: &mut M, offset: u32) -> Result<u32, Fault> {
        let urxd = machine.regs().r[6];
        machine.regs().psa = urxd.wrapping_add(offset);
        machine.read(urxd.wrapping_add(offset), Width::Four).map_err(|_| Fault)
    }

    fn write<M: Machine>(machine: &mut M, offset: u32, value: u32) -> Result<(), Fault> {
        let urxd = machine.regs().r[6];
        machine.regs().pda = urxd.wrapping_add(offset);
        machine.write(urxd.wrapping_add(offset), Width::Four, value).map_err(|_| Fault)
    }
}

/// Over the shared peripheral bus, by `ld` and `st`.
pub(super) struct Shared;

impl Way for Shared {
    fn device<M: Machine>(machine: &mut M, chip: Chip) -> u32 {
        let device = machine.regs().r[6];
        chip.window(device)
    }

    fn read<M: Machine>(machine: &mut M, offset: u32) -> Result<u32, Fault> {
        let urxd = machine.regs().r[6];
        machine.load(urxd.wrapping_add(offset) as u16)
    }

    fn write<M: Machine>(machine: &mut M, offset: u32, value: u32) -> Result<(), Fault> {
        let urxd = machine.regs().r[6];
        machine.store(urxd.wrapping_add(offset) as u16, value)
    }
}

/// UART to memory. While it empties the FIFO of a silent line, T is set.
pub(super) struct UartToMcu<W>(PhantomData<W>);

impl<W: Way> UartToMcu<W> {
    /// Why was there a request? T := the line is silent.
    fn look<M: Machine>(machine: &mut M) -> Result<(), Fault> {
        let silent = W::read(machine, USR1)? & RRDY == 0;
        machine.regs().t = silent;
        if silent {
            W::write(machine, USR1, AGTIM)?;
            W::write(machine, USR2, IDLE)?;
        }
        Ok(())
    }
}

impl<W: Way> Transfer for UartToMcu<W> {
    fn prologue<M: Machine>(machine: &mut M, chip: Chip) {
        let device = W::device(machine, chip);
        machine.regs().r[6] = device;
    }

    fn open<M: Machine>(machine: &mut M, buffer: u32) {
        burst::set_destination(machine, buffer);
    }

    fn burst<M: Machine>(machine: &mut M) -> Turn {
        let device = machine.scratch(walk::DEVICE);
        machine.regs().r[6] = device;
        if Self::look(machine).is_err() {
            return Turn::Fault;
        }
        let regs = machine.regs();
        let at_most = if regs.t { regs.r[5] } else { regs.r[7] };
        items::watermark(machine, at_most, 1);
        Turn::Go
    }

    fn items<M: Machine>(machine: &mut M) -> Run {
        let silent = machine.regs().t;
        let mut close = None;
        let run = each(machine, CHARACTER, |machine, _| {
            if silent && W::read(machine, USR2)? & RDR == 0 {
                close = Some(0);
                return Err(Fault);
            }
            let character = W::read(machine, 0)?;
            if character & ERR != 0 {
                close = Some(bd::RROR | BAD_CHARACTER);
                return Err(Fault);
            }
            burst::put::<M, 1>(machine, character)
        });
        match (run, close) {
            (Run::Fault, Some(bits)) => Run::Close(bits),
            (Run::Moved, _) if silent => Run::Close(0),
            (run, _) => run,
        }
    }

    fn end<M: Machine>(machine: &mut M) -> Result<(), Fault> {
        burst::flush(machine)
    }

    fn count<M: Machine>(machine: &mut M) {
        items::count_from_address(machine);
    }
}
