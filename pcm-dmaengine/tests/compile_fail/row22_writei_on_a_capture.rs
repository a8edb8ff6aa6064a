//! Misuse: writing to a capture stream. ALSA checks at run time.

use backend_mock::Mock;
use dmaengine_core::Sleepable;
use pcm_dmaengine::{Capture, Running};

fn write(stream: Running<'_, Mock, Capture>, context: &Sleepable<'_>, frames: &[u8]) {
    let _ = stream.writei(context, frames);
}

fn main() {}
