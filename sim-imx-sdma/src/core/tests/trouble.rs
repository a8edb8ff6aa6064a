//! Trouble that was asked for, and the one that nobody has to ask for.

use super::*;
use crate::machine::Notify;
use crate::trouble::Trouble;

#[test]
fn a_request_between_the_last_look_and_done_4_is_forgotten_and_told() {
    // The line falls and rises again while the script takes its time between looking and sleeping.
    let mut rig = Rig::booted();
    rig.device(LOOKS_EARLY, 1 << 7, &[(10, 1 << 7), (12, 0), (40, 1 << 7)]);
    rig.run(200);
    assert_eq!(rig.told(), [ReportKind::LostWakeup { channel: 5 }]);
    assert_eq!(
        (rig.core.current(), rig.get(EVTPEND), rig.core.lines),
        (None, 0, 1 << 7),
        "it sleeps on a line that is up"
    );

    let mut rig = Rig::booted();
    rig.device(LOOKS_EARLY, 1 << 7, &[(10, 1 << 7), (12, 0), (100, 1 << 7)]);
    rig.run(200);
    assert_eq!((rig.told().as_slice(), rig.core.lines), (&[][..], 0), "after done 4 it is a new request");
}

#[test]
fn a_script_that_holds_the_core_lets_nobody_run_for_so_long() {
    let mut rig = Rig::booted();
    rig.core.troubles.cause(Trouble::HoldCore { channel: 3, time: Cycles(500) });
    rig.start(3, YIELDS, 1);
    rig.run_into(3);
    rig.run(1);
    let began = rig.core.now;
    rig.start(8, YIELDS, 2);
    rig.run(490);
    assert_eq!(rig.turns, []);
    rig.run_into(8);
    assert!(rig.core.now - began > Cycles(500) && rig.turns == [3]);
}

#[test]
fn channel_0_is_slow_each_time() {
    let mut rig = Rig::booted();
    rig.core.troubles.cause(Trouble::SlowChannel0 { by: Cycles(1000) });
    rig.load(0, ENDS);
    for _ in 0..2 {
        rig.set(HSTART, 1);
        rig.run(1000);
        assert_eq!(rig.get(STOP_STAT), 1);
        rig.run(60);
        assert_eq!(rig.get(STOP_STAT), 0);
    }
}

#[test]
fn an_interrupt_that_is_late_ends_a_run_when_it_comes() {
    let mut rig = Rig::booted();
    rig.core.troubles.cause(Trouble::LateInterrupt { channel: 3, by: Cycles(700) });
    rig.start(3, ENDS_WITH_INTERRUPT, 1);
    rig.run(100);
    assert_eq!((rig.get(INTR), rig.core.interrupts.level(rig.core.now)), (1 << 3, false));
    let limit = rig.core.now + Cycles(5000);
    assert!(rig.run_until(limit, Stop::Interrupt));
    assert!((600..=700).contains(&(rig.core.now.0 + 5000 - limit.0)), "{}", rig.core.now);
}

#[test]
fn an_interrupt_that_is_lost_ends_no_run() {
    let mut rig = Rig::booted();
    rig.core.troubles.cause(Trouble::LostInterrupt { channel: 3 });
    rig.start(3, ENDS_WITH_INTERRUPT, 1);
    let limit = rig.core.now + Cycles(5000);
    assert!(!rig.run_until(limit, Stop::Interrupt));
    assert_eq!((rig.get(INTR), rig.core.now), (1 << 3, limit));
}

#[test]
fn a_run_ends_with_the_interrupt_and_not_later() {
    let mut rig = Rig::booted();
    rig.start(3, ENDS_WITH_INTERRUPT, 1);
    rig.start(2, YIELDS, 1);
    let limit = rig.core.now + Cycles(5000);
    assert!(rig.run_until(limit, Stop::Interrupt));
    assert_eq!((rig.get(INTR), rig.turns.as_slice()), (1 << 3, &[3][..]));
}

#[test]
fn a_bus_error_is_where_it_was_asked_for_and_only_for_the_sdma() {
    let mut rig = Rig::booted();
    rig.core.bus.add_ram(0x1000_0000, 64).expect("there is room");
    rig.core.troubles.cause(Trouble::BusError { address: 0x1000_0010, len: 12 });
    for (at, width, fails) in [
        (0x0C, Width::Four, false),
        (0x0F, Width::One, false),
        (0x0E, Width::Four, true),
        (0x10, Width::Four, true),
        (0x1B, Width::One, true),
        (0x1C, Width::Four, false),
    ] {
        assert_eq!(rig.core.read(0x1000_0000 + at, width).is_err(), fails, "{at:#x}");
        assert_eq!(rig.core.write(0x1000_0000 + at, width, 0).is_err(), fails, "{at:#x}");
    }
    assert!(rig.core.bus.read(0, Cycles(0), 0x1000_0010, Width::Four).is_ok());
    rig.core.troubles.clear();
    assert!(rig.core.read(0x1000_0010, Width::Four).is_ok());
}

#[test]
fn a_wrong_count_is_written_once_when_the_descriptor_is_given_back() {
    let mut rig = Rig::booted();
    rig.core.bus.add_ram(0x1000_0000, 64).expect("there is room");
    rig.core.troubles.cause(Trouble::WrongCount { descriptor: 0x1000_0000, count: 77 });
    for (written, found) in [(0x0001_0040, 0x0001_0040), (0x0008_0040, 0x0008_004D), (0x0008_0040, 0x0008_0040)] {
        assert!(rig.core.write(0x1000_0000, Width::Four, written).is_ok());
        assert_eq!(rig.core.read(0x1000_0000, Width::Four), Ok(found));
    }
}

#[test]
fn a_save_that_trails_overwrites_a_context_that_was_loaded_in_between() {
    let mut rig = Rig::booted();
    rig.set(CONFIG, 3);
    rig.core.troubles.cause(Trouble::TrailingSave { by: Cycles(60) });
    rig.start(3, COUNTS, 1);
    rig.run_into(3);
    rig.start(8, YIELDS, 2);
    rig.run_into(8);
    let base = rig.core.context(3);
    assert_eq!(rig.core.ram.read(base), Some(COUNTS_ON.into()), "the program counter is saved at the switch");
    assert_eq!(rig.core.ram.read(base + 4), Some(0), "r2 is not");
    for word in 0..24 {
        assert!(rig.core.store(base + word, 0).is_ok());
    }
    assert_eq!(rig.told(), [ReportKind::ContextOverwritten { channel: 3 }]);
    rig.run(60);
    assert_eq!((rig.core.ram.read(base), rig.core.ram.read(base + 4)), (Some(0), Some(1)));
}

#[test]
fn what_notify_does_needs_no_switch() {
    let mut rig = Rig::booted();
    rig.start(5, YIELDS, 1);
    rig.run_into(5);
    rig.set(HSTART, 1 << 5);
    rig.set(EVTPEND, 1 << 5);
    rig.core.notify(Notify::Interrupt);
    assert_eq!((rig.get(INTR), rig.get(STOP_STAT), rig.get(HSTART)), (1 << 5, 1 << 5, 1 << 5));
    rig.core.notify(Notify::ClearHe);
    assert_eq!((rig.get(STOP_STAT), rig.get(HSTART)), (1 << 5, 0));
    rig.set(INTR, 1 << 5);
    rig.core.notify(Notify::ClearHeAndInterrupt);
    assert_eq!((rig.get(INTR), rig.get(STOP_STAT), rig.get(EVTPEND)), (1 << 5, 0, 1 << 5));
    rig.core.notify(Notify::ClearEp);
    assert_eq!((rig.get(EVTPEND), rig.core.current()), (0, Some(5)));
}

#[test]
fn a_save_that_trails_is_over_when_its_channel_comes_back_or_another_is_saved() {
    for returns in [true, false] {
        let mut rig = Rig::booted();
        rig.set(CONFIG, 3);
        rig.core.troubles.cause(Trouble::TrailingSave { by: Cycles(1_000_000) });
        rig.start(3, COUNTS, 1);
        rig.run_into(3);
        rig.start(8, YIELDS, 2);
        rig.run_into(8);
        if returns {
            rig.set(STOP_STAT, 1 << 8);
            rig.run_into(3);
            assert_eq!(rig.core.regs.r[2], 1);
        } else {
            rig.start(9, YIELDS, 3);
            rig.run_into(9);
            assert_eq!(rig.core.ram.read(rig.core.context(3) + 4), Some(1));
        }
    }
}
