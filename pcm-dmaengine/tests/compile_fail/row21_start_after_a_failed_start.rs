//! Misuse: starting again what has failed to start, without looking at what the failure left. In Linux a failed START is
//! undone by a stop that nobody waits for, and the next START is legal (sound/core/pcm_native.c).

use backend_mock::Mock;
use pcm_dmaengine::{Capture, Prepared};

fn insist(prepared: Prepared<'_, Mock, Capture>) {
    if prepared.start().is_err() {
        let _ = prepared.start();
    }
}

fn main() {}
