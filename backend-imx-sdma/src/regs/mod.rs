//! The SDMA's registers: where they lie, what their bits mean, and how they are reached.
//!
//! [`offset`] says where, [`bits`] what. [`Registers`] is the way to them: [`Mmio`] on a chip, a model in a test, and
//! [`Recorder`] around either to see what was done.

pub mod bits;
pub mod offset;

mod mmio;
mod recorder;

pub use bits::{Chn0Addr, Config, ContextSwitch, DoneLane, Lock, Psw, PswLayout, Reset};
pub use mmio::Mmio;
pub use recorder::{Access, Recorder};

/// The way to the registers.
///
/// An access is relaxed: it orders nothing but itself. Where an access hands memory to the SDMA or takes it back, one
/// of the ordered ones is used: a start goes out after the descriptors it tells of, and what a status says is read
/// before the memory it speaks about.
pub trait Registers: Sync {
    /// Reads a register. Some of them clear when they are read: see [`offset`].
    fn read(&self, offset: u32) -> u32;

    /// Writes a register.
    fn write(&self, offset: u32, value: u32);

    /// Accesses to registers and to DMA memory do not pass this point, in either direction.
    fn barrier(&self);

    /// Writes after everything that was written to memory before.
    #[doc(alias = "writel")]
    fn write_ordered(&self, offset: u32, value: u32) {
        self.barrier();
        self.write(offset, value);
    }

    /// Reads before everything that is read from memory afterwards.
    #[doc(alias = "readl")]
    fn read_ordered(&self, offset: u32) -> u32 {
        let value = self.read(offset);
        self.barrier();
        value
    }
}

impl<R: Registers + ?Sized> Registers for &R {
    fn read(&self, offset: u32) -> u32 {
        (**self).read(offset)
    }

    fn write(&self, offset: u32, value: u32) {
        (**self).write(offset, value);
    }

    fn barrier(&self) {
        (**self).barrier();
    }
}
