//! The holes that are still open in Linux's PCM layer over DMA (6.12, sound/core and sound/soc), one test each: first what happens there, then
//! that it does not happen here. Where the types leave nothing to try, `compile_fail/` has the case, and the test shows what is left for
//! run time.

mod common;

use backend_mock::hw::StopLatency;
use common::pair::{LATENCY, Pair, Party, Setting, board, filled, prepared, run};
use common::wayward::Wayward;
use common::{SEED, assert_runs_do_not_overlap, counting, numbered, numbers, ring};
use dmaengine_core::{Kept, Micros, Sleepable, Unfinished};
use pcm_dmaengine::dynamic::{DynPcm, Errno, State};
use pcm_dmaengine::{
    Broken, Capture, DaiError, Fault, Frames, NotStarted, Open, Prepared, ReleaseFailed, Running, Setup, StartError,
    Trigger, Way, XrunCause,
};

const NO: DaiError = DaiError::Refused { code: -19 };

fn told(pair: &Pair<'_>, what: &str) -> usize {
    pair.engine.journal().iter().filter(|line| *line == what).count()
}

/// Frames arrive, one after the other, from the first of this run on.
fn alive(pair: &Pair<'_>, context: &Sleepable<'_>, stream: Running<'_, Wayward, Capture>) {
    let mut out = vec![0; 4 * 960];
    let Ok((stream, frames)) = stream.readi(context, &mut out) else { panic!("nothing moves") };
    let first = pair.hw().with_peripheral(0, |recorder| recorder.runs().last().unwrap().first_frame).unwrap();
    assert_eq!((frames, numbers(&out)), (Frames(960), counting(first as u32 + 1, 960)));
    let _ = stream.stop().synchronize(context).unwrap();
}

/// H1. `sync_stop` is something that a platform's driver wires up or not; eleven clients do not, and their rings are freed or used again
/// while the engine writes. Here the ring is inside the stop, and whoever has it back has waited: from every state.
#[test]
fn h1_every_stop_is_synchronized_before_its_ring_is_given_back() {
    type Way<'a> = Result<Setup<'a, Wayward, Capture>, &'a str>;
    type Path = for<'a> fn(&Pair<'a>, Open<'a, Wayward, Capture>, &Sleepable<'_>) -> Way<'a>;
    fn ok<T, E>(answer: Result<T, E>) -> T {
        answer.unwrap_or_else(|_| panic!("it does"))
    }
    let paths: [(&str, Path); 9] = [
        ("running", |_, open, cx| Ok(ok(run(prepared(open)).stop().synchronize(cx)))),
        ("paused", |_, open, cx| Ok(ok(ok(run(prepared(open)).pause()).stop().synchronize(cx)))),
        ("suspended by a pause", |_, open, cx| Ok(ok(ok(run(prepared(open)).suspend_paused()).stop().synchronize(cx)))),
        ("suspended by a stop", |_, open, cx| Ok(ok(run(prepared(open)).suspend().stop().synchronize(cx)))),
        ("xrun", |_, open, cx| {
            let Broken::Xrun(over) = run(prepared(open)).xrun() else { return Err("no XRUN") };
            Ok(ok(over.stop().synchronize(cx)))
        }),
        ("dead", |pair, open, cx| {
            let running = run(prepared(open));
            pair.dma.engine().mock.hw().pause(0);
            pair.pass(Micros(200_000));
            let Err(Broken::Faulted(dead)) = running.hwsync() else { return Err("alive") };
            Ok(ok(dead.reset(cx)))
        }),
        ("failed start", |pair, open, cx| {
            pair.dais[0].refuse(Party::Dai, Trigger::Start, NO);
            let Err(Kept { value: NotStarted::Undone(undone), .. }) = prepared(open).start() else {
                return Err("not undone");
            };
            Ok(ok(undone.stop().synchronize(cx)))
        }),
        ("drained", |_, open, cx| Ok(ok(run(prepared(open)).drain().unwrap().stop().synchronize(cx)))),
        ("behind a stop", |_, open, cx| {
            let behind = run(prepared(open)).stop().prepare_queued().stop();
            Ok(ok(behind.expect_err("a stop is under way").synchronize(cx)))
        }),
    ];
    for (name, path) in paths {
        board(Setting::default(), |pair, context, (open, _)| {
            let setup = path(pair, open, context).unwrap_or_else(|why| panic!("{name}: {why}"));
            assert!(!pair.hw().is_touching(0), "{name}");
            let (_open, memory) = setup.hw_free();
            memory.fill(0xA5);
            pair.pass(Micros(20_000));
            assert!(memory.iter().all(|byte| *byte == 0xA5), "{name}: written after it was given back");
        });
    }
    // A device that is gone gives its ring back in the same way.
    board(Setting::default(), |pair, context, (open, _)| {
        let running = run(prepared(open));
        pair.halves[0].disconnect();
        let Err(Broken::Disconnected(gone)) = running.hwsync() else { panic!("it is gone") };
        let (_idle, memory) = gone.close(context).unwrap();
        memory.fill(0xA5);
        pair.pass(Micros(20_000));
        assert!(memory.iter().all(|byte| *byte == 0xA5));
    });
}

/// H2. A START that fails is undone by a STOP that nobody waits for, and the state stays PREPARED: the next START is legal at once,
/// and its transfer runs into the stop of the first. Here a start that was undone is not prepared, and the ways to be so again
/// wait, one way or another. (`compile_fail/row21_*`)
#[test]
fn h2_a_start_that_failed_is_waited_for_before_the_next() {
    type Back =
        for<'a> fn(pcm_dmaengine::Undone<'a, Wayward, Capture>, &Sleepable<'_>) -> Prepared<'a, Wayward, Capture>;
    let ways: [Back; 3] = [
        |undone, cx| undone.prepare(cx).unwrap_or_else(|_| panic!("it stops")),
        |undone, _| undone.prepare_atomic().unwrap_or_else(|_| panic!("it stops")),
        |undone, _| undone.prepare_queued(),
    ];
    for back in ways {
        board(Setting::default(), |pair, context, (open, _)| {
            let mut ready = prepared(open);
            for _ in 0..5 {
                pair.dais[0].refuse(Party::Dai, Trigger::Start, NO);
                let Err(Kept { value: NotStarted::Undone(undone), .. }) = ready.start() else { panic!("it refuses") };
                ready = back(undone, context);
            }
            alive(pair, context, run(ready));
            let channel: Vec<_> = pair.hw().log().into_iter().filter(|access| access.channel == 0).collect();
            assert_runs_do_not_overlap(&channel);
        });
    }
}

/// H3. SUSPEND pauses a channel that can pause. A client that prepares instead of resuming, as JACK2 does, has the core send no STOP, for
/// SUSPENDED is not running; the next transfer waits for ever behind the paused one. Here what is suspended holds the paused channel, and
/// there is no way to prepare but over its stop. (`compile_fail/row20_*`)
#[test]
fn h3_a_suspended_stream_that_is_prepared_is_stopped_first() {
    board(Setting::default(), |pair, context, (open, _)| {
        let suspended = run(prepared(open)).suspend_paused().unwrap();
        pair.pass(Micros(50_000));
        assert_eq!(told(pair, "0: dma stop"), 0, "it is only paused");
        let stopped = suspended.stop();
        assert_eq!(told(pair, "0: dma stop"), 1);
        alive(pair, context, run(stopped.prepare(context).unwrap()));
    });
    // JACK2's way, through the façade.
    board(Setting::default(), |pair, context, (open, _)| {
        let mut pcm = DynPcm::new(open, pair.halves[0], ring(&SEED)).with_pause();
        pcm.hw_params(context, SEED).unwrap();
        pcm.prepare(context).unwrap();
        pcm.start(context).unwrap();
        pcm.suspend().unwrap();
        pcm.prepare(context).unwrap();
        assert_eq!(told(pair, "0: dma stop"), 1);
        pcm.start(context).unwrap();
        let mut out = [0; 4 * 96];
        assert_eq!(pcm.readi(context, &mut out), Ok(Frames(96)));
        let _ = pcm.close(context).unwrap();
    });
}

/// H4. A driver says that it can resume, and its channel cannot pause: SUSPEND terminates, RESUME resumes nothing, and the stream is RUNNING
/// without a transfer. Here a run that ended with the suspend is not resumed, whoever asks.
#[test]
fn h4_what_ended_with_the_suspend_is_not_resumed() {
    for refuses in [false, true] {
        board(Setting::default(), |pair, context, (open, _)| {
            let running = run(prepared(open));
            let suspended = if refuses {
                pair.engine.refuse_pause(1);
                running.suspend_paused().unwrap()
            } else {
                running.suspend()
            };
            let Err(Kept { value: suspended, error }) = suspended.resume() else {
                panic!("running without a transfer")
            };
            assert_eq!((error, told(pair, "0: dma resume")), (StartError::NotResumable, 0));
            alive(pair, context, run(suspended.stop().prepare(context).unwrap()));
        });
    }
}

/// H5. Whether a channel is paused is asked of its driver, and 18 of 41 that pause do not say. Then a paused channel is waited for that
/// nobody has stopped. Here the layer knows: what it has paused is `Paused`, and stopped before it is waited for. (`compile_fail/row19_*`)
#[test]
fn h5_what_is_paused_is_known_without_asking_the_engine() {
    board(Setting::default(), |pair, context, (open, _)| {
        let Ok(paused) = run(prepared(open)).pause() else { panic!("it pauses") };
        // Behind the layer's back the engine goes on, and so reports no pause.
        pair.hw().resume(0);
        pair.pass(Micros(2_000));
        let since = pair.now();
        let setup = paused.stop().synchronize(context).unwrap();
        assert_eq!((told(pair, "0: dma stop"), pair.now() - since), (1, LATENCY), "stopped, and then waited for");
        alive(pair, context, run(setup.prepare()));
    });
}

/// H6. On 14 drivers of cyclic engines `synchronize` returns at once and has waited for nothing; and it returns nothing that could say so.
/// Here an engine declares how it stops, is asked whether it has, and if it has not, the answer is an error that keeps the ring.
/// (`compile_fail/row11_*`)
#[test]
fn h6_a_wait_that_did_not_help_is_an_error() {
    board(Setting::default(), |pair, context, (open, _)| {
        pair.hw().set_stop_latency(StopLatency::Never);
        let stopped = run(prepared(open)).stop();
        let Err(Kept { value: stopped, error }) = stopped.synchronize(context) else { panic!("it has not stopped") };
        assert_eq!(error.reason, Unfinished::Engine);
        let Err(Kept { value: stopped, error }) = stopped.prepare_atomic() else { panic!("it has not stopped") };
        assert_eq!(error.reason, Unfinished::Engine);
        let _ = stopped.reset(context).unwrap();
    });
}

/// H7. In imx-sdma a second terminate shortens the wait for the first, and a callback may still run when the wait is over. Here the
/// channel is told once, whoever asks again; the wait is for that stop; and an event that comes later is not the stream's.
#[test]
fn h7_a_second_stop_neither_repeats_nor_shortens_the_first() {
    board(Setting::default(), |pair, context, (open, _)| {
        let running = run(prepared(open));
        pair.pass(Micros(5_000));
        let since = pair.now();
        assert!(pair.halves[0].xrun());
        pair.pass(Micros(600));
        assert!(!pair.halves[0].xrun(), "it runs no more");
        let Err(Broken::Xrun(over)) = running.hwsync() else { panic!("it had an XRUN") };
        let setup = over.stop().synchronize(context).unwrap();
        assert_eq!((told(pair, "0: dma stop"), pair.now() - since), (1, LATENCY));
        pair.late.set(pair.events.borrow().last().copied());
        let stream = run(setup.prepare());
        pair.pass(Micros(700));
        assert_eq!(pair.answer.get(), Some(pcm_dmaengine::Elapsed::NotOurs));
        alive(pair, context, stream);
    });
}

/// H8. In a linked group only the stream that the trigger came for gets its `sync_stop`; the others are prepared and started over an
/// unfinished stop. Here each stream that was stopped holds its own.
#[test]
fn h8_each_of_a_linked_pair_waits_for_its_own_stop() {
    for first in [0, 1] {
        board(Setting::default(), |pair, context, (capture, playback)| {
            pair.link.link(0, 1).unwrap();
            let ready = (prepared(capture), filled(playback, 480));
            let Ok((capture, playback)) = pair.link.start(ready) else { panic!("both start") };
            pair.pass(Micros(2_000));
            assert!(pair.link.xrun(&pair.halves[first]));
            let (Err(Broken::Xrun(capture)), Err(Broken::Xrun(playback))) = (capture.hwsync(), playback.hwsync())
            else {
                panic!("both have an XRUN")
            };
            let causes = [capture.report().cause, playback.report().cause];
            assert_eq!((causes[first], causes[1 - first]), (XrunCause::Peripheral, XrunCause::Linked));
            let since = pair.now();
            // The one that did not ask is prepared alone.
            if first == 0 {
                let ready = playback.prepare(context).unwrap();
                assert_eq!((pair.now() - since, pair.hw().is_touching(1)), (LATENCY, false));
                drop((ready, capture));
            } else {
                let ready = capture.prepare(context).unwrap();
                assert_eq!((pair.now() - since, pair.hw().is_touching(0)), (LATENCY, false));
                drop((ready, playback));
            }
        });
    }
}

/// H9. After its time-out a stream on which nothing moves is answered with EIO and stays RUNNING; the recovery helper passes that on,
/// and the next read waits just as long. Here it is dead by whatever call finds out, also by one that does not wait, and a dead one
/// has no `readi`. (`compile_fail/row29_*`)
#[test]
fn h9_a_dead_stream_is_not_running_by_whatever_path() {
    fn dead<T, D: Way>(answer: Result<T, Broken<'_, Wayward, D>>) {
        match answer {
            Err(Broken::Faulted(dead)) => assert!(matches!(dead.fault(), Fault::Stalled { .. })),
            Err(broken) => panic!("{broken}"),
            Ok(_) => panic!("it stays running"),
        }
    }
    type Find = for<'a> fn(Running<'a, Wayward, Capture>, &Sleepable<'_>);
    let finds: [Find; 7] = [
        |running, cx| dead(running.readi(cx, &mut [0; 4])),
        |running, _| dead(running.hwsync()),
        |running, _| dead(running.drain()),
        |running, _| dead(running.suspend_paused()),
        |running, _| match running.pause() {
            Err(pcm_dmaengine::PauseFailed::Broken(broken)) => dead::<(), _>(Err(broken)),
            _ => panic!("it stays running"),
        },
        // To ask where it is does not end it, and does not keep it alive either.
        |running, _| {
            let _ = (running.avail(), running.hw_ptr(), running.delay());
            dead(running.hwsync());
        },
        |mut running, cx| {
            running.reset();
            dead(running.readi(cx, &mut [0; 4]));
        },
    ];
    let still = SEED.patience() + Micros(1_000);
    for find in finds {
        board(Setting::default(), |pair, context, (open, _)| {
            let running = run(prepared(open));
            pair.nothing_moves();
            pair.pass(still);
            find(running, context);
        });
    }
    board(Setting::default(), |pair, context, (_, open)| {
        let draining = run(filled(open, 320)).begin_drain().unwrap();
        pair.nothing_moves();
        pair.pass(still);
        dead(draining.try_finish());
        _ = context;
    });
    // A pause that ends on a device that is gone is dead a patience later, not at once.
    board(Setting::default(), |pair, context, (open, _)| {
        let Ok(paused) = run(prepared(open)).pause() else { panic!("it pauses") };
        pair.nothing_moves();
        pair.pass(still);
        let running = paused.resume().unwrap_or_else(|failed| match failed {
            ReleaseFailed::Refused(kept) => panic!("{}", kept.error),
            ReleaseFailed::Broken(broken) => panic!("{broken}"),
        });
        let since = pair.now();
        dead(running.readi(context, &mut [0; 4]));
        assert!(pair.now() - since >= SEED.patience());
    });
    // The façade's client only ever polls, and does not wait.
    board(Setting::default(), |pair, context, (_, open)| {
        let mut pcm = DynPcm::new(open, pair.halves[1], ring(&SEED));
        pcm.hw_params(context, SEED).unwrap();
        pcm.prepare(context).unwrap();
        pcm.set_nonblock(true);
        while pcm.writei(context, &numbered(1, 96)).is_ok() {}
        assert_eq!((pcm.state(), pcm.poll().ready), (State::Running, false));
        pair.nothing_moves();
        pair.pass(still);
        assert!(pcm.poll().ready, "nobody sleeps for ever in poll");
        assert_eq!(pcm.writei(context, &numbered(1, 1)), Err(Errno::EIO));
        assert_eq!((pcm.state(), pcm.poll().error), (State::Xrun, true));
        pcm.prepare(context).unwrap();
        let _ = pcm.close(context).unwrap();
    });
}
