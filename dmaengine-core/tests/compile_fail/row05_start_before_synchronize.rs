//! Hazard 1 of the thread "pcm|dmaengine|imx-sdma" of August 2020: stop, and start again at once. The deferred work of
//! the stop freed the new transfer with the old one.
use backend_mock::Mock;
use dmaengine_core::{Active, Prepared};

fn xrun<'d>(active: Active<'d, Mock>, next: Prepared<'d, Mock, &'static mut [u8]>) {
    let stopping = active.terminate_async();
    let _ = stopping.start(next);
}

fn main() {}
