//! PipeWire's ALSA node (spa/plugins/alsa): a capture that drives the graph, and a playback that follows it. It starts by hand, never
//! waits inside ALSA, and after an XRUN it accounts the time and does drop, prepare, silence and start, for the driver and for every
//! follower. After a suspend it tries to resume, five times, and then does the same.

use dmaengine_core::{EngineCyclic, Micros, Sleepable};
use pcm_dmaengine::Frames;
use pcm_dmaengine::dynamic::{Errno, State};

use crate::common::SEED;
use crate::desk::{Desk, NEVER, set_up};
use crate::{Fates, Recovered};

/// Frames of a cycle of the graph.
const QUANTUM: u64 = 96;
/// How far the playback is kept ahead.
const AHEAD: u64 = 2 * QUANTUM;
const CYCLES: usize = 1_500;

/// All ends from the beginning: stopped, prepared, silence ahead, started.
fn restart<E: EngineCyclic>(desk: &mut Desk<'_, '_, E>, context: &Sleepable<'_>) {
    desk.capture.drop_frames(context).unwrap();
    desk.playback.drop_frames(context).unwrap();
    desk.capture.prepare(context).unwrap();
    desk.playback.prepare(context).unwrap();
    let silence = vec![0; 4 * AHEAD as usize];
    assert_eq!(desk.playback.writei(context, &silence), Ok(Frames(AHEAD)));
    desk.begins_to_play();
    desk.begins_to_hear();
    // One can be dry again before the other has started.
    desk.playback.start(context).unwrap();
    desk.capture.start(context).unwrap();
}

fn recover<E: EngineCyclic>(
    desk: &mut Desk<'_, '_, E>,
    context: &Sleepable<'_>,
    errno: Errno,
    recovered: &mut Recovered,
) {
    match errno {
        Errno::EPIPE => {
            recovered.xruns += 1;
            let status = [desk.capture.status().unwrap(), desk.playback.status().unwrap()];
            let told = status.iter().any(|end| end.state == State::Xrun && end.trigger_time > Micros(0));
            assert!(told, "EPIPE without an XRUN whose time is told: {status:?}");
        }
        Errno::ESTRPIPE => {
            recovered.suspends += 1;
            let mut resumed = [false; 2];
            for _ in 0..5 {
                resumed[0] |= desk.capture.resume().is_ok();
                resumed[1] |= desk.playback.resume().is_ok();
                if resumed == [true; 2] {
                    desk.was_resumed();
                    return;
                }
                context.sleep(Micros::from_millis(1));
            }
        }
        other => panic!("PipeWire gives up: {other}"),
    }
    restart(desk, context);
}

/// One cycle: what was captured comes in, as much goes out.
fn cycle<E: EngineCyclic>(desk: &mut Desk<'_, '_, E>, context: &Sleepable<'_>) -> Result<(), Errno> {
    // Its timer tells it when there should be enough.
    while desk.capture.status()?.avail.0 < QUANTUM {
        if desk.capture.state() != State::Running {
            break;
        }
        context.sleep(SEED.time(SEED.period_size));
    }
    desk.read(context, QUANTUM)?;
    desk.write(context, QUANTUM)?;
    Ok(())
}

pub fn driver_and_follower<E: EngineCyclic>(
    desk: &mut Desk<'_, '_, E>,
    context: &Sleepable<'_>,
    fates: &mut Fates,
) -> Recovered {
    let mut recovered = Recovered::default();
    set_up(&mut desk.capture, context, NEVER);
    set_up(&mut desk.playback, context, NEVER);
    desk.capture.set_nonblock(true);
    desk.playback.set_nonblock(true);
    restart(desk, context);
    for _ in 0..CYCLES {
        desk.suffer(fates.next());
        match cycle(desk, context) {
            Ok(()) | Err(Errno::EAGAIN) => {}
            Err(errno) => recover(desk, context, errno, &mut recovered),
        }
    }
    recovered
}
