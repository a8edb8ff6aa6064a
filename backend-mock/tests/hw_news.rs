//! News: folded, foreseen, faked, and the same each time.

mod hw_support;

use backend_mock::hw::{Access, Moves, Nanos, News, NewsKind, Program, StopLatency};
use hw_support::*;

#[test]
fn periods_that_nobody_took_are_one_news_with_the_time_of_the_first() {
    let (hw, _, _) = recording(StopLatency::After(us(1000)));
    hw.advance_to(us(350));
    let news = hw.peek_news(0).unwrap();
    assert_eq!((news.kind, news.at, news.tag), (NewsKind::Periods(3), us(100), 1));
    assert_eq!(hw.take_news(0), Some(news));
    assert_eq!(hw.take_news(0), None);
    hw.advance_to(us(400));
    let news = hw.take_news(0).unwrap();
    assert_eq!((news.kind, news.at), (NewsKind::Periods(1), us(400)));
}

#[test]
fn periods_do_not_fold_across_tags_or_other_news() {
    let (hw, _, bus) = recording(StopLatency::After(Nanos(0)));
    hw.advance_to(us(250));
    let spurious = News { tag: 1, at: us(3), kind: NewsKind::Done };
    hw.post_news(0, spurious);
    hw.advance_to(us(350));
    hw.reset(0);
    run(&hw, 0, ring(2, bus, 4000, 40));
    hw.advance_to(us(550));
    let all: Vec<_> = std::iter::from_fn(|| hw.take_news(0)).map(|n| (n.tag, n.kind)).collect();
    let expected =
        [(1, NewsKind::Periods(2)), (1, NewsKind::Done), (1, NewsKind::Periods(1)), (2, NewsKind::Periods(2))];
    assert_eq!(all, expected);
}

#[test]
fn each_channel_with_news_has_its_bit() {
    let (hw, _, _) = recording(StopLatency::After(us(1000)));
    assert_eq!(hw.irq_pending(), 0);
    let stale = News { tag: 9, at: us(1), kind: NewsKind::Periods(1) };
    hw.post_news(2, stale);
    assert_eq!(hw.irq_pending(), 0b100);
    hw.advance_to(us(100));
    assert_eq!(hw.irq_pending(), 0b101);
    assert_eq!(hw.take_news(2), Some(stale));
    assert_eq!(hw.irq_pending(), 0b001);
}

#[test]
fn the_next_news_is_always_foreseen() {
    let (hw, _, _) = recording(StopLatency::After(us(35)));
    let mut seen = Vec::new();
    for _ in 0..3 {
        let next = hw.next_news().unwrap();
        hw.advance_to(next - Nanos(1));
        assert_eq!(hw.irq_pending(), 0);
        hw.advance_to(next);
        seen.push((next, hw.take_news(0).unwrap().kind));
        if seen.len() == 2 {
            hw.disable(0);
        }
    }
    let period = NewsKind::Periods(1);
    assert_eq!(seen, [(us(100), period), (us(200), period), (us(235), NewsKind::Stopped)]);
    assert_eq!(hw.next_news(), None);
}

#[test]
fn time_does_not_go_back() {
    let (hw, _, _) = recording(StopLatency::After(us(1000)));
    hw.advance_to(us(500));
    hw.advance_to(us(100));
    assert_eq!((hw.now(), hw.progress(0).bytes), (us(500), 200));
}

#[test]
fn a_program_that_cannot_run_is_a_fault_at_once() {
    let hw = hw(StopLatency::After(us(1000)));
    let bus = Memory::filled(400, 0).map(&hw);
    let sg = |segments| Moves::Sg { segments, to_device: false };
    let broken = [
        ring(1, bus, 400, 0).moves,
        ring(1, bus, 0, 40).moves,
        ring(1, bus, 400, 300).moves,
        sg(vec![]),
        sg(vec![(bus, 400), (bus, 0)]),
        Moves::Copy { dst: bus, src: bus, len: 0 },
    ];
    for (count, moves) in (1..).zip(broken) {
        run(&hw, 0, Program { tag: 1, moves });
        assert_eq!(hw.take_news(0).unwrap().kind, NewsKind::Fault);
        assert_eq!((hw.is_touching(0), hw.faults()), (false, count));
    }
}

/// A long, crooked course of events with everything in it.
fn course(step: Nanos) -> (Vec<Access>, Vec<News>, u64, u64) {
    let (hw, _, bus) = recording(StopLatency::After(us(333)));
    let scratch = Memory::filled(10_000, 3).map(&hw);
    hw.attach(1, recorder(stream(44_100), 100_000));
    run(&hw, 1, ring(11, bus, 2000, 200));
    let moves = Moves::Copy { dst: scratch + 5000, src: scratch, len: 5000 };
    run(&hw, 2, Program { tag: 12, moves });
    let mut news = Vec::new();
    for round in 1..40u64 {
        let end = hw.now() + Nanos(777_777);
        while hw.now() < end {
            hw.advance_to((hw.now() + step).min(end));
        }
        match round % 5 {
            0 => hw.disable(0),
            1 => run(&hw, 0, ring(round, bus, 4000, 40)),
            2 => hw.pause(1),
            3 => hw.resume(1),
            _ => hw.claim(bus, 1),
        }
        for channel in 0..3 {
            news.extend(std::iter::from_fn(|| hw.take_news(channel)));
        }
    }
    (hw.log(), news, hw.late_accesses(), hw.faults())
}

#[test]
fn the_same_calls_give_the_same_log() {
    let one = course(Nanos(u64::MAX));
    assert!(one.0.len() > 10 && one.1.len() > 40 && one.2 > 100);
    assert_eq!(one, course(Nanos(u64::MAX)));
}

#[test]
fn time_may_be_cut_up_in_any_way() {
    let one = course(Nanos(u64::MAX));
    let many = course(Nanos(1234));
    assert_eq!((one.1, one.2, one.3), (many.1, many.2, many.3));
    let sorted = |mut log: Vec<Access>| {
        log.sort_by_key(|access| (access.channel, access.from, access.write, access.bus));
        log
    };
    assert_eq!(sorted(one.0), sorted(many.0), "only the order between channels may differ");
}

#[test]
fn times_print_in_microseconds_and_saturate() {
    assert_eq!(Nanos(1_584_007).to_string(), "1584.007 µs");
    assert_eq!(us(3) - us(5), Nanos(0));
    assert_eq!(Nanos(u64::MAX) + us(5), Nanos(u64::MAX));
    assert_eq!(Nanos(1999).as_micros(), 1);
}

#[test]
fn threads_may_share_it() {
    let (hw, _, _) = recording(StopLatency::After(us(1000)));
    std::thread::scope(|scope| scope.spawn(|| hw.advance_to(us(100))).join()).unwrap();
    assert_eq!(hw.irq_pending(), 1);
}
