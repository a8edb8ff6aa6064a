//! The SAI of i.MX8M: several data lines each way, each with a FIFO, all on one bit clock.
//!
//! Offsets and bits: i.MX 8M Mini RM, chapter "Synchronous Audio Interface (SAI)"; Linux 6.12 `sound/soc/fsl/fsl_sai.h`.

use super::{Lane, Order, RxFifo, SampleClock, Source, Stream, TxFifo, line, sooner, whole};
use crate::bus::{BusError, Peripheral, Width};
use crate::time::{Clock, Cycles};

/// Words of a FIFO on i.MX8M.
const DEPTH: usize = 128;
/// At most; an instance may have fewer.
const FIFOS: usize = 8;

const CSR_FRDE: u32 = 1 << 0;
const CSR_FRF: u32 = 1 << 16;
const CSR_FEF: u32 = 1 << 18;
const CSR_FR: u32 = 1 << 25;
const CSR_TERE: u32 = 1 << 31;
/// What of a control register is kept: the enables.
const CSR_KEPT: u32 = CSR_TERE | 0x1F03;
/// `TCE`, `RCE` in `TCR3`, `RCR3`.
const CR3_CE: u32 = 16;

/// The request lines of a SAI, each 0 to 47.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SaiLines {
    /// Of the receiver.
    pub rx: u8,
    /// Of the transmitter.
    pub tx: u8,
}

/// The three registers of a direction that matter, and the mishaps that were acknowledged.
#[derive(Clone, Copy, Debug, Default)]
struct Side {
    csr: u32,
    cr1: u32,
    cr3: u32,
    acknowledged: u64,
}

impl Side {
    /// The data lines `0..n` of `TCE`, `RCE`.
    fn fifos(&self) -> usize {
        (self.cr3 >> CR3_CE).trailing_ones().clamp(1, FIFOS as u32) as usize
    }

    fn csr(&self, requests: bool, mishaps: u64) -> u32 {
        let flag = |bit, is_set| if is_set { bit } else { 0 };
        self.csr | flag(CSR_FRF, requests) | flag(CSR_FEF, mishaps != self.acknowledged)
    }
}

/// A SAI with up to eight FIFOs of 128 words each way.
///
/// With each tick of its clock every FIFO in use moves one word, so a frame of two words needs two ticks. There is one
/// request line for each direction: high while a transmit FIFO in use has `TCR1.TFW` words or fewer, or a receive FIFO has
/// more than `RCR1.RFW`, if `FRDE` allows it.
///
/// | Offset | Register | Access |
/// |---|---|---|
/// | 0x08, 0x88 | `TCSR`, `RCSR`: FRDE, FRF, FEF (write 1 to clear), FR (write), TE, RE | RW, 32 bit |
/// | 0x0C, 0x8C | `TCR1`, `RCR1`: watermark | RW, 32 bit |
/// | 0x14, 0x94 | `TCR3`, `RCR3`: which data lines are in use, from line 0 on without gaps | RW, 32 bit |
/// | 0x20 + 4n | `TDRn` | W, 8, 16 or 32 bit |
/// | 0xA0 + 4n | `RDRn` | R, 8, 16 or 32 bit |
///
/// Unconfirmed: that a direction's line follows any of its FIFOs and not all of them; RM, flag FRF, speaks of "an enabled
/// channel". A script that serves all FIFOs alike sees no difference.
#[derive(Debug)]
pub struct Sai {
    lines: SaiLines,
    tx: Stream<TxFifo>,
    rx: Stream<RxFifo>,
    transmitter: Side,
    receiver: Side,
}

impl Sai {
    /// A SAI as it is after reset, whose data lines will each carry so many words in a second: 96000 for stereo at 48 kHz on
    /// one line.
    #[must_use]
    pub fn new(clock: Clock, word_rate: u32, lines: SaiLines) -> Self {
        let words = SampleClock::new(clock, word_rate);
        let tx = (0..FIFOS).map(|_| TxFifo::new(DEPTH, 0)).collect();
        let rx = (0..FIFOS).map(|_| RxFifo::new(DEPTH, 1)).collect();
        let (tx, rx) = (Stream::new(words, Order::Together, tx), Stream::new(words, Order::Together, rx));
        let mut this = Self { lines, tx, rx, transmitter: Side::default(), receiver: Side::default() };
        this.apply();
        this
    }

    /// Uses `fifos` data lines each way, 1 to 8, and lets each FIFO ask at `watermark` free, or used, words, 1 to 127.
    pub fn set_up(&mut self, now: Cycles, fifos: u8, watermark: u8) {
        self.advance(now);
        let watermark = u32::from(watermark).clamp(1, DEPTH as u32 - 1);
        let enable = ((1_u32 << fifos.clamp(1, FIFOS as u8)) - 1) << CR3_CE;
        (self.transmitter.cr1, self.transmitter.cr3) = (DEPTH as u32 - watermark, enable);
        (self.receiver.cr1, self.receiver.cr3) = (watermark - 1, enable);
        self.apply();
    }

    /// Lets the transmitter ask, or not. A driver does it before [`start_tx`](Self::start_tx), so that the FIFOs are full then.
    pub fn request_tx(&mut self, now: Cycles, on: bool) {
        self.advance(now);
        self.transmitter.csr = if on { self.transmitter.csr | CSR_FRDE } else { self.transmitter.csr & !CSR_FRDE };
    }

    /// Starts to transmit and to ask.
    pub fn start_tx(&mut self, now: Cycles) {
        self.advance(now);
        self.write_tcsr(now, CSR_TERE | CSR_FRDE);
    }

    /// Stops to transmit and to ask. What is in the FIFOs stays there.
    pub fn stop_tx(&mut self, now: Cycles) {
        self.advance(now);
        self.write_tcsr(now, 0);
    }

    /// Starts to receive and to ask.
    pub fn start_rx(&mut self, now: Cycles) {
        self.advance(now);
        self.write_rcsr(now, CSR_TERE | CSR_FRDE);
    }

    /// Stops to receive and to ask.
    pub fn stop_rx(&mut self, now: Cycles) {
        self.advance(now);
        self.write_rcsr(now, 0);
    }

    /// What receive FIFO `n` gives from now on.
    pub fn give(&mut self, n: usize, source: Source) {
        if let Some(fifo) = self.rx.fifo_mut(n) {
            fifo.give(source);
        }
    }

    /// What was taken from transmit FIFO `n`, in order.
    #[must_use]
    pub fn taken(&self, n: usize) -> &[u32] {
        self.tx.fifo(n).map_or(&[], TxFifo::taken)
    }

    /// What was put into receive FIFO `n`, in order, without what was lost.
    #[must_use]
    pub fn given(&self, n: usize) -> &[u32] {
        self.rx.fifo(n).map_or(&[], RxFifo::given)
    }

    /// The transmit FIFOs: their levels, what they took, and what went wrong.
    pub fn tx(&mut self) -> &mut Stream<TxFifo> {
        &mut self.tx
    }

    /// The receive FIFOs.
    pub fn rx(&mut self) -> &mut Stream<RxFifo> {
        &mut self.rx
    }

    /// Takes over which FIFOs are in use, and their watermarks.
    fn apply(&mut self) {
        self.tx.set_active(self.transmitter.fifos());
        self.rx.set_active(self.receiver.fifos());
        let (tfw, rfw) = (self.transmitter.cr1 as usize, self.receiver.cr1 as usize);
        self.tx.fifos_mut().for_each(|fifo| fifo.set_watermark(tfw));
        self.rx.fifos_mut().for_each(|fifo| fifo.set_watermark(rfw + 1));
    }

    fn underruns(&self) -> u64 {
        (0..FIFOS).filter_map(|n| self.tx.fifo(n)).map(TxFifo::underruns).sum()
    }

    fn overruns(&self) -> u64 {
        (0..FIFOS).filter_map(|n| self.rx.fifo(n)).map(RxFifo::overruns).sum()
    }

    fn write_tcsr(&mut self, now: Cycles, value: u32) {
        self.transmitter.csr = value & CSR_KEPT;
        if value & CSR_FEF != 0 {
            self.transmitter.acknowledged = self.underruns();
        }
        if value & CSR_FR != 0 {
            self.tx.fifos_mut().for_each(TxFifo::clear);
        }
        if value & CSR_TERE != 0 { self.tx.start(now) } else { self.tx.stop() }
    }

    fn write_rcsr(&mut self, now: Cycles, value: u32) {
        self.receiver.csr = value & CSR_KEPT;
        if value & CSR_FEF != 0 {
            self.receiver.acknowledged = self.overruns();
        }
        if value & CSR_FR != 0 {
            self.rx.fifos_mut().for_each(RxFifo::clear);
        }
        if value & CSR_TERE != 0 { self.rx.start(now) } else { self.rx.stop() }
    }
}

/// When a line rises that is high while any of a stream's FIFOs asks.
fn next_rise<L: Lane>(stream: &Stream<L>, csr: u32) -> Option<Cycles> {
    let is_low = csr & CSR_FRDE != 0 && stream.requests() == 0;
    if is_low { stream.next_request(stream.all()) } else { None }
}

impl Peripheral for Sai {
    fn advance(&mut self, now: Cycles) {
        self.tx.advance(now);
        self.rx.advance(now);
    }

    fn read(&mut self, _now: Cycles, offset: u32, width: Width) -> Result<u32, BusError> {
        if let 0xA0..=0xBC = offset {
            let fifo = self.rx.fifo_mut((offset - 0xA0) as usize / 4).filter(|_| offset % 4 == 0);
            return fifo.map(|fifo| width.cut(fifo.read())).ok_or(BusError { address: offset });
        }
        whole(offset, width)?;
        Ok(match offset {
            0x08 => self.transmitter.csr(self.tx.requests() != 0, self.underruns()),
            0x0C => self.transmitter.cr1,
            0x14 => self.transmitter.cr3,
            0x88 => self.receiver.csr(self.rx.requests() != 0, self.overruns()),
            0x8C => self.receiver.cr1,
            0x94 => self.receiver.cr3,
            _ => return Err(BusError { address: offset }),
        })
    }

    fn write(&mut self, now: Cycles, offset: u32, width: Width, value: u32) -> Result<(), BusError> {
        if let 0x20..=0x3C = offset {
            let fifo = self.tx.fifo_mut((offset - 0x20) as usize / 4).filter(|_| offset % 4 == 0);
            return fifo.map(|fifo| fifo.write(width.cut(value))).ok_or(BusError { address: offset });
        }
        whole(offset, width)?;
        match offset {
            0x08 => self.write_tcsr(now, value),
            0x0C => self.transmitter.cr1 = value & (DEPTH as u32 - 1),
            0x14 => self.transmitter.cr3 = value,
            0x88 => self.write_rcsr(now, value),
            0x8C => self.receiver.cr1 = value & (DEPTH as u32 - 1),
            0x94 => self.receiver.cr3 = value,
            _ => return Err(BusError { address: offset }),
        }
        self.apply();
        Ok(())
    }

    fn lines(&self) -> u64 {
        let is_high = |csr: u32, requests: u32| csr & CSR_FRDE != 0 && requests != 0;
        line(self.lines.tx, is_high(self.transmitter.csr, self.tx.requests()))
            | line(self.lines.rx, is_high(self.receiver.csr, self.rx.requests()))
    }

    fn next_change(&self) -> Option<Cycles> {
        sooner(next_rise(&self.tx, self.transmitter.csr), next_rise(&self.rx, self.receiver.csr))
    }

    #[inline]
    fn quiet_until(&self) -> Cycles {
        self.tx.next_tick().min(self.rx.next_tick())
    }
}
