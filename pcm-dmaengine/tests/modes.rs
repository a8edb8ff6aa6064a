//! All ways of reading and writing, mixed: blocking, without waiting, with a time-out, as a task, while paused, by frames and by channels.
//!
//! Whatever the mix, the reader gets the bytes of one long `readi`, and what is played is what was written, in order.

mod common;

use backend_mock::Mock;
use backend_mock::hw::StreamConfig;
use common::task::block_on;
use common::{Bench, Random, SEED, capture_of, playback, ring, stops_after};
use dmaengine_core::{Micros, Sleepable};
use pcm_dmaengine::{Capture, Frames, HwParams, Playback, Running, SampleFormat};
use proptest::prelude::*;

const LATENCY: Micros = Micros(1_000);
/// More than any mix moves.
const FRAMES: usize = 12_000;

#[derive(Clone, Copy, Debug)]
enum Mode {
    Blocking,
    AtOnce,
    /// Waits for so many microseconds at most, then takes what is there.
    Within(u64),
    Task,
    Paused,
}

#[derive(Clone, Copy, Debug)]
struct Op {
    mode: Mode,
    by_channels: bool,
    frames: usize,
    /// Microseconds that pass before.
    after: u64,
}

fn ops() -> impl Strategy<Value = Vec<Op>> {
    let mode = prop_oneof![
        3 => Just(Mode::Blocking),
        3 => Just(Mode::AtOnce),
        2 => (0..2_000_u64).prop_map(Mode::Within),
        2 => Just(Mode::Task),
        1 => Just(Mode::Paused),
    ];
    let op = (mode, any::<bool>(), 0..150_usize, prop_oneof![Just(0), 0..500_u64])
        .prop_map(|(mode, by_channels, frames, after)| Op { mode, by_channels, frames, after });
    prop::collection::vec(op, 1..60)
}

/// A ring of 128 frames, so that it goes round often.
fn params() -> impl Strategy<Value = HwParams> {
    let formats =
        [SampleFormat::U8, SampleFormat::S16Be, SampleFormat::S24_3Le, SampleFormat::S32Le, SampleFormat::FloatLe];
    (prop::sample::select(formats.to_vec()), 1..=8_u16).prop_map(|(format, channels)| HwParams {
        format,
        channels,
        period_size: Frames(16),
        periods: 8,
        ..SEED
    })
}

fn line(params: &HwParams) -> StreamConfig {
    StreamConfig { rate: 48_000, frame_bytes: params.frame_bytes(), fifo_frames: 8, watermark: 1 }
}

fn noise(params: &HwParams) -> Vec<u8> {
    let mut random = Random::new(u64::from(params.frame_bytes()));
    (0..FRAMES * params.frame_bytes() as usize).map(|_| random.up_to(255) as u8).collect()
}

/// Interleaves what is in the channels.
fn woven(params: &HwParams, channels: &[Vec<u8>], frames: usize) -> Vec<u8> {
    let sample = params.format.bytes() as usize;
    (0..frames)
        .flat_map(|at| channels.iter().flat_map(move |channel| &channel[at * sample..][..sample]))
        .copied()
        .collect()
}

fn apart(params: &HwParams, frames: &[u8]) -> Vec<Vec<u8>> {
    let mut apart = vec![Vec::new(); params.channels.into()];
    for (at, sample) in frames.chunks_exact(params.format.bytes() as usize).enumerate() {
        apart[at % usize::from(params.channels)].extend(sample);
    }
    apart
}

/// Reads as the operation says, and answers what was read.
fn read<'a>(
    bench: Bench<'a>,
    context: &Sleepable<'_>,
    params: &HwParams,
    stream: Running<'a, Mock, Capture>,
    op: Op,
) -> (Running<'a, Mock, Capture>, Vec<u8>) {
    let mut out = vec![0; op.frames * params.frame_bytes() as usize];
    let mut channels = vec![vec![0; op.frames * params.format.bytes() as usize]; params.channels.into()];
    let (stream, frames) = match op.mode {
        Mode::Blocking if op.by_channels => stream.readn(context, &mut channels).unwrap(),
        Mode::Blocking => stream.readi(context, &mut out).unwrap(),
        Mode::AtOnce | Mode::Within(_) => {
            let before = bench.now();
            let stream = match op.mode {
                Mode::Within(at_most) => {
                    let (stream, avail) = stream.wait_for(context, Frames(op.frames as u64), Micros(at_most)).unwrap();
                    let waited = bench.now() - before;
                    let enough = stream.sw_params().avail_min.min(Frames(op.frames as u64));
                    assert!(
                        waited <= Micros(at_most + 1) && (avail >= enough || waited >= Micros(at_most)),
                        "{waited}"
                    );
                    stream
                }
                _ => stream,
            };
            let before = bench.now();
            let moved = if op.by_channels {
                stream.try_readn(&mut channels).unwrap()
            } else {
                stream.try_readi(&mut out).unwrap()
            };
            assert_eq!(bench.now(), before, "without waiting");
            moved
        }
        Mode::Task => {
            let mut stream = stream;
            if op.by_channels {
                block_on(context, stream.ready());
                stream.try_readn(&mut channels).unwrap()
            } else {
                let frames = block_on(context, stream.readi_async(&mut out)).expect("in time");
                assert!(frames.0 > 0 || op.frames == 0);
                (stream, frames)
            }
        }
        Mode::Paused => {
            let mut paused = stream.pause().unwrap();
            let frames = if op.by_channels { paused.readn(&mut channels).unwrap() } else { paused.readi(&mut out) };
            (paused.resume().unwrap(), frames)
        }
    };
    let read = frames.0 as usize;
    if op.by_channels {
        out = woven(params, &channels, read);
    }
    out.truncate(read * params.frame_bytes() as usize);
    (stream, out)
}

/// Writes as the operation says, from these frames on, and answers how many it took.
fn write<'a>(
    context: &Sleepable<'_>,
    params: &HwParams,
    stream: Running<'a, Mock, Playback>,
    op: Op,
    sound: &[u8],
) -> (Running<'a, Mock, Playback>, usize) {
    let sound = &sound[..op.frames * params.frame_bytes() as usize];
    let channels = apart(params, sound);
    let (stream, frames) = match op.mode {
        Mode::Blocking if op.by_channels => stream.writen(context, &channels).unwrap(),
        Mode::Blocking => stream.writei(context, sound).unwrap(),
        Mode::AtOnce if op.by_channels => stream.try_writen(&channels).unwrap(),
        Mode::AtOnce => stream.try_writei(sound).unwrap(),
        Mode::Within(at_most) => {
            let (stream, _) = stream.wait_for(context, Frames(op.frames as u64), Micros(at_most)).unwrap();
            if op.by_channels { stream.try_writen(&channels).unwrap() } else { stream.try_writei(sound).unwrap() }
        }
        Mode::Task => {
            let mut stream = stream;
            if op.by_channels {
                block_on(context, stream.ready());
                stream.try_writen(&channels).unwrap()
            } else {
                let frames = block_on(context, stream.writei_async(sound)).expect("in time");
                (stream, frames)
            }
        }
        Mode::Paused => {
            let mut paused = stream.pause().unwrap();
            let frames = if op.by_channels { paused.writen(&channels).unwrap() } else { paused.writei(sound) };
            (paused.resume().unwrap(), frames)
        }
    };
    assert!(frames.0 as usize <= op.frames);
    (stream, frames.0 as usize)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(96))]

    #[test]
    fn any_mix_of_reads_gets_the_bytes_of_one(params in params(), ops in ops()) {
        let heard = noise(&params);
        let (got, statistics) = capture_of(stops_after(LATENCY), line(&params), heard.clone(), |bench, context, open| {
            let mut stream = open.hw_params(params, ring(&params)).unwrap().prepare().start().unwrap();
            let mut got = Vec::new();
            for op in &ops {
                // In time for the ring, which has room for 2.6 ms.
                let op = if stream.avail().0 > 80 { Op { mode: Mode::Blocking, frames: op.frames.max(70), ..*op } } else { *op };
                let (running, read) = read(bench, context, &params, stream, op);
                got.extend(read);
                stream = running;
                bench.pass(Micros(op.after));
            }
            let _ = stream.stop().synchronize(context).unwrap();
            assert_eq!((bench.hw.late_accesses(), bench.hw.faults()), (0, 0));
            got
        });
        prop_assert_eq!(statistics.xruns, 0);
        prop_assert!(got == heard[..got.len()], "{} bytes", got.len());
    }

    #[test]
    fn any_mix_of_writes_plays_what_was_written(params in params(), ops in ops()) {
        let sound = noise(&params);
        let (written, statistics) = playback(stops_after(LATENCY), line(&params), |bench, context, open| {
            let bytes = params.frame_bytes() as usize;
            let mut prepared = open.hw_params(params, ring(&params)).unwrap().prepare();
            let mut at = prepared.writei(&sound[..30 * bytes]).0 as usize;
            at += prepared.writen(&apart(&params, &sound[at * bytes..][..97 * bytes])).unwrap().0 as usize;
            let mut stream = prepared.start().unwrap();
            for op in &ops {
                let late = stream.delay() < 60;
                let op = if late { Op { mode: Mode::Blocking, frames: op.frames.max(60), ..*op } } else { *op };
                let (running, written) = write(context, &params, stream, op, &sound[at * bytes..]);
                (stream, at) = (running, at + written);
                if stream.delay() > 40 {
                    bench.pass(Micros(op.after));
                }
            }
            let mut draining = stream.begin_drain().unwrap();
            block_on(context, draining.drain_async());
            let Ok(Ok(stopped)) = draining.try_finish() else { panic!("it was woken for the end") };
            let played = bench.played().concat();
            assert!(played[..at * bytes] == sound[..at * bytes], "{at} frames");
            let _ = stopped.synchronize(context).unwrap();
            assert_eq!((bench.hw.late_accesses(), bench.hw.faults()), (0, 0));
            at
        });
        prop_assert_eq!(statistics.xruns, 0);
        prop_assert!(written >= 127);
    }
}
