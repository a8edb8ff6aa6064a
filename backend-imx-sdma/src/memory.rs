//! The memory that CPU and SDMA share: control blocks, channel 0's buffers, and the descriptors of transfers. The board gives
//! it; nothing else is ever allocated.
//!
//! The module has `unsafe` because it reads and writes through the address that the board gave. All accesses are volatile and
//! of whole words; what orders them against the device is [`Registers::barrier`](crate::regs::Registers::barrier).
//!
//! ```text
//!   0  32 channel control blocks of 4 words
//! 128  channel 0's buffer descriptor, 3 words, and one to spare
//! 132  what channel 0 loads into a context, 32 words
//! 164  what channel 0 has read of a context, 32 words
//! 196  blocks of buffer descriptors, one for a transfer, each as long as the driver was told; behind the descriptors of a
//!      block, a word for each that says how much it was asked for, since the SDMA overwrites its count
//! ```

use core::fmt;
use core::ptr::NonNull;

use dmaengine_core::BusAddr;

use crate::words::{BufferDescriptor, ControlBlock, Mode};

/// Words of a control block, and of a descriptor.
const CONTROL_BLOCK: usize = 4;
const DESCRIPTOR: usize = 3;

const CHANNEL_0_DESCRIPTOR: usize = 32 * CONTROL_BLOCK;
const LOAD_BUFFER: usize = CHANNEL_0_DESCRIPTOR + 4;
const SAVE_BUFFER: usize = LOAD_BUFFER + 32;
const BLOCKS: usize = SAVE_BUFFER + 32;

/// A piece of memory that CPU and SDMA see alike, with no cache in between: "coherent" in Linux's words.
///
/// [`bytes_for`](Self::bytes_for) says how much it takes.
#[doc(alias = "dma_alloc_coherent")]
pub struct SharedMemory {
    ptr: NonNull<u32>,
    bus: u32,
    words: usize,
    /// Words of a block of descriptors.
    block: usize,
}

// SAFETY: it is the only owner of the memory; every access goes through a method that the driver calls with a lock held or, for a
// block of descriptors, from the one place that has the block.
unsafe impl Send for SharedMemory {}
// SAFETY: as above.
unsafe impl Sync for SharedMemory {}

impl SharedMemory {
    /// How many bytes it takes for so many transfers at a time, prepared ones included, of at most so many segments or
    /// periods each.
    #[must_use]
    pub const fn bytes_for(transfers: usize, segments: u16) -> usize {
        (BLOCKS + transfers * segments as usize * (DESCRIPTOR + 1)) * 4
    }

    /// Takes a piece of memory of `bytes` bytes. Transfers will have at most `segments` segments or periods.
    ///
    /// # Panics
    /// If the address is not a multiple of 4, if there are no segments, if it is too small for a single transfer, or if the
    /// SDMA, which has 32 address lines, cannot reach all of it.
    ///
    /// # Safety
    /// The memory is valid for reads and writes for ever, and nobody else uses it. The SDMA reaches the same bytes at `bus`, and
    /// sees what the CPU writes after a [`barrier`](crate::regs::Registers::barrier), and the other way round: it is not cached,
    /// or the caches are coherent.
    #[must_use]
    pub unsafe fn new(ptr: NonNull<u8>, bus: BusAddr, bytes: usize, segments: u16) -> Self {
        assert!(ptr.as_ptr().addr() % 4 == 0 && bus.0 % 4 == 0, "shared memory has to lie at a multiple of 4");
        assert!(segments > 0 && bytes >= Self::bytes_for(1, segments), "{bytes} bytes are too few for one transfer");
        assert!(bus.0 + bytes as u64 <= 1 << 32, "the SDMA cannot reach memory at {:#x}", bus.0);
        let block = usize::from(segments) * (DESCRIPTOR + 1);
        Self { ptr: ptr.cast(), bus: bus.0 as u32, words: bytes / 4, block }
    }

    /// How many transfers there is room for.
    #[must_use]
    pub const fn transfers(&self) -> usize {
        (self.words - BLOCKS) / self.block
    }

    /// How many segments or periods a transfer may have.
    #[must_use]
    pub const fn segments(&self) -> u16 {
        (self.block / (DESCRIPTOR + 1)) as u16
    }

    fn at(&self, word: usize) -> NonNull<u32> {
        assert!(word < self.words, "word {word} of {}", self.words);
        // SAFETY: inside the memory, by the check above.
        unsafe { self.ptr.add(word) }
    }

    fn read(&self, word: usize) -> u32 {
        // SAFETY: valid for reads by `new`'s contract; aligned, because the memory is.
        unsafe { self.at(word).read_volatile() }
    }

    fn write(&self, word: usize, value: u32) {
        // SAFETY: valid for writes by `new`'s contract; aligned, because the memory is.
        unsafe { self.at(word).write_volatile(value) }
    }

    fn bus(&self, word: usize) -> u32 {
        self.bus + 4 * word as u32
    }

    /// Where the control blocks lie: what MC0PTR is told.
    pub(crate) fn control_blocks(&self) -> u32 {
        self.bus
    }

    pub(crate) fn set_control_block(&self, channel: u8, block: ControlBlock) {
        let at = usize::from(channel) * CONTROL_BLOCK;
        block.words().iter().enumerate().for_each(|(i, word)| self.write(at + i, *word));
    }

    /// Where channel 0's descriptor lies.
    pub(crate) fn channel_0_descriptor(&self) -> u32 {
        self.bus(CHANNEL_0_DESCRIPTOR)
    }

    /// The mode word comes last: with it the descriptor becomes the SDMA's.
    pub(crate) fn set_channel_0_descriptor(&self, descriptor: BufferDescriptor) {
        self.set_descriptor(CHANNEL_0_DESCRIPTOR, descriptor);
    }

    pub(crate) fn channel_0_mode(&self) -> Mode {
        Mode(self.read(CHANNEL_0_DESCRIPTOR))
    }

    /// Where channel 0 finds what it loads.
    pub(crate) fn load_buffer(&self) -> u32 {
        self.bus(LOAD_BUFFER)
    }

    pub(crate) fn fill_load_buffer(&self, words: &[u32; 32]) {
        words.iter().enumerate().for_each(|(i, word)| self.write(LOAD_BUFFER + i, *word));
    }

    /// Where channel 0 puts what it reads.
    pub(crate) fn save_buffer(&self) -> u32 {
        self.bus(SAVE_BUFFER)
    }

    /// A word of what channel 0 has read, below 32.
    pub(crate) fn saved(&self, word: usize) -> u32 {
        self.read(SAVE_BUFFER + word % 32)
    }

    fn word_of(&self, block: &Block, index: u16) -> usize {
        debug_assert!(index < self.segments());
        BLOCKS + usize::from(block.0) * self.block + usize::from(index) * DESCRIPTOR
    }

    /// Where a descriptor lies.
    pub(crate) fn descriptor(&self, block: &Block, index: u16) -> u32 {
        self.bus(self.word_of(block, index))
    }

    /// Which descriptor of a block lies there, if one does.
    pub(crate) fn index_of(&self, block: &Block, bus: u32) -> Option<u16> {
        let offset = bus.checked_sub(self.descriptor(block, 0))?;
        let size = 4 * DESCRIPTOR as u32;
        (offset % size == 0 && offset / size < u32::from(self.segments())).then_some((offset / size) as u16)
    }

    /// Writes a descriptor, and keeps how much it asks for.
    pub(crate) fn write_descriptor(&self, block: &Block, index: u16, descriptor: BufferDescriptor) {
        self.set_descriptor(self.word_of(block, index), descriptor);
        self.write(self.asked_at(block, index), u32::from(descriptor.mode.count()));
    }

    fn asked_at(&self, block: &Block, index: u16) -> usize {
        self.word_of(block, 0) + usize::from(self.segments()) * DESCRIPTOR + usize::from(index)
    }

    /// How much a descriptor was asked for, whatever the SDMA has made of its count.
    pub(crate) fn asked(&self, block: &Block, index: u16) -> u32 {
        self.read(self.asked_at(block, index))
    }

    fn set_descriptor(&self, word: usize, descriptor: BufferDescriptor) {
        let [mode, buffer, extended] = descriptor.words();
        self.write(word + 1, buffer);
        self.write(word + 2, extended);
        self.write(word, mode);
    }

    /// The mode word: what the SDMA writes back.
    pub(crate) fn mode(&self, block: &Block, index: u16) -> Mode {
        Mode(self.read(self.word_of(block, index)))
    }

    /// Where the memory lies that a descriptor names first.
    pub(crate) fn buffer(&self, block: &Block, index: u16) -> u32 {
        self.read(self.word_of(block, index) + 1)
    }

    pub(crate) fn set_mode(&self, block: &Block, index: u16, mode: Mode) {
        self.write(self.word_of(block, index), mode.0);
    }
}

impl fmt::Debug for SharedMemory {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "SharedMemory({} transfers of {} segments at {:#010x})", self.transfers(), self.segments(), self.bus)
    }
}

/// A block of descriptors that belongs to one transfer.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Block(u16);

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

    pub(crate) fn take(&mut self, memory: &SharedMemory) -> Option<Block> {
        if self.first != END {
            let block = Block(self.first);
            self.first = memory.mode(&block, 0).0 as u16;
            return Some(block);
        }
        let fresh = self.fresh;
        (usize::from(fresh) < memory.transfers().min(usize::from(END))).then(|| {
            self.fresh += 1;
            Block(fresh)
        })
    }

    pub(crate) fn give_back(&mut self, memory: &SharedMemory, block: Block) {
        memory.set_mode(&block, 0, Mode(u32::from(self.first)));
        self.first = block.0;
    }
}
