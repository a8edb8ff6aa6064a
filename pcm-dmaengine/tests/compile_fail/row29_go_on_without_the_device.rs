//! Misuse: recovering a stream whose device is gone, or starting it again; ALSA answers -ENODEV or -EBADFD from then on.

use backend_mock::Mock;
use dmaengine_core::Sleepable;
use pcm_dmaengine::{Capture, Disconnected};

fn recover(gone: Disconnected<'_, Mock, Capture>, context: &Sleepable<'_>) {
    let _ = gone.recover(context);
}

fn prepare(gone: Disconnected<'_, Mock, Capture>, context: &Sleepable<'_>) {
    let _ = gone.prepare(context);
}

fn main() {}
