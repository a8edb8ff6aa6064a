//! `drain`: playback plays the rest, capture keeps it.

use dmaengine_core::{Direction, EngineCyclic, Sleepable};

use super::slot::Slot;
use super::{DynPcm, Errno};
use crate::stream::{Broken, Faulted, ReleaseFailed, Remainder, Rested, Way};

impl<'a, E: EngineCyclic, D: Way> DynPcm<'a, E, D> {
    /// Playback: plays what was written, sleeps until then, and stops. Capture: stops, and keeps what is left to read.
    ///
    /// # Errors
    /// [`EBADFD`](Errno::EBADFD); [`EAGAIN`](Errno::EAGAIN) if it must not wait, with the drain begun;
    /// [`EIO`](Errno::EIO) if nothing moves, with the stream stopped; [`ENODEV`](Errno::ENODEV) if the device goes
    /// meanwhile.
    #[doc(alias = "snd_pcm_drain")]
    #[doc(alias = "SNDRV_PCM_IOCTL_DRAIN")]
    pub fn drain(&mut self, context: &Sleepable<'_>) -> Result<(), Errno> {
        self.operate(|this, slot| {
            let (slot, begun) = this.begin_drain(slot, context);
            match (slot, begun) {
                (slot, Err(errno)) => (slot, Err(errno)),
                (slot, Ok(())) if this.nonblock => (slot, Err(Errno::EAGAIN)),
                (Slot::Draining(rest), Ok(())) => match rest.finish(context) {
                    Rested::Broken(Broken::Faulted(faulted)) => (Slot::reset(faulted, context).0, Err(Errno::EIO)),
                    Rested::Broken(Broken::Disconnected(gone)) => (Slot::Disconnected(gone), Err(Errno::ENODEV)),
                    rested => Slot::rested(rested),
                },
                done => done,
            }
        })
    }

    /// From each state to where nothing but waiting is left to do.
    pub(super) fn begin_drain(
        &self,
        slot: Slot<'a, E, D>,
        context: &Sleepable<'_>,
    ) -> (Slot<'a, E, D>, Result<(), Errno>) {
        let plays = D::DIRECTION == Direction::MemToDev;
        let running = match slot {
            Slot::Open(_) | Slot::Suspended(..) => return (slot, Err(Errno::EBADFD)),
            Slot::Prepared(prepared) if plays && prepared.appl_ptr().0 == 0 => {
                return (prepared.stop().map_or_else(Slot::Stopped, Slot::Setup), Ok(()));
            }
            Slot::Prepared(prepared) if plays => match Slot::start(prepared, context) {
                (Slot::Running(running), Ok(())) => running,
                not_started => return not_started,
            },
            Slot::Running(running) => running,
            Slot::Paused(paused) => match self.pause.map(|ops| (ops.release)(paused)) {
                Some(Ok(running)) => running,
                Some(Err(ReleaseFailed::Refused(kept))) => return (Slot::Paused(kept.value), Err(kept.error.into())),
                Some(Err(ReleaseFailed::Broken(broken))) => return Slot::answered(broken),
                None => unreachable!("nothing else pauses"),
            },
            Slot::Xrun(xrun) if plays => return (Slot::Stopped(xrun.stop()), Ok(())),
            Slot::Faulted(faulted, _) if plays => return Slot::reset(faulted, context),
            other => return (other, Ok(())),
        };
        Slot::rested(Remainder::of(running))
    }
}

impl<'a, E: EngineCyclic, D: Way> Slot<'a, E, D> {
    /// A dead stream is given up.
    pub(super) fn reset(faulted: Faulted<'a, E, D>, context: &Sleepable<'_>) -> (Self, Result<(), Errno>) {
        match faulted.reset(context) {
            Ok(setup) => (Self::Setup(setup), Ok(())),
            Err(kept) => (Self::Faulted(kept.value, true), Err(kept.error.into())),
        }
    }
}
