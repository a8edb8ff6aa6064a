//! The stream's world: a board with SSI1 at 48 kHz stereo, the driver, and the handler of its interrupt.

use core::cell::Cell;

use backend_imx_sdma::peripheral::{Priority, RequestLine};
use backend_imx_sdma::{Peripheral, Settings, StopMethod};
use dmaengine_core::{
    Atomic, BusAddr, BusWidth, Callback, Cyclic, Direction, Dma, Event, EventKind, Generation, SlaveConfig, Sleepable,
    TransferError,
};
use sim_board::{Board, Cpu, Engine};
use sim_imx_sdma::bus::Handle;
use sim_imx_sdma::peripheral::{Ssi, SsiLines};
use sim_imx_sdma::time::{Clock, Cycles};
use sim_imx_sdma::{RegisterAccess, ReportKind};

/// Frames in a second, of two words each.
const FRAMES: u32 = 48_000;
/// Words of a burst: the watermark of the FIFO, which holds 15.
pub const BURST: u64 = 8;
/// Words of a period.
pub const PERIOD: usize = 16;
/// Periods of a ring.
pub const PERIODS: usize = 4;
/// Words of a ring.
pub const RING: usize = PERIOD * PERIODS;
/// From burst to burst: 8 words at 96,000 words a second, in cycles of 66 MHz. It comes out even.
pub const BURST_TIME: u64 = 5_500;

/// The stream's channel; the others are for the load.
pub const STREAM: u8 = 0;
/// How many channels there are.
pub const CHANNELS: usize = 16;
/// Where SSI1 lies.
pub const SSI1: u32 = 0x0202_8000;

/// Memory of a stream.
pub type Ring = &'static mut [u32];
/// The processor, whatever its interrupt handler.
pub type Processor<'b> = Cpu<'b, &'b dyn Fn(&Atomic<'_>)>;

/// Which way a stream goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Way {
    Capture,
    Playback,
}

/// The board, the driver, and what the interrupt handler knows.
pub struct Bench<S: StopMethod> {
    pub board: Board,
    pub dma: Dma<Engine<S>, CHANNELS>,
    pub way: Way,
    pub desk: Desk,
    ssi: Handle<Ssi>,
    /// The device stops and starts with its DMA, as sound drivers have it; else it runs on.
    is_led: bool,
}

/// What the interrupt handler and the thread tell each other.
#[derive(Default)]
pub struct Desk {
    /// Periods that ended and that nobody has read.
    pub unread: Cell<u64>,
    /// It is an overrun if there are more.
    pub room: Cell<u64>,
    /// The transfer that may tell of periods.
    pub current: Cell<Generation>,
    /// Words that the device had moved at least when it began.
    pub began: Cell<u64>,
    /// When the stop was asked for, and the words that had been moved by then.
    pub stopped: Cell<Option<(Cycles, u64)>>,
    pub failed: Cell<Option<TransferError>>,
    /// Hardware has been in trouble: a script that had to catch up may have missed a request.
    pub troubled: Cell<bool>,
}

impl<S: StopMethod> Bench<S> {
    pub fn new(way: Way) -> Self {
        Self::with(way, Settings::default())
    }

    pub fn with(way: Way, settings: Settings) -> Self {
        let board = Board::new();
        let ssi = Ssi::new(Clock::IMX6, FRAMES, SsiLines::SSI1);
        let ssi = board.hw(|hw| hw.bus().add_peripheral(SSI1, 0x4000, ssi).unwrap());
        let dma = Dma::new(board.sdma(settings).unwrap());
        Self { board, dma, way, desk: Desk::default(), ssi, is_led: false }
    }

    /// With a device that stops and starts with its DMA, for cures that take longer than its FIFO has room for. A device that runs
    /// on meanwhile is full at the restart, and the script, which catches up, may miss the request that comes between its last look
    /// and its `done 4`.
    pub fn led(mut self) -> Self {
        self.is_led = true;
        self
    }

    /// Runs a thread on the bench's processor.
    pub fn thread<R>(&self, body: impl FnOnce(&Processor<'_>, &mut Sleepable<'_>) -> R) -> R {
        let handler = |atomic: &Atomic<'_>| self.dma.interrupt(atomic, &mut |callback, event| self.on(callback, event));
        let cpu = Cpu::new(&self.board, &handler as &dyn Fn(&Atomic<'_>));
        cpu.thread(|context| body(&cpu, context))
    }

    /// The client's interrupt handler: it counts periods, and stops the stream in an overrun.
    fn on(&self, callback: &Callback<'_, Engine<S>>, event: Event) {
        if event.channel.0 != STREAM {
            return;
        }
        let desk = &self.desk;
        match event.kind {
            EventKind::Period { periods, position } => {
                assert_eq!(event.generation, desk.current.get(), "a period of a transfer that is no more");
                assert!(position <= 4 * (self.moved() - desk.began.get()), "a period that has not ended: {event:?}");
                desk.unread.set(desk.unread.get() + u64::from(periods));
                if desk.unread.get() > desk.room.get() && desk.stopped.get().is_none() {
                    self.note_stop();
                    assert!(callback.terminate_async());
                }
            }
            EventKind::Failed(error) => desk.failed.set(Some(error)),
            EventKind::Stopped | EventKind::Completed if event.generation != desk.current.get() => {}
            EventKind::Stopped => {}
            kind => panic!("{kind:?} of a ring"),
        }
    }

    /// The stop is being asked for.
    pub fn note_stop(&self) {
        self.desk.stopped.set(Some((self.now(), self.moved())));
        if self.is_led {
            self.switch(false);
        }
    }

    /// A new run: from now on the handler hears of it and of no other.
    pub fn hand_over(&self, generation: Generation) {
        self.desk.current.set(generation);
        self.desk.began.set(self.moved());
        self.desk.unread.set(0);
        self.desk.stopped.set(None);
        self.desk.failed.set(None);
    }

    pub fn now(&self) -> Cycles {
        self.board.hw(|hw| hw.now())
    }

    pub fn ssi<R>(&self, f: impl FnOnce(&mut Ssi, Cycles) -> R) -> R {
        self.board.hw(|hw| {
            let now = hw.now();
            f(hw.bus().peripheral(self.ssi), now)
        })
    }

    /// How many words the SDMA has moved from or to the device.
    pub fn moved(&self) -> u64 {
        self.ssi(|ssi, _| match self.way {
            Way::Capture => ssi.given(0).len() as u64 - ssi.rx().fifo(0).unwrap().level() as u64,
            Way::Playback => ssi.tx().fifo(0).map_or(0, |fifo| fifo.count() + fifo.level() as u64),
        })
    }

    /// Lets the device run, as a sound driver does once its DMA is started. Says when.
    pub fn switch_on(&self) -> Cycles {
        self.ssi(|ssi, now| {
            ssi.set_up(now, BURST as u8, false);
            if self.way == Way::Playback {
                ssi.request_tx(now, true);
            }
        });
        self.board.hw(|hw| hw.run_for(Cycles(3_000)));
        self.switch(true)
    }

    /// Lets it run again, if it stops with its DMA.
    pub fn switch_on_again(&self) -> Option<Cycles> {
        self.is_led.then(|| self.switch(true))
    }

    fn switch(&self, on: bool) -> Cycles {
        self.ssi(|ssi, now| {
            match (self.way, on) {
                (Way::Capture, true) => ssi.start_rx(now),
                (Way::Capture, false) => ssi.stop_rx(now),
                (Way::Playback, true) => ssi.start_tx(now),
                (Way::Playback, false) => ssi.stop_tx(now),
            }
            now
        })
    }

    /// Where the SDMA moves words from or to.
    pub fn register(&self) -> u32 {
        SSI1 + if self.way == Way::Capture { 8 } else { 0 }
    }

    /// What the stream asks of the driver.
    pub fn request(&self) -> Cyclic<Peripheral> {
        let (line, direction) = match self.way {
            Way::Capture => (37, Direction::DevToMem),
            Way::Playback => (38, Direction::MemToDev),
        };
        let config = config(self.register(), line, Peripheral::ssi_shared);
        Cyclic { direction, period: 4 * PERIOD as u32, config }
    }

    /// Where the SDMA finds the ring of the stream's transfer, read from its control block as the SDMA does.
    pub fn ring_address(&self) -> u32 {
        self.board.hw(|hw| {
            let block = hw.read32(0) + 16 * (u32::from(STREAM) + 1);
            let mut word = |address| {
                let mut bytes = [0; 4];
                hw.bus().peek(address, &mut bytes).unwrap();
                u32::from_le_bytes(bytes)
            };
            let descriptor = word(block + 4);
            word(descriptor + 4)
        })
    }

    /// Nothing was touched that was not lent, nothing was lost on the way to or from the device, nothing is to complain about.
    pub fn check(&self) {
        assert_eq!(self.board.trespasses(), 0);
        self.board.hw(|hw| {
            let may_be = |kind| match kind {
                ReportKind::LostWakeup { channel } => channel != STREAM + 1 || self.desk.troubled.get(),
                _ => false,
            };
            let reports: Vec<_> = hw.reports().iter().filter(|report| !may_be(report.kind)).collect();
            assert!(reports.is_empty(), "{reports:?}");
        });
        let (tx, rx) = self.ssi(|ssi, _| (ssi.tx().fifo(0).unwrap().overruns(), ssi.rx().fifo(0).unwrap().underruns()));
        assert_eq!((tx, rx), (0, 0), "words lost between FIFO and SDMA");
    }
}

/// A device of the shared bus with bursts of eight, as audio devices are.
pub fn config(address: u32, line: u8, device: fn(RequestLine) -> Peripheral) -> SlaveConfig<Peripheral> {
    let peripheral = device(RequestLine::new(line).unwrap()).with_priority(Priority::High);
    SlaveConfig::new(BusAddr(address.into()), BusWidth::Four, peripheral).with_max_burst(BURST as u16)
}
