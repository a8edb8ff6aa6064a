//! Time cut into slices changes nothing: not the memory, not the device, not the steps nor when they are taken.

use alloc::boxed::Box;
use alloc::vec::Vec;

use crate::machine::{Notify, Step};
use crate::script::table::{Firmware, ScriptKind, Scripts};
use crate::script::testing::{BDS, C, D, DEVICE, Fake, I, MEMORY};

const BUFFER: u32 = MEMORY + 0x1000;

/// A machine that has something to do for a script of each kind, with a line that goes up and down.
fn busy(kind: ScriptKind, width: u32) -> Fake {
    let mut fake = Fake::new(&Scripts::imx6().with_firmware(Firmware::Imx6V3_5), kind);
    let bytes: Vec<u8> = (0..=255).collect();
    fake.set_bytes(BUFFER, &bytes);
    let command = (width & 3) << 24;
    let (ten, seven) = (20 * width, 14 * width);
    let to = MEMORY + 0x2001;
    fake.chain(&[
        [command | ten | D | C | I, BUFFER + 1, to],
        [command | seven | D | C, BUFFER + 100, to + 100],
        [command | 8 | D | I, 0x1000, 0],
    ]);
    fake.regs.r[7] = 6 * width;
    fake.events = Box::new(|now| u64::from(now / 90 % 3 != 0) << 5);
    match kind {
        ScriptKind::Uart2Mcu | ScriptKind::Uartsh2Mcu => {
            let mut n = 0;
            fake.answer = Box::new(move |address| {
                n += 1;
                Some(match address - DEVICE {
                    0x94 => (n & 4) << 7,
                    0x98 => u32::from(n % 7 != 0),
                    _ => n,
                })
            });
        }
        ScriptKind::Per2Per => {
            fake.regs.r[2] = DEVICE + 0x60;
            fake.regs.r[7] = 5 | 3 << 8 | 3 << 24 | 1 << 11;
        }
        ScriptKind::Mcu2Ecspi => {
            let mut n = 0;
            fake.answer = Box::new(move |_| {
                n += 20;
                Some(n % 64)
            });
        }
        ScriptKind::Mcu2Sai | ScriptKind::Sai2Mcu => fake.regs.r[7] |= 3 << 12 | 1 << 28,
        _ => {}
    }
    fake
}

type Seen = (Vec<(u64, Step)>, Vec<(u64, Notify)>, Vec<u8>, Vec<u32>, Vec<u32>);

fn seen(mut fake: Fake, slice: u64) -> Seen {
    let steps = fake.run_in_slices(slice);
    let values = fake.given.iter().flat_map(|given| [given.0, given.2]).collect();
    (steps, fake.notified, fake.memory, fake.inside, values)
}

/// Every script, every width, every length of slice up to longer than anything takes.
#[test]
fn slices_of_every_length_are_as_good_as_one() {
    use ScriptKind::*;
    for kind in [
        Ap2Ap, App2Mcu, Mcu2App, Uart2Mcu, Uartsh2Mcu, Shp2Mcu, Mcu2Shp, Spdif2Mcu, Mcu2Spdif, Mcu2Ssish, Ssish2Mcu,
        Mcu2Sai, Sai2Mcu, Per2Per, Mcu2Ecspi,
    ] {
        for width in 1..=4 {
            let whole = seen(busy(kind, width), u64::MAX);
            assert!(whole.0.len() >= 3, "{kind:?}: {:?}", whole.0);
            for slice in 1..150 {
                assert!(seen(busy(kind, width), slice) == whole, "{kind:?}, width {width}, slices of {slice}");
            }
        }
    }
}

/// Channel 0's commands, likewise, from the startup code on.
#[test]
fn slices_do_not_disturb_channel_0() {
    for command in [0x01, 0x02, 0x04, 0x06, 0x0F, 0x0B] {
        let boot = || {
            let mut fake = Fake::new(&Scripts::imx6(), ScriptKind::Startup);
            fake.channel = 0;
            fake.inside = (0..0x800).map(|n| 0x0101_0101_u32.wrapping_mul(n)).collect();
            (0..20).for_each(|n| fake.set_word(BUFFER + 4 * n, n << 16 | 7));
            fake.chain(&[[command << 24 | 13 | D | I, BUFFER, 0x0E01]]);
            if matches!(command, 4 | 6) {
                fake.set_word(BDS + 8, 0x1801);
            }
            fake
        };
        let whole = seen(boot(), u64::MAX);
        for slice in 1..150 {
            assert!(seen(boot(), slice) == whole, "command {command:#x}, slices of {slice}");
        }
    }
}
