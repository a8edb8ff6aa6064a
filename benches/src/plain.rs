//! An i.MX6's SDMA that is plain memory: its registers keep what is written to them, and channel 0 has done its command as soon as
//! any time passes, be it a microsecond. What remains is the driver's own cost. The Linux driver's figures were taken the same way.
//!
//! The module has `unsafe` because it lends memory to a device that is not there, and has a lock of its own.

use alloc::boxed::Box;
use core::cell::UnsafeCell;
use core::fmt;
use core::hint;
use core::marker::PhantomData;
use core::ptr::NonNull;
use core::sync::atomic::{AtomicBool, AtomicU32, AtomicU64, Ordering, compiler_fence};

use backend_imx_sdma::peripheral::RequestLine;
use backend_imx_sdma::regs::{Registers, offset};
use backend_imx_sdma::soc::Soc;
use backend_imx_sdma::{Fence, ImxSdma, Peripheral, Settings, SharedMemory};
use dmaengine_core::lock::{MasksInterrupts, RawLock};
use dmaengine_core::{BusAddr, BusWidth, Cyclic, Direction, Micros, Platform, PrepError, Region, SlaveConfig};

use crate::ops::PERIOD;
use crate::rig::Rig;

/// Descriptors that a transfer may have.
const SEGMENTS: u16 = 64;
/// Transfers that may be prepared at a time.
const TRANSFERS: usize = 640;
/// The SDMA's channel that the library's first one is: channel 0 is the driver's own.
const CHANNEL: u8 = 1;
/// Words of shared memory.
const WORDS: usize = SharedMemory::bytes_for(TRANSFERS, SEGMENTS) / 4;
/// The word with the mode of channel 0's descriptor, and the first of a channel's control block.
const CHANNEL_0_MODE: usize = 32 * 4;
const CONTROL_BLOCK: usize = 4;
/// The bit of a descriptor's mode that says it is the SDMA's (i.MX 6ULL RM chapter 46, "buffer descriptor format").
const DONE: u32 = 1 << 16;
const BUS: u32 = 0x1000_0000;

/// The driver, with a lock.
pub type Sdma<L = Uncontended> = ImxSdma<Board<L>, &'static Plain, Fence>;

/// Registers and shared memory.
pub struct Plain {
    registers: [AtomicU32; 256],
    memory: Box<[UnsafeCell<u32>]>,
}

// SAFETY: the memory is reached through volatile accesses only, from one thread.
unsafe impl Sync for Plain {}

impl Plain {
    /// A machine with its driver. It is there for ever.
    ///
    /// # Panics
    /// If the driver does not like it.
    #[must_use]
    pub fn sdma<L: MasksInterrupts + fmt::Debug>() -> (&'static Self, Sdma<L>) {
        let plain: &'static Self = Box::leak(Box::new(Self {
            registers: [const { AtomicU32::new(0) }; 256],
            memory: (0..WORDS).map(|_| UnsafeCell::new(0)).collect(),
        }));
        let ptr = NonNull::from(&*plain.memory).cast();
        // SAFETY: leaked, and used by the driver and by what plays the SDMA here, in turn.
        let shared = unsafe { SharedMemory::new(ptr, BusAddr(BUS.into()), 4 * WORDS, SEGMENTS) };
        let board = Board(plain, PhantomData);
        let sdma = ImxSdma::new(Soc::IMX6Q, plain, board, shared, Settings::default()).expect("plain memory answers");
        (plain, sdma)
    }

    fn word(&self, word: usize) -> *mut u32 {
        self.memory[word].get()
    }

    /// The SDMA is done with so many descriptors of a channel's transfer, from the first on, and interrupts.
    pub fn finish(&self, channel: u8, descriptors: u16) {
        // SAFETY: inside the memory, see `word`; nobody else is at it.
        let first = unsafe { self.word(usize::from(channel) * CONTROL_BLOCK).read_volatile() };
        for n in 0..usize::from(descriptors) {
            let mode = self.word((first - BUS) as usize / 4 + 3 * n);
            // SAFETY: as above.
            unsafe { mode.write_volatile(mode.read_volatile() & !DONE) };
        }
        self.interrupt(1 << channel);
    }

    /// Channel 0 is done with its command, and interrupts.
    pub fn answer(&self) {
        let mode = self.word(CHANNEL_0_MODE);
        // SAFETY: inside the memory; nobody else is at it.
        unsafe { mode.write_volatile(mode.read_volatile() & !DONE) };
        self.interrupt(1);
    }

    /// These channels interrupt.
    pub fn interrupt(&self, channels: u32) {
        self.registers[offset::INTR as usize / 4].store(channels, Ordering::Relaxed);
    }
}

impl<L: MasksInterrupts + fmt::Debug + 'static> Rig for Sdma<L> {
    const NAME: &'static str = "sdma";
    type Hardware = &'static Plain;

    fn new() -> (&'static Plain, Self) {
        Plain::sdma()
    }

    fn request() -> Cyclic<Peripheral> {
        // SSI1's transmitter (i.MX 6Dual/6Quad RM, table "SDMA event mapping").
        let line = RequestLine::new(38).expect("a line of i.MX6");
        let config = SlaveConfig::new(BusAddr(0x0202_8000), BusWidth::Two, Peripheral::ssi_shared(line));
        Cyclic { direction: Direction::MemToDev, period: PERIOD, config: config.with_max_burst(6) }
    }

    /// Plain memory remembers nothing that matters.
    fn begin(&self, _plain: &'static Plain) {}

    fn answer(&self, plain: &'static Plain) {
        plain.answer();
    }

    fn finish(&self, plain: &'static Plain, periods: u16) {
        plain.finish(CHANNEL, periods);
    }
}

impl Registers for &'static Plain {
    fn read(&self, offset: u32) -> u32 {
        self.registers[offset as usize / 4].load(Ordering::Relaxed)
    }

    fn write(&self, offset: u32, value: u32) {
        // A reset is over at once.
        let value = if offset == offset::RESET { 0 } else { value };
        self.registers[offset as usize / 4].store(value, Ordering::Relaxed);
    }

    fn barrier(&self) {
        compiler_fence(Ordering::SeqCst);
    }
}

impl fmt::Debug for Plain {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Plain")
    }
}

/// A spin lock that nobody contends for, as the Linux driver had when its figures were taken. A processor with an interrupt would mask
/// it here.
#[derive(Debug)]
pub struct Uncontended(AtomicBool);

// SAFETY: the flag is taken by an exchange that orders memory, and given back when the closure is over.
unsafe impl RawLock for Uncontended {
    const INIT: Self = Self(AtomicBool::new(false));

    #[inline]
    fn with<R>(&self, f: impl FnOnce() -> R) -> R {
        while self.0.swap(true, Ordering::Acquire) {
            hint::spin_loop();
        }
        let answer = f();
        self.0.store(false, Ordering::Release);
        answer
    }
}

impl MasksInterrupts for Uncontended {}

/// A machine whose caches are coherent, and whose clock moves when it is looked at.
#[derive(Debug)]
pub struct Board<L>(&'static Plain, PhantomData<fn() -> L>);

static NOW: AtomicU64 = AtomicU64::new(0);

// SAFETY: no device reaches any memory.
unsafe impl<L: MasksInterrupts> Platform for Board<L> {
    type Lock = L;

    fn now(&self) -> Micros {
        // One thread: no need of an atomic addition.
        let now = NOW.load(Ordering::Relaxed);
        NOW.store(now + 1, Ordering::Relaxed);
        Micros(now)
    }

    fn delay(&self, _time: Micros) {
        self.0.answer();
    }

    fn map(&self, region: &Region, _direction: Direction) -> Result<BusAddr, PrepError> {
        Ok(BusAddr(u64::from(region.ptr.as_ptr().addr() as u32)))
    }

    fn unmap(&self, _region: &Region, _direction: Direction) {}

    fn sync_for_cpu(&self, _part: &Region) {}

    fn sync_for_device(&self, _part: &Region) {}
}
