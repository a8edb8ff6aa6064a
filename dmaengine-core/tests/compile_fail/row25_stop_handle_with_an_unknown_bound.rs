//! The same from the interrupt, through a stop handle.
use dmaengine_core::{Engine, StopHandle};

fn overrun<E: Engine>(stop: &StopHandle<'_, E>) {
    let _ = stop.terminate_atomic();
}

fn main() {}
