//! Work issued after the stop and before the wait: Linux leaves undefined what `dmaengine_synchronize` then waits for.
use backend_mock::Mock;
use dmaengine_core::{Active, Sleepable};

fn restart(active: Active<'_, Mock>, context: &Sleepable<'_>) {
    let stopping = active.terminate_async();
    stopping.issue();
    let _ = stopping.synchronize(context);
}

fn main() {}
