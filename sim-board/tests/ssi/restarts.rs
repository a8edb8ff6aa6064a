//! A stop and a start, a hundred times and at any moment: each run begins with its own first frame, channels in order, and nothing
//! of the run before is heard or recorded.
//!
//! A FIFO of 15 words lasts for a moment only: with many words a second, a start or a stop of another channel (a command of channel 0,
//! 3 µs and more) can be too long for it. What is demanded there is that the SSI knows, and that all before it is right.

use dmaengine_core::{BusWidth, Sleepable};

use crate::bench::{Bench, Processor, Random, Sound, noise, part, same, sound};
use crate::load::Load;

const RUNS: usize = 100;

/// Formats of all widths, with frames that are longer than the FIFO among them.
const FORMATS: [(BusWidth, u16, u32); 7] = [
    (BusWidth::One, 1, 48_000),
    (BusWidth::Two, 2, 48_000),
    (BusWidth::Two, 7, 44_100),
    (BusWidth::Three, 2, 96_000),
    (BusWidth::Three, 6, 48_000),
    (BusWidth::Four, 2, 192_000),
    (BusWidth::Four, 8, 48_000),
];

/// Both directions, each stopped and started on its own, while the other one goes on. `each` is called between two steps. Says how
/// many runs of each direction the SDMA was too slow for.
fn hundred(
    bench: &Bench,
    cpu: &Processor<'_>,
    context: &Sleepable<'_>,
    seed: u64,
    each: &mut dyn FnMut(),
) -> [usize; 2] {
    let format = bench.sound;
    let (frame, mut random) = (format.frame(), Random(seed));
    let what = |run| format!("{format:?}, run {run}");
    let heard = sound(9, 1_009, frame);
    bench.wire.record(heard.clone());
    let ring = |run: usize| noise(1_000 + run as u64, format.ring_bytes());
    let mut playing = Some(bench.play(&ring(0)));
    let mut recording = Some(bench.record());
    let (mut plays, mut recorded, mut torn) = (vec![], vec![], [0; 2]);
    let mut recording_now = vec![];
    while plays.len() < RUNS || recorded.len() < RUNS {
        cpu.run_until(bench.board.after(random.below(700)));
        each();
        if let Some(stream) = &mut recording {
            recording_now.extend(stream.read());
        }
        if random.below(3) == 0 {
            match playing.take() {
                Some(stream) => plays.push(stream.stop(context)),
                None => playing = Some(bench.play(&ring(plays.len()))),
            }
        }
        if random.below(3) == 0 {
            match recording.take() {
                Some(stream) => recorded.push((stream.stop(context), std::mem::take(&mut recording_now))),
                None => recording = Some(bench.record()),
            }
        }
    }
    playing.into_iter().for_each(|stream| plays.push(stream.stop(context)));
    recording.into_iter().for_each(|stream| recorded.push((stream.stop(context), std::mem::take(&mut recording_now))));

    let played = bench.wire.played();
    assert_eq!(played.len(), plays.len());
    for (run, (played, is_torn)) in played.iter().zip(plays).enumerate() {
        let whole = played.whole(format.format());
        same(&format!("played, {}", what(run)), frame, whole, &part(&ring(run), frame, 0, whole.len()));
        let rest = played.bytes.len() - whole.len();
        assert!(is_torn || rest <= frame, "torn and not told, {}: {rest} bytes", what(run));
        torn[0] += usize::from(is_torn);
    }
    let (starts, runs) = (bench.wire.first_recorded(), bench.wire.recorded());
    assert_eq!((starts.len(), runs.len()), (recorded.len(), recorded.len()));
    for (run, ((is_torn, bytes), wire)) in recorded.into_iter().zip(runs).enumerate() {
        let whole = wire.first_torn.map_or(bytes.len(), |torn| bytes.len().min(torn as usize * frame));
        same(&format!("recorded, {}", what(run)), frame, &bytes[..whole], &part(&heard, frame, starts[run], whole));
        assert!(is_torn || whole == bytes.len(), "torn and not told, {}", what(run));
        torn[1] += usize::from(is_torn);
    }
    assert!(played.iter().map(|run| run.bytes.len() / frame).max() > Some(format.period));
    torn
}

#[test]
fn a_hundred_restarts_swap_nothing() {
    for (width, channels, rate) in FORMATS {
        for seed in 0..3 {
            let bench = Bench::new(Sound { periods: 16, ..Sound::new(width, channels, rate) });
            let torn = bench.thread(|cpu, context| hundred(&bench, cpu, context, seed, &mut || ()));
            assert!(torn == [0, 0] || bench.words_per_second() > 500_000, "{width:?}, {channels}, {rate}: {torn:?}");
        }
    }
}

#[test]
fn a_hundred_restarts_swap_nothing_while_sixteen_channels_are_busy() {
    for (width, channels, rate) in FORMATS {
        let bench = Bench::new(Sound { periods: 16, ..Sound::new(width, channels, rate) });
        bench.thread(|cpu, context| {
            let mut load = Load::on(&bench);
            let torn = hundred(&bench, cpu, context, 7, &mut || load.refresh());
            assert!(torn == [0, 0] || bench.words_per_second() > 200_000, "{width:?}, {channels}, {rate}: {torn:?}");
            assert!(load.copied() > 100);
            load.end(context);
        });
    }
}

/// The SSI is enabled again in the frame in which it was disabled, and the DMA goes on all the while: what is in the FIFO is lost, and
/// the new run begins with the next frame.
#[test]
fn a_start_in_the_frame_of_the_stop_begins_with_the_next() {
    for channels in 2..=8 {
        let format = Sound { period: 5 * 6 * 7 * 8, ..Sound::new(BusWidth::Two, channels, 8_000) };
        let bench = Bench::new(format);
        let (frame, ring) = (format.frame(), noise(11, format.ring_bytes()));
        bench.thread(|cpu, context| {
            // The other direction keeps the frame clock busy.
            let recording = bench.record();
            let playing = bench.play(&ring);
            for step in 0..40 {
                cpu.run_until(bench.board.after(2_000 + 13 * step));
                // No burst is under way: the FIFO is between two.
                bench.port.stop_tx();
                bench.port.start_tx().unwrap();
            }
            cpu.run_until(bench.board.after(2_000));
            assert!(!playing.stop(context) && !recording.stop(context));
        });
        let played = bench.wire.played();
        assert_eq!(played.len(), 41);
        for (run, next) in played.iter().zip(&played[1..]) {
            assert!(run.first_frame + (run.bytes.len() / frame) as u64 <= next.first_frame);
        }
        let mut at = 0;
        for run in &played {
            // Whole frames are missing between two runs, at most a FIFO of them, and none within.
            let whole = run.whole(format.format());
            assert!(whole.len() > frame, "{run:?}");
            let lost = (0..=15).find(|lost| part(&ring, frame, at + lost, whole.len()) == whole);
            at += lost.expect("frames of the ring, in order") + (whole.len() / frame) as u64;
        }
    }
}
