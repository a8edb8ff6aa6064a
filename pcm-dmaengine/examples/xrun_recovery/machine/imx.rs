//! An i.MX6 that is not there: the SDMA's driver on the simulated SDMA, with a codec at the lines of SSI1.

use std::cell::Cell;

use backend_imx_sdma::peripheral::{Priority, RequestLine};
use backend_imx_sdma::{Fence, Peripheral, Settings};
use backend_mock::hw::Nanos;
use dmaengine_core::{Atomic, BusAddr, BusWidth, Dma, SlaveConfig, Sleepable};
use sim_board::{Board, Codec, Cpu, Engine};
use sim_imx_sdma::ReportKind;
use sim_imx_sdma::bus::{Access, Handle, LogOptions, Watch};
use sim_imx_sdma::time::{Clock, Cycles};

use super::{Machine, Processor};
use crate::audio::Sound;
use crate::options::Options;
use crate::plan::LATE;
use crate::timeline::{Doing, Lane, Span};

const CLOCK: Clock = Clock::IMX6;
/// SSI1 and its request lines (i.MX 6Dual/6Quad RM, table "SDMA event mapping").
const SSI1: u32 = 0x0202_8000;
const RX: u8 = 37;
const TX: u8 = 38;
/// The SDMA's number for the first channel that clients can have.
const CHANNEL: u8 = 1;

/// What the SDMA moves in a second, one sample at a time, with room to spare.
const SAMPLES: u64 = 6_000_000;
/// What a descriptor can hold, in bytes.
const PERIOD: u32 = 65_535;
/// What a sample takes at most, and what channel 0 needs for its commands.
const SAMPLE: Cycles = Cycles(10);
const COMMANDS: Nanos = Nanos::from_micros(10);
/// All of the ring but a period.
pub const NEARLY: u64 = 448;
/// Accesses that are further apart are not of one burst.
const APART: Nanos = Nanos::from_micros(2);

/// Whether the SDMA can stream this sound.
pub fn suits(sound: &Sound) -> Result<(), String> {
    let samples = u64::from(sound.rate) * u64::from(sound.channels);
    if samples > SAMPLES {
        return Err(format!("{}: {samples} samples a second; the SDMA moves {SAMPLES}", sound.name));
    }
    let period = sound.params().period_size.0 as u32 * sound.params().frame_bytes();
    if period > PERIOD {
        return Err(format!("{}: a period is {period} bytes; the SDMA's descriptors hold {PERIOD}", sound.name));
    }
    Ok(())
}

/// The longest that a stop takes: a burst, and what channel 0 does to see it end.
pub fn stop_latency(sound: &Sound) -> Nanos {
    COMMANDS + Nanos(CLOCK.nanos(Cycles(Codec::BURST * u64::from(sound.channels) * SAMPLE.0)))
}

pub struct Imx {
    board: Board,
    dma: Dma<Engine<Fence>, 1>,
    codec: Handle<Codec>,
    config: SlaveConfig<Peripheral>,
    /// The accesses since the latest start, until it is known when the run began.
    watch: Cell<Option<Watch>>,
    began: Cell<Option<Nanos>>,
    faults: Cell<u64>,
}

impl Imx {
    pub fn new(options: &Options, sound: &Sound) -> Self {
        let board = Board::new();
        let dma = Dma::new(board.sdma(Settings::default()).expect("the SDMA answers"));
        let (rate, channels) = (sound.rate, sound.channels);
        let (line, codec) = if options.playback {
            (TX, Codec::loudspeaker(CLOCK, rate, channels, TX))
        } else {
            (RX, Codec::microphone(CLOCK, rate, channels, RX, sound.bytes.clone()))
        };
        let codec = board.hw(|hw| {
            hw.bus().start_log(LogOptions::default());
            hw.bus().add_peripheral(SSI1, 0x4000, codec).expect("nothing else is there")
        });
        let line = RequestLine::new(line).expect("a line of i.MX6");
        let peripheral = Peripheral::ssi_shared(line).with_priority(Priority::High);
        let burst = Codec::BURST as u16 * channels;
        let config = SlaveConfig::new(BusAddr(SSI1.into()), BusWidth::Two, peripheral).with_max_burst(burst);
        Self { board, dma, codec, config, watch: Cell::new(None), began: Cell::new(None), faults: Cell::new(0) }
    }

    /// The codec as it is now.
    fn codec<R>(&self, f: impl FnOnce(&mut Codec, Cycles) -> R) -> R {
        self.board.hw(|hw| {
            let now = hw.now();
            hw.bus().advance(now);
            f(hw.bus().peripheral(self.codec), now)
        })
    }

    /// Counts what the simulated SDMA has complained about, before it has no more room to. A request that a script missed is no
    /// fault: the codec repeats it.
    fn count_faults(&self) {
        let new = self.board.hw(|hw| {
            let missed = |kind| matches!(kind, ReportKind::LostWakeup { .. });
            let kept = hw.reports().iter().filter(|report| !missed(report.kind)).count() as u64;
            let new = kept + hw.reports_dropped();
            hw.clear_reports();
            new
        });
        self.faults.set(self.faults.get() + new);
    }
}

fn nanos(moment: Cycles) -> Nanos {
    Nanos(CLOCK.nanos(moment))
}

/// The run began when its context was loaded: with the last thing that channel 0 did. From then on its script answers the codec.
fn beginning(touches: &[Access]) -> Option<Nanos> {
    touches.iter().rfind(|access| access.channel == 0).map(|access| nanos(access.time))
}

impl Machine for Imx {
    type Engine = Engine<Fence>;

    const FIFO: u64 = Codec::FIFO;

    fn dma(&self) -> &Dma<Engine<Fence>, 1> {
        &self.dma
    }

    fn device(&self) -> SlaveConfig<Peripheral> {
        self.config
    }

    fn processor<'a>(&'a self, handler: impl Fn(&Atomic<'_>) + 'a) -> impl Processor + 'a {
        Cpu::new(&self.board, handler)
    }

    fn now(&self) -> Nanos {
        self.board.hw(|hw| nanos(hw.now()))
    }

    fn start<T, E>(&self, channel: impl FnOnce() -> Result<T, E>) -> Result<T, E> {
        let watch = self.board.hw(|hw| {
            let now = hw.now();
            hw.bus().watch(0..u32::MAX, now)
        });
        self.watch.set(Some(watch));
        let started = channel()?;
        self.codec(Codec::start);
        Ok(started)
    }

    fn stop(&self) {
        self.codec(Codec::stop);
        self.count_faults();
    }

    /// The SDMA is given its periods back by its interrupt, so without one it stops by itself at the end of the ring. Every other
    /// time that is so; the first time, and then every other, it runs when it is stopped.
    fn late(&self, nth: u64) -> u64 {
        if nth % 2 == 0 { NEARLY } else { LATE }
    }

    fn passed(&self) -> u64 {
        self.codec(|codec, _| codec.passed())
    }

    fn given(&self) -> u64 {
        self.codec(|codec, _| codec.given())
    }

    fn first_frame(&self) -> u64 {
        self.codec(|codec, _| codec.first_frame())
    }

    fn began(&self) -> Option<Nanos> {
        if let Some(watch) = self.watch.take() {
            let touches = self.board.hw(|hw| hw.bus().unwatch(watch));
            self.began.set(beginning(&touches));
        }
        self.began.get()
    }

    fn spans(&self, stop: Nanos) -> Vec<Span> {
        let log = self.board.hw(|hw| hw.bus().stop_log());
        let (from, began) = (Nanos(stop.0.saturating_sub(1_000_000)), self.began.get());
        let mut spans: Vec<Span> = Vec::new();
        for access in log.iter().flatten().filter(|access| access.channel == CHANNEL) {
            let at = nanos(access.time);
            let doing = match began {
                _ if access.is_error => Doing::Late,
                Some(began) if at >= began => Doing::NewRun,
                _ => Doing::OldRun,
            };
            match spans.last_mut() {
                _ if at < from => {}
                Some(last) if last.doing == doing && at - last.to < APART => last.to = at,
                _ => spans.push(Span { from: at, to: at, lane: Lane::Engine, doing }),
            }
        }
        spans
    }

    fn played(&self, deliver: &mut dyn FnMut(&mut dyn Iterator<Item = &[u8]>)) {
        self.codec(|codec, _| deliver(&mut codec.played()));
    }

    fn late_accesses(&self) -> u64 {
        self.board.trespasses()
    }

    fn faults(&self) -> u64 {
        self.count_faults();
        self.faults.get()
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
        self.run_until(CLOCK.from_nanos(moment.0));
    }
}
