//! Misuse: waiting for a stop that nobody has asked for, on a stream that runs. Linux's close() did so with a stream that
//! was left draining and suspended (commit 6a7db25aad8c).

use backend_mock::Mock;
use dmaengine_core::Sleepable;
use pcm_dmaengine::{Capture, Running};

fn close(running: Running<'_, Mock, Capture>, context: &Sleepable<'_>) {
    running.synchronize(context);
}

fn main() {}
