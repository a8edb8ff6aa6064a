//! The ring lies on the stack: the function returns, the engine writes on. Linux' drivers/dma/dmatest.c can
//! only warn when it has happened: "Kernel memory may be corrupted".
use backend_mock::Mock;
use dmaengine_core::{Cyclic, Idle};

fn capture(idle: Idle<'_, Mock>, request: &Cyclic) {
    let mut ring = [0_u8; 960];
    let _ = idle.prep_cyclic(&mut ring[..], request);
}

fn main() {}
