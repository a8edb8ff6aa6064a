//! Every start of a peripheral is followed by exactly one stop, from whatever state the stream ends in and however it ends: the table of
//! all of them, in both orders. And what an interrupt on another core does between two pieces of a call.
//!
//! The witness finds fault with a call that does not fit what the peripheral is, with one that is made without the stream's lock, and, at
//! the end, with a peripheral that was not stopped.

mod common;

use common::pair::{Is, Pair, Party, Setting, Streams, board, filled, prepared, run};
use common::wayward::Wayward;
use dmaengine_core::{Micros, Sleepable};
use pcm_dmaengine::{
    Broken, DaiError, Draining, Faulted, Leftover, NotStarted, Paused, Playback, Prepared, ReleaseFailed, Resumed,
    Running, StartError, Stopped, Suspended, Trigger, TriggerOrder, Undone, Xrun, XrunCause,
};

type Held<'a, D> = Paused<'a, Wayward, D>;

/// A playback in any of its states; the capture has one of its own.
enum Any<'a> {
    Prepared(Prepared<'a, Wayward, Playback>),
    Undone(Undone<'a, Wayward, Playback>),
    Running(Running<'a, Wayward, Playback>),
    Draining(Draining<'a, Wayward>),
    Paused(Held<'a, Playback>),
    Suspended(Suspended<'a, Wayward, Playback>),
    Xrun(Xrun<'a, Wayward, Playback>),
    Faulted(Faulted<'a, Wayward, Playback>),
    Stopped(Stopped<'a, Wayward, Playback>),
    Leftover(Leftover<'a, Wayward>),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
    Prepared,
    Undone,
    Running,
    BehindAStop,
    Draining,
    Paused,
    SuspendedPrepared,
    SuspendedPaused,
    SuspendedByPause,
    SuspendedByStop,
    SuspendedDraining,
    SuspendedXrun,
    Xrun,
    Faulted,
    Stopped,
    Leftover,
}

const STATES: [State; 16] = [
    State::Prepared,
    State::Undone,
    State::Running,
    State::BehindAStop,
    State::Draining,
    State::Paused,
    State::SuspendedPrepared,
    State::SuspendedPaused,
    State::SuspendedByPause,
    State::SuspendedByStop,
    State::SuspendedDraining,
    State::SuspendedXrun,
    State::Xrun,
    State::Faulted,
    State::Stopped,
    State::Leftover,
];

fn late<'a>(pair: &Pair<'a>, running: Running<'a, Wayward, Playback>) -> Xrun<'a, Wayward, Playback> {
    pair.pass(Micros(20_000));
    let Err(Broken::Xrun(over)) = running.hwsync() else { panic!("nothing was written for 20 ms") };
    over
}

fn pause<'a>(running: Running<'a, Wayward, Playback>) -> Held<'a, Playback> {
    running.pause().unwrap_or_else(|_| panic!("it pauses"))
}

fn drive<'a>(pair: &Pair<'a>, streams: Streams<'a>, state: State) -> Any<'a> {
    if state == State::Leftover {
        let running = run(prepared(streams.0));
        pair.pass(Micros(3_000));
        return Any::Leftover(running.drain().unwrap());
    }
    let ready = filled(streams.1, 320);
    match state {
        State::Prepared => return Any::Prepared(ready),
        State::SuspendedPrepared => return Any::Suspended(ready.suspend()),
        State::Undone => {
            pair.dais[1].refuse(Party::Dai, Trigger::Start, DaiError::Refused { code: -19 });
            return match ready.start().unwrap_err().value {
                NotStarted::Undone(undone) => Any::Undone(undone),
                NotStarted::Prepared(ready) => Any::Prepared(ready),
                NotStarted::Xrun(over) => Any::Xrun(over),
            };
        }
        _ => {}
    }
    let running = run(ready);
    pair.pass(Micros(1_350));
    match state {
        State::Running => Any::Running(running),
        State::BehindAStop => {
            let mut ready = running.stop().prepare_queued();
            ready.writei(&common::numbered(1, 320));
            Any::Running(run(ready))
        }
        State::Draining => Any::Draining(running.begin_drain().unwrap()),
        State::Paused => Any::Paused(pause(running)),
        State::SuspendedPaused => Any::Suspended(pause(running).suspend()),
        State::SuspendedByPause => Any::Suspended(running.suspend_paused().unwrap()),
        State::SuspendedByStop => Any::Suspended(running.suspend()),
        State::SuspendedDraining => Any::Suspended(running.begin_drain().unwrap().suspend_paused()),
        State::SuspendedXrun => Any::Suspended(late(pair, running).suspend()),
        State::Xrun => Any::Xrun(late(pair, running)),
        State::Stopped => Any::Stopped(running.stop()),
        _ => {
            pair.nothing_moves();
            pair.pass(Micros(150_000));
            let Err(Broken::Faulted(dead)) = running.hwsync() else { panic!("nothing moves") };
            Any::Faulted(dead)
        }
    }
}

fn stop(pair: &Pair<'_>, context: &Sleepable<'_>, stream: Any<'_>) {
    let stopped = match stream {
        Any::Prepared(stream) => match stream.stop() {
            Ok(_) => return,
            Err(stopped) => stopped,
        },
        Any::Undone(stream) => stream.stop(),
        Any::Running(stream) => stream.stop(),
        Any::Draining(stream) => stream.stop(),
        Any::Paused(stream) => stream.stop(),
        Any::Suspended(stream) => stream.stop(),
        Any::Xrun(stream) => stream.stop(),
        Any::Stopped(stream) => stream,
        Any::Faulted(stream) => return drop(stream.reset(context).unwrap()),
        Any::Leftover(stream) => return drop(stream.stop().synchronize(context).unwrap()),
    };
    assert_eq!(pair.dais[1].is(), Is::Stopped, "stopped by the call, not by what comes later");
    let _ = stopped.synchronize(context).unwrap();
}

/// How a stream comes to its end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum End {
    Dropped,
    Stopped,
    /// The peripheral's driver reports an XRUN, and then it is stopped.
    XrunThenStopped,
    /// The device goes, and then what is left of it is dropped.
    GoneThenDropped,
    GoneThenStopped,
    /// A linked stream has an XRUN, and then it is stopped.
    LinkedThenStopped,
}

const ENDS: [End; 6] = [
    End::Dropped,
    End::Stopped,
    End::XrunThenStopped,
    End::GoneThenDropped,
    End::GoneThenStopped,
    End::LinkedThenStopped,
];

#[test]
fn every_start_has_its_stop_in_every_state_and_by_every_end() {
    for order in [TriggerOrder::LinkDmaDai, TriggerOrder::LinkDaiDma] {
        for (state, end) in STATES.into_iter().flat_map(|state| ENDS.map(|end| (state, end))) {
            board(Setting { order, ..Setting::default() }, |pair, context, streams| {
                println!("{order:?}, {state:?}, {end:?}");
                if end == End::LinkedThenStopped {
                    pair.link.link(0, 1).unwrap();
                }
                let stream = drive(pair, streams, state);
                let half = pair.halves[usize::from(state != State::Leftover)];
                let starts = pair.dais.map(|dai| dai.starts());
                match end {
                    End::Dropped | End::Stopped => {}
                    End::XrunThenStopped => _ = half.xrun(),
                    End::LinkedThenStopped => _ = pair.link.xrun(&half),
                    End::GoneThenDropped | End::GoneThenStopped => half.disconnect(),
                }
                let before = pair.engine.journal().len();
                assert!(before > 0 || matches!(state, State::Prepared | State::SuspendedPrepared));
                match end {
                    End::Dropped | End::GoneThenDropped => drop(stream),
                    _ => stop(pair, context, stream),
                }
                // What is over is told nothing more, whatever the interrupt's handle is used for.
                drop(pair.engine.journal());
                assert!(!half.xrun());
                half.disconnect();
                pair.pass(Micros(20_000));
                let later: Vec<String> = pair.engine.journal();
                assert!(later.is_empty(), "{later:?}");
                assert_eq!(pair.dais.map(|dai| dai.starts()), starts);
                for dai in pair.dais {
                    assert_eq!(dai.is(), Is::Stopped);
                }
            });
        }
    }
}

/// The device goes before the start: it does not start, whatever has been prepared; also if it goes between what the start
/// looks at first and what it does.
#[test]
fn nothing_starts_on_a_device_that_is_gone() {
    for order in [TriggerOrder::LinkDmaDai, TriggerOrder::LinkDaiDma] {
        board(Setting { order, ..Setting::default() }, |pair, _context, streams| {
            let ready = prepared(streams.0);
            pair.halves[0].disconnect();
            let kept = ready.start().unwrap_err();
            assert_eq!(kept.error, StartError::Disconnected);
            assert!(pair.engine.journal().is_empty());
            drop(kept);

            // The engine is asked for the transfer first. That is when the device goes.
            let ready = filled(streams.1, 96);
            let half = pair.halves[1];
            let start = || assert_eq!(ready.start().unwrap_err().error, StartError::Disconnected);
            pair.engine.visit_at("1: dma prepare", move || half.disconnect(), start);
            assert_eq!(pair.engine.journal(), ["1: dma prepare"]);
        });
    }
}

/// An interrupt ends the run; the thread, which has not looked, goes on with what it was about to do. The peripheral was told to stop, and is not told
/// to pause, to sleep or to go on after that. What the interrupt found is what becomes of the stream.
#[test]
fn what_an_interrupt_has_ended_is_not_held_and_does_not_go_on() {
    for order in [TriggerOrder::LinkDmaDai, TriggerOrder::LinkDaiDma] {
        let setting = Setting { order, ..Setting::default() };
        let xrun_of = |state: State, suspend: bool| {
            board(setting, |pair, context, streams| {
                let stream = drive(pair, streams, state);
                drop(pair.engine.journal());
                assert!(pair.halves[1].xrun());
                assert_eq!(pair.dais[1].is(), Is::Stopped);
                drop(pair.engine.journal());
                let suspended = match stream {
                    Any::Draining(rest) if suspend => rest.suspend_paused(),
                    Any::Draining(rest) => rest.suspend(),
                    Any::Suspended(suspended) => suspended,
                    _ => panic!("not with {state:?}"),
                };
                let Ok(Resumed::Xrun(over)) = suspended.resume() else { panic!("it had an XRUN") };
                assert_eq!(over.report().cause, XrunCause::Peripheral);
                assert!(pair.engine.journal().is_empty(), "nobody was told anything");
                let Ok((ready, _)) = over.recover(context) else { panic!("it stops") };
                drop(ready);
            });
        };
        xrun_of(State::Draining, true);
        xrun_of(State::Draining, false);
        xrun_of(State::SuspendedByPause, false);
        xrun_of(State::SuspendedDraining, false);

        board(setting, |pair, context, streams| {
            let Any::Suspended(suspended) = drive(pair, streams, State::SuspendedByPause) else { unreachable!() };
            pair.halves[1].disconnect();
            drop(pair.engine.journal());
            let kept = suspended.resume().unwrap_err();
            assert_eq!(kept.error, StartError::Disconnected);
            assert!(pair.engine.journal().is_empty(), "nobody was told anything");
            stop(pair, context, Any::Suspended(kept.value));
        });
        board(setting, |pair, _context, streams| {
            let Any::Paused(paused) = drive(pair, streams, State::Paused) else { unreachable!() };
            pair.halves[1].disconnect();
            let Err(ReleaseFailed::Broken(Broken::Disconnected(gone))) = paused.resume() else { panic!("it is gone") };
            drop(gone);
        });
    }
}
