//! The two thresholds of a client that does not ask: when its stream starts by itself, and when it is woken (Linux 6.12,
//! sound/core/pcm_lib.c).

mod common;

use backend_mock::Mock;
use backend_mock::hw::{StopLatency, StreamConfig};
use common::{Bench, SEED, capture, counting, numbered, numbers, playback, ring, stops_after};
use dmaengine_core::{Kept, Micros};
use pcm_dmaengine::{
    BeginFailed, Begun, Broken, Capture, Fault, Frames, NotStarted, Open, Prepared, Running, StartError, SwParams, Way,
};

const LATENCY: Micros = Micros(1_000);
const LINE: StreamConfig = StreamConfig { rate: 48_000, frame_bytes: 4, fifo_frames: 32, watermark: 1 };
const PERIOD: Micros = Micros(667);

fn prepared<'a, D: Way>(open: Open<'a, Mock, D>, change: impl FnOnce(&mut SwParams)) -> Prepared<'a, Mock, D> {
    let mut sw = SwParams::new(&SEED);
    change(&mut sw);
    open.hw_params(SEED, ring(&SEED)).unwrap().with_sw_params(sw).unwrap().prepare()
}

fn starts_at<'a, D: Way>(open: Open<'a, Mock, D>, threshold: u64) -> Prepared<'a, Mock, D> {
    prepared(open, |sw| sw.start_threshold = Frames(threshold))
}

#[test]
fn playback_starts_with_the_write_that_reaches_the_start_threshold() {
    playback(stops_after(LATENCY), LINE, |bench, context, open| {
        let stream = starts_at(open, 400);
        assert!(!stream.is_due(Frames(10_000)), "what counts is what is written");
        let Ok((Begun::Prepared(stream), Frames(399))) = stream.writei_start(&numbered(1, 399)) else { panic!("399") };
        assert!(!stream.is_due(Frames(0)));
        let Ok(Begun::Prepared(stream)) = stream.start_if_due(Frames(1)) else { panic!("still 399") };
        let Ok((Begun::Running(stream), Frames(1))) = stream.writei_start(&numbered(400, 1)) else { panic!("400") };
        let Ok((stream, _)) = stream.writei(context, &numbered(401, 200)) else { panic!("in time") };
        let stopped = stream.drain(context).unwrap();
        assert_eq!(numbers(&bench.played()[0][..4 * 600]), counting(1, 600));
        let _ = stopped.synchronize(context).unwrap();
    });
}

/// More than the ring holds is never reached; the ring is full, and the stream has not started.
#[test]
fn playback_with_a_start_threshold_beyond_the_ring_is_started_by_hand() {
    playback(stops_after(LATENCY), LINE, |bench, context, open| {
        let stream = starts_at(open, 481);
        let Ok((Begun::Prepared(stream), Frames(480))) = stream.writei_start(&numbered(1, 600)) else { panic!("full") };
        let Ok((Begun::Prepared(stream), Frames(0))) = stream.writei_start(&numbered(481, 1)) else { panic!("full") };
        assert_eq!(bench.hw.log(), []);
        let stopped = stream.start().unwrap().drain(context).unwrap();
        assert_eq!(numbers(&bench.played()[0][..4 * 480]), counting(1, 480));
        let _ = stopped.synchronize(context).unwrap();
    });
}

/// By channels: writing, and then starting if that was enough.
#[test]
fn playback_by_channels_starts_when_it_is_due() {
    playback(stops_after(LATENCY), LINE, |bench, context, open| {
        let mut stream = starts_at(open, 100);
        let sound = numbered(1, 100);
        let side =
            |from: usize| -> Vec<u8> { sound.chunks(4).flat_map(|frame| &frame[from..from + 2]).copied().collect() };
        assert_eq!(stream.writen(&[side(0), side(2)]), Ok(Frames(100)));
        let Ok(Begun::Running(stream)) = stream.start_if_due(Frames(0)) else { panic!("100 are written") };
        let stopped = stream.drain(context).unwrap();
        assert_eq!(numbers(&bench.played()[0][..4 * 100]), counting(1, 100));
        let _ = stopped.synchronize(context).unwrap();
    });
}

#[test]
fn capture_starts_with_a_read_of_as_much_as_the_start_threshold() {
    capture(stops_after(LATENCY), LINE, 20_000, |bench, context, open| {
        let stream = starts_at(open, 100);
        let mut out = vec![0; 4 * 100];
        let Ok((Begun::Prepared(stream), Frames(0))) = stream.readi_start(context, &mut out[..4 * 99]) else {
            panic!("99")
        };
        assert_eq!((bench.now(), bench.hw.log().len()), (Micros(0), 0), "nothing was started, nothing waited for");
        let Ok((Begun::Running(stream), Frames(100))) = stream.readi_start(context, &mut out) else { panic!("100") };
        assert_eq!(numbers(&out), counting(1, 100));
        let _ = stream.stop().synchronize(context).unwrap();
    });
}

/// What was written stays written.
#[test]
fn a_start_that_was_due_and_is_refused_says_how_much_was_written() {
    playback(stops_after(LATENCY), LINE, |bench, context, open| {
        let stream = starts_at(open, 100);
        bench.half().disconnect();
        let Err(Kept { value: (NotStarted::Prepared(stream), written), error }) =
            stream.writei_start(&numbered(1, 120))
        else {
            panic!("it is gone")
        };
        assert_eq!((written, error, stream.appl_ptr()), (Frames(120), StartError::Disconnected, Frames(120)));
        let _ = stream.stop().unwrap().disconnect().close(context).unwrap();
    });
}

#[test]
fn a_read_that_starts_tells_whether_the_start_or_the_run_failed() {
    capture(stops_after(LATENCY), LINE, 20_000, |bench, context, open| {
        let stream = starts_at(open, 1);
        bench.at(Micros(0), |half| assert!(half.xrun()));
        let mut out = vec![0; 4 * 100];
        let Err(BeginFailed::Broken(Broken::Xrun(over))) = stream.readi_start(context, &mut out) else {
            panic!("the first interrupt is an overrun")
        };
        let stream = over.prepare(context).unwrap();
        bench.half().disconnect();
        let Err(BeginFailed::NotStarted(kept)) = stream.readi_start(context, &mut out) else { panic!("it is gone") };
        assert_eq!(kept.error, StartError::Disconnected);
        let _ = kept.value.recover(context).unwrap().stop().unwrap().disconnect().close(context).unwrap();
    });
}

/// A stream that wakes a reader with so many frames, and has so many already.
fn running<'a>(
    bench: &Bench<'a>,
    open: Open<'a, Mock, Capture>,
    frames: u64,
    avail_min: u64,
) -> Running<'a, Mock, Capture> {
    let stream = prepared(open, |sw| sw.avail_min = Frames(avail_min)).start().unwrap();
    while stream.avail().0 < frames {
        bench.pass(Micros(1));
    }
    stream
}

/// A wait ends with as many frames as are wanted or as wake a client, whichever is less; that is seen at the next interrupt.
#[test]
fn a_wait_ends_with_avail_min_frames_or_with_all_that_are_wanted() {
    for (frames, avail_min, least, most) in
        [(480, 100, 128, 130), (20, 100, 32, 34), (1_000, 1, 32, 34), (480, 32, 32, 34), (480, 400, 416, 418)]
    {
        capture(stops_after(LATENCY), LINE, 20_000, |bench, context, open| {
            let stream = running(&bench, open, 0, avail_min);
            let (stream, avail) = stream.wait_for(context, Frames(frames), Micros::from_millis(50)).unwrap();
            assert!((Frames(least)..=Frames(most)).contains(&avail), "{frames}, {avail_min}: woken with {avail}");
            let _ = stream.stop().synchronize(context).unwrap();
        });
    }
}

#[test]
fn a_wait_ends_when_its_time_is_over_and_the_stream_runs_on() {
    capture(stops_after(LATENCY), LINE, 20_000, |bench, context, open| {
        let stream = running(&bench, open, 0, 400);
        let (stream, avail) = stream.wait_for(context, Frames(400), Micros(1_500)).unwrap();
        assert!((1_500..=1_501).contains(&bench.now().0) && (70..75).contains(&avail.0), "{avail} at {}", bench.now());
        let (stream, avail) = stream.wait_for(context, Frames(400), Micros(0)).unwrap();
        assert!((1_500..=1_501).contains(&bench.now().0) && (70..75).contains(&avail.0), "{avail} at {}", bench.now());
        let mut out = vec![0; 4 * 480];
        let (stream, read) = stream.try_readi(&mut out).unwrap();
        assert_eq!((read, numbers(&out[..4 * read.0 as usize])), (avail, counting(1, avail.0 as u32)));
        let (stream, none) = stream.try_readi(&mut out).unwrap();
        assert_eq!(none, Frames(0), "where ALSA answers -EAGAIN");
        let _ = stream.stop().synchronize(context).unwrap();
    });
}

/// The caller's time-out is one thing, the stream's death another.
#[test]
fn a_wait_and_a_read_without_waiting_find_a_stream_dead() {
    for by_wait in [true, false] {
        capture(stops_after(LATENCY), LINE, 20_000, |bench, context, open| {
            let stream = running(&bench, open, 0, 400);
            bench.hw.pause(0);
            let answer = if by_wait {
                stream.wait_for(context, Frames(1), Micros(u64::MAX))
            } else {
                let (stream, none) = stream.try_readi(&mut [0; 4]).unwrap();
                assert_eq!(none, Frames(0));
                bench.pass(Micros::from_millis(101));
                stream.try_readi(&mut [0; 4])
            };
            let Err(Broken::Faulted(dead)) = answer else { panic!("nothing moved for 100 ms") };
            assert!(matches!(dead.fault(), Fault::Stalled { .. }));
            assert!(bench.now() < Micros::from_millis(100) + PERIOD * 3);
            let _ = dead.reset(context).unwrap();
        });
    }
}

/// What is there is not waited for, however many frames wake a client.
#[test]
fn what_is_there_is_read_at_once_and_only_the_rest_waited_for() {
    capture(stops_after(LATENCY), LINE, 20_000, |bench, context, open| {
        let stream = running(&bench, open, 50, 400);
        let (before, mut out) = (bench.now(), vec![0; 4 * 700]);
        let (stream, read) = stream.readi(context, &mut out[..4 * 50]).unwrap();
        assert_eq!((read, bench.now()), (Frames(50), before));
        // 14 more are wanted, which is less than 400: they are there with the next period.
        let (stream, read) = stream.readi(context, &mut out[4 * 50..4 * 64]).unwrap();
        assert!(read == Frames(14) && bench.now() - before <= PERIOD);
        assert_eq!(numbers(&out[..4 * 64]), counting(1, 64));

        // 20 are there and taken; then the device goes, long before there are 400. The 20 are the reader's.
        bench.pass(Micros(430));
        let there = stream.avail();
        assert!((15..25).contains(&there.0));
        bench.at(bench.now() + Micros(3_000), |half| half.disconnect());
        let (stream, read) = stream.readi(context, &mut out).unwrap();
        assert_eq!((read, numbers(&out[..4 * read.0 as usize])), (there, counting(65, there.0 as u32)));
        let Err(Broken::Disconnected(gone)) = stream.readi(context, &mut out) else { panic!("told by the next call") };
        let _ = gone.close(context).unwrap();
    });
}

/// An overtaken reader that does not wait learns of it as every other.
#[test]
fn a_read_and_a_write_without_waiting_find_the_xrun() {
    capture(stops_after(LATENCY), LINE, 20_000, |bench, context, open| {
        let stream = prepared(open, |_| ()).start().unwrap();
        bench.pass_unseen(Micros(11_000));
        let Err(Broken::Xrun(over)) = stream.try_readi(&mut [0; 4]) else { panic!("528 frames in a ring of 480") };
        assert_eq!((over.report().appl_ptr, over.report().at), (Frames(0), bench.now()));
        bench.cpu.hold_off_interrupts(false);
        let _ = over.stop().synchronize(context).unwrap();
    });
    playback(stops_after(LATENCY), LINE, |bench, context, open| {
        bench.hw.set_stop_latency(StopLatency::Never);
        let Ok((Begun::Running(stream), _)) = prepared(open, |_| ()).writei_start(&numbered(1, 100)) else {
            panic!("due")
        };
        let (stream, Frames(written)) = stream.try_writei(&numbered(101, 900)).unwrap();
        assert!((380..480).contains(&written), "as much as there is room for: {written}");
        let (stream, none) = stream.try_writei(&numbered(101, 1)).unwrap();
        assert_eq!(none, Frames(0), "where ALSA answers -EAGAIN");
        bench.pass_unseen(Micros(11_000));
        let Err(Broken::Xrun(over)) = stream.try_writei(&numbered(1, 1)) else { panic!("it ran dry") };
        assert_eq!(over.report().appl_ptr, Frames(100 + written));
        let _ = over.stop().reset(context).unwrap();
    });
}
