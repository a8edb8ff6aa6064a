//! aplay and arecord (alsa-utils): blocking transfers of a period, a start by threshold, `prepare` after an XRUN, `resume` or `prepare` after a
//! suspend, and then the same call again.

use dmaengine_core::{EngineCyclic, Sleepable};
use pcm_dmaengine::dynamic::{DynPcm, Errno, State};
use pcm_dmaengine::{Frames, Way};

use crate::common::SEED;
use crate::desk::{Desk, set_up, wake};
use crate::{Fates, Recovered};

/// Calls of a script.
const CALLS: usize = 2_000;

/// After EPIPE: the status says whether it was an XRUN, and prepare is all that it takes.
fn xrun<E: EngineCyclic, D: Way>(pcm: &mut DynPcm<'_, E, D>, context: &Sleepable<'_>) {
    assert_eq!(pcm.status().unwrap().state, State::Xrun, "EPIPE without an XRUN");
    pcm.prepare(context).unwrap();
}

/// Writes periods, and waits for the end of the last.
pub fn aplay<E: EngineCyclic>(desk: &mut Desk<'_, '_, E>, context: &Sleepable<'_>, fates: &mut Fates) -> Recovered {
    let mut recovered = Recovered::default();
    let period = SEED.period_size.0;
    // It starts when the ring is full.
    set_up(&mut desk.playback, context, SEED.buffer_size());
    desk.begins_to_play();
    for _ in 0..CALLS {
        desk.suffer(fates.next());
        let mut left = period;
        while left > 0 {
            match desk.write(context, left) {
                Ok(Frames(took)) => left -= took,
                Err(Errno::EPIPE) => {
                    recovered.xruns += 1;
                    xrun(&mut desk.playback, context);
                    desk.begins_to_play();
                }
                Err(Errno::ESTRPIPE) => {
                    recovered.suspends += 1;
                    if !wake(&mut desk.playback, context) {
                        desk.begins_to_play();
                    }
                }
                Err(other) => panic!("aplay gives up: {other}"),
            }
        }
    }
    match desk.playback.drain(context) {
        Ok(()) | Err(Errno::EPIPE) => {}
        Err(other) => panic!("drain: {other}"),
    }
    recovered
}

/// Reads periods.
pub fn arecord<E: EngineCyclic>(desk: &mut Desk<'_, '_, E>, context: &Sleepable<'_>, fates: &mut Fates) -> Recovered {
    let mut recovered = Recovered::default();
    set_up(&mut desk.capture, context, Frames(1));
    desk.begins_to_hear();
    for _ in 0..CALLS {
        desk.suffer(fates.next());
        let mut left = SEED.period_size.0;
        while left > 0 {
            match desk.read(context, left) {
                Ok(Frames(got)) => left -= got,
                Err(Errno::EPIPE) => {
                    recovered.xruns += 1;
                    xrun(&mut desk.capture, context);
                    desk.begins_to_hear();
                }
                Err(Errno::ESTRPIPE) => {
                    recovered.suspends += 1;
                    if wake(&mut desk.capture, context) {
                        desk.was_resumed();
                    } else {
                        desk.begins_to_hear();
                    }
                }
                Err(other) => panic!("arecord gives up: {other}"),
            }
        }
    }
    recovered
}
