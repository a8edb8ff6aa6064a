//! Misuse: suspending a stream and throwing away what has to be resumed or stopped. As row03_stop_and_forget.
#![deny(unused_must_use)]

use backend_mock::Mock;
use pcm_dmaengine::{Capture, Running};

fn sleep(running: Running<'_, Mock, Capture>) {
    running.suspend();
}

fn main() {}
