//! Streams whose hardware does not do its part: it never stops, never moves, fails, or refuses to start.
//!
//! In Linux a stream on which nothing moves stays RUNNING after its time-out, its reader gets EIO, and no recovery
//! helper knows what to do about that (6.12, sound/core/pcm_lib.c, `wait_for_avail`). A start that fails is undone by a
//! stop and may be tried again without waiting for it. Here a dead stream is a state, and a failed start leaves nothing
//! to undo.

mod common;

use backend_mock::hw::{Hw, Nanos, News, NewsKind, Peripheral, Source, StopLatency, StreamConfig};
use backend_mock::{Cpu, Mock, MockConfig};
use common::wayward::{REFUSED, Wayward};
use common::{SEED, counting, device, numbered, numbers, ring, still_prepared, stops_after, xrun};
use dmaengine_core::{Dma, Kept, Micros, PrepError, Sleepable, TransferError, Unfinished};
use pcm_dmaengine::{
    Broken, Capture, Elapsed, Fault, Faulted, Frames, HwParams, Open, Pcm, Running, SampleFormat, StartError,
};

const LATENCY: Micros = Micros(1_000);
const LINE: StreamConfig = StreamConfig { rate: 48_000, frame_bytes: 4, fifo_frames: 32, watermark: 1 };
const PATIENCE: Micros = Micros(100_000);
const PERIOD: Micros = Micros(667);

fn start<'a>(open: Open<'a, Mock, Capture>) -> Running<'a, Mock, Capture> {
    open.hw_params(SEED, ring(&SEED)).unwrap().prepare().start().unwrap()
}

fn dead<'a, T>(answer: Result<T, Broken<'a, Mock, Capture>>) -> Faulted<'a, Mock, Capture> {
    match answer {
        Err(Broken::Faulted(dead)) => dead,
        Err(broken) => panic!("not dead: {broken}"),
        Ok(_) => panic!("a dead stream was reported as running"),
    }
}

/// The stream must deliver frames again.
fn assert_alive(hw: &Hw, context: &Sleepable<'_>, stream: Running<'_, Mock, Capture>) {
    let mut out = vec![0; 4 * 960];
    let Ok((stream, frames)) = stream.readi(context, &mut out) else { panic!("still dead") };
    let run = hw.with_peripheral(0, |recorder| *recorder.runs().last().unwrap()).unwrap();
    assert_eq!((frames, numbers(&out)), (Frames(960), counting(run.first_frame as u32 + 1, 960)));
    let _ = stream.stop().synchronize(context).unwrap();
    assert_eq!((hw.late_accesses(), hw.faults()), (0, 0));
}

fn assert_stalled(fault: Fault, since: Micros, now: Micros) {
    let Fault::Stalled { waited } = fault else { panic!("{fault:?}") };
    assert!((PATIENCE..=PATIENCE + PERIOD).contains(&waited), "patience is {PATIENCE}: waited {waited}");
    assert!((PATIENCE..=PATIENCE + PERIOD).contains(&(now - since)), "it took {} to say so", now - since);
}

/// An engine that is told to stop and does not. Every wait has its bound, and whoever waits keeps what they had.
#[test]
fn an_engine_that_never_stops_keeps_the_stream_an_xrun() {
    common::capture(stops_after(LATENCY), LINE, 200_000, |bench, context, open| {
        bench.hw.set_stop_latency(StopLatency::Never);
        let stream = start(open);
        bench.pass(Micros(20_000));
        let over = xrun(stream.readi(context, &mut [0; 4]));
        let report = *over.report();

        let before = bench.now();
        let Err(Kept { value: over, error }) = over.prepare(context) else { panic!("it has not stopped") };
        assert_eq!((error.reason, error.bound), (Unfinished::Engine, Micros(12_000)));
        assert!(bench.now() - before <= error.bound + Micros(1), "twice the bound and 10 ms, and no more");
        let Err(Kept { value: over, error }) = bench.cpu.masked(context, |_| over.prepare_atomic()) else {
            panic!("it has not stopped")
        };
        assert_eq!((error.reason, error.bound), (Unfinished::Engine, LATENCY));
        assert_eq!(*over.report(), report, "still the same XRUN");
        let Err(Kept { value: stopped, .. }) = over.stop().synchronize(context) else { panic!("it has not stopped") };
        let Err(Kept { value: stopped, .. }) = stopped.prepare_atomic() else { panic!("it has not stopped") };

        // A run that waits behind that stop never begins. It is found dead, and reset is the way out.
        let stream = stopped.prepare_queued().start().unwrap();
        let since = bench.now();
        let dead = dead(stream.readi(context, &mut [0; 4]));
        assert_stalled(dead.fault(), since, bench.now());
        let setup = dead.reset(context).unwrap();
        bench.hw.set_stop_latency(StopLatency::After(Nanos::from_micros(LATENCY.0)));
        assert_alive(bench.hw, context, setup.prepare().start().unwrap());
    });
}

/// The stop comes, only later than the driver promises: trying again is enough.
#[test]
fn an_engine_that_stops_late_is_waited_for_again() {
    let config = MockConfig { stop_latency: Micros(30_000), ..stops_after(LATENCY) };
    common::capture(config, LINE, 20_000, |bench, context, open| {
        let stream = start(open);
        bench.pass(Micros(20_000));
        let over = xrun(stream.readi(context, &mut [0; 4]));
        let Err(Kept { value: over, .. }) = over.prepare_atomic() else { panic!("within 1 ms?") };
        let Err(Kept { value: over, .. }) = over.prepare(context) else { panic!("within 12 ms?") };
        let prepared = over.prepare(context).expect("after 30 ms");
        bench.hw.set_stop_latency(StopLatency::After(Nanos(0)));
        assert_alive(bench.hw, context, prepared.start().unwrap());
    });
}

/// No request line is connected: the engine is started and not one frame moves.
#[test]
fn a_stream_on_which_nothing_ever_moves_is_faulted_after_its_patience() {
    let dma: Dma<Mock, 1> = Dma::new(Mock::new(stops_after(LATENCY)));
    let mut pcm = Pcm::new();
    let (open, half) = pcm.open_capture(dma.channel(0).unwrap(), device());
    let cpu = Cpu::new(dma.engine(), |atomic: &_| {
        dma.interrupt(atomic, &mut |callback, event| _ = half.elapsed(callback, event));
    });
    cpu.thread(|context| {
        assert_eq!(SEED.patience(), PATIENCE);
        let dead = dead(start(open).readi(context, &mut [0; 400]));
        assert_stalled(dead.fault(), Micros(0), Micros(dma.engine().hw().now().as_micros()));
        let setup = dead.reset(context).unwrap();
        let source = Source { frames: numbered(1, 20_000).into(), repeat: 1 };
        dma.engine().hw().attach(0, Peripheral::recorder(LINE, source));
        assert_alive(dma.engine().hw(), context, setup.prepare().start().unwrap());
    });
}

/// The device goes away in the middle.
#[test]
fn a_stream_whose_device_goes_away_is_faulted_after_its_patience() {
    common::capture(stops_after(LATENCY), LINE, 20_000, |bench, context, open| {
        let Ok((stream, _)) = start(open).readi(context, &mut [0; 4 * 96]) else { panic!("it runs") };
        assert_eq!(stream.avail(), Frames(0));
        let source = Source { frames: numbered(1, 20_000).into(), repeat: 1 };
        bench.hw.attach(0, Peripheral::recorder(LINE, source));
        let since = bench.now();
        let dead = dead(stream.readi(context, &mut [0; 400]));
        assert_stalled(dead.fault(), since, bench.now());
        assert_alive(bench.hw, context, dead.reset(context).unwrap().prepare().start().unwrap());
    });
}

/// What had arrived is told first, the death by the next call.
#[test]
fn frames_that_arrived_before_the_device_went_away_are_delivered() {
    common::capture(stops_after(LATENCY), LINE, 20_000, |bench, context, open| {
        let stream = start(open);
        bench.pass(Micros(1_000));
        bench.hw.attach(0, Peripheral::recorder(LINE, Source { frames: numbered(1, 1).into(), repeat: 1 }));
        let mut out = [0; 400];
        let Ok((stream, frames)) = stream.readi(context, &mut out) else { panic!("48 frames were there") };
        assert_eq!((frames, numbers(&out[..192])), (Frames(48), counting(1, 48)));
        let dead = dead(stream.readi(context, &mut out));
        assert!(matches!(dead.fault(), Fault::Stalled { .. }));
        let _ = dead.reset(context).unwrap();
    });
}

/// Interrupts that do not come are not the end: the sleeper looks once a period.
#[test]
fn a_reader_keeps_up_without_interrupts() {
    let (_, statistics) = common::capture(stops_after(LATENCY), LINE, 20_000, |bench, context, open| {
        let mut stream = start(open);
        bench.cpu.hold_off_interrupts(true);
        for first in (1..4_800).step_by(100) {
            let mut out = [0; 400];
            let Ok((next, frames)) = stream.readi(context, &mut out) else { panic!("in time") };
            assert_eq!((frames, numbers(&out)), (Frames(100), counting(first, 100)));
            stream = next;
        }
        assert!(bench.seen.borrow().is_empty());
        let _ = stream.stop().synchronize(context).unwrap();
    });
    assert_eq!(statistics.xruns, 0);
}

/// The hardware stops by itself and reports a bus error.
#[test]
fn a_fault_of_the_engine_ends_the_run() {
    common::capture(stops_after(LATENCY), LINE, 20_000, |bench, context, open| {
        let Ok((stream, _)) = start(open).readi(context, &mut [0; 400]) else { panic!("it runs") };
        bench.hw.reset(0);
        let tag = bench.seen.borrow()[0].0.generation.0;
        bench.hw.post_news(0, News { tag, at: bench.hw.now(), kind: NewsKind::Fault });
        bench.cpu.take_interrupt();
        assert_eq!(bench.count(Elapsed::Failed), 1);
        let since = bench.now();
        let dead = dead(stream.readi(context, &mut [0; 400]));
        assert_eq!((dead.fault(), bench.now() - since), (Fault::Engine(TransferError::Bus), Micros(0)));
        assert_alive(bench.hw, context, dead.reset(context).unwrap().prepare().start().unwrap());
    });
}

/// Somebody else stops the channel: not an XRUN, and not a stream that goes on.
#[test]
fn a_channel_stopped_by_another_is_a_fault() {
    let dma: Dma<Mock, 1> = Dma::new(Mock::new(stops_after(LATENCY)));
    let source = Source { frames: numbered(1, 20_000).into(), repeat: 1 };
    dma.engine().hw().attach(0, Peripheral::recorder(LINE, source));
    let mut pcm = Pcm::new();
    let (open, half) = pcm.open_capture(dma.channel(0).unwrap(), device());
    let meddle = core::cell::Cell::new(true);
    let cpu = Cpu::new(dma.engine(), |atomic: &_| {
        dma.interrupt(atomic, &mut |callback, event| {
            half.elapsed(callback, event);
            if meddle.take() {
                assert!(callback.terminate_async());
            }
        });
    });
    cpu.thread(|context| {
        let stream = start(open);
        cpu.run_until(Nanos::from_micros(1_000));
        let dead = dead(stream.readi(context, &mut [0; 400]));
        assert_eq!(dead.fault(), Fault::StoppedByAnother);
        assert_alive(dma.engine().hw(), context, dead.reset(context).unwrap().prepare().start().unwrap());
    });
}

/// A period longer than the engine can do is known only at the start. Nothing was started: no run, no mapping, no stop.
#[test]
fn a_start_that_the_engine_cannot_do_leaves_the_stream_prepared() {
    common::capture(stops_after(LATENCY), LINE, 100, |bench, _context, open| {
        let long = HwParams { format: SampleFormat::S32Le, period_size: Frames(1 << 18), periods: 2, ..SEED };
        let error = StartError::Engine(PrepError::SegmentTooLong { len: 1 << 21, limit: 1 << 20 });
        let mut prepared = open.hw_params(long, ring(&long)).unwrap().prepare();
        for _ in 0..20 {
            let Err(kept) = prepared.start() else { panic!("2 MiB in one go") };
            assert_eq!(kept.error, error);
            prepared = still_prepared(kept.value);
        }
        assert_eq!(bench.hw.with_peripheral(0, |recorder| recorder.runs().len()), Some(0));
        assert_eq!(bench.dma.statistics(0).unwrap().stops, 0);
        drop(prepared);
        assert!(bench.dma.channel(0).is_ok(), "the channel is free at once");
    });
}

/// Start fails, and is tried again. In Linux the second start may find the stop of the first still under way, for no
/// `prepare` lies between them. Here a failed start has nothing to stop; what was written is still there.
#[test]
fn a_start_that_failed_can_be_tried_again() {
    let dma: Dma<Wayward, 1> = Dma::new(Wayward::new(Mock::new(stops_after(LATENCY))));
    let engine = dma.engine();
    engine.mock.hw().attach(0, Peripheral::player(LINE));
    let mut pcm = Pcm::new();
    let (open, half) = pcm.open_playback(dma.channel(0).unwrap(), device());
    let cpu = Cpu::new(&engine.mock, |atomic: &_| {
        dma.interrupt(atomic, &mut |callback, event| _ = half.elapsed(callback, event));
    });
    cpu.thread(|context| {
        let mut prepared = open.hw_params(SEED, ring(&SEED)).unwrap().prepare();
        assert_eq!(prepared.writei(&numbered(1, 96)), Frames(96));
        // More often than the channel has descriptors: a refusal keeps none.
        engine.refuse(20);
        for _ in 0..20 {
            let Err(kept) = prepared.start() else { panic!("refused") };
            assert_eq!(kept.error, StartError::Engine(REFUSED));
            prepared = still_prepared(kept.value);
        }
        let stopped = prepared.start().unwrap().drain(context).unwrap();

        // And behind a stop: the stop stays pending, the old run's ring stays where it is.
        let mut prepared = stopped.prepare_queued();
        assert_eq!(prepared.writei(&numbered(1_001, 96)), Frames(96));
        engine.refuse(1);
        let Err(kept) = prepared.start() else { panic!("refused") };
        let stopped = still_prepared(kept.value).start().unwrap().drain(context).unwrap();
        let _ = stopped.synchronize(context).unwrap();
    });
    cpu.run_until(Nanos::from_micros(100_000));
    let played =
        |player: &mut Peripheral| player.taken().iter().map(|run| numbers(&run.bytes[..384])).collect::<Vec<_>>();
    let played = engine.mock.hw().with_peripheral(0, played).unwrap();
    assert_eq!(played, [counting(1, 96), counting(1_001, 96)]);
    assert_eq!((engine.mock.hw().late_accesses(), engine.mock.hw().faults()), (0, 0));
}
