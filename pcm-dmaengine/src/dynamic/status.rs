//! Positions, and what a client polls for.

use dmaengine_core::{Direction, EngineCyclic, Micros, Platform};

use super::slot::Slot;
use super::{DynPcm, Errno, State};
use crate::pcm::Shared;
use crate::stream::{Positions, Way};
use crate::units::Frames;

/// What `status` answers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
#[doc(alias = "snd_pcm_status_t")]
pub struct Status {
    /// The state.
    pub state: State,
    /// What a suspended stream was.
    pub suspended_state: Option<State>,
    /// How far the hardware has come, below the [boundary](crate::HwParams::boundary).
    pub hw_ptr: Frames,
    /// How far the client has come, below the boundary.
    pub appl_ptr: Frames,
    /// Frames to read, or room for frames to write.
    pub avail: Frames,
    /// The most that this was since the last time anybody asked.
    pub avail_max: Frames,
    /// Frames between the client and the device, while it runs; else 0.
    pub delay: i64,
    /// When the state last changed, on the platform's clock.
    #[doc(alias = "trigger_tstamp")]
    pub trigger_time: Micros,
}

/// What a client that polls a stream is woken with.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[doc(alias = "POLLIN")]
#[doc(alias = "POLLOUT")]
#[doc(alias = "POLLERR")]
pub struct Readiness {
    /// It need not wait to read or write; or it would be told why it cannot.
    pub ready: bool,
    /// It would be told that.
    pub error: bool,
}

impl<E: EngineCyclic, D: Way> DynPcm<'_, E, D> {
    /// Where it stands; looks at the hardware first. In `OPEN` there is the state and nothing else.
    ///
    /// # Errors
    /// [`EBADFD`](Errno::EBADFD) once the device is gone.
    #[doc(alias = "snd_pcm_status")]
    #[doc(alias = "SNDRV_PCM_IOCTL_STATUS")]
    pub fn status(&mut self) -> Result<Status, Errno> {
        // What the look finds shows in the state.
        self.operate(|_, slot| (slot.looked().0, Ok(())))?;
        let suspended_state = if let Slot::Suspended(_, was) = &self.slot { Some(*was) } else { None };
        let (state, trigger_time) = (self.state(), self.trigger_time());
        let runs = match state {
            State::Running => true,
            State::Draining => D::DIRECTION == Direction::MemToDev,
            _ => false,
        };
        Ok(self.half.pcm.with(|shared| {
            let wrapped = |position: Frames| Frames(position.0 % shared.params.boundary().0);
            let (hw_ptr, appl_ptr) = (wrapped(shared.hw_ptr), wrapped(shared.appl_ptr));
            let avail = shared.avail();
            let avail_max = core::mem::take(&mut shared.avail_max).max(avail);
            let delay = if runs { shared.delay() } else { 0 };
            let all = Status { state, suspended_state, hw_ptr, appl_ptr, avail, avail_max, delay, trigger_time };
            let zero = Frames(0);
            match state {
                State::Open => Status { hw_ptr: zero, appl_ptr: zero, avail: zero, avail_max: zero, ..all },
                _ => all,
            }
        }))
    }

    /// Looks where the hardware is.
    ///
    /// # Errors
    /// [`EBADFD`](Errno::EBADFD); [`EPIPE`](Errno::EPIPE) after an XRUN, or if it finds one; [`ESTRPIPE`](Errno::ESTRPIPE).
    #[doc(alias = "snd_pcm_hwsync")]
    #[doc(alias = "SNDRV_PCM_IOCTL_HWSYNC")]
    pub fn hwsync(&mut self) -> Result<(), Errno> {
        self.positions(|_| ())
    }

    /// Frames between the client and the device, as far as the ring goes.
    ///
    /// # Errors
    /// As [`hwsync`](Self::hwsync).
    #[doc(alias = "snd_pcm_delay")]
    #[doc(alias = "SNDRV_PCM_IOCTL_DELAY")]
    pub fn delay(&mut self) -> Result<i64, Errno> {
        self.positions(|positions| positions.delay())
    }

    /// The client goes back, as far as it may. Gives back how far.
    ///
    /// # Errors
    /// As [`hwsync`](Self::hwsync).
    #[doc(alias = "snd_pcm_rewind")]
    #[doc(alias = "SNDRV_PCM_IOCTL_REWIND")]
    pub fn rewind(&mut self, frames: Frames) -> Result<Frames, Errno> {
        self.positions(|positions| positions.rewind(frames))
    }

    /// The client goes on without reading or writing, as far as it may. Gives back how far.
    ///
    /// # Errors
    /// As [`hwsync`](Self::hwsync).
    #[doc(alias = "snd_pcm_forward")]
    #[doc(alias = "SNDRV_PCM_IOCTL_FORWARD")]
    pub fn forward(&mut self, frames: Frames) -> Result<Frames, Errno> {
        self.positions(|positions| positions.forward(frames))
    }

    fn positions<T>(&mut self, f: impl FnOnce(&mut dyn Positions) -> T) -> Result<T, Errno> {
        self.operate(|_, slot| {
            let (mut slot, looked) = slot.looked();
            if let Err(errno) = looked {
                return (slot, Err(errno));
            }
            let positions: Option<&mut dyn Positions> = match &mut slot {
                Slot::Prepared(prepared) => Some(prepared),
                Slot::Running(running) => Some(running),
                Slot::Draining(rest) => rest.positions(),
                Slot::Paused(paused) => Some(paused),
                _ => None,
            };
            match positions {
                Some(positions) => {
                    let answer = f(positions);
                    (slot, Ok(answer))
                }
                None => slot.refused(),
            }
        })
    }

    /// The client goes to where the hardware is: nothing is queued, nothing is to be read.
    ///
    /// # Errors
    /// [`EBADFD`](Errno::EBADFD).
    #[doc(alias = "snd_pcm_reset")]
    #[doc(alias = "SNDRV_PCM_IOCTL_RESET")]
    pub fn reset(&mut self) -> Result<(), Errno> {
        self.operate(|this, mut slot| {
            match &mut slot {
                Slot::Prepared(prepared) => prepared.reset(),
                Slot::Running(running) => running.reset(),
                Slot::Paused(paused) => paused.reset(),
                // The hardware stands still; where it is, is known.
                Slot::Suspended(..) => this.half.pcm.with(|shared| shared.appl_ptr = shared.hw_ptr),
                _ => return (slot, Err(Errno::EBADFD)),
            }
            (slot, Ok(()))
        })
    }

    /// What a client that waits for it would be woken with now. Does not look at the hardware: the interrupt does. But a stream from which
    /// nothing was heard for its [patience](crate::HwParams::patience) is ready: whoever reads or writes then is told what it is.
    #[doc(alias = "snd_pcm_poll_descriptors_revents")]
    pub fn poll(&self) -> Readiness {
        let now = self.half.platform.now();
        let (ready, avail) = self.half.pcm.with(|shared: &mut Shared| {
            let silent = shared.run.is_some() && !shared.held && shared.stalled(now, Micros(u64::MAX)).is_some();
            (silent || shared.avail() >= shared.sw.avail_min, shared.avail())
        });
        let capture = D::DIRECTION == Direction::DevToMem;
        match self.state() {
            State::Prepared | State::Running | State::Paused => Readiness { ready, error: false },
            State::Draining => Readiness { ready: capture, error: capture && avail.0 == 0 },
            _ => Readiness { ready: true, error: true },
        }
    }
}
