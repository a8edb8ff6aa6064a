//! The ECSPI of i.MX51 and later as a master: for each word that goes out one comes in.
//!
//! Offsets and bits: i.MX 6Dual/6Quad RM, chapter "Enhanced Configurable SPI (ECSPI)".

use super::{Lane, RxFifo, SampleClock, Source, TxFifo, line, sooner, whole};
use crate::bus::{BusError, Peripheral, Width};
use crate::time::{Clock, Cycles};

const DEPTH: usize = 64;

const CONREG_EN: u32 = 1 << 0;
const CONREG_XCH: u32 = 1 << 2;
const CONREG_SMC: u32 = 1 << 3;
const DMAREG_TEDEN: u32 = 1 << 7;
const DMAREG_RXDEN: u32 = 1 << 23;
const STATREG_RO: u32 = 1 << 6;
const STATREG_TC: u32 = 1 << 7;
const TESTREG_LBC: u32 = 1 << 31;

/// The request lines of an ECSPI, each 0 to 47.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct EcspiLines {
    /// Of the receive FIFO.
    pub rx: u8,
    /// Of the transmit FIFO.
    pub tx: u8,
}

impl EcspiLines {
    /// Of ECSPI1 on i.MX6 (i.MX 6Dual/6Quad RM, table "SDMA event mapping").
    pub const ECSPI1: Self = Self { rx: 3, tx: 4 };
}

/// An ECSPI with FIFOs of 64 words.
///
/// Words are exchanged while there are any to send: from the first one on if `CONREG.SMC` is set, else from a write of
/// `CONREG.XCH` on, which clears itself when the FIFO is empty. With `TESTREG.LBC` what goes out comes in again; without,
/// what [`give`](Self::give) says.
///
/// The transmit line is high while `DMAREG.TX_THRESHOLD` or fewer words are left to send (`TEDEN`), the receive line while
/// there are more than `RX_THRESHOLD` (`RXDEN`); neither unless `CONREG.EN` is set. Clearing `EN` empties the FIFOs.
///
/// | Offset | Register | Access |
/// |---|---|---|
/// | 0x00, 0x04 | `RXDATA`, `TXDATA` | R, W; 8, 16 or 32 bit |
/// | 0x08, 0x0C, 0x10 | `CONREG`, `CONFIGREG`, `INTREG` | RW, 32 bit as all below |
/// | 0x14 | `DMAREG` | RW |
/// | 0x18 | `STATREG`; RO and TC are cleared by writing 1 | RW |
/// | 0x1C | `PERIODREG`: kept, without effect | RW |
/// | 0x20 | `TESTREG`: `TXCNT` 6:0, `RXCNT` 14:8, `LBC` | RW |
///
/// Erratum ERR009165 (i.MX6 before i.MX 6UltraLite) is a switch, [`set_glitch`](Self::set_glitch): in SMC mode with `TEDEN`
/// set, a word that is written during an exchange can make the ECSPI send the word that it is at a second time. Not
/// modelled: the tail request `RXTDEN`, and the burst length, which the constructor gives as bits of a word.
#[derive(Debug)]
pub struct Ecspi {
    lines: EcspiLines,
    tx: TxFifo,
    rx: RxFifo,
    clock: SampleClock,
    conreg: u32,
    configreg: u32,
    intreg: u32,
    dmareg: u32,
    periodreg: u32,
    is_looped: bool,
    is_complete: bool,
    /// Overruns that were acknowledged.
    acknowledged: u64,
    /// Every so many words written during an exchange; 0 is never.
    glitch: u32,
    /// Words until the next glitch.
    until_glitch: u32,
    /// The word at the front goes out twice.
    repeats: bool,
}

impl Ecspi {
    /// An ECSPI as it is after reset, which exchanges words of so many bits at `sclk` bits a second.
    #[must_use]
    pub fn new(clock: Clock, sclk: u32, bits: u32, lines: EcspiLines) -> Self {
        Self {
            lines,
            tx: TxFifo::new(DEPTH, 0),
            rx: RxFifo::new(DEPTH, 1),
            clock: SampleClock::new(clock, sclk).every(bits),
            conreg: 0,
            configreg: 0,
            intreg: 0,
            dmareg: 0,
            periodreg: 0,
            is_looped: false,
            is_complete: false,
            acknowledged: 0,
            glitch: 0,
            until_glitch: 0,
            repeats: false,
        }
    }

    /// Enables it with these thresholds, 0 to 63, and lets both FIFOs ask. With `smc` it starts by itself when there is
    /// something to send. With `is_looped` it receives what it sends.
    pub fn set_up(&mut self, now: Cycles, tx_threshold: u8, rx_threshold: u8, smc: bool, is_looped: bool) {
        self.advance(now);
        self.is_looped = is_looped;
        let (tx, rx) = (u32::from(tx_threshold & 0x3F), u32::from(rx_threshold & 0x3F));
        self.write_dmareg(DMAREG_TEDEN | DMAREG_RXDEN | tx | rx << 16);
        self.write_conreg(now, CONREG_EN | if smc { CONREG_SMC } else { 0 });
    }

    /// Turns erratum ERR009165 on: every `nth` word that is written during an exchange has the word that is being exchanged
    /// sent twice. 0 turns it off, as it is at first. The silicon gives no such rule (Unconfirmed: how often it happens).
    pub fn set_glitch(&mut self, nth: u32) {
        (self.glitch, self.until_glitch) = (nth, nth);
    }

    /// What is received from now on, while it is not looped.
    pub fn give(&mut self, source: Source) {
        self.rx.give(source);
    }

    /// What was sent, in order.
    #[must_use]
    pub fn taken(&self) -> &[u32] {
        self.tx.taken()
    }

    /// What was received, in order, without what was lost.
    #[must_use]
    pub fn given(&self) -> &[u32] {
        self.rx.given()
    }

    /// The transmit FIFO.
    pub fn tx(&mut self) -> &mut TxFifo {
        &mut self.tx
    }

    /// The receive FIFO.
    pub fn rx(&mut self) -> &mut RxFifo {
        &mut self.rx
    }

    fn exchange_one(&mut self) {
        let sent = if core::mem::take(&mut self.repeats) { self.tx.repeat() } else { self.tx.take() };
        match sent.filter(|_| self.is_looped) {
            Some(word) => self.rx.put(word),
            None => self.rx.pass(1),
        }
    }

    /// How many words it would exchange from here on.
    fn pending(&self) -> u64 {
        self.tx.level() as u64 + u64::from(self.repeats)
    }

    fn write_conreg(&mut self, now: Cycles, value: u32) {
        self.conreg = value;
        if value & CONREG_EN == 0 {
            self.conreg &= !CONREG_XCH;
            self.repeats = false;
            self.tx.clear();
            self.rx.clear();
            self.clock.stop();
        }
        self.start(now);
    }

    /// Starts if there is a reason and something to send. An exchange of nothing is over at once.
    fn start(&mut self, now: Cycles) {
        let is_told = self.conreg & CONREG_EN != 0 && self.conreg & (CONREG_SMC | CONREG_XCH) != 0;
        if is_told && self.tx.level() != 0 {
            self.clock.start(now);
        } else if self.tx.level() == 0 {
            self.conreg &= !CONREG_XCH;
        }
    }

    fn write_dmareg(&mut self, value: u32) {
        self.dmareg = value;
        self.tx.set_watermark((value & 0x3F) as usize);
        self.rx.set_watermark((value >> 16 & 0x3F) as usize + 1);
    }

    fn write_txdata(&mut self, now: Cycles, word: u32) {
        let may_glitch = self.conreg & CONREG_SMC != 0 && self.dmareg & DMAREG_TEDEN != 0 && self.glitch != 0;
        if may_glitch && self.clock.is_running() {
            self.until_glitch -= 1;
            if self.until_glitch == 0 {
                (self.until_glitch, self.repeats) = (self.glitch, true);
            }
        }
        self.tx.write(word);
        self.start(now);
    }

    fn statreg(&self) -> u32 {
        let (sent, received) = (self.tx.level(), self.rx.level());
        let bits = [
            sent == 0,
            self.tx.is_requesting(),
            sent == DEPTH,
            received != 0,
            self.rx.is_requesting(),
            received == DEPTH,
            self.rx.overruns() != self.acknowledged,
            self.is_complete,
        ];
        (0..).zip(bits).fold(0, |register, (n, bit)| register | u32::from(bit) << n)
    }

    fn may_ask(&self, enable: u32) -> bool {
        self.conreg & CONREG_EN != 0 && self.dmareg & enable != 0
    }
}

impl Peripheral for Ecspi {
    fn advance(&mut self, now: Cycles) {
        let words = self.clock.advance(now).min(self.pending());
        for _ in 0..words {
            self.exchange_one();
        }
        if self.clock.is_running() && self.pending() == 0 {
            self.clock.stop();
            self.conreg &= !CONREG_XCH;
            self.is_complete = true;
        }
    }

    fn read(&mut self, _now: Cycles, offset: u32, width: Width) -> Result<u32, BusError> {
        if offset == 0 {
            return Ok(width.cut(self.rx.read()));
        }
        whole(offset, width)?;
        Ok(match offset {
            0x08 => self.conreg,
            0x0C => self.configreg,
            0x10 => self.intreg,
            0x14 => self.dmareg,
            0x18 => self.statreg(),
            0x1C => self.periodreg,
            0x20 => {
                let loopback = if self.is_looped { TESTREG_LBC } else { 0 };
                loopback | self.tx.level() as u32 | (self.rx.level() as u32) << 8
            }
            _ => return Err(BusError { address: offset }),
        })
    }

    fn write(&mut self, now: Cycles, offset: u32, width: Width, value: u32) -> Result<(), BusError> {
        if offset == 0x04 {
            self.write_txdata(now, width.cut(value));
            return Ok(());
        }
        whole(offset, width)?;
        match offset {
            0x08 => self.write_conreg(now, value),
            0x0C => self.configreg = value,
            0x10 => self.intreg = value,
            0x14 => self.write_dmareg(value),
            0x18 => {
                self.is_complete &= value & STATREG_TC == 0;
                if value & STATREG_RO != 0 {
                    self.acknowledged = self.rx.overruns();
                }
            }
            0x1C => self.periodreg = value,
            0x20 => self.is_looped = value & TESTREG_LBC != 0,
            _ => return Err(BusError { address: offset }),
        }
        Ok(())
    }

    fn lines(&self) -> u64 {
        line(self.lines.tx, self.may_ask(DMAREG_TEDEN) && self.tx.is_requesting())
            | line(self.lines.rx, self.may_ask(DMAREG_RXDEN) && self.rx.is_requesting())
    }

    fn next_change(&self) -> Option<Cycles> {
        // A word that goes out twice leaves the FIFO one tick later.
        let tx = self.tx.ticks_to_request().map(|ticks| ticks + u64::from(self.repeats));
        // What arrives ends when what is to be sent ends.
        let rx = self.rx.ticks_to_request().filter(|&ticks| ticks <= self.pending());
        let tx = tx.filter(|_| self.may_ask(DMAREG_TEDEN));
        let rx = rx.filter(|_| self.may_ask(DMAREG_RXDEN));
        sooner(tx, rx).and_then(|ticks| self.clock.after(ticks))
    }
}
