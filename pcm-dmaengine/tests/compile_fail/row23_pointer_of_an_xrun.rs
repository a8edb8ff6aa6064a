//! Misuse: asking a stream for its position after an XRUN; ALSA answers -EPIPE (sound/core/pcm_native.c).

use backend_mock::Mock;
use pcm_dmaengine::{Capture, Xrun};

fn position(xrun: &Xrun<'_, Mock, Capture>) {
    xrun.hw_ptr();
}

fn main() {}
