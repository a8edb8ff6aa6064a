//! What is left of a capture that was drained, while its engine may still be writing.
//!
//! The race: the ring is nearly full when the stop is asked for. Until the engine has stopped, a millisecond later, it goes on behind the last
//! frame that counts; there is no room, so it goes over the oldest of those that nobody has read. Whoever reads them then gets frames
//! of the end in the place of the beginning.

mod common;

use backend_mock::hw::StreamConfig;
use common::{Bench, SEED, counting, number, numbers, ring, stops_after};
use dmaengine_core::{Kept, Micros, Sleepable};
use pcm_dmaengine::dynamic::{DynPcm, Errno, State};
use pcm_dmaengine::{Frames, Leftover};

const LATENCY: Micros = Micros(1_000);
const LINE: StreamConfig = StreamConfig { rate: 48_000, frame_bytes: 4, fifo_frames: 32, watermark: 1 };

/// Drains a capture that has run for so long, with nothing read.
fn drained(after: Micros, body: impl for<'a> FnOnce(Bench<'a>, &Sleepable<'_>, Leftover<'a, backend_mock::Mock>, u64)) {
    common::capture(stops_after(LATENCY), LINE, 40_000, |bench, context, open| {
        let stream = open.hw_params(SEED, ring(&SEED)).unwrap().prepare().start().unwrap();
        bench.pass(after);
        let left = stream.drain().unwrap();
        let all = left.avail().0;
        assert_eq!(all, 48 * after.0 / 1_000);
        body(bench, context, left, all);
    });
}

/// Takes what can be taken, a few frames at a time; they must follow one another. Gives back the first and the last.
fn taken(left: &mut Leftover<'_, backend_mock::Mock>) -> Option<(u32, u32)> {
    let (mut out, mut heard) = ([0; 4 * 50], Vec::new());
    loop {
        let frames = left.take(&mut out).0 as usize;
        if frames == 0 {
            break;
        }
        heard.extend(numbers(&out[..4 * frames]));
    }
    let first = heard.first().copied()?.expect("a frame of ours");
    assert_eq!(heard, counting(first, heard.len() as u32), "one after the other");
    Some((first, first + heard.len() as u32 - 1))
}

#[test]
fn with_room_behind_them_all_frames_can_be_taken_at_once() {
    drained(Micros(5_000), |bench, _context, mut left, all| {
        let since = bench.now();
        assert_eq!(taken(&mut left), Some((1, all as u32)));
        assert_eq!((bench.now(), left.avail()), (since, Frames(0)));
        bench.pass(LATENCY);
    });
}

/// Nine tenths of the ring are full, and the rest is less than what may still come: nothing is given out until it is known.
#[test]
fn frames_that_the_stop_may_reach_wait_for_it() {
    drained(Micros(9_500), |bench, _context, mut left, all| {
        assert_eq!(all, 456);
        assert_eq!(taken(&mut left), None, "24 frames of room, and a millisecond to come");
        assert_eq!(left.avail(), Frames(456), "nothing is lost yet");
        bench.pass(Micros(2_000));
        let (first, last) = taken(&mut left).expect("the engine has stopped");
        assert_eq!(last, 456);
        // 48 frames came in that millisecond, and there was room for 24.
        assert_eq!(first, 25);
    });
}

#[test]
fn whoever_sleeps_until_the_stop_takes_the_rest_from_a_quiet_ring() {
    drained(Micros(9_500), |bench, context, left, _all| {
        let since = bench.now();
        let Ok(mut left) = left.synchronize(context) else { panic!("it stops") };
        assert_eq!((bench.now() - since, left.avail()), (LATENCY, Frames(432)));
        assert_eq!(taken(&mut left), Some((25, 456)));
        let _ = left.stop().synchronize(context).unwrap();
    });
}

/// An engine that stops at once overwrites nothing.
#[test]
fn a_stop_without_latency_costs_nothing() {
    common::capture(stops_after(Micros(0)), LINE, 40_000, |bench, _context, open| {
        let stream = open.hw_params(SEED, ring(&SEED)).unwrap().prepare().start().unwrap();
        bench.pass(Micros(9_980));
        let mut left = stream.drain().unwrap();
        assert_eq!(left.avail(), Frames(479));
        assert_eq!(taken(&mut left), Some((1, 479)));
    });
}

/// The engine does not stop: the frames stay where they are, and so does the ring.
#[test]
fn an_engine_that_never_stops_keeps_what_it_may_overwrite() {
    common::capture(stops_after(LATENCY), LINE, 40_000, |bench, context, open| {
        bench.hw.set_stop_latency(backend_mock::hw::StopLatency::Never);
        let stream = open.hw_params(SEED, ring(&SEED)).unwrap().prepare().start().unwrap();
        bench.pass(Micros(9_500));
        let Err(Kept { value: mut left, .. }) = stream.drain().unwrap().synchronize(context) else {
            panic!("it does not stop")
        };
        assert_eq!(taken(&mut left), None);
        let (_open, memory) = left.stop().reset(context).unwrap().hw_free();
        assert!(number(memory).is_some(), "it comes back with a reset only");
    });
}

/// The same through the façade: a reader that waits gets what is whole, one that does not is told to try again.
#[test]
fn the_facade_waits_for_what_the_stop_may_reach() {
    for nonblock in [false, true] {
        common::capture(stops_after(LATENCY), LINE, 40_000, |bench, context, open| {
            let half = bench.half();
            let mut pcm = DynPcm::new(open, half, ring(&SEED));
            pcm.hw_params(context, SEED).unwrap();
            pcm.prepare(context).unwrap();
            pcm.start(context).unwrap();
            bench.pass(Micros(9_500));
            pcm.set_nonblock(nonblock);
            _ = pcm.drain(context);
            let mut out = [0; 4 * 480];
            let mut read = pcm.readi(context, &mut out);
            if nonblock {
                assert_eq!((read, pcm.state()), (Err(Errno::EAGAIN), State::Draining));
                bench.pass(LATENCY);
                read = pcm.readi(context, &mut out);
            }
            assert_eq!((read, pcm.state()), (Ok(Frames(432)), State::Setup));
            assert_eq!(numbers(&out[..4 * 432]), counting(25, 432));
            let _ = pcm.close(context).unwrap();
        });
    }
}
