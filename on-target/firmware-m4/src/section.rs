//! The machine's critical section: on one core, it is enough to mask interrupts.
//!
//! This is what a program writes for `dmaengine-core`'s feature `critical-section`, or takes from its chip's support crate; the library's
//! [`CriticalSectionLock`](dmaengine_core::lock::CriticalSectionLock) is made of it.
//!
//! The module has `unsafe` because [`critical_section::Impl`] is a promise that Rust cannot check.

use critical_section::RawRestoreState;
use m4::cpu;

struct Primask;

critical_section::set_impl!(Primask);

// SAFETY: one core, and no interrupt comes while PRIMASK is set. Sections nest: an inner one leaves the mask as it has found it.
unsafe impl critical_section::Impl for Primask {
    unsafe fn acquire() -> RawRestoreState {
        if cfg!(feature = "fault-section-masks-nothing") { cpu::is_masked() } else { cpu::mask() }
    }

    unsafe fn release(was_masked: RawRestoreState) {
        if !was_masked {
            // SAFETY: this is the end of the outermost section, and interrupts were on before it.
            unsafe { cpu::unmask() };
        }
    }
}
