//! Items that go to a device in one go are as if they went one by one: with a log they do, so a log must change nothing.

use alloc::vec::Vec;

use crate::bus::{Handle, LogOptions};
use crate::config::{Config, Variant};
use crate::peripheral::{Ssi, SsiLines};
use crate::script::table::{ScriptKind, Scripts};
use crate::sim::{Sdma, Until};
use crate::time::Cycles;
use crate::window::RegisterAccess;

const CCB: u32 = 0x1000_0000;
const BDS: u32 = 0x1000_0400;
const BUFFER: u32 = 0x1000_1000;
const SSI1: u32 = 0x0202_8000;

/// A small generator (xorshift64*).
struct Dice(u64);

impl Dice {
    fn below(&mut self, n: u64) -> u64 {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        (self.0.wrapping_mul(0x2545_F491_4F6C_DD1D) >> 33) % n
    }
}

fn put(sdma: &mut Sdma, address: u32, words: &[u32]) {
    let bytes: Vec<u8> = words.iter().flat_map(|word| word.to_le_bytes()).collect();
    sdma.bus().poke(address, &bytes).expect("there is memory");
}

/// Channels 1 and 2 send and receive, with a ring of three descriptors each that nobody gives back; channel 3 copies for ever.
fn busy(kinds: [ScriptKind; 2], width: u32, rate: u32, is_logged: bool) -> (Sdma, Handle<Ssi>) {
    let mut sdma = Sdma::new(Config::new(Variant::Imx6));
    sdma.bus().add_ram(CCB, 0x1_0000).expect("there is room");
    let ssi = Ssi::new(sdma.clock(), rate, SsiLines::SSI1);
    let ssi = sdma.bus().add_peripheral(SSI1, 0x4000, ssi).expect("there is room");
    if is_logged {
        sdma.bus().start_log(LogOptions::default());
    }
    for event in 0..48 {
        sdma.write32(0x200 + 4 * event, 0);
    }
    for (register, value) in [(0x010, 1 | 1 << 3), (0x05C, 0x4050), (0x038, 0), (0x100, 7), (0x000, CCB)] {
        sdma.write32(register, value);
    }
    sdma.write32(0x00C, 1);
    sdma.run_for(Cycles(200));
    let words: Vec<u32> = (0..0x1000_u32).map(|n| n.wrapping_mul(0x9E37_79B1)).collect();
    put(&mut sdma, BUFFER, &words);
    let scripts = Scripts::imx6();
    let channels = [(kinds[0], SSI1, 38), (kinds[1], SSI1 + 8, 37), (ScriptKind::Ap2Ap, 0, 0)];
    for (channel, (kind, device, event)) in (1..).zip(channels) {
        let base = sdma.view().context_address(channel);
        let mask = if event == 0 { 0 } else { 1 << (event - 32) };
        let entry = u32::from(scripts.entry(kind).expect("it is in ROM"));
        for (word, value) in [(0, entry), (2, mask), (8, device), (9, 8 * width)] {
            (0..32).filter(|n| word == 0 || *n == word).for_each(|n| {
                sdma.plant(base + n, if n == word { value } else { 0 });
            });
        }
        let (channel, bd) = (u32::from(channel), BDS + 0x40 * u32::from(channel));
        put(&mut sdma, CCB + 16 * channel, &[bd, bd]);
        for n in 0..3 {
            let mode = (width & 3) << 24 | 0x0005_0000 | if n == 2 { 1 << 17 } else { 0 };
            let buffer = BUFFER + 0x1000 * channel + 0x400 * n;
            put(&mut sdma, bd + 12 * n, &[mode | 0x300, buffer, buffer + 0x2002]);
        }
        if event != 0 {
            sdma.write32(0x200 + 4 * event, 1 << channel);
        }
        sdma.write32(0x100 + 4 * channel, 4 - channel);
        sdma.write32(0x00C, 1 << channel);
    }
    let now = sdma.now();
    sdma.bus().peripheral(ssi).set_up(now, 8, false);
    sdma.bus().peripheral(ssi).start_tx(now);
    sdma.bus().peripheral(ssi).start_rx(now);
    (sdma, ssi)
}

/// What there is to be seen of it.
fn seen(sdma: &mut Sdma, ssi: Handle<Ssi>) -> impl PartialEq + core::fmt::Debug + use<> {
    let mut memory = alloc::vec![0; 0x8000];
    sdma.bus().peek(CCB, &mut memory).expect("there is memory");
    let (now, lines, next) = (sdma.now(), sdma.bus().lines(), sdma.bus().next_change());
    let view = sdma.view();
    let core = (view.pc(), view.he(), view.ep(), view.runnable(), [1, 2, 3].map(|channel| view.context(channel)));
    let device = alloc::format!("{:?}", sdma.bus().peripheral(ssi));
    (now, lines, next, core, device, memory, sdma.reports().to_vec())
}

/// At rates from one at which nothing happens during a burst to one at which a word leaves while the next one is written, and cut
/// into slices of any length, down to single cycles.
#[test]
fn a_log_changes_nothing() {
    let kinds = [[ScriptKind::Mcu2App, ScriptKind::App2Mcu], [ScriptKind::Mcu2Shp, ScriptKind::Shp2Mcu]];
    for seed in 1..=24 {
        let (kinds, width) = (kinds[seed as usize % 2], 1 + seed as u32 / 2 % 4);
        let rate = [48_000, 441_000, 1_500_000, 4_000_000][seed as usize % 4];
        let mut dice = Dice(seed * 7919);
        let [mut plain, mut logged] = [false, true].map(|is_logged| busy(kinds, width, rate, is_logged));
        for slice in 0..150 {
            let most = [3, 40, 700][dice.below(3) as usize];
            let limit = plain.0.now() + Cycles(1 + dice.below(most));
            for (sdma, _) in [&mut plain, &mut logged] {
                sdma.run_until(Until::Time(limit));
            }
            let [plain, logged] = [&mut plain, &mut logged].map(|(sdma, ssi)| seen(sdma, *ssi));
            assert!(plain == logged, "seed {seed}, slice {slice}");
        }
        assert!(!plain.0.bus().peripheral(plain.1).taken(0).is_empty());
        assert!(!logged.0.bus().log().expect("it was begun").is_empty());
    }
}
