//! The XRUN of the thread: a client that is late, a stream that the interrupt handler stops, and three ways to go on.
//!
//! The sound is numbered frames, so what the SSI has sent says which frames of which run they were.
#![no_std]
#![no_main]

extern crate alloc;

use alloc::boxed::Box;
use alloc::vec;
use alloc::vec::Vec;
use core::sync::atomic::{AtomicU32, Ordering};

use backend_imx_sdma::Settings;
use board::lock::IrqLock;
use board::platform::Board;
use board::sdma::Sdma;
use board::ssi::{FRAME, LEAD_IN_FRAMES, Ssi};
use board::{context, hardware, sdma};
use dmaengine_core::lock::Locked;
use dmaengine_core::{Atomic, Dma, Micros, Platform, Sleepable};
use pcm_dmaengine::{
    Broken, Elapsed, Frames, HwParams, Pcm, PeriodHalf, Playback, Prepared, Recovery, Running, SampleFormat, Xrun,
    XrunCause,
};
use spin::Once;

const PERIOD: u32 = 32;
const PERIODS: u32 = 8;
const RING: u32 = PERIOD * PERIODS;
const PARAMS: HwParams = HwParams {
    format: SampleFormat::S16Le,
    rate: 48_000,
    channels: 2,
    period_size: Frames(PERIOD as u64),
    periods: PERIODS,
};

/// How often the client is late, for how long, and periods that it writes in time before that.
const XRUNS: u32 = 25;
const LATE: Micros = Micros(8_000);
const IN_TIME: u32 = 20;

static DMA: Once<Dma<Sdma, 1>> = Once::new();
static SSI: Once<Ssi> = Once::new();
static HALF: Locked<IrqLock, Option<PeriodHalf<'static, Sdma>>> = Locked::new(None);
static STOPPED: AtomicU32 = AtomicU32::new(0);

/// The SDMA's interrupt. The stream is stopped in here: first the SSI, then the channel.
fn interrupt() {
    let (Some(dma), Some(half)) = (DMA.get(), HALF.with(|half| *half)) else { return };
    assert!(!context::may_sleep());
    dma.interrupt(&Atomic::new(), &mut |callback, event| {
        if half.elapsed(callback, event) == Elapsed::Xrun {
            STOPPED.fetch_add(1, Ordering::Relaxed);
        }
    });
}

/// Frame `n` of the sound: its number, and the number's complement on the right.
fn frame(n: u32) -> [u8; FRAME] {
    (n & 0xFFFF | !n << 16).to_le_bytes()
}

/// The client's side: what it has written, run by run.
struct Client {
    /// The first frame of each run, and how many were written.
    runs: Vec<(u32, u32)>,
}

impl Client {
    fn next(&self, count: u32) -> Vec<u8> {
        let (first, written) = self.runs.last().copied().unwrap();
        (first + written..first + written + count).flat_map(frame).collect()
    }

    fn wrote(&mut self, frames: Frames) {
        self.runs.last_mut().unwrap().1 += frames.0 as u32;
    }

    /// A full ring, and off it goes.
    fn start(&mut self, mut ready: Prepared<'static, Sdma, Playback>) -> Running<'static, Sdma, Playback> {
        self.runs.push((self.runs.last().map_or(0, |(first, written)| first + written), 0));
        self.wrote(ready.writei(&self.next(RING)));
        ready.start().unwrap()
    }

    /// So many periods in time, then nothing for too long.
    fn run(
        &mut self,
        context: &Sleepable<'_>,
        running: Running<'static, Sdma, Playback>,
    ) -> Xrun<'static, Sdma, Playback> {
        let mut running = running;
        for _ in 0..IN_TIME {
            let written;
            (running, written) = running.writei(context, &self.next(PERIOD)).unwrap();
            assert_eq!(written, Frames(PERIOD.into()));
            self.wrote(written);
        }
        // Busy with something else; interrupts are on.
        Board.delay(LATE);
        match running.writei(context, &self.next(PERIOD)) {
            Err(Broken::Xrun(xrun)) => xrun,
            Err(broken) => panic!("{broken}"),
            Ok(_) => panic!("8 ms in a ring of 5, and no XRUN"),
        }
    }

    /// What was heard: of each run its frames in order, and from where the client was late on what the ring still had.
    fn check(&self, heard: &[sim_imx_sdma::peripheral::SsiRun]) {
        assert_eq!(heard.len(), self.runs.len());
        for (run, &(first, written)) in heard.iter().zip(&self.runs) {
            assert_eq!(run.torn, 0);
            let (silence, sound) = run.bytes.split_at(LEAD_IN_FRAMES * FRAME);
            assert!(silence.iter().all(|byte| *byte == 0));
            let frames = (sound.len() / FRAME) as u32;
            // It was stopped at the end of a period; up to 7 frames were in the FIFO then.
            assert!(frames + 8 >= written && frames < written + PERIOD, "{frames} heard of {written}");
            for (n, heard) in (0..).zip(sound.chunks(FRAME)) {
                let meant = if n < written { first + n } else { first + n - RING };
                assert_eq!(heard, frame(meant), "frame {n} of a run from {first}");
            }
        }
    }
}

fn late_again_and_again(context: &Sleepable<'_>, recovery: Recovery<Sdma>) {
    let dma = DMA.call_once(|| {
        hardware::mount();
        Dma::new(sdma::driver(Settings::default()))
    });
    let ssi = SSI.call_once(|| Ssi::mount(PARAMS.rate));
    sdma::on_interrupt(interrupt);
    STOPPED.store(0, Ordering::Relaxed);
    let runs_before = ssi.played().len();

    let pcm = Box::leak(Box::new(Pcm::new()));
    let (open, half) = pcm.open_with::<Playback>(dma.channel(0).unwrap(), ssi.config(), ssi);
    HALF.with(|place| *place = Some(half));
    let ring = vec![0; PARAMS.buffer_bytes() as usize].leak();
    let setup = open.with_recovery(recovery).hw_params(PARAMS, ring).map_err(|kept| kept.error).unwrap();
    let mut client = Client { runs: Vec::new() };
    let mut ready = setup.prepare();
    for nth in 1..=XRUNS {
        let running = client.start(ready);
        let xrun = client.run(context, running);
        assert_eq!(xrun.report().cause, XrunCause::Overtaken);
        assert_eq!(STOPPED.load(Ordering::Relaxed), nth, "XRUNs that the interrupt handler has found");
        ready = xrun.recover(context).unwrap().0;
    }
    drop(ready);
    let statistics = half.statistics();
    assert_eq!((statistics.xruns, statistics.late_periods), (XRUNS.into(), 0));
    client.check(&ssi.played()[runs_before..]);
    hardware::hw(|sdma| assert_eq!(sdma.reports(), []));
}

fn the_first_cure_leaves_atomic_context_and_synchronizes(context: &mut Sleepable<'_>) {
    late_again_and_again(context, Recovery::SYNC_STOP);
}

fn the_second_cure_waits_busily_within_its_bound(context: &mut Sleepable<'_>) {
    late_again_and_again(context, Recovery::ATOMIC);
}

fn the_third_cure_queues_behind_the_stop(context: &mut Sleepable<'_>) {
    late_again_and_again(context, Recovery::QUEUE_AFTER_STOP);
}

board::tests![
    the_first_cure_leaves_atomic_context_and_synchronizes,
    the_second_cure_waits_busily_within_its_bound,
    the_third_cure_queues_behind_the_stop,
];
