//! The wait may have run out; a start needs the channel that only a success hands over.
use backend_mock::Mock;
use dmaengine_core::{Prepared, Sleepable, Stopping};

fn restart<'d>(stopping: Stopping<'d, Mock>, context: &Sleepable<'_>, next: Prepared<'d, Mock, &'static mut [u8]>) {
    let channel = stopping.synchronize(context);
    let _ = channel.start(next);
}

fn main() {}
