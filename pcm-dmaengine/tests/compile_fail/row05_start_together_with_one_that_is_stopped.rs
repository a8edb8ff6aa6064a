//! Misuse: starting a linked pair of which one has not stopped. In Linux a group's sync_stop goes to the stream that asked, and the others
//! are started over an unfinished stop (sound/core/pcm_native.c).

use backend_mock::Mock;
use pcm_dmaengine::{Capture, Link, Playback, Prepared, Stopped};

fn again<'a>(link: Link<'a, Mock>, capture: Prepared<'a, Mock, Capture>, playback: Stopped<'a, Mock, Playback>) {
    let _ = link.start((capture, playback));
}

fn main() {}
