//! Misuse: a sum of frames and bytes. As row28_bytes_for_frames.

use pcm_dmaengine::{Frames, HwParams};

fn behind(position: Frames, params: &HwParams) -> Frames {
    position + params.buffer_bytes()
}

fn main() {}
