//! The ASRC of i.MX35 to i.MX6: three pairs, each of which takes samples at one rate and gives them at another.
//!
//! Offsets and bits: i.MX 6Dual/6Quad RM, chapter "Asynchronous Sample Rate Converter (ASRC)"; Linux 6.12
//! `sound/soc/fsl/fsl_asrc.h`.

use alloc::vec;
use alloc::vec::Vec;

use super::{Order, RxFifo, SampleClock, Source, Stream, TxFifo, line, sooner, whole};
use crate::bus::{BusError, Peripheral, Width};
use crate::time::{Clock, Cycles};

const DEPTH: usize = 64;
const ASRCTR_ASRCEN: u32 = 1;

/// One of the three pairs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AsrcPair {
    /// Pair A.
    A,
    /// Pair B.
    B,
    /// Pair C.
    C,
}

/// The request lines of an ASRC, for the pairs A, B and C, each 0 to 47.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct AsrcLines {
    /// The ASRC receives: a pair's input wants samples.
    pub rx: [u8; 3],
    /// The ASRC transmits: a pair's output has samples.
    pub tx: [u8; 3],
}

impl AsrcLines {
    /// On i.MX6 (i.MX 6Dual/6Quad RM, table "SDMA event mapping").
    pub const IMX6: Self = Self { rx: [17, 18, 19], tx: [20, 21, 22] };
}

#[derive(Debug)]
struct Pair {
    input: Stream<TxFifo>,
    output: Stream<RxFifo>,
    /// `ASRMCR`.
    mcr: u32,
}

/// An ASRC, with one input and one output FIFO of 64 samples for each pair.
///
/// An input takes samples at its rate, and its line is high while fewer than `ASRMCR.INFIFO_THRESHOLD` are in its FIFO. An
/// output gives samples at its own rate, and its line is high while there are more than `OUTFIFO_THRESHOLD`. Both work
/// while the pair and the whole are enabled in `ASRCTR`. There is no filter in between: what comes out is what
/// [`give`](Self::give) says.
///
/// | Offset | Register | Access |
/// |---|---|---|
/// | 0x00 | `ASRCTR`: ASRCEN, ASREA, ASREB, ASREC | RW, 32 bit as all |
/// | 0x60, 0x68, 0x70 | `ASRDIA`, `ASRDIB`, `ASRDIC`: input | W |
/// | 0x64, 0x6C, 0x74 | `ASRDOA`, `ASRDOB`, `ASRDOC`: output | R |
/// | 0xA0, 0xA8, 0xB0 | `ASRMCRA`, `B`, `C`: thresholds, in samples | RW |
/// | 0xA4, 0xAC, 0xB4 | `ASRFSTA`, `B`, `C`: levels | R |
///
/// Inferred: thresholds count samples. The manual counts them for each channel of the pair, which for one channel is the same.
/// Unconfirmed: reset values of the thresholds; 0 here.
#[derive(Debug)]
pub struct Asrc {
    lines: AsrcLines,
    pairs: Vec<Pair>,
    ctr: u32,
}

impl Asrc {
    /// An ASRC as it is after reset, whose pairs will take and give so many samples in a second: `(in, out)` of A, B and C. A
    /// rate of 0 is that of a pair that is not used.
    #[must_use]
    pub fn new(clock: Clock, rates: [(u32, u32); 3], lines: AsrcLines) -> Self {
        let pair = |(input, output)| Pair {
            input: Stream::new(SampleClock::new(clock, input), Order::Together, vec![TxFifo::new(DEPTH, 0)]),
            output: Stream::new(SampleClock::new(clock, output), Order::Together, vec![RxFifo::new(DEPTH, 1)]),
            mcr: 0,
        };
        let mut this = Self { lines, pairs: rates.into_iter().map(pair).collect(), ctr: 0 };
        (0..this.pairs.len()).for_each(|n| this.write_mcr(n, 0));
        this
    }

    /// Sets a pair's thresholds, 0 to 63 each.
    pub fn set_up(&mut self, now: Cycles, pair: AsrcPair, in_threshold: u8, out_threshold: u8) {
        self.advance(now);
        self.write_mcr(pair as usize, u32::from(in_threshold & 0x3F) | u32::from(out_threshold & 0x3F) << 12);
    }

    /// Starts a pair.
    pub fn start(&mut self, now: Cycles, pair: AsrcPair) {
        self.advance(now);
        self.write_ctr(now, self.ctr | ASRCTR_ASRCEN | enable(pair as usize));
    }

    /// Stops a pair. What is in its FIFOs stays there.
    pub fn stop(&mut self, now: Cycles, pair: AsrcPair) {
        self.advance(now);
        self.write_ctr(now, self.ctr & !enable(pair as usize));
    }

    /// What a pair gives from now on.
    pub fn give(&mut self, pair: AsrcPair, source: Source) {
        if let Some(fifo) = self.output(pair).fifo_mut(0) {
            fifo.give(source);
        }
    }

    /// What a pair took, in order.
    #[must_use]
    pub fn taken(&self, pair: AsrcPair) -> &[u32] {
        self.pairs[pair as usize].input.fifo(0).map_or(&[], TxFifo::taken)
    }

    /// What a pair gave, in order, without what was lost.
    #[must_use]
    pub fn given(&self, pair: AsrcPair) -> &[u32] {
        self.pairs[pair as usize].output.fifo(0).map_or(&[], RxFifo::given)
    }

    /// A pair's input: its level, what it took, and what went wrong.
    pub fn input(&mut self, pair: AsrcPair) -> &mut Stream<TxFifo> {
        &mut self.pairs[pair as usize].input
    }

    /// A pair's output.
    pub fn output(&mut self, pair: AsrcPair) -> &mut Stream<RxFifo> {
        &mut self.pairs[pair as usize].output
    }

    fn write_ctr(&mut self, now: Cycles, value: u32) {
        self.ctr = value;
        for (n, pair) in self.pairs.iter_mut().enumerate() {
            if is_enabled(value, n) {
                pair.input.start(now);
                pair.output.start(now);
            } else {
                pair.input.stop();
                pair.output.stop();
            }
        }
    }

    fn write_mcr(&mut self, n: usize, value: u32) {
        let pair = &mut self.pairs[n];
        pair.mcr = value;
        // Fewer than the threshold. With 0 that is never; the line is held low by `may_input_ask`.
        let watermark = (value & 0x3F).saturating_sub(1) as usize;
        pair.input.fifos_mut().for_each(|fifo| fifo.set_watermark(watermark));
        let watermark = (value >> 12 & 0x3F) as usize + 1;
        pair.output.fifos_mut().for_each(|fifo| fifo.set_watermark(watermark));
    }
}

impl Pair {
    fn may_input_ask(&self) -> bool {
        self.mcr & 0x3F != 0
    }

    fn levels(&self) -> u32 {
        let input = self.input.fifo(0).map_or(0, TxFifo::level) as u32;
        let output = self.output.fifo(0).map_or(0, RxFifo::level) as u32;
        input | output << 12
    }
}

/// `ASREA`, `ASREB`, `ASREC`.
fn enable(n: usize) -> u32 {
    2 << n
}

fn is_enabled(ctr: u32, n: usize) -> bool {
    let bits = ASRCTR_ASRCEN | enable(n);
    ctr & bits == bits
}

impl Peripheral for Asrc {
    fn advance(&mut self, now: Cycles) {
        for pair in &mut self.pairs {
            pair.input.advance(now);
            pair.output.advance(now);
        }
    }

    fn read(&mut self, _now: Cycles, offset: u32, width: Width) -> Result<u32, BusError> {
        whole(offset, width)?;
        match offset {
            0x00 => Ok(self.ctr),
            0x64 | 0x6C | 0x74 => {
                let n = (offset as usize - 0x64) / 8;
                self.pairs[n].output.fifo_mut(0).map(RxFifo::read).ok_or(BusError { address: offset })
            }
            0xA0 | 0xA8 | 0xB0 => Ok(self.pairs[(offset as usize - 0xA0) / 8].mcr),
            0xA4 | 0xAC | 0xB4 => Ok(self.pairs[(offset as usize - 0xA4) / 8].levels()),
            _ => Err(BusError { address: offset }),
        }
    }

    fn write(&mut self, now: Cycles, offset: u32, width: Width, value: u32) -> Result<(), BusError> {
        whole(offset, width)?;
        match offset {
            0x00 => self.write_ctr(now, value),
            0x60 | 0x68 | 0x70 => {
                let n = (offset as usize - 0x60) / 8;
                self.pairs[n].input.fifos_mut().for_each(|fifo| fifo.write(value));
            }
            0xA0 | 0xA8 | 0xB0 => self.write_mcr((offset as usize - 0xA0) / 8, value),
            _ => return Err(BusError { address: offset }),
        }
        Ok(())
    }

    fn lines(&self) -> u64 {
        self.pairs.iter().enumerate().filter(|(n, _)| is_enabled(self.ctr, *n)).fold(0, |lines, (n, pair)| {
            let input = pair.may_input_ask() && pair.input.requests() != 0;
            lines | line(self.lines.rx[n], input) | line(self.lines.tx[n], pair.output.requests() != 0)
        })
    }

    fn next_change(&self) -> Option<Cycles> {
        let enabled = self.pairs.iter().enumerate().filter(|(n, _)| is_enabled(self.ctr, *n));
        enabled.fold(None, |next, (_, pair)| {
            let input = if pair.may_input_ask() { pair.input.next_request(1) } else { None };
            sooner(next, sooner(input, pair.output.next_request(1)))
        })
    }
}
