//! The steps of the client: what it asks this driver for, and what Linux wrote for it.

use backend_imx_sdma::Peripheral;
use backend_imx_sdma::peripheral::{Priority, RequestLine};
use dmaengine_core::{BusAddr, BusWidth, Cyclic, Direction, SlaveConfig};
use serde_json::Value;

use super::client::{Client, Wish};
use super::compare::descriptors;
use super::expect;
use super::ledger::{Kind, Ledger};
use super::machine::Machine;
use super::replay::{Handle, Replay};
use super::trace::{list, number, numbers, ops, text};

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

    pub fn release(&mut self, step: &Value) {
        let registers = self.machine.registers();
        self.handles.values_mut().for_each(|handle| *handle = Handle::Gone);
        self.client = None;
        self.compare(&expect::release(self.differences, ops(step), self.channel, &registers));
        self.settled = false;
    }
}
