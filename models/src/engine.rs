//! The driver of the models' hardware, as small as [`Engine`] allows.
//!
//! This module has `unsafe` because it implements [`Engine`] and [`Platform`].

use std::sync::atomic::{AtomicU64, Ordering};

use dmaengine_core::config::SlaveSg;
use dmaengine_core::context::Deferred;
use dmaengine_core::engine::{ChannelSet, News, Progress, StopKind};
use dmaengine_core::{
    BusAddr, BusWidths, Caps, ChannelId, Cyclic, Direction, Engine, EngineCyclic, EngineQueueAfterStop, EngineSlaveSg,
    Facts, Generation, Micros, Platform, PrepError, Region, ResidueGranularity,
};

use crate::hardware::{Hardware, Program};
use crate::lock::LoomLock;
use crate::memory::place;

/// An engine of one channel. It stops when the hardware's thread says so, and tells it.
#[derive(Debug)]
pub struct ModelEngine {
    hw: Hardware,
    facts: Facts,
    clock: AtomicU64,
}

/// A prepared transfer: its memory, and its number once it was started.
#[derive(Debug, Default)]
pub struct ModelDescriptor {
    place: Option<usize>,
    started: Option<Generation>,
}

impl ModelEngine {
    pub(crate) fn new() -> Self {
        let facts = Facts {
            channels: 1,
            caps: Caps::CYCLIC | Caps::QUEUE_AFTER_STOP | Caps::SLAVE_SG,
            stop: StopKind::Deferred { bound: Micros(100), interrupt: true },
            residue: ResidueGranularity::Descriptor,
            widths: BusWidths::all(),
            align: 1,
            max_segment: 1,
            max_segments: 1,
        };
        Self { hw: Hardware::new(), facts, clock: AtomicU64::new(0) }
    }

    /// Its hardware.
    pub fn hw(&self) -> &Hardware {
        &self.hw
    }
}

// SAFETY: the device reaches no memory at all; what it would reach is watched.
unsafe impl Platform for ModelEngine {
    type Lock = LoomLock;

    fn now(&self) -> Micros {
        Micros(self.clock.load(Ordering::Relaxed))
    }

    fn delay(&self, time: Micros) {
        self.clock.fetch_add(time.0, Ordering::Relaxed);
        loom::thread::yield_now();
    }

    fn map(&self, region: &Region, _direction: Direction) -> Result<BusAddr, PrepError> {
        let place = place(region);
        let lent = std::mem::replace(&mut self.hw.words().lent[place], true);
        assert!(!lent, "memory {place} is lent twice");
        Ok(BusAddr(place as u64))
    }

    fn unmap(&self, region: &Region, _direction: Direction) {
        let place = place(region);
        let lent = std::mem::replace(&mut self.hw.words().lent[place], false);
        assert!(lent, "memory {place} is handed back twice");
    }

    fn sync_for_cpu(&self, _part: &Region) {}

    fn sync_for_device(&self, _part: &Region) {}
}

// SAFETY: no memory is touched. What would be touched, would between `start` and the hardware's rest or end, and those
// are what `is_stopped` and the news tell.
unsafe impl Engine for ModelEngine {
    type Platform = Self;
    type Callbacks = Deferred;
    type Channel = ();
    type Descriptor = ModelDescriptor;
    type Peripheral = ();

    fn facts(&self) -> &Facts {
        &self.facts
    }

    fn platform(&self) -> &Self {
        self
    }

    fn open(&self, _id: ChannelId) {}

    fn start(&self, _channel: &mut (), transfer: &mut ModelDescriptor, generation: Generation) {
        let place = transfer.place.expect("a transfer was started whose descriptor had been given back");
        transfer.started = Some(generation);
        let program = Program { generation, place };
        let words = &mut *self.hw.words();
        assert_eq!(words.busy, None, "{program:?} was started on a channel that runs");
        words.start(program);
    }

    fn stop(&self, _channel: &mut ()) {
        self.hw.words().stop();
    }

    fn is_stopped(&self, _channel: &mut ()) -> bool {
        self.hw.words().busy.is_none()
    }

    fn progress(&self, _channel: &mut (), _transfer: &ModelDescriptor) -> Progress {
        Progress::default()
    }

    fn interrupt(&self) -> ChannelSet {
        ChannelSet(u64::from(std::mem::take(&mut self.hw.words().raised)))
    }

    fn service(&self, _channel: &mut (), _transfer: Option<&mut ModelDescriptor>) -> Option<News> {
        self.hw.words().news.pop_front()
    }

    fn reset(&self, _channel: &mut ()) -> bool {
        self.hw.words().reset();
        true
    }

    fn park(&self, _channel: &mut ()) {}

    fn release(&self, _channel: &mut (), transfer: &mut ModelDescriptor) {
        let place = transfer.place.take();
        assert!(place.is_some(), "a descriptor was given back twice");
        let busy = self.hw.words().busy;
        let started = transfer.started.take();
        assert!(
            started.is_none() || busy.map(|program| program.generation) != started,
            "{busy:?} runs and its descriptor was given back"
        );
    }
}

// SAFETY: as for `Engine`.
unsafe impl EngineCyclic for ModelEngine {
    fn prep_cyclic(
        &self,
        _channel: &mut (),
        transfer: &mut ModelDescriptor,
        buffer: &Region,
        _request: &Cyclic,
    ) -> Result<(), PrepError> {
        *transfer = ModelDescriptor { place: Some(place(buffer)), started: None };
        Ok(())
    }
}

// SAFETY: as for `Engine`.
unsafe impl EngineSlaveSg for ModelEngine {
    fn prep_slave_sg(
        &self,
        _channel: &mut (),
        transfer: &mut ModelDescriptor,
        segments: &[Region],
        _request: &SlaveSg,
    ) -> Result<(), PrepError> {
        *transfer = ModelDescriptor { place: Some(place(&segments[0])), started: None };
        Ok(())
    }
}

// SAFETY: as for `Engine`; the hardware tells each end of a stop.
unsafe impl EngineQueueAfterStop for ModelEngine {
    fn queue(&self, _channel: &mut (), _next: &mut ModelDescriptor) {}
}
