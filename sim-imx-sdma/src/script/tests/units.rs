//! The burst unit by itself: its FIFO, and when errors show.

use alloc::vec::Vec;

use crate::bus::Width;
use crate::script::burst;
use crate::script::table::{ScriptKind, Scripts};
use crate::script::testing::{Fake, MEMORY};

const BUFFER: u32 = MEMORY + 0x1000;
const HOLE: u32 = 0x4000_0000;
const END: u32 = MEMORY + 0x4000;

fn unit() -> Fake {
    let mut fake = Fake::new(&Scripts::imx6(), ScriptKind::Ap2Ap);
    (0..64).for_each(|n| fake.set_word(BUFFER + 4 * n, 0x0302_0100 + 0x0404_0404 * n));
    fake
}

/// What is put waits until 32 bytes are there or a flush comes; bytes that make no word wait on.
#[test]
fn writes_collect_until_a_burst_is_full() {
    let mut fake = unit();
    burst::set_destination(&mut fake, BUFFER + 1);
    for n in 0..10 {
        burst::put::<_, 3>(&mut fake, 0xAA_AA00 + n).unwrap();
    }
    assert_eq!((fake.word(BUFFER), fake.regs.mda, fake.regs.ms & 0x3F), (0x0302_0100, BUFFER + 1, 30));
    burst::put::<_, 3>(&mut fake, 0xBB_BBBB).unwrap();
    assert_eq!((fake.regs.mda, fake.regs.ms & 0x3F), (BUFFER + 32, 2), "31 are out, 2 make no word");
    assert_eq!((fake.word(BUFFER), fake.bytes(BUFFER + 31, 2)), (0xAAAA_0000, &[0xBB, 32][..]));
    burst::flush(&mut fake).unwrap();
    assert_eq!((fake.bytes(BUFFER + 31, 4), fake.regs.mda), (&[0xBB, 0xBB, 0xBB, 34][..], BUFFER + 34));
}

/// A write that nobody answers fails later: at the put after it, or at the flush; and all fails until the error is cleared.
#[test]
fn a_failed_write_shows_later() {
    let mut fake = unit();
    burst::set_destination(&mut fake, END - 4);
    for n in 0..8 {
        assert!(burst::put::<_, 4>(&mut fake, n).is_ok(), "the one that fills the burst, too");
    }
    assert_eq!((fake.regs.mda, fake.regs.ms >> 8 & 3), (END, 0b10), "where it failed, and that");
    assert!(burst::put::<_, 4>(&mut fake, 0).is_err() && burst::flush(&mut fake).is_err());
    fake.regs.msa = BUFFER;
    assert!(burst::get::<_, 4>(&mut fake, 4).is_err());
    burst::clear_error(&mut fake);
    burst::set_destination(&mut fake, HOLE);
    burst::put::<_, 4>(&mut fake, 0).unwrap();
    assert!(burst::flush(&mut fake).is_err());
}

/// A fetch that fails in the middle delivers what came before, and says with what kind of error.
#[test]
fn a_failed_fetch_delivers_what_came_before() {
    let mut fake = unit();
    burst::set_source(&mut fake, END - 6);
    assert!(burst::get::<_, 2>(&mut fake, 32).is_ok());
    assert_eq!((fake.regs.ms >> 8 & 3, fake.regs.msa), (0b11, END - 4));
    assert!(burst::get::<_, 4>(&mut fake, 30).is_ok());
    assert!(burst::get::<_, 1>(&mut fake, 26).is_err());
    burst::clear_error(&mut fake);
    burst::set_source(&mut fake, HOLE);
    assert!(burst::get::<_, 1>(&mut fake, 1).is_err());
    assert_eq!(fake.regs.ms >> 8 & 3, 0b10);
}

/// A stream goes on over the seams of the fetches, whatever the widths.
#[test]
fn a_stream_has_no_seams() {
    let mut fake = unit();
    burst::set_source(&mut fake, BUFFER + 1);
    let mut next = 1;
    for _ in 0..20 {
        assert_eq!(burst::get::<_, 1>(&mut fake, 100), Ok(next));
        assert_eq!(burst::get::<_, 3>(&mut fake, 99), Ok(0x01_0101 * next + 0x03_0201));
        next += 4;
        assert_eq!(fake.regs.msa, BUFFER + next);
    }
}

/// Turned round without a flush, the unit forgets what it had: written bytes are lost, fetched ones are fetched again.
#[test]
fn turned_round_it_forgets_what_it_had() {
    let mut fake = unit();
    burst::set_source(&mut fake, BUFFER);
    burst::set_destination(&mut fake, BUFFER + 64);
    burst::put::<_, 4>(&mut fake, 0xEEEE_EEEE).unwrap();
    assert_eq!(burst::get::<_, 1>(&mut fake, 8), Ok(0));
    burst::put::<_, 1>(&mut fake, 0xDD).unwrap();
    burst::flush(&mut fake).unwrap();
    assert_eq!(fake.bytes(BUFFER + 64, 2), [0xDD, 65]);
    assert_eq!(burst::get::<_, 1>(&mut fake, 8), Ok(1));
    assert_eq!(burst::copy(&mut fake, 4), Ok(4));
    assert_eq!((fake.bytes(BUFFER + 65, 4), fake.regs.msa), (&[2, 3, 4, 5][..], BUFFER + 6));
}

/// Word-aligned data goes in words.
#[test]
fn accesses_are_as_wide_as_they_can_be() {
    let mut fake = unit();
    burst::set_source(&mut fake, BUFFER + 2);
    burst::get::<_, 1>(&mut fake, 9).unwrap();
    assert_eq!(
        fake.read,
        [(BUFFER + 2, Width::Two), (BUFFER + 4, Width::Four), (BUFFER + 8, Width::Two), (BUFFER + 10, Width::One)]
    );
}

/// Items that are put in one go are as many as make the unit go to the bus with the last of them, and no more.
#[test]
fn there_is_room_up_to_the_item_that_completes_a_burst() {
    fn rooms<const W: usize>() -> Vec<usize> {
        let mut fake = Fake::new(&Scripts::imx6(), ScriptKind::App2Mcu);
        burst::set_destination(&mut fake, MEMORY);
        let mut rooms = Vec::new();
        while fake.bytes(MEMORY, 1) == [0] {
            rooms.push(burst::room::<_, W>(&mut fake));
            burst::put::<_, W>(&mut fake, 0x0101_0101).expect("nothing went wrong");
        }
        rooms
    }
    let down_from = |first: usize| (1..=first).rev().collect::<Vec<_>>();
    assert_eq!([rooms::<1>(), rooms::<2>(), rooms::<3>(), rooms::<4>()], [32, 16, 11, 8].map(down_from));
}
