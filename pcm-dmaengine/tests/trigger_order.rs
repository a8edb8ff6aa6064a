//! Who is told what, and when: the peripheral's link, the DMA channel and the peripheral, in both orders, and back again when one of
//! them refuses. That the stream's lock is held at each call, and the channel's is not, the witness sees to at every one of them.

mod common;

use common::pair::{Is, Pair, Party, Setting, Streams, board, filled, prepared, run};
use common::wayward::{REFUSED, Wayward};
use dmaengine_core::{ErrorKind, Kept, Sleepable, TransferError};
use pcm_dmaengine::{
    Broken, Capture, DaiError, Fault, NotStarted, PauseError, PauseFailed, Paused, ReleaseFailed, Resumed, Running,
    StartError, Stopped, Trigger, TriggerOrder, XrunCause,
};

const ORDERS: [TriggerOrder; 2] = [TriggerOrder::LinkDmaDai, TriggerOrder::LinkDaiDma];
const NO: DaiError = DaiError::Refused { code: -19 };

/// Runs a test in both orders; what it is told is by what is first, the DMA or the DAI.
fn both(body: impl for<'a> Fn(&Pair<'a>, &mut Sleepable<'_>, Streams<'a>, bool)) {
    for order in ORDERS {
        let dma_first = order == TriggerOrder::LinkDmaDai;
        board(Setting { order, ..Setting::default() }, |pair, context, streams| {
            body(pair, context, streams, dma_first);
        });
    }
}

/// What the capture's hardware was told since this was last asked must be this; of two lists the first, if the DMA comes first at a
/// start.
#[track_caller]
fn told(pair: &Pair<'_>, dma_first: bool, expected: [&[&str]; 2]) {
    let journal = pair.engine.journal();
    let journal = journal.iter().map(|line| line.strip_prefix("0: ").expect("the capture's"));
    let journal: Vec<&str> = journal.filter(|told| *told != "dma prepare").collect();
    assert_eq!(journal, expected[usize::from(!dma_first)], "dma_first: {dma_first}");
}

const STARTED: [&[&str]; 2] = [&["link start", "dma start", "dai start"], &["link start", "dai start", "dma start"]];
const STOPPED: [&[&str]; 2] = [&["dai stop", "dma stop", "link stop"], &["dma stop", "dai stop", "link stop"]];
const PAUSED: [&[&str]; 2] =
    [&["dai pause push", "dma pause", "link pause push"], &["dma pause", "dai pause push", "link pause push"]];
const RELEASED: [&[&str]; 2] = [
    &["link pause release", "dma resume", "dai pause release"],
    &["link pause release", "dai pause release", "dma resume"],
];
const SUSPENDED: [&[&str]; 2] =
    [&["dai suspend", "dma pause", "link suspend"], &["dma pause", "dai suspend", "link suspend"]];
const RESUMED: [&[&str]; 2] =
    [&["link resume", "dma resume", "dai resume"], &["link resume", "dai resume", "dma resume"]];

fn running<'a>(pair: &Pair<'a>, streams: Streams<'a>, dma_first: bool) -> Running<'a, Wayward, Capture> {
    let running = run(prepared(streams.0));
    told(pair, dma_first, STARTED);
    running
}

fn paused<'a>(pair: &Pair<'a>, streams: Streams<'a>, dma_first: bool) -> Paused<'a, Wayward, Capture> {
    let Ok(paused) = running(pair, streams, dma_first).pause() else { panic!("it pauses") };
    told(pair, dma_first, PAUSED);
    paused
}

fn ends(context: &Sleepable<'_>, stopped: Stopped<'_, Wayward, Capture>) {
    let _ = stopped.synchronize(context).unwrap();
}

#[test]
fn each_trigger_goes_through_all_three_in_order() {
    both(|pair, context, streams, dma_first| {
        let Ok(running) = paused(pair, streams, dma_first).resume() else { panic!("it goes on") };
        told(pair, dma_first, RELEASED);
        let Ok(suspended) = running.suspend_paused() else { panic!("it runs") };
        told(pair, dma_first, SUSPENDED);
        let Ok(Resumed::Running(running)) = suspended.resume() else { panic!("it ran") };
        told(pair, dma_first, RESUMED);
        let stopped = running.stop();
        told(pair, dma_first, STOPPED);
        ends(context, stopped);
        told(pair, dma_first, [&[], &[]]);
    });
}

/// What stands still is stopped like what moves; and a suspend that stops the channel stops the peripheral later.
#[test]
fn a_stop_is_the_same_wherever_it_comes_from() {
    both(|pair, context, streams, dma_first| {
        let stopped = paused(pair, streams, dma_first).stop();
        told(pair, dma_first, STOPPED);
        ends(context, stopped);
    });
    both(|pair, context, streams, dma_first| {
        let suspended = paused(pair, streams, dma_first).suspend();
        told(pair, dma_first, [&[], &[]]);
        let stopped = suspended.stop();
        told(pair, dma_first, STOPPED);
        ends(context, stopped);
    });
    both(|pair, context, streams, dma_first| {
        let suspended = running(pair, streams, dma_first).suspend();
        let asleep: [&[&str]; 2] =
            [&["dai suspend", "dma stop", "link suspend"], &["dma stop", "dai suspend", "link suspend"]];
        told(pair, dma_first, asleep);
        let Err(Kept { value: suspended, error }) = suspended.resume() else { panic!("its run is over") };
        assert_eq!(error, StartError::NotResumable);
        let stopped = suspended.stop();
        told(pair, dma_first, [&["dai stop", "link stop"], &["dai stop", "link stop"]]);
        ends(context, stopped);
    });
    both(|pair, context, streams, dma_first| {
        let running = running(pair, streams, dma_first);
        assert!(pair.halves[0].xrun());
        told(pair, dma_first, STOPPED);
        let Err(Broken::Xrun(over)) = running.hwsync() else { panic!("it had an XRUN") };
        let _ = over.stop().synchronize(context).unwrap();
        told(pair, dma_first, [&[], &[]]);
    });
}

#[test]
fn a_link_that_refuses_is_asked_first_and_nobody_else_is() {
    both(|pair, _context, streams, dma_first| {
        pair.dais[0].refuse(Party::Link, Trigger::Start, NO);
        let Err(Kept { value: NotStarted::Prepared(ready), error }) = prepared(streams.0).start() else {
            panic!("it refused")
        };
        assert_eq!((error, error.kind()), (StartError::Dai(NO), ErrorKind::Hardware));
        told(pair, dma_first, [&["link start"], &["link start"]]);
        drop(run(ready));
    });
    both(|pair, context, streams, dma_first| {
        let paused = paused(pair, streams, dma_first);
        pair.dais[0].refuse(Party::Link, Trigger::PauseRelease, NO);
        let Err(ReleaseFailed::Refused(kept)) = paused.resume() else { panic!("it refused") };
        assert_eq!(kept.error, StartError::Dai(NO));
        told(pair, dma_first, [&["link pause release"], &["link pause release"]]);
        ends(context, kept.value.stop());
    });
}

/// On a quiet channel the engine is asked before anything is started. Behind a stop it is asked in its turn.
#[test]
fn a_start_that_the_engine_refuses_is_taken_back() {
    both(|pair, context, streams, dma_first| {
        pair.engine.refuse(1);
        let Err(Kept { value: NotStarted::Prepared(ready), error }) = prepared(streams.0).start() else {
            panic!("it refused")
        };
        assert_eq!(error, StartError::Engine(REFUSED));
        told(pair, dma_first, [&[], &[]]);
        let behind = run(ready).stop().prepare_queued();
        drop(pair.engine.journal());
        pair.engine.refuse(1);
        let Err(Kept { value: NotStarted::Prepared(behind), .. }) = behind.start() else { panic!("it refused") };
        told(pair, dma_first, [&["link start", "link stop"], &["link start", "dai start", "dai stop", "link stop"]]);
        let running = run(behind);
        let queued: [&[&str]; 2] =
            [&["link start", "dma queue", "dai start"], &["link start", "dai start", "dma queue"]];
        told(pair, dma_first, queued);
        ends(context, running.stop());
    });
}

#[test]
fn a_start_that_the_peripheral_refuses_is_taken_back() {
    both(|pair, context, streams, dma_first| {
        pair.dais[0].refuse(Party::Dai, Trigger::Start, NO);
        let Err(Kept { value, error }) = prepared(streams.0).start() else { panic!("it refused") };
        assert_eq!(error, StartError::Dai(NO));
        let taken_back: [&[&str]; 2] = [
            &["link start", "dma start", "dai start", "dma stop", "link stop"],
            &["link start", "dai start", "link stop"],
        ];
        told(pair, dma_first, taken_back);
        // The channel was started in one order only.
        match (value, dma_first) {
            (NotStarted::Undone(undone), true) => assert_eq!(undone.error(), error),
            (NotStarted::Prepared(_), false) => {}
            (value, _) => panic!("{value:?}"),
        }
        _ = context;
    });
}

/// In the one order the peripheral is asked before the engine, and goes on if the engine refuses; in the other the engine goes on.
#[test]
fn a_pause_that_somebody_refuses_leaves_the_stream_running() {
    both(|pair, context, streams, dma_first| {
        let running = running(pair, streams, dma_first);
        pair.engine.refuse_pause(1);
        let Err(PauseFailed::Refused(kept)) = running.pause() else { panic!("it refused") };
        assert_eq!(kept.error, PauseError::Engine(TransferError::Device));
        told(pair, dma_first, [&["dai pause push", "dma pause", "dai pause release"], &["dma pause"]]);

        pair.dais[0].refuse(Party::Dai, Trigger::PausePush, NO);
        let Err(PauseFailed::Refused(kept)) = kept.value.pause() else { panic!("it refused") };
        assert_eq!(kept.error, PauseError::Dai(NO));
        told(pair, dma_first, [&["dai pause push"], &["dma pause", "dai pause push", "dma resume"]]);
        let Ok((running, _)) = kept.value.readi(context, &mut [0; 400]) else { panic!("it runs on") };
        ends(context, running.stop());
    });
}

/// The peripheral refuses to pause, and the engine, which has, to go on: the run is over, and the engine's error is why.
#[test]
fn a_pause_that_cannot_be_taken_back_is_a_fault() {
    both(|pair, context, streams, dma_first| {
        if dma_first {
            return;
        }
        let running = running(pair, streams, dma_first);
        pair.dais[0].refuse(Party::Dai, Trigger::PausePush, NO);
        pair.engine.refuse_resume(1);
        let Err(PauseFailed::Broken(Broken::Faulted(dead))) = running.pause() else { panic!("neither here nor there") };
        assert_eq!(dead.fault(), Fault::Engine(TransferError::Device));
        let ended = ["dma pause", "dai pause push", "dma resume", "dma stop", "dai stop", "link stop"];
        told(pair, dma_first, [&[], &ended]);
        let _ = dead.reset(context).unwrap();
    });
}

#[test]
fn a_release_that_somebody_refuses() {
    both(|pair, context, streams, dma_first| {
        let paused = paused(pair, streams, dma_first);
        pair.engine.refuse_pause(1);
        let Err(ReleaseFailed::Refused(kept)) = paused.resume() else { panic!("it refused") };
        assert_eq!(kept.error, StartError::Resume(TransferError::Device));
        let held: [&[&str]; 2] = [
            &["link pause release", "dma resume", "link pause push"],
            &["link pause release", "dai pause release", "dma resume", "dai pause push", "link pause push"],
        ];
        told(pair, dma_first, held);

        pair.dais[0].refuse(Party::Dai, Trigger::PauseRelease, NO);
        match (kept.value.resume(), dma_first) {
            // The engine had gone on.
            (Err(ReleaseFailed::Broken(Broken::Faulted(dead))), true) => {
                assert_eq!(dead.fault(), Fault::Peripheral(NO));
                let over = ["link pause release", "dma resume", "dai pause release", "dma stop", "link pause push"];
                told(pair, true, [&[over.as_slice(), &["dai stop", "link stop"]].concat(), &[]]);
                let _ = dead.reset(context).unwrap();
            }
            (Err(ReleaseFailed::Refused(kept)), false) => {
                told(pair, false, [&[], &["link pause release", "dai pause release", "link pause push"]]);
                ends(context, kept.value.stop());
            }
            (answer, _) => panic!("{}", if answer.is_ok() { "it goes on" } else { "the other" }),
        }
    });
}

/// A peripheral that has run over when its pause ends.
#[test]
fn an_xrun_of_the_peripheral_at_a_release_is_one_of_the_stream() {
    both(|pair, context, streams, dma_first| {
        if !dma_first {
            return;
        }
        let paused = paused(pair, streams, dma_first);
        pair.dais[0].refuse(Party::Dai, Trigger::PauseRelease, DaiError::Xrun);
        let Err(ReleaseFailed::Broken(Broken::Xrun(over))) = paused.resume() else { panic!("it had an XRUN") };
        assert_eq!(over.report().cause, XrunCause::Peripheral);
        let Ok((ready, _)) = over.recover(context) else { panic!("it stops") };
        drop(run(ready));
    });
}

/// Nobody keeps the system from sleeping: neither a peripheral that will not nor an engine that cannot.
#[test]
fn a_suspend_cannot_be_refused() {
    both(|pair, context, streams, dma_first| {
        let running = running(pair, streams, dma_first);
        pair.dais[0].refuse(Party::Dai, Trigger::Suspend, NO);
        let Ok(suspended) = running.suspend_paused() else { panic!("it runs") };
        told(pair, dma_first, SUSPENDED);
        let Ok(Resumed::Running(running)) = suspended.resume() else { panic!("it ran") };
        told(pair, dma_first, RESUMED);

        pair.engine.refuse_pause(1);
        let Ok(suspended) = running.suspend_paused() else { panic!("it runs") };
        // The engine is stopped instead, and its peripheral is told once.
        let stopped: [&[&str]; 2] = [
            &["dai suspend", "dma pause", "dma stop", "link suspend"],
            &["dma pause", "dma stop", "dai suspend", "link suspend"],
        ];
        told(pair, dma_first, stopped);
        assert_eq!(pair.dais[0].is(), Is::Held);
        let Err(kept) = suspended.resume() else { panic!("its run is over") };
        assert_eq!(kept.error, StartError::NotResumable);
        let stopped = kept.value.stop();
        told(pair, dma_first, [&["dai stop", "link stop"], &["dai stop", "link stop"]]);
        ends(context, stopped);
    });
}

#[test]
fn a_resume_that_somebody_refuses() {
    both(|pair, context, streams, dma_first| {
        let Ok(suspended) = running(pair, streams, dma_first).suspend_paused() else { panic!("it runs") };
        pair.engine.refuse_pause(1);
        let Err(Kept { value: suspended, error }) = suspended.resume() else { panic!("it refused") };
        assert_eq!(error, StartError::Resume(TransferError::Device));
        assert_eq!(pair.dais[0].is(), Is::Held);
        pair.dais[0].refuse(Party::Dai, Trigger::Resume, NO);
        let Err(Kept { value: suspended, error }) = suspended.resume() else { panic!("it refused") };
        assert_eq!(error, StartError::Dai(NO));
        if dma_first {
            let Err(kept) = suspended.resume() else { panic!("the engine was stopped again") };
            assert_eq!(kept.error, StartError::NotResumable);
            ends(context, kept.value.stop());
        } else {
            let Ok(Resumed::Running(running)) = suspended.resume() else { panic!("nothing was started") };
            ends(context, running.stop());
        }
    });
}

/// What a failed start wrote is played by the next, from the first frame; and that next one waits for the stop of the failed one.
#[test]
fn an_undone_start_keeps_what_was_written() {
    board(Setting::default(), |pair, context, streams| {
        let ready = filled(streams.1, 96);
        pair.dais[1].refuse(Party::Dai, Trigger::Start, NO);
        let Err(Kept { value: NotStarted::Undone(undone), .. }) = ready.start() else { panic!("it refused") };
        let since = pair.now();
        let Ok(ready) = undone.prepare(context) else { panic!("it stops") };
        assert_eq!(pair.now() - since, common::pair::LATENCY, "not before the channel has stopped");
        let stopped = run(ready).drain(context).unwrap();
        let _ = stopped.synchronize(context).unwrap();
        pair.pass(dmaengine_core::Micros(10_000));
        let heard = pair.hw().with_peripheral(1, |player| {
            player.taken().iter().map(|run| common::numbers(run.bytes)).collect::<Vec<_>>()
        });
        assert_eq!(heard.unwrap().last().unwrap()[..96], common::counting(1, 96)[..]);
    });
}
