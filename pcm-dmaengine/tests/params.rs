//! Parameters, units and positions: what is refused, what the arithmetic says, and that the ring's end shows nowhere.

mod common;

use backend_mock::hw::StreamConfig;
use common::{SEED, capture, counting, numbered, numbers, playback, ring, stops_after, xrun};
use dmaengine_core::{ErrorKind, Kept, Micros};
use pcm_dmaengine::{Frames, HwParams, ParamError, SampleFormat};

const LINE: StreamConfig = StreamConfig { rate: 48_000, frame_bytes: 4, fifo_frames: 32, watermark: 1 };

/// What `hw_params` says to a ring of so many bytes, having checked that everything comes back.
fn refusal(params: HwParams, len: usize) -> Option<ParamError> {
    let (answer, _) = capture(stops_after(Micros(0)), LINE, 1, |bench, _, open| {
        let memory: &'static mut [u8] = vec![7; len].leak();
        let address = memory.as_ptr();
        match open.hw_params(params, memory) {
            Ok(setup) => {
                assert_eq!(*setup.params(), params);
                None
            }
            Err(Kept { value: (open, memory), error }) => {
                assert_eq!((memory.as_ptr(), memory.len()), (address, len), "the same ring back");
                assert!(memory.iter().all(|&byte| byte == 7), "untouched");
                assert_eq!(error.kind(), ErrorKind::InvalidInput);
                drop(open.close());
                assert!(bench.dma.channel(0).is_ok(), "and the channel");
                Some(error)
            }
        }
    });
    answer
}

#[test]
fn zero_rate_channels_or_period_are_refused() {
    assert_eq!(refusal(HwParams { rate: 0, ..SEED }, 1_920), Some(ParamError::Zero));
    assert_eq!(refusal(HwParams { channels: 0, ..SEED }, 1_920), Some(ParamError::Zero));
    assert_eq!(refusal(HwParams { period_size: Frames(0), ..SEED }, 1_920), Some(ParamError::Zero));
}

#[test]
fn fewer_than_two_periods_are_refused() {
    for periods in [0, 1] {
        let params = HwParams { periods, ..SEED };
        let len = params.buffer_bytes() as usize;
        assert_eq!(refusal(params, len), Some(ParamError::TooFewPeriods { periods }));
    }
    assert_eq!(refusal(HwParams { periods: 2, ..SEED }, 256), None);
}

/// Frames, bytes, and the products on the way to them: none may wrap.
#[test]
fn buffers_that_hardware_cannot_count_are_refused() {
    let too_large = Some(ParamError::TooLarge { limit: u32::MAX.into() });
    let frames = |period, periods| HwParams { period_size: Frames(period), periods, ..SEED };
    assert_eq!(refusal(frames(u64::MAX, u32::MAX), 0), too_large);
    assert_eq!(refusal(frames(1 << 32, 2), 0), too_large);
    assert_eq!(refusal(frames(u64::from(u32::MAX), u32::MAX), 0), too_large);
    assert_eq!(refusal(frames(1 << 15, 1 << 15), 0), too_large, "2^30 frames of four bytes");
    let many = HwParams { format: SampleFormat::S32Le, channels: u16::MAX, period_size: Frames(1 << 13), ..SEED };
    assert_eq!(refusal(many, 0), too_large);
    let largest = HwParams { periods: 3, ..frames((1 << 30) / 3, 0) };
    assert_eq!(largest.buffer_bytes(), (1 << 32) - 4);
    assert_eq!(refusal(largest, 0), Some(ParamError::RingLength { len: 0, needed: (1 << 32) - 4 }), "just in range");
}

#[test]
fn a_ring_that_is_too_short_is_refused() {
    for len in [0, 480, 1_919] {
        assert_eq!(refusal(SEED, len), Some(ParamError::RingLength { len: len as u64, needed: 1_920 }));
    }
    assert_eq!((refusal(SEED, 1_920), refusal(SEED, 1_921), refusal(SEED, 3_840)), (None, None, None));
}

#[test]
fn frames_bytes_and_time() {
    assert_eq!((SEED.frame_bytes(), SEED.buffer_size(), SEED.buffer_bytes()), (4, Frames(480), 1_920));
    let wide = HwParams { format: SampleFormat::S32Le, channels: 6, ..SEED };
    assert_eq!((wide.frame_bytes(), wide.buffer_bytes()), (24, 11_520));
    let narrow = HwParams { format: SampleFormat::U8, channels: 1, ..SEED };
    assert_eq!((narrow.frame_bytes(), narrow.buffer_bytes()), (1, 480));

    assert_eq!(SEED.time(Frames(0)), Micros(0));
    assert_eq!(SEED.time(Frames(1)), Micros(21), "20.83, rounded up");
    assert_eq!(SEED.time(Frames(32)), Micros(667));
    assert_eq!(SEED.time(Frames(48_000)), Micros(1_000_000));
    let cd = HwParams { rate: 44_100, ..SEED };
    assert_eq!(cd.time(Frames(441)), Micros(10_000));
    assert_eq!(cd.time(Frames(u32::MAX.into())), Micros(97_391_548_640));

    assert_eq!(SEED.patience(), Micros(100_000), "at least 100 ms");
    let long = HwParams { period_size: Frames(48_000), periods: 2, ..SEED };
    assert_eq!(long.patience(), Micros(2_200_000), "1.1 times the buffer");
}

#[test]
fn frames_count_and_never_go_below_zero() {
    assert_eq!(Frames(480) + Frames(32), Frames(512));
    assert_eq!(Frames(512) - Frames(480), Frames(32));
    assert_eq!(Frames(480) - Frames(512), Frames(0));
    let mut sum = Frames(1);
    sum += Frames(2);
    assert_eq!((sum, sum.to_string()), (Frames(3), "3".to_owned()));
    assert!(Frames(2) < Frames(3));
}

#[test]
fn hw_free_gives_back_the_ring_that_hw_params_took() {
    let (_, _) = capture(stops_after(Micros(1_000)), LINE, 10_000, |bench, context, open| {
        let memory = ring(&SEED);
        let address = memory.as_ptr();
        let (open, memory) = open.hw_params(SEED, memory).unwrap().hw_free();
        assert_eq!((memory.as_ptr(), memory.len()), (address, 1_920));

        let stream = open.hw_params(SEED, memory).unwrap().prepare().start().unwrap();
        bench.pass(Micros(2_000));
        let (open, memory) = stream.stop().synchronize(context).unwrap().hw_free();
        assert_eq!((memory.as_ptr(), memory.len()), (address, 1_920));
        // 2 ms and the 1 ms of the stop: 144 frames. What was not captured was silenced.
        assert_eq!(numbers(&memory[..4 * 144]), counting(1, 144));
        assert!(memory[4 * 144..].iter().all(|&byte| byte == 0), "silence behind it, not what was in the memory");

        // And with other parameters.
        let other = HwParams { period_size: Frames(48), periods: 10, ..SEED };
        let setup = open.hw_params(other, memory).unwrap();
        assert_eq!(*setup.params(), other);
    });
}

/// The threshold is the buffer: 479 frames wait for the reader, 480 are too many (the engine is about to overwrite the first).
#[test]
fn a_full_ring_is_an_xrun_and_one_frame_less_is_not() {
    let (_, statistics) = capture(stops_after(Micros(0)), LINE, 10_000, |bench, context, open| {
        let stream = open.hw_params(SEED, ring(&SEED)).unwrap().prepare().start().unwrap();
        bench.pass(Micros(9_980));
        assert_eq!(stream.avail(), Frames(479));
        let mut out = [0; 4];
        let Ok((stream, _)) = stream.readi(context, &mut out) else { panic!("not yet") };
        assert_eq!(numbers(&out), counting(1, 1));
        bench.pass(Micros(50));
        assert_eq!((bench.now(), stream.avail()), (Micros(10_030), Frames(480)));
        let over = xrun(stream.readi(context, &mut out));
        assert_eq!((over.report().hw_ptr, over.report().appl_ptr), (Frames(481), Frames(1)));
        drop(over);
    });
    assert_eq!((statistics.xruns, statistics.frames_dropped), (1, 480));
}

/// Capture, a lap and more: the positions count on, and the ring's end shows nowhere.
#[test]
fn capture_positions_count_on_over_the_end_of_the_ring() {
    let (_, _) = capture(stops_after(Micros(0)), LINE, 100_000, |bench, context, open| {
        let mut stream = open.hw_params(SEED, ring(&SEED)).unwrap().prepare().start().unwrap();
        let mut read = 0;
        // Odd sizes, so that the end of the ring falls into the middle of most of them; and one above the ring's size.
        for count in [1, 31, 32, 33, 479, 480, 481, 7, 1_201, 64, 399] {
            let mut out = vec![0; 4 * count as usize];
            let Ok((next, frames)) = stream.readi(context, &mut out) else { panic!("in time") };
            stream = next;
            assert_eq!((frames, numbers(&out)), (Frames(count), counting(read as u32 + 1, count as u32)));
            read += count;
            assert_eq!(stream.appl_ptr(), Frames(read));

            let arrived = bench.now().0 * 48 / 1_000;
            let moved = bench.hw.with_peripheral(0, |recorder| recorder.runs()[0].moved_frames).unwrap();
            assert!(moved.abs_diff(arrived) <= 1);
            assert_eq!(stream.hw_ptr(), Frames(moved));
            assert_eq!(stream.avail(), Frames(moved - read), "hw_ptr - appl_ptr");
        }
        assert!(read > 6 * 480);
        drop(stream.stop());
    });
}

/// Playback: the same, and `avail` is the room there is.
#[test]
fn playback_positions_count_on_over_the_end_of_the_ring() {
    let (_, _) = playback(stops_after(Micros(0)), LINE, |bench, context, open| {
        let mut prepared = open.hw_params(SEED, ring(&SEED)).unwrap().prepare();
        assert_eq!(prepared.writei(&numbered(1, 100)), Frames(100));
        assert_eq!(prepared.writei(&numbered(101, 1_000)), Frames(380), "as many as there is room for");
        assert_eq!(prepared.writei(&numbered(481, 1)), Frames(0));
        let mut stream = prepared.start().unwrap();
        assert_eq!((stream.hw_ptr(), stream.avail()), (Frames(32), Frames(32)), "the FIFO takes 32 at once");
        let mut written = 480;
        for count in [1, 31, 32, 33, 479, 480, 481, 7, 1_201, 64, 399] {
            let Ok((next, frames)) = stream.writei(context, &numbered(written as u32 + 1, count as u32)) else {
                panic!("in time")
            };
            stream = next;
            written += count;
            assert_eq!((frames, stream.appl_ptr()), (Frames(count), Frames(written)));

            let moved = 32 + bench.now().0 * 48 / 1_000;
            assert!(stream.hw_ptr().0.abs_diff(moved) <= 1);
            assert_eq!(stream.avail(), stream.hw_ptr() + Frames(480) - stream.appl_ptr(), "room");
        }
        drop(stream.stop());
        let played = bench.played().remove(0);
        assert_eq!(numbers(&played), counting(1, (played.len() / 4) as u32));
        assert!(played.len() / 4 >= written as usize - 480);
    });
}

/// Nothing, and less than a frame, are nothing; a rest behind the last whole frame is not touched.
#[test]
fn no_frames_and_broken_frames() {
    let (_, _) = capture(stops_after(Micros(0)), LINE, 10_000, |bench, context, open| {
        let stream = open.hw_params(SEED, ring(&SEED)).unwrap().prepare().start().unwrap();
        let Ok((stream, frames)) = stream.readi(context, &mut []) else { panic!("nothing to do") };
        assert_eq!((frames, bench.now()), (Frames(0), Micros(0)), "and nothing to wait for");
        let Ok((stream, frames)) = stream.readi(context, &mut [9; 3]) else { panic!("nothing to do") };
        assert_eq!(frames, Frames(0));
        let mut out = [9; 11];
        let Ok((stream, frames)) = stream.readi(context, &mut out) else { panic!("two frames") };
        assert_eq!((frames, numbers(&out[..8]), &out[8..]), (Frames(2), counting(1, 2), &[9; 3][..]));
        drop(stream.stop());
    });
    let (_, _) = playback(stops_after(Micros(0)), LINE, |bench, context, open| {
        let mut prepared = open.hw_params(SEED, ring(&SEED)).unwrap().prepare();
        assert_eq!(prepared.writei(&[]), Frames(0));
        assert_eq!(prepared.writei(&[1, 2, 3]), Frames(0));
        assert_eq!(prepared.writei(&[numbered(1, 40), vec![9; 3]].concat()), Frames(40));
        let stream = prepared.start().unwrap();
        let Ok((stream, frames)) = stream.writei(context, &[numbered(41, 2), vec![9; 3]].concat()) else {
            panic!("two frames")
        };
        assert_eq!((frames, stream.appl_ptr()), (Frames(2), Frames(42)));
        let Ok((stream, frames)) = stream.writei(context, &[]) else { panic!("nothing to do") };
        assert_eq!(frames, Frames(0));
        let _ = stream.drain(context).unwrap();
        assert_eq!(numbers(&bench.played()[0][..4 * 42]), counting(1, 42));
    });
}

/// Narrow arithmetic where it fits, wide arithmetic where it does not: on both sides of the border, and at it.
#[test]
fn times_and_frames_are_exact_however_many_there_are() {
    for rate in [1, 8_000, 44_100, 48_000, u32::MAX] {
        let params = HwParams { rate, ..SEED };
        let (frames, times) = (u64::MAX / 1_000_000, u64::MAX / u64::from(rate));
        for n in [0, 1, 47_999, frames - 1, frames, frames + 1, times - 1, times, times.saturating_add(1), u64::MAX] {
            let time = (u128::from(n) * 1_000_000).div_ceil(rate.into());
            assert_eq!(params.time(Frames(n)), Micros(time.try_into().unwrap_or(u64::MAX)), "{n} frames at {rate} Hz");
            let come = u128::from(n) * u128::from(rate) / 1_000_000;
            assert_eq!(params.frames_in(Micros(n)), Frames(come.try_into().unwrap_or(u64::MAX)), "{n} us at {rate} Hz");
        }
    }
}
