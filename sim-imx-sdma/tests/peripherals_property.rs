//! Whether the devices' arithmetic is right: each is run beside a twin that is looked at in every single cycle, and the two
//! must agree on when the lines change, and at the end of each stretch on everything.

use std::fmt::Debug;

use sim_imx_sdma::bus::{Peripheral, Width};
use sim_imx_sdma::peripheral::{
    Asrc, AsrcLines, AsrcPair, CharError, Ecspi, EcspiLines, Sai, SaiLines, Spdif, SpdifLines, Ssi, SsiLines, Uart,
    UartLines,
};
use sim_imx_sdma::time::{Clock, Cycles};

/// A small generator, the same on every machine (xorshift64*).
#[derive(Clone)]
struct Dice(u64);

impl Dice {
    fn below(&mut self, n: u64) -> u64 {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        (self.0.wrapping_mul(0x2545_F491_4F6C_DD1D) >> 33) % n
    }
}

/// Runs `rounds` rounds of: predict, let a while pass cycle by cycle, compare, do something to both. Says how many changes
/// were predicted, so that a test can tell that it has tested something.
fn compare<P: Peripheral + Debug>(
    seed: u64,
    rounds: u32,
    make: impl Fn() -> P,
    act: impl Fn(&mut P, Cycles, &mut Dice),
) -> u32 {
    let mut dice = Dice(seed | 1);
    let (mut lazy, mut eager) = (make(), make());
    let mut now = 0;
    let mut changes = 0;
    for round in 0..rounds {
        let (predicted, before) = (lazy.next_change(), lazy.lines());
        let end = now + 1 + dice.below(90);
        let mut changed = None;
        for cycle in now + 1..=end {
            eager.advance(Cycles(cycle));
            if changed.is_none() && eager.lines() != before {
                changed = Some(Cycles(cycle));
            }
        }
        let expected = predicted.filter(|&at| at <= Cycles(end));
        assert_eq!(changed, expected, "seed {seed}, round {round}, cycles {now} to {end}: {lazy:?}");
        changes += u32::from(changed.is_some());
        now = end;
        lazy.advance(Cycles(now));
        assert!(format!("{lazy:?}") == format!("{eager:?}"), "seed {seed}, round {round}, cycle {now}");
        act(&mut lazy, Cycles(now), &mut dice.clone());
        act(&mut eager, Cycles(now), &mut dice);
    }
    changes
}

fn for_each_seed(run: impl Fn(u64) -> u32) {
    let changes: u32 = (1..=12).map(run).sum();
    assert!(changes > 100, "only {changes} changes were seen");
}

fn write_some<P: Peripheral>(device: &mut P, now: Cycles, offsets: &[u32], count: u64) {
    for n in 0..count {
        device.write(now, offsets[n as usize % offsets.len()], Width::Four, n as u32).unwrap();
    }
}

fn read_some<P: Peripheral>(device: &mut P, now: Cycles, offsets: &[u32], count: u64) {
    for n in 0..count {
        device.read(now, offsets[n as usize % offsets.len()], Width::Four).unwrap();
    }
}

/// Rates from one tick in 33 cycles to two ticks in three.
fn rate(seed: u64) -> u32 {
    [300, 441, 480, 1_000, 3_333][seed as usize % 5]
}

const CLOCK: Clock = Clock { hz: 10_007 };

#[test]
fn ssi_lines_change_exactly_when_predicted() {
    for_each_seed(|seed| {
        let act = |ssi: &mut Ssi, now, dice: &mut Dice| match dice.below(12) {
            0 => ssi.set_up(now, 1 + dice.below(15) as u8, dice.below(2) == 0),
            1 => ssi.start_tx(now),
            2 => ssi.start_rx(now),
            3 => ssi.stop_tx(now),
            4 => ssi.stop_rx(now),
            5 => ssi.request_tx(now, true),
            6 => ssi.write(now, 0x34, Width::Four, (dice.below(4) as u32) << 4).unwrap(),
            7 => write_some(ssi, now, &[0], dice.below(16)),
            8 | 9 => write_some(ssi, now, &[0, 4], dice.below(31)),
            10 => read_some(ssi, now, &[8], dice.below(16)),
            _ => read_some(ssi, now, &[8, 12], dice.below(31)),
        };
        compare(seed, 400, || Ssi::new(CLOCK, rate(seed), SsiLines::SSI1), act)
    });
}

#[test]
fn sai_lines_change_exactly_when_predicted() {
    for_each_seed(|seed| {
        let act = |sai: &mut Sai, now, dice: &mut Dice| match dice.below(8) {
            0 => sai.set_up(now, 1 + dice.below(8) as u8, 1 + dice.below(127) as u8),
            1 => sai.start_tx(now),
            2 => sai.start_rx(now),
            3 if dice.below(4) == 0 => sai.stop_tx(now),
            4 if dice.below(4) == 0 => sai.stop_rx(now),
            5 => write_some(sai, now, &[0x20, 0x24], dice.below(150)),
            6 => write_some(sai, now, &[0x20, 0x24, 0x28, 0x2C, 0x30, 0x34, 0x38, 0x3C], dice.below(500)),
            _ => read_some(sai, now, &[0xA0, 0xA4, 0xA8, 0xAC, 0xB0, 0xB4, 0xB8, 0xBC], dice.below(500)),
        };
        compare(seed, 400, || Sai::new(CLOCK, rate(seed), SaiLines { rx: 1, tx: 47 }), act)
    });
}

#[test]
fn spdif_lines_change_exactly_when_predicted() {
    for_each_seed(|seed| {
        let act = |spdif: &mut Spdif, now, dice: &mut Dice| match dice.below(9) {
            0 => spdif.set_up(now, dice.below(4) as u8, dice.below(4) as u8),
            1 => spdif.start_tx(now),
            2 => spdif.start_rx(now),
            3 if dice.below(4) == 0 => spdif.stop_tx(now),
            4 if dice.below(4) == 0 => spdif.stop_rx(now),
            5 => write_some(spdif, now, &[0x2C], dice.below(6)),
            6 => write_some(spdif, now, &[0x2C, 0x30], dice.below(32)),
            7 => read_some(spdif, now, &[0x14], dice.below(6)),
            _ => read_some(spdif, now, &[0x14, 0x18], dice.below(32)),
        };
        compare(seed, 400, || Spdif::new(CLOCK, rate(seed), SpdifLines::IMX6), act)
    });
}

#[test]
fn asrc_lines_change_exactly_when_predicted() {
    for_each_seed(|seed| {
        let pairs = [AsrcPair::A, AsrcPair::B, AsrcPair::C];
        let act = |asrc: &mut Asrc, now, dice: &mut Dice| {
            let n = dice.below(3) as usize;
            match dice.below(6) {
                0 => asrc.set_up(now, pairs[n], dice.below(64) as u8, dice.below(64) as u8),
                1 | 2 => asrc.start(now, pairs[n]),
                3 if dice.below(6) == 0 => asrc.stop(now, pairs[n]),
                4 => write_some(asrc, now, &[0x60 + 8 * n as u32], dice.below(65)),
                _ => read_some(asrc, now, &[0x64 + 8 * n as u32], dice.below(65)),
            }
        };
        let rates = [(rate(seed), rate(seed + 1)), (rate(seed + 2), rate(seed)), (rate(seed + 3), 0)];
        compare(seed, 400, || Asrc::new(CLOCK, rates, AsrcLines::IMX6), act)
    });
}

#[test]
fn uart_lines_change_exactly_when_predicted() {
    for_each_seed(|seed| {
        let act = |uart: &mut Uart, now, dice: &mut Dice| match dice.below(11) {
            0 => uart.set_up(now, 1 + dice.below(32) as u8, 2 + dice.below(30) as u8),
            1 | 2 => uart.feed(now, &b"a line of characters that is fairly long"[..dice.below(40) as usize]),
            3 => uart.feed_error(now, b'x', CharError::Parity),
            4 => uart.gap(now, dice.below(12) as u32),
            5 => uart.write(now, 0x94, Width::Four, 1 << 8).unwrap(),
            6 => uart.write(now, 0x98, Width::Four, 1 << 12 | 1 << 1).unwrap(),
            7 => write_some(uart, now, &[0x40], dice.below(34)),
            8 => {
                uart.write(now, 0x80, Width::Four, (dice.below(1 << 12) as u32) & 0xD0C).unwrap();
                uart.write(now, 0x8C, Width::Four, (dice.below(2) as u32) << 6).unwrap();
            }
            _ => read_some(uart, now, &[0], dice.below(33)),
        };
        compare(seed, 600, || Uart::new(CLOCK, [9_600, 4_800, 20_014][seed as usize % 3], UartLines::UART1), act)
    });
}

#[test]
fn ecspi_lines_change_exactly_when_predicted() {
    for_each_seed(|seed| {
        let act = |ecspi: &mut Ecspi, now, dice: &mut Dice| match dice.below(9) {
            0 => {
                let (tx, rx) = (dice.below(64) as u8, dice.below(64) as u8);
                ecspi.set_up(now, tx, rx, dice.below(2) == 0, dice.below(2) == 0);
            }
            1 => ecspi.set_glitch(dice.below(5) as u32),
            2 => ecspi.write(now, 0x18, Width::Four, 0xC0).unwrap(),
            3 if dice.below(4) == 0 => ecspi.write(now, 0x08, Width::Four, 0).unwrap(),
            4 | 5 => {
                let conreg = ecspi.read(now, 0x08, Width::Four).unwrap();
                ecspi.write(now, 0x08, Width::Four, conreg | 1 << 2).unwrap();
            }
            6 | 7 => write_some(ecspi, now, &[0x04], dice.below(70)),
            _ => read_some(ecspi, now, &[0x00], dice.below(65)),
        };
        compare(seed, 400, || Ecspi::new(CLOCK, 16_000, 8 << (seed % 3), EcspiLines::ECSPI1), act)
    });
}
