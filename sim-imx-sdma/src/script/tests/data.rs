//! Each script moves what it should, at each width.

use alloc::boxed::Box;
use alloc::vec;
use alloc::vec::Vec;

use crate::bus::Width;
use crate::machine::Step;
use crate::script::table::{Firmware, ScriptKind, Scripts};
use crate::script::testing::{BDS, D, DEVICE, Fake, I, MEMORY, R};

const BUFFER: u32 = MEMORY + 0x1000;

/// The command bits of a mode word for items of so many bytes.
fn command(width: u32) -> u32 {
    (width & 3) << 24
}

fn scripts() -> Scripts {
    Scripts::imx6().with_firmware(Firmware::Imx6V3_5)
}

/// A machine with bytes 1, 2, 3 ... in the buffer.
fn with_data(kind: ScriptKind) -> Fake {
    let mut fake = Fake::new(&scripts(), kind);
    let bytes: Vec<u8> = (1..=240).collect();
    fake.set_bytes(BUFFER - 1, &bytes);
    fake
}

/// Items of so many bytes out of memory that counts.
fn items(from: u32, width: u32, n: u32) -> Vec<u32> {
    (0..n).map(|n| (0..width).fold(0, |value, byte| value | (from + n * width + byte) << (8 * byte))).collect()
}

/// Memory to device: in order, whole, packed items of three bytes put together, from any alignment.
#[test]
fn memory_arrives_at_the_device_at_each_width() {
    for kind in [ScriptKind::Mcu2App, ScriptKind::Mcu2Shp] {
        for width in 1..=4 {
            for skew in 0..4 {
                for watermark in [width, 4 * width, 40 * width] {
                    let mut fake = with_data(kind);
                    fake.regs.r[7] = watermark;
                    let len = 13 * width;
                    fake.chain(&[[command(width) | len | D | I, BUFFER + skew, 0]]);
                    let steps = fake.run();
                    assert_eq!(fake.values(), items(2 + skew, width, 13), "{kind:?} {width} {skew} {watermark}");
                    assert_eq!(steps.len() as u32, len.div_ceil(watermark) + 1, "a `done 0` a burst, one `done 2`");
                    assert_eq!((fake.mode(0), fake.interrupts()), (command(width) | len | I, 1));
                    let access = match (kind, width) {
                        (ScriptKind::Mcu2App, 1) => Width::One,
                        (ScriptKind::Mcu2App, 2) => Width::Two,
                        _ => Width::Four,
                    };
                    assert!(fake.given.iter().all(|given| (given.0, given.1) == (DEVICE, access)));
                }
            }
        }
    }
}

/// Device to memory, likewise, and not a byte beside.
#[test]
fn the_device_arrives_in_memory_at_each_width() {
    for kind in [ScriptKind::App2Mcu, ScriptKind::Shp2Mcu] {
        for width in 1..=4 {
            for (skew, burst) in (0..4).flat_map(|skew| [(skew, 5), (skew, 40)]) {
                let mut fake = with_data(kind);
                let len = 13 * width;
                fake.regs.r[7] = burst * width;
                fake.chain(&[[command(width) | len | D, BUFFER + skew, 0]]);
                fake.run();
                let arrived: Vec<u8> = (1..=13)
                    .flat_map(|n: u32| (0x0101_0100 + n).to_le_bytes().into_iter().take(width as usize))
                    .collect();
                assert_eq!(fake.bytes(BUFFER + skew, len as usize), arrived, "{kind:?} {width} {skew}");
                assert_eq!(fake.bytes(BUFFER + skew - 1, 1), [skew as u8 + 1]);
                assert_eq!(fake.bytes(BUFFER + skew + len, 1), [(skew + len) as u8 + 2]);
                assert_eq!(fake.mode(0), command(width) | len);
            }
        }
    }
}

/// Memory is read a burst ahead, in words where it can be, and not a byte farther than the burst goes.
#[test]
fn memory_is_fetched_in_words_and_no_farther_than_the_burst() {
    let word = |n: u32| (BUFFER + 4 * n, Width::Four);
    for (kind, width, burst, skew, expected) in [
        (ScriptKind::Mcu2App, 2, 16, 0, (0..4).map(word).collect::<Vec<_>>()),
        (ScriptKind::Mcu2Ssish, 2, 16, 0, (0..4).map(word).collect()),
        (ScriptKind::Mcu2Shp, 2, 6, 2, vec![(BUFFER + 2, Width::Two), word(1)]),
        (
            ScriptKind::Mcu2Shp,
            1,
            4,
            3,
            vec![(BUFFER + 3, Width::One), (BUFFER + 4, Width::Two), (BUFFER + 6, Width::One)],
        ),
        (ScriptKind::Mcu2App, 3, 36, 0, (0..9).map(word).collect()),
    ] {
        let mut fake = with_data(kind);
        fake.regs.r[7] = burst;
        fake.chain(&[[command(width) | 96 | D, BUFFER + skew, 0]]);
        assert_eq!(fake.step(), Step::Yield);
        fake.read.retain(|(address, _)| *address >= BUFFER);
        assert_eq!(fake.read, expected, "{kind:?} {width}");
    }
}

/// Memory to memory at every alignment of both sides; it waits for nothing and gives way after each burst.
#[test]
fn memory_is_copied_from_any_alignment_to_any() {
    let to = MEMORY + 0x2000;
    for (from, into) in (0..4).flat_map(|from| (0..4).map(move |into| (from, into))) {
        let mut fake = with_data(ScriptKind::Ap2Ap);
        fake.events = Box::new(|_| 0);
        fake.chain(&[[77 | D | I, BUFFER + from, to + into]]);
        assert_eq!(fake.run(), vec![Step::Yield, Step::Yield, Step::Yield, Step::ClearHe]);
        let copied: Vec<u8> = (from as u8 + 2..).take(77).collect();
        assert_eq!(fake.bytes(to + into, 77), copied);
        assert_eq!((fake.bytes(to + into - 1, 1), fake.bytes(to + into + 77, 1)), (&[0][..], &[0][..]));
        assert_eq!(fake.mode(0), 77 | I);
    }
}

/// A copy into nowhere, and one out of nowhere, count the bytes that arrived.
#[test]
fn a_copy_that_fails_counts_what_arrived() {
    let end = MEMORY + 0x4000;
    let mut fake = with_data(ScriptKind::Ap2Ap);
    fake.chain(&[[77 | D, BUFFER, end - 41]]);
    fake.run();
    assert_eq!((fake.mode(0), fake.bytes(end - 1, 1)), (41 | R, &[42][..]));
    let mut fake = with_data(ScriptKind::Ap2Ap);
    fake.set_bytes(end - 41, &[9; 41]);
    fake.chain(&[[77 | D, end - 41, BUFFER]]);
    fake.run();
    assert_eq!((fake.mode(0), fake.bytes(BUFFER + 40, 2)), (41 | R, &[9, 43][..]));
}

/// Two FIFOs take turns, in pairs; the SPDIF's left and right do, too.
#[test]
fn two_fifos_take_turns() {
    for width in 1..=4 {
        for kind in [ScriptKind::Mcu2Ssish, ScriptKind::Mcu2Spdif] {
            let mut fake = with_data(kind);
            fake.regs.r[7] = 4 * width;
            fake.chain(&[[command(width) | (12 * width) | D, BUFFER, 0]]);
            fake.run();
            assert_eq!(fake.values(), items(2, width, 12), "{kind:?} {width}");
            assert!(fake.given.iter().enumerate().all(|(n, given)| given.0 == DEVICE + n as u32 % 2 * 4));
        }
        for kind in [ScriptKind::Ssish2Mcu, ScriptKind::Spdif2Mcu] {
            let mut fake = with_data(kind);
            fake.answer = Box::new(|address| Some(address - DEVICE + 0x0A0A_0A0A));
            fake.regs.r[7] = 4 * width;
            fake.chain(&[[command(width) | (12 * width) | D, BUFFER, 0]]);
            fake.run();
            let pair: Vec<u8> = [0x0A0A_0A0A_u32, 0x0A0A_0A0E]
                .iter()
                .flat_map(|v| v.to_le_bytes()[..width as usize].to_vec())
                .collect();
            assert_eq!(fake.bytes(BUFFER, 12 * width as usize), pair.repeat(6), "{kind:?} {width}");
        }
    }
}

/// Too little for one pair is an error, not an endless loop.
#[test]
fn half_a_pair_is_an_error() {
    for kind in [ScriptKind::Mcu2Ssish, ScriptKind::Ssish2Mcu] {
        let mut fake = with_data(kind);
        fake.chain(&[[12 | D, BUFFER, 0]]);
        fake.run();
        assert_eq!(fake.mode(0), 8 | R, "{kind:?}");
        let mut fake = with_data(kind);
        fake.regs.r[7] = 4;
        fake.chain(&[[16 | D, BUFFER, 0]]);
        fake.run();
        assert_eq!(fake.mode(0), R, "{kind:?}");
    }
}

/// Several FIFOs of an SAI, with words left out between them and more than one word each. The count left is what remains.
#[test]
fn an_sai_burst_goes_round_its_fifos() {
    let r7 = |fifos: u32, left_out: u32, words: u32| 48 | fifos << 12 | left_out << 16 | (words - 1) << 28;
    for (fifos, left_out, words, offsets) in [
        (3, 0, 1, [0, 4, 8, 0, 4, 8, 0, 4, 8, 0, 4, 8]),
        (2, 1, 2, [0, 0, 8, 8, 0, 0, 8, 8, 0, 0, 8, 8]),
        (0, 0, 1, [0; 12]),
    ] {
        let mut fake = with_data(ScriptKind::Mcu2Sai);
        fake.regs.r[7] = r7(fifos, left_out, words);
        fake.chain(&[[96 | D | I, BUFFER, 0]]);
        fake.run();
        assert_eq!(fake.values(), items(2, 4, 24));
        let at: Vec<u32> = fake.given.iter().map(|given| given.0 - DEVICE).collect();
        assert_eq!(at, offsets.repeat(2));
        assert_eq!(fake.mode(0), I, "nothing remains");

        let mut fake = with_data(ScriptKind::Sai2Mcu);
        fake.answer = Box::new(|address| Some(address - DEVICE));
        fake.regs.r[7] = r7(fifos, left_out, words);
        fake.chain(&[[96 | D, BUFFER, 0]]);
        fake.run();
        let arrived: Vec<u32> = (0..24).map(|n| fake.word(BUFFER + 4 * n)).collect();
        assert_eq!((arrived, fake.mode(0)), (offsets.repeat(2), 0));
    }
}

/// The SAI's count, both ways: what remains after an error, or what was done if so set.
#[test]
fn the_sai_count_is_a_setting() {
    for (scripts, full, failed) in [(scripts(), 0, 84), (scripts().with_sai_counting_what_was_done(), 96, 12)] {
        for kind in [ScriptKind::Sai2Mcu, ScriptKind::Mcu2Sai] {
            let mut fake = with_data(kind);
            fake.scripts = scripts.clone();
            fake.regs.r[7] = 48 | 1 << 12;
            fake.chain(&[[96 | D, BUFFER, 0]]);
            fake.run();
            assert_eq!(fake.mode(0), full, "{kind:?}");
            let mut fake = with_data(kind);
            fake.scripts = scripts.clone();
            fake.regs.r[7] = 48 | 1 << 12;
            fake.chain(&[[96 | D, MEMORY + 0x4000 - 12, 0]]);
            fake.run();
            assert_eq!(fake.mode(0), failed | R, "{kind:?}");
        }
    }
}

/// The ECSPI's script leaves a full FIFO alone, and starts the exchange after each burst, unless told not to.
#[test]
fn the_ecspi_is_waited_for_and_started() {
    let mut fake = with_data(ScriptKind::Mcu2Ecspi);
    fake.answer = Box::new(|address| Some(if address == DEVICE + 0x1C { 0x7F30 } else { 0 }));
    fake.chain(&[[8 | D, BUFFER, 0]]);
    assert_eq!((fake.step(), fake.step()), (Step::Yield, Step::Yield));
    assert!(fake.given.is_empty(), "48 in the FIFO");
    fake.answer = Box::new(|address| Some(if address == DEVICE + 0x1C { 0x7F2F } else { 0x70 }));
    fake.run();
    let [first, second] = items(2, 4, 2)[..] else { unreachable!() };
    let data = [(DEVICE, Width::Four, first), (DEVICE, Width::Four, second)];
    assert_eq!(fake.given, [&data[..], &[(DEVICE + 4, Width::Four, 0x74)]].concat());

    let mut fake = with_data(ScriptKind::Mcu2Ecspi);
    fake.answer = Box::new(|_| Some(0));
    fake.regs.r[7] |= 1 << 31;
    fake.chain(&[[16 | D, BUFFER, 0]]);
    assert_eq!((fake.step(), &fake.given[..]), (Step::Yield, &data[..]), "a burst is 8 bytes still");
}

/// The HDMI script writes one pair of its table at each event and begins anew after the last.
#[test]
fn hdmi_writes_one_pair_an_event() {
    let mut fake = with_data(ScriptKind::HdmiDma);
    for (n, word) in [DEVICE, 11, DEVICE + 4, 22, 0, 0].into_iter().enumerate() {
        fake.set_word(BDS + 4 * n as u32, word);
    }
    fake.regs.r[6] = BDS;
    for _ in 0..4 {
        assert_eq!(fake.step(), Step::ClearEp);
    }
    assert_eq!(fake.given, [(DEVICE, Width::Four, 11), (DEVICE + 4, Width::Four, 22), (DEVICE, Width::Four, 11)]);
    assert_eq!(fake.interrupts(), 4);
}
