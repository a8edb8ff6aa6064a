//! A lock policy that knows whether it is held, and an engine that is the mock behind any policy.
//!
//! To hold a [`Watched`] lock is to have interrupts masked. Everything that is not the library's own (the platform, the
//! wakers, the buffers, the callback) reports here, through [`user_code`]: it must not run with the lock held. And since
//! interrupts are open there, one may arrive: a test says with [`interrupts`] what the handler does, and it is called at
//! every such place, and as soon as a lock is let go.
//!
//! The module has `unsafe` because it implements the library's unsafe traits, on top of those who do the work.

use core::cell::{Cell, RefCell};
use core::marker::PhantomData;
use core::task::{RawWaker, RawWakerVTable, Waker};
use std::collections::BTreeMap;
use std::rc::Rc;

use backend_mock::{Mock, MockChannel, MockDescriptor};
use dmaengine_core::config::SlaveSg;
use dmaengine_core::context::Deferred;
use dmaengine_core::engine::{ChannelSet, News, Progress};
use dmaengine_core::lock::{RawLock, ThreadLock};
use dmaengine_core::{
    Buffer, BusAddr, ChannelId, Cyclic, Direction, Engine, EngineCyclic, EngineMemcpy, EnginePause,
    EngineQueueAfterStop, EngineSlaveSg, EngineTerminateAtomic, Facts, Generation, Micros, Payload, Platform,
    PrepError, Region, Sleeper, TransferError, WriteBuffer,
};

thread_local! {
    static HELD: Cell<bool> = const { Cell::new(false) };
    static TAKEN: Cell<usize> = const { Cell::new(0) };
    static SEEN: RefCell<BTreeMap<&'static str, usize>> = const { RefCell::new(BTreeMap::new()) };
    static HANDLER: RefCell<Option<Rc<dyn Fn()>>> = const { RefCell::new(None) };
    static IN_INTERRUPT: Cell<bool> = const { Cell::new(false) };
}

/// A lock that must not be taken while a lock is held.
pub struct Watched(ThreadLock);

// SAFETY: the thread lock inside excludes; a second `with` on the same thread panics.
unsafe impl RawLock for Watched {
    const INIT: Self = Self(ThreadLock::INIT);

    fn with<R>(&self, f: impl FnOnce() -> R) -> R {
        let nested = HELD.replace(true);
        assert!(
            !nested || std::thread::panicking(),
            "a lock is taken while one is held: an interrupt would wait for ever"
        );
        TAKEN.set(TAKEN.get() + 1);
        let answer = self.0.with(|| {
            let _held = Held;
            f()
        });
        interrupt();
        answer
    }
}

/// Not held any more, also when `f` panics.
struct Held;

impl Drop for Held {
    fn drop(&mut self) {
        HELD.set(false);
    }
}

/// How often a lock was taken in `f`.
pub fn taken<R>(f: impl FnOnce() -> R) -> (usize, R) {
    let before = TAKEN.get();
    let answer = f();
    (TAKEN.get() - before, answer)
}

/// Code that is not the library's runs here.
pub fn user_code(what: &'static str) {
    // A test that fails lets go of what it has, with the lock held or not.
    assert!(!HELD.get() || std::thread::panicking(), "{what} with the lock held");
    SEEN.with_borrow_mut(|seen| *seen.entry(what).or_default() += 1);
    interrupt();
}

/// What ran so far on this thread, and how often.
pub fn seen() -> BTreeMap<&'static str, usize> {
    SEEN.with_borrow(BTreeMap::clone)
}

/// From here on, interrupts arrive on this thread wherever they are not masked.
pub fn interrupts(handler: impl Fn() + 'static) {
    HANDLER.set(Some(Rc::new(handler)));
}

fn interrupt() {
    if HELD.get() || std::thread::panicking() {
        return;
    }
    let handler = HANDLER.with_borrow(Option::clone);
    if let (Some(handler), false) = (handler, IN_INTERRUPT.replace(true)) {
        handler();
        IN_INTERRUPT.set(false);
    }
}

/// A waker that is some executor's code. All of them are the same one.
pub fn waker() -> Waker {
    const TABLE: RawWakerVTable = RawWakerVTable::new(
        |_| {
            user_code("a waker's clone");
            RawWaker::new(core::ptr::null(), &TABLE)
        },
        |_| user_code("a waker's wake"),
        |_| user_code("a waker's wake"),
        |_| user_code("a waker's drop"),
    );
    // SAFETY: there is no data, so every function may be called with it any number of times, on any thread.
    unsafe { Waker::new(core::ptr::null(), &TABLE) }
}

/// Memory of the caller's, who wants to know when it is dropped.
#[derive(Debug)]
pub struct Owned(&'static mut [u8]);

impl Owned {
    pub fn new(len: usize) -> Self {
        Self(vec![0; len].leak())
    }
}

impl Drop for Owned {
    fn drop(&mut self) {
        user_code("a buffer's drop");
    }
}

// SAFETY: the static slice inside does it; what is dropped in between is empty.
unsafe impl Payload for Owned {
    type Regions = [Region; 1];
    type Keep = ();

    fn into_regions(mut self) -> ([Region; 1], ()) {
        user_code("a buffer's into_regions");
        core::mem::take(&mut self.0).into_regions()
    }

    unsafe fn from_regions(regions: [Region; 1], (): ()) -> Self {
        user_code("a buffer's from_regions");
        // SAFETY: the caller's promise.
        Self(unsafe { Payload::from_regions(regions, ()) })
    }
}
// SAFETY: as above.
unsafe impl Buffer for Owned {}
// SAFETY: as above.
unsafe impl WriteBuffer for Owned {}

/// How the tests sleep: time passes.
pub struct Pass<'m>(pub &'m Mock);

impl Sleeper for Pass<'_> {
    fn sleep(&self, at_most: Micros) {
        user_code("a sleep");
        self.0.delay(at_most);
    }
}

/// The mock on a board with the lock policy `L`.
pub struct Wrapped<L> {
    pub mock: Mock,
    lock: PhantomData<L>,
}

impl<L> Wrapped<L> {
    pub fn new(mock: Mock) -> Self {
        Self { mock, lock: PhantomData }
    }
}

// SAFETY: the mock does it.
unsafe impl<L: RawLock> Platform for Wrapped<L> {
    type Lock = L;

    fn now(&self) -> Micros {
        user_code("now");
        self.mock.now()
    }

    fn delay(&self, time: Micros) {
        user_code("delay");
        self.mock.delay(time);
    }

    fn map(&self, region: &Region, direction: Direction) -> Result<BusAddr, PrepError> {
        user_code("map");
        self.mock.map(region, direction)
    }

    fn unmap(&self, region: &Region, direction: Direction) {
        user_code("unmap");
        self.mock.unmap(region, direction);
    }

    fn sync_for_cpu(&self, part: &Region) {
        user_code("sync_for_cpu");
        self.mock.sync_for_cpu(part);
    }

    fn sync_for_device(&self, part: &Region) {
        user_code("sync_for_device");
        self.mock.sync_for_device(part);
    }
}

// SAFETY: the mock does it.
unsafe impl<L: RawLock> Engine for Wrapped<L> {
    type Platform = Self;
    type Callbacks = Deferred;
    type Channel = MockChannel;
    type Descriptor = MockDescriptor;
    type Peripheral = ();

    fn facts(&self) -> &Facts {
        self.mock.facts()
    }

    fn platform(&self) -> &Self {
        self
    }

    fn open(&self, id: ChannelId) -> MockChannel {
        self.mock.open(id)
    }

    fn start(&self, channel: &mut MockChannel, transfer: &mut MockDescriptor, generation: Generation) {
        self.mock.start(channel, transfer, generation);
    }

    fn stop(&self, channel: &mut MockChannel) {
        self.mock.stop(channel);
    }

    fn is_stopped(&self, channel: &mut MockChannel) -> bool {
        self.mock.is_stopped(channel)
    }

    fn progress(&self, channel: &mut MockChannel, transfer: &MockDescriptor) -> Progress {
        self.mock.progress(channel, transfer)
    }

    fn interrupt(&self) -> ChannelSet {
        assert!(!HELD.get(), "the interrupt is acknowledged with the lock held");
        self.mock.interrupt()
    }

    fn service(&self, channel: &mut MockChannel, transfer: Option<&mut MockDescriptor>) -> Option<News> {
        self.mock.service(channel, transfer)
    }

    fn reset(&self, channel: &mut MockChannel) -> bool {
        self.mock.reset(channel)
    }

    fn park(&self, channel: &mut MockChannel) {
        self.mock.park(channel);
    }

    fn release(&self, channel: &mut MockChannel, transfer: &mut MockDescriptor) {
        self.mock.release(channel, transfer);
    }
}

// SAFETY: the mock does it.
unsafe impl<L: RawLock> EngineCyclic for Wrapped<L> {
    fn prep_cyclic(
        &self,
        channel: &mut MockChannel,
        transfer: &mut MockDescriptor,
        buffer: &Region,
        request: &Cyclic,
    ) -> Result<(), PrepError> {
        self.mock.prep_cyclic(channel, transfer, buffer, request)
    }
}

// SAFETY: the mock does it.
unsafe impl<L: RawLock> EngineMemcpy for Wrapped<L> {
    fn prep_memcpy(
        &self,
        channel: &mut MockChannel,
        transfer: &mut MockDescriptor,
        dst: &Region,
        src: &Region,
    ) -> Result<(), PrepError> {
        self.mock.prep_memcpy(channel, transfer, dst, src)
    }
}

// SAFETY: the mock does it.
unsafe impl<L: RawLock> EngineSlaveSg for Wrapped<L> {
    fn prep_slave_sg(
        &self,
        channel: &mut MockChannel,
        transfer: &mut MockDescriptor,
        segments: &[Region],
        request: &SlaveSg,
    ) -> Result<(), PrepError> {
        self.mock.prep_slave_sg(channel, transfer, segments, request)
    }
}

// SAFETY: the mock does it.
unsafe impl<L: RawLock> EnginePause for Wrapped<L> {
    fn pause(&self, channel: &mut MockChannel) -> Result<(), TransferError> {
        self.mock.pause(channel)
    }

    fn resume(&self, channel: &mut MockChannel) -> Result<(), TransferError> {
        self.mock.resume(channel)
    }
}

// SAFETY: the mock does it.
unsafe impl<L: RawLock> EngineTerminateAtomic for Wrapped<L> {
    fn atomic_bound(&self) -> Micros {
        self.mock.atomic_bound()
    }
}

// SAFETY: the mock does it.
unsafe impl<L: RawLock> EngineQueueAfterStop for Wrapped<L> {
    fn queue(&self, channel: &mut MockChannel, next: &mut MockDescriptor) {
        self.mock.queue(channel, next);
    }
}
