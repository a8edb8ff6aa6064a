//! The overrun and the close of a stream both terminate it. In Linux 5.4 (drivers/dma/imx-sdma.c) the second call
//! schedules the deferred work again, if the first has not come to its end.
use backend_mock::Mock;
use dmaengine_core::Active;

fn close(active: Active<'_, Mock>) {
    let xrun = active.terminate_async();
    let close = active.terminate_async();
    drop((xrun, close));
}

fn main() {}
