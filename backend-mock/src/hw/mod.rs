//! A DMA controller, its memory and its peripherals, in virtual time.
//!
//! The module has `unsafe` only to pass on to `memory` what the caller of [`Hw::map`] promises.
//!
//! This is hardware. It knows nothing of drivers or of `dmaengine-core`: it runs programs on channels, touches memory
//! through an IOMMU, and posts news that somebody may take as an interrupt. It is a good witness: who touched what,
//! when, and whether that memory was still the toucher's is in [`Hw::log`], [`Hw::late_accesses`] and [`Hw::faults`].
//!
//! # Time
//!
//! Nothing happens but in [`Hw::advance_to`], and in the instant of a call that lets data flow (`enable`, `resume`).
//! Times are exact to the nanosecond, and the same calls give the same log.
//!
//! Time goes from news to news. Between the news of one channel and the next news of any, channels do their work in the
//! order of their numbers. So two channels that share memory see each other's bytes at the times of news, not burst by
//! burst. The same goes for the order of the log.
//!
//! # Example
//!
//! ```
//! use backend_mock::hw::{Hw, HwConfig, Moves, Nanos, NewsKind, Program};
//! use core::ptr::NonNull;
//!
//! let hw = Hw::new(HwConfig::default());
//! let mut memory = [7u8; 64].to_vec();
//! memory.resize(128, 0);
//! let ptr = NonNull::new(memory.as_mut_ptr()).unwrap();
//! // SAFETY: `memory` outlives the mapping, and nobody else uses it in the meantime.
//! let bus = unsafe { hw.map(ptr, 128) };
//!
//! let moves = Moves::Copy { dst: bus + 64, src: bus, len: 64 };
//! hw.program(0, Program { tag: 1, moves });
//! hw.enable(0);
//! hw.advance_to(Nanos::from_micros(1));
//! assert_eq!(hw.take_news(0).unwrap().kind, NewsKind::Done);
//! hw.unmap(bus);
//! assert_eq!(memory[64..], [7; 64]);
//! ```

mod bus;
mod channel;
mod log;
mod memory;
mod news;
mod pace;
mod peripheral;
mod program;
mod stream;
mod time;

use alloc::vec::Vec;
use core::ptr::NonNull;

pub use self::log::Access;
pub use self::news::{News, NewsKind};
pub use self::peripheral::Peripheral;
pub use self::program::{Moves, Program, Progress};
pub use self::stream::{Run, Source, StreamConfig, Taken};
pub use self::time::Nanos;

use self::bus::Bus;
use self::channel::Channel;
use self::log::Log;
use self::memory::Memory;

/// How long after `disable` the engine goes on touching memory.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum StopLatency {
    /// So long; 0 stops in the same instant.
    After(Nanos),
    /// For ever: only [`Hw::reset`] stops it.
    Never,
}

/// What the controller is like.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct HwConfig {
    /// Channels, at most 64.
    pub channels: usize,
    /// How fast it stops.
    pub stop_latency: StopLatency,
    /// Bytes that a copy moves in a microsecond.
    pub copy_bytes_per_us: u32,
}

impl Default for HwConfig {
    /// Four channels, a stop latency of 1 ms, copies at 1000 bytes per microsecond.
    fn default() -> Self {
        HwConfig { channels: 4, stop_latency: StopLatency::After(Nanos::from_micros(1000)), copy_bytes_per_us: 1000 }
    }
}

#[derive(Debug)]
struct Inner {
    now: Nanos,
    stop_latency: StopLatency,
    bus: Bus,
    channels: Vec<Channel>,
}

/// The controller with its memory and peripherals. See the [module](self).
///
/// # Panics
///
/// Every method that takes a channel panics if there is no such channel.
#[derive(Debug)]
pub struct Hw {
    inner: spin::Mutex<Inner>,
}

impl Hw {
    /// Builds it, at time 0, all channels Off.
    ///
    /// # Panics
    ///
    /// If there are more than 64 channels, or copies have no speed.
    pub fn new(config: HwConfig) -> Self {
        assert!(config.channels <= 64, "more channels than status bits");
        assert!(config.copy_bytes_per_us > 0, "copies would never end");
        let copy_rate = u64::from(config.copy_bytes_per_us) * 1_000_000;
        let inner = Inner {
            now: Nanos(0),
            stop_latency: config.stop_latency,
            bus: Bus { memory: Memory::new(), log: Log::new(config.channels) },
            channels: (0..config.channels).map(|id| Channel::new(id, copy_rate)).collect(),
        };
        Hw { inner: spin::Mutex::new(inner) }
    }

    /// Sets the stop latency of every later `disable`.
    pub fn set_stop_latency(&self, latency: StopLatency) {
        self.inner.lock().stop_latency = latency;
    }

    /// The time.
    pub fn now(&self) -> Nanos {
        self.inner.lock().now
    }

    /// Lets everything happen that happens up to and including `t`. Does nothing if `t` is not in the future.
    pub fn advance_to(&self, t: Nanos) {
        let inner = &mut *self.inner.lock();
        while inner.now < t {
            // A line's clock is set anew at the end of each of its bursts.
            let bursts = inner.channels.iter().filter_map(|channel| channel.peripheral.as_ref()?.burst_ends().next());
            let step = bursts.chain(inner.next_news()).min().map_or(t, |at| at.min(t));
            for channel in &mut inner.channels {
                channel.run_to(step, &mut inner.bus);
            }
            inner.now = step;
        }
    }

    /// The earliest time, always in the future, at which a channel will post news if nothing is changed until then.
    pub fn next_news(&self) -> Option<Nanos> {
        self.inner.lock().next_news()
    }

    /// Lets the engine read and write `len` bytes at `ptr`. Returns their bus address, which is like no CPU address and
    /// is never given out again. An address behind the end of the mapping is not mapped.
    ///
    /// # Safety
    ///
    /// Until [`unmap`](Self::unmap), `ptr` is valid for reads and writes of `len` initialized bytes from any thread,
    /// and nothing else accesses them during a call on this `Hw`.
    pub unsafe fn map(&self, ptr: NonNull<u8>, len: usize) -> u64 {
        // SAFETY: the caller's promise is the one asked for.
        unsafe { self.inner.lock().bus.memory.map(ptr, len, false) }
    }

    /// As [`map`](Self::map), for memory that the engine may only read. A write to it is blocked and is a fault.
    ///
    /// # Safety
    ///
    /// As for [`map`](Self::map), but `ptr` need not be valid for writes, and others may read.
    pub unsafe fn map_read_only(&self, ptr: NonNull<u8>, len: usize) -> u64 {
        // SAFETY: the caller's promise is the one asked for.
        unsafe { self.inner.lock().bus.memory.map(ptr, len, true) }
    }

    /// Memory of the hardware's own, zeroed and mapped, for a driver that wants no `unsafe` (Linux's
    /// `dma_alloc_coherent`). Returns its bus address. It is never freed.
    pub fn alloc_coherent(&self, len: usize) -> u64 {
        self.inner.lock().bus.memory.allocate(len)
    }

    /// What a CPU reads at a bus address. Leaves `data` as it is unless all of it lies in one live mapping.
    pub fn read_memory(&self, bus: u64, data: &mut [u8]) {
        self.inner.lock().bus.memory.copy_out(bus, data);
    }

    /// What a CPU writes to a bus address. Does nothing unless all of it lies in one live mapping that may be written.
    pub fn write_memory(&self, bus: u64, data: &[u8]) {
        self.inner.lock().bus.memory.copy_in(bus, data);
    }

    /// Hands the memory mapped at `bus` back. An access after this is blocked, and late. If no mapping starts at `bus`,
    /// that is a fault.
    pub fn unmap(&self, bus: u64) {
        let inner = &mut *self.inner.lock();
        if !inner.bus.memory.unmap(bus) {
            inner.bus.log.count_fault();
        }
    }

    /// The mapping around `bus` belongs to `tag` now: from now on an access by any other is performed, and late. If
    /// there is no such mapping, that is a fault.
    pub fn claim(&self, bus: u64, tag: u64) {
        let inner = &mut *self.inner.lock();
        if !inner.bus.memory.claim(bus, tag) {
            inner.bus.log.count_fault();
        }
    }

    /// Loads `program` into a channel that is Off; in any other, leaves it for the next `enable` in Off.
    pub fn program(&self, ch: usize, program: Program) {
        self.inner.lock().channels[ch].program(program);
    }

    /// Starts the newest program, or goes on with a stopped one. In a channel that is stopping, takes the stop back.
    pub fn enable(&self, ch: usize) {
        let inner = &mut *self.inner.lock();
        inner.channels[ch].enable(&mut inner.bus);
    }

    /// Asks the channel to stop. It will have stopped a stop latency later, and say so.
    pub fn disable(&self, ch: usize) {
        let inner = &mut *self.inner.lock();
        let latency = match inner.stop_latency {
            StopLatency::After(latency) => Some(latency),
            StopLatency::Never => None,
        };
        inner.channels[ch].disable(latency);
    }

    /// Holds the channel's program, if it runs: no byte moves until [`resume`](Self::resume). What the peripheral loses
    /// is lost.
    pub fn pause(&self, ch: usize) {
        self.inner.lock().channels[ch].pause();
    }

    /// Lets a paused program go on where it was. A burst of a copy that was interrupted starts again.
    pub fn resume(&self, ch: usize) {
        let inner = &mut *self.inner.lock();
        inner.channels[ch].resume(&mut inner.bus);
    }

    /// Whether the loaded program begins again when it has come to its end, with `Periods` news for each round. Switched off
    /// while it runs, the round under way is the last.
    pub fn repeat(&self, ch: usize, on: bool) {
        self.inner.lock().channels[ch].repeat(on);
    }

    /// Stops the channel at once, whatever the stop latency, and posts nothing. The last way out.
    pub fn reset(&self, ch: usize) {
        self.inner.lock().channels[ch].reset();
    }

    /// Whether the channel may still touch memory: it is enabled, or in its stop latency.
    pub fn is_touching(&self, ch: usize) -> bool {
        self.inner.lock().channels[ch].is_touching()
    }

    /// How far the loaded program has come.
    pub fn progress(&self, ch: usize) -> Progress {
        self.inner.lock().channels[ch].progress()
    }

    /// A bit for each channel that has news.
    pub fn irq_pending(&self) -> u64 {
        let inner = self.inner.lock();
        let bits = inner.channels.iter().enumerate();
        bits.filter(|(_, channel)| !channel.news.is_empty()).fold(0, |bits, (ch, _)| bits | 1 << ch)
    }

    /// Takes the channel's oldest news.
    pub fn take_news(&self, ch: usize) -> Option<News> {
        self.inner.lock().channels[ch].news.take()
    }

    /// The channel's oldest news, which stays.
    pub fn peek_news(&self, ch: usize) -> Option<News> {
        self.inner.lock().channels[ch].news.first()
    }

    /// Trouble on demand: news behind all others that nothing has happened for, stale, doubled or spurious.
    pub fn post_news(&self, ch: usize, news: News) {
        self.inner.lock().channels[ch].news.put(news);
    }

    /// Accesses to memory that had been handed back, or claimed for another transfer: one for each frame of a stream,
    /// one for each 64 bytes of a copy, reads and writes apart.
    pub fn late_accesses(&self) -> u64 {
        self.inner.lock().bus.log.late()
    }

    /// Accesses to what was never mapped and writes to read-only memory, all blocked; programs that cannot be run;
    /// `unmap` and `claim` of what is not mapped.
    pub fn faults(&self) -> u64 {
        self.inner.lock().bus.log.faults()
    }

    /// Every access so far, neighbours in memory joined.
    pub fn log(&self) -> Vec<Access> {
        self.inner.lock().bus.log.entries().to_vec()
    }

    /// Switches the log on (as it is at first) or off. The counters go on.
    pub fn set_log(&self, on: bool) {
        self.inner.lock().bus.log.set_on(on);
    }

    /// Puts a device at the end of the channel's request line. The one that was there is gone. It serves programs that
    /// are enabled from now on.
    pub fn attach(&self, ch: usize, mut peripheral: Peripheral) {
        let inner = &mut *self.inner.lock();
        peripheral.attached(inner.now);
        inner.channels[ch].peripheral = Some(peripheral);
    }

    /// Enables or disables the channel's peripheral, as its own driver does it: a sound interface (DAI) at a trigger. It is enabled
    /// at first, and a player's clock then waits for its channel; one that is enabled by this call ticks from now on, whether its
    /// channel runs or not.
    ///
    /// Disabled it asks for nothing. A recorder then hears nothing, and what was in its FIFO is gone; a player stands still, and what
    /// is in its FIFO waits. Enabled while its channel does not run, it has [overruns](Peripheral::overruns) or
    /// [underruns](Peripheral::underruns).
    ///
    /// So a start is `flush` and `set_enabled(true)`, after the channel's; a stop or a pause is `set_enabled(false)`, before the
    /// channel's.
    pub fn set_enabled(&self, ch: usize, on: bool) {
        let inner = &mut *self.inner.lock();
        inner.channels[ch].set_enabled(on, &mut inner.bus);
    }

    /// Empties the FIFO of the channel's peripheral, as its driver does before a start.
    pub fn flush(&self, ch: usize) {
        let inner = &mut *self.inner.lock();
        inner.channels[ch].flush(&mut inner.bus);
    }

    /// Puts a second device, which takes, at the channel's other end, for programs that go from device to device.
    ///
    /// It is given each frame as it comes. One that is slower than the source has more in its FIFO than fits.
    pub fn attach_sink(&self, ch: usize, mut sink: Peripheral) {
        let inner = &mut *self.inner.lock();
        sink.attached(inner.now);
        inner.channels[ch].sink = Some(sink);
    }

    /// As [`with_peripheral`](Self::with_peripheral), for the channel's sink.
    pub fn with_sink<R>(&self, ch: usize, f: impl FnOnce(&mut Peripheral) -> R) -> Option<R> {
        self.inner.lock().channels[ch].sink.as_mut().map(f)
    }

    /// Lends the channel's peripheral to `f`, which must not call this `Hw`: that would wait for itself.
    pub fn with_peripheral<R>(&self, ch: usize, f: impl FnOnce(&mut Peripheral) -> R) -> Option<R> {
        self.inner.lock().channels[ch].peripheral.as_mut().map(f)
    }
}

impl Inner {
    fn next_news(&self) -> Option<Nanos> {
        let each = self.channels.iter();
        each.filter_map(|channel| channel.next_news(&self.bus)).min()
    }
}
