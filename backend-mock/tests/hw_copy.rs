//! Copies from memory to memory: their speed, and what a stop in the middle leaves.

mod hw_support;

use backend_mock::hw::{Hw, HwConfig, Moves, Nanos, NewsKind, Program, StopLatency};
use hw_support::*;

/// 100 bytes per microsecond: a burst of 64 bytes takes 640 ns.
fn copying(stop_latency: StopLatency, len: u32) -> (Hw, Memory, u64, u64) {
    let hw = Hw::new(HwConfig { stop_latency, copy_bytes_per_us: 100, ..HwConfig::default() });
    let bytes: Vec<u8> = (0..len).map(|i| (i % 251) as u8 + 1).collect();
    let src = Memory::of(&bytes).map_read_only(&hw);
    let target = Memory::filled(len as usize, 0);
    let dst = target.map(&hw);
    run(&hw, 0, Program { tag: 5, moves: Moves::Copy { dst, src, len } });
    (hw, target, dst, src)
}

fn copied(target: &Memory) -> usize {
    let bytes = target.bytes();
    let count = bytes.iter().take_while(|&&byte| byte != 0).count();
    let expected = (0..count).map(|i| (i % 251) as u8 + 1);
    assert!(bytes.iter().copied().eq(expected.chain(std::iter::repeat_n(0, bytes.len() - count))));
    count
}

#[test]
fn a_copy_takes_its_length_at_its_speed() {
    let (hw, target, dst, src) = copying(StopLatency::After(Nanos(0)), 1000);
    assert_eq!(hw.next_news(), Some(us(10)));
    hw.advance_to(Nanos(9_999));
    assert_eq!(copied(&target), 960);
    hw.advance_to(us(10));
    assert_eq!(copied(&target), 1000);
    let done = hw.take_news(0).unwrap();
    assert_eq!((done.kind, done.at, done.tag), (NewsKind::Done, us(10), 5));
    assert!(!hw.is_touching(0));
    let seen: Vec<_> = hw.log().iter().map(|a| (a.bus, a.len, a.write, a.from, a.to)).collect();
    let (from, to) = (Nanos(640), us(10));
    assert_eq!(seen, [(src, 1000, false, from, to), (dst, 1000, true, from, to)]);
}

#[test]
fn a_stop_in_the_middle_leaves_whole_bursts_and_exact_progress() {
    let (hw, target, _, _) = copying(StopLatency::After(us(2)), 1000);
    hw.advance_to(us(3));
    hw.disable(0);
    assert_eq!((hw.progress(0).bytes, copied(&target)), (256, 256));
    hw.advance_to(us(100));
    assert_eq!((hw.progress(0).bytes, copied(&target)), (448, 448), "two more microseconds");
    let news = hw.take_news(0).unwrap();
    assert_eq!((news.kind, news.at), (NewsKind::Stopped, us(5)));
    hw.enable(0);
    assert_eq!(hw.next_news(), Some(us(100) + Nanos(5520)));
    hw.advance_to(us(200));
    assert_eq!(copied(&target), 1000);
}

#[test]
fn a_pause_costs_the_burst_that_it_breaks() {
    let (hw, target, _, _) = copying(StopLatency::After(Nanos(0)), 1000);
    hw.advance_to(us(1));
    hw.pause(0);
    hw.advance_to(us(50));
    assert_eq!(copied(&target), 64);
    hw.resume(0);
    assert_eq!(hw.next_news(), Some(us(50) + Nanos(9360)));
}

#[test]
fn late_copies_count_by_the_burst_on_each_side() {
    let (hw, target, dst, src) = copying(StopLatency::After(Nanos(0)), 1000);
    hw.advance_to(us(5));
    hw.unmap(dst);
    hw.advance_to(us(20));
    assert_eq!(copied(&target), 448);
    assert_eq!(hw.late_accesses(), 9, "552 bytes");
    hw.unmap(src);
    run(&hw, 0, Program { tag: 6, moves: Moves::Copy { dst, src, len: 1000 } });
    hw.advance_to(us(40));
    assert_eq!(hw.late_accesses(), 9 + 2 * 16);
    assert_eq!(hw.take_news(0).unwrap().kind, NewsKind::Done);
}

#[test]
fn a_fault_on_either_side_stops_a_copy() {
    let (hw, target, dst, src) = copying(StopLatency::After(Nanos(0)), 1000);
    hw.reset(0);
    for (count, (dst, src)) in (1..).zip([(src, dst), (dst, 16)]) {
        run(&hw, 0, Program { tag: 6, moves: Moves::Copy { dst, src, len: 1000 } });
        hw.advance_to(hw.now() + us(20));
        assert_eq!(hw.take_news(0).unwrap().kind, NewsKind::Fault);
        assert_eq!((hw.faults(), hw.progress(0).bytes), (count, 0));
    }
    let blocked: Vec<_> = hw.log().iter().map(|a| (a.bus, a.write, a.blocked)).collect();
    assert_eq!(blocked, [(src, true, true), (16, false, true)]);
    assert_eq!(copied(&target), 0);
}

#[test]
fn channels_meet_in_memory_at_the_times_of_their_news() {
    let hw = Hw::new(HwConfig { copy_bytes_per_us: 100, ..HwConfig::default() });
    let eights = Memory::of(&[8; 640]).map(&hw);
    let meeting = Memory::filled(1280, 1).map(&hw);
    let target = Memory::filled(1280, 0);
    let all = target.map(&hw);
    // Channel 1 fills the second half in the time that channel 0 takes for the first.
    run(&hw, 0, Program { tag: 1, moves: Moves::Copy { dst: all, src: meeting, len: 1280 } });
    run(&hw, 1, Program { tag: 2, moves: Moves::Copy { dst: meeting + 640, src: eights, len: 640 } });
    hw.advance_to(us(100));
    assert_eq!(target.bytes(), [[1; 640], [8; 640]].concat());
}
