//! The map of memory. What is not on it faults, and two devices are left out on purpose: the [simulated ones](crate::hardware).
//!
//! The module has `unsafe` because it sets up translation.
//!
//! A table of 1 MB sections, each at its own address (Arm ARM v7-A, chapter B3, short descriptors): memory cached and shared, devices as
//! devices. The section of the peripherals, 0x020, is a table of 4 KB pages, in which the pages of the simulated devices are missing.

use core::arch::asm;
use core::cell::UnsafeCell;

use crate::hardware::WINDOWS;

/// Where memory begins.
pub const RAM: u32 = 0x1000_0000;
/// Bytes of memory. QEMU is told to have as many.
pub const RAM_SIZE: u32 = 512 << 20;

/// A section of memory: write-back, shared, no restrictions; of devices; and a table of pages, of devices.
const MEMORY: u32 = 0x1_1C0E;
const DEVICE: u32 = 0x0_0C06;
const TABLE: u32 = 0x0_0001;
const DEVICE_PAGE: u32 = 0x36;

/// The sections that hold devices: 0x009 on-chip RAM, 0x00A timers and GIC, 0x021 the other half of the peripherals.
const DEVICES: [u32; 3] = [0x009, 0x00A, 0x021];
/// The section that is mapped by pages.
const PERIPHERALS: u32 = 0x020;

#[repr(C, align(16384))]
struct Sections(UnsafeCell<[u32; 4096]>);

#[repr(C, align(1024))]
struct Pages(UnsafeCell<[u32; 256]>);

// SAFETY: written by `build` alone, before there is a second core.
unsafe impl Sync for Sections {}
// SAFETY: as above.
unsafe impl Sync for Pages {}

static SECTIONS: Sections = Sections(UnsafeCell::new([0; 4096]));
static PAGES: Pages = Pages(UnsafeCell::new([0; 256]));

/// Fills the tables. Once, by the first core.
pub(crate) fn build() {
    // SAFETY: nothing else runs, and nothing is translated yet.
    let (sections, pages) = unsafe { (&mut *SECTIONS.0.get(), &mut *PAGES.0.get()) };
    for (number, section) in (0_u32..).zip(sections) {
        let base = number << 20;
        *section = match number {
            PERIPHERALS => pages.as_ptr().addr() as u32 | TABLE,
            _ if DEVICES.contains(&number) => base | DEVICE,
            _ if (RAM..RAM + RAM_SIZE).contains(&base) => base | MEMORY,
            _ => 0,
        };
    }
    for (number, page) in (0_u32..).zip(pages) {
        let address = (PERIPHERALS << 20) + (number << 12);
        let is_left_out = WINDOWS.iter().any(|window| window.holds(address));
        *page = if is_left_out { 0 } else { address | DEVICE_PAGE };
    }
}

/// From here on this core sees what is on the map.
pub(crate) fn turn_on() {
    // SAFETY: every address keeps its meaning, but for those that nobody uses.
    unsafe {
        asm!(
            "dsb sy",
            "mcr p15, 0, {one}, c3, c0, 0",   // DACR: domain 0 as the tables say
            "mcr p15, 0, {zero}, c2, c0, 2",  // TTBCR
            "mcr p15, 0, {table}, c2, c0, 0", // TTBR0
            "mcr p15, 0, {zero}, c8, c7, 0",  // TLBIALL
            "dsb sy",
            "isb",
            "mrc p15, 0, {control}, c1, c0, 0",
            "orr {control}, {control}, #0x1000", // SCTLR.I
            "orr {control}, {control}, #0x5",    // SCTLR.C, M
            "mcr p15, 0, {control}, c1, c0, 0",
            "isb",
            one = in(reg) 1,
            zero = in(reg) 0,
            table = in(reg) SECTIONS.0.get().addr(),
            control = out(reg) _,
            options(nostack),
        );
    }
}
