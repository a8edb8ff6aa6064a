//! A stream through a thousand XRUNs, and not one frame out of place.
//!
//! This is the test that the reporters of the pcm|dmaengine|imx-sdma thread of August 2020 ran on their boards: overrun
//! after overrun, each followed by a restart well inside the time that the engine needs to stop. Here it is run for each
//! of the three remedies, in both directions, with engines that stop at once, after 0.3 ms and after 1 ms, with interrupts that come in time, late, or after the restart, and with restarts up to three times the
//! stop latency after the stop. All of it is drawn from a seed, so a failure comes again.
//!
//! Every frame carries its number, half of it on each side, and a bit that tells left from right. So a frame that is
//! lost, doubled, of another run, or swapped from left to right is found by looking at it.

mod common;

use backend_mock::hw::StreamConfig;
use common::{Bench, Random, WayBack, assert_runs_do_not_overlap, frame, number, numbered, ring, stops_after, xrun};
use dmaengine_core::{Micros, Sleepable};
use pcm_dmaengine::{Broken, Elapsed, Frames, HwParams, SampleFormat, Way};

const XRUNS: u32 = 1_000;
const LATENCIES: [Micros; 3] = [Micros(0), Micros(300), Micros(1_000)];

/// A ring of 64 frames, which is 1.33 ms: little more than the longest stop.
const PARAMS: HwParams =
    HwParams { format: SampleFormat::S16Le, rate: 48_000, channels: 2, period_size: Frames(16), periods: 4 };
const BUFFER: u64 = 64;

/// Bursts of three frames, which do not divide a period.
const LINE: StreamConfig = StreamConfig { rate: 48_000, frame_bytes: 4, fifo_frames: 16, watermark: 3 };

/// Who found the XRUNs.
#[derive(Debug, Default)]
struct Found {
    by_interrupt: u32,
    by_look: u32,
}

/// The client is late until there is an XRUN, known to the interrupt or to nobody yet. Time then goes on by a part of
/// `gap`. Interrupts may be left held off.
fn be_late(bench: &Bench<'_>, context: &Sleepable<'_>, random: &mut Random, found: &mut Found, gap: u64) {
    bench.seen.borrow_mut().clear();
    let is_found = || bench.seen.borrow().iter().any(|(_, answer)| *answer == Elapsed::Xrun);
    if random.one_in(2) {
        if random.one_in(3) {
            bench.pass_unseen(Micros(random.up_to(3_000)));
            bench.cpu.hold_off_interrupts(false);
        }
        while !is_found() {
            context.sleep(Micros(1_000));
        }
        // The reader is woken by that interrupt, and takes its time.
        bench.pass(Micros(random.up_to(gap / 2)));
    } else {
        // A run behind a stop needs the interrupt to begin.
        bench.pass(Micros(gap / 3));
        let buffer = PARAMS.time(PARAMS.buffer_size()).0;
        bench.pass_unseen(Micros(buffer + 100 + random.up_to(2 * buffer)));
    }
    if is_found() {
        found.by_interrupt += 1;
    } else {
        found.by_look += 1;
    }
}

/// From the XRUN to a prepared stream, with another part of the gap before it. One time in four interrupts stay off until
/// after the restart, so that what the old run has to tell arrives in the new one.
fn hold_off(bench: &Bench<'_>, random: &mut Random, gap: u64) {
    bench.cpu.hold_off_interrupts(random.one_in(4));
    bench.pass(Micros(random.up_to(gap)));
}

fn unwrap<T, D: Way>(answer: Result<T, Broken<'_, backend_mock::Mock, D>>) -> T {
    match answer {
        Ok(value) => value,
        Err(Broken::Xrun(xrun)) => panic!("an XRUN while the client was in time: {:?}", xrun.report()),
        Err(broken) => panic!("{broken}"),
    }
}

/// What the client read in one run: frames from a number on.
#[derive(Clone, Copy, Default)]
struct Heard {
    first: u32,
    count: u32,
}

impl Heard {
    fn hear(&mut self, frames: &[u8]) {
        for bytes in frames.chunks_exact(4) {
            let number = number(bytes).unwrap_or_else(|| panic!("{bytes:x?} is no frame of the recorder's"));
            self.first = if self.count == 0 { number } else { self.first };
            assert_eq!(number, self.first + self.count, "the frames of a run follow one another");
            self.count += 1;
        }
    }
}

fn capture_through_1000_xruns(way: WayBack, seed: u64) {
    let mut found = Found::default();
    for (latency, seed) in LATENCIES.into_iter().zip(seed..) {
        capture_through(way, latency, XRUNS, seed, &mut found);
    }
    assert!(found.by_interrupt.min(found.by_look) > XRUNS, "{found:?}");
}

fn capture_through(way: WayBack, latency: Micros, xruns: u32, seed: u64, found: &mut Found) {
    let mut random = Random::new(seed);
    let gap = 3 * latency.0;
    let (_, statistics) = common::capture(stops_after(latency), LINE, 1_000_000, |bench, context, open| {
        let mut stream = open.hw_params(PARAMS, ring(&PARAMS)).unwrap().prepare().start().unwrap();
        let mut heard = vec![Heard::default()];
        for _ in 0..xruns {
            let mut left = random.up_to(3 * BUFFER);
            while left > 0 {
                let mut out = vec![0; 4 * (1 + random.up_to(40)) as usize];
                let (next, frames) = unwrap(stream.readi(context, &mut out));
                stream = next;
                assert_eq!(frames.0 as usize * 4, out.len(), "the call sleeps until it has all");
                heard.last_mut().unwrap().hear(&out);
                left = left.saturating_sub(frames.0);
            }
            be_late(&bench, context, &mut random, found, gap);
            let over = xrun(stream.readi(context, &mut [0; 4]));
            assert!(over.report().avail >= PARAMS.buffer_size(), "{:?}", over.report());
            assert_eq!(over.report().appl_ptr, Frames(u64::from(heard.last().unwrap().count)));
            hold_off(&bench, &mut random, gap - gap / 2);
            stream = way.go(bench, context, over).start().unwrap();
            bench.cpu.hold_off_interrupts(false);
            heard.push(Heard::default());
        }
        let setup = stream.stop().synchronize(context).unwrap();
        drop(setup.hw_free());
        bench.pass(Micros(10_000));

        let runs = bench.hw.with_peripheral(0, |recorder| recorder.runs().to_vec()).unwrap();
        // The last run was not read; behind a stop it may have been stopped before it began.
        assert!(runs.len() + 1 >= heard.len() && runs.len() <= heard.len(), "a run for each start");
        for (run, heard) in runs.iter().zip(&heard) {
            if heard.count > 0 {
                // The recorder's frame 0 is number 1.
                assert_eq!(
                    u64::from(heard.first),
                    run.first_frame + 1,
                    "the first frame of the run is the first one read"
                );
            }
            assert!(u64::from(heard.count) <= run.moved_frames);
        }
        assert_eq!((bench.hw.late_accesses(), bench.hw.faults()), (0, 0));
        assert_runs_do_not_overlap(&bench.hw.log());
    });
    assert_eq!((statistics.xruns, statistics.late_periods), (u64::from(xruns), 0));
}

#[test]
fn capture_through_1000_xruns_by_prepare() {
    capture_through_1000_xruns(WayBack::Asleep, 1);
}

#[test]
fn capture_through_1000_xruns_by_prepare_atomic() {
    capture_through_1000_xruns(WayBack::Masked, 11);
}

#[test]
fn capture_through_1000_xruns_by_prepare_queued() {
    capture_through_1000_xruns(WayBack::Queued, 21);
}

fn playback_through_1000_xruns(way: WayBack, seed: u64) {
    let mut found = Found::default();
    for (latency, seed) in LATENCIES.into_iter().zip(seed..) {
        playback_through(way, latency, XRUNS, seed, &mut found);
    }
    assert!(found.by_interrupt.min(found.by_look) > XRUNS, "{found:?}");
}

fn playback_through(way: WayBack, latency: Micros, xruns: u32, seed: u64, found: &mut Found) {
    let mut random = Random::new(seed);
    let gap = 3 * latency.0;
    let (_, statistics) = common::playback(stops_after(latency), LINE, |bench, context, open| {
        let mut prepared = open.hw_params(PARAMS, ring(&PARAMS)).unwrap().prepare();
        // Number of the next frame, and of each run the first and the last but one.
        let mut next = 1;
        let mut written = Vec::new();
        for _ in 0..xruns {
            let first = next;
            let ahead = 1 + random.up_to(BUFFER - 1) as u32;
            assert_eq!(prepared.writei(&numbered(next, ahead)), Frames(u64::from(ahead)));
            next += ahead;
            let mut stream = prepared.start().unwrap();
            bench.cpu.hold_off_interrupts(false);

            let mut left = random.up_to(3 * BUFFER);
            let over = loop {
                if left == 0 {
                    be_late(&bench, context, &mut random, found, gap);
                    break xrun(stream.writei(context, &frame(next)));
                }
                let count = 1 + random.up_to(40) as u32;
                match stream.writei(context, &numbered(next, count)) {
                    Ok((going, frames)) => {
                        stream = going;
                        next += frames.0 as u32;
                        left = left.saturating_sub(frames.0);
                    }
                    // With so few frames ahead that the FIFO swallowed them all, an XRUN comes by itself.
                    Err(Broken::Xrun(over)) => break over,
                    Err(broken) => panic!("{broken}"),
                }
            };
            assert_eq!(over.report().appl_ptr, Frames(u64::from(next - first)));
            assert!(over.report().hw_ptr >= over.report().appl_ptr, "{:?}", over.report());
            written.push((first, next));
            hold_off(&bench, &mut random, gap - gap / 2);
            prepared = way.go(bench, context, over);
        }
        bench.cpu.hold_off_interrupts(false);

        let played = bench.played();
        assert_eq!(played.len(), written.len(), "a run for each start");
        for (bytes, &(first, end)) in played.iter().zip(&written) {
            assert_played(bytes, first, end, way);
        }
        assert_eq!((bench.hw.late_accesses(), bench.hw.faults()), (0, 0));
        assert_runs_do_not_overlap(&bench.hw.log());
    });
    assert_eq!((statistics.xruns, statistics.late_periods), (u64::from(xruns), 0));
}

/// What a run played: all that was written in it, in order. Then the ring, round and round: what was written there last,
/// or silence if nothing was. Behind a stop the ring cannot be silenced, so there only the first part holds.
fn assert_played(bytes: &[u8], first: u32, end: u32, way: WayBack) {
    let count = (end - first) as usize;
    for (index, played) in bytes.chunks_exact(4).enumerate() {
        let wanted = if index < count {
            Some(first + index as u32)
        } else if way == WayBack::Queued {
            break;
        } else {
            (0..count).rev().find(|at| (index - at) % BUFFER as usize == 0).map(|at| first + at as u32)
        };
        assert_eq!(number(played), wanted, "frame {index} of the run that played {first}..{end}: {played:x?}");
        assert!(wanted.is_some() || played == [0; 4], "{played:x?} is not silence");
    }
    assert!(bytes.len() >= 4 * count, "{count} frames were written, {} bytes played", bytes.len());
}

#[test]
fn playback_through_1000_xruns_by_prepare() {
    playback_through_1000_xruns(WayBack::Asleep, 31);
}

#[test]
fn playback_through_1000_xruns_by_prepare_atomic() {
    playback_through_1000_xruns(WayBack::Masked, 41);
}

#[test]
fn playback_through_1000_xruns_by_prepare_queued() {
    playback_through_1000_xruns(WayBack::Queued, 51);
}

/// The witness itself: it must be able to tell what these tests are about.
#[test]
fn frames_tell_their_number_and_their_side() {
    for n in [1, 0x7fff, 0x8000, 0x1234_5678 & 0x3fff_ffff] {
        let [a, b, c, d] = frame(n);
        assert_eq!(number(&[a, b, c, d]), Some(n));
        assert_eq!(number(&[c, d, a, b]), None, "swapped sides show");
    }
    assert_eq!(number(&[0; 4]), None, "silence is no frame");
}
