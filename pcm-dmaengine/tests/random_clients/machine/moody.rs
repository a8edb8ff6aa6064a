//! The mock engine in many tempers: its residue as coarse as it may be, its stops at once or told by nobody, its preparations
//! and pauses refused.
//!
//! The module has `unsafe` because it implements [`Engine`]. Every promise is kept by [`Mock`], to which every call goes.

use std::sync::atomic::{AtomicU32, Ordering::Relaxed};

use backend_mock::{Mock, MockChannel, MockConfig, MockDescriptor};
use dmaengine_core::context::Deferred;
use dmaengine_core::engine::{ChannelSet, News, NewsKind, Progress, StopKind};
use dmaengine_core::{
    ChannelId, Cyclic, Engine, EngineCyclic, EnginePause, EngineQueueAfterStop, EngineTerminateAtomic, Facts,
    Generation, Micros, PrepError, Region, ResidueGranularity, TransferError,
};

#[derive(Debug)]
pub struct Moody {
    pub mock: Mock,
    facts: Facts,
    pub refusals: AtomicU32,
    pub pause_refusals: AtomicU32,
}

/// A transfer, and the bytes of its period.
#[derive(Debug, Default)]
pub struct MoodyDescriptor {
    inner: MockDescriptor,
    period: u64,
}

impl Moody {
    pub fn new(config: MockConfig, residue: ResidueGranularity, stop: StopKind) -> Self {
        let mock = Mock::new(config);
        let facts = Facts { residue, stop, ..*mock.facts() };
        Self { mock, facts, refusals: AtomicU32::new(0), pause_refusals: AtomicU32::new(0) }
    }

    fn pause_refused(&self) -> Result<(), TransferError> {
        let refused = self.pause_refusals.fetch_update(Relaxed, Relaxed, |left| left.checked_sub(1));
        if refused.is_ok() { Err(TransferError::Device) } else { Ok(()) }
    }

    fn tells_stops(&self) -> bool {
        matches!(self.facts.stop, StopKind::Deferred { interrupt: true, .. })
    }
}

// SAFETY: the mock's, to which every call goes. What it is declared to be besides is coarser than what it is.
unsafe impl Engine for Moody {
    type Platform = Mock;
    type Callbacks = Deferred;
    type Channel = MockChannel;
    type Descriptor = MoodyDescriptor;
    type Peripheral = ();

    fn facts(&self) -> &Facts {
        &self.facts
    }

    fn platform(&self) -> &Mock {
        &self.mock
    }

    fn open(&self, id: ChannelId) -> MockChannel {
        self.mock.open(id)
    }

    fn start(&self, channel: &mut MockChannel, transfer: &mut MoodyDescriptor, generation: Generation) {
        self.mock.start(channel, &mut transfer.inner, generation);
    }

    fn stop(&self, channel: &mut MockChannel) {
        self.mock.stop(channel);
    }

    fn is_stopped(&self, channel: &mut MockChannel) -> bool {
        self.mock.is_stopped(channel)
    }

    fn progress(&self, channel: &mut MockChannel, transfer: &MoodyDescriptor) -> Progress {
        let progress = self.mock.progress(channel, &transfer.inner);
        if self.facts.residue == ResidueGranularity::Burst {
            return progress;
        }
        Progress { bytes: progress.bytes - progress.bytes % transfer.period.max(1), in_flight: 0 }
    }

    fn interrupt(&self) -> ChannelSet {
        self.mock.interrupt()
    }

    fn service(&self, channel: &mut MockChannel, transfer: Option<&mut MoodyDescriptor>) -> Option<News> {
        let mut transfer = transfer;
        loop {
            let news = self.mock.service(channel, transfer.as_deref_mut().map(|transfer| &mut transfer.inner))?;
            if news.kind != NewsKind::Stopped || self.tells_stops() {
                return Some(news);
            }
        }
    }

    fn reset(&self, channel: &mut MockChannel) -> bool {
        self.mock.reset(channel)
    }

    fn park(&self, channel: &mut MockChannel) {
        self.mock.park(channel);
    }

    fn release(&self, channel: &mut MockChannel, transfer: &mut MoodyDescriptor) {
        self.mock.release(channel, &mut transfer.inner);
    }
}

// SAFETY: as for `Engine`; a refusal leaves nothing behind, for nothing was done.
unsafe impl EngineCyclic for Moody {
    fn prep_cyclic(
        &self,
        channel: &mut MockChannel,
        transfer: &mut MoodyDescriptor,
        buffer: &Region,
        request: &Cyclic,
    ) -> Result<(), PrepError> {
        if self.refusals.fetch_update(Relaxed, Relaxed, |left| left.checked_sub(1)).is_ok() {
            return Err(PrepError::Engine { code: 7 });
        }
        transfer.period = request.period.into();
        self.mock.prep_cyclic(channel, &mut transfer.inner, buffer, request)
    }
}

// SAFETY: as for `Engine`; a refusal changes nothing.
unsafe impl EnginePause for Moody {
    fn pause(&self, channel: &mut MockChannel) -> Result<(), TransferError> {
        self.pause_refused()?;
        self.mock.pause(channel)
    }

    fn resume(&self, channel: &mut MockChannel) -> Result<(), TransferError> {
        self.pause_refused()?;
        self.mock.resume(channel)
    }
}

// SAFETY: as for `Engine`; the hardware stops by itself.
unsafe impl EngineTerminateAtomic for Moody {
    fn atomic_bound(&self) -> Micros {
        self.facts.stop.bound()
    }
}

// SAFETY: as for `Engine`; the mock posts `Stopped` after each stop, and it is kept back only where no client queues.
unsafe impl EngineQueueAfterStop for Moody {
    fn queue(&self, channel: &mut MockChannel, next: &mut MoodyDescriptor) {
        self.mock.queue(channel, &mut next.inner);
    }
}
