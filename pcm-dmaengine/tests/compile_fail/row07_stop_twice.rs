//! Misuse: stopping a stream that was stopped. On the i.MX SDMA a second terminate shortened the wait for the first
//! (Linux 6.12, drivers/dma/imx-sdma.c).

use backend_mock::Mock;
use pcm_dmaengine::{Capture, Running};

fn stop(stream: Running<'_, Mock, Capture>) {
    drop(stream.stop());
    drop(stream.stop());
}

fn main() {}
