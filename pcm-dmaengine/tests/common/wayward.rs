//! The mock engine with a will of its own: copies into and out of the ring take time, and a preparation or a pause may be
//! refused.
//!
//! On the virtual processor code takes no time, so nothing can happen between two instructions. Real copies take time,
//! and an engine overtakes them. Here the platform's cache care, which comes with every copy, lets that time pass.
//!
//! It keeps a journal of what the hardware is told, in which a peripheral may write, too; and its lock counts how deep it is held, so
//! that whoever is called can say whether a lock should be.
//!
//! The module has `unsafe` because it implements [`Engine`] and [`Platform`]. Every promise is kept by [`Mock`], to which
//! every call goes, and by [`ThreadLock`].

use std::cell::Cell;
use std::sync::Mutex;
use std::sync::atomic::{AtomicU32, AtomicU64, Ordering::Relaxed};
use std::sync::mpsc::{Receiver, Sender, channel};

use backend_mock::{Mock, MockChannel, MockDescriptor};
use dmaengine_core::context::Deferred;
use dmaengine_core::engine::{ChannelSet, News, Progress};
use dmaengine_core::lock::{RawLock, ThreadLock};
use dmaengine_core::{
    BusAddr, ChannelId, Cyclic, Direction, Engine, EngineCyclic, EnginePause, EngineQueueAfterStop,
    EngineTerminateAtomic, Facts, Generation, Micros, Platform, PrepError, Region, TransferError,
};

/// What the engine says when it refuses.
pub const REFUSED: PrepError = PrepError::Engine { code: 7 };

#[derive(Debug, Default)]
pub struct Wayward {
    pub mock: Mock,
    copy_time: AtomicU64,
    refusals: AtomicU32,
    spared: AtomicU32,
    pause_refusals: AtomicU32,
    resume_refusals: AtomicU32,
    reset_refusals: AtomicU32,
    journal: Mutex<Vec<String>>,
    visit: Mutex<Option<(&'static str, Sender<()>, Receiver<()>)>>,
}

thread_local! {
    static LOCKS_HELD: Cell<u32> = const { Cell::new(0) };
}

/// How many locks this thread holds.
pub fn locks_held() -> u32 {
    LOCKS_HELD.get()
}

/// A lock that is counted.
#[derive(Debug)]
pub struct Counted(ThreadLock);

// SAFETY: the other lock's.
unsafe impl RawLock for Counted {
    const INIT: Self = Self(ThreadLock::INIT);

    fn with<R>(&self, f: impl FnOnce() -> R) -> R {
        self.0.with(|| {
            LOCKS_HELD.set(LOCKS_HELD.get() + 1);
            let answer = f();
            LOCKS_HELD.set(LOCKS_HELD.get() - 1);
            answer
        })
    }
}

impl Wayward {
    pub fn new(mock: Mock) -> Self {
        Self { mock, ..Self::default() }
    }

    /// From now on each stretch copied takes so long.
    pub fn copies_take(&self, time: Micros) {
        self.copy_time.store(time.0, Relaxed);
    }

    /// The next so many preparations fail.
    pub fn refuse(&self, times: u32) {
        self.refusals.store(times, Relaxed);
    }

    /// Of the next preparations, so many go well and then one fails.
    pub fn refuse_after(&self, spared: u32) {
        self.spared.store(spared, Relaxed);
        self.refuse(1);
    }

    /// The next so many pauses, or ends of one, fail.
    pub fn refuse_pause(&self, times: u32) {
        self.pause_refusals.store(times, Relaxed);
    }

    /// Notes that a channel's hardware, or whoever belongs to it, was told something: `0: dma start`.
    pub fn note(&self, channel: impl std::fmt::Display, told: impl std::fmt::Display) {
        let told = format!("{channel}: {told}");
        self.journal.lock().unwrap().push(told.clone());
        let visit = self.visit.lock().unwrap().take_if(|(awaited, ..)| told.starts_with(*awaited));
        if let Some((_, knock, done)) = visit {
            knock.send(()).expect("somebody listens");
            done.recv().expect("and answers");
        }
    }

    /// Runs `body`, and on another core `visit`, as soon as something is told that begins like this; whoever tells it waits until
    /// that is done.
    pub fn visit_at<R>(&self, told: &'static str, visit: impl FnOnce() + Send, body: impl FnOnce() -> R) -> R {
        let ((knock, knocked), (done, is_done)) = (channel(), channel());
        *self.visit.lock().unwrap() = Some((told, knock, is_done));
        std::thread::scope(|scope| {
            scope.spawn(move || {
                knocked.recv().expect("it is told");
                visit();
                done.send(()).expect("somebody waits");
            });
            body()
        })
    }

    /// What was told since this was last asked.
    pub fn journal(&self) -> Vec<String> {
        std::mem::take(&mut *self.journal.lock().unwrap())
    }

    /// As the mock's driver is told: the channel's number is in its name.
    fn told(&self, channel: &MockChannel, told: &str) {
        let name = format!("{channel:?}");
        let number: String = name.chars().filter(char::is_ascii_digit).collect();
        self.note(number, told);
    }

    /// The next so many ends of a pause fail.
    pub fn refuse_resume(&self, times: u32) {
        self.resume_refusals.store(times, Relaxed);
    }

    /// The next so many resets do not help.
    pub fn refuse_reset(&self, times: u32) {
        self.reset_refusals.store(times, Relaxed);
    }

    fn refused(refusals: &AtomicU32) -> Result<(), TransferError> {
        let refused = refusals.fetch_update(Relaxed, Relaxed, |left| left.checked_sub(1));
        if refused.is_ok() { Err(TransferError::Device) } else { Ok(()) }
    }

    fn copy(&self) {
        self.mock.delay(Micros(self.copy_time.load(Relaxed)));
    }
}

// SAFETY: the mock's, to which every call goes; time may pass at any moment.
unsafe impl Platform for Wayward {
    type Lock = Counted;

    fn now(&self) -> Micros {
        self.mock.now()
    }

    fn delay(&self, time: Micros) {
        self.mock.delay(time);
    }

    fn map(&self, region: &Region, direction: Direction) -> Result<BusAddr, PrepError> {
        self.mock.map(region, direction)
    }

    fn unmap(&self, region: &Region, direction: Direction) {
        self.mock.unmap(region, direction);
    }

    fn sync_for_cpu(&self, _part: &Region) {
        self.copy();
    }

    fn sync_for_device(&self, _part: &Region) {
        self.copy();
    }
}

// SAFETY: the mock's, to which every call goes.
unsafe impl Engine for Wayward {
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
        self.told(channel, "dma start");
        self.mock.start(channel, transfer, generation);
    }

    fn stop(&self, channel: &mut MockChannel) {
        self.told(channel, "dma stop");
        self.mock.stop(channel);
    }

    fn is_stopped(&self, channel: &mut MockChannel) -> bool {
        self.mock.is_stopped(channel)
    }

    fn progress(&self, channel: &mut MockChannel, transfer: &MockDescriptor) -> Progress {
        self.mock.progress(channel, transfer)
    }

    fn interrupt(&self) -> ChannelSet {
        self.mock.interrupt()
    }

    fn service(&self, channel: &mut MockChannel, transfer: Option<&mut MockDescriptor>) -> Option<News> {
        self.mock.service(channel, transfer)
    }

    fn reset(&self, channel: &mut MockChannel) -> bool {
        self.told(channel, "dma reset");
        if Self::refused(&self.reset_refusals).is_err() {
            return false;
        }
        self.mock.reset(channel)
    }

    fn park(&self, channel: &mut MockChannel) {
        self.mock.park(channel);
    }

    fn release(&self, channel: &mut MockChannel, transfer: &mut MockDescriptor) {
        self.mock.release(channel, transfer);
    }
}

// SAFETY: as for `Engine`; a refusal leaves nothing behind, for nothing was done.
unsafe impl EngineCyclic for Wayward {
    fn prep_cyclic(
        &self,
        channel: &mut MockChannel,
        transfer: &mut MockDescriptor,
        buffer: &Region,
        request: &Cyclic,
    ) -> Result<(), PrepError> {
        if Self::refused(&self.spared).is_ok() && Self::refused(&self.refusals).is_err() {
            return Err(REFUSED);
        }
        self.told(channel, "dma prepare");
        self.mock.prep_cyclic(channel, transfer, buffer, request)
    }
}

// SAFETY: as for `Engine`; a refusal changes nothing.
unsafe impl EnginePause for Wayward {
    fn pause(&self, channel: &mut MockChannel) -> Result<(), TransferError> {
        self.told(channel, "dma pause");
        Self::refused(&self.pause_refusals)?;
        self.mock.pause(channel)
    }

    fn resume(&self, channel: &mut MockChannel) -> Result<(), TransferError> {
        self.told(channel, "dma resume");
        Self::refused(&self.pause_refusals)?;
        Self::refused(&self.resume_refusals)?;
        self.mock.resume(channel)
    }
}

// SAFETY: as for `Engine`; the mock posts `Stopped` after each stop.
unsafe impl EngineQueueAfterStop for Wayward {
    fn queue(&self, channel: &mut MockChannel, next: &mut MockDescriptor) {
        self.told(channel, "dma queue");
        self.mock.queue(channel, next);
    }
}

// SAFETY: as for `Engine`.
unsafe impl EngineTerminateAtomic for Wayward {
    fn atomic_bound(&self) -> Micros {
        self.mock.atomic_bound()
    }
}
