//! The registers of a chip.
//!
//! This module has `unsafe` because it reads and writes at addresses that only the board knows, and because the barrier
//! is an instruction that Rust has no name for.

use core::ptr::NonNull;

use super::Registers;

/// The registers at an address: on a chip, where the board has mapped them.
#[derive(Clone, Copy, Debug)]
pub struct Mmio {
    base: NonNull<u32>,
}

impl Mmio {
    /// How many bytes of registers there are: 16 KB.
    pub const SIZE: u32 = 0x4000;

    /// The registers that begin at `base`.
    ///
    /// # Safety
    /// `base` is mapped as device memory, for as long as the result or a copy of it is used, with the registers of an
    /// SDMA of [`SIZE`](Self::SIZE) bytes behind it. Whoever writes to them keeps what the SDMA is told to do with
    /// memory right.
    #[must_use]
    pub const unsafe fn new(base: NonNull<u32>) -> Self {
        Self { base }
    }

    /// # Panics
    /// If there is no register.
    fn at(&self, offset: u32) -> *mut u32 {
        assert!(offset < Self::SIZE && offset % 4 == 0, "no register at {offset:#x}");
        self.base.as_ptr().wrapping_byte_add(offset as usize)
    }
}

// SAFETY: a register is accessed in one piece and by nobody's reference; the SDMA takes accesses from every core.
unsafe impl Send for Mmio {}
// SAFETY: as above.
unsafe impl Sync for Mmio {}

impl Registers for Mmio {
    fn read(&self, offset: u32) -> u32 {
        // SAFETY: `at` gives a register inside the window that `new` was promised.
        unsafe { self.at(offset).read_volatile() }
    }

    fn write(&self, offset: u32, value: u32) {
        // SAFETY: as above.
        unsafe { self.at(offset).write_volatile(value) }
    }

    fn barrier(&self) {
        barrier();
    }
}

cfg_if::cfg_if! {
    if #[cfg(any(target_arch = "arm", target_arch = "aarch64"))] {
        /// Waits until all accesses before are complete, to memory of any kind. ARMv7 and later, and ARMv6-M; a core
        /// before those has no such instruction.
        fn barrier() {
            // SAFETY: it changes no register and no memory, and the compiler takes it to read and write memory.
            unsafe { core::arch::asm!("dsb sy", options(nostack, preserves_flags)) }
        }
    } else {
        /// Where no SDMA is: between the threads of a test.
        fn barrier() {
            core::sync::atomic::fence(core::sync::atomic::Ordering::SeqCst);
        }
    }
}

#[cfg(test)]
mod tests {
    extern crate std;

    use super::super::offset;
    use super::*;

    /// Memory of the size of the registers.
    fn window() -> Mmio {
        let memory: &'static mut [u32] = std::vec![0; Mmio::SIZE as usize / 4].leak();
        // SAFETY: the memory is as large as the registers are and nobody else has it, ever.
        unsafe { Mmio::new(NonNull::from(&mut memory[0])) }
    }

    #[test]
    fn a_register_is_at_its_offset_in_bytes() {
        let mmio = window();
        mmio.write_ordered(offset::CHNPRI0, 7);
        mmio.write(offset::DONE1_CONFIG, 8);
        // SAFETY: both lie inside the memory above.
        let at = |index: usize| unsafe { mmio.base.add(index).read_volatile() };
        assert_eq!((at(0x40), at(0x401)), (7, 8));
        assert_eq!((mmio.read_ordered(offset::CHNPRI0), mmio.read(offset::DONE1_CONFIG)), (7, 8));
    }

    #[test]
    #[should_panic(expected = "no register at 0x4000")]
    fn nothing_behind_the_registers_is_reached() {
        window().read(Mmio::SIZE);
    }

    #[test]
    #[should_panic(expected = "no register at 0x6")]
    fn nothing_between_two_registers_is_reached() {
        window().write(6, 0);
    }
}
