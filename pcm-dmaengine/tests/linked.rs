//! Linked streams: the XRUN of one, its stop and its death are the XRUN of all, whatever they do; and each is told once.

mod common;

use backend_mock::hw::{Peripheral, Source};
use common::duo::{both, linked, report, start};
use common::numbered;
use common::pair::{Is, LINE, Pair, run};
use common::wayward::Wayward;
use dmaengine_core::Micros;
use pcm_dmaengine::{Broken, Capture, Fault, ReleaseFailed, Resumed, Running, TriggerOrder, XrunCause};

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
            let Err(ReleaseFailed::Broken(Broken::Xrun(over))) = playback.resume() else { panic!("{name}, paused") };
            assert_eq!(over.report().cause, XrunCause::Linked);
        });
        both(|pair, _context, ready| {
            let (capture, playback) = start(pair, ready);
            let suspended = playback.suspend_paused().unwrap();
            end(pair, capture);
            assert_eq!(pair.dais[1].is(), Is::Stopped, "{name}, suspended");
            let Ok(Resumed::Xrun(_)) = suspended.resume() else { panic!("{name}, suspended") };
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
