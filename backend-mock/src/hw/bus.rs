//! The bus: where an engine's access is judged, performed or blocked, counted and logged.
//!
//! A read that is blocked gives zeros, as behind an IOMMU that drops.

use alloc::vec::Vec;

use super::log::{Access, Log};
use super::memory::{Fate, Memory};
use super::program::Piece;
use super::time::Nanos;

/// Who makes an access, and when.
#[derive(Debug, Clone, Copy)]
pub(super) struct Master {
    pub(super) channel: usize,
    pub(super) tag: u64,
    /// Time of the first burst.
    pub(super) from: Nanos,
    /// Time of the last burst.
    pub(super) to: Nanos,
    /// How many bursts count if they are late.
    pub(super) bursts: u64,
}

#[derive(Debug)]
pub(super) struct Bus {
    pub(super) memory: Memory,
    pub(super) log: Log,
}

impl Bus {
    /// How many bytes of `piece` from its start lead to the same end; `None` if that end is a fault.
    pub(super) fn reach(&self, piece: &Piece, tag: u64) -> Option<u64> {
        let sides = [(piece.read, false), (piece.write, true)];
        let mut reach = piece.len;
        for (bus, write) in sides {
            let Some(bus) = bus else { continue };
            match self.memory.fate(bus, write, tag) {
                (Fate::Fault, _) => return None,
                (_, extent) => reach = reach.min(extent),
            }
        }
        Some(reach)
    }

    /// Reads `len` bytes at `bus` into `data`, which they replace.
    pub(super) fn read(&mut self, master: &Master, bus: u64, len: usize, data: &mut Vec<u8>) {
        data.clear();
        data.resize(len, 0);
        if self.record(master, bus, len, false).is_performed() {
            self.memory.copy_out(bus, data);
        }
    }

    /// Writes `data` at `bus`.
    pub(super) fn write(&mut self, master: &Master, bus: u64, data: &[u8]) {
        if self.record(master, bus, data.len(), true).is_performed() {
            self.memory.copy_in(bus, data);
        }
    }

    /// An access of `len` bytes that cannot be made, on whichever side of `piece` is at fault.
    pub(super) fn refuse(&mut self, master: &Master, piece: &Piece, len: u64) {
        let read = piece.read.filter(|&bus| {
            let is_readable = self.memory.fate(bus, false, master.tag).0 != Fate::Fault;
            // If it is, the write is at fault. Without a write, the burst does not fit into the rest of its mapping.
            piece.write.is_none() || !is_readable
        });
        let Some(bus) = read.or(piece.write) else { return };
        let is_write = read.is_none();
        self.log.record(master.access(bus, len, is_write), 0, Fate::Fault);
    }

    fn record(&mut self, master: &Master, bus: u64, len: usize, write: bool) -> Fate {
        let (fate, _) = self.memory.fate(bus, write, master.tag);
        let access = master.access(bus, len as u64, write);
        self.log.record(access, master.bursts, fate);
        fate
    }
}

impl Master {
    fn access(&self, bus: u64, len: u64, write: bool) -> Access {
        Access {
            channel: self.channel,
            tag: self.tag,
            bus,
            len,
            from: self.from,
            to: self.to,
            write,
            late: false,
            blocked: false,
        }
    }
}
