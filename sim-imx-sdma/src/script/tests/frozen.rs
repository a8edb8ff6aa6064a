//! A channel that is stopped while it is off the core, and what a later start makes of it.

use alloc::boxed::Box;

use crate::machine::{Scratch, Step};
use crate::registers::Registers;
use crate::script::table::{ScriptKind, Scripts};
use crate::script::testing::{BDS, C, CCBS, CHANNEL, D, DEVICE, Fake, I, MEMORY};

const OLD: u32 = MEMORY + 0x1000;
const NEW: u32 = MEMORY + 0x2000;

/// A capture, frozen after one burst of 8 bytes; then the driver gives the channel a new BD at another place.
fn frozen(kind: ScriptKind) -> Fake {
    let mut fake = Fake::new(&Scripts::imx6(), kind);
    if matches!(kind, ScriptKind::Uart2Mcu | ScriptKind::Uartsh2Mcu) {
        fake.answer = Box::new(|address| Some(if address == DEVICE { 7 } else { 1 << 9 }));
    }
    fake.chain(&[[24 | D | C | I, OLD, 0]]);
    assert_eq!(fake.step(), Step::Yield);
    fake.switch_out_and_in();
    fake.set_word(BDS + 12, 24 | D | C | I);
    fake.set_word(BDS + 16, NEW);
    fake.set_word(CCBS + 16 * u32::from(CHANNEL), BDS + 12);
    fake
}

/// Started without a fresh context it goes on with the old BD: its buffer, its mode word, and after it the one behind it.
#[test]
fn a_stale_context_goes_on_with_the_old_bd() {
    for kind in [ScriptKind::App2Mcu, ScriptKind::Shp2Mcu, ScriptKind::Uart2Mcu, ScriptKind::Uartsh2Mcu] {
        let mut fake = frozen(kind);
        fake.set_word(BDS, 0);
        assert_eq!((fake.step(), fake.step()), (Step::Yield, Step::Yield), "{kind:?}");
        assert!(fake.word(OLD + 8) != 0 && fake.word(OLD + 20) != 0, "the old buffer is written");
        assert_eq!(fake.word(NEW), 0, "and not the new one");
        assert_eq!(fake.step(), Step::Yield);
        assert_eq!(fake.mode(0), 24 | C | I, "the old BD is written over what is there now, from the private copy");
        assert_eq!(fake.current(), BDS + 12, "and the control block, too");
    }
}

/// The same for a copy and a playback, which read the old buffer.
#[test]
fn a_stale_context_reads_the_old_buffer() {
    for kind in [ScriptKind::Mcu2App, ScriptKind::Mcu2Shp] {
        let mut fake = frozen(kind);
        fake.set_word(OLD + 8, 0x1111);
        fake.set_word(NEW, 0x2222);
        fake.given.clear();
        fake.step();
        assert_eq!(fake.values()[0], 0x1111, "{kind:?}");
    }
}

/// With a fresh context it begins at the control block.
#[test]
fn a_fresh_context_begins_with_the_new_bd() {
    let mut fake = frozen(ScriptKind::App2Mcu);
    let mut words = Registers::default().to_words();
    words[0] = 683;
    (words[3], words[8], words[9]) = (1 << 5, DEVICE, 8);
    fake.regs = Registers::from_words(&words);
    (0x18..0x20).for_each(|word| fake.set_scratch(word, 0));
    fake.run();
    assert_eq!((fake.word(OLD + 8), fake.mode(0)), (0, 24 | D | C | I), "the old BD is left alone");
    assert_ne!(fake.word(NEW + 20), 0);
    assert_eq!(fake.mode(1), 24 | C | I);
}

/// A waiting script that is switched out and in between all its steps moves the same data.
#[test]
fn switches_between_the_steps_change_nothing() {
    for kind in [ScriptKind::App2Mcu, ScriptKind::Mcu2App, ScriptKind::Ap2Ap, ScriptKind::Spdif2Mcu] {
        let [mut once, mut often] = [(), ()].map(|()| {
            let mut fake = Fake::new(&Scripts::imx6(), kind);
            fake.chain(&[[48 | D | C, OLD, NEW], [40 | D, OLD + 48, NEW + 48]]);
            (0..100).for_each(|n| fake.set_word(OLD + 4 * n, n));
            fake.events = Box::new(|now| u64::from(now / 50 % 3 == 0) << 5);
            fake
        });
        once.run();
        loop {
            let step = often.step();
            often.switch_out_and_in();
            often.now += 37;
            if step == Step::ClearHe {
                break;
            }
        }
        assert_eq!((once.memory, once.given), (often.memory, often.given), "{kind:?}");
    }
}
