//! `recover`, from each state that has it and by each path that leads there, by each of the three policies and by what helps when that
//! does not; and what it says was lost, to the frame.

mod common;

use backend_mock::MockConfig;
use backend_mock::hw::StopLatency;
use common::pair::{LATENCY, Pair, Party, Setting, board, prepared, run};
use common::wayward::Wayward;
use common::{SEED, counting, numbers, stops_after};
use dmaengine_core::{Micros, Sleepable};
use pcm_dmaengine::{
    Broken, Capture, DaiError, Fault, Faulted, Frames, Lost, NotStarted, PcmStatistics, Prepared, Recovery,
    ReleaseFailed, Running, Stopped, Trigger, Undone, Xrun, XrunCause,
};

const NO: DaiError = DaiError::Refused { code: -19 };
const POLICIES: [(&str, Recovery<Wayward>); 3] = [
    ("SYNC_STOP", Recovery::SYNC_STOP),
    ("ATOMIC", Recovery::ATOMIC),
    ("QUEUE_AFTER_STOP", Recovery::QUEUE_AFTER_STOP),
];

type Recovered<'a> = Result<(Prepared<'a, Wayward, Capture>, Lost), Faulted<'a, Wayward, Capture>>;

/// Each state that has `recover`.
enum Stuck<'a> {
    Xrun(Xrun<'a, Wayward, Capture>),
    Undone(Undone<'a, Wayward, Capture>),
    Stopped(Stopped<'a, Wayward, Capture>),
    Faulted(Faulted<'a, Wayward, Capture>),
    Broken(Broken<'a, Wayward, Capture>),
    NotStarted(NotStarted<'a, Wayward, Capture>),
}

impl<'a> Stuck<'a> {
    fn recover(self, context: &Sleepable<'_>) -> Recovered<'a> {
        let faulted = |broken| match broken {
            Broken::Faulted(dead) => dead,
            broken => panic!("{broken}"),
        };
        match self {
            Self::Xrun(stream) => stream.recover(context),
            Self::Undone(stream) => stream.recover(context),
            Self::Stopped(stream) => stream.recover(context),
            Self::Faulted(stream) => stream.recover(context),
            Self::Broken(stream) => stream.recover(context).map_err(faulted),
            Self::NotStarted(stream) => stream.recover(context).map(|ready| (ready, Lost::default())),
        }
    }
}

/// A path from a running stream to where it does not go on; its last step is the stop.
type Path = for<'a> fn(&Pair<'a>, Running<'a, Wayward, Capture>, &Sleepable<'_>) -> Stuck<'a>;

fn fails_to_start<'a>(
    pair: &Pair<'a>,
    running: Running<'a, Wayward, Capture>,
    cx: &Sleepable<'_>,
) -> NotStarted<'a, Wayward, Capture> {
    let ready = running.stop().prepare(cx).unwrap();
    pair.dais[0].refuse(Party::Dai, Trigger::Start, NO);
    ready.start().unwrap_err().value
}

const PATHS: [(&str, Path); 12] = [
    ("xrun", |pair, running, _| match late(pair, running) {
        Broken::Xrun(over) => Stuck::Xrun(over),
        broken => panic!("{broken}"),
    }),
    ("xrun, as what a call ended in", |pair, running, _| Stuck::Broken(late(pair, running))),
    ("failed start", |pair, running, context| match fails_to_start(pair, running, context) {
        NotStarted::Undone(undone) => Stuck::Undone(undone),
        other => panic!("{other:?}"),
    }),
    ("failed start, as what the call ended in", |pair, running, context| {
        Stuck::NotStarted(fails_to_start(pair, running, context))
    }),
    ("a start that finds an XRUN", |pair, running, context| {
        let ready = running.stop().prepare(context).unwrap();
        pair.dais[0].refuse(Party::Dai, Trigger::Start, DaiError::Xrun);
        let NotStarted::Xrun(over) = ready.start().unwrap_err().value else { panic!("it had one") };
        Stuck::Xrun(over)
    }),
    ("failed end of a pause", |pair, running, _| {
        let Ok(paused) = running.pause() else { panic!("it pauses") };
        pair.dais[0].refuse(Party::Dai, Trigger::PauseRelease, NO);
        let Err(ReleaseFailed::Broken(Broken::Faulted(dead))) = paused.resume() else { panic!("it refused") };
        assert_eq!(dead.fault(), Fault::Peripheral(NO));
        Stuck::Faulted(dead)
    }),
    ("failed resume", |pair, running, _| {
        let suspended = running.suspend_paused().unwrap();
        pair.dais[0].refuse(Party::Dai, Trigger::Resume, NO);
        Stuck::Stopped(suspended.resume().unwrap_err().value.stop())
    }),
    ("stopped", |_, running, _| Stuck::Stopped(running.stop())),
    ("drained", |_, running, _| Stuck::Stopped(running.drain().unwrap().stop())),
    ("paused, and stopped", |_, running, _| {
        let Ok(paused) = running.pause() else { panic!("it pauses") };
        Stuck::Stopped(paused.stop())
    }),
    ("suspended by a pause, and stopped", |_, running, _| Stuck::Stopped(running.suspend_paused().unwrap().stop())),
    ("suspended by a stop, and stopped", |_, running, _| Stuck::Stopped(running.suspend().stop())),
];

fn late<'a>(pair: &Pair<'a>, running: Running<'a, Wayward, Capture>) -> Broken<'a, Wayward, Capture> {
    pair.pass_unseen(Micros(20_000));
    running.hwsync().expect_err("20 ms in a ring of 10")
}

fn alive(pair: &Pair<'_>, context: &Sleepable<'_>, ready: Prepared<'_, Wayward, Capture>) {
    let mut out = vec![0; 4 * 960];
    let Ok((stream, frames)) = run(ready).readi(context, &mut out) else { panic!("dead") };
    let first = pair.hw().with_peripheral(0, |recorder| recorder.runs().last().unwrap().first_frame).unwrap();
    assert_eq!((frames, numbers(&out)), (Frames(960), counting(first as u32 + 1, 960)));
    let _ = stream.stop().synchronize(context).unwrap();
}

fn setting(recovery: Recovery<Wayward>, latency: Micros, bound: Micros) -> Setting {
    let engine = MockConfig { channels: 2, stop_latency: latency, ..stops_after(bound) };
    Setting { recovery, engine, ..Setting::default() }
}

/// From each state by each policy: it takes as long as the policy says, and the stream is alive.
#[test]
fn every_path_back_by_every_policy() {
    for (name, recovery) in POLICIES {
        for (path, drive) in PATHS {
            let (_, [statistics, _]) = board(setting(recovery, LATENCY, LATENCY), |pair, context, (open, _)| {
                let running = run(prepared(open));
                pair.pass(Micros(1_350));
                let stuck = drive(pair, running, context);
                // A dead stream is not trusted to stop by itself; it is waited for whatever the policy.
                let dead = matches!(stuck, Stuck::Faulted(_));
                let since = pair.now();
                let Ok((ready, _)) = stuck.recover(context) else { panic!("{name}, {path}") };
                let took = pair.now() - since;
                let expected = if name == "QUEUE_AFTER_STOP" && !dead { Micros(0) } else { LATENCY };
                assert_eq!(took, expected, "{name}, {path}");
                alive(pair, context, ready);
            });
            // Each stop was of a millisecond: the path's, the one before a second start, and the last.
            let stops = if path.contains("start") { 3 } else { 2 };
            assert_eq!(statistics.time_in_stop, LATENCY * stops, "{name}, {path}");
        }
    }
}

/// An engine that stops later than it says, very much later, or not at all.
#[test]
fn what_helps_when_the_policy_does_not() {
    // Twice the bound and 10 ms is how long a sleeper waits before the reset.
    let rows: [(&str, u64, u64, u64); 3] =
        [("SYNC_STOP", 5_000, 5_000, 12_000), ("ATOMIC", 5_000, 5_000, 13_000), ("QUEUE_AFTER_STOP", 5_000, 0, 0)];
    for ((name, recovery), (row, latency, late_takes, never_takes)) in POLICIES.into_iter().zip(rows) {
        assert_eq!(name, row);
        board(setting(recovery, Micros(latency), LATENCY), |pair, context, (open, _)| {
            let over = late(pair, run(prepared(open)));
            let since = pair.now();
            let Ok((ready, _)) = over.recover(context) else { panic!("it stops in the end") };
            assert_eq!(pair.now() - since, Micros(late_takes), "{name}");
            alive(pair, context, ready);
        });
        board(setting(recovery, LATENCY, LATENCY), |pair, context, (open, _)| {
            pair.hw().set_stop_latency(StopLatency::Never);
            let over = late(pair, run(prepared(open)));
            let since = pair.now();
            let Ok((ready, _)) = over.recover(context) else { panic!("a reset helps") };
            assert!(pair.now() - since <= Micros(never_takes + 2), "{name}: {}", pair.now() - since);
            let reset = pair.engine.journal().iter().any(|told| told == "0: dma reset");
            assert_eq!(reset, name != "QUEUE_AFTER_STOP");
            if !reset {
                // Queued behind a stop that never comes, it is found dead after its patience, and then reset.
                let Err(Broken::Faulted(dead)) = run(ready).readi(context, &mut [0; 4]) else {
                    panic!("it never begins")
                };
                assert!(matches!(dead.fault(), Fault::Stalled { .. }));
                pair.hw().set_stop_latency(StopLatency::After(backend_mock::hw::Nanos(0)));
                return alive(pair, context, dead.recover(context).unwrap().0);
            }
            pair.hw().set_stop_latency(StopLatency::After(backend_mock::hw::Nanos(0)));
            alive(pair, context, ready);
        });
    }
}

/// Not even a reset stops it: the stream is dead, says so, and holds its channel and its ring, until another reset helps.
#[test]
fn an_engine_that_nothing_stops_keeps_its_ring() {
    for (name, recovery) in [POLICIES[0], POLICIES[1]] {
        board(setting(recovery, LATENCY, LATENCY), |pair, context, (open, _)| {
            pair.hw().set_stop_latency(StopLatency::Never);
            pair.engine.refuse_reset(2);
            let Err(Broken::Faulted(dead)) = late(pair, run(prepared(open))).recover(context) else { panic!("{name}") };
            assert!(matches!(dead.fault(), Fault::NeverStopped(_)), "{name}: {}", dead.fault());
            let Err(dead) = dead.recover(context) else { panic!("{name}: it was refused twice") };
            assert!(matches!(dead.fault(), Fault::NeverStopped(_)));
            assert!(pair.dma.channel(0).is_err(), "the channel is not free");
            let (_open, memory) = dead.reset(context).unwrap().hw_free();
            assert_eq!(memory.len() as u64, SEED.buffer_bytes(), "and now the ring comes back");
        });
    }
}

/// What is lost is what the next run does not hear: to the frame, by whatever policy, and in the statistics, too.
#[test]
fn lost_is_right_to_the_frame() {
    for (name, recovery) in POLICIES {
        for more in [0, 700, 1_234] {
            let (first, [statistics, _]) = board(setting(recovery, LATENCY, LATENCY), |pair, context, (open, _)| {
                let over = late(pair, run(prepared(open)));
                pair.pass(Micros(more));
                let Ok((ready, lost)) = over.recover(context) else { panic!("it stops") };
                let waited = if name == "QUEUE_AFTER_STOP" { more } else { LATENCY.0.max(more) };
                assert_eq!(lost.time, Micros(waited), "{name}, {more}");
                assert_eq!(lost.frames, Frames(960 + waited * 48 / 1_000), "{name}, {more}");
                let stream = run(ready);
                let mut out = [0; 4 * 32];
                let Ok((stream, _)) = stream.readi(context, &mut out) else { panic!("alive") };
                let first = numbers(&out)[0].expect("a frame");
                let _ = stream.stop().synchronize(context).unwrap();
                first
            });
            let lost = LATENCY.0.max(more);
            let PcmStatistics { frames_dropped, frames_missed, longest_gap, .. } = statistics;
            assert_eq!(
                (frames_dropped, frames_missed, longest_gap),
                (960, lost * 48 / 1_000, Micros(lost)),
                "{name}, {more}"
            );
            // A frame that was on its way when the run began is the next one's first, or not.
            let heard = u64::from(first) - 1;
            assert!(
                heard.abs_diff(frames_dropped + frames_missed) <= 1,
                "{name}, {more}: {heard} frames before the first"
            );
        }
    }
}

/// An XRUN that the client asked for is reported where the engine is, not where the last interrupt saw it.
#[test]
fn an_xrun_asked_for_drops_what_has_come() {
    board(Setting::default(), |pair, _context, (open, _)| {
        let running = run(prepared(open));
        pair.pass_unseen(Micros(5_000));
        let Broken::Xrun(over) = running.xrun() else { panic!("asked for") };
        assert_eq!((over.report().avail, over.report().cause), (Frames(240), XrunCause::Asked));
    });
}

/// The time of a stop behind which a run is queued ends when that run begins, also if nobody looks; and if that run is stopped before, it
/// is still the one stop.
#[test]
fn a_stop_with_a_run_behind_it_is_counted_once_and_to_its_end() {
    let queued = setting(Recovery::QUEUE_AFTER_STOP, LATENCY, LATENCY);
    board(queued, |pair, context, (open, _)| {
        let over = late(pair, run(prepared(open)));
        let running = run(over.recover(context).unwrap().0);
        pair.pass(Micros(5_000));
        let statistics = pair.halves[0].statistics();
        assert_eq!((statistics.time_in_stop, statistics.longest_gap), (LATENCY, LATENCY), "the interrupt tells");
        drop(running);
    });
    let (_, [statistics, _]) = board(queued, |pair, context, (open, _)| {
        let behind = run(run(prepared(open)).stop().recover(context).unwrap().0);
        pair.pass(Micros(400));
        let _ = behind.stop().synchronize(context).unwrap();
    });
    assert_eq!(statistics.time_in_stop, LATENCY);
}

/// A run that waits behind a stop has its patience from the stop's end on. An engine that takes 200 ms, as some do, is none that is dead.
#[test]
fn patience_does_not_begin_before_the_stop_is_over() {
    let slow = Micros(250_000);
    board(setting(Recovery::QUEUE_AFTER_STOP, slow, slow), |pair, context, (open, _)| {
        assert!(SEED.patience() < slow);
        let over = late(pair, run(prepared(open)));
        let Ok((ready, _)) = over.recover(context) else { panic!("without waiting") };
        pair.cpu.hold_off_interrupts(true);
        let mut out = [0; 4 * 32];
        let Ok((stream, frames)) = run(ready).readi(context, &mut out) else { panic!("given up too soon") };
        assert_eq!(frames, Frames(32));
        pair.cpu.hold_off_interrupts(false);
        drop(stream);
        pair.pass(slow);
    });
}

/// Paused for longer than its patience, a stream has it anew when it goes on.
#[test]
fn what_is_held_has_patience() {
    board(Setting::default(), |pair, context, (open, _)| {
        let running = run(prepared(open));
        let Ok(paused) = running.pause() else { panic!("it pauses") };
        pair.pass(SEED.patience() * 3);
        assert!(paused.avail().0 < 4, "nothing came");
        let Ok(running) = paused.resume() else { panic!("it goes on") };
        let suspended = running.suspend_paused().unwrap();
        pair.pass(SEED.patience() * 3);
        let Ok(pcm_dmaengine::Resumed::Running(running)) = suspended.resume() else { panic!("it goes on") };
        let Ok((running, _)) = running.readi(context, &mut [0; 4 * 96]) else { panic!("it is alive") };
        drop(running);
    });
}
