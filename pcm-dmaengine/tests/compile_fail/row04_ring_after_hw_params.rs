//! Misuse: using the ring that the stream has. Linux's dmatest warns of buffers that are freed or reused while the engine
//! may still be writing them.

use backend_mock::Mock;
use pcm_dmaengine::{Capture, HwParams, Open};

fn set_up(open: Open<'_, Mock, Capture>, params: HwParams, ring: &'static mut [u8]) {
    let setup = open.hw_params(params, ring);
    ring.fill(0);
    drop(setup);
}

fn main() {}
