//! Items 9 and 10: the walk along the descriptors, and how errors end one.

use sim_imx_sdma::bus::LogOptions;
use sim_imx_sdma::{RegisterAccess, Trouble};

use crate::rig::*;

/// 64 bytes of a copy, each from and to a place of its own.
fn piece(n: u32, bits: u32) -> [u32; 3] {
    [bits | 64, BUFFER + 0x40 * n, BUFFER + 0x8000 + 0x40 * n]
}

fn fill(rig: &mut Rig) -> Vec<u32> {
    let words: Vec<u32> = (1..=0x100).collect();
    rig.put(BUFFER, &words);
    words
}

#[test]
fn acceptance_09_cont_goes_on_and_its_absence_stops() {
    let mut rig = Rig::booted();
    let words = fill(&mut rig);
    rig.copy(3, 1, &[piece(0, D | C), piece(1, D | I), piece(2, D)]);
    rig.start(3);
    rig.run_until_idle();
    let modes: Vec<_> = (0..3).map(|n| rig.mode(3, n)).collect();
    assert_eq!(modes, [C | 64, I | 64, D | 64]);
    assert_eq!((rig.current_bd(3), rig.read32(STOP_STAT), rig.read32(INTR)), (2, 0, 1 << 3));
    assert_eq!(rig.words(BUFFER + 0x8000, 48), [&words[..32], &[0; 16]].concat());
}

#[test]
fn acceptance_09_wrap_goes_back_to_the_base() {
    for cont in [C, 0] {
        let mut rig = Rig::booted();
        fill(&mut rig);
        rig.copy(3, 1, &[piece(0, D | C), piece(1, D | W | cont)]);
        rig.start(3);
        rig.run_until_idle();
        assert_eq!((rig.current_bd(3), rig.mode(3, 1), rig.read32(STOP_STAT)), (0, W | cont | 64, 0));
        assert_eq!(rig.word(CCBS + 16 * 3 + 4), Rig::bd(3, 0), "the base stays");
    }
}

#[test]
fn acceptance_09_each_descriptor_interrupts_by_itself() {
    let mut rig = Rig::booted();
    fill(&mut rig);
    rig.copy(3, 1, &[piece(0, D | C | I), piece(1, D | C), piece(2, D | C | I), piece(3, D)]);
    rig.start(3);
    let mut at = Vec::new();
    while rig.view().he() != 0 {
        rig.run_up_to(|rig| rig.interrupt() || rig.view().he() == 0);
        if rig.interrupt() {
            at.push((0..4).filter(|n| rig.mode(3, *n) & D == 0).count());
            rig.write32(INTR, 1 << 3);
        }
    }
    assert_eq!(at, [1, 3], "when the first and the third were closed, and before the next");
}

#[test]
fn acceptance_09_a_descriptor_that_is_not_the_engines_stops_it_in_silence() {
    let mut rig = Rig::booted();
    fill(&mut rig);
    rig.copy(3, 1, &[piece(0, D | C), piece(1, C | I), piece(2, D | I)]);
    rig.start(3);
    rig.run_until_idle();
    assert_eq!((rig.read32(STOP_STAT), rig.read32(INTR), rig.current_bd(3)), (0, 0, 1));
    assert_eq!((rig.mode(3, 1), rig.mode(3, 2)), (C | I | 64, D | I | 64), "neither was touched");
}

/// The driver that was late gives the descriptor back and starts the channel again, without loading a context.
#[test]
fn acceptance_09_a_new_start_reads_the_control_block_anew() {
    let mut rig = Rig::booted();
    fill(&mut rig);
    rig.copy(3, 1, &[piece(0, D | C), piece(1, C)]);
    rig.start(3);
    rig.run_until_idle();
    // Elsewhere than where it stopped.
    rig.put(Rig::bd(3, 5), &piece(7, D | I));
    rig.put(CCBS + 16 * 3, &[Rig::bd(3, 5)]);
    rig.bus().start_log(LogOptions::default());
    rig.start(3);
    rig.run_until_idle();
    assert_eq!((rig.mode(3, 5), rig.mode(3, 1), rig.read32(INTR)), (I | 64, C | 64, 1 << 3));
    let log = rig.bus().stop_log().expect("it was begun");
    assert_eq!(log.iter().next().map(|access| access.address), Some(CCBS + 16 * 3));
}

#[test]
fn acceptance_09_an_empty_descriptor_is_closed_at_once() {
    let mut rig = Rig::booted();
    fill(&mut rig);
    rig.copy(3, 1, &[[D | C | I, HOLE, HOLE], piece(1, D)]);
    rig.start(3);
    rig.run_until_idle();
    assert_eq!((rig.mode(3, 0), rig.mode(3, 1), rig.read32(INTR)), (C | I, 64, 1 << 3));
}

/// Device and memory, each way, with the error after 40 bytes; the descriptor after it is done as if nothing had been.
#[test]
fn acceptance_10_an_error_of_memory_closes_the_descriptor_with_the_count_of_what_was_done() {
    for (script, interrupts) in [(AP_2_AP, I), (AP_2_AP, 0), (MCU_2_APP, I), (APP_2_MCU, I), (MCU_2_SHP, I)] {
        let mut rig = Rig::booted();
        fill(&mut rig);
        let bds = [piece(0, D | C | interrupts), piece(1, D)];
        if script == AP_2_AP {
            rig.copy(3, 1, &bds);
        } else {
            rig.serve(3, 1, script, 16, &bds);
            rig.request(1000);
        }
        rig.cause(Trouble::BusError { address: BUFFER + 40, len: 4 });
        rig.start(3);
        rig.run_until_idle();
        assert_eq!(rig.mode(3, 0), C | interrupts | R | 40, "script {script}");
        assert_eq!((rig.mode(3, 1), rig.read32(STOP_STAT), rig.current_bd(3)), (64, 0, 2));
        assert_eq!(rig.read32(INTR), if interrupts == 0 { 0 } else { 1 << 3 });
    }
}

#[test]
fn acceptance_10_a_buffer_in_a_hole_is_an_error_with_nothing_done() {
    for (source, destination) in [(HOLE, BUFFER), (BUFFER, HOLE)] {
        let mut rig = Rig::booted();
        rig.copy(3, 1, &[[D | I | 64, source, destination]]);
        rig.start(3);
        rig.run_until_idle();
        assert_eq!((rig.mode(3, 0), rig.read32(INTR), rig.read32(STOP_STAT)), (I | R, 1 << 3, 0));
    }
}

#[test]
fn acceptance_10_a_device_that_is_not_there_is_an_error() {
    let mut rig = Rig::booted();
    rig.serve(3, 1, MCU_2_SHP, 16, &[piece(0, D | I)]);
    let mut context = Rig::context(MCU_2_SHP, 16);
    context[8] = DEVICE + 0x8000;
    rig.set_data(2048 + 32 * 3, &context);
    rig.request(100);
    rig.start(3);
    rig.run_until_idle();
    assert_eq!((rig.mode(3, 0), rig.read32(INTR)), (I | R, 1 << 3));
}
