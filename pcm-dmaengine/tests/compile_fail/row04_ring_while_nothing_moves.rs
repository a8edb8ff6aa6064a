//! Misuse: taking the ring back because nothing moves: the stream is paused, suspended, dead, or was just taken back. The engine has it
//! still. Two fixes in Linux were about channels that stood still (commits 6a7db25aad8c and 88e98af9f4b5).

use backend_mock::Mock;
use pcm_dmaengine::{Capture, Disconnected, Faulted, Leftover, Paused, Suspended, Undone};

fn paused(stream: Paused<'_, Mock, Capture>) {
    stream.hw_free();
}

fn suspended(stream: Suspended<'_, Mock, Capture>) {
    stream.hw_free();
}

fn undone(stream: Undone<'_, Mock, Capture>) {
    stream.hw_free();
}

fn faulted(stream: Faulted<'_, Mock, Capture>) {
    stream.hw_free();
}

fn leftover(stream: Leftover<'_, Mock>) {
    stream.hw_free();
}

fn disconnected(stream: Disconnected<'_, Mock, Capture>) {
    stream.hw_free();
}

fn main() {}
