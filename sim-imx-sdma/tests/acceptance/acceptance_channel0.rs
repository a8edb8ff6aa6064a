//! Items 7 and 8: channel 0's commands, how they end, and where contexts lie.

use sim_imx_sdma::{Config, RegisterAccess, ReportKind, Variant};

use crate::rig::*;

const SETDM: u32 = 0x0100_0000;
const GETDM: u32 = 0x0200_0000;
const SETPM: u32 = 0x0400_0000;
const GETPM: u32 = 0x0600_0000;
/// As Linux numbers it.
const GETPM_LINUX: u32 = 0x0800_0000;
const CODE: u32 = 0x1800;

const fn setctx(channel: u32) -> u32 {
    (channel << 3 | 0x07) << 24
}

const fn getctx(channel: u32) -> u32 {
    (channel << 3 | 0x03) << 24
}

#[test]
fn acceptance_07_program_memory_is_written_and_read_in_halfwords() {
    for getpm in [GETPM, GETPM_LINUX] {
        let mut rig = Rig::initialised();
        // Five halfwords, at an even and at an odd address.
        for start in [CODE, CODE + 0x101] {
            rig.put(STAGE, &[0x2222_1111, 0x4444_3333, 0xDEAD_5555]);
            assert_eq!(rig.command(SETPM | 5, STAGE, start), SETPM | W | EXTD | 5, "D cleared, the count as it was");
            let program: Vec<_> = (0..5).map(|n| rig.view().program(start as u16 + n)).collect();
            assert_eq!(program, [Some(0x1111), Some(0x2222), Some(0x3333), Some(0x4444), Some(0x5555)]);
            rig.put(STAGE, &[0; 3]);
            assert_eq!(rig.command(getpm | 5, STAGE, start), getpm | W | EXTD | 5);
            assert_eq!(rig.words(STAGE, 3), [0x2222_1111, 0x4444_3333, 0x5555]);
        }
        assert_eq!(rig.view().data(CODE as u16 / 2), Some(0x1111_2222), "the even address is the upper half");
        assert!(!rig.view().is_written(CODE as u16 / 2 + 3), "and no more than that");
    }
}

#[test]
fn acceptance_07_data_memory_is_written_and_read_in_words() {
    let mut rig = Rig::initialised();
    let words: Vec<u32> = (0..50).map(|n| 0x0101_0101 * n).collect();
    rig.put(STAGE, &words);
    assert_eq!(rig.command(SETDM | 50, STAGE, 0xC00), SETDM | W | EXTD | 50);
    assert_eq!(rig.view().data(0xC00 + 49), Some(words[49]));
    assert!(!rig.view().is_written(0xC00 + 50));
    assert_eq!(rig.command(GETDM | 50, BUFFER, 0xC00), GETDM | W | EXTD | 50);
    assert_eq!(rig.words(BUFFER, 51), [words, vec![0]].concat());
}

#[test]
fn acceptance_07_a_context_goes_to_the_channel_in_the_command_whatever_the_address_says() {
    let mut rig = Rig::booted();
    for channel in [1, 4, 10, 31] {
        let context: Vec<u32> = (0..32).map(|n| channel << 16 | n).collect();
        rig.put(STAGE, &context);
        assert_eq!(rig.command(setctx(channel) | 32, STAGE, 0x1234), setctx(channel) | W | EXTD | 32);
        assert_eq!(rig.view().context(channel as u8)[..], context);
        assert_eq!(rig.command(getctx(channel) | 32, BUFFER, 0x1234), getctx(channel) | W | EXTD | 32);
        assert_eq!(rig.words(BUFFER, 32), context);
    }
    assert_eq!([setctx(1), setctx(4), setctx(10)].map(|code| code >> 24), [0x0F, 0x27, 0x57], "the manual's examples");
}

/// Both ways in which drivers see the end of a command: HE falls, and an interrupt if it was asked for.
#[test]
fn acceptance_07_a_command_ends_with_he_and_with_an_interrupt_if_it_was_asked_for() {
    let mut rig = Rig::initialised();
    for asks in [0, I] {
        rig.begin(GETDM | asks | 4, STAGE, 0x0C00);
        assert_eq!((rig.read32(STOP_STAT), rig.read32(INTR)), (1, 0));
        let mode = rig.finish();
        assert_eq!((mode & D, rig.read32(STOP_STAT) & 1), (0, 0));
        assert_eq!((rig.read32(INTR) == 1, rig.interrupt()), (asks != 0, asks != 0));
        assert_eq!(rig.words(CCBS, 2), [BD0, BD0]);
        rig.write32(INTR, 1);
        assert!(!rig.interrupt());
    }
}

#[test]
fn acceptance_07_what_cannot_be_done_is_an_error_with_the_count_of_what_was() {
    let mut rig = Rig::initialised();
    for (mode, buffer, inside, done) in [
        // The last word of data RAM, and one beyond.
        (SETDM | 4, STAGE, 0x0FFE, 2),
        (GETDM | 4, STAGE, 0x03FF, 1),
        // ROM.
        (SETPM | 4, STAGE, 0x0100, 0),
        // No such command.
        (0x0500_0000 | 4, STAGE, 0x0C00, 0),
        // No such memory.
        (SETDM | 4, HOLE, 0x0C00, 0),
    ] {
        let closed = rig.command(mode, buffer, inside);
        assert_eq!(closed & (D | R | 0xFFFF), R | done, "{mode:#010x}");
    }
    assert_eq!(rig.get_data(0x0C00, 1).len(), 1, "channel 0 goes on");
}

#[test]
fn acceptance_07_channel_0_without_a_descriptor_of_its_own_ends_in_silence() {
    let mut rig = Rig::booted();
    rig.put(BD0, &[GETDM | I | 4, STAGE, 0x0C00]);
    rig.write32(HSTART, 1);
    rig.run_until_idle();
    assert_eq!((rig.read32(STOP_STAT), rig.read32(INTR), rig.word(BD0)), (0, 0, GETDM | I | 4));
}

#[test]
fn acceptance_08_contexts_lie_24_or_32_words_apart() {
    for (chn0addr, len) in [(0x0050, 24), (0x4050, 32)] {
        let mut rig = Rig::with(Config::new(Variant::Imx6));
        rig.initialise(chn0addr);
        for channel in [1_u32, 2, 31] {
            let context: Vec<u32> = (1..=len).map(|n| channel << 8 | n).collect();
            rig.put(STAGE, &context);
            assert_eq!(rig.command(setctx(channel) | len, STAGE, 0) & R, 0);
            assert_eq!(rig.get_data(0x0800 + len * channel, len), context, "as data memory");
            assert_eq!(u32::from(rig.view().context_address(channel as u8)), 0x0800 + len * channel);
        }
        // Channel 1 ends where channel 2 begins.
        assert_eq!(rig.get_data(0x0800 + len * 2, 1), [2 << 8 | 1]);
    }
}

/// A channel runs with the context that lies where SMSZ says.
#[test]
fn acceptance_08_a_channel_is_restored_from_where_smsz_says() {
    for (chn0addr, len) in [(0x0050, 24), (0x4050, 32)] {
        let mut rig = Rig::cold();
        rig.initialise(chn0addr);
        rig.write32(EVTOVR, 1 | 1 << 9);
        rig.set_priority(9, 1);
        let mut context = vec![0; len as usize];
        context[0] = AP_2_AP;
        rig.set_data(0x0800 + len * 9, &context);
        rig.chain(9, &[[D | I | 16, BUFFER, BUFFER + 0x100]]);
        rig.put(BUFFER, &[1, 2, 3, 4]);
        rig.start(9);
        rig.run_until_idle();
        assert_eq!((rig.words(BUFFER + 0x100, 4), rig.read32(INTR)), (vec![1, 2, 3, 4], 1 << 9));
        assert_eq!(rig.view().context(9)[0] & 0x3FFF, AP_2_AP + 1, "saved there, too: it will begin at its CCB");
    }
}

/// A channel without a script: an illegal instruction, which leads to ILLINSTADDR.
#[test]
fn a_channel_that_was_given_no_context_is_told() {
    let mut rig = Rig::booted();
    rig.write32(EVTOVR, 1 | 1 << 9);
    rig.set_priority(9, 1);
    rig.start(9);
    rig.run_until_idle();
    assert!(matches!(rig.kinds()[..], [ReportKind::UnwrittenContext { channel: 9, words: 0x00FF_FFFF }, ..]));
    assert_eq!(rig.read32(STOP_STAT), 0);
}
