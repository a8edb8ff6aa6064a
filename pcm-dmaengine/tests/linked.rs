//! Linked streams: they start, pause, go on and stop together, all or none; and the XRUN of one is the XRUN of all.

mod common;

use backend_mock::hw::{Peripheral, Source};
use common::pair::{Is, LINE, Pair, Party, Setting, board, filled, prepared, run};
use common::wayward::{REFUSED, Wayward};
use common::{counting, numbered, numbers};
use dmaengine_core::{ErrorKind, Kept, Micros, Sleepable};
use pcm_dmaengine::together::TogetherError;
use pcm_dmaengine::{
    Broken, Capture, DaiError, Fault, NotStarted, PauseError, Paused, Playback, Prepared, Running, StartError, Trigger,
    TriggerOrder, Way, XrunCause, XrunReport,
};

const NO: DaiError = DaiError::Refused { code: -19 };
type Ready<'a> = (Prepared<'a, Wayward, Capture>, Prepared<'a, Wayward, Playback>);
type Duplex<'a> = (Running<'a, Wayward, Capture>, Running<'a, Wayward, Playback>);
type Still<'a> = (Paused<'a, Wayward, Capture>, Paused<'a, Wayward, Playback>);

fn linked<R>(
    order: TriggerOrder,
    body: impl for<'a> FnOnce(&Pair<'a>, &Sleepable<'_>, Ready<'a>) -> R,
) -> (R, [pcm_dmaengine::PcmStatistics; 2]) {
    board(Setting { order, ..Setting::default() }, |pair, context, (capture, playback)| {
        pair.link.link(0, 1).unwrap();
        body(pair, context, (prepared(capture), filled(playback, 320)))
    })
}

fn both(body: impl for<'a> Fn(&Pair<'a>, &Sleepable<'_>, Ready<'a>)) {
    for order in [TriggerOrder::LinkDmaDai, TriggerOrder::LinkDaiDma] {
        linked(order, &body);
    }
}

fn start<'a>(pair: &Pair<'a>, ready: Ready<'a>) -> Duplex<'a> {
    pair.link.start(ready).unwrap_or_else(|kept| panic!("{}", kept.error))
}

fn pause<'a>(pair: &Pair<'a>, duplex: Duplex<'a>) -> Still<'a> {
    pair.link.pause(duplex).unwrap_or_else(|kept| panic!("{}", kept.error))
}

#[track_caller]
fn report<D: Way>(stream: Running<'_, Wayward, D>) -> XrunReport {
    match stream.hwsync() {
        Err(Broken::Xrun(over)) => *over.report(),
        Err(broken) => panic!("{broken}"),
        Ok(_) => panic!("it runs on"),
    }
}

/// Both play on and hear on, the one in the other's time.
fn both_are_alive(pair: &Pair<'_>, context: &Sleepable<'_>, duplex: Duplex<'_>) {
    let (capture, playback) = duplex;
    let Ok((capture, _)) = capture.readi(context, &mut [0; 4 * 96]) else { panic!("it is not heard") };
    let Ok((playback, _)) = playback.writei(context, &numbered(321, 96)) else { panic!("it does not play") };
    let (capture, playback) = pair.link.stop((capture, playback));
    let _ = (capture.synchronize(context).unwrap(), playback.synchronize(context).unwrap());
}

#[test]
fn two_streams_start_pause_go_on_and_stop_as_one() {
    let (_, statistics) = linked(TriggerOrder::LinkDmaDai, |pair, context, ready| {
        let duplex = start(pair, ready);
        pair.pass(Micros(1_350));
        let still = pause(pair, duplex);
        assert_eq!(pair.dais.map(|dai| dai.is()), [Is::Held; 2]);
        let before = (still.0.hw_ptr(), still.1.hw_ptr());
        pair.pass(Micros(200_000));
        assert_eq!((still.0.hw_ptr(), still.1.hw_ptr()), before, "not a frame moves");
        let duplex = pair.link.resume(still).unwrap_or_else(|kept| panic!("{}", kept.error));
        both_are_alive(pair, context, duplex);
        let told = pair.engine.journal();
        let starts: Vec<&str> = told.iter().map(String::as_str).take(8).collect();
        let expected = [
            "0: dma prepare",
            "1: dma prepare",
            "0: link start",
            "0: dma start",
            "0: dai start",
            "1: link start",
            "1: dma start",
            "1: dai start",
        ];
        assert_eq!(starts, expected, "all are asked before one of them starts");
    });
    assert_eq!(statistics.map(|stream| stream.xruns), [0; 2], "a stop is no XRUN");
}

/// What keeps one from starting keeps both. Whichever step it was: neither runs, each says what it is, and prepared again
/// they start, with what was written.
#[test]
fn a_start_that_fails_at_any_step_is_a_start_of_none() {
    type Spoil = fn(&Pair<'_>);
    let steps: [(Spoil, usize, StartError); 6] = [
        (|pair| pair.engine.refuse_after(0), 0, StartError::Engine(REFUSED)),
        (|pair| pair.engine.refuse_after(1), 1, StartError::Engine(REFUSED)),
        (|pair| pair.dais[0].refuse(Party::Link, Trigger::Start, NO), 0, StartError::Dai(NO)),
        (|pair| pair.dais[0].refuse(Party::Dai, Trigger::Start, NO), 0, StartError::Dai(NO)),
        (|pair| pair.dais[1].refuse(Party::Link, Trigger::Start, NO), 1, StartError::Dai(NO)),
        (|pair| pair.dais[1].refuse(Party::Dai, Trigger::Start, NO), 1, StartError::Dai(NO)),
    ];
    for (at, (spoil, stream, error)) in steps.into_iter().enumerate() {
        both(|pair, context, ready| {
            spoil(pair);
            let Err(kept) = pair.link.start(ready) else { panic!("step {at} is refused") };
            assert_eq!(kept.error, TogetherError::Refused { stream, error });
            assert_eq!(pair.dais.map(|dai| dai.is()), [Is::Stopped; 2], "step {at}");
            // The first has started by then, and taken it back, only if the second refuses something that is not asked beforehand.
            let taken_back = matches!(kept.value.0, NotStarted::Undone(_));
            assert!(taken_back || at < 4, "step {at}");
            assert!(!taken_back || at >= 3, "step {at}");
            pair.pass(Micros(20_000));
            let (capture, playback) = kept.value;
            let ready = (capture.recover(context).unwrap(), playback.recover(context).unwrap());
            assert_eq!(ready.1.appl_ptr().0, 320, "what was written is still there");
            both_are_alive(pair, context, start(pair, ready));
            pair.pass(Micros(10_000));
            let heard = pair.hw().with_peripheral(1, |player| numbers(player.taken().last().unwrap().bytes)).unwrap();
            assert_eq!(heard[..32], counting(1, 32)[..], "from the first frame");
        });
    }
}

/// As the second starts, the first has an XRUN. Whoever found it found nobody else to stop. So the one who starts sees to it.
#[test]
fn an_xrun_between_the_two_starts_ends_both() {
    both(|pair, _context, ready| {
        let first = pair.halves[0];
        let duplex = pair.engine.visit_at("1: link start", move || assert!(first.xrun()), || start(pair, ready));
        assert_eq!(pair.dais.map(|dai| dai.is()), [Is::Stopped; 2]);
        assert_eq!(report(duplex.1).cause, XrunCause::Linked);
        assert_eq!(report(duplex.0).cause, XrunCause::Peripheral);
    });
}

/// The client reads no more; it writes, though. The interrupt that finds the overrun stops the player as well.
#[test]
fn an_overrun_found_by_the_interrupt_stops_the_player() {
    let (_, statistics) = linked(TriggerOrder::LinkDmaDai, |pair, context, ready| {
        let (capture, mut playback) = start(pair, ready);
        let over = loop {
            playback = match playback.writei(context, &numbered(1, 32)) {
                Ok((playback, _)) => playback,
                Err(Broken::Xrun(over)) => break over,
                Err(broken) => panic!("{broken}"),
            };
        };
        assert_eq!(pair.dais.map(|dai| dai.is()), [Is::Stopped; 2], "by the same interrupt");
        let (theirs, ours) = (report(capture), *over.report());
        assert_eq!((theirs.cause, ours.cause), (XrunCause::Overtaken, XrunCause::Linked));
        assert_eq!(theirs.at, ours.at);
    });
    assert_eq!(statistics.map(|stream| stream.xruns), [1; 2]);
}

#[test]
fn an_overrun_found_by_the_thread_stops_the_player() {
    linked(TriggerOrder::LinkDmaDai, |pair, _context, ready| {
        let (capture, playback) = start(pair, ready);
        pair.cpu.hold_off_interrupts(true);
        pair.pass(Micros(6_000));
        // The player is in time: it has 320 frames, which are 6.7 ms. Now the client lets it run dry, and looks at the capture first.
        pair.pass(Micros(5_000));
        assert_eq!(report(capture).cause, XrunCause::Overtaken);
        assert_eq!(pair.dais[1].is(), Is::Stopped);
        assert_eq!(report(playback).cause, XrunCause::Linked);
        pair.cpu.hold_off_interrupts(false);
    });
}

/// The driver of one peripheral has its own handle and knows of no link. The thread sees to the others, once: what is started later is
/// not hit by an XRUN that is over.
#[test]
fn an_xrun_that_only_one_knows_of_is_told_once() {
    linked(TriggerOrder::LinkDmaDai, |pair, context, ready| {
        let (capture, playback) = start(pair, ready);
        assert!(pair.halves[0].xrun());
        assert_eq!(pair.dais[1].is(), Is::Started);
        let Err(Broken::Xrun(over)) = capture.hwsync() else { panic!("it had an XRUN") };
        assert_eq!(pair.dais[1].is(), Is::Stopped);
        let Err(Broken::Xrun(silent)) = playback.hwsync() else { panic!("it is linked") };
        let playback = run({
            let mut ready = silent.prepare(context).unwrap();
            ready.writei(&numbered(1, 320));
            ready
        });
        let capture = over.prepare(context).unwrap();
        assert!(playback.hwsync().is_ok(), "another run");
        drop(capture);
    });
    // And with the interrupt as the one who tells.
    linked(TriggerOrder::LinkDmaDai, |pair, context, ready| {
        let (capture, playback) = start(pair, ready);
        assert!(pair.link.xrun(&pair.halves[0]));
        let Err(Broken::Xrun(silent)) = playback.hwsync() else { panic!("it is linked") };
        let mut again = silent.prepare(context).unwrap();
        again.writei(&numbered(1, 320));
        let playback = run(again);
        assert_eq!(report(capture).cause, XrunCause::Peripheral);
        assert!(playback.hwsync().is_ok(), "another run");
    });
}

/// What becomes of a linked stream, whatever it does, when the other is stopped, is dropped, dies or has an XRUN.
#[test]
fn whoever_ends_ends_the_others_whatever_they_do() {
    type Ends = for<'a> fn(&Pair<'a>, Running<'a, Wayward, Capture>);
    let ends: [(&str, Ends); 4] = [
        ("stop", |_, capture| drop(capture.stop())),
        ("drop", |_, capture| drop(capture)),
        ("xrun", |_, capture| drop(capture.xrun())),
        ("paused, and stopped", |_, capture| drop(capture.pause().unwrap_or_else(|_| panic!("it pauses")).stop())),
    ];
    for (name, end) in ends {
        both(|pair, _context, ready| {
            let (capture, playback) = start(pair, ready);
            end(pair, capture);
            assert_eq!(
                (pair.dais[1].is(), report(playback).cause),
                (Is::Stopped, XrunCause::Linked),
                "{name}, running"
            );
        });
        both(|pair, _context, ready| {
            let (capture, playback) = start(pair, ready);
            let playback = playback.pause().unwrap_or_else(|_| panic!("it pauses"));
            end(pair, capture);
            assert_eq!(pair.dais[1].is(), Is::Stopped, "{name}, paused");
            let Err(pcm_dmaengine::ReleaseFailed::Broken(Broken::Xrun(over))) = playback.resume() else {
                panic!("{name}, paused")
            };
            assert_eq!(over.report().cause, XrunCause::Linked);
        });
        both(|pair, _context, ready| {
            let (capture, playback) = start(pair, ready);
            let suspended = playback.suspend_paused().unwrap();
            end(pair, capture);
            assert_eq!(pair.dais[1].is(), Is::Stopped, "{name}, suspended");
            let Ok(pcm_dmaengine::Resumed::Xrun(_)) = suspended.resume() else { panic!("{name}, suspended") };
        });
        both(|pair, context, ready| {
            let (capture, playback) = start(pair, ready);
            let draining = playback.begin_drain().unwrap();
            end(pair, capture);
            assert_eq!(pair.dais[1].is(), Is::Stopped, "{name}, draining");
            let Err(Broken::Xrun(_)) = draining.finish(context) else { panic!("{name}, draining") };
        });
    }
}

/// The engine of one fails: both stop, the one dead, the other with an XRUN.
#[test]
fn a_death_stops_the_other() {
    linked(TriggerOrder::LinkDmaDai, |pair, context, ready| {
        let (capture, mut playback) = start(pair, ready);
        let source = Source { frames: numbered(1, 1).into(), repeat: 1 };
        pair.hw().attach(0, Peripheral::recorder(LINE, source));
        while pair.now() < Micros(110_000) {
            playback = playback.writei(context, &numbered(1, 240)).expect("it plays on").0;
        }
        let Err(Broken::Faulted(dead)) = capture.hwsync() else { panic!("nothing moves") };
        assert!(matches!(dead.fault(), Fault::Stalled { .. }));
        assert_eq!(pair.dais[1].is(), Is::Stopped);
        assert_eq!(report(playback).cause, XrunCause::Linked);
    });
}

/// What has played its rest stops nobody: the others are not at their end.
#[test]
fn a_drained_stream_stops_nobody() {
    linked(TriggerOrder::LinkDmaDai, |pair, context, ready| {
        let (capture, playback) = start(pair, ready);
        let stopped = playback.drain(context).unwrap();
        assert_eq!(pair.dais.map(|dai| dai.is()), [Is::Started, Is::Stopped]);
        let Ok((capture, _)) = capture.readi(context, &mut [0; 4 * 32]) else { panic!("it runs on") };
        let left = capture.drain().unwrap();
        let _ = (left.stop().synchronize(context).unwrap(), stopped.synchronize(context).unwrap());
    });
}

#[test]
fn streams_that_are_not_linked_do_nothing_together() {
    board(Setting::default(), |pair, _context, (capture, playback)| {
        let ready = (prepared(capture), filled(playback, 320));
        let Err(Kept { value: (capture, playback), error }) = pair.link.start(ready) else {
            panic!("nobody linked them")
        };
        assert_eq!((error, error.kind()), (TogetherError::NotLinked { stream: 0 }, ErrorKind::InvalidInput));
        let (NotStarted::Prepared(_), NotStarted::Prepared(_)) = (capture, playback) else { panic!("untouched") };
        assert!(pair.engine.journal().is_empty());
    });
}

/// The second refuses to pause: the first, which has, goes on, and nothing is lost. And the same the other way round.
#[test]
fn a_pause_and_its_end_are_of_all_or_of_none() {
    both(|pair, context, ready| {
        let duplex = start(pair, ready);
        pair.pass(Micros(1_350));
        pair.dais[1].refuse(Party::Dai, Trigger::PausePush, NO);
        let Err(Kept { value: (Ok(capture), Ok(playback)), error }) = pair.link.pause(duplex) else {
            panic!("it refused")
        };
        assert_eq!(error, TogetherError::Refused { stream: 1, error: PauseError::Dai(NO) });
        assert_eq!(pair.dais.map(|dai| dai.is()), [Is::Started; 2]);

        let still = pause(pair, (capture, playback));
        pair.dais[1].refuse(Party::Link, Trigger::PauseRelease, NO);
        let Err(Kept { value: (Ok(capture), Ok(playback)), error }) = pair.link.resume(still) else {
            panic!("it refused")
        };
        assert_eq!(error, TogetherError::Refused { stream: 1, error: StartError::Dai(NO) });
        assert_eq!(pair.dais.map(|dai| dai.is()), [Is::Held; 2]);
        let duplex = pair.link.resume((capture, playback)).unwrap_or_else(|kept| panic!("{}", kept.error));
        both_are_alive(pair, context, duplex);
    });
}

/// The first has paused, the second refuses, and the first does not go on any more: it is dead, and the other ends with it.
#[test]
fn a_pause_that_can_neither_be_nor_not_be_ends_both() {
    both(|pair, _context, ready| {
        let duplex = start(pair, ready);
        pair.dais[1].refuse(Party::Dai, Trigger::PausePush, NO);
        pair.dais[0].refuse(Party::Link, Trigger::PauseRelease, NO);
        let Err(Kept { value: (Err(Broken::Faulted(dead)), playback), .. }) = pair.link.pause(duplex) else {
            panic!("it neither goes on nor stands")
        };
        assert_eq!(dead.fault(), Fault::Peripheral(NO));
        assert_eq!(pair.dais.map(|dai| dai.is()), [Is::Stopped; 2]);
        assert_eq!(report(playback.unwrap_or_else(|_| panic!("not looked at yet"))).cause, XrunCause::Linked);
    });
}

/// One of them is over: there is nothing to pause, and the error says which.
#[test]
fn what_is_over_does_not_pause() {
    both(|pair, _context, ready| {
        let duplex = start(pair, ready);
        assert!(pair.halves[1].xrun());
        let Err(Kept { value: (capture, Err(Broken::Xrun(_))), error }) = pair.link.pause(duplex) else {
            panic!("the player had an XRUN")
        };
        assert_eq!((error, error.kind()), (TogetherError::Over { stream: 1 }, ErrorKind::Stopped));
        assert_eq!(report(capture.unwrap_or_else(|_| panic!("not looked at since"))).cause, XrunCause::Linked);
    });
}
