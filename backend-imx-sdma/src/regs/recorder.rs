//! Sees what is done to the registers, for tests and traces.

use core::sync::atomic::{AtomicU32, Ordering};

use super::Registers;

/// One access.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Access {
    /// A read, and what came of it.
    Read {
        /// The register.
        offset: u32,
        /// What it held.
        value: u32,
    },
    /// A write.
    Write {
        /// The register.
        offset: u32,
        /// What was written.
        value: u32,
    },
    /// A barrier.
    Barrier,
}

/// Registers whose last `N` accesses are kept.
///
/// It needs no heap and no lock, so it may stand where interrupts access registers as well.
///
/// ```
/// use backend_imx_sdma::regs::{Access, Recorder, Registers, offset};
/// # struct Nothing;
/// # impl Registers for Nothing {
/// #     fn read(&self, _: u32) -> u32 { 0 }
/// #     fn write(&self, _: u32, _: u32) {}
/// #     fn barrier(&self) {}
/// # }
/// # let registers = Nothing;
/// let recorder: Recorder<_, 64> = Recorder::new(registers);
/// recorder.write_ordered(offset::HSTART, 1 << 3);
/// assert!(recorder.accesses().eq([Access::Barrier, Access::Write { offset: offset::HSTART, value: 1 << 3 }]));
/// ```
#[derive(Debug)]
pub struct Recorder<R, const N: usize> {
    registers: R,
    slots: [Slot; N],
    count: AtomicU32,
}

/// An access in three words: 0 read, 1 write or 2 barrier; offset; value.
#[derive(Debug)]
struct Slot([AtomicU32; 3]);

impl<R, const N: usize> Recorder<R, N> {
    /// Begins to record.
    #[must_use]
    pub const fn new(registers: R) -> Self {
        const { assert!(N > 0, "a recorder keeps at least one access") };
        let slots = [const { Slot([const { AtomicU32::new(0) }; 3]) }; N];
        Self { registers, slots, count: AtomicU32::new(0) }
    }

    /// The registers.
    pub const fn registers(&self) -> &R {
        &self.registers
    }

    /// How many accesses there were, kept or not. It begins at 0 again after 2³².
    pub fn count(&self) -> u32 {
        self.count.load(Ordering::Acquire)
    }

    /// Those that are kept, oldest first. An access that is going on meanwhile may be seen in part.
    pub fn accesses(&self) -> impl Iterator<Item = Access> + '_ {
        let count = self.count();
        let kept = count.min(N as u32);
        (count - kept..count).map(|index| {
            let [kind, offset, value] =
                self.slots[index as usize % N].0.each_ref().map(|word| word.load(Ordering::Acquire));
            match kind {
                0 => Access::Read { offset, value },
                1 => Access::Write { offset, value },
                _ => Access::Barrier,
            }
        })
    }

    /// Forgets what was recorded.
    pub fn clear(&self) {
        self.count.store(0, Ordering::Release);
    }

    fn keep(&self, words: [u32; 3]) {
        let index = self.count.fetch_add(1, Ordering::AcqRel);
        for (slot, word) in self.slots[index as usize % N].0.iter().zip(words) {
            slot.store(word, Ordering::Release);
        }
    }
}

impl<R: Registers, const N: usize> Registers for Recorder<R, N> {
    fn read(&self, offset: u32) -> u32 {
        let value = self.registers.read(offset);
        self.keep([0, offset, value]);
        value
    }

    fn write(&self, offset: u32, value: u32) {
        self.keep([1, offset, value]);
        self.registers.write(offset, value);
    }

    fn barrier(&self) {
        self.keep([2, 0, 0]);
        self.registers.barrier();
    }
}

#[cfg(test)]
mod tests {
    extern crate std;

    use std::vec::Vec;

    use super::*;

    /// A register that counts its reads and keeps nothing.
    #[derive(Default)]
    struct Counter(AtomicU32);

    impl Registers for Counter {
        fn read(&self, offset: u32) -> u32 {
            offset + self.0.fetch_add(1, Ordering::Relaxed)
        }

        fn write(&self, _: u32, _: u32) {}

        fn barrier(&self) {}
    }

    /// A start that overtakes its descriptors, or memory read before the status that speaks of it, is a lost transfer.
    #[test]
    fn an_ordered_write_has_its_barrier_before_it_and_an_ordered_read_behind_it() {
        let recorder: Recorder<_, 8> = Recorder::new(Counter::default());
        recorder.write_ordered(0x0C, 1);
        assert_eq!(recorder.read_ordered(0x10), 0x10);
        recorder.write(0x04, 2);
        // Through a reference, as a driver that does not own its registers has them.
        let by_reference: &dyn Registers = &&recorder;
        assert_eq!(by_reference.read(0x10), 0x11);
        let expected = [
            Access::Barrier,
            Access::Write { offset: 0x0C, value: 1 },
            Access::Read { offset: 0x10, value: 0x10 },
            Access::Barrier,
            Access::Write { offset: 0x04, value: 2 },
            Access::Read { offset: 0x10, value: 0x11 },
        ];
        assert_eq!(recorder.accesses().collect::<Vec<_>>(), expected);
        recorder.clear();
        assert_eq!(recorder.accesses().count(), 0);
    }

    #[test]
    fn a_full_recorder_keeps_the_last() {
        let recorder: Recorder<_, 3> = Recorder::new(Counter::default());
        for value in 0..5 {
            recorder.write(4, value);
        }
        assert_eq!(recorder.count(), 5);
        let last = [2, 3, 4].map(|value| Access::Write { offset: 4, value });
        assert_eq!(recorder.accesses().collect::<Vec<_>>(), last);
    }
}
