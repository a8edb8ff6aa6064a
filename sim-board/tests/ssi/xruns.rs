//! Nobody serves the ring in time: the SDMA comes to a stop, the SSI runs dry or over, and the next start begins with a whole frame.

use dmaengine_core::BusWidth;

use crate::bench::{Bench, Sound, WIDTHS, noise, part, same, sound};

#[test]
fn after_an_underrun_the_next_run_begins_with_its_first_frame() {
    for (width, channels) in WIDTHS.into_iter().flat_map(|width| (1..=8).map(move |channels| (width, channels))) {
        let bench = Bench::new(Sound::new(width, channels, 48_000));
        let (format, frame) = (bench.sound.format(), bench.sound.frame());
        let ring = |n| noise(n, bench.sound.ring_bytes());
        bench.thread(|cpu, context| {
            for n in 0..20 {
                let playing = bench.play(&ring(n));
                cpu.run_until(bench.frames(100 + n));
                // The driver does not hand the periods on, and the SDMA stops at the end of the ring's last one.
                cpu.hold_off_interrupts(true);
                cpu.run_until(bench.frames(400 + 7 * n));
                assert!(bench.port.is_tx_torn());
                bench.port.stop_tx();
                cpu.hold_off_interrupts(false);
                playing.stop(context);
            }
        });
        let played = bench.wire.played();
        assert_eq!(played.len(), 20);
        for (n, run) in (0..).zip(&played) {
            // The ring was heard to the end of a period; then the last word again and again, from a frame's beginning on.
            let heard = run.whole(format);
            assert_eq!(
                (run.first_torn, run.bytes.len() % bench.sound.period_bytes()),
                (None, 0),
                "{width:?} {channels}"
            );
            assert!(run.dry > 100 && !heard.is_empty());
            same("played", frame, heard, &part(&ring(n), frame, 0, heard.len()));
        }
    }
}

#[test]
fn after_an_overrun_the_next_run_begins_with_a_whole_frame() {
    for (width, channels) in WIDTHS.into_iter().flat_map(|width| (1..=8).map(move |channels| (width, channels))) {
        let bench = Bench::new(Sound { periods: 8, ..Sound::new(width, channels, 48_000) });
        let frame = bench.sound.frame();
        let heard = sound(4, 1_013, frame);
        bench.wire.record(heard.clone());
        let mut runs = vec![];
        bench.thread(|cpu, context| {
            for n in 0..20 {
                let mut recording = bench.record();
                cpu.run_until(bench.frames(110 + n));
                let mut bytes = recording.read();
                cpu.hold_off_interrupts(true);
                cpu.run_until(bench.frames(600 + 7 * n));
                assert!(bench.port.is_rx_torn());
                bench.port.stop_rx();
                cpu.hold_off_interrupts(false);
                // What the SDMA had put into the ring before it stopped is whole, too.
                cpu.take_interrupt();
                bytes.extend(recording.read_all());
                assert!(recording.stop(context));
                runs.push(bytes);
            }
        });
        let starts = bench.wire.first_recorded();
        assert_eq!(starts.len(), 20);
        for (run, (start, bytes)) in starts.into_iter().zip(runs).enumerate() {
            assert!(bytes.len() >= 2 * bench.sound.period_bytes());
            let what = format!("{width:?} {channels}, run {run}");
            same(&what, frame, &bytes, &part(&heard, frame, start, bytes.len()));
        }
    }
}

/// What a stop drops can be heard, if it is asked for.
#[test]
fn a_drain_plays_what_is_in_the_fifo() {
    let format = Sound { period: 40, periods: 8, ..Sound::new(BusWidth::Two, 2, 48_000) };
    for is_drained in [false, true] {
        let bench = Bench::new(format);
        let ring = noise(8, format.ring_bytes());
        bench.thread(|cpu, context| {
            let playing = bench.play(&ring);
            cpu.run_until(bench.frames(200));
            let moved = bench.frames_moved();
            if is_drained {
                bench.port.drain_tx();
                cpu.run_until(bench.frames(20));
            }
            playing.stop(context);
            let played = &bench.wire.played()[0];
            assert_eq!(played.bytes.len() as u64 / 4 >= moved, is_drained);
            same("played", 4, &played.bytes, &part(&ring, 4, 0, played.bytes.len()));
        });
    }
}
