//! Misuse: resuming a stream, and then preparing it with what it was before: the value that held the paused channel is gone.

use backend_mock::Mock;
use pcm_dmaengine::{Capture, Suspended};

fn both(stream: Suspended<'_, Mock, Capture>) {
    let resumed = stream.resume();
    let stopped = stream.stop();
    drop((resumed, stopped));
}

fn main() {}
