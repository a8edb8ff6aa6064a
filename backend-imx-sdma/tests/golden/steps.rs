//! The steps of the client and of the hardware, and what is compared after each.

use std::collections::BTreeMap;

use backend_imx_sdma::Peripheral;
use backend_imx_sdma::peripheral::{Priority, RequestLine};
use backend_imx_sdma::regs::offset;
use dmaengine_core::{BusAddr, BusWidth, Cyclic, Direction, Event, EventKind, SlaveConfig, Status, TransferError};
use serde_json::Value;

use super::client::{Client, Wish};
use super::differences::Id;
use super::expect;
use super::ledger::{Kind, Ledger};
use super::machine::{CONT, Closed, DONE, Machine, RROR};
use super::replay::{Handle, Replay, Told};
use super::trace::{events, list, number, numbers, ops, text};

impl Replay<'_> {
    pub fn request_channel(&mut self, step: &Value, slave: bool) {
        self.channel = number(&step["result"]["sdma_channel"]) as u8;
        self.client = Some(Client::Idle(self.dma().channel(self.channel - 1).expect("it is free")));
        if slave {
            let [line, kind, priority] = numbers(&step["args"]["dma_cells"]).try_into().expect("three cells");
            let wire = RequestLine::new(line as u8).expect("a line of this chip");
            let peripheral = match kind {
                0 => Peripheral::ssi(wire),
                1 => Peripheral::ssi_shared(wire),
                other => panic!("a device of kind {other}"),
            };
            let priority = [Priority::High, Priority::Medium, Priority::Low][priority as usize];
            self.line = Some(line as u8);
            self.peripheral = Some(peripheral.with_priority(priority));
        }
        self.held.extend(ops(step));
    }

    /// The configuration goes into each preparation here; nothing happens yet.
    pub fn device_config(&mut self, step: &Value) {
        let args = &step["args"];
        assert_eq!(number(&step["result"]), 0);
        let width = match number(&args["dst_width"]) {
            1 => BusWidth::One,
            2 => BusWidth::Two,
            3 => BusWidth::Three,
            4 => BusWidth::Four,
            other => panic!("a width of {other}"),
        };
        let address = BusAddr(number(&args["dst_addr"]).into());
        let peripheral = self.peripheral.expect("a device has asked for the channel");
        let burst = number(&args["dst_maxburst"]) as u16;
        self.config = Some(SlaveConfig::new(address, width, peripheral).with_max_burst(burst));
        self.held.extend(ops(step));
    }

    pub fn prep_cyclic(&mut self, step: &Value) {
        let args = &step["args"];
        assert_eq!(args["direction"], "MEM_TO_DEV");
        let (len, period) = (number(&args["buf_len"]), number(&args["period_len"]));
        self.machine.map_next_at(number(&args["buf_bus"]), len as usize);
        let request = Cyclic { direction: Direction::MemToDev, period, config: self.config.expect("configured") };
        self.prepare(step, &Wish::Ring { len: len as usize, request }, Kind::Ring { period }, len);
    }

    pub fn prep_slave_sg(&mut self, step: &Value) {
        assert_eq!(step["args"]["direction"], "MEM_TO_DEV");
        let entries: Vec<_> = list(&step["args"]["entries"]).iter().map(numbers).collect();
        entries.iter().for_each(|entry| self.machine.map_next_at(entry[0], entry[1] as usize));
        let lens = entries.iter().map(|entry| entry[1] as usize).collect();
        let total = entries.iter().map(|entry| entry[1]).sum();
        self.prepare(step, &Wish::List { lens, config: self.config.expect("configured") }, Kind::List, total);
    }

    pub fn prep_memcpy(&mut self, step: &Value) {
        let args = &step["args"];
        let len = number(&args["len"]);
        self.machine.map_next_at(number(&args["dst_bus"]), len as usize);
        self.machine.map_next_at(number(&args["src_bus"]), len as usize);
        self.prepare(step, &Wish::Copy { len: len as usize }, Kind::List, len);
    }

    /// Prepares, finds the descriptors where shared memory has changed, and compares them.
    fn prepare(&mut self, step: &Value, wish: &Wish, kind: Kind, total: u32) {
        let before = self.machine.shared();
        let prepared = self.client.as_ref().expect("a channel").prepare(wish);
        let prepared = prepared.unwrap_or_else(|error| panic!("{}: {error}", self.place));
        let after = self.machine.shared();
        let first =
            before.iter().zip(&after).position(|(before, after)| before != after).expect("descriptors are written");
        let name = text(&step["result"]).to_string();
        let snapshot = list(&step["snapshots"]).iter().find(|snapshot| !snapshot["descriptor"].is_null());
        let descriptor = &snapshot.expect("the descriptors as they are prepared")["descriptor"];
        let linux = descriptors(&descriptor["bds"]);
        let used = linux.iter().filter(|words| **words != [0; 3]).count();
        let expected = match wish {
            Wish::Copy { .. } => expect::pieces(self.differences, linux.clone(), total),
            _ => linux.clone(),
        };
        let ledger = Ledger {
            kind,
            total,
            linux: number(&descriptor["bd_bus"]),
            ours: Machine::bus_of(first),
            linux_count: used as u32,
            cut: expected != linux,
            descriptors: expected,
            prepared: ops(step),
            closed: Vec::new(),
            told: 0,
            started: false,
            ended: None,
        };
        self.compare_descriptors(&ledger, &ledger.descriptors);
        self.ledgers.insert(name.clone(), ledger);
        self.handles.insert(name, Handle::Prepared(prepared));
        self.settled = false;
    }

    pub fn submit(&mut self, step: &Value) {
        let name = text(&step["args"]["desc"]).to_string();
        assert_eq!(ops(step), []);
        let Some(Handle::Prepared(prepared)) = self.handles.remove(&name) else { panic!("{name} is not prepared") };
        let (client, transfer) = prepared.submit(self.client.take().expect("a channel"));
        self.client = Some(client);
        self.cookies.insert(number(&step["result"]["cookie"]), name.clone());
        self.handles.insert(name.clone(), Handle::Submitted(transfer));
        self.queue.push_back(name);
    }

    pub fn issue(&mut self, step: &Value) {
        let registers = self.machine.registers();
        self.client = self.client.take().map(Client::issue);
        let linux = ops(step);
        let told = self.take_channel_0_interrupt();
        assert!(told.is_empty(), "{}: {told:?}", self.place);
        let expected = if linux.is_empty() { linux } else { self.started(linux, registers) };
        self.compare(&expect::with_interrupt(expected));
    }

    pub fn tx_status(&self, name: &str, linux: &Value) {
        let Some(Handle::Submitted(transfer)) = self.handles.get(name) else { panic!("{name} is not submitted") };
        self.same_status(name, transfer.status(), linux);
    }

    /// Compares a status, with what the descriptors say.
    pub fn same_status(&self, name: &str, ours: Status, linux: &Value) {
        let ledger = &self.ledgers[name];
        let (said, residue) = (text(&linux["status"]), number(&linux["residue"]));
        match ledger.ended {
            Some(false) => {
                self.differences.apply(if ledger.kind == Kind::List { Id::Error } else { Id::RingStops });
                assert_eq!(ours, Status::Failed(TransferError::Bus), "{}", self.place);
            }
            Some(true) => {
                assert_eq!((said, residue), ("DMA_COMPLETE", 0));
                assert_eq!(ours, Status::Completed, "{}", self.place);
            }
            None => {
                if said != "DMA_IN_PROGRESS" {
                    self.differences.apply(Id::OfTheTransfer);
                }
                let queued = !ledger.started;
                let expected = match (ledger.kind, ledger.left()) {
                    _ if queued && residue == 0 => self.differences.replace(Id::Unissued, residue, ledger.total),
                    (Kind::Ring { .. }, left) if residue == 0 && left == ledger.total => {
                        self.differences.replace(Id::Round, residue, left)
                    }
                    (_, left) => self.differences.replace(Id::Residue, residue, left),
                };
                let found = match ours {
                    Status::Queued { residue } if queued => residue,
                    Status::Running { residue, .. } if !queued => residue,
                    other => panic!("{}: {other:?}", self.place),
                };
                assert_eq!(found, u64::from(expected), "{}", self.place);
            }
        }
    }

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
                EventKind::Period { periods, .. } => ended += periods as usize,
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
        ledger.told = ledger.closed.len();
        if error {
            ledger.ended = Some(false);
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

    pub fn release(&mut self, step: &Value) {
        let registers = self.machine.registers();
        self.handles.values_mut().for_each(|handle| *handle = Handle::Gone);
        self.client = None;
        self.compare(&expect::release(self.differences, ops(step), self.channel, &registers));
        self.settled = false;
    }

    fn compare_descriptors(&self, ledger: &Ledger, expected: &[[u32; 3]]) {
        for (index, words) in (0..).zip(expected) {
            let ours: [u32; 3] = self.machine.words(ledger.ours + 12 * index);
            assert_eq!(ours, *words, "{}: descriptor {index}, {ours:x?} for {words:x?}", self.place);
        }
    }

    /// The state after a step: descriptors always, the hardware where something was started since.
    pub fn snapshots(&self, step: &Value) {
        for snapshot in list(&step["snapshots"]) {
            let current = &snapshot["current_descriptor"];
            let ledger = current["desc"].as_str().map(|name| &self.ledgers[name]);
            let stopped = ledger.is_some_and(|ledger| ledger.ended == Some(false));
            if let Some(ledger) = ledger.filter(|_| !stopped) {
                let expected = if ledger.cut { ledger.with_closed() } else { descriptors(&current["bds"]) };
                self.compare_descriptors(ledger, &expected);
            }
            if self.settled && !snapshot["hw"].is_null() {
                self.compare_hardware(snapshot, stopped);
            }
        }
    }

    fn compare_hardware(&self, snapshot: &Value, stopped: bool) {
        let block = numbers(&snapshot["ccb"]);
        let here = |linux: u32| self.ledgers.values().find_map(|ledger| ledger.here(linux)).unwrap_or(linux);
        let expected = [here(block[0]), here(block[1]), block[2], block[3]];
        if !stopped {
            assert_eq!(self.machine.control_block(self.channel), expected, "{}: control block", self.place);
        }
        let bits = number(&self.run["word_bits"]);
        let context = expect::context(self.differences, numbers(&snapshot["context_words"]), self.line, bits);
        assert_eq!(self.machine.context(self.channel), context, "{}: context", self.place);

        let registers: BTreeMap<u32, u32> = self.machine.registers();
        let linux = |name: &str| number(&snapshot["hw"][name]);
        let line = offset::chnenbl(offset::CHNENBL0, self.line.unwrap_or(0));
        let he = if stopped { self.differences.replace(Id::RingStops, linux("HE"), 0) } else { linux("HE") };
        let pairs = [
            ("HE", self.machine.he(), he),
            ("INTR", self.machine.intr(), linux("INTR")),
            ("EVTOVR", registers[&offset::EVTOVR], linux("EVTOVR")),
            ("HOSTOVR", registers[&offset::HOSTOVR], linux("HOSTOVR")),
            (
                "DSPOVR",
                registers[&offset::DSPOVR],
                self.differences.replace(Id::DspOverride, linux("DSPOVR"), u32::MAX),
            ),
            ("CONFIG", registers[&offset::CONFIG], linux("CONFIG")),
            ("CHNPRI", registers[&offset::chnpri(self.channel)], linux("CHNPRI")),
            ("CHNENBL", registers[&line], linux("CHNENBL_ev0")),
        ];
        for (name, ours, expected) in pairs {
            assert_eq!(ours, expected, "{}: {name}", self.place);
        }
    }
}

/// Descriptors as a snapshot has them.
fn descriptors(value: &Value) -> Vec<[u32; 3]> {
    list(value).iter().map(|words| numbers(words).try_into().expect("three words")).collect()
}
