//! What a driver loads, as recorded of Linux 6.12: the context and the descriptors of a cyclic playback on SSI1.

use alloc::vec::Vec;

use crate::machine::Step;
use crate::registers::Registers;
use crate::script::table::{ScriptKind, Scripts};
use crate::script::testing::{BDS, CHANNEL, DEVICE, Fake, MEMORY};

const BUFFER: u32 = MEMORY + 0x1000;
const PERIOD: u32 = 1920;

/// Line 38, maxburst 8, width 2, 4 periods of 1920 bytes: the context goes in through channel 0, the periods round and round,
/// and the device gets every sample once, in order, as long as DONE is handed back; when it is not, the engine stops.
#[test]
fn a_cyclic_playback_gives_every_sample_once_in_order() {
    let mut fake = Fake::new(&Scripts::imx6(), ScriptKind::Startup);
    let mut context = [0; 32];
    (context[0], context[2], context[8], context[9]) = (960, 0x40, DEVICE, 0x10);
    for (n, word) in (0..).zip(context) {
        fake.set_word(MEMORY + 0x800 + 4 * n, word);
    }
    fake.channel = 0;
    fake.chain(&[[0x0183_0020, MEMORY + 0x800, 0x0800 + 32 * u32::from(CHANNEL)]]);
    assert_eq!(fake.run(), [Step::ClearHe]);
    assert_eq!((fake.mode(0), fake.interrupts()), (0x0182_0020, 0), "no DONE, and no interrupt that was not asked for");

    fake.channel = CHANNEL;
    let words: Vec<u32> = fake.inside[32 * usize::from(CHANNEL)..][..24].to_vec();
    fake.regs = Registers::from_words(&words.try_into().unwrap());
    fake.events = alloc::boxed::Box::new(|now| (now / 400 % 2) << 38);
    (0..4 * PERIOD / 2).for_each(|n| fake.set_bytes(BUFFER + 2 * n, &(n as u16).to_le_bytes()));
    let modes = [0x028D_0780, 0x028D_0780, 0x028D_0780, 0x028F_0780];
    let bds: Vec<[u32; 3]> = (0..4).map(|n| [modes[n as usize], BUFFER + n * PERIOD, 0]).collect();
    fake.chain(&bds);
    let mut taken = 0;
    loop {
        match fake.step() {
            Step::ClearHe => break,
            _ => fake.now += 100,
        }
        fake.switch_out_and_in();
        if fake.interrupts() > taken && taken < 6 {
            let bd = taken % 4;
            assert_eq!(fake.mode(bd as u32), modes[bd] & !0x1_0000, "handed back with its whole count");
            fake.set_word(BDS + 12 * bd as u32, modes[bd]);
            taken += 1;
        }
    }
    let all = 4 * PERIOD / 2;
    let expected: Vec<u32> = (0..all).cycle().take(10 * all as usize / 4).collect();
    assert!(fake.values() == expected, "ten periods: four, and the six that were handed back");
    assert_eq!((fake.interrupts(), fake.current()), (10, BDS + 24));
}
