//! A pause of the SSI alone: the DMA channel waits, nothing is lost, nothing comes twice, and channels stay in order.

use dmaengine_core::BusWidth;
use sim_board::SsiError;

use crate::bench::{Bench, Random, Sound, noise, part, same, sound};

const FORMATS: [(BusWidth, u16); 6] = [
    (BusWidth::One, 1),
    (BusWidth::Two, 2),
    (BusWidth::Three, 3),
    (BusWidth::Two, 5),
    (BusWidth::Four, 4),
    (BusWidth::Two, 8),
];

#[test]
fn playback_goes_on_where_it_was_paused() {
    for (width, channels) in FORMATS {
        let bench = Bench::new(Sound::new(width, channels, 48_000));
        let (frame, ring, mut random) = (bench.sound.frame(), noise(5, bench.sound.ring_bytes()), Random(1));
        bench.thread(|cpu, context| {
            let playing = bench.play(&ring);
            for _ in 0..100 {
                cpu.run_until(bench.board.after(random.below(500)));
                bench.port.pause_tx();
                // Some are shorter than a frame.
                cpu.run_until(bench.board.after(random.below(30) * random.below(30)));
                bench.port.resume_tx().unwrap();
            }
            assert!(!playing.stop(context));
        });
        let played = bench.wire.played();
        assert_eq!((played.len(), played[0].dry), (1, 0));
        let whole = played[0].whole(bench.sound.format());
        assert!(whole.len() > 500 * frame && played[0].bytes.len() <= whole.len() + frame);
        same("played", frame, whole, &part(&ring, frame, 0, whole.len()));
    }
}

/// What the wire says during a pause is not recorded; where it went on is in the wire's own count.
#[test]
fn capture_goes_on_with_a_whole_frame() {
    for (width, channels) in FORMATS {
        let bench = Bench::new(Sound { periods: 16, ..Sound::new(width, channels, 48_000) });
        let (frame, mut random) = (bench.sound.frame(), Random(2));
        let heard = sound(6, 251, frame);
        bench.wire.record(heard.clone());
        bench.thread(|cpu, context| {
            let mut recording = bench.record();
            let mut all = vec![];
            for _ in 0..50 {
                cpu.run_until(bench.board.after(random.below(1_000)));
                all.extend(recording.read());
                bench.port.pause_rx();
                cpu.run_until(bench.board.after(random.below(30) * random.below(30)));
                all.extend(recording.read());
                bench.port.resume_rx().unwrap();
            }
            assert!(!recording.stop(context));
            // Each frame is one of the sound's, whole, and none comes before its time.
            let (mut at, mut skipped) = (0, 0);
            for found in all.chunks(frame) {
                let ahead =
                    (0..251).find(|n| part(&heard, frame, at + n, frame) == found).expect("a frame of the sound");
                (at, skipped) = (at + ahead + 1, skipped + u64::from(ahead != 0));
            }
            assert!(skipped <= 50 && all.len() > 500 * frame, "{skipped} gaps in {} bytes", all.len());
        });
    }
}

/// The DMA channel came to an end while the SSI was paused, or before: no word comes any more.
#[test]
fn a_stream_that_ran_dry_cannot_go_on() {
    let bench = Bench::new(Sound::new(BusWidth::Two, 2, 48_000));
    bench.thread(|cpu, context| {
        assert_eq!(bench.port.resume_tx(), Ok(()), "nothing was missing yet");
        bench.port.stop_tx();
        let playing = bench.play(&noise(5, bench.sound.ring_bytes()));
        cpu.run_until(bench.frames(100));
        cpu.hold_off_interrupts(true);
        cpu.run_until(bench.frames(500));
        bench.port.pause_tx();
        cpu.run_until(bench.frames(100));
        assert_eq!(bench.port.resume_tx(), Err(SsiError::Torn));
        cpu.hold_off_interrupts(false);
        assert!(playing.stop(context));
        assert!(!bench.play(&noise(6, bench.sound.ring_bytes())).stop(context), "a start is a new beginning");
    });
}
