//! Playback's own: a start with nothing to play, silence, and draining.
//!
//! Draining is the promise that what was written is played, all of it, and nothing after it. The engine does not know
//! the end: it goes round the ring until it is stopped, and after that for as long as it takes to stop. So behind the
//! last frame the ring must hold silence, not the frames of the lap before.

mod common;

use backend_mock::hw::StreamConfig;
use common::{SEED, counting, numbered, numbers, playback, ring, still_prepared, stops_after, xrun};
use dmaengine_core::{ErrorKind, Kept, Micros};
use pcm_dmaengine::{Broken, Elapsed, Frames, HwParams, SampleFormat, StartError};

const LATENCY: Micros = Micros(1_000);
const LINE: StreamConfig = StreamConfig { rate: 48_000, frame_bytes: 4, fifo_frames: 32, watermark: 1 };

#[test]
fn the_start_of_an_empty_playback_is_refused() {
    playback(stops_after(LATENCY), LINE, |bench, context, open| {
        let prepared = open.hw_params(SEED, ring(&SEED)).unwrap().prepare();
        let Err(Kept { value, error }) = prepared.start() else { panic!("nothing was written") };
        let mut prepared = still_prepared(value);
        assert_eq!((error, error.kind()), (StartError::Empty, ErrorKind::InvalidInput));
        assert_eq!(prepared.writei(&numbered(1, 320)), Frames(320));
        let stream = prepared.start().unwrap();
        bench.pass(Micros(20_000));

        // Nor does what was played before the XRUN count as something to play after it.
        let prepared = xrun(stream.writei(context, &numbered(1, 1))).prepare(context).unwrap();
        let Err(kept) = prepared.start() else { panic!("nothing was written") };
        assert_eq!(kept.error, StartError::Empty);
        assert_eq!(bench.hw.with_peripheral(0, |player| player.taken().len()), Some(1), "only one run was started");
    });
}

/// Unsigned samples are silent in the middle of their range.
#[test]
fn silence_of_unsigned_samples_is_0x80() {
    let params = HwParams { format: SampleFormat::U8, ..SEED };
    let line = StreamConfig { frame_bytes: 2, ..LINE };
    playback(stops_after(LATENCY), line, |bench, context, open| {
        let mut prepared = open.hw_params(params, ring(&params)).unwrap().prepare();
        assert_eq!(prepared.writei(&[1; 2 * 40]), Frames(40));
        let stopped = prepared.start().unwrap().drain(context).unwrap();
        let played = bench.played().remove(0);
        assert_eq!(played[..80], [1; 80]);
        assert!(played.len() > 80 && played[80..].iter().all(|&byte| byte == 0x80), "{:x?}", &played[80..]);
        let _ = stopped.synchronize(context).unwrap();
    });
}

/// Silence of more than one byte begins with the first byte of a sample, wherever it is written.
#[test]
fn silence_of_packed_samples_keeps_in_step() {
    for (format, silence) in [(SampleFormat::U24_3Le, [0, 0, 0x80]), (SampleFormat::U24_3Be, [0x80, 0, 0])] {
        let params = HwParams { format, ..SEED };
        let line = StreamConfig { frame_bytes: 6, ..LINE };
        playback(stops_after(LATENCY), line, |bench, context, open| {
            let mut prepared = open.hw_params(params, ring(&params)).unwrap().prepare();
            assert_eq!(prepared.writei(&[1; 6 * 450]), Frames(450));
            let Ok((stream, _)) = prepared.start().unwrap().writei(context, &[1; 6 * 450]) else { panic!("in time") };
            let stopped = stream.drain(context).unwrap();
            let played = bench.played().remove(0);
            let (written, behind) = played.split_at(6 * 900);
            assert!(written.iter().all(|&byte| byte == 1));
            assert!(behind.len() > 6 * 16 && behind.chunks(3).all(|sample| sample == silence), "{behind:x?}");
            let _ = stopped.synchronize(context).unwrap();
        });
    }
}

/// After an underrun the engine goes on until it has stopped. What it plays then is the ring, and in the first lap that
/// is silence: not what the run before left there.
#[test]
fn a_restart_after_an_underrun_has_silence_behind_what_was_written() {
    playback(stops_after(LATENCY), LINE, |bench, context, open| {
        let mut prepared = open.hw_params(SEED, ring(&SEED)).unwrap().prepare();
        for run in 0..4 {
            let first = 1 + 1_000 * run;
            let count = if run % 2 == 0 { 480 } else { 100 };
            assert_eq!(prepared.writei(&numbered(first, count)), Frames(count.into()));
            let stream = prepared.start().unwrap();
            bench.pass(Micros(11_000));
            prepared = xrun(stream.writei(context, &numbered(1, 1))).prepare(context).unwrap();
            let played = bench.played().pop().unwrap();
            assert_eq!(numbers(&played[..4 * count as usize]), counting(first, count));
            if count == 100 {
                assert!(played.len() > 4 * 100 && played[4 * 100..].iter().all(|&byte| byte == 0), "the run before");
            }
        }
    });
}

/// Writes and drains so many frames with an engine that needs so long to stop, and says what was played.
fn drained(latency: Micros, frames: u32) -> Vec<u8> {
    // With a short FIFO, so that the engine does not swallow a few frames at once.
    let line = StreamConfig { fifo_frames: 4, ..LINE };
    let (played, statistics) = playback(stops_after(latency), line, |bench, context, open| {
        let mut prepared = open.hw_params(SEED, ring(&SEED)).unwrap().prepare();
        let ahead = frames.min(480);
        assert_eq!(prepared.writei(&numbered(1, ahead)), Frames(ahead.into()));
        let stream = prepared.start().unwrap();
        let Ok((stream, _)) = stream.writei(context, &numbered(ahead + 1, frames - ahead)) else { panic!("in time") };
        let before = bench.now();
        let Ok(stopped) = stream.drain(context) else { panic!("there was something to play") };
        assert!(bench.now() - before <= SEED.time(Frames(480 + 32)), "the ring, and the rest of a period");
        let _ = stopped.synchronize(context).unwrap();
        bench.played().remove(0)
    });
    assert_eq!(statistics.xruns, 0, "the end is not an XRUN");
    played
}

fn assert_drained(latency: Micros, frames: u32) {
    let played = drained(latency, frames);
    let (written, rest) = played.split_at(4 * frames as usize);
    assert_eq!(numbers(written), counting(1, frames), "all that was written, in order");
    let stale = rest.chunks_exact(4).position(|frame| frame != [0; 4]);
    let latency = latency.0;
    assert_eq!(stale, None, "{frames} frames, {latency} us to stop: not silence, so many frames behind the last one");
}

/// Whole periods, partial periods, one frame, more than a lap; an engine that stops at once.
#[test]
fn drain_plays_what_was_written_and_then_silence() {
    for frames in [5, 31, 32, 33, 100, 448, 449, 479, 481, 500, 1_000, 1_199] {
        assert_drained(Micros(0), frames);
    }
}

/// A full ring, which has no room for silence when the drain begins.
#[test]
fn drain_of_a_full_ring_plays_silence_behind_it() {
    for frames in [480, 512, 960, 1_440] {
        assert_drained(Micros(0), frames);
    }
}

/// The engine plays on for 1 ms, 48 frames, after it was told to stop: more than the period of 32.
#[test]
fn drain_plays_silence_until_the_engine_has_stopped() {
    for frames in [32, 100, 480, 500, 1_000] {
        assert_drained(LATENCY, frames);
    }
}

/// The end of a drain is found by the interrupt, like an XRUN, and is none.
#[test]
fn the_interrupt_ends_a_drain() {
    let (_, statistics) = playback(stops_after(LATENCY), LINE, |bench, context, open| {
        let mut prepared = open.hw_params(SEED, ring(&SEED)).unwrap().prepare();
        assert_eq!(prepared.writei(&numbered(1, 320)), Frames(320));
        let stopped = prepared.start().unwrap().drain(context).unwrap();
        assert_eq!((bench.count(Elapsed::Drained), bench.count(Elapsed::Xrun)), (1, 0));
        let _ = stopped.synchronize(context).unwrap();
    });
    assert_eq!(statistics.xruns, 0);
}

/// A drain that comes too late is an XRUN, not the end of a drain.
#[test]
fn a_drain_after_an_underrun_is_an_xrun() {
    let (_, statistics) = playback(stops_after(LATENCY), LINE, |bench, context, open| {
        let mut prepared = open.hw_params(SEED, ring(&SEED)).unwrap().prepare();
        assert_eq!(prepared.writei(&numbered(1, 320)), Frames(320));
        let stream = prepared.start().unwrap();
        bench.pass(Micros(20_000));
        let Err(Broken::Xrun(over)) = stream.drain(context) else { panic!("it had run dry") };
        assert_eq!(over.report().appl_ptr, Frames(320));
        let _ = over.stop().synchronize(context).unwrap();
    });
    assert_eq!(statistics.xruns, 1);
}

/// Nor does the engine play, while it stops, what the client took back during the drain; and what it skips is silence.
#[test]
fn what_is_taken_back_during_a_drain_is_not_played() {
    for back in [true, false] {
        let (played, _) = playback(stops_after(LATENCY), LINE, |bench, context, open| {
            let mut prepared = open.hw_params(SEED, ring(&SEED)).unwrap().prepare();
            prepared.writei(&numbered(1, 300));
            let stream = prepared.start().unwrap();
            let Ok(mut draining) = stream.begin_drain() else { panic!("nothing was played yet") };
            let moved = if back { draining.rewind(Frames(60)) } else { draining.forward(Frames(60)) };
            assert_eq!(moved, Frames(60));
            let _ = draining.finish(context).unwrap().synchronize(context).unwrap();
            bench.played().remove(0)
        });
        let written = if back { 240 } else { 300 };
        let (sound, rest) = played.split_at(4 * written);
        assert_eq!(numbers(sound), counting(1, written as u32));
        assert!(rest.len() > 4 * 32 && rest.iter().all(|&byte| byte == 0), "{:?}", numbers(rest));
    }
}

/// What was written ahead of the start and taken back again is not silence. A drain makes it so.
#[test]
fn what_is_taken_back_before_the_start_is_not_played() {
    let (played, _) = playback(stops_after(LATENCY), LINE, |bench, context, open| {
        let mut prepared = open.hw_params(SEED, ring(&SEED)).unwrap().prepare();
        prepared.writei(&numbered(1_000, 300));
        prepared.reset();
        prepared.writei(&numbered(1, 240));
        let _ = prepared.start().unwrap().drain(context).unwrap().synchronize(context).unwrap();
        bench.played().remove(0)
    });
    let (sound, rest) = played.split_at(4 * 240);
    assert_eq!(numbers(sound), counting(1, 240));
    assert!(rest.len() > 4 * 32 && rest.iter().all(|&byte| byte == 0), "{:?}", numbers(rest));
}
