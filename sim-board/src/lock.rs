//! The lock of this machine.
//!
//! The module has `unsafe` because [`RawLock`] is a promise that Rust cannot check.

use core::fmt;

use dmaengine_core::lock::{MasksInterrupts, RawLock};

/// A spin lock. Interrupts of this machine are taken where its processor looks for them, which is never inside a lock: that
/// masks them as well as a bit in a status register.
#[derive(Default)]
pub struct SimLock(spin::Mutex<()>);

// SAFETY: the mutex excludes every other holder, orders memory, and a second lock from the inside spins for ever.
unsafe impl RawLock for SimLock {
    const INIT: Self = Self(spin::Mutex::new(()));

    fn with<R>(&self, f: impl FnOnce() -> R) -> R {
        let _held = self.0.lock();
        f()
    }
}

impl MasksInterrupts for SimLock {}

impl fmt::Debug for SimLock {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SimLock")
    }
}
