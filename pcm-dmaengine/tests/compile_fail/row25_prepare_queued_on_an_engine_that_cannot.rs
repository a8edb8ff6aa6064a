//! Misuse: queueing behind a stop on an engine that does not tell the end of its stops: the run would wait for ever.

use dmaengine_core::EngineCyclic;
use pcm_dmaengine::{Capture, Xrun};

fn recover<E: EngineCyclic>(xrun: Xrun<'_, E, Capture>) {
    let _ = xrun.prepare_queued();
}

fn main() {}
