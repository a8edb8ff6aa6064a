//! Misuse: busy-waiting for an engine that has not said how long it may take: "busy_wait is not good I think", in the
//! pcm|dmaengine|imx-sdma thread of August 2020.

use dmaengine_core::EngineCyclic;
use pcm_dmaengine::{Capture, Xrun};

fn recover<E: EngineCyclic>(xrun: Xrun<'_, E, Capture>) {
    let _ = xrun.prepare_atomic();
}

fn main() {}
