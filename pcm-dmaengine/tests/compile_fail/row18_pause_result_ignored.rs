//! Misuse: pausing and not looking whether it did: an engine that refuses runs on under a stream that is called paused
//! (Linux 6.12, sound/core/pcm_dmaengine.c, ignores it).
#![deny(unused_must_use)]

use backend_mock::Mock;
use pcm_dmaengine::{Capture, Running};

fn quiet(running: Running<'_, Mock, Capture>) {
    running.pause();
}

fn main() {}
