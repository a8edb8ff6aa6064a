//! A prepared transfer can be cancelled, which frees its descriptor; a submitted one cannot.
use backend_mock::Mock;
use dmaengine_core::Transfer;

fn free(running: Transfer<'_, Mock, &'static mut [u8]>) {
    running.cancel();
}

fn main() {}
