//! What the tests stand on: the board, two devices that lose nothing, the driver behind a recorder, and a way to look at what
//! lies in the memory that driver and SDMA share.

use std::cell::RefCell;

use backend_imx_sdma::peripheral::{Priority, RequestLine};
use backend_imx_sdma::regs::{Access, Recorder, offset};
use backend_imx_sdma::{Fence, ImxSdma, Peripheral, Settings, SharedMemory};
use dmaengine_core::{Active, Atomic, BusAddr, BusWidth, Cyclic, Direction, Dma, Event, EventKind};
use dmaengine_core::{Generation, Idle, SlaveConfig, Transfer};
use sim_board::{Board, Cpu};
use sim_imx_sdma::bus::Handle;
use sim_imx_sdma::time::{Clock, Cycles};
use sim_imx_sdma::{Config, RegisterAccess, ReportKind, Variant};

use crate::patient::Patient;

pub type Regs = &'static Recorder<Board, 4096>;
pub type Driver = ImxSdma<Board, Regs, Fence>;
pub type Buffer = &'static mut [u32];

/// Words of a burst, of a period; bytes of a period; words that a device moves in a second.
pub const BURST: u16 = 6;
pub const WORDS: usize = 48;
pub const PERIOD: u32 = 4 * WORDS as u32;
const RATE: u32 = 500_000;
/// How long a period takes, in microseconds.
pub const PERIOD_TIME: u64 = 96;

/// What buffers hold before a device has them, and are filled with when they are back.
pub const POISON: u32 = 0xA5A5_A5A5;
/// BD.DONE: the SDMA's.
pub const DONE: u32 = 1 << 16;

/// SSI1 and SSI2 of i.MX6: where they lie, the request lines of receiver and transmitter.
const DEVICES: [(u32, u8, u8); 2] = [(0x0202_8000, 37, 38), (0x0202_C000, 41, 42)];

pub struct Bench {
    pub board: Board,
    pub regs: Regs,
    pub dma: Dma<Driver, 4>,
    pub events: RefCell<Vec<Event>>,
    devices: [Handle<Patient>; 2],
}

pub fn recorder(board: &Board) -> Regs {
    Box::leak(Box::new(Recorder::new(board.clone())))
}

impl Bench {
    pub fn new() -> Self {
        Self::with(Config::new(Variant::Imx6))
    }

    pub fn with(config: Config) -> Self {
        let board = Board::with(config);
        let devices = DEVICES.map(|(base, rx, tx)| {
            board.hw(|hw| hw.bus().add_peripheral(base, 0x4000, Patient::new(Clock::IMX6, RATE, rx, tx)).unwrap())
        });
        let regs = recorder(&board);
        let dma = Dma::new(board.sdma_behind(regs, Settings::default()).unwrap());
        Self { board, regs, dma, events: RefCell::default(), devices }
    }

    /// A processor whose handler keeps the events.
    pub fn cpu(&self) -> Cpu<'_, impl Fn(&Atomic<'_>)> {
        Cpu::new(&self.board, |atomic| {
            self.dma.interrupt(atomic, &mut |_, event| self.events.borrow_mut().push(event));
        })
    }

    fn device<R>(&self, channel: u8, f: impl FnOnce(&mut Patient, Cycles) -> R) -> R {
        let handle = self.devices[usize::from(channel)];
        self.board.hw(|hw| {
            let now = hw.now();
            f(hw.bus().peripheral(handle), now)
        })
    }

    /// Has a device give words that count from 1.
    pub fn capture(&self, channel: u8) -> SlaveConfig<Peripheral> {
        self.device(channel, Patient::count);
        config(channel, DEVICES[usize::from(channel)].1)
    }

    /// Has a device take words.
    pub fn play(&self, channel: u8) -> SlaveConfig<Peripheral> {
        self.device(channel, Patient::take);
        config(channel, DEVICES[usize::from(channel)].2)
    }

    /// What a device has taken.
    pub fn taken(&self, channel: u8) -> Vec<u8> {
        self.device(channel, |device, _| device.taken())
    }

    /// Lets the hardware go on without the processor.
    pub fn pass(&self, cycles: u64) {
        self.board.hw(|hw| hw.run_for(Cycles(cycles)));
    }

    fn control_blocks(&self) -> u32 {
        self.board.hw(|hw| hw.read32(offset::MC0PTR))
    }

    /// A buffer descriptor of the transfer that a channel was given last; channels by the SDMA's numbers.
    pub fn descriptor(&self, number: u32, index: u32) -> [u32; 3] {
        let words = self.board.words(self.descriptor_at(number, index), 3);
        [words[0], words[1], words[2]]
    }

    pub fn descriptor_at(&self, number: u32, index: u32) -> u32 {
        self.board.words(self.control_blocks() + 16 * number + 4, 1)[0] + 12 * index
    }

    /// All memory that driver and SDMA share.
    pub fn shared(&self) -> Vec<u32> {
        self.board.words(self.control_blocks(), SharedMemory::bytes_for(64, 64) / 4)
    }

    /// The context that channel 0 was last told to load.
    pub fn last_context(&self) -> Vec<u32> {
        let [mode, buffer, _] = self.descriptor(0, 0);
        assert_eq!(mode >> 24, 1, "C0_SETDM");
        self.board.words(buffer, 32)
    }

    /// What was written to a register since the recorder was cleared.
    pub fn writes(&self, register: u32) -> Vec<u32> {
        assert!(self.regs.count() <= 4096, "the recorder is full");
        let writes = self.regs.accesses().filter_map(|access| match access {
            Access::Write { offset, value } if offset == register => Some(value),
            _ => None,
        });
        writes.collect()
    }

    /// What the client was told of a transfer.
    pub fn told(&self, of: Generation) -> Vec<EventKind> {
        self.events.borrow().iter().filter(|event| event.generation == of).map(|event| event.kind).collect()
    }

    /// How many periods of a transfer the client was told of.
    pub fn periods(&self, of: Generation) -> u32 {
        let count = |kind| if let EventKind::Period { periods, .. } = kind { periods } else { 0 };
        self.told(of).into_iter().map(count).sum()
    }

    /// The model lost a request between a script's look at its line and its sleep.
    pub fn has_forgotten_a_request(&self) -> bool {
        self.board.hw(|hw| hw.reports().iter().any(|report| report.kind == ReportKind::LostWakeup { channel: 1 }))
    }

    /// Nothing was touched that was not lent, and the model has nothing to complain about.
    pub fn was_clean(&self) {
        assert_eq!(self.board.trespasses(), 0);
        self.board.hw(|hw| assert_eq!(hw.reports(), []));
    }
}

pub fn line(number: u8) -> RequestLine {
    RequestLine::new(number).unwrap()
}

fn config(channel: u8, number: u8) -> SlaveConfig<Peripheral> {
    let peripheral = Peripheral::ssi_shared(line(number)).with_priority(Priority::High);
    let address = BusAddr(DEVICES[usize::from(channel)].0.into());
    SlaveConfig::new(address, BusWidth::Four, peripheral).with_max_burst(BURST)
}

pub fn from_device(config: SlaveConfig<Peripheral>) -> Cyclic<Peripheral> {
    Cyclic { direction: Direction::DevToMem, period: PERIOD, config }
}

/// Starts a ring of four periods.
pub fn start_ring<'d>(
    idle: Idle<'d, Driver>,
    config: SlaveConfig<Peripheral>,
) -> (Active<'d, Driver>, Transfer<'d, Driver, Buffer>) {
    let ring = idle.prep_cyclic(buffer(4), &from_device(config)).unwrap();
    idle.start(ring).unwrap()
}

/// A buffer of so many periods.
pub fn buffer(periods: usize) -> Buffer {
    vec![POISON; periods * WORDS].leak()
}

/// Whether a device's words stand there in order, none missing.
pub fn counts(words: &[u32]) -> bool {
    words[0] != POISON && words.windows(2).all(|pair| pair[1] == pair[0] + 1)
}

/// A buffer that was handed back: filled, so that a later touch shows.
pub fn poison(buffer: Buffer) -> Buffer {
    buffer.fill(POISON);
    buffer
}

pub fn is_poison(buffer: &[u32]) -> bool {
    buffer.iter().all(|word| *word == POISON)
}
