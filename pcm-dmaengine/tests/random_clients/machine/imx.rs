//! The driver of the i.MX SDMA on the simulated SDMA, with a codec at the lines of SSI1 and another at those of SSI2, and
//! hardware in trouble now and then.

use std::sync::atomic::{AtomicBool, AtomicU64, Ordering::Relaxed};

use backend_imx_sdma::peripheral::{Priority, RequestLine};
use backend_imx_sdma::{Fence, Peripheral, Settings};
use dmaengine_core::{Atomic, BusAddr, BusWidth, Direction, Dma, Micros, SlaveConfig, Sleepable};
use pcm_dmaengine::{
    Broken, Draining, HwParams, PauseFailed, Paused, Playback, ReleaseFailed, Running, SampleFormat, Suspended,
    Trigger, Way,
};
use sim_board::{Board, Codec, Cpu, Engine};
use sim_imx_sdma::bus::Handle;
use sim_imx_sdma::time::{Clock, Cycles};
use sim_imx_sdma::{ReportKind, Trouble};

use super::{Able, Machine, Processor, Truth};
use crate::noise::Noise;
use crate::random::Random;
use crate::witness::Device;

const CLOCK: Clock = Clock::IMX6;
/// SSI1 and SSI2, and their request lines for capture and playback (i.MX 6Dual/6Quad RM, table "SDMA event mapping").
const SSI: [u32; 2] = [0x0202_8000, 0x0202_C000];
const LINES: [[u8; 2]; 2] = [[37, 38], [41, 42]];

pub struct ImxMachine {
    board: Board,
    dma: Dma<Engine<Fence>, 2>,
    codecs: [Handle<Codec>; 2],
    starts: [AtomicU64; 2],
    /// Whose overruns there were at the last start.
    overruns: [AtomicU64; 2],
    troubled: AtomicBool,
}

impl ImxMachine {
    fn codec<R>(&self, stream: usize, f: impl FnOnce(&mut Codec, Cycles) -> R) -> R {
        self.board.hw(|hw| {
            let now = hw.now();
            hw.bus().advance(now);
            f(hw.bus().peripheral(self.codecs[stream]), now)
        })
    }
}

impl Able for Engine<Fence> {
    const PAUSES: bool = false;

    fn pause<D: Way>(_running: Running<'_, Self, D>) -> Result<Paused<'_, Self, D>, PauseFailed<'_, Self, D>> {
        unreachable!("it does not pause")
    }

    fn resume<D: Way>(_paused: Paused<'_, Self, D>) -> Result<Running<'_, Self, D>, ReleaseFailed<'_, Self, D>> {
        unreachable!("it does not pause")
    }

    fn suspend<D: Way>(_running: Running<'_, Self, D>) -> Result<Suspended<'_, Self, D>, Broken<'_, Self, D>> {
        unreachable!("it does not pause")
    }

    fn suspend_rest(_draining: Draining<'_, Self>) -> Suspended<'_, Self, Playback> {
        unreachable!("it does not pause")
    }
}

impl Device for ImxMachine {
    fn trigger(&self, stream: usize, trigger: Trigger) {
        if trigger == Trigger::Start {
            self.starts[stream].fetch_add(1, Relaxed);
            let overruns = self.codec(stream, |codec, now| {
                codec.start(now);
                codec.overruns()
            });
            self.overruns[stream].store(overruns, Relaxed);
        } else {
            self.codec(stream, Codec::stop);
        }
    }
}

impl Machine for ImxMachine {
    type Engine = Engine<Fence>;

    fn new(_random: &mut Random) -> Self {
        let board = Board::new();
        let dma = Dma::new(board.sdma(Settings::default()).expect("the SDMA answers"));
        let codecs = SSI.map(|base| {
            let codec = Codec::loudspeaker(CLOCK, 1_000, 1, 0);
            board.hw(|hw| hw.bus().add_peripheral(base, 0x4000, codec).expect("nothing else is there"))
        });
        let (starts, overruns) = (Default::default(), Default::default());
        Self { board, dma, codecs, starts, overruns, troubled: AtomicBool::new(false) }
    }

    fn dma(&self) -> &Dma<Engine<Fence>, 2> {
        &self.dma
    }

    fn config(&self, stream: usize, way: Direction, channels: u16) -> SlaveConfig<Peripheral> {
        let line = LINES[stream][usize::from(way == Direction::MemToDev)];
        let line = RequestLine::new(line).expect("a line of i.MX6");
        let peripheral = Peripheral::ssi_shared(line).with_priority(Priority::High);
        let burst = Codec::BURST as u16 * channels;
        SlaveConfig::new(BusAddr(SSI[stream].into()), BusWidth::Two, peripheral).with_max_burst(burst)
    }

    fn processor<'a>(&'a self, handler: impl Fn(&Atomic<'_>) + 'a) -> impl Processor + 'a {
        Host { board: &self.board, cpu: Cpu::new(&self.board, handler) }
    }

    fn sounds(&self) -> (&'static [SampleFormat], u16) {
        (&[SampleFormat::S16Le], 2)
    }

    fn attach(&self, stream: usize, way: Direction, params: &HwParams, noise: &Noise, _random: &mut Random) {
        let line = LINES[stream][usize::from(way == Direction::MemToDev)];
        let codec = if way == Direction::MemToDev {
            Codec::loudspeaker(CLOCK, params.rate, params.channels, line)
        } else {
            Codec::microphone(CLOCK, params.rate, params.channels, line, noise.bytes.clone())
        };
        self.codec(stream, |old, _| *old = codec);
        self.starts[stream].store(0, Relaxed);
        self.overruns[stream].store(0, Relaxed);
    }

    fn truth(&self, stream: usize) -> Truth {
        let run = self.starts[stream].load(Relaxed);
        let before = self.overruns[stream].load(Relaxed);
        self.codec(stream, |codec, _| {
            let (first, lost) = (codec.first_frame(), codec.overruns() - before);
            Truth { run, least: 0, most: codec.passed() + Codec::FIFO + 1, first, lost }
        })
    }

    fn played(&self, stream: usize, see: &mut dyn FnMut(u64, &[u8])) {
        self.codec(stream, |codec, _| codec.played().zip(1..).for_each(|(bytes, run)| see(run, bytes)));
    }

    fn is_exact(&self) -> bool {
        false
    }

    fn loses(&self) -> bool {
        true
    }

    fn lead(&self) -> u64 {
        Codec::FIFO + Codec::BURST
    }

    fn queues(&self) -> bool {
        true
    }

    fn trouble(&self, stream: usize, random: &mut Random) -> (String, bool) {
        self.troubled.store(true, Relaxed);
        let channel = if random.one_in(2) { 0 } else { stream as u8 + 1 };
        let by = Cycles(random.between(1, 20_000));
        let trouble = match random.up_to(6) {
            0 => Trouble::HoldCore { channel, time: Cycles(random.between(1, 50_000)) },
            1 => Trouble::SlowChannel0 { by: Cycles(random.between(1, 2_000)) },
            2 => Trouble::LostInterrupt { channel },
            3 => Trouble::LateInterrupt { channel, by },
            4 => Trouble::DoubledInterrupt { channel },
            5 => Trouble::StaleInterrupt { channel, by },
            _ => Trouble::TrailingSave { by: Cycles(random.between(1, 200)) },
        };
        // One at a time, so that two together do not exceed the bound of a stop.
        self.board.hw(|hw| {
            hw.clear_troubles();
            hw.cause(trouble);
        });
        (format!("{trouble:?}"), false)
    }

    fn no_trouble(&self) {
        self.board.hw(|hw| hw.clear_troubles());
    }

    fn is_shaken(&self) -> bool {
        self.troubled.load(Relaxed)
    }

    fn refuse(&self, _preparations: u32, _pauses: u32) -> bool {
        false
    }

    fn refusals(&self) -> (u32, u32) {
        (0, 0)
    }

    fn check(&self) {
        assert_eq!(self.board.trespasses(), 0, "memory was touched that had been given back");
        let troubled = self.troubled.load(Relaxed);
        self.board.hw(|hw| {
            // A request that a script missed is no fault: the codec repeats it.
            let missed = |kind| matches!(kind, ReportKind::LostWakeup { .. });
            let report = hw.reports().iter().find(|report| !missed(report.kind)).copied();
            assert!(troubled || report.is_none(), "{report:?}");
            hw.clear_reports();
        });
    }
}

struct Host<'a, H> {
    board: &'a Board,
    cpu: Cpu<'a, H>,
}

impl<H: Fn(&Atomic<'_>)> Processor for Host<'_, H> {
    fn pass(&self, time: Micros) {
        self.cpu.run_until(self.board.after(time.0));
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
