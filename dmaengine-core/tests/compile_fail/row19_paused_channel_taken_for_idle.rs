//! Prepare and start on a channel that is only paused.
use backend_mock::Mock;
use dmaengine_core::{Paused, Prepared};

fn prepare<'d>(paused: Paused<'d, Mock>, next: Prepared<'d, Mock, &'static mut [u8]>) {
    let _ = paused.start(next);
}

fn main() {}
