//! Misuse: start on XRUN, without prepare; ALSA answers -EBADFD (sound/core/pcm_native.c).

use backend_mock::Mock;
use pcm_dmaengine::{Capture, Xrun};

fn restart(xrun: Xrun<'_, Mock, Capture>) {
    let _ = xrun.start();
}

fn main() {}
