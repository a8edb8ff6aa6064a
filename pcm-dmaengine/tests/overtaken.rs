//! Copies that the engine overtakes.
//!
//! The race: the reader looks, finds 400 frames, and begins to copy them. The copy takes time; it is interrupted, or the
//! memory is slow. Meanwhile the engine goes round and writes new frames where the reader still reads old ones. If the
//! reader looked only before it copied, it would hand out frames of two different laps as one. So it looks again behind
//! the copy, and an overtaken copy counts for nothing. A writer has the same race: it finds room, copies, and meanwhile
//! the engine runs past the end of what was written and plays what is there instead.

mod common;

use backend_mock::hw::{Nanos, Peripheral, Source, StreamConfig};
use backend_mock::{Cpu, Mock};
use common::wayward::Wayward;
use common::{SEED, counting, device, numbered, numbers, ring, stops_after};
use dmaengine_core::{Dma, Micros, Sleepable};
use pcm_dmaengine::{Broken, Capture, Frames, MoveFailed, Pcm, PcmStatistics, Running};

const LINE: StreamConfig = StreamConfig { rate: 48_000, frame_bytes: 4, fifo_frames: 32, watermark: 1 };

/// A capture stream whose copies can be made slow, after so much time of running.
fn slow_reader(
    run_for: Micros,
    body: impl FnOnce(&Wayward, &dyn Fn(Micros), &mut Sleepable<'_>, Running<'_, Wayward, Capture>),
) -> PcmStatistics {
    let dma: Dma<Wayward, 1> = Dma::new(Wayward::new(Mock::new(stops_after(Micros(1_000)))));
    let (engine, hw) = (dma.engine(), dma.engine().mock.hw());
    hw.attach(0, Peripheral::recorder(LINE, Source { frames: numbered(1, 20_000).into(), repeat: 1 }));
    let mut pcm = Pcm::new();
    {
        let (open, half) = pcm.open_capture(dma.channel(0).unwrap(), device());
        let cpu = Cpu::new(&engine.mock, |atomic: &_| {
            dma.interrupt(atomic, &mut |callback, event| _ = half.elapsed(callback, event));
        });
        let pass = |time: Micros| cpu.run_until(hw.now() + Nanos::from_micros(time.0));
        cpu.thread(|context| {
            let stream = open.hw_params(SEED, ring(&SEED)).unwrap().prepare().start().unwrap();
            pass(run_for);
            body(engine, &pass, context, stream);
        });
    }
    pcm.statistics()
}

/// 400 frames are there, and the copy takes 5 ms for each of its two stretches: 240 frames, of which 80 fit.
#[test]
fn a_copy_that_was_overtaken_counts_for_nothing() {
    let statistics = slow_reader(Micros(8_334), |engine, _, context, stream| {
        assert_eq!(stream.avail(), Frames(400));
        engine.copies_take(Micros(5_000));
        let mut out = [0; 1_600];
        let Err(Broken::Xrun(over)) = stream.readi(context, &mut out) else { panic!("the engine was quicker") };
        assert_eq!(over.report().appl_ptr, Frames(0), "not one of those frames was delivered");
        assert!(over.report().avail > Frames(480));
        assert_ne!(numbers(&out), counting(1, 400), "they would have been wrong");

        engine.copies_take(Micros(0));
        let stream = over.prepare(context).unwrap().start().unwrap();
        let Ok((stream, frames)) = stream.readi(context, &mut out) else { panic!("in time") };
        let run = engine.mock.hw().with_peripheral(0, |recorder| recorder.runs()[1]).unwrap();
        assert_eq!((frames, numbers(&out)), (Frames(400), counting(run.first_frame as u32 + 1, 400)));
        let _ = stream.stop().synchronize(context).unwrap();
    });
    assert_eq!(statistics.xruns, 1);
}

/// The same by channels, and without waiting: the XRUN is told at once, not the frames.
#[test]
fn channels_whose_copy_was_overtaken_count_for_nothing() {
    for at_once in [false, true] {
        let statistics = slow_reader(Micros(8_334), |engine, _, context, stream| {
            // The copy is in four pieces.
            engine.copies_take(Micros(2_500));
            let (mut left, mut right) = ([0; 800], [0; 800]);
            let out = &mut [&mut left, &mut right];
            let answer = if at_once { stream.try_readn(out) } else { stream.readn(context, out) };
            let Err(MoveFailed::Broken(Broken::Xrun(over))) = answer else { panic!("the engine was quicker") };
            assert_eq!(over.report().appl_ptr, Frames(0), "not one of those frames was delivered");
            engine.copies_take(Micros(0));
            let _ = over.stop().synchronize(context).unwrap();
        });
        assert_eq!(statistics.xruns, 1);
    }
}

/// A copy that takes long, and that the engine does not overtake, is good.
#[test]
fn a_slow_copy_that_was_not_overtaken_is_delivered() {
    let statistics = slow_reader(Micros(8_334), |engine, _, context, stream| {
        engine.copies_take(Micros(500));
        let mut out = [0; 1_600];
        let Ok((stream, frames)) = stream.readi(context, &mut out) else { panic!("48 frames of 80") };
        assert_eq!((frames, numbers(&out)), (Frames(400), counting(1, 400)));
        let _ = stream.stop().synchronize(context).unwrap();
    });
    assert_eq!(statistics.xruns, 0);
}

/// A long read is done in pieces. The pieces before the overtaken one were good, and are what the call gives back.
#[test]
fn what_was_read_before_the_copy_was_overtaken_is_delivered() {
    let statistics = slow_reader(Micros(2_084), |engine, _, context, stream| {
        assert_eq!(stream.avail(), Frames(100));
        // The copy of a piece takes 4.9 ms, in which 235 frames arrive. So the pieces have 100 frames and 235; the ring, with
        // room for 480, does not run over.
        engine.copies_take(Micros(4_900));
        let mut out = [0; 4 * 335];
        let Ok((stream, frames)) = stream.readi(context, &mut out) else { panic!("in time") };
        assert_eq!((frames, numbers(&out)), (Frames(335), counting(1, 335)));

        // Up to the end of the ring, so that each piece is one copy again. 90 frames are left.
        engine.copies_take(Micros(0));
        let mut out = [0; 4 * 145];
        let Ok((stream, frames)) = stream.readi(context, &mut out) else { panic!("in time") };
        assert_eq!((frames, numbers(&out)), (Frames(145), counting(336, 145)));

        // Now a copy takes 5.04 ms: 242 frames. The next piece has 90, and 332 is in time. The one after it has 242, and 484
        // is not.
        engine.copies_take(Micros(5_042));
        let mut out = [0; 4 * 900];
        let Ok((stream, frames)) = stream.readi(context, &mut out) else { panic!("the first piece was good") };
        assert_eq!(frames, Frames(90));
        assert_eq!(numbers(&out[..4 * 90]), counting(481, 90));
        let Err(Broken::Xrun(over)) = stream.readi(context, &mut out) else { panic!("told by the next call") };
        assert_eq!(over.report().appl_ptr, Frames(570));
        let _ = over.stop().synchronize(context).unwrap();
    });
    assert_eq!(statistics.xruns, 1);
}

/// Of 460 frames 440 are played when the writer comes with 400 more: 20 up to the end of the ring, and 380 from its start
/// on. It is interrupted for 1 ms between the two pieces, which is 48 frames. So the engine plays the first 8 frames of
/// the ring once more. That is an XRUN, although at the end of the call the writer is far ahead again. Nobody but the writer
/// can find it: no interrupt gets through.
#[test]
fn a_write_that_was_overtaken_is_an_xrun() {
    let dma: Dma<Wayward, 1> = Dma::new(Wayward::new(Mock::new(stops_after(Micros(1_000)))));
    let (engine, hw) = (dma.engine(), dma.engine().mock.hw());
    hw.attach(0, Peripheral::player(StreamConfig { fifo_frames: 1, ..LINE }));
    let mut pcm = Pcm::new();
    let (open, half) = pcm.open_playback(dma.channel(0).unwrap(), device());
    let cpu = Cpu::new(&engine.mock, |atomic: &_| {
        dma.interrupt(atomic, &mut |callback, event| _ = half.elapsed(callback, event));
    });
    let pass = |frames: u64| cpu.run_until(hw.now() + Nanos(frames * 1_000_000_000 / 48_000));
    cpu.thread(|context| {
        let mut prepared = open.hw_params(SEED, ring(&SEED)).unwrap().prepare();
        assert_eq!(prepared.writei(&numbered(1, 460)), Frames(460));
        let stream = prepared.start().unwrap();
        pass(440);
        cpu.hold_off_interrupts(true);
        engine.copies_take(Micros(1_000));
        let answer = stream.writei(context, &numbered(461, 400));
        let heard = |player: &mut Peripheral| numbers(&player.taken()[0].bytes[4 * 480..4 * 487]);
        assert_eq!(hw.with_peripheral(0, heard).unwrap(), counting(1, 7), "the lap before, once more");
        engine.copies_take(Micros(0));
        let answer = match answer {
            Ok((stream, _)) => stream.writei(context, &numbered(861, 1)),
            broken => broken,
        };
        let Err(Broken::Xrun(over)) = answer else { panic!("frames were played twice, and nobody was told") };
        assert_eq!(over.report().appl_ptr, Frames(460), "what came too late does not count as written");
        let _ = over.stop().synchronize(context).unwrap();
    });
}
