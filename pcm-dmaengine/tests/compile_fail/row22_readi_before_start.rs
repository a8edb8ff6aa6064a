//! Misuse: reading from a stream that was not started. ALSA may start it, wait, or answer -EBADFD, depending on a
//! threshold (sound/core/pcm_lib.c).

use backend_mock::Mock;
use dmaengine_core::Sleepable;
use pcm_dmaengine::{Capture, Prepared};

fn read(stream: Prepared<'_, Mock, Capture>, context: &Sleepable<'_>, out: &mut [u8]) {
    let _ = stream.readi(context, out);
}

fn main() {}
