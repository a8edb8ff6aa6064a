//! After `dmaengine_submit` the descriptor belongs to the engine; the pointer to it is still there.
use backend_mock::Mock;
use dmaengine_core::{Active, Prepared};

fn twice<'d>(active: Active<'d, Mock>, prepared: Prepared<'d, Mock, &'static mut [u8]>) {
    let _first = active.submit(prepared);
    let _second = active.submit(prepared);
}

fn main() {}
