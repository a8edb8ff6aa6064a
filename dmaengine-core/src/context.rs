//! Where code runs, as values: what may sleep asks for a [`Sleepable`], and what must not is handed something else.
//!
//! The module has `unsafe` because claiming to be able to sleep is a promise that Rust cannot check.
//!
//! Linux writes "may sleep" and "atomic" in comments and checks one of them at run time in debug builds. Here the
//! context is an argument. There are three:
//!
//! | context | who hands it out | what it allows |
//! | --- | --- | --- |
//! | [`Sleepable`] | the entry of a thread or of a main loop | everything, sleeping included |
//! | [`Atomic`] | an interrupt's entry; a guard that masks interrupts | anything that does not sleep |
//! | [`Callback`](crate::Callback) | [`Dma::interrupt`](crate::Dma::interrupt), to a completion callback | as atomic, and only its own channel |
//!
//! Where the board calls [`Dma::interrupt`](crate::Dma::interrupt), and so where callbacks run, is not the board's whim: the
//! engine declares it, as a type ([`CallbackContext`]), and it is the same for each of its callbacks.
//!
//! A token shows what its holder *claims*; it does not ask the hardware. That is why making a [`Sleepable`] is `unsafe`
//! and why the other two, which only give rights away, are free.

use core::fmt;
use core::marker::PhantomData;

use crate::Micros;
use crate::lock::{MasksInterrupts, RawLock};

/// How the current thread of control waits: an operating system's delay, or a loop around `wfi`.
///
/// # Contract
/// `sleep` returns after about `at_most`, and earlier if an interrupt has run since the last `sleep` returned: one that ran
/// just before it counts, as with `wfe` or a semaphore, or a wake-up would be lost between a look and a sleep. It lets time
/// pass: a `sleep` that always returns at once while the platform's clock stands still makes every bounded wait endless.
pub trait Sleeper {
    /// Waits for an interrupt, for `at_most` microseconds.
    fn sleep(&self, at_most: Micros);
}

/// Proof that the holder may sleep: it is in a thread or a main loop, with interrupts enabled and no spin lock held.
///
/// Neither `Send` nor `Copy`: it cannot leave its thread, and a guard that masks interrupts takes it away for as long
/// as it lives by borrowing it mutably (see [`Sleepable::atomic`]).
///
/// ```compile_fail,E0502
/// use dmaengine_core::{Micros, context::Sleepable};
/// fn trigger(cx: &mut Sleepable<'_>) {
///     let masked = cx.atomic();      // interrupts are off from here ...
///     cx.sleep(Micros(10));          // ... so this does not compile
///     drop(masked);
/// }
/// ```
pub struct Sleepable<'s> {
    sleeper: &'s dyn Sleeper,
    stays_in_its_thread: PhantomData<*mut ()>,
}

impl<'s> Sleepable<'s> {
    /// Claims that this thread of control may sleep, and says how it does.
    ///
    /// # Safety
    /// The caller is not in an interrupt handler, a completion callback or a critical section, holds no spin lock, and
    /// will not be for as long as the value lives, except while it is borrowed mutably. Code that trusts the token
    /// (an allocator called in a sleeping path, say) may rely on this for memory safety.
    pub const unsafe fn assume(sleeper: &'s dyn Sleeper) -> Self {
        Self { sleeper, stays_in_its_thread: PhantomData }
    }

    /// Sleeps for at most that long; an interrupt may end it earlier.
    pub fn sleep(&self, at_most: Micros) {
        self.sleeper.sleep(at_most);
    }

    /// Gives up sleeping for the life of the answer. What masks interrupts or takes a spin lock holds it.
    pub fn atomic(&mut self) -> Atomic<'_> {
        Atomic::new()
    }
}

impl fmt::Debug for Sleepable<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Sleepable")
    }
}

/// The holder must not sleep: it runs in an interrupt handler, or with interrupts masked, or under a spin lock.
///
/// Making one is safe, since it only gives rights away.
#[derive(Debug)]
pub struct Atomic<'a> {
    borrows_the_sleepable: PhantomData<&'a mut ()>,
    stays_in_its_thread: PhantomData<*mut ()>,
}

impl Atomic<'_> {
    /// States that the code from here on must not sleep. An interrupt handler starts with it.
    #[must_use]
    pub const fn new() -> Self {
        Self { borrows_the_sleepable: PhantomData, stays_in_its_thread: PhantomData }
    }
}

impl Default for Atomic<'_> {
    fn default() -> Self {
        Self::new()
    }
}

/// Where an engine's callbacks run: [`InInterrupt`] or [`Deferred`], as
/// [`Engine::Callbacks`](crate::Engine::Callbacks) declares it.
///
/// `L` is a lock that threads and callbacks share. The trait holds where that goes well: a callback that interrupts a thread
/// waits for ever for a lock that the thread holds, unless holding it keeps the interrupt away. So an engine whose callbacks
/// run in its interrupt does not compile with a lock that masks nothing, and a client that shares data with its callbacks
/// asks the same for the lock it uses:
///
/// ```
/// use dmaengine_core::{context::CallbackContext, Engine};
/// use dmaengine_core::lock::{Locked, RawLock, ThreadLock};
///
/// fn positions<E: Engine, L: RawLock>() -> Locked<L, [u64; 4]>
/// where
///     E::Callbacks: CallbackContext<L>,
/// {
///     Locked::new([0; 4])
/// }
/// // The mock's callbacks run between two steps of a thread and never inside a lock.
/// let _ = positions::<backend_mock::Mock, ThreadLock>();
/// ```
///
/// In neither of the two may a callback sleep.
pub trait CallbackContext<L: RawLock>: sealed::Sealed {}

/// Callbacks run in the engine's interrupt handler: whatever they interrupted stands still until they return.
#[derive(Debug)]
pub enum InInterrupt {}

/// Callbacks run behind the interrupt: in a thread, a tasklet, a main loop that polls. What they share a lock with runs on.
#[derive(Debug)]
#[doc(alias = "tasklet")]
pub enum Deferred {}

impl<L: MasksInterrupts> CallbackContext<L> for InInterrupt {}

impl<L: RawLock> CallbackContext<L> for Deferred {}

mod sealed {
    pub trait Sealed {}
    impl Sealed for super::InInterrupt {}
    impl Sealed for super::Deferred {}
}

static_assertions::assert_not_impl_any!(Sleepable<'static>: Send, Sync, Clone, Copy);
static_assertions::assert_not_impl_any!(Atomic<'static>: Send, Sync, Clone, Copy);
