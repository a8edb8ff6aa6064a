//! Misuse: reading from a playback stream. ALSA checks at run time.

use backend_mock::Mock;
use dmaengine_core::Sleepable;
use pcm_dmaengine::{Playback, Running};

fn read(stream: Running<'_, Mock, Playback>, context: &Sleepable<'_>, out: &mut [u8]) {
    let _ = stream.readi(context, out);
}

fn main() {}
