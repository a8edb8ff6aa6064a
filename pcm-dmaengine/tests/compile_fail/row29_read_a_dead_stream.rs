//! Misuse: going on with a stream on which nothing moves. In Linux it stays RUNNING after its time-out, and the next read
//! waits just as long (sound/core/pcm_lib.c, wait_for_avail).

use backend_mock::Mock;
use dmaengine_core::Sleepable;
use pcm_dmaengine::{Capture, Faulted};

fn read(dead: Faulted<'_, Mock, Capture>, context: &Sleepable<'_>, out: &mut [u8]) {
    let _ = dead.readi(context, out);
}

fn main() {}
