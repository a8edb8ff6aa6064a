//! Recorders and players: every frame, once, in order, on time.

mod hw_support;

use std::sync::Arc;

use backend_mock::hw::{Hw, Moves, Nanos, NewsKind, Peripheral, Program, Run, Source, StopLatency, StreamConfig};
use hw_support::*;

const SECOND: u64 = 1_000_000_000;

#[test]
fn a_recorder_gives_each_frame_once_at_its_time() {
    for rate in [44_100u32, 48_000, 96_000] {
        let hw = hw(StopLatency::After(Nanos(0)));
        let memory = Memory::filled(3 * rate as usize * 4, 0);
        let bus = memory.map(&hw);
        hw.attach(0, recorder(stream(rate), 3 * rate));
        // 7 ms off, so that time 0 is nothing special.
        hw.advance_to(us(7000));
        let segments = vec![(bus, 4 * rate), (bus + u64::from(4 * rate), 4 * rate)];
        run(&hw, 0, Program { tag: 1, moves: Moves::Sg { segments, to_device: false } });
        let first = u64::from(rate) * 7 / 1000;

        // Just before and just at the time of a frame in the middle.
        let n = first + 12_345;
        let arrival = Nanos((n + 1) * SECOND / u64::from(rate));
        hw.advance_to(arrival - Nanos(1));
        assert_eq!(hw.progress(0).bytes, 12_345 * 4, "{rate}");
        hw.advance_to(arrival);
        assert_eq!(hw.progress(0).bytes, 12_346 * 4, "{rate}");

        let last = Nanos((first + 2 * u64::from(rate)) * SECOND / u64::from(rate));
        assert_eq!(hw.next_news(), Some(last), "{rate}");
        hw.advance_to(Nanos(3 * SECOND));
        let news = hw.take_news(0).unwrap();
        assert_eq!((news.kind, news.at), (NewsKind::Done, last), "{rate}");
        let expected: Vec<u32> = (0..2 * rate).map(|i| first as u32 + i + 1).collect();
        assert_eq!(memory.frames()[..2 * rate as usize], expected, "{rate}");
        let runs = hw.with_peripheral(0, |p| p.runs().to_vec()).unwrap();
        let moved_frames = u64::from(2 * rate);
        assert_eq!(runs, [Run { tag: 1, first_frame: first, moved_frames }], "{rate}");
    }
}

#[test]
fn a_restart_flushes_the_fifo_and_starts_with_the_next_frame() {
    let (hw, memory, bus) = recording(StopLatency::After(Nanos(0)));
    hw.advance_to(us(505));
    hw.disable(0);
    hw.advance_to(us(705));
    assert_eq!(hw.with_peripheral(0, |p| p.level()), Some(20));
    run(&hw, 0, ring(2, bus, 4000, 40));
    hw.advance_to(us(805));
    assert_eq!(memory.frames()[..11], [71, 72, 73, 74, 75, 76, 77, 78, 79, 80, 11]);
    hw.with_peripheral(0, |p| {
        let expected =
            [Run { tag: 1, first_frame: 0, moved_frames: 50 }, Run { tag: 2, first_frame: 70, moved_frames: 10 }];
        assert_eq!(p.runs(), expected);
        assert_eq!((p.given(), p.flushed(), p.overruns(), p.level()), (80, 20, 0, 0));
    });
}

#[test]
fn every_frame_is_accounted_for() {
    let hw = hw(StopLatency::After(us(777)));
    let memory = Memory::filled(4000, 0);
    let bus = memory.map(&hw);
    hw.attach(0, recorder(stream(44_100), 1_000_000));
    for tag in 0..50 {
        run(&hw, 0, ring(tag, bus, 4000, 400));
        hw.advance_to(hw.now() + us(3001));
        hw.disable(0);
        hw.advance_to(hw.now() + us(1500 + 10 * tag));
    }
    hw.with_peripheral(0, |p| {
        let moved: u64 = p.runs().iter().map(|run| run.moved_frames).sum();
        assert!(moved > 6000 && p.flushed() > 100 && p.overruns() > 10);
        assert_eq!(p.given(), moved + p.flushed() + p.overruns() + p.level());
        assert_eq!(p.given(), 44_100 * (50 * 4501 + 10 * 1225) / 1_000_000);
    });
}

#[test]
fn a_source_repeats_and_then_is_silent() {
    let hw = hw(StopLatency::After(Nanos(0)));
    let memory = Memory::filled(60, 0xff);
    let bus = memory.map(&hw);
    let source = Source { frames: Arc::from(numbered(1, 3)), repeat: 4 };
    hw.attach(0, Peripheral::recorder(stream(EASY), source));
    run(&hw, 0, ring(1, bus, 60, 60));
    hw.advance_to(us(75));
    assert_eq!(hw.with_peripheral(0, |p| p.given()), Some(7));
    hw.advance_to(us(150));
    assert_eq!(memory.frames(), [1, 2, 3, 1, 2, 3, 1, 2, 3, 1, 2, 3, 0, 0, 0]);
    assert_eq!(hw.with_peripheral(0, |p| p.given()), Some(12));
}

#[test]
fn a_watermark_makes_bursts_and_cuts_them_at_the_end_of_a_period() {
    let hw = hw(StopLatency::After(Nanos(0)));
    let memory = Memory::filled(80, 0);
    let bus = memory.map(&hw);
    hw.attach(0, recorder(StreamConfig { watermark: 4, ..stream(EASY) }, 1000));
    run(&hw, 0, ring(1, bus, 80, 40));
    let mut seen = Vec::new();
    for frame in 1..=14 {
        hw.advance_to(us(10 * frame));
        seen.push(hw.progress(0).bytes / 4);
    }
    assert_eq!(seen, [0, 0, 0, 4, 4, 4, 4, 8, 8, 10, 10, 10, 10, 14]);
    assert_eq!(hw.take_news(0).unwrap().at, us(100));
    assert_eq!(hw.next_news(), Some(us(200)));
}

fn play(hw: &Hw, ch: usize, tag: u64, bus: u64, frames: u32) {
    let segments = vec![(bus, 4 * frames)];
    run(hw, ch, Program { tag, moves: Moves::Sg { segments, to_device: true } });
}

fn played(hw: &Hw) -> Vec<(u64, u64, Vec<u32>)> {
    let taken = |p: &mut Peripheral| {
        let runs = p.taken();
        let runs = runs.iter().map(|run| (run.tag, run.frames, numbers(run.bytes)));
        runs.collect()
    };
    hw.with_peripheral(0, taken).unwrap()
}

#[test]
fn a_player_takes_every_frame_in_order_at_its_time() {
    for rate in [44_100u32, 48_000, 96_000] {
        let hw = hw(StopLatency::After(Nanos(0)));
        let memory = Memory::of(&numbered(1, rate));
        let bus = memory.map(&hw);
        hw.attach(0, Peripheral::player(stream(rate)));
        hw.advance_to(us(123));
        let moves = Moves::Cyclic { bus, len: 4 * rate, period: 4 * rate / 10, to_device: true };
        run(&hw, 0, Program { tag: 1, moves });
        assert_eq!(hw.progress(0).bytes, 32 * 4, "the FIFO fills at once");
        assert_eq!(hw.progress(0).in_flight, 32 * 4);

        let at = us(123) + Nanos(12_346 * SECOND / u64::from(rate));
        hw.advance_to(at - Nanos(1));
        assert_eq!(played(&hw)[0].1, 12_345, "{rate}");
        hw.advance_to(at);
        let (tag, frames, numbers) = &played(&hw)[0];
        assert_eq!((*tag, *frames), (1, 12_346), "{rate}");
        assert_eq!(*numbers, (1..=12_346).collect::<Vec<_>>(), "{rate}");
        assert_eq!(hw.progress(0).bytes, (12_346 + 32) * 4, "{rate}");
        assert_eq!(hw.progress(0).in_flight, 32 * 4, "{rate}");
        assert_eq!(hw.with_peripheral(0, |p| p.underruns()), Some(0), "{rate}");
    }
}

#[test]
fn a_player_plays_an_old_program_out_before_the_new() {
    let hw = hw(StopLatency::After(Nanos(0)));
    let memory = Memory::of(&numbered(1, 100));
    let bus = memory.map(&hw);
    hw.attach(0, Peripheral::player(stream(EASY)));
    play(&hw, 0, 1, bus, 50);
    hw.advance_to(us(100));
    hw.disable(0);
    assert_eq!(hw.progress(0).bytes, 42 * 4);
    hw.advance_to(us(200));
    play(&hw, 0, 2, bus + 200, 50);
    assert_eq!(hw.progress(0).bytes, 10 * 4, "22 of the old are still in the FIFO");
    assert_eq!(hw.progress(0).in_flight, 10 * 4);
    hw.advance_to(us(430));
    let expected = [(1, 42, (1..=42).collect()), (2, 1, vec![51])];
    assert_eq!(played(&hw), expected);
}

#[test]
fn a_player_without_data_underruns_and_goes_on() {
    let hw = hw(StopLatency::After(Nanos(0)));
    let memory = Memory::of(&numbered(1, 100));
    let bus = memory.map(&hw);
    hw.attach(0, Peripheral::player(stream(EASY)));
    hw.advance_to(us(1000));
    assert_eq!(hw.with_peripheral(0, |p| p.underruns()), Some(0), "not started yet");
    play(&hw, 0, 1, bus, 50);
    hw.advance_to(us(2000));
    assert_eq!(hw.with_peripheral(0, |p| p.underruns()), Some(50));
    let done = hw.take_news(0).unwrap();
    assert_eq!((done.kind, done.at), (NewsKind::Done, us(1180)), "50 frames less 32 in the FIFO");

    play(&hw, 0, 2, bus + 200, 50);
    hw.advance_to(us(3000));
    assert_eq!(played(&hw), [(1, 50, (1..=50).collect()), (2, 50, (51..=100).collect())]);
    assert_eq!(hw.with_peripheral(0, |p| p.underruns()), Some(100));
}

#[test]
fn a_paused_player_runs_its_fifo_dry() {
    let hw = hw(StopLatency::After(Nanos(0)));
    let memory = Memory::of(&numbered(1, 1000));
    let bus = memory.map(&hw);
    hw.attach(0, Peripheral::player(stream(EASY)));
    play(&hw, 0, 1, bus, 1000);
    hw.advance_to(us(100));
    hw.pause(0);
    hw.advance_to(us(1100));
    assert_eq!(hw.with_peripheral(0, |p| (p.underruns(), p.level())), Some((68, 0)));
    hw.resume(0);
    hw.advance_to(us(2000));
    assert_eq!(hw.with_peripheral(0, |p| p.underruns()), Some(68));
    assert_eq!(played(&hw), [(1, 132, (1..=132).collect())]);
}

#[test]
fn nobody_asks_without_a_peripheral_of_that_direction() {
    let hw = hw(StopLatency::After(Nanos(0)));
    let memory = Memory::filled(400, 0);
    let bus = memory.map(&hw);
    hw.attach(1, Peripheral::player(stream(EASY)));
    hw.attach(2, recorder(stream(EASY), 1000));
    run(&hw, 0, ring(1, bus, 400, 40));
    run(&hw, 1, ring(1, bus, 400, 40));
    play(&hw, 2, 2, bus, 100);
    hw.advance_to(us(1000));
    for channel in 0..3 {
        assert!(hw.is_touching(channel));
        assert_eq!(hw.progress(channel).bytes, 0);
    }
}

#[test]
fn a_recorders_time_starts_when_it_is_attached() {
    let hw = hw(StopLatency::After(Nanos(0)));
    let memory = Memory::filled(400, 0);
    let bus = memory.map(&hw);
    hw.advance_to(us(33));
    hw.attach(0, recorder(stream(EASY), 1000));
    hw.advance_to(us(60));
    run(&hw, 0, ring(1, bus, 400, 40));
    assert_eq!(hw.next_news(), Some(us(33 + 120)));
    hw.advance_to(us(63));
    assert_eq!(memory.frames()[..2], [3, 0]);
}

#[test]
fn ten_minutes_of_stereo() {
    let hw = hw(StopLatency::After(Nanos(0)));
    hw.set_log(false);
    let memory = Memory::filled(4 * 4800, 0);
    let bus = memory.map(&hw);
    let source = Source { frames: Arc::from(numbered(1, 48_000)), repeat: 600 };
    hw.attach(0, Peripheral::recorder(stream(48_000), source));
    hw.attach(1, Peripheral::player(stream(48_000)));
    run(&hw, 0, ring(1, bus, 4 * 4800, 4 * 480));
    hw.advance_to(us(100_000));
    let moves = Moves::Cyclic { bus, len: 4 * 4800, period: 4 * 480, to_device: true };
    run(&hw, 1, Program { tag: 2, moves });
    let start = std::time::Instant::now();
    hw.advance_to(Nanos(600 * SECOND));
    println!("10 minutes, recorder and player, in {:?}", start.elapsed());
    assert_eq!(hw.with_peripheral(0, |p| p.given()), Some(28_800_000));
    assert_eq!(hw.progress(0).bytes, 4 * 28_800_000);
    assert_eq!(hw.take_news(0).unwrap().kind, NewsKind::Periods(60_000));
    hw.with_peripheral(1, |p| {
        assert_eq!((p.taken()[0].frames, p.underruns()), (28_795_200, 0));
    });
    assert!(hw.log().is_empty());
}
