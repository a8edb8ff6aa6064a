//! What lies at which address. Regions do not overlap, and what lies in none is a hole: an access there is an error.

use alloc::boxed::Box;
use alloc::vec::Vec;

use super::Place;
use super::access::{BusError, Width};

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

    /// The region that a byte lies in.
    #[inline]
    fn at(&mut self, address: u32) -> Option<usize> {
        let holds = |region: &Region| region.base <= address && address <= region.last;
        let [newest, older] = self.recent;
        if self.sorted.get(newest).is_some_and(holds) {
            return Some(newest);
        }
        let at = if self.sorted.get(older).is_some_and(holds) {
            older
        } else {
            let at = self.sorted.partition_point(|region| region.last < address);
            self.sorted.get(at).filter(|region| holds(region))?;
            at
        };
        self.recent = [at, newest];
        Some(at)
    }

    /// What lies there.
    #[inline]
    pub(super) fn place(&mut self, address: u32) -> Place {
        let region = self.at(address);
        match region.map(|region| &self.sorted[region]) {
            Some(&Region { base, last, target: Target::Peripheral(port) }) => {
                Place::Device { port, offset: address - base, room: (last - address).saturating_add(1) }
            }
            _ => Place::Other { region },
        }
    }

    /// Reads memory; `None` if it is none, or does not go that far.
    #[inline]
    pub(super) fn read(&mut self, region: usize, address: u32, width: Width) -> Option<u32> {
        let (offset, target) = self.target(region, address, width.bytes()).ok()?;
        let mut bytes = [0; 4];
        let is_done = match target {
            Target::Ram(ram) => {
                let ram = &ram[offset as usize..];
                return Some(match width {
                    Width::One => u32::from(ram[0]),
                    Width::Two => u32::from(u16::from_le_bytes([ram[0], ram[1]])),
                    Width::Four => u32::from_le_bytes([ram[0], ram[1], ram[2], ram[3]]),
                });
            }
            Target::Memory(memory) => memory.read(offset, &mut bytes[..width.bytes() as usize]),
            Target::Peripheral(_) => false,
        };
        is_done.then_some(u32::from_le_bytes(bytes))
    }

    /// Writes memory; `false` if it is none, or does not go that far.
    #[inline]
    pub(super) fn write(&mut self, region: usize, address: u32, width: Width, value: u32) -> bool {
        let Ok((offset, target)) = self.target(region, address, width.bytes()) else { return false };
        let bytes = value.to_le_bytes();
        match target {
            Target::Ram(ram) => {
                let ram = &mut ram[offset as usize..];
                match width {
                    Width::One => ram[0] = bytes[0],
                    Width::Two => ram[..2].copy_from_slice(&bytes[..2]),
                    Width::Four => ram[..4].copy_from_slice(&bytes),
                }
                true
            }
            Target::Memory(memory) => memory.write(offset, &bytes[..width.bytes() as usize]),
            Target::Peripheral(_) => false,
        }
    }

    /// What lies at `len` bytes from an address in a region, and how far into it they begin. They must all lie in it.
    #[inline]
    fn target(&mut self, region: usize, address: u32, len: u32) -> Result<(u32, &mut Target), BusError> {
        let region = &mut self.sorted[region];
        if region.last - address < len.saturating_sub(1) {
            return Err(BusError { address });
        }
        Ok((address - region.base, &mut region.target))
    }

    /// The same, when nobody looked up the region.
    #[inline]
    pub(super) fn find(&mut self, address: u32, len: u32) -> Result<(u32, &mut Target), BusError> {
        let region = self.at(address).ok_or(BusError { address })?;
        self.target(region, address, len)
    }

    pub(super) fn len(&self) -> usize {
        self.sorted.len()
    }
}
