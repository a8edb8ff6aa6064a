//! Items that go to a device in one go are as if they went one by one: with a log they do, so a log must change nothing.

use alloc::vec::Vec;

use crate::bus::{Handle, LogOptions};
use crate::config::{Config, Variant};
use crate::peripheral::{Ssi, SsiLines};
use crate::script::table::{ScriptKind, Scripts};
use crate::sim::{Sdma, Until};
use crate::time::Cycles;
use crate::trouble::Trouble;
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

/// What is tried: scripts that send and receive, their width, how many items at a request that is for eight, and how fast.
#[derive(Clone, Copy, Debug)]
struct Case {
    kinds: [ScriptKind; 2],
    width: u32,
    burst: u32,
    rate: u32,
}

impl Case {
    fn roll(dice: &mut Dice) -> Self {
        let app = [ScriptKind::Mcu2App, ScriptKind::App2Mcu];
        let shp = [ScriptKind::Mcu2Shp, ScriptKind::Shp2Mcu];
        let kinds = if dice.below(2) == 0 { app } else { shp };
        let rate = [48_000, 300_000, 800_000, 2_000_000, 8_000_000][dice.below(5) as usize];
        Self { kinds, width: 1 + dice.below(4) as u32, burst: [8, 13][dice.below(2) as usize], rate }
    }

    /// Gives all descriptors to the SDMA and starts what stands still: two channels on an SSI, and one that copies.
    fn give(self, sdma: &mut Sdma) {
        for (channel, n) in (1..4).flat_map(|channel| [0, 1, 2].map(|n| (channel, n))) {
            let wrap = if n == 2 { 1 << 17 } else { 0 };
            let mode = (self.width & 3) << 24 | 0x000D_0000 | wrap | 0x60;
            let buffer = BUFFER + 0x1000 * channel + 0x400 * n;
            put(sdma, BDS + 0x40 * channel + 12 * n, &[mode, buffer, buffer + 0x2002]);
        }
        let stopped = 0b1110 & !sdma.view().he();
        sdma.write32(0x00C, stopped);
    }

    fn begin(self, is_logged: bool) -> (Sdma, Handle<Ssi>) {
        let mut sdma = Sdma::new(Config::new(Variant::Imx6));
        sdma.bus().add_ram(CCB, 0x1_0000).expect("there is room");
        let ssi = Ssi::new(sdma.clock(), self.rate, SsiLines::SSI1);
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
        let (scripts, [tx, rx]) = (Scripts::imx6(), self.kinds);
        for (channel, kind, device, event) in [(1, tx, SSI1, 38), (2, rx, SSI1 + 8, 37), (3, ScriptKind::Ap2Ap, 0, 0)] {
            let bd = BDS + 0x40 * channel;
            put(&mut sdma, CCB + 16 * channel, &[bd, bd]);
            let mut context = [0; 32];
            context[0] = scripts.entry(kind).expect("it is in ROM").into();
            (context[8], context[9]) = (device, self.burst * self.width);
            if event != 0 {
                context[2] = 1 << (event - 32);
                sdma.write32(0x200 + 4 * event, 1 << channel);
            }
            let base = sdma.view().context_address(channel as u8);
            for (address, word) in (base..).zip(context) {
                sdma.plant(address, word);
            }
            sdma.write32(0x100 + 4 * channel, 4 - channel);
        }
        self.give(&mut sdma);
        let now = sdma.now();
        sdma.bus().peripheral(ssi).set_up(now, 8, false);
        sdma.bus().peripheral(ssi).start_tx(now);
        // Not at the same time, so that their ticks are not either.
        sdma.run_for(Cycles(2));
        let now = sdma.now();
        sdma.bus().peripheral(ssi).start_rx(now);
        (sdma, ssi)
    }
}

/// What there is to be seen of it.
fn seen(sdma: &mut Sdma, ssi: Handle<Ssi>) -> impl PartialEq + use<> {
    let mut memory = alloc::vec![0; 0x8000];
    sdma.bus().peek(CCB, &mut memory).expect("there is memory");
    let (now, lines, next) = (sdma.now(), sdma.bus().lines(), sdma.bus().next_change());
    let view = sdma.view();
    let core = (view.pc(), view.he(), view.ep(), view.runnable(), [1, 2, 3].map(|channel| view.context(channel)));
    let device = alloc::format!("{:?}", sdma.bus().peripheral(ssi));
    (now, lines, next, core, device, memory, sdma.reports().to_vec())
}

/// One of the things that a test may do to it between two slices.
fn disturb(case: Case, sdma: &mut Sdma, what: u64) {
    let descriptor = BDS + 0x40;
    match what {
        0..4 => case.give(sdma),
        4 => sdma.write32(0x024, 2),
        5 => sdma.cause(Trouble::BusError { address: SSI1, len: 12 }),
        6 => sdma.cause(Trouble::BusError { address: BUFFER + 0x2410, len: 4 }),
        7 => sdma.cause(Trouble::WrongCount { descriptor, count: 5 }),
        8..11 => sdma.clear_troubles(),
        11..14 => sdma.write32(0x004, u32::MAX),
        _ => {}
    }
}

/// At rates from one at which nothing happens during a burst to one at which words leave faster than they come, with bursts that
/// fit and such that do not, and cut into slices of any length, down to single cycles.
#[test]
fn a_log_changes_nothing() {
    for seed in 1..=40 {
        let mut dice = Dice(seed * 7919);
        let case = Case::roll(&mut dice);
        let [mut plain, mut logged] = [false, true].map(|is_logged| case.begin(is_logged));
        for slice in 0..200 {
            let most = [3, 40, 700][dice.below(3) as usize];
            let limit = plain.0.now() + Cycles(1 + dice.below(most));
            let until = if dice.below(2) == 0 { Until::Time(limit) } else { Until::Interrupt { limit } };
            let what = dice.below(40);
            for (sdma, _) in [&mut plain, &mut logged] {
                sdma.run_until(until);
                disturb(case, sdma, what);
            }
            let [plain, logged] = [&mut plain, &mut logged].map(|(sdma, ssi)| seen(sdma, *ssi));
            assert!(plain == logged, "seed {seed}, slice {slice}: {case:?}");
        }
        let fifo = logged.0.bus().peripheral(logged.1).tx().fifo(0).expect("there is one");
        let written = fifo.count() + fifo.level() as u64 + fifo.overruns();
        let entries = logged.0.bus().log().expect("it was begun").iter();
        let entries = entries.filter(|access| access.address == SSI1 && !access.is_error).count() as u64;
        assert!(written >= 8 && entries == written, "each by itself: {entries} of {written}");
    }
}
