//! The controller's memory, hardware descriptors and all, goes away while a channel is still stopping. Linux 5.8
//! (drivers/dma/imx-sdma.c): `synchronize` can free the descriptors before the millisecond is over in which the engine
//! may still read them.
use backend_mock::Mock;
use dmaengine_core::{Cyclic, Dma};

fn shut_down(dma: Dma<Mock, 1>, ring: &'static mut [u8], request: &Cyclic) {
    let idle = dma.channel(0).unwrap();
    let prepared = idle.prep_cyclic(ring, request).unwrap();
    let (active, _transfer) = idle.start(prepared).unwrap();
    let stopping = active.terminate_async();
    drop(dma);
    drop(stopping);
}

fn main() {}
