//! Misuse: preparing a suspended stream instead of resuming it, as JACK2 does. In Linux nobody tells the driver to stop, and the next
//! transfer waits for ever behind the one that is paused (sound/core/pcm_native.c). Here there is `stop` first.

use backend_mock::Mock;
use dmaengine_core::Sleepable;
use pcm_dmaengine::{Capture, Suspended};

fn asleep(stream: Suspended<'_, Mock, Capture>, context: &Sleepable<'_>) {
    let _ = stream.prepare(context);
}

fn busy(stream: Suspended<'_, Mock, Capture>) {
    let _ = stream.prepare_atomic();
}

fn behind(stream: Suspended<'_, Mock, Capture>) {
    let _ = stream.prepare_queued();
}

fn recovered(stream: Suspended<'_, Mock, Capture>, context: &Sleepable<'_>) {
    let _ = stream.recover(context);
}

fn main() {}
