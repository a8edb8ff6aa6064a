//! Data aborts: accesses to the simulated devices, faults that a test expects, and everything else, which ends the program.
//!
//! The module has `unsafe` because it looks at the instruction that failed.
//!
//! Aborts run with interrupts masked, so one never interrupts another on its core; the cores are kept apart by the lock around the
//! devices. They come from threads, from interrupt handlers, and from under any lock but that one.

use core::sync::atomic::{AtomicBool, AtomicU32, Ordering};

use crate::vectors::Frame;
use crate::{cpu, hardware};

/// An expectation, on each core: nobody waits, or the address that failed.
static IS_EXPECTED: [AtomicBool; cpu::CORES] = [const { AtomicBool::new(false) }; cpu::CORES];
static SEEN: [AtomicU32; cpu::CORES] = [const { AtomicU32::new(0) }; cpu::CORES];
/// An abort is being handled, on each core.
static IS_ABORTED: [AtomicBool; cpu::CORES] = [const { AtomicBool::new(false) }; cpu::CORES];

/// A word load or store: which register, and the way.
enum Access {
    Load(usize),
    Store(usize),
}

impl Access {
    /// LDR and STR of a word without writeback (Arm ARM v7-A, A5.3): all that volatile accesses of `u32` compile to. The program
    /// counter and the stack pointer are no data.
    fn decode(instruction: u32) -> Option<Self> {
        let bit = |n: u32| instruction >> n & 1 == 1;
        let is_word = instruction >> 26 & 3 == 0b01 && !(bit(25) && bit(4)) && !bit(22);
        let is_plain = bit(24) && !bit(21);
        let register = (instruction >> 12 & 0xF) as usize;
        if !is_word || !is_plain || register == 13 || register == 15 {
            return None;
        }
        Some(if bit(20) { Self::Load(register) } else { Self::Store(register) })
    }
}

/// Whether the device took the access.
fn emulate(frame: &mut Frame) -> bool {
    // Thumb instructions look different; the program has none.
    if frame.spsr & 1 << 5 != 0 {
        return false;
    }
    // SAFETY: the core has just fetched it from there.
    let instruction = unsafe { (frame.pc as usize as *const u32).read() };
    match Access::decode(instruction) {
        Some(Access::Load(register)) => {
            let Some(value) = hardware::load(frame.dfar) else { return false };
            *if register == 14 { &mut frame.lr } else { &mut frame.r[register] } = value;
        }
        Some(Access::Store(register)) => {
            let value = if register == 14 { frame.lr } else { frame.r[register] };
            if hardware::store(frame.dfar, value).is_none() {
                return false;
            }
        }
        None => return false,
    }
    true
}

#[unsafe(no_mangle)]
extern "C" fn board_data_abort(frame: &mut Frame) {
    let core = cpu::core();
    let (pc, address) = (frame.pc, frame.dfar);
    let is_first = !IS_ABORTED[core].swap(true, Ordering::Relaxed);
    assert!(is_first, "the simulation itself failed at {pc:#010x}, with an access to {address:#010x}");
    if !hardware::WINDOWS.iter().any(|window| window.holds(address)) || !emulate(frame) {
        let is_expected = IS_EXPECTED[core].swap(false, Ordering::Relaxed);
        assert!(is_expected, "wild pointer: the instruction at {pc:#010x} accessed {address:#010x}");
        SEEN[core].store(address, Ordering::Relaxed);
    }
    frame.pc += 4;
    IS_ABORTED[core].store(false, Ordering::Relaxed);
}

/// Runs `f`, of which the first access to what is not mapped does nothing; says to which address it was.
///
/// A second one, or one in an interrupt handler that comes in between, is as bad as ever.
pub fn fault_of(f: impl FnOnce()) -> Option<u32> {
    let core = cpu::core();
    IS_EXPECTED[core].store(true, Ordering::Relaxed);
    f();
    let has_failed = !IS_EXPECTED[core].swap(false, Ordering::Relaxed);
    has_failed.then(|| SEEN[core].load(Ordering::Relaxed))
}
