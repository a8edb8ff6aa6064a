//! The simulated devices: the SDMA and what is on its bus, behind the addresses that the chip has them at.
//!
//! The module has `unsafe` because the SDMA's memory is this machine's.
//!
//! # Time
//!
//! There is one clock: cycles of the SDMA's core, 66 MHz. While the program runs, the GPT counts it; while the simulation computes, the
//! clock stands where the simulation is. So code takes the time that its instructions take, an access to a register the eight cycles
//! that the model says, and what the host's emulation of the simulation costs takes none: a stop takes as long as it would, not as long as
//! this program needs to compute it.
//!
//! Simulated devices catch up with the clock at each access to one of their registers, and every [`tick`], when
//! [EPIT1](crate::gic::EPIT1) interrupts. In between nothing moves: to the program they seem to work in spurts. An interrupt of the SDMA comes at
//! most a tick late.
//!
//! # Interrupt
//!
//! After whatever may have changed INTR, line 34 is raised at the interrupt controller, or taken back there. It is a level, as on the
//! chip: who returns from the handler with the line up is called again, at the next tick at the latest.

use alloc::boxed::Box;
use core::sync::atomic::{AtomicBool, AtomicU32, Ordering};

use dmaengine_core::Micros;
use dmaengine_core::lock::Locked;
use sim_imx_sdma::bus::{Memory, Width};
use sim_imx_sdma::time::{Clock, Cycles};
use sim_imx_sdma::{Config, RegisterAccess, Sdma, Until, Variant};

use crate::lock::IrqLock;
use crate::timer::{Epit, gpt, private};
use crate::{cpu, gic, irq, mmu};

/// Pages that are left out of the map of memory.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Window {
    base: u32,
    size: u32,
}

impl Window {
    pub(crate) const fn holds(self, address: u32) -> bool {
        address >= self.base && address - self.base < self.size
    }
}

const SDMA: Window = Window { base: 0x020E_C000, size: 0x4000 };
const SSI1: Window = Window { base: 0x0202_8000, size: 0x4000 };

/// All of them.
pub(crate) const WINDOWS: [Window; 2] = [SDMA, SSI1];

/// Cycles of a microsecond.
pub(crate) const MICROSECOND: u64 = 66;

/// Whole microseconds, in a few multiplications: this core cannot divide, and what the compiler has instead takes up to 5,000
/// instructions, more or fewer by the number. That would be the most of each look at the clock.
pub(crate) fn micros(Cycles(cycles): Cycles) -> u64 {
    // A half of 66, and its inverse, rounded up: exact for all that has 63 bits.
    const INVERSE: u64 = ((1 << 69) / (MICROSECOND as u128 / 2) + 1) as u64;
    ((u128::from(cycles >> 1) * u128::from(INVERSE)) >> 69) as u64
}

/// The interrupt that makes simulated time pass.
pub(crate) const TICK: u32 = gic::EPIT1;

/// Who accesses the bus when it is the processor, for logs.
const CPU: u8 = u8::MAX;
/// What a register on the bus costs the processor: as one of the SDMA's.
const ACCESS: Cycles = Cycles(8);

struct Hardware {
    sdma: Box<Sdma>,
    /// The GPT with its overflows, as it was seen last.
    counted: u64,
    /// What it was at cycle 0 of the clock.
    offset: u64,
    is_line_up: bool,
}

static HARDWARE: Locked<IrqLock, Option<Hardware>> = Locked::new(None);
/// The private timer stands still, too, while the simulation computes.
static HOLDS: AtomicBool = AtomicBool::new(false);
/// Cycles of a tick, 0 for none.
static TICKS: AtomicU32 = AtomicU32::new(0);

impl Hardware {
    fn counted(&mut self) -> u64 {
        self.counted += u64::from(gpt::count().wrapping_sub(self.counted as u32));
        self.counted
    }

    fn now(&mut self) -> Cycles {
        Cycles(self.counted() - self.offset)
    }

    /// The devices do what they would have done by now.
    fn catch_up(&mut self) {
        let now = self.now();
        self.sdma.run_until(Until::Time(now));
    }

    /// The interrupt line is as the SDMA has it, and the clock goes on from where the simulation is.
    fn settle(&mut self) {
        let is_up = self.sdma.interrupt();
        if is_up {
            gic::set_pending(gic::SDMA);
        } else if self.is_line_up {
            gic::clear_pending(gic::SDMA);
        }
        self.is_line_up = is_up;
        self.offset = self.counted() - self.sdma.now().0;
    }

    fn access<R>(&mut self, f: impl FnOnce(&mut Sdma) -> R) -> R {
        let held = HOLDS.load(Ordering::Relaxed).then(private::hold).flatten();
        self.catch_up();
        let answer = f(&mut self.sdma);
        self.settle();
        if let Some(held) = held {
            private::go_on(held);
        }
        answer
    }
}

/// Puts an SDMA as i.MX6 has it behind its address, with all of the machine's memory on its bus, and lets time pass.
pub fn mount() {
    mount_with(Config::new(Variant::Imx6));
}

/// The same for an SDMA of another make; its core has to run at 66 MHz.
///
/// # Panics
/// If there is one.
pub fn mount_with(config: Config) {
    let mut sdma = Box::new(Sdma::new(config));
    assert_eq!(sdma.clock(), Clock::IMX6, "the GPT counts at the rate of i.MX6's SDMA");
    sdma.bus().add_memory(mmu::RAM, mmu::RAM_SIZE, Ram).expect("the bus is empty");
    gpt::start();
    HARDWARE.with(|hardware| {
        assert!(hardware.is_none(), "the SDMA is there");
        *hardware = Some(Hardware { sdma, counted: 0, offset: 0, is_line_up: false });
    });
    irq::handle(TICK, irq::HIGH, || {
        Epit::ONE.acknowledge();
        hw(|_| ());
        wind(TICKS.load(Ordering::Relaxed));
    });
    tick(Some(Micros(20)));
}

/// Takes it away, with all that was on its bus, so that another can be mounted. Whatever of the library used it is to be forgotten.
pub fn unmount() {
    tick(None);
    let taken = HARDWARE.with(Option::take);
    gic::clear_pending(gic::SDMA);
    drop(taken);
}

/// How often the devices are given time, if nobody accesses them. `None`: only then. At first it is every 20 µs.
///
/// # Panics
/// For 0.
pub fn tick(every: Option<Micros>) {
    let cycles = every.map_or(0, |time| (time.0 * MICROSECOND) as u32);
    assert!(every.is_none() || cycles > 0, "no time at all");
    TICKS.store(cycles, Ordering::Relaxed);
    wind(cycles);
}

/// Has the private timer of whichever core stand still, as the clock does, while the simulation computes: then it counts the program's
/// instructions and nothing else. At first it does not.
pub fn hold_private_timer(holds: bool) {
    HOLDS.store(holds, Ordering::Relaxed);
}

fn wind(cycles: u32) {
    if cycles == 0 { Epit::ONE.stop() } else { Epit::ONE.every(cycles) }
}

/// Looks at the hardware as it is now, puts devices on its bus, makes trouble. Any context; interrupts are masked meanwhile, and no time
/// passes but what `f` lets pass.
///
/// # Panics
/// Before [`mount`].
pub fn hw<R>(f: impl FnOnce(&mut Sdma) -> R) -> R {
    HARDWARE.with(|hardware| hardware.as_mut().expect("no SDMA was mounted").access(f))
}

/// The clock.
#[must_use]
pub fn now() -> Cycles {
    HARDWARE.with(|hardware| hardware.as_mut().expect("no SDMA was mounted").now())
}

/// A device that is out of the simulation's sight is left to `abort`: what lies at an address that is not mapped. `None` if nothing does.
pub(crate) fn load(address: u32) -> Option<u32> {
    access(
        address,
        |sdma| sdma.read32(address - SDMA.base),
        |sdma, now| sdma.bus().read(CPU, now, address, Width::Four).ok(),
    )
}

/// The same for a write.
pub(crate) fn store(address: u32, value: u32) -> Option<()> {
    access(
        address,
        |sdma| sdma.write32(address - SDMA.base, value),
        |sdma, now| sdma.bus().write(CPU, now, address, Width::Four, value).ok(),
    )
}

fn access<R>(
    address: u32,
    register: impl FnOnce(&mut Sdma) -> R,
    device: impl FnOnce(&mut Sdma, Cycles) -> Option<R>,
) -> Option<R> {
    HARDWARE.with(|hardware| {
        let hardware = hardware.as_mut()?;
        if SDMA.holds(address) {
            return Some(hardware.access(register));
        }
        let is_mounted = WINDOWS.iter().any(|window| window.holds(address));
        is_mounted.then(|| {
            hardware.access(|sdma| {
                sdma.run_for(ACCESS);
                let now = sdma.now();
                sdma.bus().advance(now);
                device(sdma, now)
            })
        })?
    })
}

/// The machine's memory as the SDMA sees it: all of it, at the same addresses, and really read and written.
struct Ram;

impl Memory for Ram {
    fn read(&mut self, offset: u32, out: &mut [u8]) -> bool {
        let from = (mmu::RAM + offset) as usize as *const u8;
        cpu::barrier();
        // SAFETY: the bus keeps within the machine's memory, which is mapped. Who told the device to read there has it mapped for the
        // device by the library's contract, so nobody writes it now.
        unsafe { core::ptr::copy(from, out.as_mut_ptr(), out.len()) };
        true
    }

    fn write(&mut self, offset: u32, bytes: &[u8]) -> bool {
        let to = (mmu::RAM + offset) as usize as *mut u8;
        // SAFETY: as above. That the device writes to no other memory is the driver's promise, and what the tests are there to see.
        unsafe { core::ptr::copy(bytes.as_ptr(), to, bytes.len()) };
        cpu::barrier();
        true
    }
}
