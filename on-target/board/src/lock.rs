//! The lock of this machine: masks interrupts on this core, and spins for the others.
//!
//! The module has `unsafe` because [`RawLock`] is a promise that Rust cannot check.

use core::fmt;
use core::sync::atomic::{AtomicU32, Ordering};

use dmaengine_core::lock::{MasksInterrupts, RawLock};

use crate::cpu;

/// Who holds it: 0 nobody, else the core's number and one.
pub struct IrqLock(AtomicU32);

// SAFETY: interrupts of this core are masked and the other cores wait, so no other closure runs; acquire and release order memory. A
// second `with` from inside runs on the same core and panics.
unsafe impl RawLock for IrqLock {
    const INIT: Self = Self(AtomicU32::new(0));

    #[inline]
    fn with<R>(&self, f: impl FnOnce() -> R) -> R {
        masked(|| {
            let me = cpu::core() as u32 + 1;
            while let Err(holder) = self.0.compare_exchange_weak(0, me, Ordering::Acquire, Ordering::Relaxed) {
                assert_ne!(holder, me, "core {} waits for a lock that it holds", me - 1);
                core::hint::spin_loop();
            }
            let answer = f();
            self.0.store(0, Ordering::Release);
            answer
        })
    }
}

impl MasksInterrupts for IrqLock {}

#[cfg(not(feature = "fault-lock-masks-nothing"))]
use cpu::masked;

/// A fault, planted to see that the tests find it: interrupts come while the lock is held.
#[cfg(feature = "fault-lock-masks-nothing")]
fn masked<R>(f: impl FnOnce() -> R) -> R {
    f()
}

impl fmt::Debug for IrqLock {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("IrqLock")
    }
}
