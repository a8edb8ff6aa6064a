//! What is in the ring is on the wire, and the other way round, in every format.

use dmaengine_core::{BusWidth, Direction};
use sim_board::{SsiError, SsiFormat, SsiInstance};

use crate::bench::{Bench, Sound, WIDTHS, noise, part, same, sound};

/// Plays and records at once, for so many frames, and compares.
fn both_ways(format: Sound, frames: usize) {
    let bench = Bench::new(format);
    let (frame, ring) = (format.frame(), noise(1, format.ring_bytes()));
    let heard = sound(2, 61, frame);
    bench.wire.record(heard.clone());
    let recorded = bench.thread(|cpu, context| {
        let playing = bench.play(&ring);
        let mut recording = bench.record();
        let recorded = recording.read_frames(cpu, frames);
        recording.stop(context);
        playing.stop(context);
        recorded
    });
    let what = format!("{format:?}");
    assert_eq!(bench.wire.first_recorded(), [0], "{what}");
    same(&format!("recorded, {what}"), frame, &recorded, &part(&heard, frame, 0, recorded.len()));
    let played = bench.wire.played();
    assert_eq!((played.len(), played[0].dry), (1, 0), "{what}");
    let whole = played[0].whole(format.format());
    assert!(whole.len() >= (frames - 20) * frame, "{what}: {} bytes", whole.len());
    same(&format!("played, {what}"), frame, whole, &part(&ring, frame, 0, whole.len()));
}

#[test]
fn every_width_and_number_of_channels_is_exact_both_ways() {
    for width in WIDTHS {
        for channels in 1..=8 {
            both_ways(Sound::new(width, channels, 48_000), 500);
        }
    }
}

#[test]
fn every_rate_is_exact_both_ways() {
    for rate in [8_000, 11_025, 22_050, 32_000, 44_100, 64_000, 88_200, 96_000, 176_400, 192_000] {
        for width in WIDTHS {
            both_ways(Sound::new(width, 2, rate), 500);
        }
    }
    for rate in [8_000, 44_100] {
        both_ways(Sound::new(BusWidth::Four, 8, rate), 500);
    }
}

/// A period that is no whole number of bursts, and a ring of two periods.
#[test]
fn a_period_ends_where_it_says() {
    for channels in 1..=8 {
        for (period, periods) in [(31, 3), (7, 8), (101, 2)] {
            both_ways(Sound { period, periods, ..Sound::new(BusWidth::Two, channels, 48_000) }, 700);
        }
    }
}

/// A cable from the transmitter to the receiver: first it is played, then recorded, or the other way round.
#[test]
fn what_is_played_is_recorded_in_the_same_frame() {
    for (width, channels) in [(BusWidth::One, 3), (BusWidth::Two, 2), (BusWidth::Three, 5), (BusWidth::Four, 8)] {
        for play_first in [true, false] {
            let format = Sound::new(width, channels, 48_000);
            let bench = Bench::new(format);
            let (frame, ring) = (format.frame(), noise(3, format.ring_bytes()));
            bench.wire.loop_back();
            let recorded = bench.thread(|cpu, context| {
                let mut playing = play_first.then(|| bench.play(&ring));
                cpu.run_until(bench.frames(97));
                let mut recording = bench.record();
                let mut recorded = recording.read_frames(cpu, 100);
                let playing = playing.take().unwrap_or_else(|| bench.play(&ring));
                recorded.extend(recording.read_frames(cpu, 500));
                recording.stop(context);
                playing.stop(context);
                recorded
            });
            let (played, began) = (&bench.wire.played()[0], bench.wire.recorded()[0].first_frame);
            let silence = played.first_frame.saturating_sub(began) as usize * frame;
            same("silence", frame, &recorded[..silence], &vec![0; silence]);
            let from = began.saturating_sub(played.first_frame);
            assert_eq!(from > 0, play_first);
            same("sound", frame, &recorded[silence..], &part(&ring, frame, from, recorded.len() - silence));
        }
    }
}

#[test]
fn frames_that_an_ssi_cannot_have_are_refused() {
    assert_eq!(SsiFormat::new(BusWidth::Eight, 2), Err(SsiError::Width { bytes: 8 }));
    assert_eq!(SsiFormat::new(BusWidth::Two, 0), Err(SsiError::Slots { slots: 0, limit: 32 }));
    assert_eq!(SsiFormat::new(BusWidth::Four, 17), Err(SsiError::Slots { slots: 34, limit: 32 }));
    let stereo = SsiFormat::new(BusWidth::Two, 2).unwrap();
    let refused = stereo.slave_config(SsiInstance::Ssi2, Direction::MemToMem).err();
    assert_eq!(refused, Some(SsiError::Direction { direction: Direction::MemToMem }));
}

#[test]
fn bursts_are_whole_frames_where_they_can_be() {
    let burst = |width, channels| SsiFormat::new(width, channels).unwrap().burst();
    assert_eq!([1, 2, 3, 4, 5, 6, 7, 8].map(|channels| burst(BusWidth::Two, channels)), [8, 8, 6, 8, 5, 6, 7, 8]);
    assert_eq!([1, 2, 3, 4, 5, 6, 7, 8].map(|channels| burst(BusWidth::Four, channels)), [8, 8, 6, 8, 5, 6, 7, 8]);
}

#[test]
fn a_format_cannot_change_while_it_is_in_use() {
    let format = Sound::new(BusWidth::Two, 2, 48_000);
    let bench = Bench::new(format);
    bench.thread(|_, context| {
        let recording = bench.record();
        assert_eq!(bench.port.set_up(BusWidth::Two, 2, 48_000), Ok(()));
        assert_eq!(bench.port.set_up(BusWidth::Two, 2, 44_100), Err(SsiError::Busy));
        bench.port.pause_rx();
        assert_eq!(bench.port.set_up(BusWidth::Three, 2, 48_000), Err(SsiError::Busy));
        recording.stop(context);
        assert_eq!(bench.port.set_up(BusWidth::Three, 2, 48_000), Ok(()));
    });
}

/// Half a minute of both ways over the cable, each frame compared; the wire keeps nothing.
#[test]
fn half_a_minute_is_exact_to_the_last_frame() {
    const FRAMES: usize = 30 * 48_000;
    let format = Sound { period: 1_024, ..Sound::new(BusWidth::Two, 2, 48_000) };
    let bench = Bench::new(format);
    let ring = noise(3, format.ring_bytes());
    bench.wire.keep(false);
    bench.wire.loop_back();
    bench.thread(|cpu, context| {
        let playing = bench.play(&ring);
        let mut recording = bench.record();
        let silent = bench.wire.played()[0].first_frame - bench.wire.recorded()[0].first_frame;
        let (mut at, lead_in) = (0, silent as usize * format.frame());
        while at < FRAMES * format.frame() {
            for period in recording.read_frames(cpu, 1).chunks(format.period_bytes()) {
                // The ring is heard over and over, behind the silence that leads in.
                let from = at.saturating_sub(lead_in);
                let silence = lead_in.saturating_sub(at);
                let wanted = part(&ring, format.frame(), (from / format.frame()) as u64, period.len() - silence);
                assert_eq!(period[..silence], vec![0; silence]);
                same("recorded", format.frame(), &period[silence..], &wanted);
                at += period.len();
            }
        }
        assert!(!recording.stop(context) && !playing.stop(context));
    });
    assert!(bench.wire.frames_played() > FRAMES as u64);
    assert_eq!(bench.wire.played()[0].bytes, []);
}
