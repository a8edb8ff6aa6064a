//! Misuse: prepare on a running stream; ALSA answers -EBUSY (sound/core/pcm_native.c).

use backend_mock::Mock;
use dmaengine_core::Sleepable;
use pcm_dmaengine::{Capture, Running};

fn prepare(stream: Running<'_, Mock, Capture>, context: &Sleepable<'_>) {
    let _ = stream.prepare(context);
}

fn main() {}
