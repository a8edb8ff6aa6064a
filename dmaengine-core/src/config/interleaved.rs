//! Rows of chunks: what a two-dimensional transfer looks like, in memory on both sides or with a device on one.

use super::{Direction, SlaveConfig};

/// One contiguous piece of a row of an interleaved transfer, and the gaps behind it. Bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[doc(alias = "data_chunk")]
pub struct Chunk {
    /// How much is moved.
    pub size: u32,
    /// How much of the source is passed over behind it.
    pub src_gap: u32,
    /// How much of the destination is passed over behind it.
    pub dst_gap: u32,
}

/// Rows of chunks, gathered from the beginning of the source and scattered from the beginning of the destination on. Between
/// two pieces of memory that is a two-dimensional copy; with a device on one side, that side is a data register and its gaps
/// do not count.
///
/// Linux calls a row a frame. A rectangle out of an image is one chunk, with the rest of the line as its gap:
///
/// ```
/// use dmaengine_core::{Chunk, Interleaved};
/// // 20 lines of 30 bytes, out of an image of 100 bytes a line, packed.
/// let line = [Chunk { size: 30, src_gap: 70, dst_gap: 0 }];
/// let rectangle = Interleaved::new(&line, 20);
/// assert_eq!(rectangle.bytes(), 600);
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[doc(alias = "dma_interleaved_template")]
#[non_exhaustive]
pub struct Interleaved<'c> {
    /// The chunks of a row.
    pub chunks: &'c [Chunk],
    /// How many rows.
    #[doc(alias = "numf")]
    pub rows: u32,
    /// Begins again when it has come to its end, until it is terminated or replaced. Each round ends with an event like a
    /// period's.
    #[doc(alias = "DMA_PREP_REPEAT")]
    pub repeat: bool,
    /// Replaces a repeating transfer ahead of it at the end of that one's round. Without it, this transfer waits for the
    /// repeating one to be terminated.
    #[doc(alias = "DMA_PREP_LOAD_EOT")]
    pub load_at_end: bool,
}

impl<'c> Interleaved<'c> {
    /// So many rows of these chunks, once.
    pub const fn new(chunks: &'c [Chunk], rows: u32) -> Self {
        Self { chunks, rows, repeat: false, load_at_end: false }
    }

    /// Over and over.
    #[must_use]
    pub const fn repeating(mut self) -> Self {
        self.repeat = true;
        self
    }

    /// In the place of a repeating one.
    #[must_use]
    pub const fn loaded_at_end(mut self) -> Self {
        self.load_at_end = true;
        self
    }

    /// Bytes that are moved in one round.
    pub fn bytes(&self) -> u64 {
        let row: u64 = self.chunks.iter().map(|chunk| u64::from(chunk.size)).sum();
        row * u64::from(self.rows)
    }

    /// Bytes that it takes of the memory on one side: of the source with `gap` being its gap, or of the destination.
    pub(crate) fn extent(&self, gap: impl Fn(&Chunk) -> u32) -> u64 {
        let step: u64 = self.chunks.iter().map(|chunk| u64::from(chunk.size) + u64::from(gap(chunk))).sum();
        let last = self.chunks.last().map_or(0, |chunk| u64::from(gap(chunk)));
        step.saturating_mul(u64::from(self.rows)).saturating_sub(last)
    }

    /// The pieces, in order: offset in the source, offset in the destination, length.
    pub fn pieces(&self) -> impl Iterator<Item = (u64, u64, u32)> + 'c {
        let (mut src, mut dst) = (0, 0);
        let (chunks, rows) = (self.chunks, self.rows);
        (0..rows).flat_map(move |_| chunks).map(move |chunk| {
            let piece = (src, dst, chunk.size);
            src += u64::from(chunk.size) + u64::from(chunk.src_gap);
            dst += u64::from(chunk.size) + u64::from(chunk.dst_gap);
            piece
        })
    }
}

/// Rows of chunks in memory, to or from a device, as an engine is asked for them.
///
/// The device's side is what [`SlaveConfig`] says, a register or a window of registers, and gives or takes the chunks one
/// after the other without a gap. Only the memory's gaps count: [`src_gap`](Chunk::src_gap) on the way to a device,
/// [`dst_gap`](Chunk::dst_gap) on the way from one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[doc(alias = "dma_interleaved_template")]
pub struct InterleavedSlave<'c, P = ()> {
    /// [`MemToDev`](Direction::MemToDev) or [`DevToMem`](Direction::DevToMem).
    pub direction: Direction,
    /// The rows.
    pub shape: Interleaved<'c>,
    /// The device's side.
    pub config: SlaveConfig<P>,
}

impl<'c, P> InterleavedSlave<'c, P> {
    /// The gap behind a chunk in memory.
    pub(crate) fn gap(&self, chunk: &Chunk) -> u32 {
        if self.direction == Direction::MemToDev { chunk.src_gap } else { chunk.dst_gap }
    }

    /// The pieces of memory, in order: offset in the buffer, length.
    ///
    /// ```
    /// use dmaengine_core::config::InterleavedSlave;
    /// use dmaengine_core::{BusAddr, BusWidth, Chunk, Direction, Interleaved, SlaveConfig};
    /// let line = [Chunk { size: 30, src_gap: 70, dst_gap: 0 }];
    /// let config = SlaveConfig::new(BusAddr(0x021C_8000), BusWidth::Two, ());
    /// let mut request = InterleavedSlave { direction: Direction::MemToDev, shape: Interleaved::new(&line, 3), config };
    /// assert!(request.pieces().eq([(0, 30), (100, 30), (200, 30)]));
    /// request.direction = Direction::DevToMem;
    /// assert!(request.pieces().eq([(0, 30), (30, 30), (60, 30)]));
    /// ```
    pub fn pieces(&self) -> impl Iterator<Item = (u64, u32)> {
        let to_device = self.direction == Direction::MemToDev;
        self.shape.pieces().map(move |(src, dst, len)| (if to_device { src } else { dst }, len))
    }
}
