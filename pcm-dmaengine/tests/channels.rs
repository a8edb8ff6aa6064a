//! Reading and writing with a slice for each channel.
//!
//! The ring is interleaved, and the samples are sorted on the way. So what a reader of channels gets, woven together again, is what a reader of frames
//! gets, byte for byte: whatever the size of a sample, the number of channels, the end of the ring and the length of a piece.

mod common;

use backend_mock::hw::StreamConfig;
use common::{Random, SEED, capture_of, counting, numbered, numbers, playback, ring, stops_after};
use dmaengine_core::{ErrorKind, Micros};
use pcm_dmaengine::{Broken, ChannelsError, Frames, HwParams, MoveFailed, SampleFormat};

const LATENCY: Micros = Micros(1_000);
const LINE: StreamConfig = StreamConfig { rate: 48_000, frame_bytes: 4, fifo_frames: 32, watermark: 1 };
const FORMATS: [SampleFormat; 5] =
    [SampleFormat::S8, SampleFormat::S16Le, SampleFormat::S24_3Le, SampleFormat::S32Le, SampleFormat::Float64Le];

/// Every size of a sample, with one to eight channels, and with more than a piece of stack has samples.
fn shapes() -> impl Iterator<Item = HwParams> {
    let channels = |format| (1..=8).chain([700]).map(move |channels| HwParams { format, channels, ..SEED });
    FORMATS.into_iter().flat_map(channels)
}

fn line(params: &HwParams) -> StreamConfig {
    StreamConfig { frame_bytes: params.frame_bytes(), ..LINE }
}

fn noise(params: &HwParams, frames: usize) -> Vec<u8> {
    let mut random = Random::new(u64::from(params.frame_bytes()));
    (0..frames * params.frame_bytes() as usize).map(|_| random.up_to(255) as u8).collect()
}

/// Silent channels of so many frames.
fn channels(params: &HwParams, frames: usize) -> Vec<Vec<u8>> {
    vec![vec![0; frames * params.format.bytes() as usize]; params.channels.into()]
}

/// The channels of interleaved frames, sample by sample.
fn apart(params: &HwParams, frames: &[u8]) -> Vec<Vec<u8>> {
    let mut apart = channels(params, 0);
    for (at, sample) in frames.chunks_exact(params.format.bytes() as usize).enumerate() {
        apart[at % usize::from(params.channels)].extend(sample);
    }
    apart
}

#[test]
fn channels_that_are_read_are_those_of_the_frames() {
    for params in shapes() {
        let heard = noise(&params, 2_000);
        capture_of(stops_after(LATENCY), line(&params), heard.clone(), |bench, context, open| {
            let mut stream = open.hw_params(params, ring(&params)).unwrap().prepare().start().unwrap();
            let mut at = 0;
            // Odd sizes, more than a ring, and several times round it.
            for size in [1, 7, 33, 480, 500, 13] {
                let mut out = channels(&params, size);
                let Ok((running, read)) = stream.readn(context, &mut out) else { panic!("in time") };
                assert_eq!(read, Frames(size as u64));
                let expected = &heard[at * params.frame_bytes() as usize..][..size * params.frame_bytes() as usize];
                assert!(out == apart(&params, expected), "{} channels of {}", params.channels, params.format);
                (stream, at) = (running, at + size);
            }
            // What is there now, without waiting, in the first samples of longer slices.
            bench.pass(Micros(4_000));
            let mut out = channels(&params, 480);
            let Ok((running, Frames(read))) = stream.try_readn(&mut out) else { panic!("in time") };
            let read = read as usize;
            assert!((100..480).contains(&read), "{read} frames in 4 ms");
            let expected = &heard[at * params.frame_bytes() as usize..][..read * params.frame_bytes() as usize];
            let mut expected = apart(&params, expected);
            expected.iter_mut().for_each(|channel| channel.resize(480 * params.format.bytes() as usize, 0));
            assert!(out == expected, "{} channels of {}", params.channels, params.format);
            let _ = running.stop().synchronize(context).unwrap();
        });
    }
}

#[test]
fn channels_that_are_written_are_those_of_the_frames() {
    for params in shapes() {
        let sound = noise(&params, 1_200);
        let part = |from: usize, to: usize| {
            apart(&params, &sound[from * params.frame_bytes() as usize..to * params.frame_bytes() as usize])
        };
        playback(stops_after(LATENCY), line(&params), |bench, context, open| {
            let mut prepared = open.hw_params(params, ring(&params)).unwrap().prepare();
            assert_eq!(prepared.writen(&part(0, 33)), Ok(Frames(33)));
            assert_eq!(prepared.writen(&part(33, 600)), Ok(Frames(447)), "as many as there is room for");
            let mut stream = prepared.start().unwrap();
            let mut at = 480;
            for size in [1, 7, 500, 62] {
                let Ok((running, written)) = stream.writen(context, &part(at, at + size)) else { panic!("in time") };
                assert_eq!(written, Frames(size as u64));
                (stream, at) = (running, at + size);
            }
            bench.pass(Micros(2_000));
            let Ok((stream, Frames(written))) = stream.try_writen(&part(at, 1_200)) else { panic!("in time") };
            assert!((90..150).contains(&written), "{written} frames in 2 ms");
            let stopped = stream.drain(context).unwrap();
            let played = bench.played().remove(0);
            let len = (at + written as usize) * params.frame_bytes() as usize;
            assert!(played[..len] == sound[..len], "{} channels of {}", params.channels, params.format);
            let _ = stopped.synchronize(context).unwrap();
        });
    }
}

/// One copy, in two stretches: from 101 frames before the ring's end on, into one slice for each channel.
#[test]
fn channels_across_the_end_of_the_ring() {
    for params in shapes() {
        let noise = noise(&params, 1_000);
        let bytes = params.frame_bytes() as usize;
        let part = |from: usize, frames: usize| apart(&params, &noise[from * bytes..][..frames * bytes]);
        for leftover in [false, true] {
            capture_of(stops_after(LATENCY), line(&params), noise.clone(), |bench, context, open| {
                let stream = open.hw_params(params, ring(&params)).unwrap().prepare().start().unwrap();
                let Ok((stream, _)) = stream.readi(context, &mut vec![0; 379 * bytes]) else { panic!("in time") };
                bench.pass(Micros(6_000));
                let mut out = channels(&params, 250);
                let stopped = if leftover {
                    let mut leftover = stream.drain().unwrap();
                    assert_eq!(leftover.take_channels(&mut out), Ok(Frames(250)));
                    leftover.stop()
                } else {
                    let Ok((stream, Frames(250))) = stream.try_readn(&mut out) else { panic!("288 came in 6 ms") };
                    stream.stop()
                };
                assert!(out == part(379, 250), "{} channels of {}", params.channels, params.format);
                let _ = stopped.synchronize(context).unwrap();
            });
        }
        playback(stops_after(LATENCY), line(&params), |bench, context, open| {
            let mut prepared = open.hw_params(params, ring(&params)).unwrap().prepare();
            assert_eq!(prepared.writen(&part(0, 379)), Ok(Frames(379)));
            let stream = prepared.start().unwrap();
            bench.pass(Micros(5_000));
            let Ok((stream, Frames(250))) = stream.try_writen(&part(379, 250)) else { panic!("room for 340") };
            let stopped = stream.drain(context).unwrap();
            assert!(bench.played()[0][..629 * bytes] == noise[..629 * bytes]);
            let _ = stopped.synchronize(context).unwrap();
        });
    }
}

/// What a paused stream has, and what a stopped one has left.
#[test]
fn channels_of_a_stream_that_stands_still() {
    for params in shapes().filter(|params| params.channels < 9) {
        let heard = noise(&params, 2_000);
        let bytes = params.frame_bytes() as usize;
        capture_of(stops_after(LATENCY), line(&params), heard.clone(), |bench, context, open| {
            let stream = open.hw_params(params, ring(&params)).unwrap().prepare().start().unwrap();
            bench.pass(Micros(5_000));
            let mut paused = stream.pause().unwrap();
            let mut out = channels(&params, 77);
            assert_eq!(paused.readn(&mut out), Ok(Frames(77)));
            assert!(out == apart(&params, &heard[..77 * bytes]));
            let mut leftover = paused.resume().unwrap().drain().unwrap();
            let left = leftover.avail().0 as usize;
            let mut out = channels(&params, left);
            assert_eq!((left > 77, leftover.take_channels(&mut out)), (true, Ok(Frames(left as u64))));
            assert!(out == apart(&params, &heard[77 * bytes..][..left * bytes]));
            let _ = leftover.stop().synchronize(context).unwrap();
        });
        playback(stops_after(LATENCY), line(&params), |bench, context, open| {
            let mut prepared = open.hw_params(params, ring(&params)).unwrap().prepare();
            assert_eq!(prepared.writei(&heard[..480 * bytes]), Frames(480));
            let stream = prepared.start().unwrap();
            bench.pass(Micros(5_000));
            let mut paused = stream.pause().unwrap();
            let room = paused.avail().0 as usize;
            let more = apart(&params, &heard[480 * bytes..960 * bytes]);
            assert_eq!((room > 200, paused.writen(&more)), (true, Ok(Frames(room as u64))));
            assert_eq!(paused.writen(&more), Ok(Frames(0)), "it is full");
            let stopped = paused.resume().unwrap().drain(context).unwrap();
            let played = bench.played().concat();
            let len = (480 + room) * bytes;
            assert!(played[..len] == heard[..len]);
            let _ = stopped.synchronize(context).unwrap();
        });
    }
}

/// The frames before an XRUN count, in each channel; the next call tells of it.
#[test]
fn what_was_read_before_an_xrun_is_delivered() {
    capture_of(stops_after(LATENCY), LINE, numbered(1, 20_000), |bench, context, open| {
        let stream = open.hw_params(SEED, ring(&SEED)).unwrap().prepare().start().unwrap();
        bench.pass(Micros(4_000));
        let (mut left, mut right) = (vec![0; 2 * 900], vec![0; 2 * 900]);
        // The peripheral has an overrun of its own while the reader sleeps.
        bench.at(Micros(9_000), |half| assert!(half.xrun()));
        let Ok((stream, Frames(read))) = stream.readn(context, &mut [&mut left, &mut right]) else { panic!("some") };
        assert!((400..440).contains(&read), "{read} frames in 9 ms");
        let frames: Vec<u8> =
            left.chunks(2).zip(right.chunks(2)).flat_map(|(left, right)| [left, right].concat()).collect();
        assert_eq!(numbers(&frames[..4 * read as usize]), counting(1, read as u32));
        let Err(MoveFailed::Broken(Broken::Xrun(over))) = stream.readn(context, &mut [&mut left, &mut right]) else {
            panic!("told by the next call")
        };
        assert_eq!(over.report().appl_ptr, Frames(read));
        let _ = over.stop().synchronize(context).unwrap();
    });
}

#[test]
fn channels_that_do_not_fit_are_refused_before_anything_is_touched() {
    let count = |slices| ChannelsError::Count { slices, channels: 2 };
    let length = ChannelsError::Length { channel: 1, len: 6, first: 8 };
    capture_of(stops_after(LATENCY), LINE, numbered(1, 20_000), |bench, context, open| {
        let stream = open.hw_params(SEED, ring(&SEED)).unwrap().prepare().start().unwrap();
        bench.pass(Micros(2_000));
        let mut out = vec![vec![7; 8], vec![7; 6], vec![7; 8]];
        let Err(MoveFailed::Refused(kept)) = stream.readn(context, &mut out) else { panic!("three") };
        assert_eq!((kept.error, kept.error.kind()), (count(3), ErrorKind::InvalidInput));
        let Err(MoveFailed::Refused(kept)) = kept.value.try_readn(&mut out[..1]) else { panic!("one") };
        assert_eq!(kept.error, count(1));
        let Err(MoveFailed::Refused(kept)) = kept.value.readn(context, &mut out[..2]) else { panic!("uneven") };
        assert_eq!(kept.error, length);
        let mut paused = kept.value.pause().unwrap();
        assert_eq!((paused.readn(&mut out), paused.readn(&mut out[..2])), (Err(count(3)), Err(length)));
        assert_eq!(paused.appl_ptr(), Frames(0));
        let mut leftover = paused.resume().unwrap().drain().unwrap();
        assert_eq!(leftover.take_channels(&mut out[..2]), Err(length));
        assert_eq!(out, [vec![7; 8], vec![7; 6], vec![7; 8]]);
        // Whole samples count: of 9 bytes, four.
        let mut out = [[7; 9]; 2];
        assert_eq!(leftover.take_channels(&mut out), Ok(Frames(4)));
        assert_eq!((out[0][8], out[1][8]), (7, 7));
        let _ = leftover.stop().synchronize(context).unwrap();
    });
    playback(stops_after(LATENCY), LINE, |_, context, open| {
        let mut prepared = open.hw_params(SEED, ring(&SEED)).unwrap().prepare();
        let sound = [vec![7; 8], vec![7; 6]];
        assert_eq!(prepared.writen(&sound), Err(length));
        assert_eq!(prepared.writen(&sound[..1]), Err(count(1)));
        assert_eq!((prepared.appl_ptr(), prepared.writen(&[[7; 800]; 2])), (Frames(0), Ok(Frames(400))));
        let Err(MoveFailed::Refused(kept)) = prepared.start().unwrap().writen(context, &sound) else {
            panic!("uneven")
        };
        assert_eq!(kept.error, length);
        let Err(MoveFailed::Refused(kept)) = kept.value.try_writen(&sound[..1]) else { panic!("one") };
        assert_eq!(kept.error, count(1));
        let mut paused = kept.value.pause().unwrap();
        assert_eq!((paused.writen(&sound), paused.appl_ptr()), (Err(length), Frames(400)));
        let _ = paused.stop().synchronize(context).unwrap();
    });
}
