//! Items 5 and 6: who has the core, and from when on.

use sim_imx_sdma::bus::LogOptions;
use sim_imx_sdma::time::Cycles;
use sim_imx_sdma::{RegisterAccess, Sdma};

use crate::rig::*;

/// A copy that no other touches.
fn piece(n: u32, len: u32) -> [u32; 3] {
    [D | I | len, BUFFER, BUFFER + 0x2000 * n]
}

/// Whose accesses they were, one entry a turn.
fn turns(rig: &mut Rig) -> Vec<u8> {
    let log = rig.bus().stop_log().expect("it was begun");
    let mut turns: Vec<_> = log.iter().map(|access| access.channel).collect();
    turns.dedup();
    turns
}

#[test]
fn acceptance_05_among_equals_the_highest_number_goes_first_and_yield_does_not_take_turns() {
    let mut rig = Rig::booted();
    for channel in [4, 19, 8] {
        rig.copy(channel, 2, &[piece(channel, 0x200)]);
    }
    rig.bus().start_log(LogOptions::default());
    rig.write32(HSTART, 1 << 4 | 1 << 19 | 1 << 8);
    rig.run_until_idle();
    assert_eq!(turns(&mut rig), [19, 8, 4]);
}

#[test]
fn acceptance_05_the_higher_priority_goes_first_whatever_its_number() {
    let mut rig = Rig::booted();
    for (channel, priority) in [(4, 3), (19, 1), (8, 2)] {
        rig.copy(channel, priority, &[piece(channel, 0x200)]);
    }
    rig.bus().start_log(LogOptions::default());
    rig.write32(HSTART, 1 << 4 | 1 << 19 | 1 << 8);
    rig.run_until_idle();
    assert_eq!(turns(&mut rig), [4, 8, 19]);
}

#[test]
fn acceptance_05_a_higher_priority_waits_until_the_burst_is_over() {
    let mut rig = Rig::booted();
    rig.copy(4, 1, &[piece(4, 0x200)]);
    rig.copy(8, 6, &[piece(8, 0x40)]);
    rig.put(BUFFER, &[0x0101_0101; 0x80]);
    rig.start(4);
    // In the middle of a burst of 32 bytes.
    rig.run_up_to(|rig| rig.word(BUFFER + 0x8000 + 0x44) != 0);
    rig.bus().start_log(LogOptions::default());
    rig.start(8);
    rig.run_up_to(|rig| rig.view().current() == Some(8));
    let copied = rig.bytes(BUFFER + 0x8000, 0x200).iter().filter(|byte| **byte != 0).count();
    assert!(copied >= 0x60 && copied % 0x20 == 0, "whole bursts, this one at least: {copied:#x}");
    rig.run_until_idle();
    assert_eq!(turns(&mut rig), [4, 8, 4]);
}

#[test]
fn acceptance_05_who_was_preempted_comes_before_its_equals() {
    let mut rig = Rig::booted();
    rig.copy(4, 2, &[piece(4, 0x200)]);
    rig.copy(19, 2, &[piece(19, 0x40)]);
    rig.copy(30, 5, &[piece(30, 0x40)]);
    rig.start(4);
    rig.run_up_to(|rig| rig.view().current() == Some(4));
    rig.run(100);
    rig.bus().start_log(LogOptions::default());
    rig.write32(HSTART, 1 << 19 | 1 << 30);
    rig.run_until_idle();
    assert_eq!(turns(&mut rig), [4, 30, 4, 19]);
}

#[test]
fn acceptance_05_a_priority_of_zero_is_never_elected() {
    let mut rig = Rig::booted();
    rig.copy(4, 0, &[piece(4, 0x40)]);
    rig.start(4);
    rig.run(10_000);
    assert_eq!((rig.view().current(), rig.mode(4, 0) & D), (None, D));
    rig.set_priority(4, 1);
    rig.run_until_idle();
    assert_eq!(rig.mode(4, 0) & D, 0);
}

/// The three conditions of `(HE | HO) & DO & (EP | EO)`, each switched on and off while the others hold.
#[test]
fn acceptance_06_a_condition_counts_three_cycles_after_the_write() {
    let channel = 1 << 3;
    for (register, with, without) in [(EVTOVR, 1 | channel, 1), (DSPOVR, u32::MAX, !channel), (HOSTOVR, channel, 0)] {
        let mut rig = Rig::booted();
        rig.copy(3, 1, &[piece(3, 0x1000)]);
        rig.write32(register, without);
        if register != HOSTOVR {
            rig.start(3);
        }
        rig.run(1000);
        assert_eq!((rig.view().runnable(), rig.view().current()), (0, None), "{register:#05x}");

        // The access takes its time first, so that the write is now.
        rig.write32(register, with);
        counts_in_three(&mut rig, 0, channel);
        rig.run_up_to(|rig| rig.view().current() == Some(3));
        rig.run(500);
        rig.write32(register, without);
        counts_in_three(&mut rig, channel, 0);
        rig.run(200);
        assert_eq!((rig.view().current(), rig.mode(3, 0) & D), (None, D), "it left at its next switch point");
        rig.write32(register, with);
        rig.run(50_000);
        assert_eq!(rig.mode(3, 0) & D, 0, "and goes on");
    }
}

/// A running script is looked at between two accesses, so that not every cycle is seen.
fn counts_in_three(sdma: &mut Sdma, before: u32, after: u32) {
    let written = sdma.now();
    while sdma.now() < written + Cycles(3) {
        assert_eq!(sdma.view().runnable(), before, "{} cycles after the write", sdma.now() - written);
        sdma.run_for(Cycles(1));
    }
    assert_eq!(sdma.view().runnable(), after);
}
