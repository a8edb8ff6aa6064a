//! `dmaengine_pause` on an engine without it: an error at run time, when it is late for that.
use dmaengine_core::{Active, Engine};

fn suspend<E: Engine>(active: Active<'_, E>) {
    let _ = active.pause();
}

fn main() {}
