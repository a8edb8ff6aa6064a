//! Misuse: a stop that nobody waits for.
//! Linux's PCM layer until June 2024 (commit e8343410ddf0): TRIGGER_STOP terminated and nothing synchronized.
#![deny(unused_must_use)]

use backend_mock::Mock;
use pcm_dmaengine::{Capture, Xrun};

fn give_up(xrun: Xrun<'_, Mock, Capture>) {
    xrun.stop();
}

fn main() {}
