//! A playback that plays its rest, and a client that has second thoughts.

mod common;

use backend_mock::hw::StreamConfig;
use common::{SEED, counting, numbered, numbers, ring, stops_after};
use dmaengine_core::Micros;
use pcm_dmaengine::{Frames, Resumed};

const LINE: StreamConfig = StreamConfig { rate: 48_000, frame_bytes: 4, fifo_frames: 32, watermark: 1 };

/// The client takes back the last 96 of its frames while the rest plays. Behind what is left comes silence; not what was taken back,
/// which is still in the ring.
#[test]
fn what_is_taken_back_while_it_drains_is_not_played() {
    common::playback(stops_after(Micros(1_000)), LINE, |bench, context, open| {
        let mut ready = open.hw_params(SEED, ring(&SEED)).unwrap().prepare();
        assert_eq!(ready.writei(&numbered(1, 320)), Frames(320));
        let mut draining = ready.start().unwrap().begin_drain().unwrap();
        bench.pass(Micros(1_350));
        let Ok(Err(still)) = draining.try_finish() else { panic!("it plays") };
        draining = still;
        assert_eq!(draining.rewind(Frames(96)), Frames(96));
        let _ = draining.finish(context).unwrap().synchronize(context).unwrap();
        let played = bench.played();
        let heard = numbers(&played[0]);
        assert_eq!(heard[..224], counting(1, 224)[..]);
        assert!(heard[224..].iter().all(Option::is_none), "then silence");
    });
}

/// Suspended and resumed, it still plays its rest, all of it and nothing else.
#[test]
fn a_rest_that_is_suspended_is_played_after_it() {
    common::playback(stops_after(Micros(1_000)), LINE, |bench, context, open| {
        let mut ready = open.hw_params(SEED, ring(&SEED)).unwrap().prepare();
        assert_eq!(ready.writei(&numbered(1, 320)), Frames(320));
        let draining = ready.start().unwrap().begin_drain().unwrap();
        bench.pass(Micros(1_350));
        let suspended = draining.suspend_paused();
        bench.pass(SEED.patience() * 2);
        let Ok(Resumed::Draining(draining)) = suspended.resume() else { panic!("it drained") };
        let _ = draining.finish(context).unwrap().synchronize(context).unwrap();
        let played = bench.played();
        let heard: Vec<_> = numbers(&played[0]).into_iter().flatten().map(Some).collect();
        assert_eq!(heard, counting(1, 320));
    });
}
