//! The UART's scripts: characters by watermark, the BD closed early when the line falls silent or a character is bad.

use alloc::boxed::Box;
use alloc::collections::VecDeque;
use alloc::sync::Arc;
use alloc::vec::Vec;

use core::cell::Cell;
use core::sync::atomic::{AtomicU32, Ordering};

use crate::bus::Width;
use crate::machine::Step;
use crate::script::table::{ScriptKind, Scripts};
use crate::script::testing::{C, D, DEVICE, Fake, I, MEMORY, R};

const BUFFER: u32 = MEMORY + 0x1000;
const BOTH: [ScriptKind; 2] = [ScriptKind::Uart2Mcu, ScriptKind::Uartsh2Mcu];

/// A UART with these characters in its FIFO and a watermark of 8.
fn receiving(kind: ScriptKind, characters: impl IntoIterator<Item = u32>) -> Fake {
    let mut fake = Fake::new(&Scripts::imx6(), kind);
    let mut fifo: VecDeque<u32> = characters.into_iter().collect();
    fake.answer = Box::new(move |address| match address - DEVICE {
        0x94 => Some(u32::from(fifo.len() >= 8) << 9 | 1 << 8),
        0x98 => Some(u32::from(!fifo.is_empty()) | 1 << 12),
        0 => Some(fifo.pop_front().expect("a character")),
        _ => None,
    });
    fake
}

/// Two watermarks and a rest of three: 19 characters, then the BD is closed with the count 19 and its interrupt, and the next one
/// is ready to take what comes. The flags of the silence are cleared, and nothing else is written.
#[test]
fn silence_closes_the_bd_with_what_is_there() {
    for kind in BOTH {
        let mut fake = receiving(kind, 1..=19);
        let looks = Cell::new(0);
        fake.events = Box::new(move |_| {
            looks.set(looks.get() + 1);
            u64::from(looks.get() <= 3) << 5
        });
        fake.chain(&[[64 | D | C | I, BUFFER, 0], [64 | D | C | I, BUFFER + 64, 0]]);
        assert_eq!((fake.step(), fake.step()), (Step::Yield, Step::Yield));
        assert!(fake.given.is_empty());
        assert_eq!(fake.step(), Step::ClearEp);
        assert_eq!(([fake.mode(0), fake.mode(1)], fake.interrupts()), ([19 | C | I, 64 | D | C | I], 1), "{kind:?}");
        assert_eq!(fake.bytes(BUFFER, 20), (1..=19).chain([0]).collect::<Vec<u8>>());
        assert_eq!(fake.given, [(DEVICE + 0x94, Width::Four, 1 << 8), (DEVICE + 0x98, Width::Four, 1 << 12)]);
        assert_eq!(fake.regs.mda, BUFFER + 64, "the next BD");
    }
}

/// A silence of exactly what the BD has room for closes it full.
#[test]
fn silence_at_the_end_of_a_bd_closes_it_full() {
    for kind in BOTH {
        let mut fake = receiving(kind, 1..=7);
        fake.chain(&[[5 | D | I, BUFFER, 0]]);
        assert_eq!(fake.run(), [Step::ClearHe]);
        assert_eq!((fake.mode(0), fake.interrupts()), (5 | I, 1));
        assert_eq!(fake.bytes(BUFFER, 6), [1, 2, 3, 4, 5, 0]);
    }
}

/// A watermark that fills the BD closes it like any other script's.
#[test]
fn a_full_bd_is_closed() {
    for kind in BOTH {
        let mut fake = receiving(kind, 1..=30);
        fake.chain(&[[12 | D | C | I, BUFFER, 0], [4 | D, BUFFER + 16, 0]]);
        assert_eq!(fake.run(), [Step::Yield, Step::Yield, Step::Yield, Step::ClearHe]);
        assert_eq!([fake.mode(0), fake.mode(1)], [12 | C | I, 4]);
        assert_eq!(fake.bytes(BUFFER + 11, 6), [12, 0, 0, 0, 0, 13]);
    }
}

/// A character with an error closes the BD before it, with R and bit 24.
#[test]
fn a_bad_character_closes_the_bd() {
    for kind in BOTH {
        let mut fake = receiving(kind, [1, 2, 3, 1 << 14 | 4, 5, 6, 7, 8, 9, 10, 11, 12, 13]);
        fake.chain(&[[64 | D | C | I, BUFFER, 0], [8 | D, BUFFER + 64, 0]]);
        fake.run();
        assert_eq!([fake.mode(0), fake.mode(1)], [3 | R | 1 << 24 | C | I, 8], "{kind:?}");
        assert_eq!((fake.bytes(BUFFER, 4), fake.bytes(BUFFER + 64, 2)), (&[1, 2, 3, 0][..], &[5, 6][..]));
    }
}

/// A UART that is not there ends the BD with R and nothing.
#[test]
fn a_missing_uart_is_an_error() {
    for kind in BOTH {
        let mut fake = receiving(kind, []);
        fake.answer = Box::new(|_| None);
        fake.chain(&[[64 | D | I, BUFFER, 0]]);
        fake.run();
        assert_eq!(fake.mode(0), R | I, "{kind:?}");
    }
}

/// While the FIFO has its watermark, nothing but characters is read after one look at why: the read of URXD is what costs.
#[test]
fn a_watermark_is_taken_without_looking_at_each_character() {
    for kind in BOTH {
        let mut fake = receiving(kind, []);
        let looks = Arc::new(AtomicU32::new(0));
        let counted = looks.clone();
        fake.answer = Box::new(move |address| {
            counted.fetch_add(u32::from(address != DEVICE), Ordering::Relaxed);
            Some(1 << 9)
        });
        fake.chain(&[[64 | D | I, BUFFER, 0]]);
        assert_eq!(fake.step(), Step::Yield);
        assert_eq!((looks.load(Ordering::Relaxed), fake.scratch_words()[5]), (1, 56), "{kind:?}");
    }
}
