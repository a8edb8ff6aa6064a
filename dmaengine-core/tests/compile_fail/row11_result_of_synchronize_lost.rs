//! The wait runs out, and nobody looks. `dmaengine_synchronize` returns nothing, so in Linux nobody could.
#![deny(unused_must_use)]

use backend_mock::Mock;
use dmaengine_core::{Sleepable, Stopping};

fn sync_stop(stopping: Stopping<'_, Mock>, context: &Sleepable<'_>) {
    stopping.synchronize(context);
}

fn main() {}
