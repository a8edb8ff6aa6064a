//! Looking at a stream without ending it, and the ways on that are not a restart: giving up, resetting, asking again.

mod common;

use backend_mock::hw::{StopLatency, StreamConfig};
use common::{SEED, numbered, ring, stops_after, xrun};
use dmaengine_core::Micros;
use pcm_dmaengine::{Broken, Elapsed, Fault, Frames};

const LATENCY: Micros = Micros(1_000);
const LINE: StreamConfig = StreamConfig { rate: 48_000, frame_bytes: 4, fifo_frames: 32, watermark: 1 };

/// A client that only asks how far it is must not take the XRUN away from the interrupt half: the engine would go on for
/// ever, with nobody left to stop it.
#[test]
fn asking_for_the_pointers_leaves_the_xrun_to_the_interrupt() {
    common::capture(stops_after(LATENCY), LINE, 200_000, |bench, context, open| {
        let stream = open.hw_params(SEED, ring(&SEED)).unwrap().prepare().start().unwrap();
        bench.pass_unseen(Micros(20_000));
        assert_eq!((stream.hw_ptr(), stream.avail()), (Frames(960), Frames(960)), "too late, and only looked at");
        bench.cpu.hold_off_interrupts(false);
        bench.pass(Micros(2_000));
        assert_eq!(bench.count(Elapsed::Xrun), 1);
        assert!(bench.hw.next_news().is_none(), "the engine was told to stop, and has");
        let over = xrun(stream.readi(context, &mut [0; 4]));
        let _ = over.stop().synchronize(context).unwrap();
    });
}

/// Prepared and not started: the ring comes back, at once on a quiet channel, after the stop on one that is prepared
/// behind it.
#[test]
fn a_prepared_stream_can_be_given_up() {
    common::capture(stops_after(LATENCY), LINE, 200_000, |bench, context, open| {
        let prepared = open.hw_params(SEED, ring(&SEED)).unwrap().prepare();
        let setup = prepared.stop().expect("nothing ran");
        let stream = setup.prepare().start().unwrap();
        bench.pass(Micros(5_000));
        let behind = stream.stop().prepare_queued();
        let stopped = behind.stop().expect_err("the stop is still under way");
        let since = bench.now();
        let (open, ring) = stopped.synchronize(context).unwrap().hw_free();
        assert_eq!(bench.now() - since, LATENCY);
        assert_eq!(ring.len() as u64, SEED.buffer_bytes());
        drop(open.close());
    });
}

/// The last way out is there for a stream that is only stopped, not just for a dead one.
#[test]
fn a_stopped_stream_on_an_engine_that_never_stops_can_be_reset() {
    common::capture(stops_after(LATENCY), LINE, 200_000, |bench, context, open| {
        bench.hw.set_stop_latency(StopLatency::Never);
        let stream = open.hw_params(SEED, ring(&SEED)).unwrap().prepare().start().unwrap();
        bench.pass(Micros(20_000));
        let over = xrun(stream.readi(context, &mut [0; 4]));
        let (_open, ring) = over.stop().reset(context).unwrap().hw_free();
        ring.fill(0xA5);
        bench.pass(Micros(20_000));
        assert!(ring.iter().all(|&byte| byte == 0xA5), "written after it was given back");
    });
}

/// With interrupts held off, a run that waits behind a stop begins when its client looks.
#[test]
fn a_queued_run_begins_without_an_interrupt() {
    common::capture(stops_after(LATENCY), LINE, 200_000, |bench, context, open| {
        let stream = open.hw_params(SEED, ring(&SEED)).unwrap().prepare().start().unwrap();
        bench.pass(Micros(5_000));
        bench.cpu.hold_off_interrupts(true);
        let stream = stream.stop().prepare_queued().start().unwrap();
        let Ok((stream, frames)) = stream.readi(context, &mut [0; 4 * 64]) else { panic!("it must begin") };
        assert_eq!(frames, Frames(64));
        bench.cpu.hold_off_interrupts(false);
        let _ = stream.stop().synchronize(context).unwrap();
    });
}

/// The engine stands still after some frames: the call gives them back, and the next one tells at once, without a second
/// wait.
#[test]
fn a_death_that_was_noticed_is_remembered() {
    common::capture(stops_after(LATENCY), LINE, 200_000, |bench, context, open| {
        let stream = open.hw_params(SEED, ring(&SEED)).unwrap().prepare().start().unwrap();
        bench.pass(Micros(2_000));
        bench.hw.pause(0);
        let Ok((stream, frames)) = stream.readi(context, &mut [0; 4 * 200]) else { panic!("some were there") };
        assert!(frames < Frames(200), "{frames}");
        let since = bench.now();
        let Err(Broken::Faulted(dead)) = stream.readi(context, &mut [0; 4]) else { panic!("it is dead") };
        assert!(matches!(dead.fault(), Fault::Stalled { .. }));
        assert_eq!(bench.now(), since, "told at once");
        let _ = dead.reset(context).unwrap();
    });
}

/// A sound so short that the device's FIFO swallows it whole is drained, not underrun.
#[test]
fn a_sound_shorter_than_the_fifo_is_drained() {
    common::playback(stops_after(LATENCY), LINE, |bench, context, open| {
        let mut prepared = open.hw_params(SEED, ring(&SEED)).unwrap().prepare();
        assert_eq!(prepared.writei(&numbered(1, 20)), Frames(20));
        let stream = prepared.start().unwrap();
        let _ = stream.drain(context).unwrap().synchronize(context).unwrap();
        bench.pass(Micros(2_000));
        let played = bench.played();
        assert_eq!(played[0][..80], numbered(1, 20)[..]);
        assert!(played[0][80..].iter().all(|&byte| byte == 0), "and then silence");
    });
}
