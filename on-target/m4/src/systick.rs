//! The core's own timer (Armv7-M ARM, B3.3). It counts the processor's clock, 25 MHz.
//!
//! The module has `unsafe` because these are registers at bare addresses.

const SYST_CSR: *mut u32 = 0xE000_E010 as *mut u32;
const SYST_RVR: *mut u32 = 0xE000_E014 as *mut u32;
const SYST_CVR: *mut u32 = 0xE000_E018 as *mut u32;
/// ENABLE, TICKINT; CLKSOURCE: the processor's clock.
const ON: u32 = 1 << 0 | 1 << 1 | 1 << 2;

/// Interrupts again and again, after so many counts, at most 2^24.
pub fn every(counts: u32) {
    // SAFETY: the program has a handler, or ends.
    unsafe {
        SYST_CSR.write_volatile(0);
        SYST_RVR.write_volatile(counts - 1);
        SYST_CVR.write_volatile(0);
        SYST_CSR.write_volatile(ON);
    }
}

/// Interrupts no more.
pub fn stop() {
    // SAFETY: it stands.
    unsafe { SYST_CSR.write_volatile(0) };
}
