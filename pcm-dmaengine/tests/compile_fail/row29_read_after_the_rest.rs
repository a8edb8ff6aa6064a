//! Misuse: reading on from a capture that was drained, as if it ran: it would wait for frames that do not come.

use backend_mock::Mock;
use dmaengine_core::Sleepable;
use pcm_dmaengine::{Capture, Leftover, Running};

fn read(left: Leftover<'_, Mock>, context: &Sleepable<'_>, out: &mut [u8]) {
    let _ = left.readi(context, out);
}

fn read_what_was_drained(running: Running<'_, Mock, Capture>, context: &Sleepable<'_>, out: &mut [u8]) {
    let left = running.drain();
    let _ = running.readi(context, out);
    drop(left);
}

fn main() {}
