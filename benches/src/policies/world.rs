//! What the stream lives in: a board with SSI1 at 48 kHz stereo, the driver, a processor, and the handler of its interrupt.

use core::cell::Cell;
use core::fmt;

use backend_imx_sdma::peripheral::{Priority, RequestLine};
use backend_imx_sdma::{Peripheral, Settings, StopMethod};
use dmaengine_core::{
    Atomic, BusAddr, BusWidth, Callback, Cyclic, Direction, Dma, Event, EventKind, Region, SlaveConfig, Sleepable,
};
use sim_board::{Board, Cpu, Engine};
use sim_imx_sdma::RegisterAccess;
use sim_imx_sdma::bus::{Handle, Width};
use sim_imx_sdma::peripheral::{Ssi, SsiLines};
use sim_imx_sdma::time::{Clock, Cycles};

/// Frames in a second, of two words each.
const FRAMES: u32 = 48_000;
/// Words in a second.
pub(super) const RATE: u32 = 2 * FRAMES;
/// Words of a burst: the watermark of the FIFO.
pub(super) const BURST: u64 = 8;
/// Words that a FIFO has room for.
pub(super) const DEPTH: u64 = 15;
/// Words of a period.
pub(super) const PERIOD: usize = 16;
/// Words of a ring: four periods.
const RING: usize = 4 * PERIOD;
/// From burst to burst in cycles of 66 MHz. It comes out even.
pub(super) const BURST_TIME: u64 = BURST * Clock::IMX6.hz as u64 / RATE as u64;

/// The stream's channel; the others are for the load.
pub(super) const STREAM: u8 = 0;
/// How many channels there are.
const CHANNELS: usize = 16;
/// Where SSI1 lies, and its control register.
const SSI1: u32 = 0x0202_8000;
const SCR: u32 = SSI1 + 0x10;

/// Memory of a stream.
pub(super) type Ring = &'static mut [u32];
/// The processor, whatever its interrupt handler.
pub(super) type Processor<'b> = Cpu<'b, &'b dyn Fn(&Atomic<'_>)>;

/// Which way a stream goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Way {
    Capture,
    Playback,
}

/// What the interrupt handler leaves for the thread.
#[derive(Default)]
pub(super) struct Desk {
    /// When the handler was last entered.
    pub(super) entered: Cell<Cycles>,
    /// Time in handlers that had news of other channels and none of the stream.
    pub(super) for_others: Cell<Cycles>,
    /// Whose news there was.
    news: Cell<(bool, bool)>,
}

/// The board, the driver, and what the interrupt handler leaves.
pub(super) struct World<S: StopMethod> {
    pub(super) board: Board,
    pub(super) dma: Dma<Engine<S>, CHANNELS>,
    pub(super) way: Way,
    pub(super) desk: Desk,
    ssi: Handle<Ssi>,
}

impl<S: StopMethod> World<S> {
    pub(super) fn new(way: Way) -> Self {
        let board = Board::new();
        let ssi = Ssi::new(Clock::IMX6, FRAMES, SsiLines::SSI1);
        let ssi = board.hw(|hw| hw.bus().add_peripheral(SSI1, 0x4000, ssi).expect("nothing else is there"));
        let dma = Dma::new(board.sdma(Settings::default()).expect("the hardware works"));
        Self { board, dma, way, desk: Desk::default(), ssi }
    }

    /// Runs a thread on its processor.
    pub(super) fn thread<R>(&self, body: impl FnOnce(&Processor<'_>, &mut Sleepable<'_>) -> R) -> R {
        let desk = &self.desk;
        let handler = |atomic: &Atomic<'_>| {
            desk.entered.set(self.now());
            desk.news.set((false, false));
            self.dma.interrupt(atomic, &mut |callback, event| self.on(callback, event));
            if desk.news.get() == (false, true) {
                desk.for_others.set(desk.for_others.get() + (self.now() - desk.entered.get()));
            }
        };
        let cpu = Cpu::new(&self.board, &handler as &dyn Fn(&Atomic<'_>));
        cpu.thread(|context| body(&cpu, context))
    }

    fn on(&self, _: &Callback<'_, Engine<S>>, event: Event) {
        let (own, others) = self.desk.news.get();
        let is_own = event.channel.0 == STREAM;
        self.desk.news.set((own || is_own, others || !is_own));
        assert!(is_own || !matches!(event.kind, EventKind::Failed(_)), "the load fails: {event:?}");
    }

    pub(super) fn now(&self) -> Cycles {
        self.board.hw(|hw| hw.now())
    }

    pub(super) fn ssi<R>(&self, f: impl FnOnce(&mut Ssi, Cycles) -> R) -> R {
        self.board.hw(|hw| {
            let now = hw.now();
            f(hw.bus().peripheral(self.ssi), now)
        })
    }

    /// Lets the device run, as a sound driver does once its DMA is started. Says when.
    pub(super) fn switch_on(&self, cpu: &Processor<'_>) -> Cycles {
        self.ssi(|ssi, now| {
            ssi.set_up(now, BURST as u8, false);
            if self.way == Way::Playback {
                ssi.request_tx(now, true);
            }
        });
        cpu.run_until(self.board.after(45));
        self.ssi(|ssi, now| {
            match self.way {
                Way::Capture => ssi.start_rx(now),
                Way::Playback => ssi.start_tx(now),
            }
            now
        })
    }

    /// Stops the device and empties its FIFO.
    pub(super) fn switch_off(&self) {
        self.ssi(|ssi, now| match self.way {
            Way::Capture => ssi.stop_rx(now),
            Way::Playback => ssi.stop_tx(now),
        });
        self.board.hw(|hw| {
            let now = hw.now();
            hw.bus().write(0, now, SCR, Width::Four, 0).expect("a register of the SSI");
        });
    }

    /// Words that the device had no room for, or did not have, up to now.
    pub(super) fn lost(&self) -> u64 {
        self.ssi(|ssi, _| match self.way {
            Way::Capture => ssi.rx().fifo(0).map_or(0, |fifo| fifo.overruns()),
            Way::Playback => ssi.tx().fifo(0).map_or(0, |fifo| fifo.underruns()),
        })
    }

    /// Words that the SDMA read from an empty FIFO or wrote to a full one, up to now.
    pub(super) fn misplaced(&self) -> u64 {
        self.ssi(|ssi, _| match self.way {
            Way::Capture => ssi.rx().fifo(0).map_or(0, |fifo| fifo.underruns()),
            Way::Playback => ssi.tx().fifo(0).map_or(0, |fifo| fifo.overruns()),
        })
    }

    /// Where the SDMA moves words from or to.
    pub(super) fn register(&self) -> u32 {
        SSI1 + if self.way == Way::Capture { 8 } else { 0 }
    }

    /// What the stream asks of the driver.
    pub(super) fn request(&self) -> Cyclic<Peripheral> {
        let (line, direction) = match self.way {
            Way::Capture => (37, Direction::DevToMem),
            Way::Playback => (38, Direction::MemToDev),
        };
        let config = config(self.register(), line, Peripheral::ssi_shared);
        Cyclic { direction, period: 4 * PERIOD as u32, config }
    }

    /// Where the SDMA finds the ring of the stream's transfer: read from its control block, as the SDMA does.
    pub(super) fn ring_at(&self) -> u32 {
        let block = self.board.hw(|hw| hw.read32(0)) + 16 * (u32::from(STREAM) + 1);
        let descriptor = self.board.words(block + 4, 1)[0];
        self.board.words(descriptor + 4, 1)[0]
    }

    /// Takes a ring out of the SDMA's reach, whatever it is doing with it.
    pub(super) fn unmap(&self, ring_at: u32) {
        use dmaengine_core::Platform;
        let mut region = Region::new(core::ptr::NonNull::dangling(), 4 * RING);
        region.bus = BusAddr(ring_at.into());
        self.board.unmap(&region, self.request().direction);
    }
}

impl<S: StopMethod> fmt::Debug for World<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "World({:?}, {:?})", self.way, self.board)
    }
}

/// Memory for a ring of so many streams' worth. It is there for ever.
pub(super) fn ring(of: usize) -> Ring {
    vec![0; of * RING].leak()
}

/// Bytes of a stream's ring.
pub(super) const RING_BYTES: u32 = 4 * RING as u32;

/// A device of the shared bus with bursts of eight, as audio devices are.
pub(super) fn config(address: u32, line: u8, device: fn(RequestLine) -> Peripheral) -> SlaveConfig<Peripheral> {
    let line = RequestLine::new(line).expect("a line of the i.MX6");
    let peripheral = device(line).with_priority(Priority::High);
    SlaveConfig::new(BusAddr(address.into()), BusWidth::Four, peripheral).with_max_burst(BURST as u16)
}
