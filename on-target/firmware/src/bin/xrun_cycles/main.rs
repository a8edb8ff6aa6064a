//! Ten thousand times too late: a client that plays and records at once misses its moment, both streams have an XRUN, the interrupt
//! handler stops them, and they go on; with each of the three cures.
//!
//! The sound is a sine, and each of its frames is looked at: what is heard and what is recorded before an XRUN and after it is the sine
//! in order, and between the two as much of it is missing as `Lost` says. Memory that is the client's again is watched on the SDMA's bus.
#![no_std]
#![no_main]

extern crate alloc;

mod hand_back;
mod player;
mod recorder;
mod sine;

use core::ops::Range;
use core::sync::atomic::{AtomicU32, Ordering};

use backend_imx_sdma::Settings;
use board::lock::IrqLock;
use board::platform::Board;
use board::sdma::Sdma;
use board::ssi::Ssi;
use board::{context, hardware, sdma};
use dmaengine_core::lock::Locked;
use dmaengine_core::{Atomic, Dma, Micros, Platform, Sleepable};
use pcm_dmaengine::{Elapsed, Frames, HwParams, Lost, PeriodHalf, Recovery, SampleFormat, XrunReport};
use sim_imx_sdma::Trouble;
use sim_imx_sdma::time::Cycles;
use spin::Once;

use player::Player;
use recorder::Recorder;

/// A period is two bursts of the SDMA.
const PERIOD: u32 = 8;
const PERIODS: u32 = 3;
const RING: u32 = PERIOD * PERIODS;
const PARAMS: HwParams = HwParams {
    format: SampleFormat::S16Le,
    rate: 8_000,
    channels: 2,
    period_size: Frames(PERIOD as u64),
    periods: PERIODS,
};

/// XRUNs of each of the two streams with each of the three cures: 10,002 in all.
const XRUNS: u32 = 1_667;
/// Frames that the SSI's FIFO holds, rounded up, and with it what waits there when a stream is stopped.
const FIFO: u32 = 8;
/// Periods that the client is in time, at most, before it is late.
const IN_TIME: u32 = 2;
/// How long it stays away from streams that have an XRUN, at most, before it looks after them.
const AWAY: u32 = 1_000;
/// Cycles of the SDMA for which a stop is held up: 30 µs to 240 µs.
const HOLD: Range<u32> = 2_000..16_000;

/// How often simulated devices are given time: twice in the time of a burst. A run that waits behind a stop begins one tick after it, or
/// two; with [`HOLD`] that is less than the silence that leads in.
const TICK: Micros = Micros(250);

static DMA: Once<Dma<Sdma, 2>> = Once::new();
static SSI: Once<Ssi> = Once::new();
static HALVES: Locked<IrqLock, [Option<PeriodHalf<'static, Sdma>>; 2]> = Locked::new([None; 2]);
/// XRUNs that the interrupt handler has found, of playback and of capture.
static FOUND: [AtomicU32; 2] = [const { AtomicU32::new(0) }; 2];

/// The SDMA's interrupt. The streams are stopped in here: first the SSI, then the channel.
fn interrupt() {
    let Some(dma) = DMA.get() else { return };
    assert!(!context::may_sleep());
    let halves = HALVES.with(|halves| *halves);
    dma.interrupt(&Atomic::new(), &mut |callback, event| {
        let nth = usize::from(event.channel.0);
        if halves[nth].is_some_and(|half| half.elapsed(callback, event) == Elapsed::Xrun) {
            FOUND[nth].fetch_add(1, Ordering::Relaxed);
        }
    });
}

/// An XRUN, and the time from when the stream was prepared to when it was started.
struct Gap {
    report: XrunReport,
    lost: Lost,
    start: Micros,
}

/// How many frames are missing on the wire from one run to the next is how many `Lost` says, and a few more: those that were due from
/// there to the start, of which one can be under way at either end, and `more`.
fn check_gap(missing: u64, gap: &Gap, more: u64) {
    let (least, most) = (gap.lost.frames.0, gap.lost.frames.0 + PARAMS.frames_in(gap.start).0 + more);
    let is_right = missing + 3 >= least && missing <= most + 3;
    assert!(is_right, "{missing} frames are missing, and {least} to {most} were lost");
}

/// Numbers that look like chance, always the same.
struct Dice(u32);

impl Dice {
    fn roll(&mut self, below: u32) -> u32 {
        self.0 = self.0.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        (self.0 >> 16) % below
    }
}

fn wait_for_both(context: &Sleepable<'_>, nth: u32) {
    let limit = Board.now() + Micros(20_000);
    while FOUND.iter().any(|found| found.load(Ordering::Relaxed) < nth) {
        assert!(Board.now() < limit, "20 ms in a ring of 3, and no XRUN");
        context.sleep(Micros(1_000));
    }
}

fn late_again_and_again(context: &Sleepable<'_>, recovery: Recovery<Sdma>, is_handed_back: bool) {
    let dma = DMA.call_once(|| {
        hardware::mount();
        hardware::tick(Some(TICK));
        Dma::new(sdma::driver(Settings::default()))
    });
    let ssi = SSI.call_once(|| Ssi::mount(PARAMS.rate));
    sdma::on_interrupt(interrupt);
    FOUND.iter().for_each(|found| found.store(0, Ordering::Relaxed));
    let mut dice = Dice(2020);

    let (mut player, mut sounds) = Player::open(dma.channel(0).unwrap(), ssi, recovery);
    let (mut recorder, mut listens) = Recorder::open(dma.channel(1).unwrap(), ssi, recovery);
    HALVES.with(|halves| *halves = [Some(player.half), Some(recorder.half)]);
    for nth in 1..=XRUNS {
        let mut plays = player.start(sounds);
        // Stops take their time: that of capture, because a burst is held up, or that of both, because the fence is behind which they are
        // complete.
        let hold = HOLD.start + dice.roll(HOLD.end - HOLD.start);
        let [burst, fence] = if dice.roll(2) == 1 { [hold, 0] } else { [0, hold] };
        let mut records = recorder.start(listens, burst);
        for _ in 0..dice.roll(IN_TIME + 1) {
            plays = player.write(context, plays);
            records = recorder.read(context, records);
        }
        if fence > 0 {
            let held_up = Trouble::HoldCore { channel: 0, time: Cycles(fence.into()) };
            hardware::hw(|sdma| sdma.cause(held_up));
        }
        // Busy with something else, for too long.
        wait_for_both(context, nth);
        context::sleep_for(context, Micros((dice.roll(2) * dice.roll(AWAY)).into()));
        sounds = player.recover(context, plays, is_handed_back);
        listens = recorder.recover(context, records, is_handed_back);
        hardware::hw(|sdma| sdma.clear_troubles());
    }
    player.end(context, sounds);
    recorder.end(context, listens);
    let found = FOUND.each_ref().map(|found| found.load(Ordering::Relaxed));
    assert_eq!(found, [XRUNS; 2], "XRUNs that the interrupt handler has found");
    hardware::hw(|sdma| assert_eq!(sdma.reports(), []));
}

fn no_two_frames_of_the_sine_are_the_same(_: &mut Sleepable<'_>) {
    sine::check_itself();
}

fn the_first_cure_leaves_atomic_context_and_synchronizes(context: &mut Sleepable<'_>) {
    late_again_and_again(context, Recovery::SYNC_STOP, true);
}

fn the_second_cure_waits_busily_within_its_bound(context: &mut Sleepable<'_>) {
    late_again_and_again(context, Recovery::ATOMIC, true);
}

fn the_third_cure_queues_behind_the_stop(context: &mut Sleepable<'_>) {
    late_again_and_again(context, Recovery::QUEUE_AFTER_STOP, false);
}

board::tests![
    no_two_frames_of_the_sine_are_the_same,
    the_first_cure_leaves_atomic_context_and_synchronizes,
    the_second_cure_waits_busily_within_its_bound,
    the_third_cure_queues_behind_the_stop,
];
