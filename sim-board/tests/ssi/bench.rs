//! The world of the tests: a board with SSI1, the driver, and streams over its rings, played and recorded without a sound system.

use std::cell::Cell;
use std::sync::Arc;

use backend_imx_sdma::{Fence, Settings};
use dmaengine_core::{Active, Atomic, BusWidth, Cyclic, Direction, Dma, Event, EventKind, Sleepable, Transfer};
use sim_board::{Board, Cpu, Engine, SsiFormat, SsiInstance, SsiPort, Wire};
use sim_imx_sdma::bus::Width;
use sim_imx_sdma::time::Cycles;

pub const CHANNELS: usize = 16;
/// The channels of the streams.
pub const PLAY: u8 = 0;
pub const RECORD: u8 = 1;

pub const WIDTHS: [BusWidth; 4] = [BusWidth::One, BusWidth::Two, BusWidth::Three, BusWidth::Four];

pub type Processor<'b> = Cpu<'b, &'b dyn Fn(&Atomic<'_>)>;
pub type Ring = &'static mut [u8];

/// How sound looks, and how it lies in the ring.
#[derive(Clone, Copy, Debug)]
pub struct Sound {
    pub width: BusWidth,
    pub channels: u16,
    pub rate: u32,
    /// Frames of a period.
    pub period: usize,
    pub periods: usize,
}

impl Sound {
    pub fn new(width: BusWidth, channels: u16, rate: u32) -> Self {
        Self { width, channels, rate, period: 48, periods: 4 }
    }

    pub fn format(&self) -> SsiFormat {
        SsiFormat::new(self.width, self.channels).unwrap()
    }

    pub fn frame(&self) -> usize {
        self.format().frame_bytes()
    }

    pub fn period_bytes(&self) -> usize {
        self.period * self.frame()
    }

    pub fn ring_bytes(&self) -> usize {
        self.periods * self.period_bytes()
    }
}

pub struct Bench {
    pub board: Board,
    pub dma: Dma<Engine<Fence>, CHANNELS>,
    pub port: SsiPort,
    pub wire: Wire,
    pub sound: Sound,
    /// The bytes up to the end of the last period that was told, of each channel.
    pub positions: [Cell<u64>; CHANNELS],
}

impl Bench {
    pub fn new(sound: Sound) -> Self {
        let board = Board::new();
        let dma = Dma::new(board.sdma(Settings::default()).unwrap());
        let port = SsiPort::new(&board, SsiInstance::Ssi1);
        port.set_up(sound.width, sound.channels, sound.rate).unwrap();
        let wire = port.wire();
        Self { board, dma, port, wire, sound, positions: Default::default() }
    }

    pub fn thread<R>(&self, body: impl FnOnce(&Processor<'_>, &mut Sleepable<'_>) -> R) -> R {
        let handler = |atomic: &Atomic<'_>| self.dma.interrupt(atomic, &mut |_, event| self.on(event));
        let cpu = Cpu::new(&self.board, &handler as &dyn Fn(&Atomic<'_>));
        let answer = cpu.thread(|context| body(&cpu, context));
        assert_eq!(self.board.trespasses(), 0);
        answer
    }

    fn on(&self, event: Event) {
        match event.kind {
            EventKind::Period { position, .. } => self.positions[usize::from(event.channel.0)].set(position),
            EventKind::Stopped | EventKind::Completed => {}
            kind => panic!("{kind:?}"),
        }
    }

    pub fn now(&self) -> Cycles {
        self.board.hw(|hw| hw.now())
    }

    /// What the SSI moves.
    pub fn words_per_second(&self) -> u32 {
        self.sound.format().slots() * self.sound.rate
    }

    /// How many frames of a stream have gone to the SSI: those that were played, and those in the FIFO.
    pub fn frames_moved(&self) -> u64 {
        const SFCSR: u32 = 0x0202_8000 + 0x2C;
        let now = self.now();
        let level = self.board.hw(|hw| hw.bus().read(0, now, SFCSR, Width::Four).unwrap()) >> 8 & 0xF;
        self.wire.frames_played() + u64::from(level / self.sound.format().slots())
    }

    /// So many frames from now.
    pub fn frames(&self, frames: u64) -> Cycles {
        self.board.hw(|hw| hw.clock().tick(hw.now(), self.sound.rate, frames))
    }

    /// Starts a ring at the SSI, the DMA first.
    pub fn start(&self, direction: Direction, ring: Ring) -> Stream<'_> {
        let number = if direction == Direction::MemToDev { PLAY } else { RECORD };
        let config = self.port.slave_config(direction).unwrap();
        let period = self.sound.period_bytes() as u32;
        let idle = self.dma.channel(number).unwrap();
        let prepared = idle.prep_cyclic(ring, &Cyclic { direction, period, config }).unwrap();
        self.positions[usize::from(number)].set(0);
        let (active, transfer) = idle.start(prepared).unwrap();
        match direction {
            Direction::MemToDev => self.port.start_tx().unwrap(),
            _ => self.port.start_rx().unwrap(),
        }
        Stream { bench: self, direction, number, active, transfer, read: 0 }
    }

    pub fn play(&self, ring: &[u8]) -> Stream<'_> {
        self.start(Direction::MemToDev, ring.to_vec().leak())
    }

    pub fn record(&self) -> Stream<'_> {
        self.start(Direction::DevToMem, vec![0xEE; self.sound.ring_bytes()].leak())
    }
}

/// A ring at work.
pub struct Stream<'b> {
    bench: &'b Bench,
    direction: Direction,
    number: u8,
    active: Active<'b, Engine<Fence>>,
    transfer: Transfer<'b, Engine<Fence>, Ring>,
    /// Bytes that were read.
    read: u64,
}

impl Stream<'_> {
    /// The periods that have ended and were not read yet.
    pub fn read(&mut self) -> Vec<u8> {
        let ring = self.bench.sound.ring_bytes() as u64;
        assert!(self.bench.positions[usize::from(self.number)].get() - self.read < ring, "read too late");
        self.read_all()
    }

    /// The same, of a ring that the SDMA has stopped at the end of.
    pub fn read_all(&mut self) -> Vec<u8> {
        let (end, ring) = (self.bench.positions[usize::from(self.number)].get(), self.bench.sound.ring_bytes() as u64);
        let mut all = Vec::new();
        while self.read < end {
            let mut bytes = vec![0; self.bench.sound.period_bytes()];
            self.transfer.copy_out((self.read % ring) as usize, &mut bytes).unwrap();
            self.read += bytes.len() as u64;
            all.extend(bytes);
        }
        all
    }

    /// Lets it run until so many frames were told, and reads them all.
    pub fn read_frames(&mut self, cpu: &Processor<'_>, frames: usize) -> Vec<u8> {
        let mut all = Vec::new();
        let step = self.bench.sound.period as u64 / 2;
        let limit = self.bench.frames(3 * frames as u64 + 1_000 + 8 * step);
        while all.len() < frames * self.bench.sound.frame() {
            assert!(self.bench.now() < limit, "it stands still");
            cpu.run_until(self.bench.frames(step));
            all.extend(self.read());
        }
        all
    }

    /// Stops it, the SSI first. Says whether the SSI had lacked a word, or lost one.
    pub fn stop(self, context: &Sleepable<'_>) -> bool {
        let port = &self.bench.port;
        let is_torn = if self.direction == Direction::MemToDev {
            let is_torn = port.is_tx_torn();
            port.stop_tx();
            is_torn
        } else {
            let is_torn = port.is_rx_torn();
            port.stop_rx();
            is_torn
        };
        self.active.terminate_sync(context).unwrap();
        self.transfer.try_resolve().unwrap();
        is_torn
    }
}

/// Bytes that look like nothing else.
pub fn noise(seed: u64, bytes: usize) -> Vec<u8> {
    let mut random = Random(seed);
    (0..bytes).map(|_| random.next() as u8).collect()
}

/// A sound of that many frames for the wire.
pub fn sound(seed: u64, frames: usize, frame: usize) -> Arc<[u8]> {
    noise(seed, frames * frame).into()
}

/// A small generator, the same numbers each time (Steele, Lea, Flood: SplitMix).
pub struct Random(pub u64);

impl Random {
    pub fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mixed = (self.0 ^ self.0 >> 30).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        let mixed = (mixed ^ mixed >> 27).wrapping_mul(0x94D0_49BB_1331_11EB);
        (mixed ^ mixed >> 31) >> 8
    }

    pub fn below(&mut self, limit: u64) -> u64 {
        self.next() % limit
    }
}

/// A round sound, from a frame on.
pub fn part(sound: &[u8], frame: usize, from: u64, bytes: usize) -> Vec<u8> {
    let at = from as usize % (sound.len() / frame) * frame;
    sound.iter().copied().cycle().skip(at).take(bytes).collect()
}

/// The first frame in which they differ, for a message that can be read.
pub fn same(what: &str, frame: usize, found: &[u8], wanted: &[u8]) {
    if let Some(at) = (0..found.len().min(wanted.len())).find(|&n| found[n] != wanted[n]) {
        let range = at / frame * frame..(at / frame + 1) * frame;
        let (found, wanted) = (&found[range.clone()], &wanted[range]);
        panic!("{what}: frame {}: {found:02x?}, not {wanted:02x?}", at / frame);
    }
    assert_eq!(found.len(), wanted.len(), "{what}: bytes");
}
