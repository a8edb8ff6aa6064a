//! Blocks of descriptors, one for each transfer that is prepared, and which of them are free.

use super::{DESCRIPTOR, SharedMemory, Word};
use crate::words::{BufferDescriptor, Mode};

/// A block of descriptors that belongs to one transfer: its words, and where the SDMA finds them.
#[derive(Debug)]
pub(crate) struct Block {
    words: &'static [Word],
    bus: u32,
    number: u16,
}

impl Block {
    pub(super) fn new(words: &'static [Word], bus: u32, number: u16) -> Self {
        Self { words, bus, number }
    }

    /// How many descriptors there is room for.
    fn segments(&self) -> usize {
        self.words.len() / (DESCRIPTOR + 1)
    }

    fn mode_word(&self, index: u16) -> &Word {
        &self.words[usize::from(index) * DESCRIPTOR]
    }

    /// Where its first descriptor lies.
    #[inline]
    pub(crate) fn bus(&self) -> u32 {
        self.bus
    }

    /// Which of its descriptors lies there, if one does.
    pub(crate) fn index_of(&self, bus: u32) -> Option<u16> {
        let offset = bus.checked_sub(self.bus)?;
        let size = 4 * DESCRIPTOR as u32;
        (offset % size == 0 && ((offset / size) as usize) < self.segments()).then_some((offset / size) as u16)
    }

    /// Writes the descriptors of a ring. Answers how many there are, and how much each of them asks for.
    #[inline]
    pub(crate) fn fill_ring(&self, descriptors: impl Iterator<Item = BufferDescriptor>) -> (u16, u16) {
        let (mut words, mut count, mut asked) = (self.words, 0, 0);
        for descriptor in descriptors {
            let (place, behind) = words.split_first_chunk().expect("a recipe keeps to the room that it was told");
            super::set_descriptor(place, descriptor);
            (words, count, asked) = (behind, count + 1, descriptor.mode.count());
        }
        (count, asked)
    }

    /// Writes the descriptors of a list, and keeps how much each asks for. Answers how many there are, and how much the last one
    /// asks for.
    pub(crate) fn fill_list(&self, descriptors: impl Iterator<Item = BufferDescriptor>) -> (u16, u16) {
        let kept = &self.words[self.segments() * DESCRIPTOR..];
        self.fill_ring(descriptors.zip(kept).map(|(descriptor, kept)| {
            kept.set(descriptor.mode.count().into());
            descriptor
        }))
    }

    /// How much a descriptor was asked for, as it was [kept](Self::fill_list), whatever the SDMA has made of its count.
    pub(crate) fn asked(&self, index: u16) -> u32 {
        self.words[self.segments() * DESCRIPTOR + usize::from(index)].get()
    }

    /// The mode word: what the SDMA writes back.
    #[inline]
    pub(crate) fn mode(&self, index: u16) -> Mode {
        Mode(self.mode_word(index).get())
    }

    #[inline]
    pub(crate) fn set_mode(&self, index: u16, mode: Mode) {
        self.mode_word(index).set(mode.0);
    }

    /// Where the memory lies that a descriptor names first.
    pub(crate) fn buffer(&self, index: u16) -> u32 {
        self.words[usize::from(index) * DESCRIPTOR + 1].get()
    }
}

/// The blocks that are free: a stack, threaded through their first words.
#[derive(Debug)]
pub(crate) struct Blocks {
    first: u16,
    /// Blocks from here on were never taken.
    fresh: u16,
}

/// No block.
const END: u16 = u16::MAX;

impl Blocks {
    pub(crate) const fn new() -> Self {
        Self { first: END, fresh: 0 }
    }

    #[inline]
    pub(crate) fn take(&mut self, memory: &SharedMemory) -> Option<Block> {
        if self.first == END {
            let block = memory.block(self.fresh).filter(|block| block.number != END)?;
            self.fresh += 1;
            return Some(block);
        }
        let block = memory.block(self.first)?;
        self.first = block.words.first()?.get() as u16;
        Some(block)
    }

    #[inline]
    pub(crate) fn give_back(&mut self, block: Block) {
        block.mode_word(0).set(self.first.into());
        self.first = block.number;
    }
}
