//! The mock as a device of this machine.
//!
//! The mock keeps a host's threads apart, by a lock that spins. Here an exception would spin for ever for what it has interrupted, so the
//! machine's critical section is around every call: that is [`Machine::hw`]. The library's own lock is the same section.
//!
//! # Time
//!
//! It is the mock's. It passes at each tick of SysTick, [`TICK`] at a time, and where somebody waits busily.
//!
//! # Interrupts
//!
//! SysTick raises interrupt 0 while the mock has news, and is above it: time passes, and news come, while that handler runs.
//!
//! The module has `unsafe` because it implements [`Engine`] and [`Platform`]. Every promise is kept by [`Mock`], to which every call goes,
//! and by the critical section.

use backend_mock::hw::{Hw, Nanos};
use backend_mock::{Mock, MockChannel, MockConfig, MockDescriptor};
use dmaengine_core::context::InInterrupt;
use dmaengine_core::engine::{ChannelSet, News, Progress};
use dmaengine_core::lock::CriticalSectionLock;
use dmaengine_core::{
    BusAddr, ChannelId, Cyclic, Direction, Dma, Engine, EngineCyclic, EngineQueueAfterStop, EngineTerminateAtomic,
    Facts, Generation, Micros, Platform, PrepError, Region,
};
use m4::{nvic, systick};
use spin::Once;

/// Time that passes with a tick of SysTick.
pub const TICK: Micros = Micros(50);
/// What it takes the processor, in counts of SysTick.
const COUNTS: u32 = 5_000;
/// Below SysTick's, which is 0.
const DMA_PRIORITY: u8 = 0x80;

/// The engine, and the machine around it.
#[derive(Debug)]
pub struct Machine(Mock);

static DMA: Once<Dma<Machine, 1>> = Once::new();

/// The machine's DMA with its one channel; at the first call time begins.
pub fn dma() -> &'static Dma<Machine, 1> {
    DMA.call_once(|| {
        let machine = Machine(Mock::new(MockConfig { channels: 1, ..MockConfig::default() }));
        machine.hw(|hw| hw.set_log(false));
        nvic::set_priority(DMA_PRIORITY);
        nvic::enable();
        systick::every(COUNTS);
        Dma::new(machine)
    })
}

/// The same for handlers, which may come before it is there.
pub fn dma_if_any() -> Option<&'static Dma<Machine, 1>> {
    DMA.get()
}

/// SysTick's handler: time passes.
pub fn tick() {
    let Some(dma) = DMA.get() else { return };
    let has_news = dma.engine().hw(|hw| {
        hw.advance_to(hw.now() + Nanos::from_micros(TICK.0));
        hw.irq_pending() != 0
    });
    if has_news {
        nvic::raise();
    }
}

impl Machine {
    /// The mock's hardware, alone. Any context.
    pub fn hw<R>(&self, f: impl FnOnce(&Hw) -> R) -> R {
        self.alone(|mock| f(mock.hw()))
    }

    fn alone<R>(&self, f: impl FnOnce(&Mock) -> R) -> R {
        critical_section::with(|_section| f(&self.0))
    }
}

// SAFETY: the mock's.
unsafe impl Platform for Machine {
    type Lock = CriticalSectionLock;

    fn now(&self) -> Micros {
        self.alone(Platform::now)
    }

    fn delay(&self, time: Micros) {
        self.alone(|mock| mock.delay(time));
    }

    fn map(&self, region: &Region, direction: Direction) -> Result<BusAddr, PrepError> {
        self.alone(|mock| mock.map(region, direction))
    }

    fn unmap(&self, region: &Region, direction: Direction) {
        self.alone(|mock| mock.unmap(region, direction));
    }

    fn sync_for_cpu(&self, part: &Region) {
        self.alone(|mock| mock.sync_for_cpu(part));
    }

    fn sync_for_device(&self, part: &Region) {
        self.alone(|mock| mock.sync_for_device(part));
    }
}

// SAFETY: the mock's.
unsafe impl Engine for Machine {
    type Platform = Self;
    type Callbacks = InInterrupt;
    type Channel = MockChannel;
    type Descriptor = MockDescriptor;
    type Peripheral = ();

    fn facts(&self) -> &Facts {
        self.0.facts()
    }

    fn platform(&self) -> &Self {
        self
    }

    fn open(&self, id: ChannelId) -> MockChannel {
        self.alone(|mock| mock.open(id))
    }

    fn start(&self, channel: &mut MockChannel, transfer: &mut MockDescriptor, generation: Generation) {
        self.alone(|mock| mock.start(channel, transfer, generation));
    }

    fn stop(&self, channel: &mut MockChannel) {
        self.alone(|mock| mock.stop(channel));
    }

    fn is_stopped(&self, channel: &mut MockChannel) -> bool {
        self.alone(|mock| mock.is_stopped(channel))
    }

    fn progress(&self, channel: &mut MockChannel, transfer: &MockDescriptor) -> Progress {
        self.alone(|mock| mock.progress(channel, transfer))
    }

    fn interrupt(&self) -> ChannelSet {
        self.alone(Engine::interrupt)
    }

    fn service(&self, channel: &mut MockChannel, transfer: Option<&mut MockDescriptor>) -> Option<News> {
        self.alone(|mock| mock.service(channel, transfer))
    }

    fn reset(&self, channel: &mut MockChannel) -> bool {
        self.alone(|mock| mock.reset(channel))
    }

    fn park(&self, channel: &mut MockChannel) {
        self.alone(|mock| mock.park(channel));
    }

    fn release(&self, channel: &mut MockChannel, transfer: &mut MockDescriptor) {
        self.alone(|mock| mock.release(channel, transfer));
    }
}

// SAFETY: the mock's.
unsafe impl EngineCyclic for Machine {
    fn prep_cyclic(
        &self,
        channel: &mut MockChannel,
        transfer: &mut MockDescriptor,
        buffer: &Region,
        request: &Cyclic,
    ) -> Result<(), PrepError> {
        self.alone(|mock| mock.prep_cyclic(channel, transfer, buffer, request))
    }
}

// SAFETY: the mock's.
unsafe impl EngineTerminateAtomic for Machine {
    fn atomic_bound(&self) -> Micros {
        self.0.atomic_bound()
    }
}

// SAFETY: the mock's.
unsafe impl EngineQueueAfterStop for Machine {
    fn queue(&self, channel: &mut MockChannel, next: &mut MockDescriptor) {
        self.alone(|mock| mock.queue(channel, next));
    }
}
