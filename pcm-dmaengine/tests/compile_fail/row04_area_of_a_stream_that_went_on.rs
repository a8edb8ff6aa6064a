//! Misuse: writing into the ring where it lies after the stream has gone on, by a commit or by a stop. ALSA's clients have the ring mapped, and nothing
//! keeps them from it.

use backend_mock::Mock;
use pcm_dmaengine::{Frames, Playback, Running, Stopped};

fn written_after_the_commit(mut stream: Running<'_, Mock, Playback>) {
    let mut area = stream.begin(Frames(32));
    let _ = stream.commit(Frames(32));
    area.copy_in(Frames(0), &[0; 4]);
}

fn written_after_the_stop(mut stream: Running<'_, Mock, Playback>) -> Stopped<'_, Mock, Playback> {
    let mut area = stream.begin(Frames(32));
    let stopped = stream.stop();
    area.copy_in(Frames(0), &[0; 4]);
    stopped
}

fn main() {}
