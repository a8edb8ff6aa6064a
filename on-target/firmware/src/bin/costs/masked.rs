//! The board's lock, which also remembers for how many instructions interrupts were masked at a time.
//!
//! The module has `unsafe` because [`RawLock`] is a promise that Rust cannot check.

use core::sync::atomic::{AtomicU32, Ordering};

use board::cpu;
use board::lock::IrqLock;
use board::timer::global;
use dmaengine_core::lock::{MasksInterrupts, RawLock};

static LONGEST: AtomicU32 = AtomicU32::new(0);

/// Instructions of the longest stretch since this was asked last, without the two looks at the timer.
pub fn longest() -> u32 {
    let from = global::count();
    let looks = global::instructions(from, global::count());
    LONGEST.swap(0, Ordering::Relaxed).saturating_sub(looks)
}

/// The lock.
#[derive(Debug)]
pub struct Masked(IrqLock);

// SAFETY: it is the lock inside.
unsafe impl RawLock for Masked {
    const INIT: Self = Self(IrqLock::INIT);

    #[inline]
    fn with<R>(&self, f: impl FnOnce() -> R) -> R {
        let is_outermost = cpu::interrupts_enabled();
        let from = global::count();
        let answer = self.0.with(f);
        if is_outermost {
            LONGEST.fetch_max(global::instructions(from, global::count()), Ordering::Relaxed);
        }
        answer
    }
}

impl MasksInterrupts for Masked {}
