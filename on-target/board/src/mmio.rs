//! Registers at their addresses.
//!
//! The module has `unsafe` because here is where the hardware is.

/// Reads a register of the chip.
#[inline]
#[must_use]
pub fn read(address: u32) -> u32 {
    // SAFETY: callers name registers of this chip. What is mapped is memory or a device, and reading neither does harm; what is
    // not mapped ends the program.
    unsafe { (address as usize as *const u32).read_volatile() }
}

/// Writes a register of the chip. Not for memory.
#[inline]
pub fn write(address: u32, value: u32) {
    assert!(address < 0x1000_0000, "{address:#010x} is memory");
    // SAFETY: below memory there are only devices, and none of those that QEMU has here touches memory when it is not told to.
    unsafe { (address as usize as *mut u32).write_volatile(value) };
}
