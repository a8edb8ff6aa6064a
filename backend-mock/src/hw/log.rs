//! What the engine did to memory: counters that always count, and a list that can be switched off for long runs.
//!
//! Accesses that follow one another in memory become one entry: same channel, same tag, same kind, next address. An
//! entry thus covers a stretch of memory and the time from its first burst to its last; a pause inside it does not
//! show.

use alloc::vec::Vec;

use super::memory::Fate;
use super::time::Nanos;

/// A stretch of memory that the engine touched, or tried to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Access {
    /// The channel.
    pub channel: usize,
    /// The tag of the program that made it.
    pub tag: u64,
    /// Bus address of its first byte.
    pub bus: u64,
    /// Bytes.
    pub len: u64,
    /// When its first burst was made.
    pub from: Nanos,
    /// When its last burst was made.
    pub to: Nanos,
    /// The engine wrote to memory; otherwise it read.
    pub write: bool,
    /// The memory had been handed back (then it is also `blocked`) or claimed for a newer transfer (then it was
    /// performed).
    pub late: bool,
    /// Memory was not touched. Blocked and not late is a fault.
    pub blocked: bool,
}

#[derive(Debug)]
pub(super) struct Log {
    entries: Vec<Access>,
    /// Of each channel, the newest read and the newest write.
    newest: Vec<[Option<usize>; 2]>,
    on: bool,
    late: u64,
    faults: u64,
}

impl Log {
    pub(super) fn new(channels: usize) -> Self {
        Log { entries: Vec::new(), newest: alloc::vec![[None; 2]; channels], on: true, late: 0, faults: 0 }
    }

    pub(super) fn set_on(&mut self, on: bool) {
        self.on = on;
    }

    pub(super) fn entries(&self) -> &[Access] {
        &self.entries
    }

    pub(super) fn late(&self) -> u64 {
        self.late
    }

    pub(super) fn faults(&self) -> u64 {
        self.faults
    }

    /// Counts a fault that is no access.
    pub(super) fn count_fault(&mut self) {
        self.faults += 1;
    }

    /// Counts and, if on, lists an access of `bursts` bursts that met `fate`. `late` and `blocked` are set here.
    pub(super) fn record(&mut self, access: Access, bursts: u64, fate: Fate) {
        if fate.is_late() {
            self.late += bursts;
        }
        if fate == Fate::Fault {
            self.faults += 1;
        }
        if !self.on {
            return;
        }
        let access = Access { late: fate.is_late(), blocked: !fate.is_performed(), ..access };
        let newest = &mut self.newest[access.channel][usize::from(access.write)];
        if let Some(entry) = newest.and_then(|index| self.entries.get_mut(index)) {
            if entry.bus + entry.len == access.bus
                && (entry.tag, entry.late, entry.blocked) == (access.tag, access.late, access.blocked)
            {
                entry.len += access.len;
                entry.to = access.to;
                return;
            }
        }
        *newest = Some(self.entries.len());
        self.entries.push(access);
    }
}
