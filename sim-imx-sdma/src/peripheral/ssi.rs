//! The SSI of i.MX31 to i.MX6: two FIFOs of 15 words each way.
//!
//! Offsets and bits: i.MX 6ULL and 6Dual/6Quad RM, chapter "Synchronous Serial Interface (SSI)".

use alloc::vec;

use super::{Lane, Order, RxFifo, SampleClock, Source, Stream, TxFifo, line, sooner, whole};
use crate::bus::{BusError, Peripheral, Width};
use crate::time::{Clock, Cycles};

const DEPTH: usize = 15;

const SCR_SSIEN: u32 = 1 << 0;
const SCR_TE: u32 = 1 << 1;
const SCR_RE: u32 = 1 << 2;
const SCR_TCH_EN: u32 = 1 << 8;
const SIER_TDMAE: u32 = 1 << 20;
const SIER_RDMAE: u32 = 1 << 22;
/// `TFEN0`, `RFEN0`; the bit above is that of FIFO 1.
const FEN: u32 = 7;
const SOR_TX_CLR: u32 = 1 << 4;
const SOR_RX_CLR: u32 = 1 << 5;
/// `TUE0`, the first of the sticky flags in `SISR`; then `TUE1`, `ROE0`, `ROE1`.
const SISR_STICKY: u32 = 8;

/// The request lines of an SSI, each 0 to 47.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SsiLines {
    /// Of receive FIFO 0 and 1.
    pub rx: [u8; 2],
    /// Of transmit FIFO 0 and 1.
    pub tx: [u8; 2],
}

impl SsiLines {
    /// Of SSI1 on i.MX6 (i.MX 6Dual/6Quad RM, table "SDMA event mapping").
    pub const SSI1: Self = Self { rx: [37, 35], tx: [38, 36] };
    /// Of SSI2.
    pub const SSI2: Self = Self { rx: [41, 39], tx: [42, 40] };
    /// Of SSI3.
    pub const SSI3: Self = Self { rx: [45, 43], tx: [46, 44] };
}

/// An SSI with two channels, left and right.
///
/// With one FIFO in use the channels alternate in it. In two-channel mode (`SCR.TCH_EN`) left goes through FIFO 0 and right
/// through FIFO 1, and both move in turn.
///
/// A transmit FIFO asks when `SFCSR.TFWM` or more of its words are free, a receive FIFO when `RFWM` or more are used; both
/// only while `SIER.TDMAE` or `RDMAE` and the FIFO's own enable bit (`STCR.TFEN`, `SRCR.RFEN`) are set. The clocks run
/// while `SCR.SSIEN` and `TE` or `RE` are set; clearing `SSIEN` empties the FIFOs.
///
/// | Offset | Register | Access |
/// |---|---|---|
/// | 0x00, 0x04 | `STX0`, `STX1` | W, 8, 16 or 32 bit |
/// | 0x08, 0x0C | `SRX0`, `SRX1` | R, 8, 16 or 32 bit |
/// | 0x10 | `SCR` | RW, 32 bit as all below |
/// | 0x14 | `SISR`: TFE, RFF; TUE, ROE (write 1 to clear) | RW |
/// | 0x18, 0x1C, 0x20 | `SIER`, `STCR`, `SRCR` | RW |
/// | 0x2C | `SFCSR`: watermarks, and the levels of the FIFOs | RW |
/// | 0x34 | `SOR`: `TX_CLR`, `RX_CLR` | W |
///
/// Inferred: the data registers take narrow accesses, because Linux 6.12 `sound/soc/fsl` moves 16-bit samples with a bus
/// width of two bytes. Not modelled: what the data registers do without a FIFO.
///
/// ```
/// use sim_imx_sdma::bus::{Bus, Width};
/// use sim_imx_sdma::peripheral::{Ssi, SsiLines};
/// use sim_imx_sdma::time::{Clock, Cycles};
///
/// let mut bus = Bus::new();
/// let ssi = bus.add_peripheral(0x0202_8000, 0x4000, Ssi::new(Clock::IMX6, 48_000, SsiLines::SSI1))?;
/// bus.peripheral(ssi).set_up(Cycles(0), 8, false);
/// bus.peripheral(ssi).request_tx(Cycles(0), true);
/// assert_eq!(bus.lines(), 1 << 38);
///
/// for sample in 0..8 {
///     bus.write(1, Cycles(10), 0x0202_8000, Width::Two, sample)?;
/// }
/// assert_eq!(bus.lines(), 0);
///
/// // The first word leaves after 1/96000 s, and then there is room for eight again.
/// bus.peripheral(ssi).start_tx(Cycles(100));
/// assert_eq!(bus.next_change(), Some(Cycles(100 + 688)));
/// bus.advance(Cycles(788));
/// assert_eq!((bus.lines(), bus.peripheral(ssi).taken(0)), (1 << 38, &[0][..]));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug)]
pub struct Ssi {
    lines: SsiLines,
    tx: Stream<TxFifo>,
    rx: Stream<RxFifo>,
    scr: u32,
    sier: u32,
    stcr: u32,
    srcr: u32,
    sfcsr: u32,
    /// The request lines, as bits, of the FIFOs that are in use and may ask; 0 of others. They follow from the registers.
    tx_lines: [u64; 2],
    rx_lines: [u64; 2],
    /// How many of the events behind each sticky flag were acknowledged.
    acknowledged: [u64; 4],
}

impl Ssi {
    /// An SSI as it is after reset, whose bit clock will make so many frames, of two words each, in a second.
    #[must_use]
    pub fn new(clock: Clock, frame_rate: u32, lines: SsiLines) -> Self {
        let samples = SampleClock::new(clock, frame_rate * 2);
        let tx = Stream::new(samples, Order::Alternate, vec![TxFifo::new(DEPTH, 0), TxFifo::new(DEPTH, 0)]);
        let rx = Stream::new(samples, Order::Alternate, vec![RxFifo::new(DEPTH, 0), RxFifo::new(DEPTH, 0)]);
        let (scr, sier, stcr, srcr, sfcsr) = (0, 0x3003, 0x200, 0x200, 0x0081_0081);
        let (tx_lines, rx_lines, acknowledged) = ([0; 2], [0; 2], [0; 4]);
        let mut this = Self { lines, tx, rx, scr, sier, stcr, srcr, sfcsr, tx_lines, rx_lines, acknowledged };
        this.apply();
        this
    }

    /// Enables it with this watermark in `TFWM` and `RFWM`: it asks to be served `watermark` words, 1 to 15, at a time.
    /// `is_dual` says whether both FIFOs are used, in two-channel mode.
    pub fn set_up(&mut self, now: Cycles, watermark: u8, is_dual: bool) {
        self.advance(now);
        self.sfcsr = (u32::from(watermark) & 0xF) * 0x0011_0011;
        let fifos = if is_dual { 0b11 << FEN } else { 1 << FEN };
        (self.stcr, self.srcr) = (0x200 | fifos, 0x200 | fifos);
        self.scr = SCR_SSIEN | if is_dual { SCR_TCH_EN } else { 0 };
        self.follow_scr(now);
        self.apply();
    }

    /// Lets the transmit FIFOs ask, or not. A driver does it before [`start_tx`](Self::start_tx), so that they are full then.
    pub fn request_tx(&mut self, now: Cycles, on: bool) {
        self.advance(now);
        set(&mut self.sier, SIER_TDMAE, on);
        self.apply();
    }

    /// Starts to transmit, and lets the FIFOs ask.
    pub fn start_tx(&mut self, now: Cycles) {
        self.switch(now, SCR_TE, SIER_TDMAE, true);
    }

    /// Stops to transmit and to ask. What is in the FIFOs stays there.
    pub fn stop_tx(&mut self, now: Cycles) {
        self.switch(now, SCR_TE, SIER_TDMAE, false);
    }

    /// Starts to receive, and lets the FIFOs ask.
    pub fn start_rx(&mut self, now: Cycles) {
        self.switch(now, SCR_RE, SIER_RDMAE, true);
    }

    /// Stops to receive and to ask.
    pub fn stop_rx(&mut self, now: Cycles) {
        self.switch(now, SCR_RE, SIER_RDMAE, false);
    }

    fn switch(&mut self, now: Cycles, enable: u32, requests: u32, on: bool) {
        self.advance(now);
        set(&mut self.scr, enable, on);
        set(&mut self.sier, requests, on);
        self.follow_scr(now);
        self.apply();
    }

    /// What receive FIFO 0 or 1 gives from now on.
    pub fn give(&mut self, fifo: usize, source: Source) {
        if let Some(fifo) = self.rx.fifo_mut(fifo) {
            fifo.give(source);
        }
    }

    /// What was taken from transmit FIFO 0 or 1, in order.
    #[must_use]
    pub fn taken(&self, fifo: usize) -> &[u32] {
        self.tx.fifo(fifo).map_or(&[], TxFifo::taken)
    }

    /// What was put into receive FIFO 0 or 1, in order, without what was lost.
    #[must_use]
    pub fn given(&self, fifo: usize) -> &[u32] {
        self.rx.fifo(fifo).map_or(&[], RxFifo::given)
    }

    /// The transmit FIFOs: their levels, what they took, and what went wrong.
    pub fn tx(&mut self) -> &mut Stream<TxFifo> {
        &mut self.tx
    }

    /// The receive FIFOs.
    pub fn rx(&mut self) -> &mut Stream<RxFifo> {
        &mut self.rx
    }

    fn follow_scr(&mut self, now: Cycles) {
        let is_on = |bits: u32| self.scr & (SCR_SSIEN | bits) == SCR_SSIEN | bits;
        let (sends, receives) = (is_on(SCR_TE), is_on(SCR_RE));
        let active = if self.scr & SCR_TCH_EN != 0 { 2 } else { 1 };
        self.tx.set_active(active);
        self.rx.set_active(active);
        if sends {
            self.tx.start(now)
        } else {
            self.tx.stop()
        }
        if receives {
            self.rx.start(now)
        } else {
            self.rx.stop()
        }
        if self.scr & SCR_SSIEN == 0 {
            self.tx.fifos_mut().for_each(TxFifo::clear);
            self.rx.fifos_mut().for_each(RxFifo::clear);
        }
    }

    /// Takes over the watermarks from `SFCSR`, and from the other registers which FIFOs may ask.
    fn apply(&mut self) {
        for (n, fifo) in (0..).zip(self.tx.fifos_mut()) {
            fifo.set_watermark(DEPTH.saturating_sub((self.sfcsr >> (16 * n) & 0xF) as usize));
        }
        for (n, fifo) in (0..).zip(self.rx.fifos_mut()) {
            fifo.set_watermark((self.sfcsr >> (16 * n + 4) & 0xF) as usize);
        }
        let lines = |which: u32, lines: [u8; 2]| [line(lines[0], which & 1 != 0), line(lines[1], which & 2 != 0)];
        self.tx_lines = lines(self.tx_enabled() & self.tx.all(), self.lines.tx);
        self.rx_lines = lines(self.rx_enabled() & self.rx.all(), self.lines.rx);
    }

    /// Which transmit FIFOs may ask.
    fn tx_enabled(&self) -> u32 {
        if self.sier & SIER_TDMAE != 0 { self.stcr >> FEN & 0b11 } else { 0 }
    }

    fn rx_enabled(&self) -> u32 {
        if self.sier & SIER_RDMAE != 0 { self.srcr >> FEN & 0b11 } else { 0 }
    }

    /// How often that happened which each sticky flag stands for.
    fn mishaps(&self) -> [u64; 4] {
        let underruns = |n| self.tx.fifo(n).map_or(0, TxFifo::underruns);
        let overruns = |n| self.rx.fifo(n).map_or(0, RxFifo::overruns);
        [underruns(0), underruns(1), overruns(0), overruns(1)]
    }

    fn sisr(&self) -> u32 {
        let sticky = self.mishaps().into_iter().zip(self.acknowledged);
        let sticky =
            (SISR_STICKY..).zip(sticky).fold(0, |bits, (bit, (now, then))| bits | u32::from(now != then) << bit);
        self.tx.requests() | self.rx.requests() << 2 | sticky
    }

    fn levels(&self) -> u32 {
        let tx = |n| self.tx.fifo(n).map_or(0, TxFifo::level) as u32;
        let rx = |n| self.rx.fifo(n).map_or(0, RxFifo::level) as u32;
        tx(0) << 8 | rx(0) << 12 | tx(1) << 24 | rx(1) << 28
    }
}

fn set(register: &mut u32, bits: u32, on: bool) {
    if on { *register |= bits } else { *register &= !bits }
}

/// The registers other than those of data.
impl Ssi {
    fn read_register(&self, offset: u32, width: Width) -> Result<u32, BusError> {
        whole(offset, width)?;
        Ok(match offset {
            0x10 => self.scr,
            0x14 => self.sisr(),
            0x18 => self.sier,
            0x1C => self.stcr,
            0x20 => self.srcr,
            0x2C => self.sfcsr | self.levels(),
            _ => return Err(BusError { address: offset }),
        })
    }

    fn write_register(&mut self, now: Cycles, offset: u32, width: Width, value: u32) -> Result<(), BusError> {
        whole(offset, width)?;
        match offset {
            0x10 => {
                self.scr = value;
                self.follow_scr(now);
            }
            0x14 => {
                let mishaps = self.mishaps();
                for n in (0..4).filter(|n| value >> (SISR_STICKY + n) & 1 == 1) {
                    self.acknowledged[n as usize] = mishaps[n as usize];
                }
            }
            0x18 => self.sier = value,
            0x1C => self.stcr = value,
            0x20 => self.srcr = value,
            0x2C => self.sfcsr = value & 0x00FF_00FF,
            0x34 => {
                if value & SOR_TX_CLR != 0 {
                    self.tx.fifos_mut().for_each(TxFifo::clear);
                }
                if value & SOR_RX_CLR != 0 {
                    self.rx.fifos_mut().for_each(RxFifo::clear);
                }
            }
            _ => return Err(BusError { address: offset }),
        }
        self.apply();
        Ok(())
    }
}

/// Those of the lines whose FIFO asks.
#[inline]
fn asking<L: Lane>(stream: &Stream<L>, lines: [u64; 2]) -> u64 {
    if lines == [0; 2] {
        return 0;
    }
    let fifos = stream.fifos().zip(lines).filter(|(_, line)| *line != 0);
    fifos.fold(0, |all, (fifo, line)| all | if fifo.is_requesting() { line } else { 0 })
}

impl Peripheral for Ssi {
    #[inline]
    fn advance(&mut self, now: Cycles) {
        self.tx.advance(now);
        self.rx.advance(now);
    }

    #[inline]
    fn read(&mut self, _now: Cycles, offset: u32, width: Width) -> Result<u32, BusError> {
        if let 0x08 | 0x0C = offset {
            let fifo = self.rx.fifo_mut((offset / 4 - 2) as usize);
            return fifo.map(|fifo| width.cut(fifo.read())).ok_or(BusError { address: offset });
        }
        self.read_register(offset, width)
    }

    #[inline]
    fn write(&mut self, now: Cycles, offset: u32, width: Width, value: u32) -> Result<(), BusError> {
        if let 0x00 | 0x04 = offset {
            let fifo = self.tx.fifo_mut((offset / 4) as usize);
            return fifo.map(|fifo| fifo.write(width.cut(value))).ok_or(BusError { address: offset });
        }
        self.write_register(now, offset, width, value)
    }

    #[inline]
    fn lines(&self) -> u64 {
        asking(&self.tx, self.tx_lines) | asking(&self.rx, self.rx_lines)
    }

    fn next_change(&self) -> Option<Cycles> {
        sooner(self.tx.next_request(self.tx_enabled()), self.rx.next_request(self.rx_enabled()))
    }

    #[inline]
    fn quiet_until(&self) -> Cycles {
        self.tx.next_tick().min(self.rx.next_tick())
    }

    #[inline]
    fn fill(&mut self, offset: u32, _: Width, words: &[u32]) -> bool {
        let fifo = if let 0x00 | 0x04 = offset { self.tx.fifo_mut((offset / 4) as usize) } else { None };
        fifo.map(|fifo| fifo.write_all(words)).is_some()
    }

    #[inline]
    fn empty(&mut self, offset: u32, width: Width, words: &mut [u32]) -> bool {
        let fifo = if let 0x08 | 0x0C = offset { self.rx.fifo_mut((offset / 4 - 2) as usize) } else { None };
        fifo.map(|fifo| fifo.read_all(words)).is_some_and(|()| {
            words.iter_mut().for_each(|word| *word = width.cut(*word));
            true
        })
    }
}
