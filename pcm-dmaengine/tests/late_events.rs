//! An interrupt takes a period event, and before it gets to the stream, the stream is stopped, one way or another, and started again. The event
//! says that a quarter of the ring has come. It is the old run's, and moves nothing.

mod common;

use common::pair::{Pair, Party, Setting, board, filled, prepared, run};
use common::wayward::Wayward;
use dmaengine_core::{EventKind, Micros, Sleepable};
use pcm_dmaengine::{Broken, Capture, DaiError, Elapsed, Frames, NotStarted, Prepared, Recovery, Running, Trigger};

/// From a running stream to one that may be started again.
type Path = for<'a> fn(&Pair<'a>, Running<'a, Wayward, Capture>, &Sleepable<'_>) -> Prepared<'a, Wayward, Capture>;

const PATHS: [(&str, Path); 8] = [
    ("stopped", |_, running, cx| running.stop().recover(cx).unwrap().0),
    ("paused", |_, running, cx| running.pause().unwrap_or_else(|_| panic!("it pauses")).stop().recover(cx).unwrap().0),
    ("suspended by a pause", |_, running, cx| running.suspend_paused().unwrap().stop().recover(cx).unwrap().0),
    ("suspended by a stop", |_, running, cx| running.suspend().stop().recover(cx).unwrap().0),
    ("undone", |pair, running, cx| {
        let ready = running.stop().recover(cx).unwrap().0;
        pair.dais[0].refuse(Party::Dai, Trigger::Start, DaiError::Refused { code: -19 });
        let NotStarted::Undone(undone) = ready.start().unwrap_err().value else { panic!("it was started") };
        undone.recover(cx).unwrap().0
    }),
    ("xrun", |pair, running, cx| {
        assert!(pair.halves[0].xrun());
        let Err(Broken::Xrun(over)) = running.hwsync() else { panic!("it had an XRUN") };
        over.recover(cx).unwrap().0
    }),
    ("drained", |_, running, cx| running.drain().unwrap().stop().recover(cx).unwrap().0),
    ("stopped by the one it is linked with", |pair, running, cx| {
        assert!(pair.link.xrun(&pair.halves[1]));
        let Err(Broken::Xrun(over)) = running.hwsync() else { panic!("it is linked") };
        over.recover(cx).unwrap().0
    }),
];

#[test]
fn an_event_of_an_earlier_run_moves_nothing() {
    for recovery in [Recovery::SYNC_STOP, Recovery::ATOMIC, Recovery::QUEUE_AFTER_STOP] {
        for (name, path) in PATHS {
            let (_, [statistics, _]) =
                board(Setting { recovery, ..Setting::default() }, |pair, context, (capture, playback)| {
                    pair.link.link(0, 1).unwrap();
                    let playback = run(filled(playback, 480));
                    let running = run(prepared(capture));
                    pair.pass(Micros(5_000));
                    let ours = |event: &&dmaengine_core::Event| event.channel.0 == 0;
                    let old = *pair.events.borrow().iter().rfind(ours).expect("seven periods");
                    assert!(matches!(old.kind, EventKind::Period { position: 896.., .. }), "{old:?}");
                    pair.cpu.hold_off_interrupts(true);
                    let ready = path(pair, running, context);
                    let stream = run(ready);
                    pair.late.set(Some(old));
                    pair.cpu.hold_off_interrupts(false);
                    pair.pass(Micros(2_500));
                    assert_eq!(pair.answer.get(), Some(Elapsed::NotOurs), "{name}");
                    let come = stream.hw_ptr();
                    assert!(come > Frames(0) && come <= Frames(121), "{name}: {come}");
                    drop((stream, playback));
                });
            assert_eq!(statistics.late_periods, 1, "{recovery:?}, {name}");
        }
    }
}

/// A run that is held has its pointer moved by its own late event, for that is true; but it is not judged by it.
#[test]
fn an_event_of_a_held_run_moves_its_pointer_and_ends_nothing() {
    board(Setting::default(), |pair, _context, (capture, _)| {
        let running = run(prepared(capture));
        pair.cpu.hold_off_interrupts(true);
        pair.pass(Micros(9_000));
        let Ok(paused) = running.pause() else { panic!("it pauses") };
        pair.cpu.hold_off_interrupts(false);
        pair.pass(Micros(1_000));
        assert!(!pair.events.borrow().is_empty(), "its periods are told while it stands still");
        assert_eq!(paused.avail(), Frames(432));
        let Ok(running) = paused.resume() else { panic!("it goes on") };
        drop(running);
    });
}
