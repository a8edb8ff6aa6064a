//! Misuse: a stream that was prepared behind its stop is thrown away, and the unfinished stop with it.
//! As row03_stop_and_forget.
#![deny(unused_must_use)]

use backend_mock::Mock;
use pcm_dmaengine::{Capture, Running};

fn hang_up(stream: Running<'_, Mock, Capture>) {
    stream.stop().prepare_queued();
}

fn main() {}
