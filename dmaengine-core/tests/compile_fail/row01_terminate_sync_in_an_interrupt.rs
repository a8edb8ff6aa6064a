//! `terminate_sync` in an interrupt handler, which has no context to sleep in.
use backend_mock::Mock;
use dmaengine_core::{Active, Atomic};

fn handler(active: Active<'_, Mock>, context: &Atomic<'_>) {
    let _ = active.terminate_sync(context);
}

fn main() {}
