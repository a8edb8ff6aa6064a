//! The mock in virtual time, with a peripheral that is started and stopped by its engine.

use backend_mock::hw::{Hw, Nanos, Peripheral, Source, StreamConfig};
use backend_mock::{Cpu, Mock, MockConfig};
use dmaengine_core::{Atomic, BusAddr, BusWidth, Dma, Micros, SlaveConfig, Sleepable};

use super::{Machine, Processor};
use crate::audio::Sound;
use crate::options::Options;
use crate::plan::{LATE, Plan};
use crate::timeline::{Doing, Lane, Span};

pub const FIFO: u32 = 32;

/// The hardware of a run: one channel, with the sound at its far end.
pub fn hardware(options: &Options, sound: &Sound, plan: &Plan) -> Mock {
    let latency = Micros(options.stop_latency_us);
    let config = MockConfig { channels: 1, stop_latency: latency, stop_bound: latency, ..MockConfig::default() };
    let mock = Mock::new(config);
    let stream =
        StreamConfig { rate: sound.rate, frame_bytes: sound.frame_bytes() as u32, fifo_frames: FIFO, watermark: 1 };
    let source = Source { frames: sound.bytes.clone(), repeat: plan.repeats };
    mock.hw()
        .attach(0, if options.playback { Peripheral::player(stream) } else { Peripheral::recorder(stream, source) });
    mock
}

/// Frames of the sound that the recorder has given.
pub fn given(hw: &Hw) -> u64 {
    hw.with_peripheral(0, |peripheral| peripheral.given()).unwrap_or(0)
}

/// The frame with which the recorder's latest run began.
pub fn first_frame(hw: &Hw) -> u64 {
    hw.with_peripheral(0, |recorder| recorder.runs().last().map(|run| run.first_frame)).flatten().unwrap_or(0)
}

/// Hands over what the player has played, run by run.
pub fn played(hw: &Hw, deliver: &mut dyn FnMut(&mut dyn Iterator<Item = &[u8]>)) {
    hw.with_peripheral(0, |player| deliver(&mut player.taken().iter().map(|run| run.bytes)));
}

/// The access log around a stop, which is closed with that. The new transfer is that of `new_tag`.
pub fn spans(hw: &Hw, stop: Nanos, new_tag: Option<u64>) -> Vec<Span> {
    let log = hw.log();
    hw.set_log(false);
    // The old transfer is the one whose accesses go up to the stop; nothing else was running.
    let old_tag = log.iter().filter(|access| access.from <= stop).map(|access| access.tag).next_back();
    let recent = Nanos(stop.0.saturating_sub(1_000_000));
    let recent = log.iter().filter(|access| access.to >= recent);
    let spans = recent.filter_map(|access| {
        let doing = match (Some(access.tag) == old_tag, access.late) {
            (_, true) => Doing::Late,
            (true, _) => Doing::OldRun,
            (false, _) if Some(access.tag) == new_tag => Doing::NewRun,
            _ => return None,
        };
        Some(Span { from: access.from, to: access.to, lane: Lane::Engine, doing })
    });
    spans.collect()
}

pub struct MockMachine {
    dma: Dma<Mock, 1>,
    frame: u64,
}

impl MockMachine {
    pub fn new(options: &Options, sound: &Sound, plan: &Plan) -> Self {
        Self { dma: Dma::new(hardware(options, sound, plan)), frame: sound.frame_bytes() as u64 }
    }

    fn hw(&self) -> &Hw {
        self.dma.engine().hw()
    }
}

impl Machine for MockMachine {
    type Engine = Mock;

    const FIFO: u64 = FIFO as u64;

    fn dma(&self) -> &Dma<Mock, 1> {
        &self.dma
    }

    fn device(&self) -> SlaveConfig<()> {
        SlaveConfig::new(BusAddr(0x0202_8004), BusWidth::Two, ())
    }

    fn processor<'a>(&'a self, handler: impl Fn(&Atomic<'_>) + 'a) -> impl Processor + 'a {
        Cpu::new(self.dma.engine(), handler)
    }

    fn now(&self) -> Nanos {
        self.hw().now()
    }

    fn start<T, E>(&self, channel: impl FnOnce() -> Result<T, E>) -> Result<T, E> {
        channel()
    }

    fn stop(&self) {}

    fn late(&self, _nth: u64) -> u64 {
        LATE
    }

    fn passed(&self) -> u64 {
        self.hw().progress(0).bytes / self.frame
    }

    fn given(&self) -> u64 {
        given(self.hw())
    }

    fn first_frame(&self) -> u64 {
        first_frame(self.hw())
    }

    fn began(&self) -> Option<Nanos> {
        self.hw().progress(0).started
    }

    fn spans(&self, stop: Nanos) -> Vec<Span> {
        spans(self.hw(), stop, Some(self.hw().progress(0).tag))
    }

    fn played(&self, deliver: &mut dyn FnMut(&mut dyn Iterator<Item = &[u8]>)) {
        played(self.hw(), deliver);
    }

    fn late_accesses(&self) -> u64 {
        self.hw().late_accesses()
    }

    fn faults(&self) -> u64 {
        self.hw().faults()
    }
}

impl<H: Fn(&Atomic<'_>)> Processor for Cpu<'_, H> {
    fn thread<R>(&self, body: impl FnOnce(&mut Sleepable<'_>) -> R) -> R {
        self.thread(body)
    }

    fn masked<R>(&self, context: &mut Sleepable<'_>, body: impl FnOnce(&Atomic<'_>) -> R) -> R {
        self.masked(context, body)
    }

    fn hold_off_interrupts(&self, hold: bool) {
        self.hold_off_interrupts(hold);
    }

    fn take_interrupt(&self) {
        self.take_interrupt();
    }

    fn run_until(&self, moment: Nanos) {
        self.run_until(moment);
    }
}
