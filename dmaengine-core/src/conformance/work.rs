//! Work for an engine: transfers of whatever kind it can do, with what their data must be at the end.

use super::abilities::Abilities;
use super::prelude::*;
use crate::error::SubmitError;
use crate::{Active, Engine, Generation, Idle, Outcome, Pending, Prepared, Status, Stopping, Transfer};

/// What memory is filled with to see whether anybody writes it.
pub(super) const POISON: u8 = 0xA5;

/// Memory as the suite's transfers use it.
pub(super) type Memory = &'static mut [u8];

/// What the suite's memory is aligned to: a cache line, which is enough for every engine.
pub(super) const ALIGN: usize = 64;

/// New memory, poisoned.
pub(super) fn poisoned(len: usize) -> Memory {
    let memory: Memory = vec![POISON; len + ALIGN].leak();
    let offset = memory.as_ptr().align_offset(ALIGN).min(ALIGN);
    &mut memory[offset..offset + len]
}

fn pattern_at(i: usize, seed: u8) -> u8 {
    let byte = (i as u8).wrapping_mul(31).wrapping_add((i >> 8) as u8).wrapping_add(seed);
    if byte == POISON { 1 } else { byte }
}

/// New memory in which no byte is like its neighbours, and none is poison.
pub(super) fn pattern(len: usize, seed: u8) -> Memory {
    let memory = poisoned(len);
    memory.iter_mut().enumerate().for_each(|(i, byte)| *byte = pattern_at(i, seed));
    memory
}

/// The pieces of memory that rows of chunks are: offset and length.
pub(super) type Pieces = Vec<(usize, usize)>;

/// A prepared transfer.
pub(super) enum Ready<'d, E: Engine> {
    /// With the seed of its source.
    Copy(Prepared<'d, E, (Memory, Memory)>, u8),
    Ring(Prepared<'d, E, Memory>),
    List(Prepared<'d, E, [Memory; 2]>),
    /// With its byte.
    Fill(Prepared<'d, E, Memory>, u8),
    /// From a device, with where they lie.
    Rows(Prepared<'d, E, Memory>, Pieces),
}

/// A transfer that was submitted.
pub(super) enum Work<'d, E: Engine> {
    Copy(Transfer<'d, E, (Memory, Memory)>, u8),
    Ring(Transfer<'d, E, Memory>),
    List(Transfer<'d, E, [Memory; 2]>),
    Fill(Transfer<'d, E, Memory>, u8),
    Rows(Transfer<'d, E, Memory>, Pieces),
}

/// The end of a transfer.
pub(super) struct Ended {
    pub(super) outcome: Outcome,
    pub(super) memory: Given,
}

/// The memory of a transfer, when it is the client's again.
pub(super) enum Given {
    Copy { dst: Memory, src: Memory, seed: u8 },
    Ring(Memory),
    List([Memory; 2]),
    Fill { dst: Memory, value: u8 },
    Rows { memory: Memory, pieces: Pieces },
}

/// Does the same with a transfer of each kind.
macro_rules! each {
    ($enum:ident, $value:expr, $inner:ident => $done:expr) => {
        match $value {
            $enum::Copy($inner, _) => $done,
            $enum::Ring($inner) => $done,
            $enum::List($inner) => $done,
            $enum::Fill($inner, _) => $done,
            $enum::Rows($inner, _) => $done,
        }
    };
}

/// Makes a transfer of each kind into another of the same kind.
macro_rules! onward {
    ($from:ident, $to:ident, $value:expr, $inner:ident => $done:expr) => {
        match $value {
            $from::Copy($inner, seed) => $done.map(|(a, b)| (a, $to::Copy(b, seed))),
            $from::Ring($inner) => $done.map(|(a, b)| (a, $to::Ring(b))),
            $from::List($inner) => $done.map(|(a, b)| (a, $to::List(b))),
            $from::Fill($inner, value) => $done.map(|(a, b)| (a, $to::Fill(b, value))),
            $from::Rows($inner, pieces) => $done.map(|(a, b)| (a, $to::Rows(b, pieces))),
        }
    };
}

impl<'d, E: Engine> Ready<'d, E> {
    /// Undoes the preparation.
    pub(super) fn cancel(self) -> Given {
        match self {
            Self::Copy(prepared, seed) => {
                let (dst, src) = prepared.cancel();
                Given::Copy { dst, src, seed }
            }
            Self::Ring(prepared) => Given::Ring(prepared.cancel()),
            Self::List(prepared) => Given::List(prepared.cancel()),
            Self::Fill(prepared, value) => Given::Fill { dst: prepared.cancel(), value },
            Self::Rows(prepared, pieces) => Given::Rows { memory: prepared.cancel(), pieces },
        }
    }

    pub(super) fn start(self, idle: Idle<'d, E>) -> Result<(Active<'d, E>, Work<'d, E>), SubmitError> {
        onward!(Self, Work, self, prepared => idle.start(prepared).map_err(|kept| kept.error))
    }

    pub(super) fn submit(self, idle: Idle<'d, E>) -> Result<(Pending<'d, E>, Work<'d, E>), SubmitError> {
        onward!(Self, Work, self, prepared => idle.submit(prepared).map_err(|kept| kept.error))
    }

    pub(super) fn behind(self, pending: &Pending<'d, E>) -> Result<Work<'d, E>, SubmitError> {
        let submitted = onward!(Self, Work, self, prepared => {
            pending.submit(prepared).map(|transfer| ((), transfer)).map_err(|kept| kept.error)
        });
        submitted.map(|((), work)| work)
    }

    /// Submits it to a channel that runs, and issues nothing.
    pub(super) fn join(self, active: &Active<'d, E>) -> Result<Work<'d, E>, SubmitError> {
        let submitted = onward!(Self, Work, self, prepared => {
            active.submit(prepared).map(|transfer| ((), transfer)).map_err(|kept| kept.error)
        });
        submitted.map(|((), work)| work)
    }

    /// Queues it behind a stop, on an engine that can.
    pub(super) fn queue(
        self,
        abilities: &Abilities<E>,
        stopping: Stopping<'d, E>,
    ) -> Option<(Active<'d, E>, Work<'d, E>)> {
        let ways = abilities.queue.as_ref()?;
        match self {
            Self::Copy(prepared, seed) => {
                (ways.copy)(stopping, prepared).map(|(active, copy)| (active, Work::Copy(copy, seed)))
            }
            Self::Ring(prepared) => (ways.ring)(stopping, prepared).map(|(active, ring)| (active, Work::Ring(ring))),
            Self::List(prepared) => (ways.list)(stopping, prepared).map(|(active, list)| (active, Work::List(list))),
            Self::Fill(prepared, value) => {
                (ways.ring)(stopping, prepared).map(|(active, fill)| (active, Work::Fill(fill, value)))
            }
            Self::Rows(prepared, pieces) => {
                (ways.ring)(stopping, prepared).map(|(active, rows)| (active, Work::Rows(rows, pieces)))
            }
        }
    }
}

impl<E: Engine> Work<'_, E> {
    pub(super) fn generation(&self) -> Generation {
        each!(Self, self, transfer => transfer.generation())
    }

    pub(super) fn status(&self) -> Status {
        each!(Self, self, transfer => transfer.status())
    }

    /// The end, if it has come.
    pub(super) fn try_resolve(self) -> Result<Ended, Self> {
        match self {
            Self::Copy(transfer, seed) => match transfer.try_resolve() {
                Ok(end) => {
                    let (dst, src) = end.buffer;
                    Ok(Ended { outcome: end.outcome, memory: Given::Copy { dst, src, seed } })
                }
                Err(transfer) => Err(Self::Copy(transfer, seed)),
            },
            Self::Ring(transfer) => match transfer.try_resolve() {
                Ok(end) => Ok(Ended { outcome: end.outcome, memory: Given::Ring(end.buffer) }),
                Err(transfer) => Err(Self::Ring(transfer)),
            },
            Self::List(transfer) => match transfer.try_resolve() {
                Ok(end) => Ok(Ended { outcome: end.outcome, memory: Given::List(end.buffer) }),
                Err(transfer) => Err(Self::List(transfer)),
            },
            Self::Fill(transfer, value) => match transfer.try_resolve() {
                Ok(end) => Ok(Ended { outcome: end.outcome, memory: Given::Fill { dst: end.buffer, value } }),
                Err(transfer) => Err(Self::Fill(transfer, value)),
            },
            Self::Rows(transfer, pieces) => match transfer.try_resolve() {
                Ok(end) => Ok(Ended { outcome: end.outcome, memory: Given::Rows { memory: end.buffer, pieces } }),
                Err(transfer) => Err(Self::Rows(transfer, pieces)),
            },
        }
    }

    /// A part of a ring while it goes round.
    pub(super) fn peek(&self, offset: usize, len: usize) -> Vec<u8> {
        let mut out = vec![0; len];
        if let Self::Ring(ring) = self {
            let inside = ring.copy_out(offset, &mut out);
            debug_assert_eq!(inside, Ok(()), "the suite asks for what is there");
        }
        out
    }
}

impl Given {
    /// All memory that a device may have written.
    pub(super) fn targets(&mut self) -> Vec<&mut [u8]> {
        match self {
            Self::Copy { dst, .. } | Self::Fill { dst, .. } => vec![dst],
            Self::Ring(memory) | Self::Rows { memory, .. } => vec![memory],
            Self::List(parts) => parts.iter_mut().map(|part| &mut **part).collect(),
        }
    }

    /// Nobody has written to it: what is wrong, if anything is.
    pub(super) fn untouched(&mut self) -> Result<(), String> {
        for target in self.targets() {
            if let Some(at) = target.iter().position(|&byte| byte != POISON) {
                return Err(format!("byte {at} of its {} was written", target.len()));
            }
        }
        Ok(())
    }

    /// The bytes that are transferred once over, in length.
    pub(super) fn len(&self) -> usize {
        match self {
            Self::Copy { dst, .. } | Self::Fill { dst, .. } => dst.len(),
            Self::Ring(ring) => ring.len(),
            Self::List(parts) => parts.iter().map(|part| part.len()).sum(),
            Self::Rows { pieces, .. } => pieces.iter().map(|&(_, len)| len).sum(),
        }
    }

    /// What it must hold if so many bytes were left when it was aborted: what is wrong, if anything is. Of a ring, which
    /// may have gone round, nothing is known.
    pub(super) fn holds_before(&self, residue: u64) -> Result<(), String> {
        let left = usize::try_from(residue).unwrap_or(usize::MAX);
        match (self, self.len().checked_sub(left)) {
            (Self::Ring(_), Some(_)) => Ok(()),
            (_, Some(done)) => self.holds(done),
            (_, None) => Err(format!("{residue} bytes of its {} were left", self.len())),
        }
    }

    /// What it must hold when it has gone round at least once and was stopped somewhere: what is wrong, if anything is. Of rows
    /// from a device, which gives something else in each round, only the gaps are known.
    pub(super) fn has_gone_round(&self) -> Result<(), String> {
        self.holds(if let Self::Rows { .. } = self { 0 } else { self.len() })
    }

    /// Its first `done` bytes are what they should be, and so are all of a copy's source and the gaps between rows: what is
    /// wrong, if anything is.
    pub(super) fn holds(&self, done: usize) -> Result<(), String> {
        match self {
            Self::Copy { dst, src, seed } => {
                if let Some(at) = (0..src.len()).find(|&i| src[i] != pattern_at(i, *seed)) {
                    return Err(format!("byte {at} of the source was changed"));
                }
                if let Some(at) = (0..done).find(|&i| dst[i] != src[i]) {
                    return Err(format!("byte {at} of {done} is {:#04x} and not {:#04x}", dst[at], src[at]));
                }
                Ok(())
            }
            Self::Fill { dst, value } => match dst[..done].iter().position(|byte| byte != value) {
                Some(at) => Err(format!("byte {at} of {done} is {:#04x} and not {value:#04x}", dst[at])),
                None => Ok(()),
            },
            Self::Ring(ring) => counts(&ring[..done]),
            Self::List(parts) => counts(&parts.concat()[..done]),
            Self::Rows { memory, pieces } => {
                gaps(memory, pieces)?;
                counts(&gathered(memory, pieces)[..done])
            }
        }
    }
}

/// What lies in the pieces, one after the other.
fn gathered(memory: &[u8], pieces: &[(usize, usize)]) -> Vec<u8> {
    pieces.iter().flat_map(|&(at, len)| &memory[at..at + len]).copied().collect()
}

/// Nobody has written between the pieces: what is wrong, if anything is.
fn gaps(memory: &[u8], pieces: &[(usize, usize)]) -> Result<(), String> {
    let mut end = 0;
    for &(at, len) in pieces.iter().chain(&[(memory.len(), 0)]) {
        if let Some(written) = (end..at).find(|&i| memory[i] != POISON) {
            return Err(format!("byte {written}, which is in a gap, was written"));
        }
        end = at + len;
    }
    Ok(())
}

/// Frames of a device that counts, without a gap: what is wrong, if anything is.
pub(super) fn counts(bytes: &[u8]) -> Result<(), String> {
    let mut last = None;
    for (i, frame) in bytes.chunks_exact(4).enumerate() {
        let number = u32::from_le_bytes([frame[0], frame[1], frame[2], frame[3]]);
        if number == 0 || last.is_some_and(|last: u32| number != last.wrapping_add(1)) {
            return Err(format!("frame {i} is {number:#x}, behind {:#x}", last.unwrap_or(0)));
        }
        if number == u32::from_le_bytes([POISON; 4]) {
            return Err(format!("frame {i} was not written"));
        }
        last = Some(number);
    }
    Ok(())
}
