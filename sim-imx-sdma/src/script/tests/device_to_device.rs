//! `per_2_per`: both requests, both buses, pads, FIFOs that take turns, CONT.

use alloc::boxed::Box;
use alloc::vec;
use alloc::vec::Vec;

use crate::machine::Step;
use crate::script::table::{ScriptKind, Scripts};
use crate::script::testing::{C, D, DEVICE, Fake, I, MEMORY, R};

/// An ASRC on the shared peripheral bus (window 0xD000), and what is not on it as seen from the script.
const SOURCE: u32 = 0x0203_4060;
const PS: u32 = 1 << 8;
const PA: u32 = 1 << 9;
const SPDIF: u32 = 1 << 10;
const SP: u32 = 1 << 11;
const DP: u32 = 1 << 12;
const CONT: u32 = 1 << 31;

fn ring(r7: u32) -> Fake {
    let scripts = Scripts::imx6().with_ram(ScriptKind::Per2Per, 6331);
    let mut fake = Fake::new(&scripts, ScriptKind::Per2Per);
    fake.regs.r[0] = 1 << 17;
    fake.regs.r[1] = 1 << 6;
    fake.regs.r[2] = SOURCE;
    fake.regs.r[7] = r7;
    fake.events = Box::new(|_| 1 << 17 | 1 << 6);
    let mut count = 0;
    fake.answer = Box::new(move |address| {
        count += 1;
        Some((address - SOURCE) << 16 | count)
    });
    fake
}

/// Each side on the shared peripheral bus or past it; the BD counts words, and so does LWML.
#[test]
fn words_go_from_device_to_device_on_either_bus() {
    for r7 in [0, SP, DP, SP | DP] {
        let mut fake = ring(r7 | 4 | 8 << 16);
        fake.chain(&[[10 | D | I, MEMORY + 0x1000, 0]]);
        let steps = fake.run();
        assert_eq!(fake.values(), (1..=10).collect::<Vec<_>>(), "{r7:#x}");
        assert!(fake.given.iter().all(|given| given.0 == DEVICE));
        assert_eq!(steps, vec![Step::Yield, Step::Yield, Step::Yield, Step::ClearHe]);
        assert_eq!((fake.mode(0), fake.interrupts()), (10 | I, 1));
    }
}

/// It waits for both requests, wherever the two masks lie.
#[test]
fn both_requests_are_needed() {
    let cases: [(u32, fn(u64) -> u64, fn(u64) -> u64); 4] = [
        (0, |_| 1 << 17, |_| 1 << 17 | 1 << 6),
        (0, |_| 1 << 6, |_| 1 << 17 | 1 << 6),
        (1 << 28, |_| 1 << 17 | 1 << 6, |_| 1 << 49 | 1 << 6),
        (1 << 29, |_| 1 << 17 | 1 << 6, |_| 1 << 17 | 1 << 38),
    ];
    for (flags, not_yet, now) in cases {
        let mut fake = ring(SP | DP | 4 | flags);
        fake.chain(&[[8 | D, MEMORY, 0]]);
        fake.events = Box::new(not_yet);
        assert_eq!((fake.step(), fake.given.len()), (Step::ClearEp, 0));
        fake.events = Box::new(now);
        assert_eq!((fake.step(), fake.given.len()), (Step::Yield, 4));
    }
    let mut fake = ring(SP | DP | 4 | 1 << 30);
    fake.chain(&[[8 | D, MEMORY, 0]]);
    fake.events = Box::new(|_| 1 << 17);
    assert_eq!((fake.step(), fake.given.len()), (Step::Yield, 4), "told to look at LWML's alone");
}

/// With CONT the BD never ends: it keeps its count, is never closed and raises no interrupt, also across switches.
#[test]
fn cont_never_comes_to_its_end() {
    let mut fake = ring(SP | DP | 4 | CONT);
    fake.chain(&[[6 | D | C | I, MEMORY, 0]]);
    for _ in 0..100 {
        assert_eq!(fake.step(), Step::Yield);
        fake.switch_out_and_in();
    }
    assert_eq!(fake.values(), (1..=400).collect::<Vec<_>>());
    assert_eq!((fake.mode(0), fake.interrupts(), fake.scratch_words()[5]), (6 | D | C | I, 0, 6));
}

/// After every N words one of the source is swallowed, one is added at the destination: also across bursts and switches.
#[test]
fn pads_are_swallowed_and_added_after_every_n() {
    for (flags, expected) in [
        (PS, vec![1, 2, 3, 5, 6, 7, 9, 10]),
        (PA, vec![1, 2, 3, 0, 4, 5, 6, 0, 7, 8]),
        (PS | PA, vec![1, 2, 3, 0, 5, 6, 7, 0, 9, 10]),
    ] {
        let mut fake = ring(SP | flags | 3 << 24 | 2);
        fake.chain(&[[8 | D, MEMORY, 0]]);
        while fake.step() == Step::Yield {
            fake.switch_out_and_in();
        }
        assert_eq!(fake.values(), expected, "{flags:#x}");
    }
}

/// In SPDIF mode both sides take turns between two FIFOs, and a burst of odd length does not lose the turn.
#[test]
fn spdif_mode_takes_turns() {
    let mut fake = ring(SP | DP | SPDIF | 3);
    fake.chain(&[[6 | D, MEMORY, 0]]);
    while fake.step() == Step::Yield {
        fake.switch_out_and_in();
    }
    assert_eq!(fake.values(), [1, 4 << 16 | 2, 3, 4 << 16 | 4, 5, 4 << 16 | 6]);
    let at: Vec<u32> = fake.given.iter().map(|given| given.0 - DEVICE).collect();
    assert_eq!(at, [0, 4, 0, 4, 0, 4]);
}

/// A device that refuses ends the BD with the words that were moved.
#[test]
fn a_refusing_device_ends_the_bd() {
    let mut fake = ring(SP | DP | 4);
    fake.refused_from = 5;
    fake.chain(&[[10 | D, MEMORY, 0]]);
    fake.run();
    assert_eq!(fake.mode(0), 5 | R);
}
