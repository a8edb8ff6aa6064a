//! Items 1 to 4, 12 and 13: the registers by themselves, and requests.

use sim_imx_sdma::time::Cycles;
use sim_imx_sdma::{Config, RegisterAccess, ReportKind, Sdma, Trouble, Variant};

use crate::rig::*;

/// The values of the manual's memory map, written down once more, so that an error in the model's own table shows.
#[test]
fn acceptance_01_registers_begin_as_the_manual_says() {
    let all = [Variant::Imx31, Variant::Imx35, Variant::Imx6, Variant::Imx8m];
    for variant in all {
        let mut sdma = Sdma::new(Config::new(variant));
        for offset in [0x000, 0x004, 0x008, 0x00C, 0x010, 0x018, 0x01C, 0x024, 0x028, 0x02C, 0x034, 0x040, 0x044] {
            assert_eq!(sdma.read32(offset), 0, "{variant:?} {offset:#05x}");
        }
        for (offset, reset) in [(0x014, u32::MAX), (0x038, 3), (0x04C, 0xE000), (0x058, 1), (0x05C, 0x50)] {
            assert_eq!(sdma.read32(offset), reset, "{variant:?} {offset:#05x}");
        }
        for offset in [0x048, 0x050, 0x060, 0x070, 0x074].into_iter().chain((0x100..0x180).step_by(4)) {
            assert_eq!(sdma.read32(offset), 0, "{variant:?} {offset:#05x}");
        }
        assert_eq!(sdma.reports(), []);
        assert_eq!((sdma.variant(), sdma.now() > Cycles(0)), (variant, true));
    }
}

#[test]
fn acceptance_01_the_request_map_has_its_place_on_each_chip_and_no_reset_value() {
    for (variant, base, last) in [
        (Variant::Imx31, 0x080, 0x0FC),
        (Variant::Imx35, 0x200, 0x2BC),
        (Variant::Imx6, 0x200, 0x2BC),
        (Variant::Imx8m, 0x200, 0x2BC),
    ] {
        let mut sdma = Sdma::new(Config::new(variant).seed(3));
        assert!((base..=last).step_by(4).all(|offset| sdma.read32(offset) != 0), "{variant:?}");
        sdma.write32(last, 0x1234_5678);
        assert_eq!(sdma.read32(last), 0x1234_5678);
        assert_eq!(sdma.reports(), []);
        sdma.read32(if variant == Variant::Imx31 { 0x200 } else { 0x080 });
        assert_eq!(sdma.reports().len(), 1, "{variant:?}");
    }
}

/// The race: a driver starts a channel anew in the moment in which its script comes to the end of the chain and stops itself.
#[test]
fn acceptance_02_a_start_before_the_script_stops_itself_is_queued_and_taken() {
    let mut rig = Rig::booted();
    rig.copy(3, 1, &[[D | I | 64, BUFFER, BUFFER + 0x100], [D | I | 64, BUFFER + 0x40, BUFFER + 0x140]]);
    rig.start(3);
    rig.run_up_to(|rig| rig.view().current() == Some(3));
    rig.start(3);
    assert_eq!((rig.read32(STOP_STAT), rig.read32(HSTART)), (1 << 3, 1 << 3), "only the queued one reads as HSTART");
    rig.run_up_to(|rig| rig.view().hstart() == 0);
    assert_eq!((rig.read32(STOP_STAT), rig.mode(3, 0) & D, rig.mode(3, 1) & D), (1 << 3, 0, D));
    rig.run_until_idle();
    assert_eq!((rig.read32(STOP_STAT), rig.mode(3, 1) & D, rig.read32(INTR)), (0, 0, 1 << 3), "both ran");
}

#[test]
fn acceptance_02_a_stop_takes_the_queued_start_and_a_third_start_is_lost() {
    let mut rig = Rig::booted();
    // Without a priority it only waits.
    rig.start(3);
    assert_eq!((rig.read32(STOP_STAT), rig.read32(HSTART)), (1 << 3, 0));
    rig.start(3);
    rig.start(3);
    assert_eq!((rig.read32(STOP_STAT), rig.read32(HSTART)), (1 << 3, 1 << 3));
    assert_eq!(rig.kinds().last(), Some(&ReportKind::LostStart { channel: 3 }));
    rig.stop(3);
    assert_eq!((rig.read32(STOP_STAT), rig.read32(HSTART)), (0, 0));
}

#[test]
fn acceptance_03_a_written_one_sets_ep_and_neither_a_zero_nor_a_stop_clears_it() {
    let mut rig = Rig::booted();
    rig.serve(5, 2, MCU_2_APP, 16, &[[D | 64, BUFFER, 0]]);
    rig.write32(EVTPEND, 1 << 5 | 1 << 9);
    rig.write32(EVTPEND, 0);
    assert_eq!(rig.read32(EVTPEND), 1 << 5 | 1 << 9);
    rig.stop(5);
    assert_eq!(rig.read32(EVTPEND), 1 << 5 | 1 << 9);
    rig.start(5);
    rig.run_until_idle();
    assert_eq!((rig.read32(EVTPEND), rig.port().taken.len()), (1 << 9, 0), "the script's done 4 clears its own");
    rig.write32(RESET, 1);
    rig.run(16);
    assert_eq!(rig.read32(EVTPEND), 0);
}

/// One request and then a second edge, with nobody to serve either.
fn two_edges(rig: &mut Rig) {
    for wants in [1, 0, 1] {
        rig.port().wants = wants;
        rig.run(1);
    }
}

#[test]
fn acceptance_04_only_a_second_edge_is_an_error_and_reading_clears_it() {
    let mut rig = Rig::booted();
    rig.write32(CHNENBL + 4 * EVENT, 1 << 5 | 1 << 31);
    rig.request(1);
    rig.run(100);
    assert_eq!((rig.read32(EVTPEND), rig.read32(EVTERRDBG)), (1 << 5 | 1 << 31, 0), "a level is one edge");
    two_edges(&mut rig);
    assert_eq!((rig.read32(EVTERRDBG), rig.read32(EVTERRDBG)), (1 << 5 | 1 << 31, 1 << 5 | 1 << 31));
    assert_eq!((rig.read32(INTR), rig.interrupt()), (0, false), "INTRMASK is 0");
    assert_eq!((rig.read32(EVTERR), rig.read32(EVTERR), rig.read32(EVTERRDBG)), (1 << 5 | 1 << 31, 0, 0));
}

#[test]
fn acceptance_04_an_error_that_is_masked_in_interrupts() {
    let mut rig = Rig::booted();
    rig.write32(CHNENBL + 4 * EVENT, 1 << 5 | 1 << 31);
    rig.write32(INTRMASK, 1 << 5);
    two_edges(&mut rig);
    assert_eq!((rig.read32(INTR), rig.interrupt()), (1 << 5, true));
    rig.write32(INTR, 1 << 5);
    assert_eq!((rig.interrupt(), rig.read32(EVTERR)), (false, 1 << 5 | 1 << 31));
}

#[test]
fn acceptance_04_a_driver_that_sets_ep_twice_makes_no_error() {
    let mut rig = Rig::booted();
    rig.write32(EVTPEND, 1 << 5);
    rig.write32(EVTPEND, 1 << 5);
    assert_eq!(rig.read32(EVTERR), 0);
}

/// A script that is on the core comes to no switch point, and a channel of higher priority waits for it.
#[test]
fn acceptance_12_resched_takes_the_core_clears_itself_and_the_script_goes_on_later() {
    let mut rig = Rig::booted();
    let source: Vec<u32> = (0..0x40).collect();
    rig.put(BUFFER, &source);
    rig.copy(3, 1, &[[D | I | 0x100, BUFFER, BUFFER + 0x3000]]);
    rig.copy(8, 2, &[[D | I | 0x100, BUFFER, BUFFER + 0x8000]]);
    rig.start(3);
    rig.run_up_to(|rig| rig.word(BUFFER + 0x3000 + 0x24) != 0);
    rig.cause(Trouble::Hang { channel: 3 });
    rig.start(8);
    rig.run(100_000);
    assert_eq!((rig.view().current(), rig.mode(8, 0) & D), (Some(3), D));
    rig.write32(RESET, 0b10);
    assert_eq!(rig.read32(RESET), 0, "the switch began within the access");
    rig.run_until_idle();
    assert_eq!((rig.mode(3, 0) & (D | R), rig.mode(8, 0) & (D | R)), (0, 0));
    assert_eq!((rig.words(BUFFER + 0x3000, 0x40), rig.words(BUFFER + 0x8000, 0x40)), (source.clone(), source));
}

#[test]
fn acceptance_12_the_lock_is_sticky_and_a_reset_clears_it_only_if_that_was_allowed() {
    for (lock, chn0addr_after) in [(0b01, 0x50), (0b11, 0x4050)] {
        let mut rig = Rig::booted();
        rig.write32(SDMA_LOCK, lock);
        for (register, value) in [(SDMA_LOCK, 0), (CHN0ADDR, 0x1234), (ILLINSTADDR, 5), (0x040, 1)] {
            let before = rig.read32(register);
            rig.write32(register, value);
            assert_eq!(rig.read32(register), before, "{register:#05x}");
        }
        assert_eq!(rig.read32(SDMA_LOCK), lock);
        rig.write32(RESET, 1);
        assert_eq!(rig.read32(RESET), 1, "held for 16 cycles");
        rig.run(16);
        assert_eq!((rig.read32(RESET), rig.read32(CHN0ADDR), rig.read32(ONCE_STAT)), (0, 0x50, 0xE000));
        rig.write32(CHN0ADDR, 0x4050);
        assert_eq!(rig.read32(CHN0ADDR), chn0addr_after);
    }
}

#[test]
fn acceptance_13_the_48th_request_is_bit_15_of_the_upper_words() {
    for (word, is_served) in [(2, true), (3, false)] {
        let mut rig = Rig::booted();
        rig.port().lines = 1 << 47;
        rig.write32(CHNENBL + 4 * 47, 1 << 5);
        rig.set_priority(5, 2);
        let mut context = Rig::context(MCU_2_APP, 16);
        (context[2], context[3]) = (0, 0);
        context[word] = 1 << 15;
        rig.set_data(2048 + 32 * 5, &context);
        rig.chain(5, &[[D | 16, BUFFER, 0]]);
        rig.start(5);
        rig.request(4);
        rig.run_until_idle();
        assert_eq!(rig.port().taken.len() == 4, is_served, "r0 looks at EVENTS2, r1 at EVENTS");
        assert_eq!((rig.read32(EVT_MIRROR), rig.read32(EVT_MIRROR2), rig.read32(EVT_MIRROR2)), (0, 1 << 15, 0));
    }
}
