//! Memory on loan to the device: what the program maps appears on the bus, what it unmaps is gone from there, and an access to what
//! is gone is counted.
//!
//! The module has `unsafe` because the simulated device reads and writes the program's memory through bare addresses.

use alloc::collections::BTreeMap;
use alloc::sync::Arc;
use core::ptr::NonNull;

use sim_imx_sdma::bus::Memory;
use spin::Mutex;

/// Where the device sees lent memory: this and the gigabyte above it.
pub(crate) const BASE: u32 = 0x8000_0000;
/// How much of it there is.
pub(crate) const LEN: u32 = 0x4000_0000;

/// Room that stays free behind each loan, so that running over its end is seen.
const GAP: u32 = 0x1000;

/// All that is lent.
#[derive(Debug, Default)]
pub(crate) struct Loans {
    lent: BTreeMap<u32, Loan>,
    next: u32,
    trespasses: u64,
}

#[derive(Clone, Copy, Debug)]
struct Loan {
    ptr: NonNull<u8>,
    len: u32,
    writable: bool,
}

// SAFETY: addresses; the memory behind them is lent to the device by `lend`'s contract, whoever plays the device.
unsafe impl Send for Loan {}

impl Loans {
    /// Lends memory, and says where the device sees it. `None` if there is no room left.
    ///
    /// # Safety
    /// The memory is alive, and no reference to it is used, until it is given back. It may be written if `writable`.
    pub(crate) unsafe fn lend(&mut self, ptr: NonNull<u8>, len: usize, writable: bool) -> Option<u32> {
        let len = u32::try_from(len).ok()?;
        // The lowest bits are the CPU's, so that what is aligned there is aligned here.
        let at = self.next + (ptr.as_ptr().addr() % 64) as u32;
        let end = at.checked_add(len)?.checked_add(GAP)?;
        if end > LEN {
            return None;
        }
        self.next = end.next_multiple_of(64);
        self.lent.insert(at, Loan { ptr, len, writable });
        Some(BASE + at)
    }

    /// The device has to let go of it. Of what was never lent there is nothing to give back: that is a trespass, too.
    pub(crate) fn give_back(&mut self, bus: u32) {
        if self.lent.remove(&bus.wrapping_sub(BASE)).is_none() {
            self.trespasses += 1;
        }
    }

    /// How often memory was touched that was not lent, or not to be written.
    pub(crate) fn trespasses(&self) -> u64 {
        self.trespasses
    }

    fn find(&mut self, offset: u32, len: usize, write: bool) -> Option<*mut u8> {
        let found = self.lent.range(..=offset).next_back().and_then(|(at, loan)| {
            let inside = u64::from(offset - at) + len as u64 <= u64::from(loan.len) && (loan.writable || !write);
            inside.then(|| loan.ptr.as_ptr().wrapping_add((offset - at) as usize))
        });
        self.trespasses += u64::from(found.is_none());
        found
    }
}

/// The loans, as the bus sees them.
#[derive(Clone, Debug, Default)]
pub(crate) struct Lent(pub(crate) Arc<Mutex<Loans>>);

impl Memory for Lent {
    fn read(&mut self, offset: u32, out: &mut [u8]) -> bool {
        let Some(from) = self.0.lock().find(offset, out.len(), false) else { return false };
        // SAFETY: inside a loan, which is alive by `lend`'s contract; `out` is exclusive.
        unsafe { core::ptr::copy_nonoverlapping(from, out.as_mut_ptr(), out.len()) };
        true
    }

    fn write(&mut self, offset: u32, bytes: &[u8]) -> bool {
        let Some(to) = self.0.lock().find(offset, bytes.len(), true) else { return false };
        // SAFETY: inside a loan that may be written and that nobody else looks at, by `lend`'s contract.
        unsafe { core::ptr::copy_nonoverlapping(bytes.as_ptr(), to, bytes.len()) };
        true
    }
}
