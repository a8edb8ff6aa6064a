//! The register window: one table of what is where, and reads and writes that go by it.

mod access;
mod storage;
mod table;

pub(crate) use storage::Storage;
pub use table::{Register, Rule, registers};

/// The registers as a driver sees them: 32 bit, at byte offsets from the base of the window.
///
/// A driver's own trait for its registers goes on top in three lines:
///
/// ```
/// use sim_imx_sdma::{Config, RegisterAccess, Sdma, Variant};
///
/// /// The driver's.
/// trait Mmio {
///     fn get(&mut self, offset: u32) -> u32;
///     fn set(&mut self, offset: u32, value: u32);
/// }
///
/// struct Simulated(Sdma);
///
/// impl Mmio for Simulated {
///     fn get(&mut self, offset: u32) -> u32 { self.0.read32(offset) }
///     fn set(&mut self, offset: u32, value: u32) { self.0.write32(offset, value) }
/// }
///
/// let mut registers = Simulated(Sdma::new(Config::new(Variant::Imx6)));
/// assert_eq!(registers.get(0x05C), 0x50);
/// registers.set(0x05C, 0x4050);
/// assert_eq!(registers.get(0x05C), 0x4050);
/// ```
pub trait RegisterAccess {
    /// Reads the register at an offset. Some are cleared by it.
    fn read32(&mut self, offset: u32) -> u32;

    /// Writes the register at an offset.
    fn write32(&mut self, offset: u32, value: u32);
}
