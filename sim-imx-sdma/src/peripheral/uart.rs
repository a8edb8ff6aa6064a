//! The UART of i.MX: characters that come over a wire, and the timers that tell when no more do.
//!
//! Offsets and bits: i.MX 6ULL RM, chapter "Universal Asynchronous Receiver/Transmitter (UART)"; Linux 6.12
//! `drivers/tty/serial/imx.c`.

use alloc::collections::VecDeque;

use super::wire::{BITS, Wire};
use super::{Lane, SampleClock, TxFifo, line, sooner, whole};
use crate::bus::{BusError, Peripheral, Width};
use crate::time::{Clock, Cycles};

const DEPTH: usize = 32;
/// The aging timer, in characters.
const AGING: u64 = 8;

const URXD_CHARRDY: u32 = 1 << 15;
const URXD_ERR: u32 = 1 << 14;
const UCR1_ATDMAEN: u32 = 1 << 2;
const UCR1_TXDMAEN: u32 = 1 << 3;
const UCR1_RXDMAEN: u32 = 1 << 8;
const UCR1_ICD: u32 = 10;
const UCR4_IDDMAEN: u32 = 1 << 6;
const UFCR_TXTL: u32 = 10;
const USR1_AGTIM: u32 = 1 << 8;
const USR1_RRDY: u32 = 1 << 9;
const USR1_TRDY: u32 = 1 << 13;
const USR2_RDR: u32 = 1 << 0;
const USR2_ORE: u32 = 1 << 1;
const USR2_TXDC: u32 = 1 << 3;
const USR2_IDLE: u32 = 1 << 12;
const USR2_TXFE: u32 = 1 << 14;

/// The request lines of a UART, each 0 to 47.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct UartLines {
    /// Of the receiver.
    pub rx: u8,
    /// Of the transmitter.
    pub tx: u8,
}

impl UartLines {
    /// Of UART1 on i.MX6 (i.MX 6Dual/6Quad RM, table "SDMA event mapping").
    pub const UART1: Self = Self { rx: 25, tx: 26 };
}

/// What is wrong with a character: a flag in `URXD`, with which `ERR` comes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u32)]
pub enum CharError {
    /// `PRERR`: its parity.
    Parity = 1 << 10,
    /// `BRK`: the line was low all the time.
    Break = 1 << 11,
    /// `FRMERR`: it has no stop bit.
    Frame = 1 << 12,
}

/// A UART with FIFOs of 32 characters, of ten bits each on the wire.
///
/// **Received:** [`feed`](Self::feed) puts characters on the wire, back to back behind those that are on it, and
/// [`gap`](Self::gap) leaves it idle in between. The receive line is high while `UFCR.RXTL` or more characters are in the
/// FIFO (`RXDMAEN`), while `AGTIM` is set (`ATDMAEN`), and while `IDLE` is set (`UCR4.IDDMAEN`).
///
/// **Aging:** fewer than `RXTL` characters are in the FIFO, but some, and for the time of eight characters none arrived and
/// none was read. It fires once, and is armed again by the next character that arrives or is read (Inferred: the manual does
/// not say what follows if nobody reads).
///
/// **Idle:** for 4, 8, 16 or 32 character times (`UCR1.ICD`) none arrived. Armed by each arrival.
///
/// **Transmitted:** the line is high while `UFCR.TXTL` or fewer characters are left (`TXDMAEN`). They leave one after the
/// other while there are any. Inferred: a character counts as in the FIFO until it has been sent whole.
///
/// | Offset | Register | Access |
/// |---|---|---|
/// | 0x00 | `URXD`: CHARRDY, ERR, flags, character | R, 8, 16 or 32 bit |
/// | 0x40 | `UTXD` | W, 8, 16 or 32 bit |
/// | 0x80, 0x8C, 0x90 | `UCR1`, `UCR4`, `UFCR` | RW, 32 bit |
/// | 0x94 | `USR1`: TRDY, RRDY, AGTIM (write 1 to clear) | RW, 32 bit |
/// | 0x98 | `USR2`: TXFE, IDLE (write 1 to clear), TXDC, ORE (write 1 to clear), RDR | RW, 32 bit |
#[derive(Debug)]
pub struct Uart {
    lines: UartLines,
    ucr1: u32,
    ucr4: u32,
    ufcr: u32,
    wire: Wire,
    rx: VecDeque<u32>,
    timers: Timers,
    agtim: bool,
    idle: bool,
    ore: bool,
    overruns: u64,
    underruns: u64,
    tx: TxFifo,
    tx_clock: SampleClock,
}

/// Since when each timer runs; `None` if it fired and was not armed again.
#[derive(Clone, Copy, Debug, Default)]
struct Timers {
    aging: Option<Cycles>,
    idle: Option<Cycles>,
}

impl Uart {
    /// A UART as it is after reset, which receives and sends with so many bits a second.
    #[must_use]
    pub fn new(clock: Clock, baud: u32, lines: UartLines) -> Self {
        Self {
            lines,
            ucr1: 0,
            ucr4: 0x8000,
            ufcr: 0x801,
            wire: Wire::new(clock, baud),
            rx: VecDeque::with_capacity(DEPTH),
            timers: Timers::default(),
            agtim: false,
            idle: false,
            ore: false,
            overruns: 0,
            underruns: 0,
            tx: TxFifo::new(DEPTH, 2),
            tx_clock: SampleClock::new(clock, baud).every(BITS),
        }
    }

    /// Sets the watermarks, 1 to 32 for `RXTL` and 2 to 31 for `TXTL`, and lets both directions and both timers ask.
    pub fn set_up(&mut self, now: Cycles, rxtl: u8, txtl: u8) {
        self.advance(now);
        self.ufcr = u32::from(rxtl & 0x3F) | u32::from(txtl & 0x3F) << UFCR_TXTL;
        self.tx.set_watermark(usize::from(txtl & 0x3F));
        self.ucr1 |= UCR1_RXDMAEN | UCR1_ATDMAEN | UCR1_TXDMAEN;
        self.ucr4 |= UCR4_IDDMAEN;
        self.fire(|due| due <= now);
    }

    /// Puts characters on the wire, from now on or behind those that are on it.
    pub fn feed(&mut self, now: Cycles, characters: &[u8]) {
        for &character in characters {
            self.wire.put(now, u32::from(character));
        }
    }

    /// Puts a bad character on the wire.
    pub fn feed_error(&mut self, now: Cycles, character: u8, error: CharError) {
        self.wire.put(now, u32::from(character) | URXD_ERR | error as u32);
    }

    /// Leaves the wire idle for so many character times behind what is on it.
    pub fn gap(&mut self, now: Cycles, characters: u32) {
        self.wire.rest(now, characters);
    }

    /// What was sent, in order.
    #[must_use]
    pub fn taken(&self) -> &[u32] {
        self.tx.taken()
    }

    /// The transmit FIFO.
    pub fn tx(&mut self) -> &mut TxFifo {
        &mut self.tx
    }

    /// How many characters are in the receive FIFO.
    #[must_use]
    pub fn rx_level(&self) -> usize {
        self.rx.len()
    }

    /// How many characters arrived at the full FIFO and were lost.
    #[must_use]
    pub fn overruns(&self) -> u64 {
        self.overruns
    }

    /// How often `URXD` was read with nothing in it.
    #[must_use]
    pub fn underruns(&self) -> u64 {
        self.underruns
    }

    fn rxtl(&self) -> usize {
        (self.ufcr as usize & 0x3F).max(1)
    }

    fn aging_at(&self, timers: Timers, level: usize) -> Option<Cycles> {
        let may_age = level != 0 && level < self.rxtl();
        timers.aging.filter(|_| may_age).map(|from| self.wire.after(from, AGING))
    }

    fn idle_at(&self, timers: Timers) -> Option<Cycles> {
        timers.idle.map(|from| self.wire.after(from, 4 << (self.ucr1 >> UCR1_ICD & 0b11)))
    }

    /// A character comes in: into the FIFO, if there is room.
    fn arrive(&mut self, at: Cycles, character: u32) {
        if self.rx.len() < DEPTH {
            self.rx.push_back(character);
        } else {
            self.overruns += 1;
            self.ore = true;
        }
        self.timers = Timers { aging: Some(at), idle: Some(at) };
    }

    /// Fires what is due before a moment, or at it.
    fn fire(&mut self, is_due: impl Fn(Cycles) -> bool) {
        if self.aging_at(self.timers, self.rx.len()).is_some_and(&is_due) {
            (self.agtim, self.timers.aging) = (true, None);
        }
        if self.idle_at(self.timers).is_some_and(&is_due) {
            (self.idle, self.timers.idle) = (true, None);
        }
    }

    fn rx_line(&self) -> bool {
        (self.ucr1 & UCR1_RXDMAEN != 0 && self.rx.len() >= self.rxtl())
            || (self.ucr1 & UCR1_ATDMAEN != 0 && self.agtim)
            || (self.ucr4 & UCR4_IDDMAEN != 0 && self.idle)
    }

    /// Looks ahead along the wire for what will raise the line: a character that fills the FIFO up to the watermark, or a
    /// timer in a gap before it.
    fn rx_rise(&self) -> Option<Cycles> {
        if self.rx_line() {
            return None;
        }
        let mut level = self.rx.len();
        let mut timers = self.timers;
        let timer = |timers, level| {
            let aging = if self.ucr1 & UCR1_ATDMAEN != 0 { self.aging_at(timers, level) } else { None };
            let idle = if self.ucr4 & UCR4_IDDMAEN != 0 { self.idle_at(timers) } else { None };
            sooner(aging, idle)
        };
        for at in self.wire.arrivals() {
            if let Some(due) = timer(timers, level).filter(|&due| due < at) {
                return Some(due);
            }
            level = DEPTH.min(level + 1);
            if self.ucr1 & UCR1_RXDMAEN != 0 && level >= self.rxtl() {
                return Some(at);
            }
            timers = Timers { aging: Some(at), idle: Some(at) };
        }
        timer(timers, level)
    }

    fn tx_line(&self) -> bool {
        self.ucr1 & UCR1_TXDMAEN != 0 && self.tx.is_requesting()
    }

    fn tx_rise(&self) -> Option<Cycles> {
        let ticks = self.tx.ticks_to_request().filter(|_| self.ucr1 & UCR1_TXDMAEN != 0)?;
        self.tx_clock.after(ticks)
    }

    fn urxd(&mut self, now: Cycles) -> u32 {
        let Some(character) = self.rx.pop_front() else {
            self.underruns += 1;
            return 0;
        };
        self.timers.aging = Some(now);
        character | URXD_CHARRDY
    }
}

fn flag(bit: u32, is_set: bool) -> u32 {
    if is_set { bit } else { 0 }
}

impl Peripheral for Uart {
    fn advance(&mut self, now: Cycles) {
        while let Some((at, character)) = self.wire.arrived(now) {
            // A character that arrives as a timer runs out comes first.
            self.fire(|due| due < at);
            self.arrive(at, character);
        }
        self.fire(|due| due <= now);
        let sent = self.tx_clock.advance(now).min(self.tx.level() as u64);
        self.tx.pass(sent);
        if self.tx.level() == 0 {
            self.tx_clock.stop();
        }
    }

    fn read(&mut self, now: Cycles, offset: u32, width: Width) -> Result<u32, BusError> {
        if offset == 0 {
            return Ok(width.cut(self.urxd(now)));
        }
        whole(offset, width)?;
        let is_sent = self.tx.level() == 0;
        Ok(match offset {
            0x80 => self.ucr1,
            0x8C => self.ucr4,
            0x90 => self.ufcr,
            0x94 => {
                let rrdy = self.rx.len() >= self.rxtl();
                flag(USR1_AGTIM, self.agtim) | flag(USR1_RRDY, rrdy) | flag(USR1_TRDY, self.tx.is_requesting())
            }
            0x98 => {
                flag(USR2_RDR, !self.rx.is_empty())
                    | flag(USR2_ORE, self.ore)
                    | flag(USR2_TXDC | USR2_TXFE, is_sent)
                    | flag(USR2_IDLE, self.idle)
            }
            _ => return Err(BusError { address: offset }),
        })
    }

    fn write(&mut self, now: Cycles, offset: u32, width: Width, value: u32) -> Result<(), BusError> {
        if offset == 0x40 {
            self.tx.write(value & 0xFF);
            self.tx_clock.start(now);
            return Ok(());
        }
        whole(offset, width)?;
        match offset {
            0x80 => self.ucr1 = value,
            0x8C => self.ucr4 = value,
            0x90 => {
                self.ufcr = value;
                self.tx.set_watermark((value >> UFCR_TXTL & 0x3F) as usize);
            }
            0x94 => self.agtim &= value & USR1_AGTIM == 0,
            0x98 => {
                self.idle &= value & USR2_IDLE == 0;
                self.ore &= value & USR2_ORE == 0;
            }
            _ => return Err(BusError { address: offset }),
        }
        // With another watermark or idle time, a timer may have run out already.
        self.fire(|due| due <= now);
        Ok(())
    }

    fn lines(&self) -> u64 {
        line(self.lines.rx, self.rx_line()) | line(self.lines.tx, self.tx_line())
    }

    fn next_change(&self) -> Option<Cycles> {
        sooner(self.rx_rise(), self.tx_rise())
    }
}
