use super::*;

/// Channels that run on HE alone, at these priorities, all started long ago.
fn started(priorities: &[(u8, u8)]) -> Scheduler {
    let mut scheduler = Scheduler::new();
    scheduler.eo = u32::MAX;
    for &(channel, priority) in priorities {
        scheduler.set_priority(channel, priority, Cycles(0));
        scheduler.start(bit(channel), Cycles(0));
    }
    scheduler.settle(Cycles(0));
    scheduler
}

const NOW: Cycles = Cycles(100);

#[test]
fn the_condition_is_host_and_dsp_and_event_and_a_priority() {
    for n in 0..64_u32 {
        let flag = |k: u32| n >> k & 1;
        let mut scheduler = Scheduler::new();
        (scheduler.he, scheduler.ho, scheduler.dspo) = (flag(0) << 9, flag(1) << 9, flag(2) << 9);
        (scheduler.ep, scheduler.eo) = (flag(3) << 9, flag(4) << 9);
        scheduler.set_priority(9, flag(5) as u8, NOW);
        scheduler.settle(NOW);
        let expected = (flag(0) | flag(1)) & flag(2) & (flag(3) | flag(4)) & flag(5);
        assert_eq!(scheduler.runnable(), expected << 9, "bits {n:06b}");
        assert_eq!(scheduler.next(None), (expected == 1).then_some(9));
    }
}

#[test]
fn a_start_while_running_is_queued_and_a_third_is_lost() {
    let mut scheduler = Scheduler::new();
    assert_eq!(scheduler.start(0b100, NOW), 0);
    assert_eq!((scheduler.he, scheduler.hstart), (0b100, 0));
    assert_eq!(scheduler.start(0b100, NOW), 0);
    assert_eq!((scheduler.he, scheduler.hstart), (0b100, 0b100));
    assert_eq!(scheduler.start(0b110, NOW), 0b100);
    assert_eq!((scheduler.he, scheduler.hstart), (0b110, 0b100));
    scheduler.clear_he(2, NOW);
    assert_eq!((scheduler.he, scheduler.hstart), (0b110, 0));
    scheduler.clear_he(2, NOW);
    assert_eq!((scheduler.he, scheduler.hstart), (0b010, 0));
    scheduler.start(0b010, NOW);
    scheduler.stop(0b010, NOW);
    assert_eq!((scheduler.he, scheduler.hstart), (0, 0));
}

#[test]
fn among_equals_the_highest_number_wins() {
    let scheduler = started(&[(3, 2), (17, 2), (9, 2), (30, 1)]);
    assert_eq!(scheduler.next(None), Some(17));
}

#[test]
fn yield_gives_way_to_a_higher_priority_only() {
    let mut scheduler = started(&[(3, 2), (17, 2)]);
    assert_eq!(scheduler.leave(3, Leave::Yield, NOW), Some(3));
    scheduler.set_priority(17, 3, NOW);
    assert_eq!(scheduler.leave(3, Leave::Yield, NOW), Some(17));
}

#[test]
fn yieldge_gives_way_to_an_equal_but_not_to_a_lower_one() {
    let mut scheduler = started(&[(17, 2), (3, 2), (30, 1)]);
    assert_eq!(scheduler.leave(17, Leave::YieldGe, NOW), Some(3));
    scheduler.set_priority(3, 1, NOW);
    assert_eq!(scheduler.leave(17, Leave::YieldGe, NOW), Some(17));
}

#[test]
fn who_was_preempted_at_a_yield_comes_before_its_equals() {
    let mut scheduler = started(&[(3, 2), (17, 2), (20, 5)]);
    assert_eq!(scheduler.leave(3, Leave::Yield, NOW), Some(20));
    scheduler.clear_he(20, NOW);
    assert_eq!(scheduler.leave(20, Leave::Done, NOW), Some(3));
    scheduler.enter(3);
    assert_eq!(scheduler.leave(3, Leave::YieldGe, NOW), Some(17), "the preference is used up");
}

#[test]
fn who_left_at_a_yieldge_is_not_preferred() {
    let mut scheduler = started(&[(3, 2), (17, 2), (20, 5)]);
    assert_eq!(scheduler.leave(3, Leave::YieldGe, NOW), Some(20));
    scheduler.clear_he(20, NOW);
    assert_eq!(scheduler.leave(20, Leave::Done, NOW), Some(17));
}

#[test]
fn at_done_the_channel_on_the_core_comes_before_its_equals() {
    let mut scheduler = started(&[(3, 2), (17, 2)]);
    assert_eq!(scheduler.leave(3, Leave::Done, NOW), Some(3));
    scheduler.clear_he(3, NOW);
    assert_eq!(scheduler.leave(3, Leave::Done, NOW), Some(17));
}

#[test]
fn a_channel_that_may_not_run_gives_way_to_a_lower_priority() {
    let mut scheduler = started(&[(3, 2), (17, 1)]);
    scheduler.stop(bit(3), NOW);
    assert_eq!(scheduler.leave(3, Leave::Yield, NOW), Some(17));
    scheduler.stop(bit(17), NOW);
    assert_eq!(scheduler.leave(17, Leave::Yield, NOW), None);
}

#[test]
fn a_change_counts_when_it_is_due_and_not_at_all_if_taken_back() {
    let mut scheduler = started(&[(3, 2)]);
    scheduler.stop(bit(3), Cycles(103));
    scheduler.settle(Cycles(102));
    assert_eq!(scheduler.runnable(), bit(3));
    assert_eq!(scheduler.next_change(), Some(Cycles(103)));
    scheduler.start(bit(3), Cycles(105));
    assert_eq!(scheduler.next_change(), None);
    scheduler.stop(bit(3), Cycles(110));
    scheduler.settle(Cycles(110));
    assert_eq!(scheduler.runnable(), 0);
}

#[test]
fn what_a_script_clears_with_its_done_counts_at_once() {
    let mut scheduler = started(&[(3, 2)]);
    scheduler.clear_he(3, Cycles(200));
    assert_eq!(scheduler.leave(3, Leave::Done, NOW), None);
}

#[test]
fn a_second_request_is_told_from_a_first() {
    let mut scheduler = Scheduler::new();
    assert_eq!(scheduler.request(0b11, NOW), 0);
    assert_eq!(scheduler.request(0b110, NOW), 0b010);
    scheduler.clear_ep(1, NOW);
    assert_eq!(scheduler.ep, 0b101);
}

#[test]
fn another_change_does_not_put_off_one_that_is_due() {
    let mut scheduler = started(&[(3, 2)]);
    scheduler.stop(bit(3), Cycles(103));
    scheduler.start(bit(9), Cycles(105));
    scheduler.settle(Cycles(103));
    assert_eq!(scheduler.runnable(), 0);
}
