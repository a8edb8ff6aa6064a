//! What lies at which address. Regions do not overlap, and what lies in none is a hole: an access there is an error.

use alloc::boxed::Box;
use alloc::vec::Vec;

use super::access::BusError;

/// Memory that lies outside of the model, such as the buffers of a test program.
pub trait Memory: Send {
    /// Reads from an offset into it; `false` is a bus error.
    fn read(&mut self, offset: u32, out: &mut [u8]) -> bool;

    /// Writes at an offset into it; `false` is a bus error.
    fn write(&mut self, offset: u32, bytes: &[u8]) -> bool;
}

/// Why something cannot be put on the bus. Nothing was.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum AddError {
    /// It would lie over what is there.
    #[error("{base:#010x}..={last:#010x} overlaps {other_base:#010x}..={other_last:#010x}")]
    Overlap {
        /// The first byte of what was to be put there.
        base: u32,
        /// Its last byte.
        last: u32,
        /// The first byte of what is there.
        other_base: u32,
        /// Its last byte.
        other_last: u32,
    },
    /// It has no bytes.
    #[error("nothing to put at {base:#010x}")]
    Empty {
        /// Where it was to be put.
        base: u32,
    },
    /// It would go beyond the last address of 32 bit.
    #[error("{len:#x} bytes at {base:#010x} go beyond 0xffffffff")]
    TooLong {
        /// Where it was to be put.
        base: u32,
        /// How long it is.
        len: u32,
    },
}

/// What lies behind a range of addresses.
pub(super) enum Target {
    Ram(Vec<u8>),
    Memory(Box<dyn Memory>),
    /// Which of the ports.
    Peripheral(usize),
}

struct Region {
    base: u32,
    last: u32,
    target: Target,
}

/// The regions by address.
#[derive(Default)]
pub(super) struct Regions {
    sorted: Vec<Region>,
    /// The two that were found last, the newest first: a script goes back and forth between its buffer and its device.
    recent: [usize; 2],
}

impl Regions {
    /// Whether there is room, and where in the order. Asked first, so that a refused region costs nothing.
    pub(super) fn room(&self, base: u32, len: u32) -> Result<usize, AddError> {
        if len == 0 {
            return Err(AddError::Empty { base });
        }
        let last = base.checked_add(len - 1).ok_or(AddError::TooLong { base, len })?;
        let at = self.sorted.partition_point(|region| region.last < base);
        match self.sorted.get(at) {
            Some(other) if other.base <= last => {
                Err(AddError::Overlap { base, last, other_base: other.base, other_last: other.last })
            }
            _ => Ok(at),
        }
    }

    /// Puts it where there is room.
    pub(super) fn insert(&mut self, base: u32, len: u32, target: Target) -> Result<(), AddError> {
        let at = self.room(base, len)?;
        self.sorted.insert(at, Region { base, last: base + (len - 1), target });
        self.recent = [0; 2];
        Ok(())
    }

    /// What lies at `len` bytes from an address, and how far into it they begin. They must lie in one region.
    #[inline]
    pub(super) fn find(&mut self, address: u32, len: u32) -> Result<(u32, &mut Target), BusError> {
        let Some(last) = address.checked_add(len.saturating_sub(1)) else { return Err(BusError { address }) };
        let holds = |region: &Region| region.base <= address && last <= region.last;
        let [newest, older] = self.recent;
        let at = if self.sorted.get(newest).is_some_and(holds) {
            newest
        } else if self.sorted.get(older).is_some_and(holds) {
            self.recent = [older, newest];
            older
        } else {
            let at = self.sorted.partition_point(|region| region.last < address);
            if !self.sorted.get(at).is_some_and(holds) {
                return Err(BusError { address });
            }
            self.recent = [at, newest];
            at
        };
        let region = &mut self.sorted[at];
        Ok((address - region.base, &mut region.target))
    }

    pub(super) fn len(&self) -> usize {
        self.sorted.len()
    }
}
