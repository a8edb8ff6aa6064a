//! Misuse: starting a linked pair that runs, and pausing one that is paused; ALSA answers -EBADFD.

use backend_mock::Mock;
use pcm_dmaengine::{Capture, Link, Paused, Playback, Running};

fn start<'a>(link: Link<'a, Mock>, capture: Running<'a, Mock, Capture>, playback: Running<'a, Mock, Playback>) {
    let _ = link.start((capture, playback));
}

fn pause<'a>(link: Link<'a, Mock>, capture: Paused<'a, Mock, Capture>, playback: Paused<'a, Mock, Playback>) {
    let _ = link.pause((capture, playback));
}

fn main() {}
