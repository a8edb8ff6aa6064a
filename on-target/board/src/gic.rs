//! The interrupt controller of the Cortex-A9 (GICv1; Arm Generic Interrupt Controller, architecture version 1.0).
//!
//! The core runs in the secure state, so there are two groups: the [watchdog](crate::watchdog)'s interrupt is in group 0 and comes as
//! FIQ, which nobody masks; all the others are in group 1 and come as IRQ.

use dmaengine_core::lock::Locked;

use crate::cpu;
use crate::lock::IrqLock;
use crate::mmio::{read, write};

const CPU: u32 = 0x00A0_0100;
const CPU_CONTROL: u32 = CPU;
const CPU_PRIORITY_MASK: u32 = CPU + 0x04;
const CPU_ACKNOWLEDGE: u32 = CPU + 0x0C;
const CPU_END: u32 = CPU + 0x10;

const DIST: u32 = 0x00A0_1000;
const DIST_CONTROL: u32 = DIST;
const DIST_GROUP: u32 = DIST + 0x80;
const DIST_SET_ENABLE: u32 = DIST + 0x100;
const DIST_CLEAR_ENABLE: u32 = DIST + 0x180;
const DIST_SET_PENDING: u32 = DIST + 0x200;
const DIST_CLEAR_PENDING: u32 = DIST + 0x280;
const DIST_PRIORITY: u32 = DIST + 0x400;
const DIST_TARGETS: u32 = DIST + 0x800;
const DIST_SOFTWARE: u32 = DIST + 0xF00;

/// Interrupts there are (i.MX 6Dual/6Quad RM, chapter "Interrupts and DMA Events").
pub const IDS: u32 = 160;

/// The SDMA's.
pub const SDMA: u32 = 34;
/// The private timer's, of each core its own.
pub const PRIVATE_TIMER: u32 = 29;
/// The private watchdog's, of each core its own.
pub(crate) const WATCHDOG: u32 = 30;
/// EPIT1's and EPIT2's.
pub const EPIT1: u32 = 88;
/// EPIT2's.
pub const EPIT2: u32 = 89;

/// Registers in which four interrupts share a word.
static SHARED: Locked<IrqLock, ()> = Locked::new(());

pub(crate) fn set_up_distributor() {
    (32..IDS).step_by(32).for_each(|id| write(word(DIST_GROUP, id).0, u32::MAX));
    // Both groups.
    write(DIST_CONTROL, 0b11);
}

pub(crate) fn set_up_core() {
    let (address, bit) = word(DIST_GROUP, WATCHDOG);
    write(address, !bit);
    write(CPU_PRIORITY_MASK, 0xFF);
    // Both groups, AckCtl: who is secure may acknowledge either; FIQEn: group 0 is FIQ.
    write(CPU_CONTROL, 0b1111);
}

const fn word(base: u32, id: u32) -> (u32, u32) {
    (base + id / 32 * 4, 1 << (id % 32))
}

/// Lets an interrupt through, to one core and with a priority: 0 is the highest, the lowest is 0xF0.
///
/// Below 32 each core has its own, and `to` is only taken for a shared one.
pub fn enable(id: u32, priority: u8, to: usize) {
    assert!(id < IDS && to < cpu::CORES, "no interrupt {id} for core {to}");
    SHARED.with(|()| {
        let byte = |base: u32, value: u32| {
            let (address, shift) = (base + id / 4 * 4, id % 4 * 8);
            write(address, read(address) & !(0xFF << shift) | value << shift);
        };
        byte(DIST_PRIORITY, priority.into());
        if id >= 32 {
            byte(DIST_TARGETS, 1 << to);
        }
    });
    let (address, bit) = word(DIST_SET_ENABLE, id);
    write(address, bit);
}

/// Lets it through no more.
pub fn disable(id: u32) {
    let (address, bit) = word(DIST_CLEAR_ENABLE, id);
    write(address, bit);
    cpu::barrier();
}

/// Raises an interrupt by hand. If it is enabled and not masked, it is taken before this returns.
pub fn set_pending(id: u32) {
    let (address, bit) = word(DIST_SET_PENDING, id);
    write(address, bit);
    cpu::barrier();
}

/// Takes it back, unless a core has begun with it.
pub fn clear_pending(id: u32) {
    let (address, bit) = word(DIST_CLEAR_PENDING, id);
    write(address, bit);
    cpu::barrier();
}

/// Whether it waits for a core.
#[must_use]
pub fn is_pending(id: u32) -> bool {
    let (address, bit) = word(DIST_SET_PENDING, id);
    read(address) & bit != 0
}

/// Raises one of the 16 software interrupts on another core.
pub fn interrupt_core(core: usize, id: u32) {
    assert!(id < 16 && core < cpu::CORES, "no software interrupt {id} for core {core}");
    cpu::barrier();
    write(DIST_SOFTWARE, 1 << (16 + core) | id);
}

/// Which interrupt it is; 1023 if none.
pub(crate) fn acknowledge() -> u32 {
    read(CPU_ACKNOWLEDGE)
}

pub(crate) fn end(acknowledged: u32) {
    write(CPU_END, acknowledged);
}
