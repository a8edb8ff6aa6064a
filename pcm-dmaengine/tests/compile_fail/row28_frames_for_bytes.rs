//! Misuse: a ring of as many bytes as it should have frames. As row28_bytes_for_frames.

use pcm_dmaengine::HwParams;

fn ring_len(params: &HwParams) -> usize {
    params.buffer_size()
}

fn main() {}
