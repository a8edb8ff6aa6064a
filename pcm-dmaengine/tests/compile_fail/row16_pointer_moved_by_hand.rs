//! Misuse: moving a stream's pointer past the check of the run. As row16_event_without_a_generation.

use backend_mock::Mock;
use pcm_dmaengine::{Frames, Pcm};

fn period_elapsed(pcm: &Pcm<Mock>) {
    pcm.with(|shared| shared.hw_ptr += Frames(32));
}

fn main() {}
