//! The mock engine in virtual time, in any temper, with peripherals that their own driver turns on and off, or that only follow
//! their channel.

use std::sync::atomic::{AtomicBool, Ordering::Relaxed};

use backend_mock::hw::{Hw, Nanos, News, NewsKind, Peripheral, Source, StopLatency, StreamConfig};
use backend_mock::{Cpu, MockConfig};
use dmaengine_core::engine::StopKind;
use dmaengine_core::{
    Atomic, BusAddr, BusWidth, Direction, Dma, Engine, Micros, ResidueGranularity, SlaveConfig, Sleepable,
};
use pcm_dmaengine::{
    Broken, Draining, HwParams, PauseFailed, Paused, Playback, ReleaseFailed, Running, SampleFormat, Suspended,
    Trigger, Way,
};

use super::moody::Moody;
use super::{Able, Machine, Processor, Truth};
use crate::noise::Noise;
use crate::random::Random;
use crate::witness::Device;

pub struct MockMachine {
    dma: Dma<Moody, 2>,
    bound: Micros,
    /// The peripherals are turned on and off at triggers.
    gated: AtomicBool,
}

impl MockMachine {
    fn hw(&self) -> &Hw {
        self.dma.engine().mock.hw()
    }

    fn residue(&self) -> ResidueGranularity {
        self.dma.engine().facts().residue
    }
}

impl Able for Moody {
    const PAUSES: bool = true;

    fn pause<D: Way>(running: Running<'_, Self, D>) -> Result<Paused<'_, Self, D>, PauseFailed<'_, Self, D>> {
        running.pause()
    }

    fn resume<D: Way>(paused: Paused<'_, Self, D>) -> Result<Running<'_, Self, D>, ReleaseFailed<'_, Self, D>> {
        paused.resume()
    }

    fn suspend<D: Way>(running: Running<'_, Self, D>) -> Result<Suspended<'_, Self, D>, Broken<'_, Self, D>> {
        running.suspend_paused()
    }

    fn suspend_rest(draining: Draining<'_, Self>) -> Suspended<'_, Self, Playback> {
        draining.suspend_paused()
    }
}

impl Device for MockMachine {
    fn trigger(&self, stream: usize, trigger: Trigger) {
        if !self.gated.load(Relaxed) {
            return;
        }
        if trigger == Trigger::Start {
            self.hw().flush(stream);
        }
        self.hw().set_enabled(stream, trigger.starts());
    }
}

impl Machine for MockMachine {
    type Engine = Moody;

    fn new(random: &mut Random) -> Self {
        let burst = (3, ResidueGranularity::Burst);
        let residue = random.weighed(&[burst, (1, ResidueGranularity::Segment), (1, ResidueGranularity::Descriptor)]);
        let bound = Micros(random.of(&[100, 1_000, 3_000]));
        let deferred = |interrupt| StopKind::Deferred { bound, interrupt };
        let stop = random.weighed(&[(4, deferred(true)), (1, deferred(false)), (1, StopKind::AtOnce)]);
        let latency = if stop == StopKind::AtOnce { Micros::ZERO } else { Micros(random.up_to(bound.0)) };
        let config = MockConfig { channels: 2, stop_latency: latency, stop_bound: bound, ..MockConfig::default() };
        let dma = Dma::new(Moody::new(config, residue, stop));
        let this = Self { dma, bound: stop.bound(), gated: AtomicBool::new(random.one_in(2)) };
        this.hw().set_log(false);
        this
    }

    fn dma(&self) -> &Dma<Moody, 2> {
        &self.dma
    }

    fn config(&self, _stream: usize, _way: Direction, _channels: u16) -> SlaveConfig<()> {
        SlaveConfig::new(BusAddr(0x0202_8004), BusWidth::Two, ())
    }

    fn processor<'a>(&'a self, handler: impl Fn(&Atomic<'_>) + 'a) -> impl Processor + 'a {
        Host { hw: self.hw(), cpu: Cpu::new(&self.dma.engine().mock, handler) }
    }

    fn sounds(&self) -> (&'static [SampleFormat], u16) {
        (&SampleFormat::ALL, 4)
    }

    fn attach(&self, stream: usize, way: Direction, params: &HwParams, noise: &Noise, random: &mut Random) {
        let (rate, watermark) = (params.rate, random.between(1, 8) as u32);
        let config = StreamConfig { rate, frame_bytes: params.frame_bytes(), fifo_frames: 32, watermark };
        let peripheral = if way == Direction::MemToDev {
            Peripheral::player(config)
        } else {
            Peripheral::recorder(config, Source { frames: noise.bytes.clone(), repeat: u64::MAX })
        };
        self.hw().attach(stream, peripheral);
        self.hw().set_enabled(stream, !self.gated.load(Relaxed));
    }

    fn truth(&self, stream: usize) -> Truth {
        let progress = self.hw().progress(stream);
        let device = self.hw().with_peripheral(stream, |device| {
            let first = device.runs().last().map_or(0, |run| run.first_frame);
            let lost = device.overruns() + device.flushed() + device.unheard();
            (u64::from(device.config().frame_bytes), first, lost)
        });
        let (frame, first, lost) = device.unwrap_or((1, 0, 0));
        let come = progress.bytes / frame;
        let run = if progress.started.is_some() { progress.tag + 1 } else { 0 };
        Truth { run, least: come, most: come, first, lost }
    }

    fn played(&self, stream: usize, see: &mut dyn FnMut(u64, &[u8])) {
        self.hw().with_peripheral(stream, |device| device.taken().iter().for_each(|run| see(run.tag + 1, run.bytes)));
    }

    fn is_exact(&self) -> bool {
        self.residue() == ResidueGranularity::Burst
    }

    fn loses(&self) -> bool {
        false
    }

    fn lead(&self) -> u64 {
        0
    }

    fn queues(&self) -> bool {
        !matches!(self.dma.engine().facts().stop, StopKind::Deferred { interrupt: false, .. })
    }

    fn trouble(&self, stream: usize, random: &mut Random) -> (String, bool) {
        let (tag, at) = (self.hw().progress(stream).tag, self.hw().now());
        // News of a run that is over. Of this one only where an engine may say it twice: periods that are counted are not.
        let kind = random.of(&[NewsKind::Periods(1), NewsKind::Stopped]);
        let news = match random.up_to(2) {
            0 if self.is_exact() => Some(News { tag, at, kind: NewsKind::Periods(1) }),
            1 => tag.checked_sub(1).map(|tag| News { tag, at, kind }),
            _ => None,
        };
        if let Some(news) = news {
            self.hw().post_news(stream, news);
            return (format!("{news:?}"), false);
        }
        let slow = self.bound > Micros::ZERO && random.one_in(2);
        let most = if slow { 20 * self.bound.0 } else { self.bound.0 };
        let latency = StopLatency::After(Nanos::from_micros(random.up_to(most)));
        let latency = if slow && random.one_in(3) { StopLatency::Never } else { latency };
        self.hw().set_stop_latency(latency);
        (format!("{latency:?}"), slow)
    }

    fn no_trouble(&self) {
        self.hw().set_stop_latency(StopLatency::After(Nanos::from_micros(self.bound.0)));
    }

    fn is_shaken(&self) -> bool {
        false
    }

    fn refuse(&self, preparations: u32, pauses: u32) -> bool {
        self.dma.engine().refusals.store(preparations, Relaxed);
        self.dma.engine().pause_refusals.store(pauses, Relaxed);
        true
    }

    fn refusals(&self) -> (u32, u32) {
        (self.dma.engine().refusals.load(Relaxed), self.dma.engine().pause_refusals.load(Relaxed))
    }

    fn check(&self) {
        assert_eq!(self.hw().late_accesses(), 0, "memory was touched that had been given back");
        assert_eq!(self.hw().faults(), 0, "memory was touched that nobody had given");
    }
}

struct Host<'a, H> {
    hw: &'a Hw,
    cpu: Cpu<'a, H>,
}

impl<H: Fn(&Atomic<'_>)> Processor for Host<'_, H> {
    fn pass(&self, time: Micros) {
        self.cpu.run_until(self.hw.now() + Nanos::from_micros(time.0));
    }

    fn hold_off(&self, hold: bool) {
        self.cpu.hold_off_interrupts(hold);
    }

    fn take_interrupt(&self) {
        self.cpu.take_interrupt();
    }

    fn masked(&self, context: &mut Sleepable<'_>, body: &mut dyn FnMut()) {
        self.cpu.masked(context, |_| body());
    }

    fn thread(&self, body: &mut dyn FnMut(&mut Sleepable<'_>)) {
        self.cpu.thread(body);
    }
}
