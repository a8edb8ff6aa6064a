//! Misuse: treating a dead stream as one that only had an XRUN. alsa-lib's recovery helper passes -EIO on, and clients that
//! prepare all the same wait for nothing again.

use backend_mock::Mock;
use dmaengine_core::Sleepable;
use pcm_dmaengine::{Capture, Faulted};

fn recover(dead: Faulted<'_, Mock, Capture>, context: &Sleepable<'_>) {
    let _ = dead.prepare(context);
}

fn main() {}
