//! The drivers of the examples, held to what they say: every byte once and in order, losses counted, memory back when nothing
//! touches it any more and not before.

mod common;
#[path = "../examples/common/mod.rs"]
mod demo;
#[allow(dead_code, reason = "a driver offers more than its tests need")]
#[path = "../examples/spi_duplex/driver.rs"]
mod spi;
#[path = "client_examples/spi.rs"]
mod spi_tests;
#[allow(dead_code, reason = "a driver offers more than its tests need")]
#[path = "../examples/uart_receiver/driver.rs"]
mod uart;
#[path = "client_examples/uart.rs"]
mod uart_tests;

use std::sync::Arc;

use backend_mock::hw::Nanos;
use common::us;
use dmaengine_core::{BusAddr, BusWidth, SlaveConfig};

/// Bytes a second of every line here.
const RATE: u32 = 11_520;

/// The same numbers for the same seed.
struct Dice(u64);

impl Dice {
    fn below(&mut self, limit: u64) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0 % limit
    }
}

/// What a line says and when. No stretch of it is like another.
struct Script {
    bursts: Vec<(Nanos, Arc<[u8]>)>,
    all: Vec<u8>,
}

fn byte(index: usize) -> u8 {
    ((index as u64).wrapping_mul(0x9E37_79B9_7F4A_7C15) >> 56) as u8
}

impl Script {
    fn new(gaps_and_counts: impl IntoIterator<Item = (u64, u64)>) -> Self {
        let (mut at, mut all, mut bursts) = (Nanos(0), Vec::new(), Vec::new());
        for (gap, count) in gaps_and_counts {
            let first = all.len();
            all.extend((first..first + count as usize).map(byte));
            bursts.push((at + us(gap), all[first..].into()));
            at = at + us(gap) + Nanos(count * 1_000_000_000 / u64::from(RATE));
        }
        Self { bursts, all }
    }

    fn random(dice: &mut Dice) -> Self {
        let count = 3 + dice.below(8);
        Self::new((0..count).map(|_| (dice.below(4) * dice.below(1_500), 1 + dice.below(100))).collect::<Vec<_>>())
    }

    /// When byte `index` arrives.
    fn arrival(&self, index: usize) -> Nanos {
        let mut first = 0;
        for (begin, bytes) in &self.bursts {
            if index < first + bytes.len() {
                return *begin + Nanos((index - first + 1) as u64 * 1_000_000_000 / u64::from(RATE));
            }
            first += bytes.len();
        }
        Nanos(u64::MAX)
    }

    /// How many bytes have come by now.
    fn come(&self, now: Nanos) -> usize {
        (0..self.all.len()).take_while(|&index| self.arrival(index) <= now).count()
    }

    fn end(&self) -> Nanos {
        self.arrival(self.all.len() - 1)
    }
}

fn device() -> SlaveConfig {
    SlaveConfig::new(BusAddr(0x0202_0000), BusWidth::One, ())
}
