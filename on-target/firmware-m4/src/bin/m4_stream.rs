//! A stream records. The client is late now and then: the exception handler finds the XRUN and stops the stream, and there are three ways
//! to go on.
//!
//! The sound is numbered frames, and the mock's microphone knows which of them each run could have had.
#![no_std]
#![no_main]

extern crate alloc;

use alloc::boxed::Box;
use alloc::vec;
use alloc::vec::Vec;
use core::sync::atomic::{AtomicU32, Ordering};

use backend_mock::hw::{Peripheral, Run, Source, StreamConfig};
use dmaengine_core::lock::{CriticalSectionLock, Locked};
use dmaengine_core::{Atomic, BusAddr, BusWidth, Micros, SlaveConfig, Sleepable};
use firmware_m4::context;
use firmware_m4::machine::{self, Machine, dma};
use m4::cpu;
use pcm_dmaengine::{
    Broken, Capture, Elapsed, Frames, HwParams, Lost, Pcm, PeriodHalf, Prepared, Recovery, SampleFormat, Xrun,
    XrunCause,
};

const PERIOD: u32 = 32;
const PERIODS: u32 = 4;
const FRAME: usize = 4;
const PARAMS: HwParams = HwParams {
    format: SampleFormat::S16Le,
    rate: 48_000,
    channels: 2,
    period_size: Frames(PERIOD as u64),
    periods: PERIODS,
};

/// How often the client is late, for how long (the ring is 2.7 ms), and periods that it reads in time before that.
const XRUNS: u32 = 100;
const LATE: Micros = Micros(4_000);
const IN_TIME: u32 = 10;
/// Frames of the sound; it lasts for longer than a test.
const SOUND: u32 = 60_000;

static HALF: Locked<CriticalSectionLock, Option<PeriodHalf<'static, Machine>>> = Locked::new(None);
/// XRUNs that the handler has found, and how often time went on while it ran.
static STOPPED: AtomicU32 = AtomicU32::new(0);
static NESTED: AtomicU32 = AtomicU32::new(0);
static IS_HANDLING: AtomicU32 = AtomicU32::new(0);
static PERIODS_HANDLED: AtomicU32 = AtomicU32::new(0);

/// The DMA's interrupt. Every third period its handler is slow, and time goes on, so that it works on what is not news any more.
#[unsafe(no_mangle)]
extern "C" fn Interrupt0() {
    let (Some(dma), Some(half)) = (machine::dma_if_any(), HALF.with(|half| *half)) else { return };
    assert_eq!(cpu::exception(), 16);
    IS_HANDLING.store(1, Ordering::Relaxed);
    dma.interrupt(&Atomic::new(), &mut |callback, event| {
        if PERIODS_HANDLED.fetch_add(1, Ordering::Relaxed) % 3 == 0 {
            context::busy_for(machine::TICK * 2);
        }
        if half.elapsed(callback, event) == Elapsed::Xrun {
            STOPPED.fetch_add(1, Ordering::Relaxed);
        }
    });
    IS_HANDLING.store(0, Ordering::Relaxed);
    context::woken();
}

#[unsafe(no_mangle)]
extern "C" fn SysTick() {
    NESTED.fetch_add(IS_HANDLING.load(Ordering::Relaxed), Ordering::Relaxed);
    machine::tick();
}

/// Frame `n` of the sound: its number, and the number's complement on the right.
fn frame(n: u32) -> [u8; FRAME] {
    (n & 0xFFFF | !n << 16).to_le_bytes()
}

/// Reads so many periods in time, then nothing for too long. What was read, and the stream as it was found then.
fn run(
    context: &Sleepable<'_>,
    ready: Prepared<'static, Machine, Capture>,
) -> (Vec<u8>, Xrun<'static, Machine, Capture>) {
    let mut running = ready.start().unwrap();
    let mut heard = Vec::new();
    let mut period = [0; PERIOD as usize * FRAME];
    for _ in 0..IN_TIME {
        let count;
        (running, count) = running.readi(context, &mut period).unwrap();
        assert_eq!(count, Frames(PERIOD.into()));
        heard.extend_from_slice(&period);
    }
    let before = STOPPED.load(Ordering::Relaxed);
    context::busy_for(LATE);
    assert_eq!(STOPPED.load(Ordering::Relaxed), before + 1, "the handler has found it, not the client");
    match running.readi(context, &mut period) {
        Err(Broken::Xrun(xrun)) => (heard, xrun),
        Err(broken) => panic!("{broken}"),
        Ok(_) => panic!("4 ms in a ring of 2.7, and no XRUN"),
    }
}

/// What the client heard is what the microphone gave the runs, in order; and what it did not hear is what it was told it had lost.
fn check(heard: &[Vec<u8>], lost: &[Lost], runs: &[Run]) {
    assert_eq!(runs.len(), heard.len());
    for (bytes, run) in heard.iter().zip(runs) {
        assert_eq!(bytes.len(), (IN_TIME * PERIOD) as usize * FRAME);
        for (n, bytes) in (run.first_frame as u32..).zip(bytes.chunks(FRAME)) {
            assert_eq!(bytes, frame(n), "frame {n}");
        }
    }
    for (lost, pair) in lost.iter().zip(runs.windows(2)) {
        let missing = pair[1].first_frame - pair[0].first_frame - u64::from(IN_TIME * PERIOD);
        // The clock has whole microseconds, and a frame is 21 of them.
        assert!(missing.abs_diff(lost.frames.0) <= 2, "{missing} frames are missing, and {} were lost", lost.frames.0);
    }
}

fn late_again_and_again(context: &Sleepable<'_>, recovery: Recovery<Machine>) {
    let machine = dma().engine();
    let frames: Vec<u8> = (0..SOUND).flat_map(frame).collect();
    let microphone = Peripheral::recorder(StreamConfig::default(), Source { frames: frames.into(), repeat: 1 });
    machine.hw(|hw| hw.attach(0, microphone));
    let stopped_before = STOPPED.load(Ordering::Relaxed);

    let pcm = Box::leak(Box::new(Pcm::new()));
    let config = SlaveConfig::new(BusAddr(0x0202_8004), BusWidth::Two, ());
    let (open, half) = pcm.open_capture(dma().channel(0).unwrap(), config);
    HALF.with(|place| *place = Some(half));
    let ring = vec![0; PARAMS.buffer_bytes() as usize].leak();
    let setup = open.with_recovery(recovery).hw_params(PARAMS, ring).map_err(|kept| kept.error).unwrap();
    let mut ready = setup.prepare();
    let (mut heard, mut lost) = (Vec::new(), Vec::new());
    for _ in 0..XRUNS {
        let (bytes, xrun) = run(context, ready);
        heard.push(bytes);
        assert_eq!(xrun.report().cause, XrunCause::Overtaken);
        let was;
        (ready, was) = xrun.recover(context).unwrap();
        lost.push(was);
    }
    drop(ready);
    assert_eq!(STOPPED.load(Ordering::Relaxed) - stopped_before, XRUNS);
    let statistics = half.statistics();
    assert_eq!((statistics.xruns, statistics.late_periods), (XRUNS.into(), 0));
    let runs = machine.hw(|hw| hw.with_peripheral(0, |microphone| microphone.runs().to_vec())).unwrap();
    check(&heard, &lost, &runs);
    machine.hw(|hw| assert_eq!((hw.late_accesses(), hw.faults()), (0, 0)));
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

fn time_went_on_while_the_handler_ran(_: &mut Sleepable<'_>) {
    assert_ne!(NESTED.load(Ordering::Relaxed), 0);
}

firmware_m4::tests![
    the_first_cure_leaves_atomic_context_and_synchronizes,
    the_second_cure_waits_busily_within_its_bound,
    the_third_cure_queues_behind_the_stop,
    time_went_on_while_the_handler_ran,
];
