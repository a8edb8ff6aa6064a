//! What the register model has to get right, by number, as far as no real script is needed.

use super::*;

#[test]
fn acceptance_02_a_start_written_before_the_script_stops_itself_is_not_lost() {
    let mut rig = Rig::booted();
    rig.start(3, ENDS_WITH_INTERRUPT, 1);
    rig.run_into(3);
    rig.set(HSTART, 1 << 3);
    assert_eq!((rig.get(STOP_STAT), rig.get(HSTART)), (1 << 3, 1 << 3), "the second start is queued");
    rig.run(25);
    assert_eq!((rig.get(STOP_STAT), rig.get(HSTART), rig.get(INTR)), (1 << 3, 0, 1 << 3), "done 3 takes it");
    rig.run(100);
    assert_eq!((rig.get(STOP_STAT), rig.turns.as_slice()), (0, &[3, 3][..]));
}

#[test]
fn acceptance_02_a_stop_takes_the_queued_start_with_it_and_a_third_start_is_lost() {
    let mut rig = Rig::booted();
    rig.start(3, ENDS, 1);
    rig.set(HSTART, 1 << 3);
    rig.set(HSTART, 1 << 3);
    assert_eq!(rig.told(), [ReportKind::LostStart { channel: 3 }]);
    rig.set(STOP_STAT, 1 << 3);
    assert_eq!((rig.get(STOP_STAT), rig.get(HSTART)), (0, 0));
    rig.run(200);
    assert_eq!(rig.turns, []);
}

#[test]
fn acceptance_03_a_stop_leaves_ep_and_the_next_start_takes_one_turn_for_nothing() {
    let mut rig = Rig::booted();
    rig.device(SERVES, 1 << 7, &[]);
    rig.run(200);
    assert_eq!(rig.turns, [], "HE alone is not enough");
    rig.set(STOP_STAT, 1 << 5);
    rig.set(EVTPEND, 1 << 5);
    rig.set(EVTPEND, 0);
    assert_eq!(rig.get(EVTPEND), 1 << 5);
    rig.set(STOP_STAT, 1 << 5);
    assert_eq!(rig.get(EVTPEND), 1 << 5, "a driver cannot clear it");
    rig.set(HSTART, 1 << 5);
    rig.run(200);
    assert_eq!((rig.get(EVTPEND), rig.turns.as_slice()), (0, &[5][..]), "done 4 does");
}

#[test]
fn acceptance_04_only_a_second_edge_is_an_error() {
    let mut rig = Rig::booted();
    rig.device(SERVES, 1 << 7, &[(10, 1 << 7), (20, 0), (30, 1 << 7), (40, 0), (50, 1 << 7)]);
    rig.set(STOP_STAT, 1 << 5);
    rig.set(EVTPEND, 1 << 9);
    rig.run(25);
    assert_eq!((rig.get(EVTPEND), rig.get(EVTERRDBG)), (1 << 5 | 1 << 9, 0));
    rig.run(10);
    assert_eq!((rig.get(EVTERRDBG), rig.get(INTR)), (1 << 5, 0), "not masked in");
    assert_eq!(rig.get(EVTERRDBG), 1 << 5, "the debug view does not clear");
    assert_eq!((rig.get(EVTERR), rig.get(EVTERR)), (1 << 5, 0));
    rig.set(INTRMASK, 1 << 5);
    rig.run(20);
    assert_eq!((rig.get(EVTERRDBG), rig.get(INTR)), (1 << 5, 1 << 5));
    rig.set(EVTPEND, 1 << 5);
    rig.get(EVTERR);
    rig.set(EVTPEND, 1 << 5);
    assert_eq!(rig.get(EVTERR), 0, "a driver that sets EP twice makes no error");
}

#[test]
fn acceptance_05_among_equals_the_highest_number_goes_first_and_yield_does_not_take_turns() {
    let mut rig = Rig::booted();
    for channel in [4, 19, 8] {
        rig.start(channel, YIELDS, 1);
    }
    rig.run(300);
    assert!(rig.turns.len() > 5 && rig.turns.iter().all(|channel| *channel == 19), "{:?}", rig.turns);
}

#[test]
fn acceptance_05_yieldge_takes_turns_between_equals_but_not_with_lower_ones() {
    let mut rig = Rig::booted();
    rig.start(4, YIELDS_TO_EQUALS, 2);
    rig.start(19, YIELDS_TO_EQUALS, 2);
    rig.start(30, YIELDS, 1);
    rig.run(300);
    assert_eq!(rig.turns[..5], [19, 4, 19, 4, 19]);
}

#[test]
fn acceptance_05_a_higher_priority_waits_for_the_next_switch_point() {
    let mut rig = Rig::booted();
    rig.start(4, YIELDS, 1);
    rig.run_into(4);
    rig.start(8, ENDS, 6);
    rig.run(1);
    assert_eq!(rig.core.current(), Some(4));
    rig.turns.clear();
    rig.run(200);
    assert_eq!(rig.turns[..3], [4, 8, 4]);
}

#[test]
fn acceptance_06_a_condition_counts_three_cycles_after_it_was_written() {
    for (register, allowed, denied) in [(EVTOVR, 1 << 3, 0), (DSPOVR, u32::MAX, !(1 << 3)), (HOSTOVR, 1 << 3, 0)] {
        let mut rig = Rig::booted();
        rig.load(3, YIELDS);
        rig.set(EVTOVR, 1 << 3);
        if register != HOSTOVR {
            rig.set(HSTART, 1 << 3);
        }
        rig.set(register, denied);
        rig.set(CHNPRI + 4 * 3, 1);
        rig.run(50);
        assert_eq!(rig.core.current(), None, "{register:#05x}");

        rig.set(register, allowed);
        rig.run(2);
        assert_eq!(rig.core.sched.runnable(), 0);
        rig.run(1);
        assert_eq!(rig.core.sched.runnable(), 1 << 3);
        rig.run_into(3);

        rig.set(register, denied);
        rig.run(2);
        assert_eq!(rig.core.sched.runnable(), 1 << 3);
        rig.run(40);
        assert_eq!((rig.core.sched.runnable(), rig.core.current()), (0, None), "it left at its next yield");
    }
}

#[test]
fn acceptance_08_contexts_lie_24_or_32_words_apart() {
    for (chn0addr, len) in [(0x0050, 24), (0x4050, 32)] {
        let mut rig = Rig::booted();
        rig.set(CHN0ADDR, chn0addr);
        for channel in 0..32 {
            assert_eq!(rig.core.context(channel), 0x0800 + len * u16::from(channel));
        }
        rig.start(9, COUNTS, 1);
        rig.start(20, ENDS, 2);
        rig.run_into(9);
        rig.set(HSTART, 1 << 20);
        rig.run_into(20);
        assert!(rig.core.ram.read(0x0800 + len * 9 + 4).unwrap() > 0, "r2 is word 4 of the context");
        assert_eq!(rig.core.core_register(0x02), u32::from(0x0800 + len * 20));
    }
}

#[test]
fn acceptance_11_a_stop_lets_the_script_on_the_core_go_on_to_its_next_yield() {
    let mut rig = Rig::booted();
    rig.start(3, COUNTS, 1);
    rig.run_into(3);
    rig.set(STOP_STAT, 1 << 3);
    rig.run(1);
    assert_eq!((rig.core.current(), rig.get(STOP_STAT)), (Some(3), 0), "HE says no more than that it was told");
    rig.run(100);
    assert_eq!((rig.core.current(), rig.turns.as_slice()), (None, &[3][..]));
    assert_eq!(rig.core.ram.read(rig.core.context(3) + 4), Some(1), "it was frozen after this turn");
}

#[test]
fn acceptance_11_a_channel_that_is_not_on_the_core_is_frozen_and_goes_on_where_it_was() {
    let mut rig = Rig::booted();
    rig.start(3, COUNTS, 1);
    rig.start(8, YIELDS, 1);
    rig.run_into(8);
    rig.set(CHNPRI + 4 * 3, 2);
    rig.run_into(3);
    rig.set(CHNPRI + 4 * 8, 3);
    rig.run_into(8);
    rig.set(STOP_STAT, 1 << 3);
    let base = rig.core.context(3);
    let frozen = [0, 4].map(|word| rig.core.ram.read(base + word));
    assert_eq!(frozen, [Some(COUNTS_ON.into()), Some(1)]);
    rig.run(300);
    assert_eq!([0, 4].map(|word| rig.core.ram.read(base + word)), frozen);
    rig.set(STOP_STAT, 1 << 8);
    rig.set(HSTART, 1 << 3);
    rig.run_into(3);
    assert_eq!((rig.core.regs.pc, rig.core.regs.r[2]), (COUNTS_ON, 1), "nobody loaded a fresh context");
}

#[test]
fn acceptance_12_resched_takes_the_core_from_a_script_that_gives_it_to_nobody() {
    let mut rig = Rig::booted();
    rig.start(3, YIELDS, 1);
    rig.run_into(3);
    rig.core.troubles.cause(crate::trouble::Trouble::Hang { channel: 3 });
    rig.start(8, ENDS, 2);
    rig.run(10_000);
    assert_eq!(rig.core.current(), Some(3));
    rig.set(RESET, 0b10);
    assert_eq!(rig.get(RESET), 0b10);
    rig.run(10);
    assert_eq!((rig.core.current(), rig.get(RESET)), (Some(8), 0), "it clears itself when the switch begins");
    rig.turns.clear();
    rig.run(150);
    assert_eq!(rig.turns[..2], [8, 3], "the other goes on later where it was");
}

#[test]
fn acceptance_12_resched_of_a_core_that_sleeps_does_nothing() {
    let mut rig = Rig::booted();
    rig.set(RESET, 0b10);
    rig.run(1);
    assert_eq!((rig.core.current(), rig.get(RESET)), (None, 0));
}

#[test]
fn acceptance_12_the_lock_holds_until_a_reset_and_past_it_unless_it_was_said() {
    for (lock, locked_after) in [(0b01, true), (0b11, false)] {
        let mut rig = Rig::booted();
        rig.set(SDMA_LOCK, lock);
        rig.set(SDMA_LOCK, 0);
        rig.set(CHN0ADDR, 0x1234);
        assert_eq!((rig.get(SDMA_LOCK), rig.get(CHN0ADDR)), (lock, 0x4050));
        let locked = |register| ReportKind::Locked { register };
        assert_eq!(rig.told(), [locked("SDMA_LOCK"), locked("CHN0ADDR")]);
        rig.set(RESET, 1);
        assert_eq!(rig.get(RESET), 1, "held");
        rig.set(CHNPRI, 1);
        rig.core.sched.set_priority(1, 1, rig.core.now);
        (rig.core.sched.ho, rig.core.sched.ep) = (0b10, 0b10);
        rig.core.sched.changed(rig.core.now);
        rig.run(15);
        assert_eq!(rig.core.current(), None, "nobody is elected while it is held");
        rig.core.sched = crate::sched::Scheduler::new();
        rig.run(1);
        assert_eq!((rig.get(RESET), rig.get(CHNPRI)), (0, 0), "16 cycles, and what was written in them is lost");
        rig.set(CHN0ADDR, 0x1234);
        assert_eq!(rig.get(CHN0ADDR), if locked_after { 0x0050 } else { 0x1234 });
    }
}

#[test]
fn acceptance_12_after_a_reset_the_first_channel_starts_at_address_0_without_a_context() {
    let mut rig = Rig::booted();
    rig.start(3, YIELDS, 1);
    rig.run_into(3);
    rig.set(RESET, 1);
    rig.run(16);
    assert_eq!((rig.core.current(), rig.get(STOP_STAT), rig.get(EVTOVR)), (None, 0, 0));
    assert_eq!(rig.get(0x04C), 0xE000, "sleep after reset");
    rig.set(EVTOVR, u32::MAX);
    rig.start(6, YIELDS, 1);
    rig.run_into(6);
    assert_eq!(rig.core.regs.pc, BOOT);
}

#[test]
fn acceptance_13_the_48th_request_is_bit_15_of_the_upper_words() {
    let mut rig = Rig::booted();
    rig.device(SERVES, 1 << 47, &[(10, 1 << 47)]);
    rig.run(12);
    assert_eq!(rig.core.core_register(0x1F), 1 << 15);
    assert_eq!(rig.core.core_register(0x05), 0);
    rig.run(100);
    assert_eq!(rig.core.core_register(0x1F), 0, "the script that looks for it has seen it");
    assert_eq!((rig.get(0x060), rig.get(EVT_MIRROR2), rig.get(EVT_MIRROR2)), (0, 1 << 15, 0));
    assert_eq!(rig.turns, [5, 5]);
}

#[test]
fn psw_tells_who_is_on_the_core_and_who_would_be_next() {
    let mut rig = Rig::booted();
    rig.start(19, YIELDS, 3);
    rig.start(8, YIELDS, 2);
    rig.run_into(19);
    assert_eq!(rig.get(PSW), 2 << 13 | 8 << 8 | 3 << 5 | 19);
    rig.core.config.psw = crate::config::PswLayout::AsPrinted;
    assert_eq!(rig.get(PSW), 2 << 13 | 8 << 8 | 3 << 4 | 3);
}

#[test]
fn a_request_counts_six_cycles_after_its_edge() {
    let mut rig = Rig::booted();
    rig.device(SERVES, 1 << 7, &[(10, 1 << 7)]);
    rig.run(15);
    assert_eq!((rig.core.sched.runnable(), rig.core.sched.ep), (0, 1 << 5));
    rig.run(1);
    assert_eq!(rig.core.sched.runnable(), 1 << 5);
}
