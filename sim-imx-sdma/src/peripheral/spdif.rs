//! The SPDIF of i.MX35 to i.MX6: a left and a right FIFO of 24-bit samples each way.
//!
//! Offsets and bits: i.MX 6Dual/6Quad RM, chapter "Sony/Philips Digital Interface (SPDIF)"; Linux 6.12
//! `sound/soc/fsl/fsl_spdif.h`.

use alloc::vec;

use super::{Lane, Order, RxFifo, SampleClock, Source, Stream, TxFifo, line, sooner, whole};
use crate::bus::{BusError, Peripheral, Width};
use crate::time::{Clock, Cycles};

const DEPTH: usize = 16;
const SAMPLE: u32 = 0x00FF_FFFF;

const SCR_DMA_TX_EN: u32 = 1 << 8;
const SCR_DMA_RX_EN: u32 = 1 << 9;
const SCR_SOFT_RESET: u32 = 1 << 12;
const SCR_TXFIFO_FSEL: u32 = 15;
const SCR_RXFIFO_FSEL: u32 = 19;
const SCR_RXFIFO_RST: u32 = 1 << 21;

/// The request lines of the SPDIF, each 0 to 47.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SpdifLines {
    /// Of the receiver.
    pub rx: u8,
    /// Of the transmitter.
    pub tx: u8,
}

impl SpdifLines {
    /// On i.MX6 (i.MX 6Dual/6Quad RM, table "SDMA event mapping").
    pub const IMX6: Self = Self { rx: 14, tx: 15 };
}

/// An SPDIF. With each frame both FIFOs of a direction move one sample.
///
/// A direction's line is high while *both* of its FIFOs are at their watermark: at most 0, 4, 8, 12 samples in the transmit
/// FIFOs (`SCR.TXFIFO_FSEL`), at least 1, 4, 8, 12 in the receive FIFOs (`RXFIFO_FSEL`).
///
/// | Offset | Register | Access |
/// |---|---|---|
/// | 0x00 | `SCR`: DMA enables, watermarks, soft reset, receive FIFO reset | RW, 32 bit as all |
/// | 0x14, 0x18 | `SRL`, `SRR`: received left, right; 24 bit | R |
/// | 0x2C, 0x30 | `STL`, `STR`: left, right to transmit; 24 bit | W |
///
/// Unconfirmed: the highest receive watermark. Linux names it 12, other texts 16.
#[derive(Debug)]
pub struct Spdif {
    lines: SpdifLines,
    tx: Stream<TxFifo>,
    rx: Stream<RxFifo>,
    scr: u32,
}

impl Spdif {
    /// An SPDIF as it is after reset, whose clocks will make so many frames in a second.
    #[must_use]
    pub fn new(clock: Clock, frame_rate: u32, lines: SpdifLines) -> Self {
        let frames = SampleClock::new(clock, frame_rate);
        let tx = Stream::new(frames, Order::Together, vec![TxFifo::new(DEPTH, 0), TxFifo::new(DEPTH, 0)]);
        let rx = Stream::new(frames, Order::Together, vec![RxFifo::new(DEPTH, 1), RxFifo::new(DEPTH, 1)]);
        Self { lines, tx, rx, scr: 0x400 }
    }

    /// Sets the watermark selections, 0 to 3 each, in `SCR`.
    pub fn set_up(&mut self, now: Cycles, txfifo_fsel: u8, rxfifo_fsel: u8) {
        self.advance(now);
        let others = self.scr & !(0b11 << SCR_TXFIFO_FSEL | 0b11 << SCR_RXFIFO_FSEL);
        let (tx, rx) = (u32::from(txfifo_fsel & 0b11), u32::from(rxfifo_fsel & 0b11));
        self.write_scr(others | tx << SCR_TXFIFO_FSEL | rx << SCR_RXFIFO_FSEL);
    }

    /// Lets the transmitter ask, or not. A driver does it before [`start_tx`](Self::start_tx), so that the FIFOs are full then.
    pub fn request_tx(&mut self, now: Cycles, on: bool) {
        self.advance(now);
        self.scr = if on { self.scr | SCR_DMA_TX_EN } else { self.scr & !SCR_DMA_TX_EN };
    }

    /// Starts to transmit and to ask.
    pub fn start_tx(&mut self, now: Cycles) {
        self.request_tx(now, true);
        self.tx.start(now);
    }

    /// Stops to transmit and to ask.
    pub fn stop_tx(&mut self, now: Cycles) {
        self.request_tx(now, false);
        self.tx.stop();
    }

    /// Starts to receive and to ask.
    pub fn start_rx(&mut self, now: Cycles) {
        self.advance(now);
        self.scr |= SCR_DMA_RX_EN;
        self.rx.start(now);
    }

    /// Stops to receive and to ask.
    pub fn stop_rx(&mut self, now: Cycles) {
        self.advance(now);
        self.scr &= !SCR_DMA_RX_EN;
        self.rx.stop();
    }

    /// What is received from now on, left (0) or right (1).
    pub fn give(&mut self, side: usize, source: Source) {
        if let Some(fifo) = self.rx.fifo_mut(side) {
            fifo.give(source);
        }
    }

    /// What was transmitted, left (0) or right (1), in order.
    #[must_use]
    pub fn taken(&self, side: usize) -> &[u32] {
        self.tx.fifo(side).map_or(&[], TxFifo::taken)
    }

    /// What was received, left (0) or right (1), in order, without what was lost.
    #[must_use]
    pub fn given(&self, side: usize) -> &[u32] {
        self.rx.fifo(side).map_or(&[], RxFifo::given)
    }

    /// The transmit FIFOs: their levels, what they took, and what went wrong.
    pub fn tx(&mut self) -> &mut Stream<TxFifo> {
        &mut self.tx
    }

    /// The receive FIFOs.
    pub fn rx(&mut self) -> &mut Stream<RxFifo> {
        &mut self.rx
    }

    fn write_scr(&mut self, value: u32) {
        self.scr = value & !(SCR_SOFT_RESET | SCR_RXFIFO_RST);
        let is_reset = value & SCR_SOFT_RESET != 0;
        if is_reset {
            self.scr = 0x400;
            self.tx.fifos_mut().for_each(TxFifo::clear);
        }
        if is_reset || value & SCR_RXFIFO_RST != 0 {
            self.rx.fifos_mut().for_each(RxFifo::clear);
        }
        let (tx, rx) = ((self.scr >> SCR_TXFIFO_FSEL & 0b11) as usize, (self.scr >> SCR_RXFIFO_FSEL & 0b11) as usize);
        self.tx.fifos_mut().for_each(|fifo| fifo.set_watermark(4 * tx));
        self.rx.fifos_mut().for_each(|fifo| fifo.set_watermark((4 * rx).max(1)));
    }

    fn asks<L: Lane>(&self, stream: &Stream<L>, enable: u32) -> bool {
        self.scr & enable != 0 && stream.requests() == stream.all()
    }
}

impl Peripheral for Spdif {
    fn advance(&mut self, now: Cycles) {
        self.tx.advance(now);
        self.rx.advance(now);
    }

    fn read(&mut self, _now: Cycles, offset: u32, width: Width) -> Result<u32, BusError> {
        whole(offset, width)?;
        let side = match offset {
            0x00 => return Ok(self.scr),
            0x14 => 0,
            0x18 => 1,
            _ => return Err(BusError { address: offset }),
        };
        self.rx.fifo_mut(side).map(|fifo| fifo.read() & SAMPLE).ok_or(BusError { address: offset })
    }

    fn write(&mut self, _now: Cycles, offset: u32, width: Width, value: u32) -> Result<(), BusError> {
        whole(offset, width)?;
        let side = match offset {
            0x00 => {
                self.write_scr(value);
                return Ok(());
            }
            0x2C => 0,
            0x30 => 1,
            _ => return Err(BusError { address: offset }),
        };
        self.tx.fifo_mut(side).map(|fifo| fifo.write(value & SAMPLE)).ok_or(BusError { address: offset })
    }

    fn lines(&self) -> u64 {
        line(self.lines.tx, self.asks(&self.tx, SCR_DMA_TX_EN))
            | line(self.lines.rx, self.asks(&self.rx, SCR_DMA_RX_EN))
    }

    fn next_change(&self) -> Option<Cycles> {
        let tx = if self.scr & SCR_DMA_TX_EN != 0 { self.tx.last_request() } else { None };
        let rx = if self.scr & SCR_DMA_RX_EN != 0 { self.rx.last_request() } else { None };
        sooner(tx, rx)
    }
}
