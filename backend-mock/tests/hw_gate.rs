//! Peripherals that their own driver starts and stops, as a sound system does at its triggers; and frames of any size.

mod hw_support;

use std::sync::Arc;

use backend_mock::hw::{Hw, Moves, Nanos, Peripheral, Program, Source, StopLatency, StreamConfig};
use hw_support::*;

/// Frames of 10 microseconds, a FIFO of 8.
const CONFIG: StreamConfig = StreamConfig { rate: 100_000, frame_bytes: FRAME, fifo_frames: 8, watermark: 1 };

fn playing() -> (Hw, Memory, u64) {
    let hw = hw(StopLatency::After(Nanos(0)));
    let memory = Memory::of(&numbered(1, 1_000));
    let bus = memory.map(&hw);
    hw.attach(0, Peripheral::player(CONFIG));
    (hw, memory, bus)
}

fn play(hw: &Hw, tag: u64, bus: u64) {
    run(hw, 0, Program { tag, moves: Moves::Cyclic { bus, len: 4_000, period: 400, to_device: true } });
}

fn counts(hw: &Hw) -> (u64, u64, u64) {
    hw.with_peripheral(0, |p| (p.level(), p.underruns(), p.overruns())).unwrap()
}

/// The DMA first, then the peripheral: nothing is asked for, and nothing is missing, until it is enabled.
#[test]
fn a_disabled_player_asks_for_nothing_and_misses_nothing() {
    let (hw, _memory, bus) = playing();
    hw.set_enabled(0, false);
    play(&hw, 1, bus);
    hw.advance_to(us(505));
    assert_eq!((hw.progress(0).bytes, counts(&hw), hw.next_news()), (0, (0, 0, 0), None));
    hw.set_enabled(0, true);
    assert_eq!(counts(&hw), (8, 0, 0), "it is served at once");
    hw.advance_to(us(505 + 100));
    assert_eq!(hw.next_news(), Some(us(505 + 920)), "its clock began when it was enabled");
    assert_eq!(hw.with_peripheral(0, |p| numbers(p.taken()[0].bytes)).unwrap(), (1..=10).collect::<Vec<_>>());
    assert_eq!(counts(&hw), (8, 0, 0));
}

/// The wrong order: the peripheral runs, and its DMA does not.
#[test]
fn a_player_that_is_enabled_too_soon_runs_dry() {
    let (hw, _memory, bus) = playing();
    hw.set_enabled(0, false);
    hw.advance_to(us(1_000));
    hw.set_enabled(0, true);
    hw.advance_to(us(1_035));
    assert_eq!(counts(&hw), (0, 3, 0));
    play(&hw, 1, bus);
    hw.advance_to(us(1_100));
    assert_eq!(counts(&hw), (8, 3, 0));
}

/// A stop in the wrong order: the DMA stops, the peripheral does not.
#[test]
fn a_player_that_is_disabled_too_late_runs_dry() {
    for late in [false, true] {
        let (hw, _memory, bus) = playing();
        play(&hw, 1, bus);
        hw.advance_to(us(100));
        if !late {
            hw.set_enabled(0, false);
        }
        hw.disable(0);
        hw.advance_to(us(1_000));
        assert_eq!(counts(&hw), if late { (0, 82, 0) } else { (8, 0, 0) });
    }
}

#[test]
fn a_player_goes_on_where_it_was_paused() {
    let (hw, _memory, bus) = playing();
    play(&hw, 1, bus);
    for n in 1..=5 {
        hw.advance_to(hw.now() + us(100));
        hw.set_enabled(0, false);
        hw.advance_to(hw.now() + us(100 * n + 7));
        hw.set_enabled(0, true);
    }
    let played = hw.with_peripheral(0, |p| numbers(p.taken()[0].bytes)).unwrap();
    assert_eq!(played, (1..=played.len() as u32).collect::<Vec<_>>());
    assert!((48..=52).contains(&played.len()), "{}", played.len());
    assert_eq!(counts(&hw), (8, 0, 0));
}

/// What is flushed is not heard, and the next run begins with its first frame at once.
#[test]
fn a_flushed_player_plays_nothing_of_the_run_before() {
    let (hw, _memory, bus) = playing();
    play(&hw, 1, bus);
    hw.advance_to(us(100));
    hw.set_enabled(0, false);
    hw.disable(0);
    assert_eq!(hw.with_peripheral(0, |p| p.taken()[0].frames), Some(10));
    hw.advance_to(us(300));
    play(&hw, 2, bus + 2_000);
    hw.flush(0);
    hw.set_enabled(0, true);
    hw.advance_to(us(400));
    hw.with_peripheral(0, |p| {
        let taken: Vec<_> = p.taken().iter().map(|taken| numbers(taken.bytes)).collect();
        assert_eq!(taken, [(1..=10).collect::<Vec<_>>(), (501..=510).collect()]);
        assert_eq!((p.flushed(), p.underruns()), (8, 0));
    });
}

#[test]
fn a_disabled_recorder_hears_nothing() {
    let hw = hw(StopLatency::After(Nanos(0)));
    let memory = Memory::filled(4_000, 0);
    let bus = memory.map(&hw);
    hw.attach(0, recorder(CONFIG, 1_000));
    hw.set_enabled(0, false);
    run(&hw, 0, ring(1, bus, 4_000, 400));
    hw.advance_to(us(200));
    assert_eq!((hw.progress(0).bytes, counts(&hw)), (0, (0, 0, 0)));
    hw.set_enabled(0, true);
    hw.advance_to(us(300));
    hw.set_enabled(0, false);
    hw.advance_to(us(400));
    hw.set_enabled(0, true);
    hw.advance_to(us(500));
    assert_eq!(memory.frames()[..20], [21, 22, 23, 24, 25, 26, 27, 28, 29, 30, 41, 42, 43, 44, 45, 46, 47, 48, 49, 50]);
    // Its DMA stops, it does not.
    hw.disable(0);
    hw.advance_to(us(1_000));
    assert_eq!(counts(&hw), (8, 0, 42));
    hw.set_enabled(0, false);
    hw.with_peripheral(0, |p| {
        assert_eq!((p.unheard(), p.flushed(), p.level(), p.is_enabled()), (30, 8, 0, false));
        let moved: u64 = p.runs().iter().map(|run| run.moved_frames).sum();
        assert_eq!(p.given(), moved + p.overruns() + p.flushed() + p.unheard() + p.level());
    });
}

/// Samples of one to four bytes, one to eight channels: a frame is a frame.
#[test]
fn frames_of_any_size_go_both_ways() {
    for (sample, channels) in (1..=4).flat_map(|sample| (1..=8).map(move |channels| (sample, channels))) {
        let frame_bytes = sample * channels;
        let config = StreamConfig { frame_bytes, watermark: 3, ..CONFIG };
        let sound: Vec<u8> = (0..200 * frame_bytes).map(|n| (n * 7 + n / 251) as u8).collect();
        let hw = hw(StopLatency::After(Nanos(0)));
        let (from, to) = (Memory::of(&sound), Memory::filled(sound.len(), 0));
        let (len, period) = (200 * frame_bytes, 25 * frame_bytes);
        let cyclic = |bus, to_device| Program { tag: 1, moves: Moves::Cyclic { bus, len, period, to_device } };
        hw.attach(0, Peripheral::player(config));
        hw.attach(1, Peripheral::recorder(config, Source { frames: Arc::from(&sound[..]), repeat: 9 }));
        run(&hw, 0, cyclic(from.map(&hw), true));
        run(&hw, 1, cyclic(to.map(&hw), false));
        hw.advance_to(us(5_000));
        let played = hw.with_peripheral(0, |p| p.taken()[0].bytes.to_vec()).unwrap();
        assert_eq!(played.len() as u32, 500 * frame_bytes);
        assert!(played.iter().eq(sound.iter().cycle().take(played.len())), "{sample} bytes, {channels} channels");
        assert_eq!(to.bytes(), sound, "{sample} bytes, {channels} channels");
    }
}
