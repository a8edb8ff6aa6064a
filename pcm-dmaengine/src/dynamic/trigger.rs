//! Starts and stops: what the peripheral and the engine are told.

use core::marker::PhantomData;

use dmaengine_core::{EngineCyclic, Sleepable};

use super::slot::Slot;
use super::{DynPcm, Errno, State};
use crate::stream::{PauseFailed, ReleaseFailed, Remainder, Resumed, Way};

impl<'a, E: EngineCyclic, D: Way> DynPcm<'a, E, D> {
    /// Starts it. If that has to be taken back, sleeps until it has stopped again.
    ///
    /// # Errors
    /// [`EBADFD`](Errno::EBADFD); [`EPIPE`](Errno::EPIPE) if there is nothing to play, or, with the stream in XRUN, if
    /// the peripheral had one at once; [`ENOMEM`](Errno::ENOMEM) if the engine refuses; what the peripheral's driver
    /// says.
    #[doc(alias = "snd_pcm_start")]
    #[doc(alias = "SNDRV_PCM_IOCTL_START")]
    pub fn start(&mut self, context: &Sleepable<'_>) -> Result<(), Errno> {
        self.operate(|_, slot| match slot {
            Slot::Prepared(prepared) => Slot::start(prepared, context),
            slot => (slot, Err(Errno::EBADFD)),
        })
    }

    /// Pauses, or goes on.
    ///
    /// # Errors
    /// [`ENOSYS`](Errno::ENOSYS) without [`with_pause`](Self::with_pause); [`EBADFD`](Errno::EBADFD);
    /// [`EIO`](Errno::EIO) if the engine refuses; what the peripheral's driver says. [`EPIPE`](Errno::EPIPE) if the
    /// stream was over.
    #[doc(alias = "snd_pcm_pause")]
    #[doc(alias = "SNDRV_PCM_IOCTL_PAUSE")]
    pub fn pause(&mut self, push: bool) -> Result<(), Errno> {
        self.operate(|this, slot| {
            let Some(ops) = this.pause else { return (slot, Err(Errno::ENOSYS)) };
            match (slot, push) {
                (Slot::Running(running), true) => match (ops.push)(running) {
                    Ok(paused) => (Slot::Paused(paused), Ok(())),
                    Err(PauseFailed::Refused(kept)) => (Slot::Running(kept.value), Err(kept.error.into())),
                    Err(PauseFailed::Broken(broken)) => Slot::answered(broken),
                },
                (Slot::Paused(paused), false) => match (ops.release)(paused) {
                    Ok(running) => (Slot::Running(running), Ok(())),
                    Err(ReleaseFailed::Refused(kept)) => (Slot::Paused(kept.value), Err(kept.error.into())),
                    Err(ReleaseFailed::Broken(broken)) => Slot::answered(broken),
                },
                (slot, _) => (slot, Err(Errno::EBADFD)),
            }
        })
    }

    /// The system goes to sleep. The card's driver calls it, not the client.
    ///
    /// # Errors
    /// [`EBUSY`](Errno::EBUSY) where there is nothing to suspend; nobody minds.
    #[doc(alias = "snd_pcm_suspend")]
    pub fn suspend(&mut self) -> Result<(), Errno> {
        if self.state() == State::Disconnected {
            return Err(Errno::EBUSY);
        }
        self.operate(|this, slot| {
            let was = slot.state();
            let suspended = match (slot, this.pause) {
                (Slot::Prepared(prepared), _) => prepared.suspend(),
                (Slot::Xrun(xrun), _) => xrun.suspend(),
                (Slot::Paused(paused), _) => paused.suspend(),
                (Slot::Running(running), None) => running.suspend(),
                (Slot::Draining(rest), None) => rest.suspend(),
                (Slot::Draining(rest), Some(ops)) => (ops.suspend_rest)(rest),
                (Slot::Running(running), Some(ops)) => match (ops.suspend)(running) {
                    Ok(suspended) => suspended,
                    Err(broken) => match Slot::broken(broken).0 {
                        Slot::Xrun(xrun) => return (Slot::Suspended(xrun.suspend(), State::Xrun), Ok(())),
                        slot => return (slot, Err(Errno::EBUSY)),
                    },
                },
                (slot, _) => return (slot, Err(Errno::EBUSY)),
            };
            (Slot::Suspended(suspended, was), Ok(()))
        })
    }

    /// The system is back: the stream is what it was.
    ///
    /// # Errors
    /// [`EBADFD`](Errno::EBADFD); [`ENOSYS`](Errno::ENOSYS) if its engine cannot go on: prepare it. [`EIO`](Errno::EIO)
    /// if it does not.
    #[doc(alias = "snd_pcm_resume")]
    #[doc(alias = "SNDRV_PCM_IOCTL_RESUME")]
    pub fn resume(&mut self) -> Result<(), Errno> {
        self.operate(|this, slot| {
            let (suspended, was) = match (slot, this.pause) {
                (Slot::Suspended(suspended, was), Some(_)) => (suspended, was),
                (slot @ Slot::Suspended(..), None) => return (slot, Err(Errno::ENOSYS)),
                (slot, _) => return (slot, Err(Errno::EBADFD)),
            };
            match suspended.resume() {
                Ok(resumed) => (Slot::resumed(resumed), Ok(())),
                Err(kept) => (Slot::Suspended(kept.value, was), Err(kept.error.into())),
            }
        })
    }

    /// Has an XRUN, as if the client had been too late.
    ///
    /// # Errors
    /// [`EBADFD`](Errno::EBADFD).
    #[doc(alias = "SNDRV_PCM_IOCTL_XRUN")]
    pub fn xrun(&mut self) -> Result<(), Errno> {
        self.operate(|_, slot| match slot {
            Slot::Running(running) => (Slot::broken(running.xrun()).0, Ok(())),
            slot @ (Slot::Xrun(_) | Slot::Faulted(..)) => (slot, Ok(())),
            slot => (slot, Err(Errno::EBADFD)),
        })
    }

    /// Stops at once, and drops what is in the ring. Does not wait for the stop, what comes next does; only a
    /// dead stream is waited for, and reset.
    ///
    /// # Errors
    /// [`EBADFD`](Errno::EBADFD); [`EIO`](Errno::EIO) if not even a reset stops its engine.
    #[doc(alias = "snd_pcm_drop")]
    #[doc(alias = "SNDRV_PCM_IOCTL_DROP")]
    pub fn drop_frames(&mut self, context: &Sleepable<'_>) -> Result<(), Errno> {
        self.operate(|_, slot| match slot {
            Slot::Open(_) => (slot, Err(Errno::EBADFD)),
            Slot::Faulted(faulted, _) => Slot::reset(faulted, context),
            slot => (slot.stop().unwrap_or_else(|quiet| quiet), Ok(())),
        })
    }

    /// The device is gone: stops the stream, whatever it does, and from then on it can only be closed. The interrupt
    /// has the [same](crate::PeriodHalf::disconnect).
    #[doc(alias = "snd_pcm_dev_disconnect")]
    pub fn disconnect(&mut self) {
        self.half.disconnect();
    }
}

impl<'a, E: EngineCyclic, D: Way> Slot<'a, E, D> {
    fn resumed(resumed: Resumed<'a, E, D>) -> Self {
        match resumed {
            Resumed::Prepared(prepared) => Self::Prepared(prepared),
            Resumed::Running(running) => Self::Running(running),
            Resumed::Draining(rest) => Self::Draining(Remainder::Draining(rest)),
            Resumed::Leftover(rest) => Self::Draining(Remainder::Leftover(rest, PhantomData)),
            Resumed::Xrun(xrun) => Self::Xrun(xrun),
            Resumed::Paused(paused) => Self::Paused(paused),
        }
    }
}
