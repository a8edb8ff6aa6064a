//! Linked streams that start, pause, go on and stop as one: all of them, or none.

mod common;

use backend_mock::hw::{Peripheral, Source};
use backend_mock::{Cpu, Mock, MockConfig};
use common::duo::{Duplex, both, linked, pause, report, start};
use common::pair::{Is, LATENCY, LINE, Pair, Party, Setting, board, filled, prepared};
use common::wayward::REFUSED;
use common::{SEED, counting, device, numbered, numbers, ring, stops_after};
use dmaengine_core::{Atomic, Dma, ErrorKind, Kept, Micros, Sleepable};
use pcm_dmaengine::together::TogetherError;
use pcm_dmaengine::{
    Broken, DaiError, Fault, Link, NotStarted, PauseError, Pcm, StartError, Trigger, TriggerOrder, XrunCause,
};

const NO: DaiError = DaiError::Refused { code: -19 };

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

/// Three streams start as one; two of them are stopped, and the third, which is linked with them, ends.
#[test]
fn whoever_is_linked_with_those_that_are_stopped_ends() {
    let config = MockConfig { channels: 3, ..stops_after(LATENCY) };
    let dma: Dma<Mock, 3> = Dma::new(Mock::new(config));
    let mut pcms: [Pcm<Mock>; 3] = std::array::from_fn(|_| Pcm::new());
    let mut halves = Vec::new();
    let mut streams = Vec::new();
    for (channel, pcm) in pcms.iter_mut().enumerate() {
        let source = Source { frames: numbered(1, 1_000).into(), repeat: 1 };
        dma.engine().hw().attach(channel, Peripheral::recorder(LINE, source));
        let (open, half) = pcm.open_capture(dma.channel(channel as u8).unwrap(), device());
        streams.push(open);
        halves.push(half);
    }
    let link = Link::new(&halves);
    let cpu = Cpu::new(dma.engine(), |atomic: &Atomic<'_>| {
        dma.interrupt(atomic, &mut |callback, event| _ = link.elapsed(callback, event));
    });
    cpu.thread(|context| {
        let mut ready = streams.into_iter().map(|open| {
            let setup = open.with_link(link).hw_params(SEED, ring(&SEED));
            setup.unwrap().prepare()
        });
        let three = (ready.next().unwrap(), ready.next().unwrap(), ready.next().unwrap());
        let Ok((one, two, three)) = link.start(three) else { panic!("all three start") };
        context.sleep(Micros(2_000));
        let (one, two) = link.stop((one, two));
        let Err(Broken::Xrun(over)) = three.hwsync() else { panic!("it is linked with them") };
        assert_eq!(over.report().cause, XrunCause::Linked);
        let _ = (one.synchronize(context), two.synchronize(context), over.prepare(context));
    });
    let xruns = halves.iter().map(|half| half.statistics().xruns);
    assert_eq!(xruns.collect::<Vec<_>>(), [0, 0, 1]);
}
