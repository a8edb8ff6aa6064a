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
//!      block of a list, a word for each that says how much it was asked for, since the SDMA overwrites its count
//! ```

mod block;

pub(crate) use block::{Block, Blocks};

use core::cell::UnsafeCell;
use core::fmt;
use core::mem::offset_of;
use core::ptr::NonNull;

use dmaengine_core::BusAddr;

use crate::words::{BufferDescriptor, ContextArgs, ControlBlock, Mode};

/// Words of a descriptor.
const DESCRIPTOR: usize = 3;

/// A word of it. Whoever is at it has the lock that its place is guarded by, or the block that it belongs to.
#[derive(Debug)]
#[repr(transparent)]
pub(crate) struct Word(UnsafeCell<u32>);

// SAFETY: it is accessed as a whole and volatile, which is all that the SDMA on the other side needs; among CPUs see above.
unsafe impl Sync for Word {}

impl Word {
    #[inline]
    fn get(&self) -> u32 {
        // SAFETY: valid for reads by the contract of `SharedMemory::new`, where all words come from.
        unsafe { self.0.get().read_volatile() }
    }

    #[inline]
    fn set(&self, value: u32) {
        // SAFETY: valid for writes, as above.
        unsafe { self.0.get().write_volatile(value) }
    }
}

/// What lies in front of the blocks.
#[repr(C)]
struct Front {
    control_blocks: [[Word; 4]; 32],
    channel_0: [Word; 4],
    load_buffer: [Word; 32],
    save_buffer: [Word; 32],
}

const FRONT: usize = size_of::<Front>() / 4;
static_assertions::const_assert_eq!(FRONT, 196);

/// A piece of memory that CPU and SDMA see alike, with no cache in between: "coherent" in Linux's words.
///
/// [`bytes_for`](Self::bytes_for) says how much it takes.
#[doc(alias = "dma_alloc_coherent")]
pub struct SharedMemory {
    front: &'static Front,
    blocks: &'static [Word],
    bus: u32,
    /// Words of a block of descriptors.
    block: usize,
}

impl SharedMemory {
    /// How many bytes it takes for so many transfers at a time, prepared ones included, of at most so many segments or
    /// periods each.
    #[must_use]
    pub const fn bytes_for(transfers: usize, segments: u16) -> usize {
        (FRONT + transfers * segments as usize * (DESCRIPTOR + 1)) * 4
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
        // SAFETY: valid and nobody else's for ever by this function's contract, aligned and large enough as checked above; and of
        // cells, so that the SDMA may write into it.
        let (front, blocks) = unsafe {
            let words = ptr.cast::<Word>().add(FRONT);
            (ptr.cast().as_ref(), core::slice::from_raw_parts(words.as_ptr(), bytes / 4 - FRONT))
        };
        Self { front, blocks, bus: bus.0 as u32, block }
    }

    /// How many transfers there is room for.
    #[must_use]
    pub const fn transfers(&self) -> usize {
        self.blocks.len() / self.block
    }

    /// How many segments or periods a transfer may have.
    #[must_use]
    pub const fn segments(&self) -> u16 {
        (self.block / (DESCRIPTOR + 1)) as u16
    }

    /// A block of descriptors, if there are so many.
    #[inline]
    fn block(&self, number: u16) -> Option<Block> {
        let at = usize::from(number) * self.block;
        let words = self.blocks.get(at..)?.get(..self.block)?;
        Some(Block::new(words, self.bus + 4 * (FRONT + at) as u32, number))
    }

    /// Where the control blocks lie: what MC0PTR is told.
    pub(crate) fn control_blocks(&self) -> u32 {
        self.bus
    }

    #[inline]
    pub(crate) fn set_control_block(&self, channel: u8, block: ControlBlock) {
        set(&self.front.control_blocks[usize::from(channel)], &block.words());
    }

    /// Where channel 0's descriptor lies.
    pub(crate) fn channel_0_descriptor(&self) -> u32 {
        self.bus + offset_of!(Front, channel_0) as u32
    }

    #[inline]
    pub(crate) fn set_channel_0_descriptor(&self, descriptor: BufferDescriptor) {
        let [descriptor_0 @ .., _] = &self.front.channel_0;
        set_descriptor(descriptor_0, descriptor);
    }

    #[inline]
    pub(crate) fn channel_0_mode(&self) -> Mode {
        Mode(self.front.channel_0[0].get())
    }

    /// Where channel 0 finds what it loads.
    #[inline]
    pub(crate) fn load_buffer(&self) -> u32 {
        self.bus + offset_of!(Front, load_buffer) as u32
    }

    /// Makes the load buffer a context without arguments. The SDMA never writes to it.
    pub(crate) fn clear_load_buffer(&self) {
        set(&self.front.load_buffer, &[0; 32]);
    }

    /// Writes what differs between contexts; the rest is as [`clear_load_buffer`](Self::clear_load_buffer) has left it.
    #[inline]
    pub(crate) fn fill_load_buffer(&self, context: &ContextArgs) {
        context.words().into_iter().for_each(|(at, word)| self.front.load_buffer[at].set(word));
    }

    /// Where channel 0 puts what it reads.
    #[inline]
    pub(crate) fn save_buffer(&self) -> u32 {
        self.bus + offset_of!(Front, save_buffer) as u32
    }

    /// A word of what channel 0 has read, below 32.
    #[inline]
    pub(crate) fn saved(&self, word: usize) -> u32 {
        self.front.save_buffer[word % 32].get()
    }
}

#[inline]
fn set(words: &[Word], values: &[u32]) {
    words.iter().zip(values).for_each(|(word, value)| word.set(*value));
}

/// The mode word comes last: with it the descriptor becomes the SDMA's.
#[inline]
fn set_descriptor([mode, buffer, extended]: &[Word; DESCRIPTOR], descriptor: BufferDescriptor) {
    buffer.set(descriptor.buffer);
    extended.set(descriptor.extended);
    mode.set(descriptor.mode.0);
}

impl fmt::Debug for SharedMemory {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "SharedMemory({} transfers of {} segments at {:#010x})", self.transfers(), self.segments(), self.bus)
    }
}
