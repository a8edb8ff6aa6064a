//! The core's own memory, and whose it is: contexts and code, seen as words from data space and as halfwords from program space.
//!
//! | data space (words) | program space (halfwords) | |
//! |---|---|---|
//! | 0x0000 to 0x03FF | 0x0000 to 0x07FF | ROM |
//! | 0x0800 to 0x0FFF | 0x1000 to 0x1FFF | RAM: contexts first, code from program address 0x1800 on |
//!
//! An even program address is the upper half of its word (i.MX 6ULL RM chapter 46, "memory maps").

use alloc::vec;
use alloc::vec::Vec;
use core::ops::Range;

use crate::registers::SAVED;
use crate::sched::channels;

/// The RAM's words in data space.
pub(crate) const RAM: Range<u16> = 0x0800..0x1000;
const ROM: Range<u16> = 0x0000..0x0400;

/// What a word holds after power-on.
const POISON: u32 = 0x5D4A_5D4A;

/// What a word of ROM reads as: two instructions `illegal`. The image was never published; the scripts do not need it.
///
/// Inferred: that no driver needs what is really there.
const ROM_WORD: u32 = 0x0707_0707;

/// The RAM, and which of its words were ever written.
#[derive(Debug)]
pub(crate) struct Ram {
    words: Vec<u32>,
    written: Vec<bool>,
}

impl Ram {
    pub(crate) fn new() -> Self {
        Self { words: vec![POISON; RAM.len()], written: vec![false; RAM.len()] }
    }

    #[inline]
    fn index(address: u16) -> Option<usize> {
        RAM.contains(&address).then(|| usize::from(address - RAM.start))
    }

    /// A word of data space, if there is ROM or RAM.
    #[inline]
    pub(crate) fn read(&self, address: u16) -> Option<u32> {
        match Self::index(address) {
            Some(at) => Some(self.words[at]),
            None => ROM.contains(&address).then_some(ROM_WORD),
        }
    }

    /// Writes a word of data space; `false` if there is no RAM.
    #[inline]
    pub(crate) fn write(&mut self, address: u16, value: u32) -> bool {
        let Some(at) = Self::index(address) else {
            return false;
        };
        self.words[at] = value;
        self.written[at] = true;
        true
    }

    /// Reads the words of a context, which is somewhere in RAM. Gives those that nobody wrote (bit n: word n).
    #[inline]
    pub(crate) fn context(&self, address: u16, words: &mut [u32; SAVED]) -> u32 {
        let at = usize::from(address - RAM.start);
        words.copy_from_slice(&self.words[at..at + SAVED]);
        let written = &self.written[at..at + SAVED];
        if written.iter().fold(true, |all, is_written| all & is_written) {
            return 0;
        }
        (0..SAVED).filter(|n| !written[*n]).fold(0, |bits, n| bits | 1 << n)
    }

    /// Writes those words of a context for which a bit is set.
    #[inline]
    pub(crate) fn set_context(&mut self, address: u16, words: &[u32; SAVED], which: u32) {
        let at = usize::from(address - RAM.start);
        let (memory, written) = (&mut self.words[at..at + SAVED], &mut self.written[at..at + SAVED]);
        for n in channels(which).map(usize::from) {
            (memory[n], written[n]) = (words[n], true);
        }
    }

    /// Whether somebody wrote the word.
    pub(crate) fn is_written(&self, address: u16) -> bool {
        Self::index(address).is_some_and(|at| self.written[at])
    }

    /// A halfword of program space, if there is ROM or RAM.
    pub(crate) fn program(&self, address: u16) -> Option<u16> {
        let word = self.read(address >> 1)?;
        Some(if address & 1 == 0 { (word >> 16) as u16 } else { word as u16 })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_even_program_address_is_the_upper_half() {
        let mut ram = Ram::new();
        assert!(ram.write(0x0C00, 0x1234_5678));
        assert_eq!((ram.program(0x1800), ram.program(0x1801)), (Some(0x1234), Some(0x5678)));
    }

    #[test]
    fn there_is_ram_where_the_map_says_and_it_is_not_zero_at_first() {
        let mut ram = Ram::new();
        for (address, readable, writable) in [
            (0x0000, true, false),
            (0x03FF, true, false),
            (0x0400, false, false),
            (0x07FF, false, false),
            (0x0800, true, true),
            (0x0FFF, true, true),
            (0x1000, false, false),
        ] {
            assert_eq!(ram.read(address).is_some(), readable, "{address:#06x}");
            assert!(ram.read(address).is_none_or(|word| word != 0));
            assert!(!ram.is_written(address));
            assert_eq!(ram.write(address, 0), writable, "{address:#06x}");
            assert_eq!(ram.is_written(address), writable);
        }
    }
}
