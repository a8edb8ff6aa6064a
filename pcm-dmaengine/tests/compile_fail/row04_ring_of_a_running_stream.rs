//! Misuse: taking the ring back while the engine goes round it. ALSA refuses hw_free on a running stream at run time
//! (sound/core/pcm_native.c, -EBADFD); before sync_stop it went through 1 ms too early after a stop.

use backend_mock::Mock;
use pcm_dmaengine::{Capture, Running, Stopped};

fn take_back(running: Running<'_, Mock, Capture>) {
    running.hw_free();
}

fn take_back_after_a_stop(running: Running<'_, Mock, Capture>) {
    let stopped: Stopped<'_, Mock, Capture> = running.stop();
    stopped.hw_free();
}

fn main() {}
