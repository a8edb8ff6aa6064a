//! An engine that makes the trouble which the mock does not: it has narrow limits, refuses to prepare or to pause,
//! cannot reach some memory, fails to reset, and says what it is told to say about how it stops. All else it leaves to
//! the mock.

use core::sync::atomic::{AtomicIsize, Ordering};

use backend_mock::{Mock, MockChannel, MockDescriptor};
use dmaengine_core::config::{InterleavedSlave, SlaveSg};
use dmaengine_core::context::Deferred;
use dmaengine_core::engine::{ChannelSet, News, Progress};
use dmaengine_core::lock::ThreadLock;
use dmaengine_core::{
    BusAddr, ChannelId, Cyclic, Direction, Engine, EngineCyclic, EngineInterleavedSlave, EngineMemcpy, EnginePause,
    EngineQueueAfterStop, EngineRepeat, EngineSlaveSg, EngineTerminateAtomic, Facts, Generation, Micros, Platform,
    PrepError, Region, TransferError,
};

/// A mock and its whims.
#[derive(Debug)]
pub struct Picky {
    pub mock: Mock,
    pub facts: Facts,
    pub whims: Whims,
    live: AtomicIsize,
    parked: AtomicIsize,
}

/// What it refuses.
#[derive(Clone, Copy, Debug, Default)]
pub struct Whims {
    /// Memory of that many bytes is out of its reach.
    pub unreachable_len: Option<usize>,
    /// It refuses to prepare anything, with that code.
    pub prep_code: Option<u16>,
    pub cannot_pause: bool,
    pub cannot_resume: bool,
    pub cannot_reset: bool,
}

impl Picky {
    pub fn new(mock: Mock, change: impl FnOnce(&mut Facts), whims: Whims) -> Self {
        let mut facts = *mock.facts();
        change(&mut facts);
        Self { mock, facts, whims, live: AtomicIsize::new(0), parked: AtomicIsize::new(0) }
    }

    /// How often a channel was left by its holder.
    pub fn parked(&self) -> isize {
        self.parked.load(Ordering::Relaxed)
    }

    /// Buffers that are mapped now.
    pub fn mapped(&self) -> isize {
        self.live.load(Ordering::Relaxed)
    }

    fn prep(&self) -> Result<(), PrepError> {
        self.whims.prep_code.map_or(Ok(()), |code| Err(PrepError::Engine { code }))
    }
}

fn refused(whim: bool) -> Result<(), TransferError> {
    if whim { Err(TransferError::Device) } else { Ok(()) }
}

// SAFETY: what is mapped is mapped by the mock; what is refused is not mapped.
unsafe impl Platform for Picky {
    type Lock = ThreadLock;

    fn now(&self) -> Micros {
        self.mock.now()
    }

    fn delay(&self, time: Micros) {
        self.mock.delay(time);
    }

    fn map(&self, region: &Region, direction: Direction) -> Result<BusAddr, PrepError> {
        if self.whims.unreachable_len == Some(region.len) {
            return Err(PrepError::Unreachable { address: region.ptr.as_ptr() as u64 });
        }
        self.live.fetch_add(1, Ordering::Relaxed);
        self.mock.map(region, direction)
    }

    fn unmap(&self, region: &Region, direction: Direction) {
        self.live.fetch_sub(1, Ordering::Relaxed);
        self.mock.unmap(region, direction);
    }

    fn sync_for_cpu(&self, part: &Region) {
        self.mock.sync_for_cpu(part);
    }

    fn sync_for_device(&self, part: &Region) {
        self.mock.sync_for_device(part);
    }
}

// SAFETY: as the mock, which does all the work; a refusal does none.
unsafe impl Engine for Picky {
    type Platform = Self;
    type Callbacks = Deferred;
    type Channel = MockChannel;
    type Descriptor = MockDescriptor;
    type Peripheral = ();

    fn facts(&self) -> &Facts {
        &self.facts
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
        !self.whims.cannot_reset && self.mock.reset(channel)
    }

    fn park(&self, channel: &mut MockChannel) {
        assert!(self.mock.is_stopped(channel), "nobody holds a channel that still runs");
        self.parked.fetch_add(1, Ordering::Relaxed);
        self.mock.park(channel);
    }

    fn release(&self, channel: &mut MockChannel, transfer: &mut MockDescriptor) {
        self.mock.release(channel, transfer);
    }
}

// SAFETY: as for `Engine`.
unsafe impl EngineCyclic for Picky {
    fn prep_cyclic(
        &self,
        channel: &mut MockChannel,
        transfer: &mut MockDescriptor,
        buffer: &Region,
        request: &Cyclic,
    ) -> Result<(), PrepError> {
        self.prep()?;
        self.mock.prep_cyclic(channel, transfer, buffer, request)
    }
}

// SAFETY: as for `Engine`.
unsafe impl EngineMemcpy for Picky {
    fn prep_memcpy(
        &self,
        channel: &mut MockChannel,
        transfer: &mut MockDescriptor,
        dst: &Region,
        src: &Region,
    ) -> Result<(), PrepError> {
        self.prep()?;
        self.mock.prep_memcpy(channel, transfer, dst, src)
    }
}

// SAFETY: as for `Engine`.
unsafe impl EngineSlaveSg for Picky {
    fn prep_slave_sg(
        &self,
        channel: &mut MockChannel,
        transfer: &mut MockDescriptor,
        segments: &[Region],
        request: &SlaveSg,
    ) -> Result<(), PrepError> {
        self.prep()?;
        self.mock.prep_slave_sg(channel, transfer, segments, request)
    }
}

// SAFETY: as for `Engine`.
unsafe impl EngineRepeat for Picky {
    fn end_repeat(&self, channel: &mut MockChannel, transfer: &mut MockDescriptor) {
        self.mock.end_repeat(channel, transfer);
    }
}

// SAFETY: as for `Engine`.
unsafe impl EngineInterleavedSlave for Picky {
    fn prep_interleaved_slave(
        &self,
        channel: &mut MockChannel,
        transfer: &mut MockDescriptor,
        buffer: &Region,
        request: &InterleavedSlave<'_>,
    ) -> Result<(), PrepError> {
        self.prep()?;
        self.mock.prep_interleaved_slave(channel, transfer, buffer, request)
    }
}

// SAFETY: as for `Engine`; a refusal leaves things as they are.
unsafe impl EnginePause for Picky {
    fn pause(&self, channel: &mut MockChannel) -> Result<(), TransferError> {
        refused(self.whims.cannot_pause)?;
        self.mock.pause(channel)
    }

    fn resume(&self, channel: &mut MockChannel) -> Result<(), TransferError> {
        refused(self.whims.cannot_resume)?;
        self.mock.resume(channel)
    }
}

// SAFETY: as for the mock.
unsafe impl EngineTerminateAtomic for Picky {
    fn atomic_bound(&self) -> Micros {
        self.facts.stop.bound()
    }
}

// SAFETY: as for the mock.
unsafe impl EngineQueueAfterStop for Picky {
    fn queue(&self, channel: &mut MockChannel, next: &mut MockDescriptor) {
        self.mock.queue(channel, next);
    }
}
