//! Misuse: asking for positions where they say nothing: dead, stopped, suspended, drained, gone. ALSA answers -EBADFD,
//! -ESTRPIPE or whatever the pointers were left at (sound/core/pcm_native.c).

use backend_mock::Mock;
use pcm_dmaengine::{Capture, Disconnected, Faulted, Leftover, Stopped, Suspended, Undone};

fn faulted(stream: &Faulted<'_, Mock, Capture>) {
    stream.hw_ptr();
}

fn stopped(stream: &Stopped<'_, Mock, Capture>) {
    stream.hw_ptr();
}

fn suspended(stream: &Suspended<'_, Mock, Capture>) {
    stream.hw_ptr();
}

fn leftover(stream: &Leftover<'_, Mock>) {
    stream.hw_ptr();
}

fn undone(stream: &Undone<'_, Mock, Capture>) {
    stream.hw_ptr();
}

fn disconnected(stream: &Disconnected<'_, Mock, Capture>) {
    stream.hw_ptr();
}

fn main() {}
