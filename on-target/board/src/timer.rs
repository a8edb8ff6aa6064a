//! Hardware timers: the global timer and the GPT count, the private timer and EPIT2 interrupt. EPIT1 and the GPT belong to [`hardware`](crate::hardware).

use crate::mmio::{read, write};

/// The GPT: a counter of 32 bits, at the rate of the SDMA's core (i.MX 6Dual/6Quad RM, chapter "General Purpose Timer (GPT)").
pub mod gpt {
    use super::{read, write};

    const CR: u32 = 0x0209_8000;
    const CNT: u32 = CR + 0x24;
    /// EN, ENMOD; CLKSRC: the peripherals' clock, 66 MHz; FRR: it counts to the end.
    const ON: u32 = 1 << 0 | 1 << 1 | 1 << 6 | 1 << 9;

    /// Starts it, from 0.
    pub(crate) fn start() {
        write(CR, ON);
    }

    /// What it says.
    #[must_use]
    pub fn count() -> u32 {
        read(CNT)
    }
}

/// The counter that all cores share. In QEMU it counts at 100 MHz (Cortex-A9 MPCore TRM, "Global timer").
///
/// It also counts instructions, because QEMU is told how much time each of them takes. That is 8 ns, less than a count; a program that is to
/// count or to be interrupted at each of its instructions says `//! qemu: -icount shift=5,sleep=off` and has 32 ns for each: no two are at the same count.
pub mod global {
    use super::{read, write};

    const COUNTER: u32 = 0x00A0_0200;
    const CONTROL: u32 = COUNTER + 8;

    pub(crate) fn start() {
        write(CONTROL, 1);
    }

    /// What it says, the lower half.
    #[inline]
    #[must_use]
    pub fn count() -> u32 {
        read(COUNTER)
    }

    /// How many instructions there were between two counts, the one that read the second included, if each takes 32 ns.
    #[must_use]
    pub fn instructions(from: u32, to: u32) -> u32 {
        (to.wrapping_sub(from) * 10 + 16) / 32
    }
}

/// The timer that each core has for itself, [interrupt 29](crate::gic::PRIVATE_TIMER). In QEMU it counts at 100 MHz (Cortex-A9 MPCore
/// TRM, "Private timer").
pub mod private {
    use super::{read, write};

    const LOAD: u32 = 0x00A0_0600;
    const COUNTER: u32 = LOAD + 4;
    const CONTROL: u32 = LOAD + 8;
    const STATUS: u32 = LOAD + 12;
    const ENABLE: u32 = 1 << 0;
    const RELOAD: u32 = 1 << 1;
    const INTERRUPT: u32 = 1 << 2;

    /// Counts of a microsecond.
    pub const MICROSECOND: u32 = 100;

    /// Interrupts once, so many counts from now.
    pub fn once(counts: u32) {
        write(CONTROL, 0);
        write(LOAD, counts);
        write(CONTROL, ENABLE | INTERRUPT);
    }

    /// Interrupts so many counts from now, and counts on: [`late`] says how long ago that was.
    pub fn once_and_count(counts: u32) {
        write(CONTROL, 0);
        write(LOAD, u32::MAX);
        write(COUNTER, counts);
        write(CONTROL, ENABLE | RELOAD | INTERRUPT);
    }

    /// Counts since the interrupt of [`once_and_count`] was due.
    #[must_use]
    pub fn late() -> u32 {
        u32::MAX - read(COUNTER)
    }

    /// Stands still, if it is on: then what it says is for [`go_on`].
    pub(crate) fn hold() -> Option<u32> {
        let control = read(CONTROL);
        let is_on = control & ENABLE != 0;
        is_on.then(|| write(CONTROL, control & !ENABLE)).map(|()| control)
    }

    /// Goes on from where it stands.
    pub(crate) fn go_on(held: u32) {
        write(CONTROL, held);
    }

    /// Interrupts again and again.
    pub fn every(counts: u32) {
        write(CONTROL, 0);
        write(LOAD, counts - 1);
        write(CONTROL, ENABLE | RELOAD | INTERRUPT);
    }

    /// Its handler begins with this.
    pub fn acknowledge() {
        write(STATUS, 1);
    }

    /// Interrupts no more.
    pub fn stop() {
        write(CONTROL, 0);
        write(STATUS, 1);
    }

    /// What it says. It counts down.
    #[must_use]
    pub fn count() -> u32 {
        read(COUNTER)
    }
}

/// An EPIT, at 66 MHz (i.MX 6Dual/6Quad RM, chapter "Enhanced Periodic Interrupt Timer (EPIT)").
#[derive(Clone, Copy, Debug)]
pub struct Epit(u32);

impl Epit {
    pub(crate) const ONE: Self = Self(0x020D_0000);
    /// EPIT2, [interrupt 89](crate::gic::EPIT2).
    pub const TWO: Self = Self(0x020D_4000);

    /// Interrupts every so many counts, the first time so many from now.
    pub fn every(self, counts: u32) {
        // EN, ENMOD, OCIEN, RLD, IOVW; CLKSRC: the peripherals' clock.
        const ON: u32 = 1 << 0 | 1 << 1 | 1 << 2 | 1 << 3 | 1 << 17 | 1 << 24;
        write(self.0, ON);
        write(self.0 + 0x08, counts - 1);
    }

    /// Its handler begins with this.
    pub fn acknowledge(self) {
        write(self.0 + 0x04, 1);
    }

    /// Interrupts no more.
    pub fn stop(self) {
        write(self.0, 0);
        self.acknowledge();
    }
}
