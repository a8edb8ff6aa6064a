//! The steps of the hardware: a descriptor is closed, an interrupt is taken, and what the client is told of it.

use dmaengine_core::{Event, EventKind, TransferError};
use serde_json::Value;

use super::differences::Id;
use super::expect;
use super::ledger::Kind;
use super::machine::{CONT, Closed, DONE, RROR};
use super::replay::{Replay, Told};
use super::trace::{events, number, ops};

impl Replay<'_> {
    /// The engine closes a descriptor; of a copy, with the last one also those that Linux has not.
    pub fn close(&mut self, step: &Value, count: Option<u32>) {
        let name = self.running.clone().expect("something runs, or ran");
        let hw = events(step, "hw_bd").next().expect("what became of it");
        let ledger = self.ledgers.get_mut(&name).expect("it was prepared");
        let place = &self.place;
        loop {
            let closed = self.machine.close(self.channel, count, count.is_some());
            if ledger.ended.is_some() {
                self.differences.apply(Id::RingStops);
                assert_eq!(closed, Closed::NotEnabled, "{place}");
                return;
            }
            let Closed::Done { descriptor, mode, current, intr, he } = closed else {
                assert_eq!((closed, hw["result"].is_null()), (Closed::NotOwned, false), "{place}");
                return;
            };
            let index = ledger.closed.len();
            let linux = number(&hw["mode_after"]);
            assert_eq!(descriptor, ledger.nth(index), "{place}");
            ledger.closed.push(mode);
            if ledger.cut {
                self.differences.apply(Id::Pieces);
                assert_eq!(mode, ledger.descriptors[index][0] & !DONE, "{place}");
                if mode & CONT != 0 && linux & CONT == 0 {
                    continue;
                }
            } else {
                assert_eq!((Some(descriptor), mode), (ledger.here(number(&hw["bd_bus"])), linux), "{place}");
            }
            if !ledger.cut || linux & CONT == 0 {
                let [linux_current, linux_intr, linux_he] =
                    ["current_bd_ptr", "intr", "he"].map(|field| number(&hw[field]));
                assert_eq!((Some(current), intr, he), (ledger.here(linux_current), linux_intr, linux_he), "{place}");
            }
            return;
        }
    }

    /// The handler, which Linux ran if something was asserted.
    pub fn interrupt(&mut self, step: &Value) {
        let registers = self.machine.registers();
        let asserted = events(step, "irq_begin").next();
        let linux = ops(step);
        let name = self.running.clone().expect("something runs, or ran");
        let ledger = &self.ledgers[&name];
        if ledger.ended == Some(false) || asserted.is_none() {
            if ledger.ended == Some(false) {
                self.differences.apply(Id::RingStops);
            }
            assert_eq!(self.machine.intr(), 0, "{}", self.place);
            return;
        }
        assert_eq!(asserted.map(|irq| number(&irq["intr"])), Some(self.machine.intr()), "{}", self.place);
        let (good, error) = ledger.news();
        let ring = matches!(ledger.kind, Kind::Ring { .. });
        let context = self.machine.context(self.channel);
        let mut told = self.take_interrupt();
        told.extend(self.take_channel_0_interrupt());
        if ring {
            self.told_periods(step, &name, &told, good, error);
        } else {
            self.told_end(&name, &told, error);
        }
        let mut expected = Vec::new();
        for op in linux {
            if self.starts(&op) && !ring {
                expected.extend(self.started(vec![op], registers.clone()));
            } else {
                expected.push(op);
            }
        }
        if ring && error {
            expected = expect::failure(self.differences, expected, self.channel, context);
        }
        self.compare(&expect::with_interrupt(expected));
    }

    /// A ring's interrupt: its periods, and perhaps its failure.
    fn told_periods(&mut self, step: &Value, name: &str, told: &[Told], good: usize, error: bool) {
        let callbacks: Vec<&Value> = events(step, "callback").collect();
        let mut ended = 0;
        let mut failed = false;
        for Told { event, status } in told {
            match event.kind {
                EventKind::Period { periods, .. } => {
                    ended += periods as usize;
                    self.ledgers.get_mut(name).expect("it was prepared").told += periods as usize;
                }
                EventKind::Failed(TransferError::Bus) => failed = true,
                other => panic!("{}: {other:?}", self.place),
            }
            let inside = &callbacks[ended.max(1) - 1]["tx_status_inside"];
            if !failed && !inside.is_null() {
                self.same_status(name, status.expect("it is known"), inside);
            }
        }
        assert_eq!((ended, failed), (good, error), "{}", self.place);
        if !error {
            assert_eq!(ended, callbacks.len(), "{}", self.place);
            self.differences.replace(Id::Folded, callbacks.len(), told.len());
        }
        let ledger = self.ledgers.get_mut(name).expect("it was prepared");
        if error {
            (ledger.ended, ledger.told) = (Some(false), ledger.closed.len());
        }
    }

    /// A list's interrupt: its end.
    fn told_end(&mut self, name: &str, told: &[Told], error: bool) {
        let ledger = self.ledgers.get_mut(name).expect("it was prepared");
        assert!(ledger.is_done(), "{}", self.place);
        let expected = if error {
            self.differences.apply(Id::Error);
            EventKind::Failed(TransferError::Bus)
        } else {
            EventKind::Completed
        };
        let kinds: Vec<_> = told.iter().map(|told| told.event.kind).collect();
        assert_eq!(kinds, [expected], "{}", self.place);
        (ledger.ended, ledger.told) = (Some(!error), ledger.closed.len());
        self.completed.push(name.into());
    }

    /// Inside a callback, the periods that it is about are the client's: the SDMA does not own them.
    pub fn inside_callback(&self, event: &Event) {
        let (EventKind::Period { periods, .. }, Some(name)) = (event.kind, &self.running) else { return };
        let ledger = &self.ledgers[name];
        for i in 0..periods as usize {
            let [mode] = self.machine.words(ledger.nth(ledger.told + i));
            assert_eq!(mode & DONE, 0, "{}", self.place);
            assert_eq!(mode & RROR, 0, "{}", self.place);
        }
    }

    /// Linux calls back now what has completed; here it was told in the interrupt.
    pub fn tasklets(&mut self, step: &Value) {
        self.differences.apply(Id::InInterrupt);
        assert_eq!(Self::called_back(step), std::mem::take(&mut self.completed), "{}", self.place);
        assert_eq!(ops(step), []);
    }
}
