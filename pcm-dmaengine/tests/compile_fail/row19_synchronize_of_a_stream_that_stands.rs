//! Misuse: waiting for the stop of a stream that is paused or suspended, and that nobody has told to stop. Linux's sync_stop did so
//! (commit 88e98af9f4b5), and its close (commit 6a7db25aad8c).

use backend_mock::Mock;
use dmaengine_core::Sleepable;
use pcm_dmaengine::{Capture, Paused, Suspended};

fn paused(stream: Paused<'_, Mock, Capture>, context: &Sleepable<'_>) {
    let _ = stream.synchronize(context);
}

fn suspended(stream: Suspended<'_, Mock, Capture>, context: &Sleepable<'_>) {
    let _ = stream.synchronize(context);
}

fn main() {}
