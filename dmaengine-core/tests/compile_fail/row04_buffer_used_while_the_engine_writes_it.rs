//! The client reads its ring while the transfer owns it, and frees it when it likes.
use backend_mock::Mock;
use dmaengine_core::{Cyclic, Idle};

fn capture(idle: Idle<'_, Mock>, ring: &'static mut [u8], request: &Cyclic) -> u8 {
    let prepared = idle.prep_cyclic(ring, request);
    let first = ring[0];
    drop(prepared);
    first
}

fn main() {}
