//! The walk along the descriptors: CONT, WRAP, INTR, DONE, and errors.

use alloc::boxed::Box;
use alloc::vec;

use crate::machine::{Machine, Step};
use crate::script::table::{ScriptKind, Scripts};
use crate::script::testing::{BDS, C, CCBS, D, DEVICE, Fake, I, MEMORY, R, W};

const BUFFER: u32 = MEMORY + 0x1000;
/// An address where there is nothing.
const HOLE: u32 = 0x4000_0000;

fn playback() -> Fake {
    let mut fake = Fake::new(&Scripts::imx6(), ScriptKind::Mcu2Shp);
    for n in 0..0x400 {
        fake.set_word(BUFFER + 4 * n, n);
    }
    fake
}

/// A chain of three: each BD handed back with its count, an interrupt only where it was asked for, and in the end HE given up
/// with the control block at the BD after the last.
#[test]
fn a_chain_is_walked_to_the_bd_without_cont() {
    let mut fake = playback();
    fake.chain(&[
        [16 | D | C, BUFFER, 0],
        [8 | D | C | I, BUFFER + 16, 0],
        [4 | D | I, BUFFER + 24, 0],
        [8 | D, BUFFER, 0],
    ]);
    let steps = fake.run();
    assert_eq!(fake.values(), vec![0, 1, 2, 3, 4, 5, 6]);
    assert_eq!([fake.mode(0), fake.mode(1), fake.mode(2), fake.mode(3)], [16 | C, 8 | C | I, 4 | I, 8 | D]);
    assert_eq!((fake.interrupts(), fake.current()), (2, BDS + 36));
    assert_eq!(steps, vec![Step::Yield, Step::Yield, Step::Yield, Step::Yield, Step::ClearHe]);
}

/// After WRAP comes the first BD again; it has no DONE any more, so the chain ends there, and for that there is no interrupt.
#[test]
fn a_bd_without_done_ends_the_chain_in_silence() {
    let mut fake = playback();
    fake.chain(&[[8 | D | C | I, BUFFER, 0], [8 | D | C | I | W, BUFFER + 8, 0]]);
    fake.run();
    assert_eq!(fake.values(), vec![0, 1, 2, 3]);
    assert_eq!((fake.interrupts(), fake.current()), (2, BDS));
}

/// The next start reads the control block anew, not what the script remembers.
#[test]
fn a_restart_reads_the_control_block_again() {
    let mut fake = playback();
    fake.chain(&[[8 | D, BUFFER, 0], [8 | D, BUFFER + 8, 0], [8 | D, BUFFER + 16, 0]]);
    fake.run();
    fake.set_word(CCBS + 16 * 3, BDS + 24);
    fake.switch_out_and_in();
    fake.run();
    assert_eq!(fake.values(), vec![0, 1, 4, 5]);
    assert_eq!(fake.mode(1), 8 | D);
}

/// Started with nothing to do it gives up its HE at once, and finds the work that is there at the next start.
#[test]
fn a_start_with_no_work_is_given_up() {
    let mut fake = playback();
    assert_eq!(fake.step(), Step::ClearHe, "no BD in the control block");
    fake.chain(&[[8, BUFFER, 0]]);
    assert_eq!(fake.step(), Step::ClearHe, "the BD is not the engine's");
    assert_eq!((fake.mode(0), fake.interrupts()), (8, 0));
    fake.chain(&[[8 | D, BUFFER, 0]]);
    fake.run();
    assert_eq!(fake.values(), vec![0, 1]);
}

/// Control blocks that cannot be read are no work either, and no harm for later.
#[test]
fn control_blocks_in_nowhere_are_no_work() {
    let mut fake = playback();
    fake.chain(&[[8 | D, BUFFER, 0]]);
    fake.mc0ptr = HOLE;
    assert_eq!(fake.run(), vec![Step::ClearHe]);
    fake.mc0ptr = CCBS;
    assert_eq!(fake.run(), vec![Step::Yield, Step::ClearHe]);
    fake.chain(&[[8 | D, BUFFER, 0]]);
    fake.set_word(CCBS + 16 * 3, HOLE);
    assert_eq!((fake.run(), fake.mode(0)), (vec![Step::ClearHe], 8 | D), "nor is a BD in nowhere");
    fake.chain(&[[8 | D, BUFFER, 0]]);
    assert_eq!((fake.run().len(), fake.mode(0)), (2, 8));
}

/// What is left over at the end of a BD and makes no item is skipped, not waited for without end.
#[test]
fn a_rest_that_makes_no_item_is_skipped() {
    let mut fake = playback();
    fake.chain(&[[10 | D, BUFFER, 0]]);
    for step in [Step::Yield, Step::Yield, Step::ClearHe] {
        assert_eq!(fake.step(), step);
    }
    assert_eq!((fake.mode(0), fake.values()), (10, vec![0, 1]));
}

/// An empty BD is handed back at once, in its turn, and no request is waited for.
#[test]
fn an_empty_bd_is_closed_and_passed() {
    let mut fake = playback();
    fake.chain(&[[D | C | I, BUFFER, 0], [8 | D, BUFFER, 0]]);
    fake.events = Box::new(|_| 0);
    assert_eq!(fake.step(), Step::ClearEp);
    assert_eq!((fake.mode(0), fake.mode(1), fake.interrupts()), (C | I, 8 | D, 1));
    fake.events = Box::new(|_| 1 << 5);
    fake.run();
    assert_eq!((fake.mode(1), fake.values()), (8, vec![0, 1]));
}

/// With the line low it clears EP and sleeps; the next time it looks again before it moves anything.
#[test]
fn without_a_request_nothing_moves() {
    let mut fake = playback();
    fake.chain(&[[8 | D, BUFFER, 0]]);
    fake.events = Box::new(|_| !(1 << 5));
    for _ in 0..3 {
        assert_eq!(fake.step(), Step::ClearEp);
    }
    assert!(fake.given.is_empty());
    fake.events = Box::new(|_| 1 << 5);
    assert_eq!(fake.step(), Step::Yield);
    assert_eq!(fake.values(), vec![0, 1]);
}

/// A line above 31 is looked at through the second mask, and one of 31 to 0 is none of its business.
#[test]
fn the_second_mask_is_for_the_lines_from_32_on() {
    let mut fake = playback();
    fake.regs.r[0] = 1 << 15;
    fake.regs.r[1] = 0;
    fake.chain(&[[8 | D, BUFFER, 0]]);
    fake.events = Box::new(|_| 1 << 15);
    assert_eq!(fake.step(), Step::ClearEp);
    fake.events = Box::new(|_| 1 << 47);
    assert_eq!(fake.step(), Step::Yield);
}

/// A buffer that ends in nowhere: R, the count of what was moved before, an interrupt if asked for, and on with the next BD.
#[test]
fn an_error_in_memory_closes_the_bd_with_what_was_done() {
    let mut fake = playback();
    let end = MEMORY + 0x4000;
    fake.chain(&[[64 | D | C | I, end - 20, 0], [64 | D | C, HOLE, 0], [8 | D, BUFFER, 0]]);
    fake.run();
    assert_eq!([fake.mode(0), fake.mode(1), fake.mode(2)], [20 | R | C | I, R | C, 8]);
    assert_eq!(fake.values(), vec![0, 0, 0, 0, 0, 0, 1]);
    assert_eq!(fake.interrupts(), 1);
}

/// The same towards memory, where the count is how far the writes got.
#[test]
fn an_error_on_the_way_to_memory_counts_what_arrived() {
    for kind in [ScriptKind::Shp2Mcu, ScriptKind::App2Mcu] {
        let mut fake = Fake::new(&Scripts::imx6(), kind);
        fake.regs.r[7] = 64;
        fake.chain(&[[64 | D | C | I, MEMORY + 0x4000 - 12, 0], [64 | D | C, HOLE, 0], [8 | D, BUFFER, 0]]);
        fake.run();
        assert_eq!([fake.mode(0), fake.mode(1), fake.mode(2)], [12 | R | C | I, R | C, 8], "{kind:?}");
    }
}

/// A device that refuses: a store says so at once, a posted write one item late.
#[test]
fn an_error_of_the_device_is_seen_when_its_access_is_over() {
    for (kind, count) in [(ScriptKind::Mcu2Shp, 20), (ScriptKind::Mcu2App, 24)] {
        let mut fake = playback();
        fake.regs.pc = Scripts::imx6().entry(kind).unwrap();
        fake.regs.r[7] = 16;
        fake.refused_from = 5;
        fake.chain(&[[64 | D | I, BUFFER, 0]]);
        fake.run();
        assert_eq!((fake.mode(0), fake.interrupts()), (count | R | I, 1), "{kind:?}");
        assert_eq!(fake.regs().ps & 0x300, 0, "the unit is usable again");
    }
}

/// The last write of a burst is waited for: that it failed is not lost.
#[test]
fn an_error_of_the_last_write_is_collected() {
    let mut fake = playback();
    fake.regs.pc = Scripts::imx6().entry(ScriptKind::Mcu2App).unwrap();
    fake.refused_from = 3;
    fake.regs.r[7] = 16;
    fake.chain(&[[16 | D, BUFFER, 0]]);
    fake.run();
    assert_eq!(fake.mode(0), 16 | R);
}

/// A device that cannot be read: what came before is in memory and counted.
#[test]
fn an_error_of_a_read_device_keeps_what_came_before() {
    for kind in [ScriptKind::Shp2Mcu, ScriptKind::App2Mcu] {
        let mut fake = Fake::new(&Scripts::imx6(), kind);
        let mut left = 3;
        fake.answer = Box::new(move |_| {
            left -= 1;
            (left >= 0).then_some(7)
        });
        fake.regs.r[7] = 32;
        fake.chain(&[[32 | D, BUFFER, 0]]);
        fake.run();
        assert_eq!(fake.mode(0), 12 | R, "{kind:?}");
        assert_eq!([fake.word(BUFFER + 8), fake.word(BUFFER + 12)], [7, 0]);
    }
}

/// The context while it waits in the middle of a BD holds what the register table of the walk says.
#[test]
fn a_waiting_context_holds_what_the_reference_says() {
    let mut fake = playback();
    fake.regs.r[0] = 1 << 3;
    fake.chain(&[[4 | D | C, BUFFER, 0], [20 | D, BUFFER + 4, 0]]);
    assert_eq!((fake.step(), fake.step()), (Step::Yield, Step::Yield));
    fake.events = Box::new(|_| 0);
    assert_eq!(fake.step(), Step::ClearEp);
    let words = fake.regs.to_words();
    assert_eq!(words[3..10], [1 << 5, CCBS + 48, 0x0860, 20 | D, 12, 0x7000, 8]);
    assert_eq!(
        (words[2], words[11], words[12] & 0x3F),
        (0, BUFFER + 12, 0),
        "no items left, MSA at the next byte, FIFO empty"
    );
    let window = 0xA000 | DEVICE & 0xFFF;
    assert_eq!(fake.scratch_words(), [CCBS + 48, BDS + 12, 1 << 3, 8, 0, 12, BUFFER + 4, window]);
}
