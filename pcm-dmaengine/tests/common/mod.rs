//! What the PCM tests share: a board with one stream on it, frames that tell their own number and their own sides, and
//! the three ways back from an XRUN.
#![allow(dead_code, reason = "each test file uses its own part")]

pub mod duo;
pub mod pair;
pub mod task;
pub mod wayward;

use std::cell::{Cell, RefCell};

use backend_mock::hw::{Access, Hw, Nanos, Peripheral, Source, StreamConfig};
use backend_mock::{Cpu, Mock, MockConfig};
use dmaengine_core::{Atomic, BusAddr, BusWidth, Dma, Engine, Event, Idle, Micros, SlaveConfig, Sleepable};
use pcm_dmaengine::{
    Broken, Capture, Elapsed, Frames, HwParams, NotStarted, Open, Pcm, PcmStatistics, PeriodHalf, Playback, Prepared,
    SampleFormat, Way, Xrun,
};

/// The stream of the pcm|dmaengine|imx-sdma thread of August 2020: 480 frames in 15 periods of 32.
pub const SEED: HwParams =
    HwParams { format: SampleFormat::S16Le, rate: 48_000, channels: 2, period_size: Frames(32), periods: 15 };

/// The device's side. The virtual hardware has no registers, so the address means nothing.
pub fn device() -> SlaveConfig {
    SlaveConfig::new(BusAddr(0x0202_8004), BusWidth::Two, ())
}

/// An engine of one channel that needs so long to stop, and says so.
pub fn stops_after(latency: Micros) -> MockConfig {
    MockConfig { channels: 1, stop_latency: latency, stop_bound: latency, ..MockConfig::default() }
}

/// A processor whose interrupt handler's type does not show.
pub type Board<'a> = Cpu<'a, &'a dyn Fn(&Atomic<'_>)>;

/// A controller, a processor, and what the interrupt halves made of their events.
#[derive(Clone, Copy)]
pub struct Bench<'a> {
    pub hw: &'a Hw,
    pub dma: &'a Dma<Mock, 1>,
    pub cpu: &'a Board<'a>,
    pub seen: &'a RefCell<Vec<(Event, Elapsed)>>,
    halves: &'a RefCell<Vec<PeriodHalf<'a, Mock>>>,
    spare: &'a Cell<Option<&'a mut Pcm<Mock>>>,
    later: &'a Cell<Option<(Micros, Act)>>,
}

/// What an interrupt does to the stream, besides what it is for.
pub type Act = fn(&PeriodHalf<'_, Mock>);

impl<'a> Bench<'a> {
    /// How many events the interrupt halves answered like this.
    pub fn count(&self, answer: Elapsed) -> usize {
        self.seen.borrow().iter().filter(|(_, made)| *made == answer).count()
    }

    /// The first stream's interrupt half.
    pub fn half(&self) -> PeriodHalf<'a, Mock> {
        self.halves.borrow()[0]
    }

    pub fn now(&self) -> Micros {
        Micros(self.hw.now().as_micros())
    }

    /// Lets time pass, with interrupts.
    pub fn pass(&self, time: Micros) {
        self.cpu.run_until(self.hw.now() + Nanos::from_micros(time.0));
    }

    /// Lets time pass while some other code keeps interrupts off.
    pub fn pass_unseen(&self, time: Micros) {
        self.cpu.hold_off_interrupts(true);
        self.pass(time);
    }

    /// The first interrupt from a moment on does this, too, once.
    pub fn at(&self, moment: Micros, act: Act) {
        self.later.set(Some((moment, act)));
    }

    /// Opens a second stream, in the place of the first; the interrupt serves both halves.
    pub fn reopen_capture(&self, channel: Idle<'a, Mock>) -> Open<'a, Mock, Capture> {
        let pcm = self.spare.take().expect("opened again only once");
        let (open, half) = pcm.open_capture(channel, device());
        self.halves.borrow_mut().push(half);
        open
    }

    /// The player's last runs, as bytes, oldest first, once its FIFO is empty.
    pub fn played(&self) -> Vec<Vec<u8>> {
        self.pass(Micros::from_millis(10));
        let taken = self.hw.with_peripheral(0, |player| player.taken().iter().map(|run| run.bytes.to_vec()).collect());
        taken.expect("a player is attached")
    }
}

/// Runs a thread with a capture stream. The recorder hears frames number 1 to `frames`.
pub fn capture<R>(
    config: MockConfig,
    stream: StreamConfig,
    frames: u32,
    body: impl for<'a> FnOnce(Bench<'a>, &mut Sleepable<'_>, Open<'a, Mock, Capture>) -> R,
) -> (R, PcmStatistics) {
    capture_of(config, stream, numbered(1, frames), body)
}

/// The same, of a recorder that hears these bytes.
pub fn capture_of<R>(
    config: MockConfig,
    stream: StreamConfig,
    frames: Vec<u8>,
    body: impl for<'a> FnOnce(Bench<'a>, &mut Sleepable<'_>, Open<'a, Mock, Capture>) -> R,
) -> (R, PcmStatistics) {
    let source = Source { frames: frames.into(), repeat: 1 };
    board(config, Peripheral::recorder(stream, source), |bench, context, pcm| {
        let (open, half) = pcm.open_capture(bench.dma.channel(0).expect("nobody has it"), device());
        bench.halves.borrow_mut().push(half);
        body(bench, context, open)
    })
}

/// Runs a thread with a playback stream.
pub fn playback<R>(
    config: MockConfig,
    stream: StreamConfig,
    body: impl for<'a> FnOnce(Bench<'a>, &mut Sleepable<'_>, Open<'a, Mock, Playback>) -> R,
) -> (R, PcmStatistics) {
    board(config, Peripheral::player(stream), |bench, context, pcm| {
        let (open, half) = pcm.open_playback(bench.dma.channel(0).expect("nobody has it"), device());
        bench.halves.borrow_mut().push(half);
        body(bench, context, open)
    })
}

fn board<R>(
    config: MockConfig,
    peripheral: Peripheral,
    body: impl for<'a> FnOnce(Bench<'a>, &mut Sleepable<'_>, &'a mut Pcm<Mock>) -> R,
) -> (R, PcmStatistics) {
    let dma: Dma<Mock, 1> = Dma::new(Mock::new(config));
    dma.engine().hw().attach(0, peripheral);
    let (mut pcm, mut second) = (Pcm::new(), Pcm::new());
    let answer = {
        let (seen, halves) = (RefCell::new(Vec::new()), RefCell::new(Vec::<PeriodHalf<'_, Mock>>::new()));
        let (spare, later) = (Cell::new(Some(&mut second)), Cell::new(None::<(Micros, Act)>));
        let handler = |atomic: &Atomic<'_>| {
            dma.interrupt(atomic, &mut |callback, event| {
                for half in halves.borrow().iter() {
                    seen.borrow_mut().push((event, half.elapsed(callback, event)));
                }
            });
            match later.take() {
                Some((moment, act)) if Micros(dma.engine().hw().now().as_micros()) >= moment => {
                    act(&halves.borrow()[0])
                }
                waits => later.set(waits),
            }
        };
        let cpu = Cpu::new(dma.engine(), &handler as &dyn Fn(&Atomic<'_>));
        let hw = dma.engine().hw();
        let bench = Bench { hw, dma: &dma, cpu: &cpu, seen: &seen, halves: &halves, spare: &spare, later: &later };
        cpu.thread(|context| body(bench, context, &mut pcm))
    };
    (answer, pcm.statistics())
}

/// Memory for a ring, full of something that is neither silence nor a frame.
pub fn ring(params: &HwParams) -> &'static mut [u8] {
    vec![0x55; params.buffer_bytes() as usize].leak()
}

/// The three remedies of the thread, as ways from an XRUN to a prepared stream.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum WayBack {
    /// `prepare`: the thread sleeps until the old run is quiescent.
    Asleep,
    /// `prepare_atomic`, with interrupts masked: it busy-waits.
    Masked,
    /// `prepare_queued`: nobody waits; the new run does.
    Queued,
}

impl WayBack {
    pub fn go<'a, D: Way>(
        self,
        bench: Bench<'a>,
        context: &mut Sleepable<'_>,
        xrun: Xrun<'a, Mock, D>,
    ) -> Prepared<'a, Mock, D> {
        match self {
            Self::Asleep => xrun.prepare(context).expect("the engine stops within its bound"),
            Self::Masked => {
                bench.cpu.masked(context, |_| xrun.prepare_atomic()).expect("the engine stops within its bound")
            }
            Self::Queued => xrun.prepare_queued(),
        }
    }
}

/// What a stream must be whose start was refused before anything was started.
pub fn still_prepared<E: Engine, D: Way>(value: NotStarted<'_, E, D>) -> Prepared<'_, E, D> {
    let NotStarted::Prepared(prepared) = value else { panic!("{value:?}") };
    prepared
}

/// What a call on a running stream must have ended in.
pub fn xrun<T, D: Way>(answer: Result<T, Broken<'_, Mock, D>>) -> Xrun<'_, Mock, D> {
    match answer {
        Err(Broken::Xrun(xrun)) => xrun,
        Err(broken) => panic!("dead, not an XRUN: {broken}"),
        Ok(_) => panic!("an XRUN went unnoticed"),
    }
}

/// Frame `number`, below 2^30: the low half on the left, the high half on the right, and a bit that says which is right.
pub fn frame(number: u32) -> [u8; 4] {
    let (left, right) = (number & 0x7fff, 0x8000 | number >> 15);
    (left | right << 16).to_le_bytes()
}

/// The number of a frame; `None` if it is silence, if left and right are swapped, or if it is no frame of ours.
pub fn number(frame: &[u8]) -> Option<u32> {
    let (left, right) = (u16::from_le_bytes([frame[0], frame[1]]), u16::from_le_bytes([frame[2], frame[3]]));
    (left & 0x8000 == 0 && right & 0x8000 != 0).then_some(u32::from(left) | (u32::from(right) & 0x7fff) << 15)
}

pub fn numbers(frames: &[u8]) -> Vec<Option<u32>> {
    frames.chunks_exact(4).map(number).collect()
}

/// `count` frames from number `first` on.
pub fn numbered(first: u32, count: u32) -> Vec<u8> {
    (first..first + count).flat_map(frame).collect()
}

/// The same, as [`numbers`] has them.
pub fn counting(first: u32, count: u32) -> Vec<Option<u32>> {
    (first..first + count).map(Some).collect()
}

/// No transfer touches memory before the one before it has touched it for the last time.
pub fn assert_runs_do_not_overlap(log: &[Access]) {
    let mut runs: Vec<(u64, Nanos, Nanos)> = Vec::new();
    for access in log {
        match runs.last_mut() {
            Some((tag, _, last)) if *tag == access.tag => *last = (*last).max(access.to),
            Some((tag, _, last)) => {
                assert!(access.tag > *tag, "transfer {} touches memory after {tag}", access.tag);
                assert!(access.from >= *last, "transfer {} starts before {tag} has stopped", access.tag);
                runs.push((access.tag, access.from, access.to));
            }
            None => runs.push((access.tag, access.from, access.to)),
        }
    }
}

/// xorshift64*: the same numbers every time.
pub struct Random(u64);

impl Random {
    pub fn new(seed: u64) -> Self {
        Self(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1)
    }

    /// A number from 0 to `most`.
    pub fn up_to(&mut self, most: u64) -> u64 {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        (self.0.wrapping_mul(0x2545_f491_4f6c_dd1d) >> 33) % (most + 1)
    }

    pub fn one_in(&mut self, n: u64) -> bool {
        self.up_to(n - 1) == 0
    }
}
