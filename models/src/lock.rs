//! The lock policy of the models: loom's mutex, so that loom sees who takes which lock when.
//!
//! This module has `unsafe` because it implements [`RawLock`].

use std::fmt;
use std::sync::{OnceLock, PoisonError};

use dmaengine_core::lock::RawLock;

/// A loom mutex. It is made at its first use, since loom's objects can only be made inside a model and
/// [`RawLock::INIT`] is a constant.
pub struct LoomLock(OnceLock<loom::sync::Mutex<()>>);

// SAFETY: loom's mutex excludes and orders as a mutex does; a second lock from the inside is a deadlock, which loom
// reports. There are no interrupts but those that are threads of the model.
unsafe impl RawLock for LoomLock {
    const INIT: Self = Self(OnceLock::new());

    fn with<R>(&self, f: impl FnOnce() -> R) -> R {
        // Making a mutex is no step at which loom changes threads, so nobody waits for the cell.
        let mutex = self.0.get_or_init(|| loom::sync::Mutex::new(()));
        // Poisoned: a model has failed and its handles are being dropped. (Loom may refuse that with a second panic, which ends
        // the process; the first one is what counts.)
        let _held = mutex.lock().unwrap_or_else(PoisonError::into_inner);
        f()
    }
}

impl fmt::Debug for LoomLock {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("LoomLock")
    }
}
