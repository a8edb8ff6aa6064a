//! The lock policy: how a channel keeps its interrupt handler, its threads and other cores apart.
//!
//! This module has `unsafe` because a lock hands out `&mut` from `&`; [`Locked`] is the only place that does.
//!
//! An interrupt handler must never wait for a lock that the code it interrupted holds. Which lock keeps that rule
//! depends on the machine, so it is a policy that the [`Platform`](crate::Platform) names:
//!
//! | policy | right where | why |
//! | --- | --- | --- |
//! | [`ThreadLock`] | hosts and simulations, where an "interrupt" is another thread or a plain call made with no lock held | spins; masks nothing |
//! | `CriticalSectionLock` (feature `critical-section`) | bare metal with a [`critical-section`] implementation | masks interrupts, and keeps out the other cores as far as that implementation does |
//! | your own [`RawLock`] | an RTOS with a lock of its own; many cores | masks interrupts, and spins as well if there is more than one core |
//!
//! [`critical-section`]: https://docs.rs/critical-section

use core::cell::UnsafeCell;
use core::fmt;
#[cfg(feature = "critical-section")]
use core::sync::atomic::{AtomicBool, Ordering};

/// A way to run a piece of code alone.
///
/// # Safety
/// While `with` runs its closure, no other `with` on the same lock runs one, on any core and in any context, and what
/// one closure wrote the next one sees. A second `with` from *inside* the closure must not run its closure either: it
/// blocks for ever or panics. Where interrupts call into this library, `with` keeps them out while the closure runs.
pub unsafe trait RawLock: Send + Sync {
    /// A lock that nobody holds.
    const INIT: Self;

    /// Runs `f` alone.
    fn with<R>(&self, f: impl FnOnce() -> R) -> R;
}

/// A lock that keeps the interrupts away in which callbacks run, for as long as it is held.
///
/// An engine whose callbacks run [in its interrupt](crate::context::InInterrupt) needs such a lock.
pub trait MasksInterrupts: RawLock {}

cfg_if::cfg_if! {
    if #[cfg(any(target_has_atomic = "8", feature = "portable-atomic"))] {
        /// A spin lock for threads. It masks no interrupts: for hosts, simulations and tests.
        ///
        /// Targets without compare-and-swap have it with the feature `portable-atomic` only, and then the final binary says
        /// how to do without: it depends on the crate `portable-atomic` and turns on its `critical-section` or its
        /// `unsafe-assume-single-core`. Where interrupts call into this library, that does not make it the right lock: it
        /// still masks none while it is held. A single-core machine masks interrupts instead.
        #[derive(Default)]
        pub struct ThreadLock(spin::Mutex<()>);

        // SAFETY: `spin::Mutex` excludes every other holder, orders memory, and a second lock from the inside spins for
        // ever. Interrupts are excluded by the policy's documented precondition: they do not exist or hold no lock.
        unsafe impl RawLock for ThreadLock {
            const INIT: Self = Self(spin::Mutex::new(()));

            #[inline]
            fn with<R>(&self, f: impl FnOnce() -> R) -> R {
                let _held = self.0.lock();
                f()
            }
        }

        impl fmt::Debug for ThreadLock {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("ThreadLock")
            }
        }
    }
}

cfg_if::cfg_if! {
    if #[cfg(feature = "critical-section")] {
        /// A lock that is the machine's one critical section: on a single core it masks interrupts, on more it is as good as
        /// the machine's implementation of [`critical_section`].
        ///
        /// All channels share that section, so on many cores they wait for each other.
        ///
        /// # Panics
        /// A second `with` on the same lock from inside the first. Sections nest where locks must not: without the check there
        /// would be two `&mut` to one channel. A different lock may be taken inside.
        pub struct CriticalSectionLock {
            /// A `with` runs its closure. Read and written inside the section only, which orders the accesses.
            held: AtomicBool,
        }

        impl CriticalSectionLock {
            /// Inside the section.
            fn enter(&self) -> Held<'_> {
                assert!(!self.held.load(Ordering::Relaxed), "a lock was taken by the code that holds it");
                self.held.store(true, Ordering::Relaxed);
                Held(&self.held)
            }
        }

        /// Lets go of the lock, also when the closure panics.
        struct Held<'l>(&'l AtomicBool);

        impl Drop for Held<'_> {
            fn drop(&mut self) {
                self.0.store(false, Ordering::Relaxed);
            }
        }

        // SAFETY: the closure runs inside the critical section, which excludes interrupts and every other holder of it and
        // orders memory. What the section lets in all the same is code that runs inside the closure itself: it finds `held`
        // set and panics before it runs anything. Loading and storing `held` in two steps is enough, because nobody else is
        // between them.
        unsafe impl RawLock for CriticalSectionLock {
            const INIT: Self = Self { held: AtomicBool::new(false) };

            #[inline]
            fn with<R>(&self, f: impl FnOnce() -> R) -> R {
                critical_section::with(|_section| {
                    let _held = self.enter();
                    f()
                })
            }
        }

        impl MasksInterrupts for CriticalSectionLock {}

        impl fmt::Debug for CriticalSectionLock {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("CriticalSectionLock")
            }
        }
    }
}

/// A value behind a lock of policy `L`.
///
/// ```
/// use dmaengine_core::lock::{Locked, ThreadLock};
/// let periods = Locked::<ThreadLock, u32>::new(0);
/// periods.with(|n| *n += 1);
/// assert_eq!(periods.with(|n| *n), 1);
/// ```
pub struct Locked<L, T: ?Sized> {
    raw: L,
    value: UnsafeCell<T>,
}

// SAFETY: `with` is the only way to the value and runs alone by `RawLock`'s contract, so sharing the lock between
// threads only moves the access from one to the next, for which `T: Send` is enough.
unsafe impl<L: RawLock, T: ?Sized + Send> Sync for Locked<L, T> {}

impl<L: RawLock, T> Locked<L, T> {
    /// Puts a value behind a new lock.
    pub const fn new(value: T) -> Self {
        Self { raw: L::INIT, value: UnsafeCell::new(value) }
    }
}

impl<L: RawLock, T: ?Sized> Locked<L, T> {
    /// Runs `f` alone with the value. Short pieces only: interrupts may be masked meanwhile.
    #[inline]
    pub fn with<R>(&self, f: impl FnOnce(&mut T) -> R) -> R {
        self.raw.with(|| {
            // SAFETY: by `RawLock`'s contract this closure runs alone, and the value is reached from nowhere else.
            f(unsafe { &mut *self.value.get() })
        })
    }
}

impl<L, T: ?Sized> fmt::Debug for Locked<L, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Locked")
    }
}
