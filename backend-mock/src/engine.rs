//! The driver of the virtual hardware: what a backend looks like when the hardware is easy.
//!
//! The module has `unsafe` because it implements [`Engine`] and [`Platform`], whose promises Rust cannot check. They
//! are kept by [`Hw`]: it reaches memory through live mappings only, and its `is_touching` is the truth.

mod abilities;

use dmaengine_core::context::Deferred;
use dmaengine_core::engine::{ChannelSet, News, NewsKind, Progress, StopKind};
use dmaengine_core::lock::ThreadLock;
use dmaengine_core::{
    BusAddr, BusWidths, Caps, ChannelId, Direction, Engine, Facts, Generation, Micros, Platform, PrepError, Region,
    ResidueGranularity, TransferError,
};

use crate::hw::{self, Hw, HwConfig, Moves, Nanos, Program, StopLatency};

/// What the mock engine is like.
#[derive(Clone, Copy, Debug)]
pub struct MockConfig {
    /// Channels, at most 64.
    pub channels: u8,
    /// How long the hardware really goes on touching memory after it was told to stop.
    pub stop_latency: Micros,
    /// How long the driver says that it does. A hardware slower than its driver's word is a fault to test with.
    pub stop_bound: Micros,
    /// Bytes that a memory copy moves in a microsecond.
    pub copy_bytes_per_us: u32,
}

impl Default for MockConfig {
    /// Four channels; stops 1 ms after it was told to, and says so; copies 1,000 bytes in a microsecond.
    fn default() -> Self {
        Self { channels: 4, stop_latency: Micros(1_000), stop_bound: Micros(1_000), copy_bytes_per_us: 1_000 }
    }
}

/// The engine. Every ability there is.
#[derive(Debug)]
pub struct Mock {
    hw: Hw,
    facts: Facts,
}

/// A channel, as the driver remembers it.
#[derive(Debug)]
pub struct MockChannel(usize);

/// A prepared transfer.
#[derive(Debug, Default)]
pub struct MockDescriptor {
    moves: Option<Moves>,
    repeat: bool,
}

impl From<Moves> for MockDescriptor {
    fn from(moves: Moves) -> Self {
        Self { moves: Some(moves), repeat: false }
    }
}

impl Default for Mock {
    fn default() -> Self {
        Self::new(MockConfig::default())
    }
}

impl Mock {
    /// Builds hardware and driver.
    ///
    /// # Panics
    /// If there are more than 64 channels, or copies have no speed.
    pub fn new(config: MockConfig) -> Self {
        let hw = Hw::new(HwConfig {
            channels: usize::from(config.channels),
            stop_latency: StopLatency::After(Nanos::from_micros(config.stop_latency.0)),
            copy_bytes_per_us: config.copy_bytes_per_us,
        });
        let facts = Facts {
            channels: config.channels,
            caps: Caps::all(),
            stop: StopKind::Deferred { bound: config.stop_bound, interrupt: true },
            residue: ResidueGranularity::Burst,
            widths: BusWidths::all(),
            align: 1,
            max_segment: 1 << 20,
            max_segments: 4_096,
        };
        Self { hw, facts }
    }

    /// The hardware: its clock, its log, its peripherals, and the trouble it can make.
    pub fn hw(&self) -> &Hw {
        &self.hw
    }
}

// SAFETY: `Hw::map` answers an address behind which the device reaches just that memory until `unmap`. Device and CPU
// share one memory, the device's accesses happen inside calls of `Hw`, so there is nothing to write back or to fetch.
unsafe impl Platform for Mock {
    type Lock = ThreadLock;

    fn now(&self) -> Micros {
        Micros(self.hw.now().as_micros())
    }

    fn delay(&self, time: Micros) {
        self.hw.advance_to(self.hw.now() + Nanos::from_micros(time.0));
    }

    fn map(&self, region: &Region, direction: Direction) -> Result<BusAddr, PrepError> {
        let bus = if direction == Direction::MemToDev {
            // SAFETY: the library keeps the memory alive, and away from everybody else, until it calls `unmap`.
            unsafe { self.hw.map_read_only(region.ptr, region.len) }
        } else {
            // SAFETY: as above.
            unsafe { self.hw.map(region.ptr, region.len) }
        };
        Ok(BusAddr(bus))
    }

    fn unmap(&self, region: &Region, _direction: Direction) {
        self.hw.unmap(region.bus.0);
    }

    fn sync_for_cpu(&self, _part: &Region) {}

    fn sync_for_device(&self, _part: &Region) {}
}

// SAFETY: `Hw` touches a program's memory between `enable` and `Done`, `Fault`, or `is_touching` answering false, and
// nothing but the program's regions, which were checked against their mappings' bounds when they were cut from them.
unsafe impl Engine for Mock {
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
        MockChannel(usize::from(id.0))
    }

    fn start(&self, channel: &mut MockChannel, transfer: &mut MockDescriptor, generation: Generation) {
        if let Some(moves) = transfer.moves.take() {
            self.hw.program(channel.0, Program { tag: generation.0, moves });
            self.hw.repeat(channel.0, transfer.repeat);
            self.hw.enable(channel.0);
        }
    }

    fn stop(&self, channel: &mut MockChannel) {
        self.hw.disable(channel.0);
    }

    fn is_stopped(&self, channel: &mut MockChannel) -> bool {
        !self.hw.is_touching(channel.0)
    }

    fn progress(&self, channel: &mut MockChannel, _transfer: &MockDescriptor) -> Progress {
        let progress = self.hw.progress(channel.0);
        Progress { bytes: progress.bytes, in_flight: progress.in_flight }
    }

    fn interrupt(&self) -> ChannelSet {
        ChannelSet(self.hw.irq_pending())
    }

    fn service(&self, channel: &mut MockChannel, _transfer: Option<&mut MockDescriptor>) -> Option<News> {
        let news = self.hw.take_news(channel.0)?;
        let kind = match news.kind {
            hw::NewsKind::Periods(periods) => NewsKind::Periods(periods),
            hw::NewsKind::Done => NewsKind::Done,
            hw::NewsKind::Stopped => NewsKind::Stopped,
            hw::NewsKind::Fault => NewsKind::Failed(TransferError::Bus),
        };
        Some(News { generation: Generation(news.tag), kind })
    }

    fn reset(&self, channel: &mut MockChannel) -> bool {
        self.hw.reset(channel.0);
        true
    }

    fn park(&self, _channel: &mut MockChannel) {}

    fn release(&self, _channel: &mut MockChannel, transfer: &mut MockDescriptor) {
        *transfer = MockDescriptor::default();
    }
}
