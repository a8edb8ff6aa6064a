//! Memory as the engine sees it: an IOMMU. All of this crate's hardware `unsafe` is here.
//!
//! Each mapping gets a **slot** of bus addresses of its own: whole pages, and one guard page behind them. Slots are
//! given out upwards and never again. So the live mappings and the highest address given out are enough to judge any
//! address:
//!
//! | the address is | fate |
//! | --- | --- |
//! | inside a live mapping | `Fine`; `Late` if a newer transfer has claimed it; `Fault` for a write to read-only memory |
//! | in a live mapping's slot, behind its memory | `Fault` |
//! | in a slot whose mapping is gone | `Dropped` |
//! | anywhere else | `Fault`: it was never mapped |
//!
//! May assume: whoever mapped memory keeps it valid until the unmap, which [`Memory::map`]'s caller has promised.

use alloc::collections::BTreeMap;
use alloc::vec;
use core::ptr::NonNull;

/// Far above any address that a host gives to a process, so that a CPU address handed to the engine is a fault.
const FIRST_BUS: u64 = 1 << 60;
const PAGE: u64 = 4096;

/// What becomes of an access.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Fate {
    /// Performed.
    Fine,
    /// Performed, on memory that belongs to a newer transfer.
    Late,
    /// Not performed: the memory was handed back.
    Dropped,
    /// Not performed: never mapped, or not for writing.
    Fault,
}

impl Fate {
    pub(super) fn is_performed(self) -> bool {
        matches!(self, Fate::Fine | Fate::Late)
    }

    pub(super) fn is_late(self) -> bool {
        matches!(self, Fate::Late | Fate::Dropped)
    }
}

/// The CPU's side of a mapping.
#[derive(Debug)]
struct Window(NonNull<u8>);

// SAFETY: the pointer is used only by `Memory::copy_out` and `Memory::copy_in`, through a reference to the `Memory`
// that owns it; what it points to is valid for reads and writes from any thread, by the promise made to `Memory::map`.
unsafe impl Send for Window {}

#[derive(Debug)]
struct Mapping {
    window: Window,
    len: u64,
    /// Addresses given to this mapping, guard page included.
    slot: u64,
    read_only: bool,
    /// The tag that alone may touch it, once claimed.
    owner: Option<u64>,
}

#[derive(Debug)]
pub(super) struct Memory {
    live: BTreeMap<u64, Mapping>,
    /// Where the next slot starts.
    next: u64,
}

impl Memory {
    pub(super) fn new() -> Self {
        Memory { live: BTreeMap::new(), next: FIRST_BUS }
    }

    /// Lets the engine reach `len` bytes at `ptr` at the returned bus address.
    ///
    /// # Safety
    ///
    /// Until the unmap, `ptr` is valid for reads (and, unless `read_only`, writes) of `len` initialized bytes, from any
    /// thread, during every call on the hardware, and nobody else writes (nor, unless `read_only`, reads) them during one.
    pub(super) unsafe fn map(&mut self, ptr: NonNull<u8>, len: usize, read_only: bool) -> u64 {
        let bus = self.next;
        let len = len as u64;
        let slot = len.div_ceil(PAGE) * PAGE + PAGE;
        self.next += slot;
        self.live.insert(bus, Mapping { window: Window(ptr), len, slot, read_only, owner: None });
        bus
    }

    /// Maps new memory that nobody else knows of.
    pub(super) fn allocate(&mut self, len: usize) -> u64 {
        let memory: &'static mut [u8] = vec![0; len].leak();
        // SAFETY: leaked memory is valid for ever, and this pointer is the only way to it.
        unsafe { self.map(NonNull::from(memory).cast(), len, false) }
    }

    /// Ends a mapping; `false` if none starts at `bus`.
    pub(super) fn unmap(&mut self, bus: u64) -> bool {
        self.live.remove(&bus).is_some()
    }

    /// From now on only `tag` is in time at the mapping around `bus`; `false` if there is none.
    pub(super) fn claim(&mut self, bus: u64, tag: u64) -> bool {
        let mapping = self.live.range_mut(..=bus).next_back();
        match mapping {
            Some((base, mapping)) if bus - base < mapping.len => {
                mapping.owner = Some(tag);
                true
            }
            _ => false,
        }
    }

    /// Judges an access at `bus` by `tag`, and says for how many bytes from there the judgement holds.
    pub(super) fn fate(&self, bus: u64, write: bool, tag: u64) -> (Fate, u64) {
        let below = self.live.range(..=bus).next_back();
        match below {
            Some((base, mapping)) if bus - base < mapping.len => {
                let fate = if write && mapping.read_only {
                    Fate::Fault
                } else if mapping.owner.is_some_and(|owner| owner != tag) {
                    Fate::Late
                } else {
                    Fate::Fine
                };
                (fate, mapping.len - (bus - base))
            }
            Some((base, mapping)) if bus - base < mapping.slot => (Fate::Fault, mapping.slot - (bus - base)),
            _ if bus >= FIRST_BUS && bus < self.next => {
                let above = self.live.range(bus..).next();
                (Fate::Dropped, above.map_or(self.next, |(&base, _)| base) - bus)
            }
            _ => (Fate::Fault, u64::MAX - bus),
        }
    }

    /// Copies memory at `bus` to `data`. Does nothing unless all of it lies in one live mapping.
    pub(super) fn copy_out(&self, bus: u64, data: &mut [u8]) {
        if let Some(at) = self.resolve(bus, data.len(), false) {
            // SAFETY: `resolve` found all `data.len()` bytes at `at` inside a live mapping, valid for reads by the
            // promise made to `map`. `data` does not overlap them: nobody else may write them now, by the same promise.
            unsafe { at.as_ptr().copy_to_nonoverlapping(data.as_mut_ptr(), data.len()) }
        }
    }

    /// Copies `data` to memory at `bus`. Does nothing unless all of it lies in one live mapping that may be written.
    pub(super) fn copy_in(&mut self, bus: u64, data: &[u8]) {
        if let Some(at) = self.resolve(bus, data.len(), true) {
            // SAFETY: `resolve` found all `data.len()` bytes at `at` inside a live mapping that may be written, so they
            // are valid for writes by the promise made to `map`. `data` does not overlap them: nobody else may read them
            // now, by the same promise.
            unsafe { at.as_ptr().copy_from_nonoverlapping(data.as_ptr(), data.len()) }
        }
    }

    /// The CPU's address of `len` mapped bytes at `bus`.
    fn resolve(&self, bus: u64, len: usize, write: bool) -> Option<NonNull<u8>> {
        let (base, mapping) = self.live.range(..=bus).next_back()?;
        let offset = bus - base;
        let is_inside = offset.checked_add(len as u64)? <= mapping.len;
        if !is_inside || (write && mapping.read_only) {
            return None;
        }
        // SAFETY: the offset is at most the mapping's length, so the result is inside the mapped object, or just behind
        // it.
        Some(unsafe { mapping.window.0.add(usize::try_from(offset).ok()?) })
    }
}
