//! Where frames begin and end: what follows from `SCR`, `STCCR` and `SRCCR`, and what goes over the wire in between.

use super::registers::{SCR_NET, SCR_RE, SCR_SSIEN, SCR_SYN, SCR_TCH_EN, SCR_TE};
use super::wire::Shape;
use super::{RxFifo, Ssi, TxFifo};
use crate::peripheral::SampleClock;
use crate::time::Cycles;

impl Ssi {
    /// Takes over from `STCCR` and `SRCCR` how frames look. A change stops the direction.
    pub(super) fn follow_frame(&mut self) {
        let is_network = self.scr & SCR_NET != 0;
        let shape = |ccr: u32| {
            let slots = if is_network { (ccr >> 8 & 0x1F) + 1 } else { 1 };
            Shape { slots: slots.into(), bits: ((ccr >> 13 & 0xF) + 1) * 2 }
        };
        let tx = shape(self.stccr);
        let rx = if self.scr & SCR_SYN != 0 { tx } else { shape(self.srccr) };
        let clock = |shape: Shape| SampleClock::new(self.clock, self.frame_rate * shape.slots as u32);
        if tx.slots != self.tx_shape.slots {
            self.tx.set_clock(clock(tx));
            self.origin = None;
        }
        if rx.slots != self.rx_shape.slots {
            self.rx.set_clock(clock(rx));
        }
        (self.tx_shape, self.rx_shape) = (tx, rx);
    }

    pub(super) fn follow_scr(&mut self, now: Cycles) {
        let is_on = |bits: u32| self.scr & (SCR_SSIEN | bits) == SCR_SSIEN | bits;
        let (sends, receives) = (is_on(SCR_TE), is_on(SCR_RE));
        let active = if self.scr & SCR_TCH_EN != 0 { 2 } else { 1 };
        self.tx.set_active(active);
        self.rx.set_active(active);
        if sends || receives {
            let begun = self.origin.is_some();
            self.origin.get_or_insert(now);
            if let Some(wire) = self.wire.as_mut().filter(|_| !begun) {
                wire.restart_clock();
            }
        }
        let origin = self.origin.filter(|_| self.scr & SCR_SYN != 0).unwrap_or(now);
        let (tx, rx) = (self.tx_shape.slots, self.rx_shape.slots);
        if sends {
            self.tx.join(origin, now, tx);
            self.begin_sending();
        } else if self.wire.is_some() {
            self.tx.finish(now, tx);
        } else {
            self.tx.stop();
        }
        if receives {
            self.rx.join(origin, now, rx);
            self.begin_receiving();
        } else if self.wire.is_some() {
            self.rx.finish(now, rx);
        } else {
            self.rx.stop();
        }
        if self.scr & SCR_SSIEN == 0 {
            self.tx.stop();
            self.rx.stop();
            self.clear_tx();
            self.clear_rx();
        }
    }

    fn begin_sending(&mut self) {
        if let Some(wire) = self.wire.as_mut().filter(|_| self.is_new[0]) {
            wire.begin_sending(self.tx.position() / self.tx_shape.slots);
        }
        self.is_new[0] = false;
    }

    fn begin_receiving(&mut self) {
        if let Some(wire) = self.wire.as_mut().filter(|_| self.is_new[1]) {
            wire.begin_receiving(self.rx.position() / self.rx_shape.slots);
        }
        self.is_new[1] = false;
    }

    pub(super) fn clear_tx(&mut self) {
        self.tx.fifos_mut().for_each(TxFifo::clear);
        self.is_new[0] = true;
    }

    pub(super) fn clear_rx(&mut self) {
        self.rx.fifos_mut().for_each(RxFifo::clear);
        self.is_new[1] = true;
    }

    /// What the clock sends and receives up to now goes over the wire.
    pub(super) fn exchange(&mut self, now: Cycles) {
        let Some(wire) = &mut self.wire else { return };
        let is_tick = now >= self.tx.next_tick().min(self.rx.next_tick());
        self.low_until = if is_tick { now + Cycles(1) } else { Cycles(0) };
        let (at, was_running) = (self.tx.position(), self.tx.is_running());
        let before = self.tx.fifo(0).map_or(0, TxFifo::underruns);
        self.tx.advance(now);
        if let Some(fifo) = self.tx.fifo_mut(0).filter(|_| was_running) {
            let dry = fifo.underruns() - before;
            wire.send(at, fifo.drain_taken(), dry, self.tx_shape);
        } else {
            wire.rest();
        }
        let (at, ticks) = (self.rx.position(), self.rx.take_ticks(now));
        if let Some(fifo) = self.rx.fifo_mut(0).filter(|_| ticks != 0) {
            let fit = ticks.min(fifo.room() as u64);
            (at..at + fit).for_each(|at| fifo.put(wire.hear(at, self.rx_shape)));
            fifo.lose(ticks - fit);
            wire.received(at, fit, ticks - fit, self.rx_shape);
        }
    }
}
