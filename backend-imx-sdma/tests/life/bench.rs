//! The board, the driver on it, and a processor; and what most tests do with them: one buffer to a device or from it.

use std::cell::{Cell, RefCell};

use backend_imx_sdma::error::InitError;
use backend_imx_sdma::peripheral::RequestLine;
use backend_imx_sdma::soc::instances;
use backend_imx_sdma::{Fence, ImxSdma, Peripheral, Settings, Soc};
use dmaengine_core::{
    Active, Atomic, BusAddr, BusWidth, Cyclic, Dma, Event, EventKind, Idle, Micros, Outcome, SlaveConfig, Sleepable,
    Transfer,
};
use sim_board::{Board, Cpu};
use sim_imx_sdma::bus::{Handle, Peripheral as Device};
use sim_imx_sdma::time::Cycles;
use sim_imx_sdma::{Config, Firmware as Nxp, RegisterAccess, Scripts, Variant};

use crate::image;
use crate::machine::Machine;

pub type Driver = ImxSdma<Machine, Machine, Fence>;
pub type Processor<'b> = Cpu<'b, &'b dyn Fn(&Atomic<'_>)>;

/// Long enough for all that comes to an end.
pub const LONG: Micros = Micros(1_000_000);

pub struct Bench {
    pub machine: Machine,
    pub dma: Box<Dma<Driver, 31>>,
    events: RefCell<Vec<Event>>,
    interrupts: Cell<u32>,
}

/// The driver's settings on i.MX6.
pub fn settings() -> Settings {
    let mut settings = Settings::default();
    settings.spba = instances::IMX6Q.spba;
    settings
}

pub fn driver(soc: Soc, machine: &Machine, settings: Settings) -> Result<Driver, InitError> {
    ImxSdma::new(soc, machine.clone(), machine.clone(), machine.board.shared_memory(), settings)
}

impl Bench {
    /// An i.MX6Q that knows what NXP's firmware 3.5 has where.
    pub fn new() -> Self {
        Self::with(Soc::IMX6Q, imx6(), settings())
    }

    /// An i.MX6Q with that firmware loaded, or rather with zeros where its code would be.
    pub fn with_firmware() -> Self {
        let bench = Self::new();
        bench.run(|_, context| bench.dma.engine().load_firmware(&image::imx6q(), context)).unwrap();
        bench
    }

    /// An i.MX8M Mini, its first SDMA, with its firmware 4.5.
    pub fn imx8m() -> Self {
        let config = Config::new(Variant::Imx8m).scripts(Scripts::imx7().with_firmware(Nxp::Imx7V4_5));
        let bench = Self::with(Soc::IMX8MM, config, Settings::default());
        bench.run(|_, context| bench.dma.engine().load_firmware(&image::imx7d(), context)).unwrap();
        bench
    }

    pub fn with(soc: Soc, config: Config, settings: Settings) -> Self {
        let machine = Machine::new(Board::with(config));
        let dma = Box::new(Dma::new(driver(soc, &machine, settings).unwrap()));
        Self { machine, dma, events: RefCell::default(), interrupts: Cell::new(0) }
    }

    pub fn board(&self) -> &Board {
        &self.machine.board
    }

    /// Runs a thread on the processor. At its end nobody has touched memory that was not his, and the SDMA has nothing to
    /// complain about.
    pub fn run<R>(&self, body: impl FnOnce(&Processor<'_>, &mut Sleepable<'_>) -> R) -> R {
        let handler = |atomic: &Atomic<'_>| {
            self.interrupts.set(self.interrupts.get() + 1);
            self.dma.interrupt(atomic, &mut |_, event| self.events.borrow_mut().push(event));
        };
        let cpu = Cpu::new(self.board(), &handler as &dyn Fn(&Atomic<'_>));
        let answer = cpu.thread(|context| body(&cpu, context));
        assert_eq!(self.board().trespasses(), 0);
        self.board().hw(|hw| assert_eq!(hw.reports(), []));
        answer
    }

    /// How often the interrupt handler has run.
    pub fn interrupts(&self) -> u32 {
        self.interrupts.get()
    }

    /// The events since the last call.
    pub fn events(&self) -> Vec<Event> {
        self.events.take()
    }

    /// The periods among them: how many, and where they ended.
    pub fn periods(&self) -> Vec<(u32, u64)> {
        let period = |event: Event| match event.kind {
            EventKind::Period { periods, position } => Some((periods, position)),
            _ => None,
        };
        self.events().into_iter().filter_map(period).collect()
    }

    pub fn add<D: Device>(&self, base: u32, device: D) -> Handle<D> {
        self.board().hw(|hw| hw.bus().add_peripheral(base, 0x4000, device).unwrap())
    }

    /// Does something with a device, now.
    pub fn device<D: Device, R>(&self, device: Handle<D>, f: impl FnOnce(&mut D, Cycles) -> R) -> R {
        self.board().hw(|hw| {
            let now = hw.now();
            hw.bus().advance(now);
            f(hw.bus().peripheral(device), now)
        })
    }

    pub fn register(&self, offset: u32) -> u32 {
        self.board().hw(|hw| hw.read32(offset))
    }

    /// Lets time pass.
    pub fn pass(&self, cpu: &Processor<'_>, micros: u64) {
        cpu.run_until(self.board().after(micros));
    }

    pub fn idle(&self, channel: u8) -> Idle<'_, Driver> {
        self.dma.channel(channel).unwrap()
    }

    /// Sends these bytes; the device begins when the transfer has.
    pub fn send(
        &self,
        context: &Sleepable<'_>,
        config: &SlaveConfig<Peripheral>,
        bytes: &[u8],
        begin: impl FnOnce(),
    ) -> Outcome {
        let idle = self.idle(0);
        let prepared = idle.prep_slave_sg_to_device([&*buffer(bytes)], config).unwrap();
        let (active, transfer) = idle.start(prepared).unwrap();
        begin();
        let ended = transfer.wait(context, LONG).unwrap();
        active.try_idle().unwrap();
        ended.outcome
    }

    /// Receives so many bytes.
    pub fn receive(
        &self,
        context: &Sleepable<'_>,
        config: &SlaveConfig<Peripheral>,
        len: usize,
        begin: impl FnOnce(),
    ) -> (Outcome, Vec<u8>) {
        let idle = self.idle(0);
        let prepared = idle.prep_slave_sg_from_device([buffer(&vec![0xEE; len])], config).unwrap();
        let (active, transfer) = idle.start(prepared).unwrap();
        begin();
        let ended = transfer.wait(context, LONG).unwrap();
        active.try_idle().unwrap();
        let [words] = ended.buffer;
        (ended.outcome, words.iter().flat_map(|word| word.to_le_bytes()).collect())
    }
}

/// An i.MX6 whose SDMA knows what NXP's firmware 3.5 has where.
pub fn imx6() -> Config {
    Config::new(Variant::Imx6).scripts(Scripts::imx6().with_firmware(Nxp::Imx6V3_5))
}

/// A ring that goes.
pub type Ring<'b> = (Active<'b, Driver>, Transfer<'b, Driver, &'static mut [u32]>);

/// Starts a ring.
pub fn go_round<'b>(idle: Idle<'b, Driver>, request: &Cyclic<Peripheral>, memory: &'static mut [u32]) -> Ring<'b> {
    let prepared = idle.prep_cyclic(memory, request).unwrap();
    idle.start(prepared).unwrap()
}

/// A buffer of whole words.
pub fn buffer(bytes: &[u8]) -> &'static mut [u32] {
    let word = |bytes: &[u8]| u32::from_le_bytes(bytes.try_into().expect("whole words"));
    bytes.chunks(4).map(word).collect::<Vec<_>>().leak()
}

/// Items of so many bytes as they lie in memory, one behind the other.
pub fn packed(items: &[u32], width: BusWidth) -> Vec<u8> {
    items.iter().flat_map(|item| item.to_le_bytes().into_iter().take(width.bytes().into())).collect()
}

/// The first `count` numbers, well mixed, of so many bytes each.
pub fn items(count: u32, width: BusWidth) -> Vec<u32> {
    let mask = u32::MAX >> (32 - 8 * u32::from(width.bytes()));
    (1..=count).map(|n| n.wrapping_mul(0x9E37_79B1) & mask).collect()
}

pub fn line(number: u8) -> RequestLine {
    RequestLine::new(number).unwrap()
}

/// A device's register that is moved to or from.
pub fn slave(address: u32, width: BusWidth, burst: u16, peripheral: Peripheral) -> SlaveConfig<Peripheral> {
    SlaveConfig::new(BusAddr(address.into()), width, peripheral).with_max_burst(burst)
}
