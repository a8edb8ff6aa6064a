//! Misuse: ending the pause of a stream that runs, or of one that is stopped; ALSA answers -EBADFD.

use backend_mock::Mock;
use pcm_dmaengine::{Capture, Running, Stopped};

fn running(stream: Running<'_, Mock, Capture>) {
    let _ = stream.resume();
}

fn stopped(stream: Stopped<'_, Mock, Capture>) {
    let _ = stream.resume();
}

fn main() {}
