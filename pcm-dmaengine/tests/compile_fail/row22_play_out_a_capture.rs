//! Misuse: a playback call on a capture stream. ALSA has one type for both and checks at run time.

use backend_mock::Mock;
use pcm_dmaengine::{Capture, Running};

fn finish(stream: Running<'_, Mock, Capture>) {
    let _ = stream.begin_drain();
}

fn main() {}
