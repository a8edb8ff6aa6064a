//! What a late client's listeners hear: silence by ALSA's two rules, and not the lap before. And a drain that nobody looks after.
//!
//! The engine goes round a full ring whether anybody writes or not, and its interrupt is the only one who knows. So the interrupt writes the silence, and the
//! race is with the client, who comes back at the same moment, on another core maybe: what he is at is not silenced.

mod common;

use backend_mock::Mock;
use backend_mock::hw::StreamConfig;
use common::{Bench, SEED, capture, counting, numbered, numbers, playback, ring, stops_after};
use dmaengine_core::{Micros, Sleepable};
use pcm_dmaengine::{Elapsed, Frames, HwParams, Open, Playback, Prepared, Running, SampleFormat, Stopped, SwParams};

const LATENCY: Micros = Micros(1_000);
/// With a short FIFO, so that the engine does not swallow a few frames at once.
const LINE: StreamConfig = StreamConfig { rate: 48_000, frame_bytes: 4, fifo_frames: 4, watermark: 1 };

/// Runs free, with silence.
fn free(params: &HwParams, silence_threshold: Frames, silence_size: Frames) -> SwParams {
    let boundary = params.boundary();
    SwParams { silence_threshold, silence_size, stop_threshold: boundary, ..SwParams::new(params) }
}

fn prepared<'a>(open: Open<'a, Mock, Playback>, params: HwParams, sw: SwParams) -> Prepared<'a, Mock, Playback> {
    open.hw_params(params, ring(&params)).unwrap().with_sw_params(sw).unwrap().prepare()
}

/// A stream that has a whole ring of frames, from 1 on.
fn full<'a>(open: Open<'a, Mock, Playback>, sw: SwParams) -> Running<'a, Mock, Playback> {
    let mut prepared = prepared(open, SEED, sw);
    assert_eq!(prepared.writei(&numbered(1, 480)), Frames(480));
    prepared.start().unwrap()
}

/// What was played, by number; 0 is silence.
fn heard(bench: Bench<'_>, stopped: Stopped<'_, Mock, Playback>, context: &Sleepable<'_>) -> Vec<u32> {
    let _ = stopped.synchronize(context).unwrap();
    let played = bench.played().remove(0);
    let silent = |frame: &[u8]| if frame == [0; 4] { Some(0) } else { None };
    numbers(&played).iter().zip(played.chunks(4)).map(|(number, frame)| number.or(silent(frame)).unwrap()).collect()
}

fn count_up(first: u32, count: u32) -> Vec<u32> {
    (first..first + count).collect()
}

/// What the rules are against.
#[test]
fn without_silence_a_late_client_is_heard_again_and_again() {
    playback(stops_after(LATENCY), LINE, |bench, context, open| {
        let stream = full(open, free(&SEED, Frames(0), Frames(0)));
        bench.pass(Micros(25_000));
        let heard = heard(bench, stream.stop(), context);
        assert_eq!(heard[..1_200], [count_up(1, 480), count_up(1, 480), count_up(1, 240)].concat());
    });
}

/// By thresholds of a ring, of two periods with as much at a time as is missing, and with a period at a time. The client is away for laps.
#[test]
fn a_client_that_is_late_is_silent() {
    for (threshold, size) in [(480, 480), (64, 64), (64, 32), (96, 48)] {
        playback(stops_after(LATENCY), LINE, |bench, context, open| {
            let mut stream = full(open, free(&SEED, Frames(threshold), Frames(size)));
            bench.pass(Micros(25_000));
            assert!(stream.avail() > Frames(480));
            // It comes back, goes to where the engine is, and writes.
            stream.reset();
            let Ok((stream, frames)) = stream.try_writei(&numbered(1_001, 100)) else { panic!("it runs free") };
            assert_eq!(frames, Frames(100));
            let from = stream.appl_ptr().0 as usize - 100;
            bench.pass(Micros(25_000));
            let heard = heard(bench, stream.stop(), context);
            let mut should = [count_up(1, 480), vec![0; heard.len() - 480]].concat();
            should[from..from + 100].copy_from_slice(&count_up(1_001, 100));
            assert_eq!(heard, should, "threshold {threshold}, size {size}");
        });
    }
}

/// A client that never says how far it is: what was played is silent at once, and what it has written ahead of the engine is played.
#[test]
fn what_was_played_is_blanked() {
    playback(stops_after(LATENCY), LINE, |bench, context, open| {
        let mut stream = full(open, free(&SEED, Frames(0), SEED.boundary()));
        bench.pass(Micros(25_000));
        // Some milliseconds ahead of the engine, wherever that is in its ring.
        let at = stream.hw_ptr() + Frames(300);
        stream.reset();
        assert_eq!(stream.forward(Frames(300)), Frames(300));
        assert_eq!(stream.begin(Frames(100)).copy_in(Frames(0), &numbered(1_001, 100)), Frames(100));
        bench.pass(Micros(35_000));
        let heard = heard(bench, stream.stop(), context);
        let mut should = [count_up(1, 480), vec![0; heard.len() - 480]].concat();
        let at = at.0 as usize;
        should[at..at + 100].copy_from_slice(&count_up(1_001, 100));
        assert_eq!(heard, should);
    });
}

/// In every format, in step: a sample of silence is not the same byte again and again.
#[test]
fn silence_of_every_format_keeps_in_step() {
    for format in SampleFormat::ALL {
        let params = HwParams { format, channels: 3, ..SEED };
        for sw in [free(&params, Frames(64), Frames(64)), free(&params, Frames(0), params.boundary())] {
            let frame_bytes = params.frame_bytes();
            let line = StreamConfig { frame_bytes, ..LINE };
            playback(stops_after(LATENCY), line, |bench, context, open| {
                let mut prepared = prepared(open, params, sw);
                let noise = vec![0x55; params.buffer_bytes() as usize];
                assert_eq!(prepared.writei(&noise), Frames(480));
                let stream = prepared.start().unwrap();
                bench.pass(Micros(25_000));
                let _ = stream.stop().synchronize(context).unwrap();
                let played = bench.played().remove(0);
                let (first, rest) = played.split_at(noise.len());
                assert_eq!(first, noise, "{format}");
                assert!(rest.len() > noise.len());
                assert!(rest.chunks(format.bytes() as usize).all(|sample| sample == format.silence()), "{format}");
            });
        }
    }
}

/// From the next look on, whoever's it is.
#[test]
fn other_software_parameters_hold_at_once() {
    playback(stops_after(LATENCY), LINE, |bench, context, open| {
        let mut stream = full(open, free(&SEED, Frames(0), Frames(0)));
        bench.pass(Micros(14_000));
        stream.set_sw_params(free(&SEED, Frames(64), Frames(64))).unwrap();
        bench.pass(Micros(11_000));
        let heard = heard(bench, stream.stop(), context);
        let silent = heard.iter().position(|&number| number == 0).unwrap();
        assert_eq!(heard[..silent], [count_up(1, 480), count_up(1, silent as u32 - 480)].concat());
        assert!((672..=704).contains(&silent), "after 14 ms and at most a period: {silent}");
        assert!(heard[silent..].iter().all(|&number| number == 0));
    });
}

/// The client is at its next frames when the interrupt comes: they are not silenced, before he has committed them. What he has written
/// and not committed is.
#[test]
fn what_the_client_is_at_is_not_silenced() {
    playback(stops_after(LATENCY), LINE, |bench, context, open| {
        let mut prepared = prepared(open, SEED, free(&SEED, Frames(480), Frames(480)));
        assert_eq!(prepared.writei(&numbered(1, 300)), Frames(300));
        let mut stream = prepared.start().unwrap();
        bench.pass(Micros(2_000));
        let mut area = stream.begin(Frames(150));
        assert_eq!(area.copy_in(Frames(0), &numbered(301, 150)), Frames(150));
        let before = bench.count(Elapsed::Moved);
        bench.pass(Micros(2_000));
        assert!(bench.count(Elapsed::Moved) >= before + 3, "interrupts with an area");
        drop(area);
        bench.pass(Micros(1_000));
        let Ok((stream, committed)) = stream.commit(Frames(50)) else { panic!("in time") };
        assert_eq!(committed, Frames(50));
        bench.pass(Micros(25_000));
        let heard = heard(bench, stream.stop(), context);
        assert_eq!(heard, [count_up(1, 350), vec![0; heard.len() - 350]].concat());
    });
}

/// A client goes back over what it has written: behind its new position nothing of it is heard, once it is due.
#[test]
fn what_the_client_took_back_is_silenced() {
    for sw in [free(&SEED, Frames(480), Frames(480)), free(&SEED, Frames(64), Frames(64))] {
        playback(stops_after(LATENCY), LINE, |bench, context, open| {
            let mut stream = full(open, sw);
            bench.pass(Micros(1_000));
            assert_eq!(stream.rewind(Frames(200)), Frames(200));
            bench.pass(Micros(25_000));
            let heard = heard(bench, stream.stop(), context);
            assert_eq!(heard, [count_up(1, 280), vec![0; heard.len() - 280]].concat());
        });
    }
}

/// Nobody looks at the stream from the beginning of the drain to long after its end: the interrupt silences and stops, and the engine, which
/// needs its time to stop, goes on playing silence.
#[test]
fn a_drain_that_nobody_looks_after_plays_nothing_old() {
    for frames in [480, 479, 500, 33, 40] {
        let (_, statistics) = playback(stops_after(LATENCY), LINE, |bench, context, open| {
            let mut prepared = prepared(open, SEED, SwParams::new(&SEED));
            assert_eq!(prepared.writei(&numbered(1, frames.min(480))), Frames(frames.min(480).into()));
            let Ok((stream, _)) = prepared.start().unwrap().writei(context, &numbered(481, frames.max(480) - 480))
            else {
                panic!("in time")
            };
            let Ok(draining) = stream.begin_drain() else { panic!("there is something to play") };
            bench.pass(Micros(30_000));
            assert_eq!(bench.count(Elapsed::Drained), 1, "{frames} frames: the interrupt ended it");
            let Ok(Ok(stopped)) = draining.try_finish() else { panic!("it is over") };
            let heard = heard(bench, stopped, context);
            assert!(heard.len() > frames as usize);
            assert_eq!(heard, [count_up(1, frames), vec![0; heard.len() - frames as usize]].concat());
        });
        assert_eq!(statistics.xruns, 0);
    }
}

/// A run that was paused in the middle of a silence goes on with it.
#[test]
fn silence_goes_on_after_a_pause() {
    playback(stops_after(LATENCY), LINE, |bench, context, open| {
        let stream = full(open, free(&SEED, Frames(64), Frames(64)));
        bench.pass(Micros(12_000));
        let Ok(mut paused) = stream.pause() else { panic!("it can") };
        bench.pass(Micros(20_000));
        assert!(paused.avail() > Frames(480));
        paused.reset();
        assert_eq!(paused.writei(&numbered(1_001, 64)), Frames(64));
        let Ok(stream) = paused.resume() else { panic!("it can") };
        bench.pass(Micros(20_000));
        let heard = heard(bench, stream.stop(), context);
        let from = heard.iter().position(|&number| number == 1_001).unwrap();
        let silence = [vec![0; from - 480], count_up(1_001, 64), vec![0; heard.len() - from - 64]].concat();
        assert_eq!(heard, [count_up(1, 480), silence].concat());
    });
}

/// Silence is playback's. A capture with such parameters hears what the device says.
#[test]
fn a_capture_is_never_silenced() {
    for size in [Frames(480), SEED.boundary()] {
        capture(stops_after(LATENCY), LINE, 10_000, |bench, context, open| {
            let threshold = if size == Frames(480) { size } else { Frames(0) };
            let sw = free(&SEED, threshold, size);
            let stream =
                open.hw_params(SEED, ring(&SEED)).unwrap().with_sw_params(sw).unwrap().prepare().start().unwrap();
            bench.pass(Micros(5_000));
            let mut out = [0; 4 * 400];
            let Ok((stream, frames)) = stream.readi(context, &mut out) else { panic!("in time") };
            assert_eq!((frames, numbers(&out)), (Frames(400), counting(1, 400)));
            let _ = stream.stop().synchronize(context).unwrap();
        });
    }
}
