//! A line: frames in bursts, each at its time, and nothing in between.

mod hw_support;

use std::sync::Arc;

use backend_mock::hw::{Hw, Nanos, NewsKind, Peripheral, StopLatency, StreamConfig};
use hw_support::*;

/// A frame is a byte, and takes 10 µs.
fn bytes() -> StreamConfig {
    StreamConfig { rate: EASY, frame_bytes: 1, ..StreamConfig::default() }
}

/// Bursts of so many bytes at such times in µs; all bytes are numbered through, from 1.
fn bursts(of: &[(u64, u8)]) -> Vec<(Nanos, Arc<[u8]>)> {
    let mut next = 1;
    let burst = |&(at, count)| {
        let first = next;
        next += count;
        (us(at), (first..next).collect())
    };
    of.iter().map(burst).collect()
}

/// Hardware with that line on channel 0, into a mapped ring of 40 bytes with periods of 20.
fn listening(line: Peripheral) -> (Hw, Memory) {
    let hw = hw(StopLatency::After(Nanos(0)));
    let memory = Memory::filled(40, 0);
    let bus = memory.map(&hw);
    hw.attach(0, line);
    run(&hw, 0, ring(1, bus, 40, 20));
    (hw, memory)
}

fn ends(hw: &Hw) -> Vec<u64> {
    hw.with_peripheral(0, |line| line.burst_ends().map(Nanos::as_micros).collect()).unwrap()
}

#[test]
fn bytes_come_in_bursts_and_nothing_comes_between() {
    let (hw, memory) = listening(Peripheral::line(bytes(), &bursts(&[(100, 5), (1_000, 20), (1_200, 3)])));
    assert_eq!(ends(&hw), [150, 1_200, 1_230]);
    let mut seen = Vec::new();
    for at in [100, 109, 110, 149, 150, 1_000, 1_010, 1_149, 1_150, 1_200, 1_209, 1_210, 1_230, 9_000] {
        hw.advance_to(us(at));
        if at == 1_010 {
            assert_eq!(ends(&hw), [1_200, 1_230], "those ahead");
        }
        seen.push(hw.progress(0).bytes);
    }
    assert_eq!(seen, [0, 0, 1, 4, 5, 5, 6, 19, 20, 25, 25, 26, 28, 28]);
    assert_eq!(memory.bytes()[..28], (1..=28).collect::<Vec<u8>>());
    let news = hw.take_news(0).unwrap();
    assert_eq!((news.kind, news.at), (NewsKind::Periods(1), us(1_150)), "fifteen bytes into the second burst");
    hw.with_peripheral(0, |line| assert_eq!((line.given(), line.overruns(), line.level()), (28, 0, 0)));
    assert_eq!((ends(&hw), hw.next_news()), (vec![], None));
}

/// Nobody listens: the FIFO keeps what it can hold over the gap, as a recorder's does.
#[test]
fn a_line_that_nobody_listens_to_overruns() {
    let hw = hw(StopLatency::After(Nanos(0)));
    let memory = Memory::filled(40, 0);
    let bus = memory.map(&hw);
    hw.attach(0, Peripheral::line(StreamConfig { fifo_frames: 8, ..bytes() }, &bursts(&[(0, 30), (500, 4)])));
    hw.advance_to(us(300));
    hw.advance_to(us(400));
    hw.with_peripheral(0, |line| assert_eq!((line.given(), line.overruns(), line.level()), (30, 22, 8)));
    run(&hw, 0, ring(1, bus, 40, 20));
    hw.advance_to(us(540));
    assert_eq!(memory.bytes()[..5], [31, 32, 33, 34, 0], "what was in the FIFO at the start is flushed");
}

/// Times count from the attachment.
#[test]
fn a_lines_time_starts_when_it_is_attached() {
    let hw = hw(StopLatency::After(Nanos(0)));
    hw.advance_to(us(33));
    hw.attach(0, Peripheral::line(bytes(), &bursts(&[(100, 2), (200, 1)])));
    assert_eq!(ends(&hw), [153, 243]);
}

/// A second line, of single frames, brings the hardware to rest at the end of each burst.
#[test]
fn a_line_of_single_frames_keeps_time_for_another() {
    let line = Peripheral::line(bytes(), &bursts(&[(100, 5), (1_000, 20), (1_200, 3)]));
    let tick = |end: Nanos| (end - Nanos(1), Arc::from([0]));
    let ticks: Vec<_> = line.burst_ends().map(tick).collect();
    let (hw, memory) = listening(line);
    let spare = Memory::filled(1, 0);
    hw.attach(1, Peripheral::line(StreamConfig { rate: 1_000_000_000, ..bytes() }, &ticks));
    run(&hw, 1, ring(2, spare.map(&hw), 1, 1));
    hw.advance_to(us(9_000));
    assert_eq!(hw.progress(0).bytes, 28);
    assert_eq!(memory.bytes()[..28], (1..=28).collect::<Vec<u8>>());
    assert_eq!(hw.take_news(1).unwrap().kind, NewsKind::Periods(3));
}

/// One long step over several bursts and gaps comes to the same as many short ones.
#[test]
fn a_long_step_is_no_other_than_short_ones() {
    let line = || Peripheral::line(bytes(), &bursts(&[(100, 5), (1_000, 2), (3_000, 9)]));
    let (long, long_memory) = listening(line());
    long.advance_to(us(9_000));
    let (short, short_memory) = listening(line());
    (0..9_000).step_by(7).chain([9_000]).for_each(|at| short.advance_to(us(at)));
    assert_eq!(long.progress(0).bytes, 16);
    assert_eq!(long.progress(0).bytes, short.progress(0).bytes);
    assert_eq!(long_memory.bytes()[..16], short_memory.bytes()[..16]);
    assert_eq!(long_memory.bytes()[..16], (1..=16).collect::<Vec<u8>>());
}

#[test]
#[should_panic(expected = "bursts overlap")]
fn bursts_do_not_overlap() {
    Peripheral::line(bytes(), &bursts(&[(100, 5), (149, 2)]));
}

#[test]
#[should_panic(expected = "one whole frame")]
fn bursts_are_not_empty() {
    Peripheral::line(bytes(), &bursts(&[(100, 0)]));
}
