//! Hazard 1 by another way: a transfer queued behind the stop of an engine that does not tell when it has stopped would
//! never start.
use dmaengine_core::{Engine, Prepared, Stopping};

fn restart<'d, E: Engine>(stopping: Stopping<'d, E>, next: Prepared<'d, E, &'static mut [u8]>) {
    let _ = stopping.queue_after_stop(next);
}

fn main() {}
