//! When an SSI asks to be served, and by which lines.

use super::registers::{FEN, SIER_RDMAE, SIER_TDMAE};
use super::{DEPTH, Ssi};
use crate::peripheral::{Lane, Stream, line, sooner};
use crate::time::Cycles;

impl Ssi {
    /// Takes over the watermarks from `SFCSR`, and from the other registers which FIFOs may ask.
    pub(super) fn apply(&mut self) {
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

    /// The lines whose FIFO asks, though they may be low for a cycle.
    #[inline]
    pub(super) fn asking(&self) -> u64 {
        asking(&self.tx, self.tx_lines) | asking(&self.rx, self.rx_lines)
    }

    /// When a line changes next.
    pub(super) fn next_request(&self) -> Option<Cycles> {
        if self.wire.is_some() && self.asking() != 0 {
            return self.next_pulse();
        }
        sooner(self.tx.next_request(self.tx_enabled()), self.rx.next_request(self.rx_enabled()))
    }

    /// With a FIFO that asks: when the lines fall next, or rise again.
    fn next_pulse(&self) -> Option<Cycles> {
        let tick = self.tx.next_tick().min(self.rx.next_tick());
        let next = if self.low_until == Cycles(0) { tick } else { self.low_until };
        Some(next).filter(|next| *next != Cycles(u64::MAX))
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
