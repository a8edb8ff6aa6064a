//! The mock as a stage: an engine that pauses, and needs a millisecond to stop.

use backend_mock::hw::{Nanos, Peripheral, Source, StreamConfig};
use backend_mock::{Cpu, Mock, MockConfig};
use dmaengine_core::{Atomic, Direction, Dma, Micros, SlaveConfig, Sleepable};
use pcm_dmaengine::dynamic::DynPcm;
use pcm_dmaengine::{Dai, DaiError, Recovery, Trigger, Way};

use crate::common::{device, numbered};
use crate::desk::Stage;

const LINE: StreamConfig = StreamConfig { rate: 48_000, frame_bytes: 4, fifo_frames: 32, watermark: 1 };
/// Frames that the microphone has: for 40 seconds.
const FRAMES: u32 = 2_000_000;

/// A device's switch.
struct Switch {
    dma: &'static Dma<Mock, 2>,
    channel: usize,
}

impl Dai for Switch {
    fn trigger(&self, trigger: Trigger, _context: &Atomic<'_>) -> Result<(), DaiError> {
        let hw = self.dma.engine().hw();
        if trigger == Trigger::Start {
            hw.flush(self.channel);
        }
        hw.set_enabled(self.channel, trigger.starts());
        Ok(())
    }
}

pub struct MockStage {
    dma: &'static Dma<Mock, 2>,
    switches: [Switch; 2],
}

impl MockStage {
    pub fn new() -> Self {
        let latency = Micros(1_000);
        let config = MockConfig { channels: 2, stop_latency: latency, stop_bound: latency, ..MockConfig::default() };
        let dma: &'static Dma<Mock, 2> = Box::leak(Box::new(Dma::new(Mock::new(config))));
        let source = Source { frames: numbered(1, FRAMES).into(), repeat: 1 };
        dma.engine().hw().attach(0, Peripheral::recorder(LINE, source));
        dma.engine().hw().attach(1, Peripheral::player(LINE));
        dma.engine().hw().set_enabled(0, false);
        dma.engine().hw().set_enabled(1, false);
        Self { dma, switches: [0, 1].map(|channel| Switch { dma, channel }) }
    }
}

impl Stage for MockStage {
    type Engine = Mock;

    const ATOMIC: Recovery<Mock> = Recovery::ATOMIC;
    const QUEUE_AFTER_STOP: Recovery<Mock> = Recovery::QUEUE_AFTER_STOP;

    fn dma(&self) -> &Dma<Mock, 2> {
        self.dma
    }

    fn device(&self, _direction: Direction) -> SlaveConfig {
        device()
    }

    fn dai(&self, direction: Direction) -> &dyn Dai {
        &self.switches[usize::from(direction == Direction::MemToDev)]
    }

    fn able<'a, D: Way>(pcm: DynPcm<'a, Mock, D>) -> DynPcm<'a, Mock, D> {
        pcm.with_pause()
    }

    fn thread<R>(&self, handler: &dyn Fn(&Atomic<'_>), body: impl FnOnce(&dyn Fn(Micros), &Sleepable<'_>) -> R) -> R {
        let cpu = Cpu::new(self.dma.engine(), handler);
        let pass = |time: Micros| cpu.run_until(self.dma.engine().hw().now() + Nanos::from_micros(time.0));
        cpu.thread(|context| body(&pass, context))
    }

    fn played(&self) -> Vec<Vec<u8>> {
        let runs = |player: &mut Peripheral| player.taken().iter().map(|run| run.bytes.to_vec()).collect();
        self.dma.engine().hw().with_peripheral(1, runs).expect("a player is attached")
    }

    fn late_accesses(&self) -> u64 {
        self.dma.engine().hw().late_accesses()
    }
}
