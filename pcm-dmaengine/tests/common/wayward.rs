//! The mock engine with a will of its own: copies into and out of the ring take time, and a preparation or a pause may be
//! refused.
//!
//! On the virtual processor code takes no time, so nothing can happen between two instructions. Real copies take time,
//! and an engine overtakes them. Here the platform's cache care, which comes with every copy, lets that time pass.
//!
//! The module has `unsafe` because it implements [`Engine`] and [`Platform`]. Every promise is kept by [`Mock`], to which
//! every call goes.

use std::sync::atomic::{AtomicU32, AtomicU64, Ordering::Relaxed};

use backend_mock::{Mock, MockChannel, MockDescriptor};
use dmaengine_core::context::Deferred;
use dmaengine_core::engine::{ChannelSet, News, Progress};
use dmaengine_core::lock::ThreadLock;
use dmaengine_core::{
    BusAddr, ChannelId, Cyclic, Direction, Engine, EngineCyclic, EnginePause, EngineQueueAfterStop, Facts, Generation,
    Micros, Platform, PrepError, Region, TransferError,
};

/// What the engine says when it refuses.
pub const REFUSED: PrepError = PrepError::Engine { code: 7 };

#[derive(Debug, Default)]
pub struct Wayward {
    pub mock: Mock,
    copy_time: AtomicU64,
    refusals: AtomicU32,
    pause_refusals: AtomicU32,
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

    /// The next so many pauses, or ends of one, fail.
    pub fn refuse_pause(&self, times: u32) {
        self.pause_refusals.store(times, Relaxed);
    }

    fn pause_refused(&self) -> Result<(), TransferError> {
        let refused = self.pause_refusals.fetch_update(Relaxed, Relaxed, |left| left.checked_sub(1));
        if refused.is_ok() { Err(TransferError::Device) } else { Ok(()) }
    }

    fn copy(&self) {
        self.mock.delay(Micros(self.copy_time.load(Relaxed)));
    }
}

// SAFETY: the mock's, to which every call goes; time may pass at any moment.
unsafe impl Platform for Wayward {
    type Lock = ThreadLock;

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

// SAFETY: as for `Engine`; a refusal leaves nothing behind, for nothing was done.
unsafe impl EngineCyclic for Wayward {
    fn prep_cyclic(
        &self,
        channel: &mut MockChannel,
        transfer: &mut MockDescriptor,
        buffer: &Region,
        request: &Cyclic,
    ) -> Result<(), PrepError> {
        let refuse = self.refusals.fetch_update(Relaxed, Relaxed, |left| left.checked_sub(1));
        if refuse.is_ok() {
            return Err(REFUSED);
        }
        self.mock.prep_cyclic(channel, transfer, buffer, request)
    }
}

// SAFETY: as for `Engine`; a refusal changes nothing.
unsafe impl EnginePause for Wayward {
    fn pause(&self, channel: &mut MockChannel) -> Result<(), TransferError> {
        self.pause_refused()?;
        self.mock.pause(channel)
    }

    fn resume(&self, channel: &mut MockChannel) -> Result<(), TransferError> {
        self.pause_refused()?;
        self.mock.resume(channel)
    }
}

// SAFETY: as for `Engine`; the mock posts `Stopped` after each stop.
unsafe impl EngineQueueAfterStop for Wayward {
    fn queue(&self, channel: &mut MockChannel, next: &mut MockDescriptor) {
        self.mock.queue(channel, next);
    }
}
