//! The machine around an SDMA: one core, and registers at an address where QEMU's board has memory, which keeps what is written to it.
//! Channel 0 has done its command as soon as anybody waits.
//!
//! The module has `unsafe` because it hands out registers and memory, and masks interrupts.

use core::arch::asm;
use core::cell::UnsafeCell;
use core::ptr::NonNull;
use core::sync::atomic::{AtomicU32, Ordering};

use backend_imx_sdma::peripheral::RequestLine;
use backend_imx_sdma::regs::offset;
use backend_imx_sdma::{Fence, ImxSdma, Mmio, Peripheral, Settings, SharedMemory, Soc};
use dmaengine_core::lock::{MasksInterrupts, RawLock};
use dmaengine_core::{
    BusAddr, BusWidth, Direction, Micros, Platform, PrepError, Region, SlaveConfig, Sleepable, Sleeper,
};

/// The engine.
pub type Sdma = ImxSdma<Chip, Mmio, Fence>;

/// The machine.
#[derive(Debug)]
pub struct Chip;

/// What masks interrupts is alone on one core.
#[derive(Debug)]
pub struct Primask(());

// SAFETY: one core; with interrupts masked nothing else runs, and the assembly is a barrier for the compiler. The library never takes
// the same lock twice.
unsafe impl RawLock for Primask {
    const INIT: Self = Self(());

    #[inline]
    fn with<R>(&self, f: impl FnOnce() -> R) -> R {
        let before: u32;
        // SAFETY: reads the mask and sets it.
        unsafe { asm!("mrs {}, PRIMASK", "cpsid i", out(reg) before) };
        let answer = f();
        // SAFETY: sets the mask to what it was.
        unsafe { asm!("msr PRIMASK, {}", in(reg) before) };
        answer
    }
}

impl MasksInterrupts for Primask {}

// SAFETY: no device reaches any memory.
unsafe impl Platform for Chip {
    type Lock = Primask;

    fn now(&self) -> Micros {
        static NOW: AtomicU32 = AtomicU32::new(0);
        Micros(NOW.fetch_add(1, Ordering::Relaxed).into())
    }

    /// A reset, and a command of channel 0, are done by then.
    fn delay(&self, _time: Micros) {
        register(offset::RESET, 0);
        finish(0);
    }

    fn map(&self, region: &Region, _direction: Direction) -> Result<BusAddr, PrepError> {
        Ok(BusAddr(region.ptr.as_ptr().addr() as u64))
    }

    fn unmap(&self, _region: &Region, _direction: Direction) {}

    fn sync_for_cpu(&self, _part: &Region) {}

    fn sync_for_device(&self, _part: &Region) {}
}

/// Sleeps like [`Chip::delay`].
struct Wait;

impl Sleeper for Wait {
    fn sleep(&self, at_most: Micros) {
        Chip.delay(at_most);
    }
}

/// The context of the main loop.
pub fn context() -> Sleepable<'static> {
    // SAFETY: this is the main loop, with interrupts on and no lock held.
    unsafe { Sleepable::assume(&Wait) }
}

/// The memory of the board where the registers are. On an i.MX6, 0x020E_C000.
const REGISTERS: usize = 0x2010_0000;
/// Room for two transfers of at most eight periods.
const BYTES: usize = SharedMemory::bytes_for(2, 8);

#[repr(align(8))]
struct Shared(UnsafeCell<[u32; BYTES / 4]>);

// SAFETY: the driver is at it, and `finish`, in turn.
unsafe impl Sync for Shared {}

static SHARED: Shared = Shared(UnsafeCell::new([0; BYTES / 4]));

/// The driver.
pub fn sdma() -> Option<Sdma> {
    let memory = NonNull::new(SHARED.0.get().cast::<u8>())?;
    // SAFETY: memory that is there for ever; nobody else has it.
    let (regs, memory) = unsafe {
        let bus = BusAddr(memory.as_ptr().addr() as u64);
        (Mmio::new(NonNull::new(REGISTERS as *mut u32)?), SharedMemory::new(memory, bus, BYTES, 8))
    };
    ImxSdma::new(Soc::IMX6Q, regs, Chip, memory, Settings::default()).ok()
}

/// SSI1's transmitter (i.MX 6Dual/6Quad RM, table "SDMA event mapping").
pub fn ssi() -> Option<SlaveConfig<Peripheral>> {
    let ssi = Peripheral::ssi_shared(RequestLine::new(38)?);
    Some(SlaveConfig::new(BusAddr(0x0202_8000), BusWidth::Two, ssi).with_max_burst(8))
}

fn register(offset: u32, value: u32) {
    // SAFETY: memory of the board that nothing else uses.
    unsafe { ((REGISTERS + offset as usize) as *mut u32).write_volatile(value) };
}

/// The SDMA is done with the first descriptor of a channel, and says so in INTR.
pub fn finish(channel: u8) {
    const DONE: u32 = 1 << 16;
    let shared = SHARED.0.get().cast::<u32>();
    // SAFETY: inside the memory: a control block has four words, and holds the address of a descriptor that is in it, too.
    unsafe {
        let first = shared.add(usize::from(channel) * 4).read_volatile() as usize as *mut u32;
        if !first.is_null() {
            first.write_volatile(first.read_volatile() & !DONE);
        }
    }
    register(offset::INTR, 1 << channel);
}
