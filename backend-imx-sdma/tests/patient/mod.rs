//! A device that loses nothing: it gives words that count, or takes words and keeps them, one at each tick of its clock, and its
//! clock waits for an engine that is late. One register, one FIFO, two request lines.

extern crate alloc;

use alloc::vec::Vec;

use sim_imx_sdma::bus::{BusError, Peripheral, Width};
use sim_imx_sdma::time::{Clock, Cycles};

/// Words of the FIFO.
const DEPTH: u32 = 15;
/// Words that it asks for, or has, before it pulls its line.
const WATERMARK: u32 = 6;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Way {
    Off,
    Gives,
    Takes,
}

#[derive(Debug)]
pub struct Patient {
    clock: Clock,
    rate: u32,
    rx: u8,
    tx: u8,
    way: Way,
    /// When the clock began to tick, or went on after it had waited; and the ticks since.
    since: Cycles,
    ticks: u64,
    /// Words in the FIFO.
    level: u32,
    /// The next word it gives.
    next: u32,
    taken: Vec<u8>,
}

impl Patient {
    pub fn new(clock: Clock, rate: u32, rx: u8, tx: u8) -> Self {
        let (since, way) = (Cycles(0), Way::Off);
        Self { clock, rate, rx, tx, way, since, ticks: 0, level: 0, next: 1, taken: Vec::new() }
    }

    /// From now on it gives words that count from 1.
    pub fn count(&mut self, now: Cycles) {
        *self = Self { way: Way::Gives, since: now, ..Self::new(self.clock, self.rate, self.rx, self.tx) };
    }

    /// From now on it takes words.
    pub fn take(&mut self, now: Cycles) {
        *self = Self { way: Way::Takes, since: now, ..Self::new(self.clock, self.rate, self.rx, self.tx) };
    }

    /// All bytes it was given, those in its FIFO too.
    pub fn taken(&self) -> Vec<u8> {
        self.taken.clone()
    }

    /// How many ticks make it wait.
    fn room(&self) -> u32 {
        match self.way {
            Way::Off => 0,
            Way::Gives => DEPTH - self.level,
            Way::Takes => self.level,
        }
    }

    /// Its clock waited, and goes on now.
    fn go_on(&mut self, now: Cycles) {
        if self.room() == 0 {
            (self.since, self.ticks) = (now, 0);
        }
    }

    fn asks(&self) -> bool {
        match self.way {
            Way::Off => false,
            Way::Gives => self.level >= WATERMARK,
            Way::Takes => DEPTH - self.level >= WATERMARK,
        }
    }
}

impl Peripheral for Patient {
    fn advance(&mut self, now: Cycles) {
        let due = self.clock.ticks(self.since, self.rate, now) - self.ticks;
        let ticks = due.min(self.room().into()) as u32;
        self.ticks += u64::from(ticks);
        self.level = if self.way == Way::Gives { self.level + ticks } else { self.level - ticks };
    }

    fn read(&mut self, now: Cycles, offset: u32, width: Width) -> Result<u32, BusError> {
        if self.way != Way::Gives || width != Width::Four || self.level == 0 {
            return Err(BusError { address: offset });
        }
        self.go_on(now);
        self.level -= 1;
        self.next += 1;
        Ok(self.next - 1)
    }

    fn write(&mut self, now: Cycles, offset: u32, width: Width, value: u32) -> Result<(), BusError> {
        if self.way != Way::Takes || width != Width::Four || self.level == DEPTH {
            return Err(BusError { address: offset });
        }
        self.go_on(now);
        self.level += 1;
        self.taken.extend(value.to_le_bytes());
        Ok(())
    }

    fn lines(&self) -> u64 {
        let line = if self.way == Way::Gives { self.rx } else { self.tx };
        u64::from(self.asks()) << line
    }

    fn next_change(&self) -> Option<Cycles> {
        if self.way == Way::Off || self.asks() {
            return None;
        }
        let missing = match self.way {
            Way::Gives => WATERMARK - self.level,
            _ => self.level - (DEPTH - WATERMARK),
        };
        Some(self.clock.tick(self.since, self.rate, self.ticks + u64::from(missing)))
    }
}
