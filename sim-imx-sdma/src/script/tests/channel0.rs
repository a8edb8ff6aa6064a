//! Channel 0's commands, and how the core comes to them after reset.

use alloc::vec::Vec;

use crate::machine::Step;
use crate::script::table::{ScriptKind, Scripts};
use crate::script::testing::{BDS, C, D, Fake, I, MEMORY, R, W};

const BUFFER: u32 = MEMORY + 0x1000;

/// Carries out one command, from reset on, with `data` in the buffer.
fn command(code: u32, count: u32, inside: u32, data: &[u8]) -> Fake {
    let mut fake = booting();
    fake.set_bytes(BUFFER, data);
    fake.chain(&[[code << 24 | count | D | W | I, BUFFER, inside]]);
    assert_eq!(fake.run(), [Step::ClearHe]);
    fake
}

fn booting() -> Fake {
    let mut fake = Fake::new(&Scripts::imx6(), ScriptKind::Startup);
    fake.channel = 0;
    for (n, word) in (0..).zip(&mut fake.inside) {
        *word = 0xAAAA_0000 + n;
    }
    fake
}

fn counting(n: u8) -> Vec<u8> {
    (1..=n).collect()
}

/// A done command: D cleared, INTR because of I, the control block back at the BD because of W.
fn done(fake: &Fake, code: u32, count: u32) {
    assert_eq!(fake.mode(0), code << 24 | count | W | I);
    assert_eq!((fake.interrupts(), fake.current()), (1, BDS));
}

/// SETDM and GETDM: words, at a word address of the data space.
#[test]
fn data_memory_is_set_and_got() {
    let fake = command(0x01, 3, 0x0C05, &counting(16));
    assert_eq!(fake.inside[0x404..0x409], [0xAAAA_0404, 0x0403_0201, 0x0807_0605, 0x0C0B_0A09, 0xAAAA_0408]);
    done(&fake, 0x01, 3);
    let fake = command(0x02, 3, 0x0C05, &[0xEE; 16]);
    let got: Vec<u32> = (0..4).map(|n| fake.word(BUFFER + 4 * n)).collect();
    assert_eq!(got, [0xAAAA_0405, 0xAAAA_0406, 0xAAAA_0407, 0xEEEE_EEEE]);
    done(&fake, 0x02, 3);
}

/// SETPM and GETPM: halfwords at a program address, the even one in the upper half; ragged at both ends.
#[test]
fn program_memory_is_set_and_got() {
    for (at, count, expected) in [
        (0x1800, 4, [0x0201_0403, 0x0605_0807, 0xAAAA_0402]),
        (0x1800, 3, [0x0201_0403, 0x0605_0401, 0xAAAA_0402]),
        (0x1801, 4, [0xAAAA_0201, 0x0403_0605, 0x0807_0402]),
        (0x1801, 1, [0xAAAA_0201, 0xAAAA_0401, 0xAAAA_0402]),
    ] {
        let fake = command(0x04, count, at, &counting(16));
        assert_eq!(fake.inside[0x400..0x403], expected, "{count} at {at:#x}");
        done(&fake, 0x04, count);
    }
    for code in [0x06, 0x08] {
        let fake = command(code, 3, 0x1801, &[0xEE; 16]);
        assert_eq!(fake.bytes(BUFFER, 8), [0x00, 0x04, 0xAA, 0xAA, 0x01, 0x04, 0xEE, 0xEE]);
        done(&fake, code, 3);
    }
}

/// SETCTX and GETCTX: the channel is in the code, the address is not looked at, and the size of a context decides where.
#[test]
fn contexts_are_set_and_got() {
    let fake = command(4 << 3 | 7, 2, 0xFFFF, &counting(8));
    assert_eq!(fake.inside[0x80..0x83], [0x0403_0201, 0x0807_0605, 0xAAAA_0082]);
    done(&fake, 0x27, 2);
    let fake = command(10 << 3 | 3, 2, 0, &[0; 8]);
    assert_eq!((fake.word(BUFFER), fake.word(BUFFER + 4)), (0xAAAA_0140, 0xAAAA_0141));
    let mut fake = booting();
    fake.smsz = false;
    fake.set_bytes(BUFFER, &counting(4));
    fake.chain(&[[0x27 << 24 | 1 | D, BUFFER, 0]]);
    fake.run();
    assert_eq!(fake.inside[96], 0x0403_0201);
}

/// With contexts of 24 words there are no scratch words: the script must not write into the next channel's context.
#[test]
fn small_contexts_are_left_alone() {
    let mut fake = booting();
    fake.smsz = false;
    let before = fake.inside.clone();
    fake.chain(&[[0x02 << 24 | 4 | D, BUFFER, 0x0800]]);
    fake.run();
    assert!(fake.inside == before);
}

/// An unknown command gets R and no interrupt that was not asked for; a chain of commands is carried out to its end.
#[test]
fn an_unknown_command_gets_r() {
    let mut fake = booting();
    fake.chain(&[[0x05 << 24 | 3 | D | C, BUFFER, 0], [0x02 << 24 | 1 | D, BUFFER, 0x0801]]);
    fake.run();
    assert_eq!([fake.mode(0), fake.mode(1)], [0x05 << 24 | R | C, 0x02 << 24 | 1]);
    assert_eq!((fake.interrupts(), fake.word(BUFFER)), (0, 0xAAAA_0001));
}

/// An address inside that is nothing, and one outside: R, and the count of the words before it.
#[test]
fn an_error_counts_the_words_before_it() {
    let mut fake = booting();
    fake.chain(&[
        [0x01 << 24 | 5 | D | C, BUFFER, 0x0FFE],
        [0x01 << 24 | 5 | D | C, MEMORY + 0x4000 - 12, 0x0F00],
        [0x01 << 24 | 5 | D, BUFFER, 0x7000],
    ]);
    fake.run();
    let command = 0x01 << 24 | R;
    assert_eq!([fake.mode(0), fake.mode(1), fake.mode(2)], [command | 2 | C, command | 3 | C, command]);
}

/// It takes time for every word, so a big load holds the core longer.
#[test]
fn a_command_takes_time_for_every_word() {
    let time = |count| command(0x01, count, 0x0C00, &[]).now;
    let (some, more) = (time(100), time(200));
    assert!(more - some >= 100 * 8, "{some} {more}");
}

/// Where an illegal instruction leads, the channel gives up.
#[test]
fn the_trap_gives_up() {
    let mut fake = booting();
    fake.regs.pc = 1;
    assert_eq!((fake.step(), fake.step(), fake.regs.pc), (Step::ClearHe, Step::ClearHe, 1));
}
