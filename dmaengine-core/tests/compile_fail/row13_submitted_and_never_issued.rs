//! Submitted, and `dma_async_issue_pending` forgotten: nothing ever starts, and nobody says so.
#![deny(unused_must_use)]

use backend_mock::Mock;
use dmaengine_core::{Idle, Prepared};

fn start<'d>(idle: Idle<'d, Mock>, prepared: Prepared<'d, Mock, &'static mut [u8]>) {
    idle.submit(prepared).unwrap();
}

fn main() {}
