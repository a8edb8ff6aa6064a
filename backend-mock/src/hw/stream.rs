//! Streams: what a peripheral gives or takes, how fast, and what is known afterwards of each program's part in it.

use alloc::sync::Arc;

/// How a peripheral's stream looks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct StreamConfig {
    /// Frames per second.
    pub rate: u32,
    /// Bytes per frame.
    pub frame_bytes: u32,
    /// Depth of the FIFO, in frames.
    pub fifo_frames: u32,
    /// Frames per request, which is a burst; at most `fifo_frames`.
    pub watermark: u32,
}

impl Default for StreamConfig {
    /// 48 kHz, four bytes a frame, a FIFO of 32 frames, one frame per request.
    fn default() -> Self {
        StreamConfig { rate: 48_000, frame_bytes: 4, fifo_frames: 32, watermark: 1 }
    }
}

/// What a recorder hears: `frames`, `repeat` times over, then silence (zeros).
#[derive(Debug, Clone)]
pub struct Source {
    /// Whole frames; a rest at the end is not used.
    pub frames: Arc<[u8]>,
    /// How many times.
    pub repeat: u64,
}

/// What one run of a program got from a recorder.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Run {
    /// The program's tag.
    pub tag: u64,
    /// Index, from the recorder's first frame on, of the first frame that the program could get.
    pub first_frame: u64,
    /// Frames moved to memory.
    pub moved_frames: u64,
}

/// What a player has played of one run of a program.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Taken<'a> {
    /// The program's tag.
    pub tag: u64,
    /// Frames played so far.
    pub frames: u64,
    /// Those frames. A frame whose read was blocked is here as zeros.
    pub bytes: &'a [u8],
}
