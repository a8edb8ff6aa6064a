//! Misuse: starting a stream that runs; ALSA answers -EBADFD (sound/core/pcm_native.c).

use backend_mock::Mock;
use pcm_dmaengine::{Capture, Prepared};

fn start(prepared: Prepared<'_, Mock, Capture>) {
    let _running = prepared.start();
    let _running = prepared.start();
}

fn main() {}
