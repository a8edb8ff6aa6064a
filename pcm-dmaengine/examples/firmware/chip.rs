//! A board with a chip: the Cortex-M4 of an i.MX 6SoloX, with SSI1 and a codec that makes the clocks.
//!
//! What a boot loader has done before: clocks and pins, the codec's registers, SysTick with an interrupt every millisecond, and GPT1
//! counting microseconds; all of the program's memory is where the SDMA sees it at the same address and no cache is in between (OCRAM,
//! uncached). Addresses and bits: i.MX 6SoloX RM, chapters "Memory Maps", "Synchronous Serial Interface (SSI)", "General Purpose
//! Timer (GPT)". It is built by `.ci/bare-metal`; no chip has run it.
//!
//! The module has `unsafe` because here is where the hardware is: registers at bare addresses, the interrupt mask, and the promises of
//! the traits that a board has to make.

use core::arch::asm;
use core::cell::UnsafeCell;
use core::ptr::NonNull;
use core::sync::atomic::{AtomicU32, Ordering};

use backend_imx_sdma::peripheral::{Priority, RequestLine};
use backend_imx_sdma::soc::instances;
use backend_imx_sdma::{Fence, ImxSdma, Mmio, Peripheral, Settings, SharedMemory, Soc};
use dmaengine_core::lock::{MasksInterrupts, RawLock};
use dmaengine_core::{
    Atomic, BusAddr, BusWidth, Direction, Micros, Platform, PrepError, Region, SlaveConfig, Sleepable, Sleeper,
};
use pcm_dmaengine::{Dai, DaiError, Trigger};

use crate::app;

/// The engine.
pub type Sdma = ImxSdma<Chip, Mmio, Fence>;

/// The machine around the SDMA.
pub struct Chip;

/// One core: what masks interrupts is alone.
pub struct Primask(());

// SAFETY: the platform has one core that calls into the library, and with interrupts masked nothing else runs on it; the assembly
// is a barrier for the compiler. A second lock from the inside is taken for another one, as the library never takes the same twice.
unsafe impl RawLock for Primask {
    const INIT: Self = Self(());

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

fn read(address: u32) -> u32 {
    // SAFETY: all callers name registers of this chip, below; reading them has no effect on memory.
    unsafe { (address as usize as *const u32).read_volatile() }
}

fn write(address: u32, value: u32) {
    // SAFETY: all callers name registers of this chip, below, and none that makes a device touch memory.
    unsafe { (address as usize as *mut u32).write_volatile(value) };
}

/// GPT1_CNT, which counts microseconds.
const GPT1_CNT: u32 = 0x0209_8024;

// SAFETY: the SDMA reaches all of the program's memory at the same addresses, and there is no cache in between; the registers'
// accesses and `dmb` keep the order.
unsafe impl Platform for Chip {
    type Lock = Primask;

    /// Asked at least once in half of the 71 minutes after which the counter begins anew.
    fn now(&self) -> Micros {
        static LAST: AtomicU32 = AtomicU32::new(0);
        static ROUNDS: AtomicU32 = AtomicU32::new(0);
        let lock = Primask::INIT;
        lock.with(|| {
            let now = read(GPT1_CNT);
            let is_new = now < LAST.load(Ordering::Relaxed);
            LAST.store(now, Ordering::Relaxed);
            let rounds = ROUNDS.load(Ordering::Relaxed) + u32::from(is_new);
            ROUNDS.store(rounds, Ordering::Relaxed);
            Micros(u64::from(rounds) << 32 | u64::from(now))
        })
    }

    fn delay(&self, time: Micros) {
        let end = self.now().0 + time.0;
        while self.now().0 <= end {
            core::hint::spin_loop();
        }
    }

    fn map(&self, region: &Region, _direction: Direction) -> Result<BusAddr, PrepError> {
        barrier();
        Ok(BusAddr(region.ptr.as_ptr().addr() as u64))
    }

    fn unmap(&self, _region: &Region, _direction: Direction) {
        barrier();
    }

    fn sync_for_cpu(&self, _part: &Region) {
        barrier();
    }

    fn sync_for_device(&self, _part: &Region) {
        barrier();
    }
}

fn barrier() {
    // SAFETY: does nothing but wait for memory.
    unsafe { asm!("dmb") };
}

/// The main loop's way to wait. Entering or leaving any interrupt sets the event that `wfe` waits for, so one that ran just before is not
/// missed; SysTick comes every millisecond, so it never waits for longer.
struct Wait;

impl Sleeper for Wait {
    fn sleep(&self, _at_most: Micros) {
        // SAFETY: waits for an event.
        unsafe { asm!("wfe") };
    }
}

/// SSI1 and its registers.
const SSI1: u32 = 0x0202_8000;
const STX0: u32 = SSI1;
const SCR: u32 = SSI1 + 0x10;
const SISR: u32 = SSI1 + 0x14;
const SIER: u32 = SSI1 + 0x18;
const STCR: u32 = SSI1 + 0x1C;
const STCCR: u32 = SSI1 + 0x24;
const SFCSR: u32 = SSI1 + 0x2C;
const SOR: u32 = SSI1 + 0x34;
/// SSI1's line of the transmit FIFO 0 at the SDMA.
const SSI1_TX: u8 = 38;
const BURST: u16 = 8;
/// Words of a FIFO.
const FIFO: u32 = 15;

/// SSI1: two words of 16 bits in a frame, clocks from the codec, network mode.
struct Ssi;

impl Ssi {
    fn set_up() {
        write(SCR, 0);
        write(STCR, 1 << 7 | 1 << 9); // FIFO 0 in use, words at the lower end
        write(STCCR, 7 << 13 | 1 << 8); // 16 bits, two words
        write(SFCSR, u32::from(BURST));
        write(SCR, 1 << 0 | 1 << 3); // SSIEN, NET
    }

    /// A word was missing: TUE0.
    fn is_torn(&self) -> bool {
        read(SISR) & 1 << 8 != 0
    }
}

impl Dai for Ssi {
    fn trigger(&self, trigger: Trigger, _context: &Atomic<'_>) -> Result<(), DaiError> {
        if trigger.starts() {
            write(SOR, 1 << 4); // TX_CLR
            write(SOR, 0);
            write(SISR, 1 << 8);
            // Whole frames of silence, while the SDMA is on its way.
            (0..FIFO & !1).for_each(|_| write(STX0, 0));
            write(SIER, read(SIER) | 1 << 20); // TDMAE
            write(SCR, read(SCR) | 1 << 1); // TE
        } else {
            write(SIER, read(SIER) & !(1 << 20));
            write(SCR, read(SCR) & !(1 << 1));
        }
        Ok(())
    }
}

static SSI: Ssi = Ssi;

/// What the driver and the SDMA share: room for four transfers of at most eight periods.
const SHARED: usize = SharedMemory::bytes_for(4, 8);

#[repr(align(8))]
struct Shared(UnsafeCell<[u8; SHARED]>);

// SAFETY: nobody touches it but the driver, which `sdma` gives it to.
unsafe impl Sync for Shared {}

static SHARED_MEMORY: Shared = Shared(UnsafeCell::new([0; SHARED]));

/// The driver. Called once, from [`main`].
fn sdma() -> Sdma {
    let instance = instances::IMX6SX;
    let (base, memory) = (instance.base as usize as *mut u32, SHARED_MEMORY.0.get().cast::<u8>());
    let (Some(base), Some(memory)) = (NonNull::new(base), NonNull::new(memory)) else { halt() };
    let bus = BusAddr(memory.as_ptr().addr() as u64);
    // SAFETY: the boot loader has turned the clocks on, and nobody else has the SDMA or this memory, which is there for ever.
    let (regs, memory) = unsafe { (Mmio::new(base), SharedMemory::new(memory, bus, SHARED, 8)) };
    let mut settings = Settings::default();
    settings.spba = instance.spba;
    let Ok(sdma) = ImxSdma::new(Soc::IMX6SX, regs, Chip, memory, settings) else { halt() };
    sdma
}

/// Called by the startup code, with interrupts on.
#[unsafe(no_mangle)]
extern "C" fn main() -> ! {
    Ssi::set_up();
    let Some(line) = RequestLine::new(SSI1_TX) else { halt() };
    let ssi = Peripheral::ssi_shared(line).with_priority(Priority::High);
    let config = SlaveConfig::new(BusAddr(STX0.into()), BusWidth::Two, ssi).with_max_burst(BURST);
    // SAFETY: this is the main loop, with interrupts on and no lock held.
    let context = unsafe { Sleepable::assume(&Wait) };
    _ = app::ring(&context, sdma, &SSI, config);
    halt()
}

/// The startup code's vector table has it under this name.
#[unsafe(no_mangle)]
extern "C" fn SDMA_IRQHandler() {
    app::sdma_interrupt(SSI.is_torn());
}

/// Nothing more to do.
fn halt() -> ! {
    loop {
        Wait.sleep(Micros(1_000));
    }
}

#[panic_handler]
fn panic(_info: &core::panic::PanicInfo<'_>) -> ! {
    halt()
}
