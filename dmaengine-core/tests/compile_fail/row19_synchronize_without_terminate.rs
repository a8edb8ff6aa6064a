//! Hazard 2: the wait for a stop that nobody asked for.
use backend_mock::Mock;
use dmaengine_core::{Active, Sleepable};

fn close(active: Active<'_, Mock>, context: &Sleepable<'_>) {
    let _ = active.synchronize(context);
}

fn main() {}
