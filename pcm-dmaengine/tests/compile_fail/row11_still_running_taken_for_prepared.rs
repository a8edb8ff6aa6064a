//! Misuse: the error of the wait is lost. Linux ignores what sync_stop returns (sound/core/pcm_native.c), and
//! dmaengine_synchronize returns nothing.

use backend_mock::Mock;
use dmaengine_core::Sleepable;
use pcm_dmaengine::{Capture, Prepared, Xrun};

fn recover<'a>(xrun: Xrun<'a, Mock, Capture>, context: &Sleepable<'_>) -> Prepared<'a, Mock, Capture> {
    xrun.prepare(context)
}

fn main() {}
