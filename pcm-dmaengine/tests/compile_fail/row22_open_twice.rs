//! Misuse: two clients on one stream. ALSA answers -EBUSY or waits (sound/core/pcm_native.c).

use backend_mock::Mock;
use dmaengine_core::{Idle, SlaveConfig};
use pcm_dmaengine::Pcm;

fn open<'a>(pcm: &'a mut Pcm<Mock>, one: Idle<'a, Mock>, other: Idle<'a, Mock>, config: SlaveConfig) {
    let capture = pcm.open_capture(one, config);
    let playback = pcm.open_playback(other, config);
    drop((capture, playback));
}

fn main() {}
