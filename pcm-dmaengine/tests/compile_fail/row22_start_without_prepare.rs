//! Misuse: start on SETUP; ALSA answers -EBADFD (sound/core/pcm_native.c).

use backend_mock::Mock;
use pcm_dmaengine::{Capture, Setup};

fn start(setup: Setup<'_, Mock, Capture>) {
    let _ = setup.start();
}

fn main() {}
