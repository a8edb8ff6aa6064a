//! The second proposal of the thread of August 2020, on an engine that does not say how long its stop takes: an
//! interrupt handler that waits nobody knows how long.
use dmaengine_core::{Active, Engine};

fn trigger_stop<E: Engine>(active: Active<'_, E>) {
    let _ = active.terminate_atomic();
}

fn main() {}
