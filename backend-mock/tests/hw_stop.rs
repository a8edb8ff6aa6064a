//! How a channel stops, and what it does until it has.

mod hw_support;

use backend_mock::hw::{Moves, Nanos, NewsKind, Program, StopLatency};
use hw_support::*;

#[test]
fn with_no_latency_it_stops_in_the_same_instant() {
    let (hw, memory, _) = recording(StopLatency::After(Nanos(0)));
    hw.advance_to(us(105));
    hw.disable(0);
    assert!(!hw.is_touching(0));
    assert_eq!(hw.take_news(0).unwrap().kind, NewsKind::Periods(1));
    let stopped = hw.take_news(0).unwrap();
    assert_eq!((stopped.kind, stopped.at, stopped.tag), (NewsKind::Stopped, us(105), 1));
    hw.advance_to(us(1000));
    assert_eq!(hw.progress(0).bytes, 40);
    assert_eq!(memory.frames()[..12], [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 0, 0]);
}

#[test]
fn writes_go_on_for_exactly_the_latency_and_never_after() {
    let (hw, memory, _) = recording(StopLatency::After(us(1000)));
    hw.advance_to(us(500));
    hw.disable(0);
    assert_eq!(hw.next_news(), Some(us(600)), "periods are still news");
    hw.advance_to(us(1499));
    assert!(hw.is_touching(0));
    assert_eq!(hw.progress(0).bytes, 149 * 4);
    // The frame that arrives at the very end of the latency is the last.
    hw.advance_to(us(1500));
    assert!(!hw.is_touching(0));
    assert_eq!(hw.progress(0).bytes, 150 * 4);
    assert_eq!(hw.take_news(0).unwrap().kind, NewsKind::Periods(15));
    let stopped = hw.take_news(0).unwrap();
    assert_eq!((stopped.kind, stopped.at), (NewsKind::Stopped, us(1500)));

    let then = memory.bytes();
    hw.advance_to(us(1_000_000));
    assert_eq!(memory.bytes(), then);
    assert_eq!(hw.log().last().unwrap().to, us(1500));
    assert_eq!((hw.take_news(0), hw.next_news()), (None, None));
}

#[test]
fn one_advance_or_many_end_in_the_same_instant() {
    let (hw, _, _) = recording(StopLatency::After(us(1000)));
    hw.advance_to(us(500));
    hw.disable(0);
    hw.advance_to(us(1_000_000));
    assert_eq!(hw.progress(0).bytes, 150 * 4);
    assert_eq!(hw.log().last().unwrap().to, us(1500));
}

#[test]
fn a_channel_that_never_stops_is_stopped_by_reset() {
    let (hw, memory, _) = recording(StopLatency::Never);
    hw.advance_to(us(500));
    hw.disable(0);
    hw.advance_to(us(10_000_000));
    assert!(hw.is_touching(0));
    assert_eq!(hw.progress(0).bytes, 4_000_000);
    assert_eq!(hw.take_news(0).unwrap().kind, NewsKind::Periods(100_000));
    hw.reset(0);
    assert!(!hw.is_touching(0));
    let then = memory.bytes();
    hw.advance_to(us(20_000_000));
    assert_eq!(memory.bytes(), then);
    assert_eq!(hw.take_news(0), None, "a reset is silent");
    hw.enable(0);
    assert!(!hw.is_touching(0), "what was reset cannot go on");
}

#[test]
fn the_latency_of_a_stop_is_the_one_at_its_disable() {
    let (hw, _, _) = recording(StopLatency::After(us(1000)));
    hw.disable(0);
    hw.set_stop_latency(StopLatency::After(us(10)));
    hw.disable(0);
    assert_eq!(hw.next_news(), Some(us(100)));
    hw.advance_to(us(999));
    assert!(hw.is_touching(0));
    hw.advance_to(us(1000));
    assert!(!hw.is_touching(0));
    hw.enable(0);
    hw.disable(0);
    assert_eq!(hw.next_news(), Some(us(1010)));
}

#[test]
fn enable_during_a_stop_resumes_the_old_program() {
    let (hw, _, bus) = recording(StopLatency::After(us(1000)));
    hw.advance_to(us(500));
    hw.disable(0);
    hw.advance_to(us(700));
    run(&hw, 0, ring(2, bus, 4000, 40));
    hw.advance_to(us(5000));
    let progress = hw.progress(0);
    assert_eq!((progress.tag, progress.bytes), (1, 500 * 4));
    assert_eq!(hw.take_news(0).unwrap().tag, 1);
    assert_eq!(hw.take_news(0), None, "the stop was taken back");
    assert!(hw.log().iter().all(|access| access.tag == 1));

    // Only an enable in Off loads the one that was latched.
    hw.disable(0);
    hw.advance_to(us(6000));
    assert!(!hw.is_touching(0));
    hw.enable(0);
    assert_eq!((hw.progress(0).tag, hw.progress(0).bytes), (2, 0));
    hw.advance_to(us(6100));
    assert_eq!(hw.progress(0).bytes, 40);
}

#[test]
fn enable_after_a_stop_goes_on_where_the_program_was() {
    let (hw, _, _) = recording(StopLatency::After(Nanos(0)));
    hw.advance_to(us(500));
    hw.disable(0);
    hw.advance_to(us(1000));
    hw.enable(0);
    hw.advance_to(us(1100));
    assert_eq!(hw.progress(0).bytes, 60 * 4);
}

#[test]
fn disable_in_off_does_and_says_nothing() {
    let hw = hw(StopLatency::After(us(1000)));
    hw.disable(0);
    assert!(!hw.is_touching(0));
    assert_eq!((hw.next_news(), hw.irq_pending()), (None, 0));
}

#[test]
fn a_pause_holds_every_byte_and_loses_only_what_the_fifo_does() {
    let (hw, memory, _) = recording(StopLatency::After(us(1000)));
    hw.advance_to(us(55));
    hw.pause(0);
    assert_eq!(hw.next_news(), None);
    assert_eq!(hw.irq_pending(), 0);
    hw.advance_to(us(255));
    assert_eq!(hw.progress(0).bytes, 5 * 4);
    hw.resume(0);
    assert_eq!(hw.progress(0).bytes, 25 * 4, "the FIFO drains in the instant of the resume");
    assert_eq!(memory.frames()[..25], (1..=25).collect::<Vec<_>>());
    let periods = hw.take_news(0).unwrap();
    assert_eq!((periods.kind, periods.at), (NewsKind::Periods(2), us(255)));

    // 40 frames in a pause, and a FIFO of 32: the 8 oldest are gone.
    hw.pause(0);
    hw.advance_to(us(655));
    hw.resume(0);
    assert_eq!(hw.with_peripheral(0, |p| p.overruns()), Some(8));
    assert_eq!(memory.frames()[24..57], [&[25], &(34..=65).collect::<Vec<_>>()[..]].concat());
}

#[test]
fn a_paused_channel_stops_after_the_latency_and_moves_nothing() {
    let (hw, _, _) = recording(StopLatency::After(us(1000)));
    hw.advance_to(us(55));
    hw.pause(0);
    hw.disable(0);
    assert_eq!(hw.next_news(), Some(us(1055)));
    hw.advance_to(us(1055));
    assert_eq!((hw.is_touching(0), hw.progress(0).bytes), (false, 20));
    assert_eq!(hw.take_news(0).unwrap().kind, NewsKind::Stopped);
    // Off has forgotten the pause.
    hw.enable(0);
    hw.advance_to(us(2000));
    assert!(hw.progress(0).bytes > 20);
}

#[test]
fn resume_during_a_stop_lets_data_flow_until_its_end() {
    let (hw, _, _) = recording(StopLatency::After(us(1000)));
    hw.advance_to(us(55));
    hw.pause(0);
    hw.disable(0);
    hw.advance_to(us(105));
    hw.resume(0);
    hw.advance_to(us(9999));
    assert_eq!(hw.progress(0).bytes, 105 * 4);
}

#[test]
fn a_program_that_ends_by_itself_while_stopping_says_both() {
    let hw = hw(StopLatency::After(us(1000)));
    let memory = Memory::filled(400, 0);
    let segments = vec![(memory.map(&hw), 400)];
    hw.attach(0, recorder(stream(EASY), 1000));
    run(&hw, 0, Program { tag: 7, moves: Moves::Sg { segments, to_device: false } });
    hw.advance_to(us(500));
    hw.disable(0);
    hw.advance_to(us(2000));
    let news = [hw.take_news(0).unwrap(), hw.take_news(0).unwrap()];
    assert_eq!(news.map(|n| n.kind), [NewsKind::Done, NewsKind::Stopped]);
    assert_eq!(news.map(|n| n.at), [us(1000); 2]);
    assert_eq!(hw.take_news(0), None);
    hw.enable(0);
    assert!(!hw.is_touching(0), "what is done cannot go on");
}
