//! What the tests of the client side share: a board with a mock engine on it, capture rings and copies, and witnesses.
//!
//! Numbers that all of them use: the engine needs 1 ms to stop and says so, a copy moves a byte in a microsecond (in
//! bursts of 64), and a recorder gives a frame of four bytes each 10 µs, each frame its own number.
#![allow(dead_code, reason = "each test file uses its own part")]

pub mod picky;

use core::cell::RefCell;
use core::fmt::Debug;

use backend_mock::hw::{Nanos, Peripheral, Source, StreamConfig};
use backend_mock::{Mock, MockConfig};
use dmaengine_core::{
    Active, Atomic, BusAddr, BusWidth, Callback, Cyclic, Direction, Dma, EngineCyclic, EngineMemcpy, Event, EventKind,
    Generation, Idle, Micros, Prepared, SlaveConfig, Transfer,
};

/// The stop latency, in microseconds; also the bound that the engine declares.
pub const L: u64 = 1_000;
/// Bytes of a capture ring: 2 ms.
pub const RING: usize = 800;
/// Bytes of a period: 500 µs.
pub const PERIOD: u32 = 200;
/// How long a period takes, in microseconds.
pub const PERIOD_US: u64 = 500;

/// What a buffer is filled with to see whether anybody writes it.
pub const POISON: u8 = 0xA5;

pub type Memory = &'static mut [u8];
pub type Board<const SLOTS: usize = 8> = Dma<Mock, 2, SLOTS>;
pub type Cpu<'m> = backend_mock::Cpu<'m, Box<dyn Fn(&Atomic<'_>) + 'm>>;

/// An engine that stops within so many microseconds and says so.
pub fn mock(stop_latency: u64) -> Mock {
    let latency = Micros(stop_latency);
    Mock::new(MockConfig { stop_latency: latency, stop_bound: latency, copy_bytes_per_us: 1, ..MockConfig::default() })
}

/// A board whose engine stops within [`L`].
pub fn board<const SLOTS: usize>() -> Board<SLOTS> {
    Dma::new(mock(L))
}

/// A processor whose interrupt handler is this callback.
pub fn cpu_with<'m, const C: usize, const S: usize>(
    dma: &'m Dma<Mock, C, S>,
    callback: impl Fn(&Callback<'_, Mock>, Event) + 'm,
) -> Cpu<'m> {
    let handler = move |atomic: &Atomic<'_>| dma.interrupt(atomic, &mut |own, event| callback(own, event));
    Cpu::new(dma.engine(), Box::new(handler))
}

/// A processor that keeps all events.
pub fn cpu<'m, const C: usize, const S: usize>(dma: &'m Dma<Mock, C, S>, events: &'m Events) -> Cpu<'m> {
    cpu_with(dma, |_, event| events.0.borrow_mut().push(event))
}

/// The events so far, in the order in which the callback was told of them.
#[derive(Debug, Default)]
pub struct Events(pub RefCell<Vec<Event>>);

impl Events {
    /// All of them, and forgets them.
    pub fn take(&self) -> Vec<Event> {
        self.0.take()
    }

    /// Those of one transfer of channel 0.
    pub fn of(&self, generation: Generation) -> Vec<EventKind> {
        let events = self.0.borrow();
        let mine = events.iter().filter(|event| event.channel.0 == 0 && event.generation == generation);
        mine.map(|event| event.kind).collect()
    }

    /// Generations and kinds, of all channels.
    pub fn kinds(&self) -> Vec<(u64, EventKind)> {
        self.0.borrow().iter().map(|event| (event.generation.0, event.kind)).collect()
    }
}

pub fn us(micros: u64) -> Nanos {
    Nanos::from_micros(micros)
}

/// The time, in whole microseconds.
pub fn now(mock: &Mock) -> u64 {
    mock.hw().now().as_micros()
}

/// Lets time pass and delivers no interrupt.
pub fn pass(mock: &Mock, micros: u64) {
    mock.hw().advance_to(mock.hw().now() + us(micros));
}

/// Lets time pass and delivers interrupts as they come.
pub fn run(cpu: &Cpu<'_>, mock: &Mock, micros: u64) {
    cpu.run_until(mock.hw().now() + us(micros));
}

/// New memory, all zeros.
pub fn zeroed(len: usize) -> Memory {
    vec![0; len].leak()
}

/// New memory in which no byte is like its neighbours.
pub fn pattern(len: usize, seed: u8) -> Memory {
    (0..len).map(|i| (i as u8).wrapping_mul(31).wrapping_add(seed) | 1).collect::<Vec<_>>().leak()
}

pub fn config() -> SlaveConfig {
    SlaveConfig::new(BusAddr(0x0202_8004), BusWidth::Four, ())
}

/// A ring of [`PERIOD`]s.
pub fn cyclic(direction: Direction) -> Cyclic {
    Cyclic { direction, period: PERIOD, config: config() }
}

/// Ten microseconds to a frame.
pub fn stream() -> StreamConfig {
    StreamConfig { rate: 100_000, ..StreamConfig::default() }
}

/// Puts a device at the channel whose frame `n` is the number `n + 1`, so that silence cannot be mistaken for it.
pub fn attach_recorder(mock: &Mock, channel: u8) {
    let frames: Vec<u8> = (1..=10_000_u32).flat_map(u32::to_le_bytes).collect();
    let source = Source { frames: frames.into(), repeat: 1_000_000 };
    mock.hw().attach(usize::from(channel), Peripheral::recorder(stream(), source));
}

/// A capture ring in new memory, prepared.
pub fn prep_ring<'d, E>(idle: &Idle<'d, E>) -> Prepared<'d, E, Memory>
where
    E: EngineCyclic<Peripheral = ()> + Debug,
{
    idle.prep_cyclic(zeroed(RING), &cyclic(Direction::DevToMem)).unwrap()
}

/// A capture ring that goes round.
pub fn start_ring<'d, E>(idle: Idle<'d, E>) -> (Active<'d, E>, Transfer<'d, E, Memory>)
where
    E: EngineCyclic<Peripheral = ()> + Debug,
{
    let prepared = prep_ring(&idle);
    idle.start(prepared).unwrap()
}

/// The first channel, with a recorder at its end and a capture ring that goes round on it.
pub fn recording<const C: usize, const S: usize>(
    dma: &Dma<Mock, C, S>,
) -> (Active<'_, Mock>, Transfer<'_, Mock, Memory>) {
    attach_recorder(dma.engine(), 0);
    start_ring(dma.channel(0).unwrap())
}

pub type Copy<'d, E = Mock> = Prepared<'d, E, (Memory, Memory)>;

/// A copy between new buffers of that length, prepared.
pub fn prep_copy<'d, E: EngineMemcpy + Debug>(idle: &Idle<'d, E>, len: usize, seed: u8) -> Copy<'d, E> {
    idle.prep_memcpy(zeroed(len), pattern(len, seed)).unwrap()
}

/// When a transfer of a channel first and last touched memory.
pub fn touched(mock: &Mock, channel: u8, generation: Generation) -> Option<(Nanos, Nanos)> {
    let log = mock.hw().log();
    let mine = log.iter().filter(|access| access.channel == usize::from(channel) && access.tag == generation.0);
    mine.fold(None, |span, access| {
        let (first, last) = span.unwrap_or((access.from, access.to));
        Some((first.min(access.from), last.max(access.to)))
    })
}

/// The hardware has touched nothing that was not its own.
pub fn assert_clean(mock: &Mock) {
    assert_eq!(mock.hw().late_accesses(), 0, "accesses to memory that had been handed back");
    assert_eq!(mock.hw().faults(), 0, "accesses to memory that was never mapped, or unmapped twice");
}

/// Memory that came back is nobody else's: it is poisoned, a long time passes, and nobody has written or tried to.
pub fn assert_left_alone(mock: &Mock, memory: &mut [u8]) {
    memory.fill(POISON);
    pass(mock, 100 * L);
    assert!(memory.iter().all(|&byte| byte == POISON), "written after it came back");
    assert_clean(mock);
}

/// All slots of a channel that is idle, and no more, can be had at the same time.
pub fn assert_all_slots_free<E: EngineMemcpy + Debug>(idle: &Idle<'_, E>, slots: usize) {
    let all: Vec<_> = (0..slots).map(|i| (i, idle.prep_memcpy(zeroed(8), zeroed(8)))).collect();
    for (i, prepared) in &all {
        assert!(prepared.is_ok(), "slot {i} of {slots} is lost");
    }
    assert!(idle.prep_memcpy(zeroed(8), zeroed(8)).is_err(), "more than {slots} slots");
}
