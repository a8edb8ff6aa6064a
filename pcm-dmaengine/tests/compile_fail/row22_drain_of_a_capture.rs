//! Misuse: a playback call on a capture stream. ALSA has one type for both and checks at run time.

use backend_mock::Mock;
use dmaengine_core::Sleepable;
use pcm_dmaengine::{Capture, Running};

fn finish(stream: Running<'_, Mock, Capture>, context: &Sleepable<'_>) {
    let _ = stream.drain(context);
}

fn main() {}
