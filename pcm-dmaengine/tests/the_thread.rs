//! The failure that this library starts from, and its two sisters, one section each.
//!
//! The pcm|dmaengine|imx-sdma thread of August 2020 told of the first: a stream that was started again before the stop of
//! its last run was complete. Four years later it was fixed in Linux's PCM layer (commit e8343410ddf0), and the two others
//! were found there within six weeks: a channel that was synchronized without having been told to stop (commit
//! 6a7db25aad8c), and one that was synchronized while it was paused (commit 88e98af9f4b5, a regression of the first fix).

mod common;

use std::cell::Cell;

use backend_mock::hw::{News, NewsKind, Peripheral, Source, StreamConfig};
use backend_mock::{Cpu, Mock};
use common::{
    Bench, SEED, WayBack, assert_runs_do_not_overlap, counting, device, number, numbered, numbers, ring, stops_after,
    xrun,
};
use dmaengine_core::{Atomic, Dma, EventKind, Micros, Sleepable};
use pcm_dmaengine::{Broken, Capture, Elapsed, Fault, Frames, Open, Pcm, PcmStatistics, Running};

const LATENCY: Micros = Micros(1_000);
const LINE: StreamConfig = StreamConfig { rate: 48_000, frame_bytes: 4, fifo_frames: 32, watermark: 1 };

fn start<'a>(open: Open<'a, Mock, Capture>) -> Running<'a, Mock, Capture> {
    open.hw_params(SEED, ring(&SEED)).unwrap().prepare().start().unwrap()
}

/// Reads so many frames; all of them must come.
fn read<'a>(
    stream: Running<'a, Mock, Capture>,
    context: &Sleepable<'_>,
    frames: usize,
) -> (Running<'a, Mock, Capture>, Vec<Option<u32>>) {
    let mut out = vec![0; 4 * frames];
    match stream.readi(context, &mut out) {
        Ok((stream, read)) => {
            assert_eq!(read, Frames(frames as u64));
            (stream, numbers(&out))
        }
        Err(Broken::Xrun(over)) => panic!("an XRUN while the reader was in time: {:?}", over.report()),
        Err(broken) => panic!("{broken}"),
    }
}

// (a) Start before synchronize.
//
// The reader is late and the ring of 480 frames runs over: the interrupt finds 960 frames in it and tells the engine to
// stop. The engine needs 1 ms for that. The reader prepares and starts 0.26 ms after the stop. In Linux 5.4 the new
// transfer went onto the lists of the channel, and 1 ms after the stop the worker that finished it freed all that was on
// them, old and new. The reader waited for 10 s, got EIO, and the stream was said to be running.

const RESTART: Micros = Micros(260);

fn restart_0_26_ms_after_the_stop(way: WayBack) {
    let (_, statistics) = common::capture(stops_after(LATENCY), LINE, 20_000, |bench, context, open| {
        let stream = start(open);
        bench.pass_unseen(Micros(20_000));
        bench.cpu.hold_off_interrupts(false);
        assert!(bench.cpu.take_interrupt());
        assert_eq!(bench.count(Elapsed::Xrun), 1, "the interrupt finds it, and nobody else");
        let stopped = bench.now();

        bench.pass(RESTART);
        let over = xrun(stream.readi(context, &mut [0; 4]));
        let report = *over.report();
        assert_eq!((report.hw_ptr, report.appl_ptr, report.avail), (Frames(960), Frames(0), Frames(960)));
        assert_eq!(report.at, stopped, "the interrupt's report, not the reader's own");

        let masked = bench.cpu.masked_time();
        let stream = way.go(bench, context, over).start().unwrap();
        let (restarted, masked) = (bench.now() - stopped, bench.cpu.masked_time().0 - masked.0);
        assert_eq!(stream.hw_ptr(), Frames(0), "a new run begins at its beginning");
        match way {
            WayBack::Asleep => assert_eq!((restarted, masked), (LATENCY, 0), "asleep until the stop is complete"),
            WayBack::Masked => assert_eq!((restarted, masked), (LATENCY, 740_000), "busy for the rest of the stop"),
            WayBack::Queued => {
                assert_eq!((restarted, masked), (RESTART, 0), "waits for nothing");
                bench.pass(LATENCY - RESTART - Micros(1));
                assert_eq!(stream.hw_ptr(), Frames(0), "it waits behind the stop");
            }
        }

        let (stream, heard) = read(stream, context, 4_800);
        let runs = bench.hw.with_peripheral(0, |recorder| recorder.runs().to_vec()).unwrap();
        let [_, run] = runs[..] else { panic!("two starts, two runs: {runs:?}") };
        assert_eq!(heard, counting(run.first_frame as u32 + 1, 4_800), "every frame of the new run, from its first");
        assert_runs_do_not_overlap(&bench.hw.log());
        let _ = stream.stop().synchronize(context).unwrap();
        assert_eq!((bench.hw.late_accesses(), bench.hw.faults()), (0, 0));
    });
    assert_eq!((statistics.xruns, statistics.frames_dropped), (1, 960));
}

#[test]
fn restart_0_26_ms_after_the_stop_by_prepare() {
    restart_0_26_ms_after_the_stop(WayBack::Asleep);
}

#[test]
fn restart_0_26_ms_after_the_stop_by_prepare_atomic() {
    restart_0_26_ms_after_the_stop(WayBack::Masked);
}

#[test]
fn restart_0_26_ms_after_the_stop_by_prepare_queued() {
    restart_0_26_ms_after_the_stop(WayBack::Queued);
}

/// The same, when the thread's own look finds the XRUN before the interrupt is let through.
#[test]
fn an_xrun_that_the_thread_finds_itself_stops_the_engine_too() {
    let (_, statistics) = common::capture(stops_after(LATENCY), LINE, 20_000, |bench, context, open| {
        let stream = start(open);
        bench.pass_unseen(Micros(20_000));
        let over = xrun(stream.readi(context, &mut [0; 4]));
        assert_eq!((over.report().avail, over.report().at), (Frames(960), Micros(20_000)));
        bench.cpu.hold_off_interrupts(false);
        bench.pass(LATENCY);
        assert_eq!((bench.count(Elapsed::Xrun), bench.count(Elapsed::Moved)), (0, 0), "the interrupt came too late");
        let quiet = bench.hw.log().last().unwrap().to;
        assert!(quiet.as_micros() <= 21_000, "the engine touched the ring at {quiet}, later than 1 ms after the stop");
        let (stream, _) = read(over.prepare(context).unwrap().start().unwrap(), context, 960);
        let _ = stream.stop().synchronize(context).unwrap();
    });
    assert_eq!(statistics.xruns, 1);
}

/// The race: on one core the interrupt takes a period event; before it gets to the stream, the thread on another core has
/// stopped that run and, if `restart`, started the next. The event says that 480 frames have arrived.
fn an_event_arrives_after_the_stop(restart: bool) -> PcmStatistics {
    let dma: Dma<Mock, 1> = Dma::new(Mock::new(stops_after(LATENCY)));
    let source = Source { frames: numbered(1, 20_000).into(), repeat: 1 };
    dma.engine().hw().attach(0, Peripheral::recorder(LINE, source));
    let mut pcm = Pcm::new();
    {
        let (open, half) = pcm.open_capture(dma.channel(0).unwrap(), device());
        let (running, stopped, late) = (Cell::new(None), Cell::new(None), Cell::new(None));
        let cpu = Cpu::new(dma.engine(), |atomic: &Atomic<'_>| {
            dma.interrupt(atomic, &mut |callback, event| {
                let old: Option<Running<'_, Mock, Capture>> = running.take();
                let Some(old) = old else {
                    half.elapsed(callback, event);
                    return;
                };
                // The other core is quicker than what is left of this interrupt.
                if restart {
                    running.set(Some(old.stop().prepare_queued().start().unwrap()));
                } else {
                    stopped.set(Some(old.stop()));
                }
                assert!(matches!(event.kind, EventKind::Period { position: 1_920.., .. }), "{event:?}");
                late.set(Some(half.elapsed(callback, event)));
            });
        });
        cpu.thread(|context| {
            let stream = start(open);
            cpu.hold_off_interrupts(true);
            context.sleep(Micros(10_000));
            running.set(Some(stream));
            cpu.hold_off_interrupts(false);
            cpu.take_interrupt();
            assert_eq!(late.get(), Some(Elapsed::NotOurs));

            if let Some(stream) = running.take() {
                assert_eq!((stream.hw_ptr(), stream.avail()), (Frames(0), Frames(0)), "nothing has arrived yet");
                let (stream, heard) = read(stream, context, 960);
                let run = dma.engine().hw().with_peripheral(0, |recorder| recorder.runs()[1]).unwrap();
                assert_eq!(heard, counting(run.first_frame as u32 + 1, 960));
                stopped.set(Some(stream.stop()));
            }
            let _ = stopped.take().unwrap().synchronize(context).unwrap();
        });
    }
    pcm.statistics()
}

/// If the event moved the new pointer, the new run would have an XRUN before its first frame. Linux's `pos` moves so: it
/// counts a period for whoever calls (sound/core/pcm_dmaengine.c).
#[test]
fn a_late_period_of_the_old_run_does_not_move_the_new_pointer() {
    let statistics = an_event_arrives_after_the_stop(true);
    assert_eq!((statistics.late_periods, statistics.xruns), (1, 0));
}

/// A stream that was stopped cannot be late.
#[test]
fn a_late_period_of_a_stopped_run_is_no_xrun() {
    let statistics = an_event_arrives_after_the_stop(false);
    assert_eq!((statistics.late_periods, statistics.xruns), (1, 0));
}

/// What the old run has to tell may still be in the engine when the new one runs: interrupts were masked all the while.
/// The core drops it by its number, so the stream's half never hears of it.
#[test]
fn news_of_the_old_run_does_not_reach_the_new_one() {
    let (late, statistics) = common::capture(stops_after(LATENCY), LINE, 20_000, |bench, context, open| {
        let stream = start(open);
        bench.pass_unseen(Micros(20_000));
        let stream = WayBack::Masked.go(bench, context, xrun(stream.readi(context, &mut [0; 4]))).start().unwrap();
        let old = bench.hw.peek_news(0).expect("the old run's periods").tag;
        for kind in [NewsKind::Periods(30), NewsKind::Done, NewsKind::Fault, NewsKind::Stopped] {
            bench.hw.post_news(0, News { tag: old, at: bench.hw.now(), kind });
        }
        bench.cpu.hold_off_interrupts(false);
        bench.cpu.take_interrupt();
        assert_eq!(*bench.seen.borrow(), [], "nothing of it is about the new run");

        let (stream, heard) = read(stream, context, 960);
        let run = bench.hw.with_peripheral(0, |recorder| recorder.runs()[1]).unwrap();
        assert_eq!(heard, counting(run.first_frame as u32 + 1, 960));
        let late = bench.dma.statistics(0).unwrap().late_events;
        let _ = stream.stop().synchronize(context).unwrap();
        late
    });
    // One for the periods that were really left, three for the news above; `Stopped` without a stop is no event.
    assert_eq!((late, statistics.late_periods, statistics.xruns), (4, 0, 1));
}

// (b) Synchronize without terminate.
//
// A stream that is closed while its channel runs, or is paused, must stop it first. In Linux close() had to remember
// that, and for a paused channel it did not: it waited for a stop that nobody had asked for (commit 6a7db25aad8c). Here
// `synchronize` exists only on `Stopped`, which is only made by a stop; `tests/compile_fail/row19_*` show that nothing
// else has it. Whoever just drops a stream stops it too, and nobody gets its channel before that is complete.

/// Brings a stream into some state and drops it there. The channel is refused until the engine has stopped; then a new
/// stream on it works, the old ring is not touched any more, and the old half has nothing to say about it.
fn dropped(
    busy: bool,
    bring_there_and_drop: impl for<'a> FnOnce(Bench<'a>, &mut Sleepable<'_>, Open<'a, Mock, Capture>),
) {
    common::capture(stops_after(LATENCY), LINE, 20_000, |bench, context, open| {
        bring_there_and_drop(bench, context, open);
        bench.cpu.hold_off_interrupts(false);
        assert_eq!(bench.dma.channel(0).is_err(), busy, "in use until the engine has stopped");
        bench.pass(if busy { LATENCY } else { Micros(0) });
        let (old, before) = (bench.hw.log().len(), bench.now());
        bench.seen.borrow_mut().clear();

        let stream = start(bench.reopen_capture(bench.dma.channel(0).expect("it has stopped")));
        let (stream, heard) = read(stream, context, 2_400);
        let run = bench.hw.with_peripheral(0, |recorder| *recorder.runs().last().unwrap()).unwrap();
        assert_eq!(heard, counting(run.first_frame as u32 + 1, 2_400));
        for (event, answer) in bench.seen.borrow().iter().step_by(2) {
            assert_eq!(*answer, Elapsed::NotOurs, "the old half takes {event:?} for its own");
        }
        for access in &bench.hw.log()[old..] {
            assert!(access.tag == run.tag, "transfer {} touches memory after {before}", access.tag);
        }
        let _ = stream.stop().synchronize(context).unwrap();
        assert_eq!((bench.hw.late_accesses(), bench.hw.faults()), (0, 0));
    });
}

#[test]
fn a_dropped_open_stream_gives_its_channel_back() {
    dropped(false, |_, _, open| drop(open));
}

#[test]
fn a_dropped_setup_gives_its_channel_back() {
    dropped(false, |_, _, open| drop(open.hw_params(SEED, ring(&SEED)).unwrap()));
}

#[test]
fn a_dropped_prepared_stream_gives_its_channel_back() {
    dropped(false, |_, _, open| drop(open.hw_params(SEED, ring(&SEED)).unwrap().prepare()));
}

#[test]
fn a_dropped_running_stream_stops_and_gives_its_channel_back() {
    dropped(true, |_, context, open| drop(read(start(open), context, 100)));
}

#[test]
fn a_dropped_xrun_stops_and_gives_its_channel_back() {
    dropped(true, |bench, context, open| {
        let stream = start(open);
        bench.pass_unseen(Micros(11_000));
        drop(xrun(stream.readi(context, &mut [0; 4])));
    });
}

#[test]
fn a_dropped_stopped_stream_gives_its_channel_back() {
    dropped(true, |_, context, open| drop(read(start(open), context, 100).0.stop()));
}

#[test]
fn a_stream_dropped_while_prepared_behind_a_stop_gives_its_channel_back() {
    dropped(true, |_, context, open| drop(read(start(open), context, 100).0.stop().prepare_queued()));
}

#[test]
fn a_stream_dropped_while_it_waits_behind_a_stop_gives_its_channel_back() {
    dropped(true, |_, context, open| {
        drop(read(start(open), context, 100).0.stop().prepare_queued().start().unwrap());
    });
}

/// The way a stream is meant to be closed: the ring comes back with proof, and then the engine is not in it any more.
#[test]
fn a_ring_that_was_handed_back_is_not_written_to() {
    common::capture(stops_after(LATENCY), LINE, 20_000, |bench, context, open| {
        let memory = ring(&SEED);
        let address = memory.as_ptr();
        let stream = open.hw_params(SEED, memory).unwrap().prepare().start().unwrap();
        let (stream, _) = read(stream, context, 100);
        let (asked, stopped) = (bench.now(), stream.stop());
        let setup = stopped.synchronize(context).unwrap();
        assert_eq!(bench.now() - asked, LATENCY, "not before it has stopped");
        let (open, memory) = setup.hw_free();
        assert_eq!(memory.as_ptr(), address);
        assert_eq!(number(memory), Some(1), "what was captured is in it");
        memory.fill(0x33);
        bench.pass(Micros(20_000));
        assert!(memory.iter().all(|&byte| byte == 0x33));
        drop(open.close());
        assert!(bench.dma.channel(0).is_ok());
        assert_eq!((bench.hw.late_accesses(), bench.hw.faults()), (0, 0));
    });
}

// (c) Synchronize while paused.
//
// Linux's fix for (a) waited for a channel that was only paused, by a system suspend, and broke its resume (commit
// 88e98af9f4b5). The core's `Paused` has `resume` and `terminate_*`, a stream's `resume`, `suspend` and `stop`, and neither
// can be waited for: `tests/compile_fail/row19_*`. What is left for run time is a channel that is paused behind the
// stream's back.

#[test]
fn a_channel_paused_behind_its_back_is_a_dead_stream_that_can_be_stopped() {
    common::capture(stops_after(LATENCY), LINE, 40_000, |bench, context, open| {
        let (stream, _) = read(start(open), context, 320);
        bench.hw.pause(0);
        let Err(Broken::Faulted(dead)) = stream.readi(context, &mut [0; 4]) else { panic!("nothing moves") };
        assert!(matches!(dead.fault(), Fault::Stalled { .. }));
        // The wait is for the stop that the fault has asked for, not for the pause.
        let setup = dead.reset(context).unwrap();
        let (stream, _) = read(setup.prepare().start().unwrap(), context, 960);
        let _ = stream.stop().synchronize(context).unwrap();
        assert_eq!((bench.hw.late_accesses(), bench.hw.faults()), (0, 0));
    });
}
