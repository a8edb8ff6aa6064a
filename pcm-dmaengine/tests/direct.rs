//! Direct access: what is read and written where it lies is what the copying calls would have read and written.
//!
//! Between begin and commit the engine goes on. If it comes by, the frames count for nothing, and that is an XRUN; whether
//! it has, only a look *after* the client has done with them can tell.

mod common;

use std::sync::atomic::Ordering::Relaxed;

use backend_mock::Mock;
use backend_mock::hw::StreamConfig;
use common::{Random, SEED, WayBack, capture, counting, numbered, numbers, playback, ring, stops_after, xrun};
use dmaengine_core::{EngineCyclic, Micros};
use pcm_dmaengine::{Area, Capture, Frames, Playback, Running, SwParams};

const LATENCY: Micros = Micros(1_000);
const LINE: StreamConfig = StreamConfig { rate: 48_000, frame_bytes: 4, fifo_frames: 4, watermark: 1 };

/// Writes numbered frames by one of the three ways.
fn fill<E: EngineCyclic>(area: &mut Area<'_, E, Playback>, first: u32, way: u64) {
    let frames = numbered(first, area.frames().0 as u32);
    match way {
        0 => assert_eq!(area.copy_in(Frames(0), &frames), area.frames()),
        1 => area.bytes().iter().zip(frames).for_each(|(place, byte)| place.store(byte, Relaxed)),
        _ => {
            // In two pieces, the later one first.
            let half = Frames(area.frames().0 / 2);
            let (one, two) = frames.split_at(4 * half.0 as usize);
            assert_eq!(area.copy_in(half, two), area.frames() - half);
            assert_eq!(area.copy_in(Frames(0), one), half);
        }
    }
}

/// Reads frames by one of two ways.
fn read<E: EngineCyclic>(area: &mut Area<'_, E, Capture>, way: u64) -> Vec<Option<u32>> {
    let mut out = vec![0; area.len()];
    match way {
        0 => assert_eq!(area.copy_out(Frames(0), &mut out), area.frames()),
        _ => out.iter_mut().zip(area.bytes()).for_each(|(byte, place)| *byte = place.load(Relaxed)),
    }
    numbers(&out)
}

/// Areas of any size, of which a part is committed, round and round; with what copies in between.
#[test]
fn a_playback_is_written_where_it_lies() {
    let mut random = Random::new(1);
    playback(stops_after(LATENCY), LINE, |bench, context, open| {
        let mut prepared = open.hw_params(SEED, ring(&SEED)).unwrap().prepare();
        let mut next = 1;
        while next <= 300 {
            let mut area = prepared.begin(Frames(random.up_to(90)));
            fill(&mut area, next, random.up_to(2));
            let part = Frames(random.up_to(area.frames().0));
            drop(area);
            assert_eq!(prepared.commit(part), part);
            next += part.0 as u32;
        }
        let mut stream = prepared.start().unwrap();
        while next <= 5_000 {
            if random.one_in(4) {
                let frames = 1 + random.up_to(100) as u32;
                let Ok((running, _)) = stream.writei(context, &numbered(next, frames)) else { panic!("in time") };
                (stream, next) = (running, next + frames);
            }
            let mut area = stream.begin(Frames(random.up_to(600)));
            assert!(area.frames() <= Frames(480));
            fill(&mut area, next, random.up_to(2));
            let part = Frames(random.up_to(area.frames().0));
            drop(area);
            bench.pass(Micros(random.up_to(300)));
            let Ok((running, committed)) = stream.commit(part) else { panic!("in time") };
            assert_eq!(committed, part);
            (stream, next) = (running, next + part.0 as u32);
            bench.pass(Micros(random.up_to(600)));
        }
        let written = next - 1;
        let Ok(_stopped) = stream.drain(context) else { panic!("there is something to play") };
        let played = bench.played().remove(0);
        let (frames, rest) = played.split_at(4 * written as usize);
        assert_eq!(numbers(frames), counting(1, written));
        assert!(rest.iter().all(|&byte| byte == 0));
    });
}

#[test]
fn a_capture_is_read_where_it_lies() {
    let mut random = Random::new(2);
    capture(stops_after(LATENCY), LINE, 20_000, |bench, context, open| {
        let mut stream = open.hw_params(SEED, ring(&SEED)).unwrap().prepare().start().unwrap();
        let mut heard = Vec::new();
        while heard.len() < 5_000 {
            bench.pass(Micros(random.up_to(1_000)));
            if random.one_in(4) {
                let mut out = vec![0; 4 * random.up_to(100) as usize];
                let Ok((running, _)) = stream.readi(context, &mut out) else { panic!("in time") };
                heard.extend(numbers(&out));
                stream = running;
            }
            let mut area = stream.begin(Frames(random.up_to(600)));
            let mut frames = read(&mut area, random.up_to(1));
            frames.truncate(random.up_to(frames.len() as u64) as usize);
            drop(area);
            let count = Frames(frames.len() as u64);
            let Ok((running, committed)) = stream.commit(count) else { panic!("in time") };
            assert_eq!(committed, count);
            heard.extend(frames);
            stream = running;
        }
        assert_eq!(heard, counting(1, heard.len() as u32));
        let _ = stream.stop().synchronize(context).unwrap();
    });
}

/// An area ends with the ring, and the next one begins there; it is never more than there is.
#[test]
fn an_area_is_one_piece_of_what_is_available() {
    playback(stops_after(LATENCY), LINE, |_, context, open| {
        let mut prepared = open.hw_params(SEED, ring(&SEED)).unwrap().prepare();
        let mut area = prepared.begin(Frames(1_000));
        assert_eq!((area.frames(), area.len(), area.is_empty()), (Frames(480), 1_920, false));
        assert_eq!(area.as_ptr(), area.as_mut_ptr().cast_const());
        assert_eq!(area.as_ptr(), area.bytes().as_ptr().cast());
        // Whole frames, and none outside.
        assert_eq!(area.copy_in(Frames(479), &[1; 11]), Frames(1));
        assert_eq!(area.copy_in(Frames(480), &[1; 4]), Frames(0));
        assert_eq!(area.copy_in(Frames(u64::MAX), &[1; 4]), Frames(0));
        let mut out = [9; 11];
        assert_eq!(area.copy_out(Frames(478), &mut out), Frames(2));
        assert_eq!(out, [0, 0, 0, 0, 1, 1, 1, 1, 9, 9, 9]);
        drop(area);
        assert_eq!(prepared.commit(Frames(400)), Frames(400));
        assert_eq!(prepared.begin(Frames(100)).frames(), Frames(80), "up to the ring's end, which is all there is");
        assert_eq!(prepared.commit(Frames(80)), Frames(80));
        assert!(prepared.begin(Frames(1)).is_empty(), "it is full");

        let stream = prepared.start().unwrap();
        let Ok((mut stream, _)) = stream.writei(context, &numbered(1, 470)) else { panic!("in time") };
        context.sleep(Micros(2_000));
        assert_eq!(stream.begin(Frames(480)).frames(), Frames(10), "then the ring ends");
        let Ok((mut stream, Frames(10))) = stream.commit(Frames(10)) else { panic!("in time") };
        let beginning = stream.begin(Frames(480)).frames();
        assert_eq!(beginning, stream.avail());
        let _ = stream.stop().synchronize(context).unwrap();
    });
}

/// No more counts than was begun with, once; and nothing after the client has come elsewhere by other means.
#[test]
fn only_what_was_begun_with_is_committed() {
    type Stream<'a> = Running<'a, Mock, Capture>;
    fn commit(stream: Stream<'_>, frames: u64) -> (Stream<'_>, Frames) {
        let Ok(committed) = stream.commit(Frames(frames)) else { panic!("in time") };
        committed
    }
    capture(stops_after(LATENCY), LINE, 20_000, |bench, context, open| {
        let stream = open.hw_params(SEED, ring(&SEED)).unwrap().prepare().start().unwrap();
        bench.pass(Micros(5_000));
        let (mut stream, committed) = commit(stream, 10);
        assert_eq!(committed, Frames(0), "nothing was begun with");
        drop(stream.begin(Frames(10)));
        let (stream, committed) = commit(stream, 11);
        assert_eq!((committed, stream.appl_ptr()), (Frames(10), Frames(10)));
        let (mut stream, committed) = commit(stream, 10);
        assert_eq!((committed, stream.appl_ptr()), (Frames(0), Frames(10)), "once");

        drop(stream.begin(Frames(10)));
        assert_eq!(stream.rewind(Frames(5)), Frames(5));
        let (mut stream, committed) = commit(stream, 10);
        assert_eq!((committed, stream.appl_ptr()), (Frames(0), Frames(5)));
        drop(stream.begin(Frames(10)));
        let Ok((stream, _)) = stream.readi(context, &mut [0; 4]) else { panic!("in time") };
        let (mut stream, committed) = commit(stream, 10);
        assert_eq!((committed, stream.appl_ptr()), (Frames(0), Frames(6)));

        drop(stream.begin(Frames(100)));
        drop(stream.begin(Frames(3)));
        let (mut stream, committed) = commit(stream, 100);
        assert_eq!((committed, stream.appl_ptr()), (Frames(3), Frames(9)), "the last one");
        let mut area = stream.begin(Frames(4));
        assert_eq!(read(&mut area, 0), counting(10, 4));
        drop(area);
        let _ = stream.stop().synchronize(context).unwrap();
    });
}

#[test]
fn an_engine_that_comes_by_an_area_is_an_xrun() {
    let (_, statistics) = capture(stops_after(LATENCY), LINE, 20_000, |bench, context, open| {
        let mut stream = open.hw_params(SEED, ring(&SEED)).unwrap().prepare().start().unwrap();
        bench.pass(Micros(5_000));
        let mut area = stream.begin(Frames(100));
        bench.pass(Micros(9_000));
        // The memory is still there; what it has is somebody else's sound.
        assert_eq!(read(&mut area, 0).len(), 100);
        drop(area);
        let over = xrun(stream.commit(Frames(100)));
        assert_eq!(over.report().appl_ptr, Frames(0), "none of it counts");
        let _ = over.stop().synchronize(context).unwrap();
    });
    assert_eq!(statistics.xruns, 1);
    let (_, statistics) = playback(stops_after(LATENCY), LINE, |bench, context, open| {
        let mut prepared = open.hw_params(SEED, ring(&SEED)).unwrap().prepare();
        assert_eq!(prepared.writei(&numbered(1, 100)), Frames(100));
        let mut stream = prepared.start().unwrap();
        let mut area = stream.begin(Frames(100));
        // With interrupts off: it is the commit that finds out.
        bench.pass_unseen(Micros(4_000));
        fill(&mut area, 101, 0);
        drop(area);
        let over = xrun(stream.commit(Frames(100)));
        assert_eq!(over.report().appl_ptr, Frames(100));
        let _ = over.stop().synchronize(context).unwrap();
    });
    assert_eq!(statistics.xruns, 1);
}

/// Filled where it lies before the start, and behind a stop that is under way: the new run plays it all, from the first.
#[test]
fn the_ring_is_filled_where_it_lies_before_the_start() {
    for way in [WayBack::Asleep, WayBack::Masked, WayBack::Queued] {
        playback(stops_after(LATENCY), LINE, |bench, context, open| {
            let mut prepared = open.hw_params(SEED, ring(&SEED)).unwrap().prepare();
            assert_eq!(prepared.writei(&numbered(1, 480)), Frames(480));
            let stream = prepared.start().unwrap();
            bench.pass(Micros(11_000));
            let mut prepared = way.go(bench, context, xrun(stream.hwsync()));
            let mut area = prepared.begin(Frames(480));
            fill(&mut area, 1_001, 1);
            drop(area);
            assert_eq!(prepared.commit(Frames(300)), Frames(300));
            let stream = prepared.start().unwrap();
            let Ok(_stopped) = stream.drain(context) else { panic!("there is something to play") };
            let played = bench.played().pop().unwrap();
            assert_eq!(numbers(&played[..4 * 300]), counting(1_001, 300), "{way:?}");
            assert!(played[4 * 300..].iter().all(|&byte| byte == 0), "{way:?}: what was not committed is not played");
        });
    }
}

#[test]
fn a_paused_stream_is_read_and_written_where_it_lies() {
    capture(stops_after(LATENCY), LINE, 20_000, |bench, context, open| {
        let stream = open.hw_params(SEED, ring(&SEED)).unwrap().prepare().start().unwrap();
        bench.pass(Micros(5_000));
        let Ok(mut paused) = stream.pause() else { panic!("it can") };
        bench.pass(Micros(20_000));
        let mut area = paused.begin(Frames(100));
        assert_eq!(read(&mut area, 1), counting(1, 100));
        drop(area);
        assert_eq!((paused.commit(Frames(70)), paused.commit(Frames(30))), (Frames(70), Frames(0)));
        let Ok(mut stream) = paused.resume() else { panic!("it can") };
        let mut area = stream.begin(Frames(10));
        assert_eq!(read(&mut area, 0), counting(71, 10));
        drop(area);
        let _ = stream.stop().synchronize(context).unwrap();
    });
    playback(stops_after(LATENCY), LINE, |bench, context, open| {
        let mut prepared = open.hw_params(SEED, ring(&SEED)).unwrap().prepare();
        assert_eq!(prepared.writei(&numbered(1, 200)), Frames(200));
        let Ok(mut paused) = prepared.start().unwrap().pause() else { panic!("it can") };
        let mut area = paused.begin(Frames(100));
        fill(&mut area, 201, 0);
        drop(area);
        assert_eq!(paused.commit(Frames(100)), Frames(100));
        let Ok(stream) = paused.resume() else { panic!("it can") };
        let Ok(_stopped) = stream.drain(context) else { panic!("there is something to play") };
        assert_eq!(numbers(&bench.played()[0][..4 * 300]), counting(1, 300));
    });
}

/// What is left of a drained capture, where it lies: at once if the engine cannot be there, else when it has stopped.
#[test]
fn what_is_left_is_read_where_it_lies() {
    capture(stops_after(LATENCY), LINE, 20_000, |bench, context, open| {
        let stream = open.hw_params(SEED, ring(&SEED)).unwrap().prepare().start().unwrap();
        bench.pass(Micros(5_000));
        let Ok(mut rest) = stream.drain() else { panic!("in time") };
        let left = rest.avail();
        let mut area = rest.begin(Frames(100));
        assert_eq!(read(&mut area, 1), counting(1, 100));
        drop(area);
        assert_eq!(rest.commit(Frames(100)), Frames(100), "half of the ring was free, and the stop takes 48 frames");
        let mut rest = rest.synchronize(context).unwrap();
        let mut area = rest.begin(Frames(480));
        let frames = read(&mut area, 0);
        assert_eq!(frames, counting(101, left.0 as u32 - 100));
        drop(area);
        assert_eq!(rest.commit(Frames(480)), left - Frames(100));
        assert!(rest.begin(Frames(1)).is_empty());
        let _ = rest.stop().synchronize(context).unwrap();
    });
    // A full ring: the engine writes over the oldest while it stops.
    capture(stops_after(LATENCY), LINE, 20_000, |bench, context, open| {
        let stream = open.hw_params(SEED, ring(&SEED)).unwrap().prepare().start().unwrap();
        bench.pass_unseen(Micros(9_900));
        let Ok(mut rest) = stream.drain() else { panic!("in time") };
        let left = rest.avail();
        assert!(left > Frames(470));
        let mut area = rest.begin(Frames(100));
        let _ = read(&mut area, 0);
        drop(area);
        assert_eq!(rest.commit(Frames(100)), Frames(0), "it may be there");
        let mut rest = rest.synchronize(context).unwrap();
        let mut area = rest.begin(Frames(480));
        let frames = read(&mut area, 0);
        let first = frames[0].unwrap();
        assert!(first > 1, "some were written over");
        assert_eq!(frames, counting(first, frames.len() as u32));
        drop(area);
        let _ = rest.stop().synchronize(context).unwrap();
    });
}

/// By [`SwParams::start_threshold`]. More than the ring is never.
#[test]
fn a_stream_is_due_by_its_start_threshold() {
    let at = |start_threshold| SwParams { start_threshold: Frames(start_threshold), ..SwParams::new(&SEED) };
    playback(stops_after(LATENCY), LINE, |_, _, open| {
        let mut prepared = open.hw_params(SEED, ring(&SEED)).unwrap().prepare();
        assert!(!prepared.is_due(Frames(100)), "one has to be written");
        assert_eq!(prepared.writei(&numbered(1, 479)), Frames(479));
        for (threshold, due) in [(1, true), (479, true), (480, false), (481, false)] {
            prepared.set_sw_params(at(threshold)).unwrap();
            assert_eq!(prepared.is_due(Frames(0)), due, "{threshold}");
        }
        drop(prepared.begin(Frames(1)));
        assert_eq!(prepared.commit(Frames(1)), Frames(1));
        for (threshold, due) in [(480, true), (481, false), (u64::MAX, false)] {
            prepared.set_sw_params(at(threshold)).unwrap();
            assert_eq!(prepared.is_due(Frames(0)), due, "{threshold}");
        }
    });
    capture(stops_after(LATENCY), LINE, 10, |_, _, open| {
        let mut prepared = open.hw_params(SEED, ring(&SEED)).unwrap().prepare();
        for (threshold, requested, due) in [
            (1, 1, true),
            (1, 0, false),
            (480, 479, false),
            (480, 480, true),
            (481, 481, false),
            (u64::MAX, u64::MAX, false),
        ] {
            prepared.set_sw_params(at(threshold)).unwrap();
            assert_eq!(prepared.is_due(Frames(requested)), due, "{threshold}, {requested} at once");
        }
    });
}
