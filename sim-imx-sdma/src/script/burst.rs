//! The burst DMA unit: the scripts' way to system memory (i.MX 6ULL RM chapter 46, "burst DMA").
//!
//! A script sees a stream. Reading, MSA stands at the next byte that it will get; writing, MDA stands at the next byte that
//! will reach the bus. Between the script and the bus lie 36 bytes ([`Fifo`](crate::registers::Fifo)): reads fetch up to 32 of
//! them at once, writes collect until 32 are there or the script flushes. So an error of the bus shows late: on a write, at the
//! next access or at the flush; on a fetch, when the bytes before it have been read. From then on every access fails, until the
//! script clears the error.

use crate::bus::Width;
use crate::machine::{Fault, Machine};
use crate::registers::{MS_N, Registers};

/// MS, e: an error.
const ERROR: u32 = 0b10 << 8;
/// MS, e: an error in the middle of a fetch, with good bytes before it.
const ERROR_IN_BURST: u32 = 0b11 << 8;
/// MS, d: what is buffered waits to be written.
const WRITING: u32 = 1 << 10;
/// MS, dtype: MDA counts up.
const DESTINATION_COUNTS: u32 = 1 << 16;
/// MS, stype: MSA counts up.
const SOURCE_COUNTS: u32 = 1 << 20;

/// The longest burst: 8 words.
pub(crate) const BURST: u32 = 32;

/// MSA := `address`, counting up (`stf 0x00`). What was buffered is gone.
pub(crate) fn set_source<M: Machine>(machine: &mut M, address: u32) {
    let regs = machine.regs();
    regs.msa = address;
    regs.ms = regs.ms & !(MS_N | WRITING) | SOURCE_COUNTS;
}

/// MDA := `address`, counting up (`stf 0x04`). What was buffered is gone.
pub(crate) fn set_destination<M: Machine>(machine: &mut M, address: u32) {
    let regs = machine.regs();
    regs.mda = address;
    regs.fifo.head = 0;
    regs.ms = regs.ms & !MS_N | WRITING | DESTINATION_COUNTS;
}

/// The next `W` bytes of the stream, 1 to 4, the first one lowest (`ldf 0x09..0x0B`).
///
/// `ahead` is how many bytes the script will read in this burst, these included.
///
/// Inferred: the unit does not fetch beyond them. On the chip the length of a fetch is the unit's own affair (MSA is not said to
/// show it); bounded so, nothing that the script did not ask for is touched, and nothing is buffered when it leaves the core.
#[inline]
pub(crate) fn get<M: Machine, const W: usize>(machine: &mut M, ahead: u32) -> Result<u32, Fault> {
    let ms = machine.regs().ms;
    if ms & MS_N < W as u32 || ms & WRITING != 0 {
        fetch(machine, W as u32, ahead)?;
    }
    let regs = machine.regs();
    let head = usize::from(regs.fifo.head);
    let mut bytes = [0; 4];
    bytes[..W].copy_from_slice(&regs.fifo.bytes[head..head + W]);
    regs.fifo.head += W as u8;
    regs.ms -= W as u32;
    regs.msa = regs.msa.wrapping_add(W as u32);
    Ok(u32::from_le_bytes(bytes))
}

/// The next items of the stream, as many of `left` as are buffered, without taking them off it. One is fetched if there is none.
#[inline]
pub(crate) fn peek<M: Machine, const W: usize>(
    machine: &mut M,
    left: u32,
    items: &mut [u32; BURST as usize],
) -> Result<usize, Fault> {
    let ms = machine.regs().ms;
    if ms & MS_N < W as u32 || ms & WRITING != 0 {
        fetch(machine, W as u32, left * W as u32)?;
    }
    let regs = machine.regs();
    let count = ((regs.ms & MS_N) as usize / W).min(left as usize).min(items.len());
    let buffered = regs.fifo.bytes[usize::from(regs.fifo.head)..].chunks_exact(W);
    for (item, bytes) in items[..count].iter_mut().zip(buffered) {
        let mut word = [0; 4];
        word[..W].copy_from_slice(bytes);
        *item = u32::from_le_bytes(word);
    }
    Ok(count)
}

/// Takes items off the stream that were peeked at.
pub(crate) fn take<M: Machine, const W: usize>(machine: &mut M, count: usize) {
    let (regs, bytes) = (machine.regs(), count * W);
    regs.fifo.head += bytes as u8;
    regs.ms -= bytes as u32;
    regs.msa = regs.msa.wrapping_add(bytes as u32);
}

/// How many items can be appended until the last of them makes the unit go to the bus, or fails: at least one.
pub(crate) fn room<M: Machine, const W: usize>(machine: &mut M) -> usize {
    let ms = machine.regs().ms;
    match ms & (ERROR_IN_BURST | WRITING) {
        WRITING => (BURST.saturating_sub(ms & MS_N)).div_ceil(W as u32).max(1) as usize,
        _ => 1,
    }
}

/// Fetches until `ahead` bytes are there, or a burst's worth. Fails if not even `need` are.
fn fetch<M: Machine>(machine: &mut M, need: u32, ahead: u32) -> Result<(), Fault> {
    let regs = machine.regs();
    if failed(regs) {
        return Err(Fault);
    }
    if regs.ms & WRITING != 0 {
        regs.ms &= !(WRITING | MS_N);
    }
    let mut n = regs.ms & MS_N;
    let head = usize::from(regs.fifo.head);
    if n != 0 {
        regs.fifo.bytes.copy_within(head..head + n as usize, 0);
    }
    regs.fifo.head = 0;
    let (from, want) = (regs.msa, ahead.clamp(need, BURST));
    let mut error = 0;
    while n < want {
        let address = from.wrapping_add(n);
        let width = widest(address, want - n);
        let words = (want - n) & !3;
        if width == Width::Four && machine.fetch_words(address, n as usize, words as usize) {
            n += words;
            continue;
        }
        let Ok(value) = machine.read(address, width) else {
            error = if n >= need { ERROR_IN_BURST } else { ERROR };
            break;
        };
        machine.regs().fifo.bytes[n as usize..][..4].copy_from_slice(&value.to_le_bytes());
        n += width.bytes();
    }
    let regs = machine.regs();
    regs.ms = regs.ms & !MS_N | n | error;
    if n < need { Err(Fault) } else { Ok(()) }
}

/// Appends `W` bytes to the stream, the lowest first (`stf 0x09..0x0B`).
///
/// It fails for what went wrong *before*; that these bytes cannot be written shows later.
#[inline]
pub(crate) fn put<M: Machine, const W: usize>(machine: &mut M, value: u32) -> Result<(), Fault> {
    let regs = machine.regs();
    if regs.ms & (ERROR_IN_BURST | WRITING) != WRITING {
        if failed(regs) {
            return Err(Fault);
        }
        regs.ms = regs.ms & !MS_N | WRITING;
        regs.fifo.head = 0;
    }
    let n = regs.ms & MS_N;
    regs.fifo.bytes[n as usize..][..W].copy_from_slice(&value.to_le_bytes()[..W]);
    regs.ms += W as u32;
    if n + W as u32 >= BURST {
        drain(machine, false);
    }
    Ok(())
}

/// Writes out what is buffered and waits until it is written (`stf 0x28`).
///
/// Conflict: whether the codes that write and flush at once wait, too; the manual says both. The scripts here only use this one.
pub(crate) fn flush<M: Machine>(machine: &mut M) -> Result<(), Fault> {
    if failed(machine.regs()) {
        return Err(Fault);
    }
    if machine.regs().ms & WRITING != 0 {
        drain(machine, true);
    }
    if failed(machine.regs()) { Err(Fault) } else { Ok(()) }
}

/// Moves up to `len` bytes, a burst's worth at most, from MSA to MDA, and says how many it moved (`stf 0x18`).
///
/// Inferred: for any alignment, as the ROM's copy script is said to work for; the instruction itself wants both word-aligned.
pub(crate) fn copy<M: Machine>(machine: &mut M, len: u32) -> Result<u32, Fault> {
    machine.regs().ms &= !(WRITING | MS_N);
    fetch(machine, 1, len)?;
    let regs = machine.regs();
    let (n, to) = (regs.ms & MS_N, regs.mda);
    regs.ms |= WRITING | DESTINATION_COUNTS;
    drain(machine, true);
    let regs = machine.regs();
    regs.ms &= !WRITING;
    regs.msa = regs.msa.wrapping_add(n);
    Ok(regs.mda.wrapping_sub(to))
}

/// MS: the error is over (`stf 0x0C`), and so is what was buffered.
pub(crate) fn clear_error<M: Machine>(machine: &mut M) {
    machine.regs().ms &= !(ERROR_IN_BURST | MS_N);
}

/// To the bus with what is buffered: all of it, or all but the last bytes that make no whole word.
fn drain<M: Machine>(machine: &mut M, all: bool) {
    let regs = machine.regs();
    let (to, n) = (regs.mda, regs.ms & MS_N);
    let mut done = 0;
    while done < n {
        let address = to.wrapping_add(done);
        if !all && n - done < 4 {
            break;
        }
        let width = widest(address, n - done);
        let words = (n - done) & !3;
        if width == Width::Four && machine.drain_words(address, done as usize, words as usize) {
            done += words;
            continue;
        }
        let mut bytes = [0; 4];
        let len = width.bytes() as usize;
        bytes[..len].copy_from_slice(&machine.regs().fifo.bytes[done as usize..][..len]);
        if machine.write(address, width, u32::from_le_bytes(bytes)).is_err() {
            let regs = machine.regs();
            regs.mda = address;
            regs.ms = regs.ms & !MS_N | ERROR;
            return;
        }
        done += width.bytes();
    }
    let regs = machine.regs();
    if done < n {
        regs.fifo.bytes.copy_within(done as usize..n as usize, 0);
    }
    regs.mda = to.wrapping_add(done);
    regs.ms -= done;
}

fn failed(regs: &Registers) -> bool {
    regs.ms & ERROR_IN_BURST != 0
}

/// The widest access that is aligned at `address` and no longer than `len`.
fn widest(address: u32, len: u32) -> Width {
    match (address % 4, len) {
        (0, 4..) => Width::Four,
        (0 | 2, 2..) => Width::Two,
        _ => Width::One,
    }
}
