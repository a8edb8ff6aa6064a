//! The SSI of i.MX31 to i.MX6: two FIFOs of 15 words each way, and frames of 1 to 32 words.
//!
//! Offsets and bits: i.MX 6ULL and 6Dual/6Quad RM, chapter "Synchronous Serial Interface (SSI)".

mod frames;
mod lines;
mod registers;
mod requests;
mod wire;

use alloc::vec;

pub use lines::SsiLines;
pub use wire::{SsiRun, SsiSound, SsiWire};

use super::{Order, RxFifo, SampleClock, Source, Stream, TxFifo};
use crate::bus::{BusError, Peripheral, Width};
use crate::time::{Clock, Cycles};
use registers::{FEN, NETWORK_OF_TWO, SCR_NET, SCR_RE, SCR_SSIEN, SCR_TCH_EN, SCR_TE, SIER_RDMAE, SIER_TDMAE};
use wire::Shape;

const DEPTH: usize = 15;

/// An SSI, whose codec makes the clocks: the frame rate is the codec's, and a frame has as many words as the registers say,
/// whatever the bit clock that needs. In network mode (`SCR.NET`) these are `STCCR.DC` + 1 and `SRCCR.DC` + 1, otherwise one.
///
/// With one FIFO in use the channels follow each other in it. In two-channel mode (`SCR.TCH_EN`) left goes through FIFO 0 and
/// right through FIFO 1, and both move in turn.
///
/// A direction that is enabled begins with the first word of a frame, and one that is disabled ends with the last word of the
/// frame under way; `SISR.TRFC` or `RFRC` says that it has. One that is enabled again before that goes on as if nothing had
/// been. In synchronous mode (`SCR.SYN`) both directions are on one frame clock, that of `STCCR`, which begins when one of them
/// is enabled first and runs from then on; otherwise each has its own, which begins when it is enabled.
///
/// The FIFOs know nothing of frames. A transmitter that finds none sends the last word again (`TUE`), and the next word to be
/// written goes out in whichever slot is next; a receiver with no room loses a word (`ROE`). After either the channels are in
/// others' slots until it is disabled, emptied and enabled.
///
/// Inferred: that `TRFC` and `RFRC` are set too when the clocks are the codec's, and that the FIFO is looked at when a slot ends.
/// Not modelled: without a [wire](Self::connect), that a frame comes to its end: a direction stops at once. That the chip has
/// words of 8, 10, 12, 16, 18, 20, 22 and 24 bits and no others; words at the upper end of a register (`TXBIT0` clear);
/// masked slots.
///
/// A transmit FIFO asks when `SFCSR.TFWM` or more of its words are free, a receive FIFO when `RFWM` or more are used; both
/// only while `SIER.TDMAE` or `RDMAE` and the FIFO's own enable bit (`STCR.TFEN`, `SRCR.RFEN`) are set. The clocks run
/// while `SCR.SSIEN` and `TE` or `RE` are set; clearing `SSIEN` stops at once and empties the FIFOs.
///
/// | Offset | Register | Access |
/// |---|---|---|
/// | 0x00, 0x04 | `STX0`, `STX1` | W, 8, 16 or 32 bit |
/// | 0x08, 0x0C | `SRX0`, `SRX1` | R, 8, 16 or 32 bit |
/// | 0x10 | `SCR` | RW, 32 bit as all below |
/// | 0x14 | `SISR`: TFE, RFF; TUE, ROE, TRFC, RFRC (write 1 to clear) | RW |
/// | 0x18, 0x1C, 0x20 | `SIER`, `STCR`, `SRCR` | RW |
/// | 0x24, 0x28 | `STCCR`, `SRCCR`: DC and WL | RW |
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
    stccr: u32,
    srccr: u32,
    sfcsr: u32,
    clock: Clock,
    frame_rate: u32,
    tx_shape: Shape,
    rx_shape: Shape,
    /// When the frame clock of synchronous mode began.
    origin: Option<Cycles>,
    /// Of `SISR`, those of TRFC and RFRC whose direction was disabled. It may not have stopped yet.
    disabled: u32,
    /// The FIFOs were emptied since the direction last began: what comes next is a new run on the wire.
    is_new: [bool; 2],
    wire: Option<SsiWire>,
    /// With a wire: until when the lines are low, because there was a tick. The past if they are not.
    low_until: Cycles,
    /// The request lines, as bits, of the FIFOs that are in use and may ask; 0 of others. They follow from the registers.
    tx_lines: [u64; 2],
    rx_lines: [u64; 2],
    /// How many of the events behind each sticky flag were acknowledged.
    acknowledged: [u64; 4],
}

impl Ssi {
    /// An SSI as it is after reset, with a codec that makes so many frames in a second.
    #[must_use]
    pub fn new(clock: Clock, frame_rate: u32, lines: SsiLines) -> Self {
        let samples = SampleClock::new(clock, frame_rate);
        let tx = Stream::new(samples, Order::Alternate, vec![TxFifo::new(DEPTH, 0), TxFifo::new(DEPTH, 0)]);
        let rx = Stream::new(samples, Order::Alternate, vec![RxFifo::new(DEPTH, 0), RxFifo::new(DEPTH, 0)]);
        let (scr, sier, stcr, srcr, sfcsr) = (0, 0x3003, 0x200, 0x200, 0x0081_0081);
        let (stccr, srccr) = (0x4_0000, 0x4_0000);
        let (tx_shape, rx_shape) = (Shape { slots: 1, bits: 2 }, Shape { slots: 1, bits: 2 });
        let (origin, disabled, is_new, wire, low_until) = (None, 0, [true; 2], None, Cycles(0));
        let (tx_lines, rx_lines, acknowledged) = ([0; 2], [0; 2], [0; 4]);
        let mut this = Self {
            lines,
            tx,
            rx,
            scr,
            sier,
            stcr,
            srcr,
            stccr,
            srccr,
            sfcsr,
            clock,
            frame_rate,
            tx_shape,
            rx_shape,
            origin,
            disabled,
            is_new,
            wire,
            low_until,
            tx_lines,
            rx_lines,
            acknowledged,
        };
        this.apply();
        this
    }

    /// Enables it with two words in a frame and this watermark in `TFWM` and `RFWM`: it asks to be served `watermark` words, 1 to
    /// 15, at a time. `is_dual` says whether both FIFOs are used, in two-channel mode.
    pub fn set_up(&mut self, now: Cycles, watermark: u8, is_dual: bool) {
        self.advance(now);
        self.sfcsr = (u32::from(watermark) & 0xF) * 0x0011_0011;
        let fifos = if is_dual { 0b11 << FEN } else { 1 << FEN };
        (self.stcr, self.srcr) = (0x200 | fifos, 0x200 | fifos);
        (self.stccr, self.srccr) = (NETWORK_OF_TWO, NETWORK_OF_TWO);
        self.scr = SCR_SSIEN | SCR_NET | if is_dual { SCR_TCH_EN } else { 0 };
        self.follow_frame();
        self.follow_scr(now);
        self.apply();
    }

    /// Has the codec make so many frames in a second. Both directions stop, and the frame clock begins anew.
    pub fn set_frame_rate(&mut self, now: Cycles, frame_rate: u32) {
        self.advance(now);
        self.frame_rate = frame_rate;
        (self.tx_shape.slots, self.rx_shape.slots) = (0, 0);
        self.follow_frame();
    }

    /// Puts a wire to its data lines: from now on what is sent goes there, and what is received comes from there, all through
    /// FIFO 0. What the FIFOs keep by themselves ([`taken`](Self::taken), [`given`](Self::given)) is no longer kept.
    ///
    /// With a wire its request lines fall for a cycle at each word that is sent or received, so that an edge that was missed is
    /// followed by another. A script can miss one that comes between its last look at the line and its `done 4`; whether the
    /// chip can, no manual says (unconfirmed), but the simulated SDMA does.
    pub fn connect(&mut self, now: Cycles, wire: SsiWire) {
        self.advance(now);
        self.rx.fifos_mut().for_each(|fifo| fifo.keep(false));
        self.wire = Some(wire);
        self.is_new = [true; 2];
    }

    /// The wire, up to now; `None` if there is none.
    pub fn wire(&mut self, now: Cycles) -> Option<&mut SsiWire> {
        self.advance(now);
        self.wire.as_mut()
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

    /// Stops to ask, and to transmit at the end of the frame. What is in the FIFOs then stays there.
    pub fn stop_tx(&mut self, now: Cycles) {
        self.switch(now, SCR_TE, SIER_TDMAE, false);
    }

    /// Starts to receive, and lets the FIFOs ask.
    pub fn start_rx(&mut self, now: Cycles) {
        self.switch(now, SCR_RE, SIER_RDMAE, true);
    }

    /// Stops to ask, and to receive at the end of the frame.
    pub fn stop_rx(&mut self, now: Cycles) {
        self.switch(now, SCR_RE, SIER_RDMAE, false);
    }

    fn switch(&mut self, now: Cycles, enable: u32, requests: u32, on: bool) {
        self.advance(now);
        set(&mut self.sier, requests, on);
        let mut scr = self.scr;
        set(&mut scr, enable, on);
        self.write_scr(now, scr);
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
}

fn set(register: &mut u32, bits: u32, on: bool) {
    if on { *register |= bits } else { *register &= !bits }
}

impl Peripheral for Ssi {
    #[inline]
    fn advance(&mut self, now: Cycles) {
        if now < self.quiet_until() {
            return;
        }
        if self.wire.is_some() {
            return self.exchange(now);
        }
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
        if self.low_until == Cycles(0) { self.asking() } else { 0 }
    }

    fn next_change(&self) -> Option<Cycles> {
        self.next_request()
    }

    #[inline]
    fn quiet_until(&self) -> Cycles {
        let tick = self.tx.next_tick().min(self.rx.next_tick());
        if self.low_until == Cycles(0) { tick } else { tick.min(self.low_until) }
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
