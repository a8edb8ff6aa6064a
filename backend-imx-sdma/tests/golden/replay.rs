//! One run of a trace, step by step, on the driver and the machine.

use std::collections::{BTreeMap, VecDeque};

use backend_imx_sdma::firmware::Firmware;
use backend_imx_sdma::regs::offset;
use backend_imx_sdma::soc::scripts::{Script, ScriptAddresses};
use backend_imx_sdma::{Peripheral, Settings, Soc};
use dmaengine_core::{Atomic, Dma, Event, SlaveConfig, Sleepable, Status};
use serde_json::Value;

use super::client::{Client, Engine, Watch};
use super::differences::{Differences, Id};
use super::ledger::Ledger;
use super::machine::Machine;
use super::trace::{Op, events, list, number, ops, text};
use super::{expect, firmware};

/// A transfer that the client has prepared: its handle, as far as it is.
pub enum Handle {
    Prepared(Box<dyn super::client::Submit>),
    Submitted(Box<dyn Watch>),
    Gone,
}

/// What the client was told in an interrupt, and what it saw inside the callback.
#[derive(Debug)]
pub struct Told {
    pub event: Event,
    pub status: Option<Status>,
}

/// A run under way.
pub struct Replay<'r> {
    pub run: &'r Value,
    pub differences: &'r Differences,
    pub machine: Machine,
    pub dma: Option<&'static Dma<Engine, 2>>,
    pub client: Option<Client>,
    pub channel: u8,
    pub line: Option<u8>,
    pub peripheral: Option<Peripheral>,
    pub config: Option<SlaveConfig<Peripheral>>,
    /// What Linux wrote for the channel before its first start.
    pub held: Vec<Op>,
    /// Something was started since a channel was asked for or a transfer was prepared: the hardware's state is compared.
    pub settled: bool,
    pub handles: BTreeMap<String, Handle>,
    pub ledgers: BTreeMap<String, Ledger>,
    pub cookies: BTreeMap<u32, String>,
    /// What is submitted and not started, in order; and what runs.
    pub queue: VecDeque<String>,
    pub running: Option<String>,
    /// What has run to its end and was not called back in the trace yet.
    pub completed: Vec<String>,
    pub firmware: Option<Firmware<'static>>,
    /// Where we are, for whoever reads a failure.
    pub place: String,
}

impl<'r> Replay<'r> {
    pub fn new(run: &'r Value, differences: &'r Differences) -> Self {
        Self {
            run,
            differences,
            machine: Machine::new(),
            dma: None,
            client: None,
            channel: 0,
            line: None,
            peripheral: None,
            config: None,
            held: Vec::new(),
            settled: false,
            handles: BTreeMap::new(),
            ledgers: BTreeMap::new(),
            cookies: BTreeMap::new(),
            queue: VecDeque::new(),
            running: None,
            completed: Vec::new(),
            firmware: None,
            place: String::new(),
        }
    }

    /// All steps, one after the other.
    pub fn play(&mut self) {
        let steps = list(&self.run["steps"]);
        assert!(!steps.is_empty());
        if steps[0]["step"] != "probe" {
            self.set_up();
        }
        for (number, step) in steps.iter().enumerate() {
            self.place = format!("{} step {number}: {} {}", self.run["variant"], step["step"], step["args"]);
            self.step(step);
            self.snapshots(step);
            assert_eq!(self.machine.take_log(), [], "{}: nobody asked for that", self.place);
        }
    }

    fn step(&mut self, step: &Value) {
        let args = &step["args"];
        match text(&step["step"]) {
            "probe" => self.probe(step),
            "firmware_callback" => self.firmware_callback(step),
            "request_channel" => self.request_channel(step, true),
            "request_channel_memcpy" => self.request_channel(step, false),
            "device_config" => self.device_config(step),
            "prep_dma_cyclic" => self.prep_cyclic(step),
            "prep_slave_sg" => self.prep_slave_sg(step),
            "prep_dma_memcpy" => self.prep_memcpy(step),
            "submit" => self.submit(step),
            "issue_pending" => self.issue(step),
            "tx_status" => self.tx_status(&self.cookies[&number(&args["cookie"])], &step["result"]),
            "hw_completes_bd" => self.close(step, None),
            "hw_completes_bd_with_error" => self.close(step, Some(number(&args["count_written_back"]))),
            "interrupt" => self.interrupt(step),
            "run_tasklets" => self.tasklets(step),
            "release_channel" => self.release(step),
            "note" => {}
            other => panic!("{}: {other} is not known", self.place),
        }
    }

    pub fn dma(&self) -> &'static Dma<Engine, 2> {
        self.dma.expect("the driver is set up")
    }

    /// What Linux did is `expected` now, and this driver has done it.
    ///
    /// Where Linux orders a write, so does this driver; where Linux does not, either is right.
    pub fn compare(&self, expected: &[Op]) {
        let ours = self.machine.take_log();
        let same = |expected: &Op, ours: &Op| match (expected, ours) {
            (Op::Write { offset, value, ordered }, Op::Write { offset: o, value: v, ordered: b }) => {
                (offset, value) == (o, v) && (*b || !ordered)
            }
            _ => expected == ours,
        };
        let all = expected.len() == ours.len() && expected.iter().zip(&ours).all(|(e, o)| same(e, o));
        assert!(all, "{}\nexpected {expected:#?}\nfound {ours:#?}", self.place);
    }

    fn probe(&mut self, step: &Value) {
        self.start_driver();
        self.compare(&expect::init(self.differences, ops(step)));
        assert_eq!(number(&step["result"]), 0);
        self.scripts(step);
    }

    /// The driver, set up as before the record: firmware is loaded if the run has some.
    fn set_up(&mut self) {
        self.start_driver();
        let before_the_record = !self.run["firmware"].is_null() && self.run["steps"][0]["step"] != "firmware_callback";
        if before_the_record {
            let firmware = firmware::taken(None, &self.run["firmware"], 3);
            self.load(&firmware);
        }
        self.machine.take_log();
    }

    fn soc(&self) -> Soc {
        match text(&self.run["soc"]) {
            "imx6q" => Soc::IMX6Q,
            "imx6ul" => Soc::IMX6UL,
            "imx8mq" => Soc::IMX8MQ,
            other => panic!("{other} is not known"),
        }
    }

    fn start_driver(&mut self) {
        let mut settings = Settings::default();
        // The traces' i.MX8MQ has equal clocks.
        settings.equal_clocks = self.run["soc"] == "imx8mq";
        let (machine, memory) = (self.machine.clone(), self.machine.shared_memory());
        let engine = Engine::new(self.soc(), machine.clone(), machine, memory, settings).expect("it answers");
        self.dma = Some(Box::leak(Box::new(Dma::new(engine))));
    }

    fn firmware_callback(&mut self, step: &Value) {
        let args = &step["args"];
        let linux = ops(step);
        if !linux.is_empty() {
            let said = [&args["header"]["major"], &args["major"]].into_iter().find(|major| !major.is_null());
            let major = said.map_or(3, number);
            let firmware = firmware::taken(Some(self.differences), &self.run["firmware"], major);
            self.load(&firmware);
            self.compare(&expect::download(self.differences, linux, firmware.ram_code(), &self.machine.registers()));
            assert_eq!(self.dma().engine().firmware(), Some((major, 1)));
            self.firmware = Some(firmware);
        } else if args["what"] != "no file" {
            firmware::refused(args);
        }
        self.scripts(step);
    }

    fn load(&mut self, firmware: &Firmware<'static>) {
        self.machine.map_program_at(0x1000_3000 + 0x1000_0000, firmware.ram_code());
        let sleeper = NeverSleeps;
        // SAFETY: this is a thread of a test, where nothing is masked.
        let context = unsafe { Sleepable::assume(&sleeper) };
        self.dma().engine().load_firmware(firmware, &context).expect("channel 0 loads it");
        self.take_channel_0_interrupt();
    }

    /// Where the scripts lie after a step.
    fn scripts(&self, step: &Value) {
        let rom = self.soc().rom;
        let table: ScriptAddresses = self.firmware.map_or(rom, |firmware| firmware.merge(&rom));
        let linux = list(&step["script_addrs"]);
        assert_eq!(linux.len(), ScriptAddresses::COUNT);
        for script in Script::ALL {
            let mut address = linux[script as usize].as_i64().and_then(|address| u16::try_from(address).ok());
            if script == Script::Per2Per && self.firmware.is_none() {
                address = self.differences.replace(Id::RamScripts, address, None);
            }
            assert_eq!(table.get(script), address, "{}: {script:?}", self.place);
        }
        let load_address = self.firmware.map_or(-22, |firmware| i64::from(firmware.load_address()));
        assert_eq!(linux[34].as_i64(), Some(load_address));
    }

    /// Channel 0's interrupt is taken at the end of the step that has raised it.
    pub fn take_channel_0_interrupt(&self) -> Vec<Told> {
        if self.machine.intr() & 1 == 0 { Vec::new() } else { self.take_interrupt() }
    }

    pub fn take_interrupt(&self) -> Vec<Told> {
        let mut told = Vec::new();
        self.dma().interrupt(&Atomic::new(), &mut |_callback, event| {
            let watched = self.handles.values().filter_map(|handle| match handle {
                Handle::Submitted(transfer) => Some(transfer),
                _ => None,
            });
            let status = watched.into_iter().find(|transfer| transfer.generation() == event.generation);
            told.push(Told { event, status: status.map(|transfer| transfer.status()) });
            self.inside_callback(&event);
        });
        told
    }

    /// The writes of a step in which a transfer is started: it is the next in the queue.
    pub fn started(&mut self, own: Vec<Op>, registers: BTreeMap<u32, u32>) -> Vec<Op> {
        let name = self.queue.pop_front().expect("something is submitted");
        let ledger = self.ledgers.get_mut(&name).expect("it was prepared");
        ledger.started = true;
        let mut linux = std::mem::take(&mut self.held);
        linux.append(&mut ledger.prepared);
        self.differences.apply(Id::AtStart);
        linux.extend(own);
        self.running = Some(name);
        self.settled = true;
        let bits = number(&self.run["word_bits"]);
        expect::start(self.differences, &linux, self.channel, self.line, bits, registers)
    }

    /// Whether a write starts this run's channel.
    pub fn starts(&self, op: &Op) -> bool {
        op.value_at(offset::HSTART) == Some(1 << self.channel)
    }

    /// The names that the trace calls back in a step.
    pub fn called_back(step: &Value) -> Vec<String> {
        events(step, "callback").map(|event| text(&event["desc"]).into()).collect()
    }
}

/// Channel 0 is done at once: nobody has to wait for it.
struct NeverSleeps;

impl dmaengine_core::Sleeper for NeverSleeps {
    fn sleep(&self, at_most: dmaengine_core::Micros) {
        panic!("the driver sleeps {at_most:?}");
    }
}
