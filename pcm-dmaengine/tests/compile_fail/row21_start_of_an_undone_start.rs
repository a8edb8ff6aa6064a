//! Misuse: starting what was taken back, behind its unfinished stop; ALSA's state is PREPARED, and START is legal
//! (sound/core/pcm_native.c, snd_pcm_undo_start).

use backend_mock::Mock;
use pcm_dmaengine::{Capture, NotStarted, Undone};

fn again(undone: Undone<'_, Mock, Capture>) {
    let _ = undone.start();
}

fn whatever_it_is(not_started: NotStarted<'_, Mock, Capture>) {
    let _ = not_started.start();
}

fn main() {}
