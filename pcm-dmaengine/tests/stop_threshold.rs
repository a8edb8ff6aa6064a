//! A stream's stop threshold: sooner than a buffer, never, and what a drain makes of it.

mod common;

use backend_mock::hw::StreamConfig;
use common::{SEED, capture, counting, numbered, numbers, playback, ring, still_prepared, stops_after, xrun};
use dmaengine_core::{Kept, Micros};
use pcm_dmaengine::{Elapsed, Frames, StartError, SwParams};

const LINE: StreamConfig = StreamConfig { rate: 48_000, frame_bytes: 4, fifo_frames: 32, watermark: 1 };

fn stop_at(stop_threshold: Frames) -> SwParams {
    SwParams { stop_threshold, ..SwParams::new(&SEED) }
}

#[test]
fn a_lower_threshold_is_an_xrun_sooner() {
    capture(stops_after(Micros(0)), LINE, 10_000, |bench, context, open| {
        let setup = open.hw_params(SEED, ring(&SEED)).unwrap().with_sw_params(stop_at(Frames(64))).unwrap();
        let stream = setup.prepare().start().unwrap();
        bench.pass(Micros(1_330));
        assert_eq!(stream.avail(), Frames(63));
        let Ok((stream, _)) = stream.readi(context, &mut [0; 4]) else { panic!("63 are not too many") };
        bench.pass(Micros(3_000));
        let over = xrun(stream.readi(context, &mut [0; 4]));
        assert_eq!(over.report().avail, Frames(95), "found by the first interrupt at 64 or more");
        // It goes along to the next run.
        let stream = over.prepare(context).unwrap().start().unwrap();
        bench.pass(Micros(3_000));
        assert_eq!(bench.count(Elapsed::Xrun), 2);
        drop(xrun(stream.readi(context, &mut [0; 4])));
    });
}

/// A capture that runs free never stops for a late reader, who reads what is in the ring now.
#[test]
fn capture_runs_free_at_the_boundary() {
    let (_, statistics) = capture(stops_after(Micros(0)), LINE, 10_000, |bench, context, open| {
        let setup = open.hw_params(SEED, ring(&SEED)).unwrap().with_sw_params(stop_at(SEED.boundary())).unwrap();
        let stream = setup.prepare().start().unwrap();
        bench.pass(Micros(25_000));
        assert_eq!((stream.hw_ptr(), stream.avail()), (Frames(1_200), Frames(1_200)));
        let mut out = [0; 4 * 600];
        let Ok((stream, frames)) = stream.readi(context, &mut out) else { panic!("it runs free") };
        assert_eq!((frames, stream.appl_ptr()), (Frames(600), Frames(600)));
        // The ring has frames 961 to 1200 in its first half and 721 to 960 in its second; the reader has gone round once
        // and a quarter.
        let ring = [counting(961, 240), counting(721, 240), counting(961, 120)].concat();
        assert_eq!(numbers(&out), ring);
        drop(stream.stop());
    });
    assert_eq!(statistics.xruns, 0);
}

#[test]
fn playback_runs_free_starts_empty_and_drains() {
    let (_, statistics) = playback(stops_after(Micros(0)), LINE, |bench, context, open| {
        let setup = open.hw_params(SEED, ring(&SEED)).unwrap();
        let Err(Kept { value, error }) = setup.prepare().start() else { panic!("nothing was written") };
        assert_eq!(error, StartError::Empty);
        let setup = still_prepared(value).stop().unwrap().with_sw_params(stop_at(SEED.boundary())).unwrap();
        let stream = setup.prepare().start().unwrap();
        bench.pass(Micros(15_000));
        assert!(stream.avail() > Frames(480), "dry for long, and running");
        // 1000 frames at once: the writer catches up and is then held to what there is room for.
        let Ok((stream, frames)) = stream.writei(context, &numbered(1, 2_000)) else { panic!("it runs free") };
        assert_eq!(frames, Frames(2_000));
        let _ = stream.drain(context).unwrap();
        let played = bench.played().remove(0);
        let last = numbers(&played).into_iter().flatten().max();
        assert_eq!(last, Some(2_000), "a drain plays all");
    });
    assert_eq!(statistics.xruns, 0);
}

/// A drain goes to the last frame, also where playback has to stop early.
#[test]
fn a_drain_plays_the_whole_ring_whatever_the_threshold() {
    playback(stops_after(Micros(0)), LINE, |bench, context, open| {
        let mut prepared =
            open.hw_params(SEED, ring(&SEED)).unwrap().with_sw_params(stop_at(Frames(300))).unwrap().prepare();
        assert_eq!(prepared.writei(&numbered(1, 480)), Frames(480));
        let _ = prepared.start().unwrap().drain(context).unwrap();
        assert_eq!(numbers(&bench.played()[0][..4 * 480]), counting(1, 480));
    });
}

/// A capture that ran free has more behind it than its ring holds. What is left of it is what is in the ring.
#[test]
fn what_a_free_run_leaves_is_what_is_in_the_ring() {
    capture(stops_after(Micros(0)), LINE, 10_000, |bench, context, open| {
        let setup = open.hw_params(SEED, ring(&SEED)).unwrap().with_sw_params(stop_at(SEED.boundary())).unwrap();
        let stream = setup.prepare().start().unwrap();
        bench.pass(Micros(25_000));
        let Ok(mut leftover) = stream.drain() else { panic!("it runs free") };
        assert_eq!(leftover.avail(), Frames(480), "of 1200");
        let mut out = vec![0; 4 * 1_000];
        assert_eq!(leftover.take(&mut out), Frames(480));
        assert_eq!(numbers(&out[..4 * 480]), counting(721, 480));
        assert_eq!((leftover.avail(), leftover.take(&mut out)), (Frames(0), Frames(0)));
        let _ = leftover.stop().synchronize(context).unwrap();
    });
}
