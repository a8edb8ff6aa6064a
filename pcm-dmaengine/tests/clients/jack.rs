//! JACK2's ALSA driver: capture and playback linked, a period in and a period out. After an XRUN it asks for the status, prepares both and
//! starts the driver anew: drop, prepare, two periods of silence, start. After a suspend it prepares **without** a resume: the call after
//! which, in Linux, a channel that pauses keeps its old transfer in front of the new one for ever.

use dmaengine_core::{EngineCyclic, Sleepable};
use pcm_dmaengine::Frames;
use pcm_dmaengine::dynamic::{Errno, State};

use crate::common::SEED;
use crate::desk::{Desk, NEVER, set_up};
use crate::{Fates, Recovered};

const CYCLES: usize = 1_500;

fn start<E: EngineCyclic>(desk: &mut Desk<'_, '_, E>, context: &Sleepable<'_>) {
    desk.capture.drop_frames(context).unwrap();
    desk.playback.drop_frames(context).unwrap();
    desk.playback.prepare(context).unwrap();
    desk.capture.prepare(context).unwrap();
    let silence = vec![0; 4 * 8 * SEED.period_size.0 as usize];
    assert_eq!(desk.playback.writei(context, &silence), Ok(Frames(8 * SEED.period_size.0)));
    desk.begins_to_play();
    desk.begins_to_hear();
    desk.playback.start(context).unwrap();
    desk.capture.start(context).unwrap();
}

pub fn duplex<E: EngineCyclic>(desk: &mut Desk<'_, '_, E>, context: &Sleepable<'_>, fates: &mut Fates) -> Recovered {
    let mut recovered = Recovered::default();
    // It starts by hand: it moves its pointers in the ring itself, where no threshold is looked at.
    set_up(&mut desk.capture, context, NEVER);
    set_up(&mut desk.playback, context, NEVER);
    start(desk, context);
    for _ in 0..CYCLES {
        desk.suffer(fates.next());
        let period = SEED.period_size.0;
        let errno = match desk.read(context, period).and_then(|_| desk.write(context, period)) {
            Ok(_) => continue,
            Err(errno) => errno,
        };
        match errno {
            Errno::EPIPE => recovered.xruns += 1,
            Errno::ESTRPIPE => recovered.suspends += 1,
            other => panic!("JACK gives up: {other}"),
        }
        let states = [desk.capture.status().unwrap().state, desk.playback.status().unwrap().state];
        let over = |state: &State| matches!(state, State::Xrun | State::Suspended);
        assert!(states.iter().any(over), "{errno} in {states:?}");
        if errno == Errno::ESTRPIPE {
            desk.capture.prepare(context).unwrap();
            desk.playback.prepare(context).unwrap();
        }
        start(desk, context);
    }
    recovered
}
