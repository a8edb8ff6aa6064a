//! A capture stream is stopped, prepared and started: this library's on the SDMA driver, and libasound's on its `null` plugin. What each
//! of them does, and does not: `benches/notes/peers.md`.

use alsa::pcm::{Access, Format, HwParams, PCM};
use alsa::{Direction, ValueOr};
use benches::plain::Sdma;
use pcm_dmaengine::{Capture, Running};

/// How the stop is waited for.
#[derive(Clone, Copy, Debug)]
pub enum Way {
    /// Busily.
    Atomic,
    /// Not at all: the next run waits behind the stop.
    Queued,
}

/// Stops, prepares, and starts.
pub fn ours(running: Running<'static, Sdma, Capture>, way: Way) -> Running<'static, Sdma, Capture> {
    let stopped = running.stop();
    let prepared = match way {
        Way::Atomic => match stopped.prepare_atomic() {
            Ok(prepared) => prepared,
            Err(_) => panic!("channel 0 answers"),
        },
        Way::Queued => stopped.prepare_queued(),
    };
    let Ok(running) = prepared.start() else { panic!("it starts") };
    running
}

/// libasound's stream, which runs.
pub fn null() -> PCM {
    let pcm = PCM::new("null", Direction::Capture, false).expect("libasound has its null plugin");
    {
        let params = HwParams::any(&pcm).expect("null takes anything");
        params.set_channels(2).expect("stereo");
        params.set_rate(48_000, ValueOr::Nearest).expect("48 kHz");
        params.set_format(Format::s16()).expect("16 bits");
        params.set_access(Access::RWInterleaved).expect("interleaved");
        pcm.hw_params(&params).expect("null takes anything");
    }
    pcm.prepare().expect("it is set up");
    pcm.start().expect("it is prepared");
    pcm
}

/// Stops, prepares, and starts.
pub fn cycle_null(pcm: &PCM) {
    pcm.drop().expect("it runs");
    pcm.prepare().expect("it has stopped");
    pcm.start().expect("it is prepared");
}
