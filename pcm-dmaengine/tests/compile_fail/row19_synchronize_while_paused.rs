//! Misuse: waiting for a stop that nobody has asked for, on a channel that is only paused. Linux's fix of June 2024 did so
//! and broke resume (commit 88e98af9f4b5). This is the channel that a paused stream holds; the stream itself is in another case.

use backend_mock::Mock;
use dmaengine_core::{Paused, Sleepable};

fn sync_stop(paused: Paused<'_, Mock>, context: &Sleepable<'_>) {
    paused.synchronize(context);
}

fn main() {}
