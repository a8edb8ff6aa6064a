//! Parameters, and `prepare`: what is done while nothing moves, and first waits until that is true.

use dmaengine_core::{Direction, EngineCyclic, Sleepable};

use super::slot::Slot;
use super::{DynPcm, Errno};
use crate::stream::Way;
use crate::sw_params::SwParams;
use crate::units::HwParams;

impl<E: EngineCyclic, D: Way> DynPcm<'_, E, D> {
    /// Sets the parameters, and those that come with them: [`SwParams::new`].
    ///
    /// # Errors
    /// [`EBADFD`](Errno::EBADFD); with the stream `OPEN` then, [`EINVAL`](Errno::EINVAL) if the parameters make no
    /// sense, and [`ENOMEM`](Errno::ENOMEM) if they need more memory than there is.
    #[doc(alias = "snd_pcm_hw_params")]
    #[doc(alias = "SNDRV_PCM_IOCTL_HW_PARAMS")]
    pub fn hw_params(&mut self, context: &Sleepable<'_>, params: HwParams) -> Result<(), Errno> {
        self.operate(|this, slot| {
            let open = match slot {
                Slot::Open(open) => open,
                slot => match slot.settle(context) {
                    Ok(setup) => {
                        let (open, ring) = setup.hw_free();
                        this.memory = Some(ring);
                        open
                    }
                    Err((slot, errno)) => return (slot, Err(errno)),
                },
            };
            let ring = this.memory.take().unwrap_or_default();
            match open.hw_params(params, ring) {
                Ok(setup) => (Slot::Setup(setup), Ok(())),
                Err(kept) => {
                    let (open, ring) = kept.value;
                    this.memory = Some(ring);
                    (Slot::Open(open), Err(kept.error.into()))
                }
            }
        })
    }

    /// Forgets the parameters.
    ///
    /// # Errors
    /// [`EBADFD`](Errno::EBADFD).
    #[doc(alias = "snd_pcm_hw_free")]
    #[doc(alias = "SNDRV_PCM_IOCTL_HW_FREE")]
    pub fn hw_free(&mut self, context: &Sleepable<'_>) -> Result<(), Errno> {
        self.operate(|this, slot| match slot.settle(context) {
            Ok(setup) => {
                let (open, ring) = setup.hw_free();
                this.memory = Some(ring);
                (Slot::Open(open), Ok(()))
            }
            Err((slot, errno)) => (slot, Err(errno)),
        })
    }

    /// Sets the software parameters. On a running stream they may find an XRUN at once, or that everything was played.
    ///
    /// # Errors
    /// [`EBADFD`](Errno::EBADFD), [`EINVAL`](Errno::EINVAL); [`EPIPE`](Errno::EPIPE) with the stream no longer running.
    #[doc(alias = "snd_pcm_sw_params")]
    #[doc(alias = "SNDRV_PCM_IOCTL_SW_PARAMS")]
    pub fn sw_params(&mut self, sw: SwParams) -> Result<(), Errno> {
        self.operate(|_, mut slot| {
            let set = match &mut slot {
                Slot::Open(_) | Slot::Disconnected(_) | Slot::Taken => return (slot, Err(Errno::EBADFD)),
                Slot::Setup(setup) => setup.set_sw_params(sw),
                Slot::Stopped(stopped) => stopped.set_sw_params(sw),
                Slot::Prepared(prepared) => prepared.set_sw_params(sw),
                Slot::Running(running) => running.set_sw_params(sw),
                Slot::Draining(rest) => rest.set_sw_params(sw),
                Slot::Paused(paused) => paused.set_sw_params(sw),
                Slot::Suspended(suspended, _) => suspended.set_sw_params(sw),
                Slot::Xrun(xrun) => xrun.set_sw_params(sw),
                Slot::Faulted(faulted, _) => faulted.set_sw_params(sw),
            };
            match set {
                Ok(()) => slot.looked(),
                Err(error) => (slot, Err(error.into())),
            }
        })
    }

    /// Prepares it to start, from the beginning: sleeps until an old run has stopped, by the stream's
    /// [`Recovery`](crate::Recovery).
    ///
    /// # Errors
    /// [`EBADFD`](Errno::EBADFD); [`EBUSY`](Errno::EBUSY) if it runs; [`EIO`](Errno::EIO) if not even a reset stops its
    /// engine.
    #[doc(alias = "snd_pcm_prepare")]
    #[doc(alias = "SNDRV_PCM_IOCTL_PREPARE")]
    pub fn prepare(&mut self, context: &Sleepable<'_>) -> Result<(), Errno> {
        self.operate(|_, slot| {
            let recovered = match slot {
                Slot::Open(_) | Slot::Disconnected(_) | Slot::Taken => return (slot, Err(Errno::EBADFD)),
                Slot::Running(_) => return (slot, Err(Errno::EBUSY)),
                Slot::Draining(_) if D::DIRECTION == Direction::MemToDev => return (slot, Err(Errno::EBUSY)),
                Slot::Draining(rest) => rest.stop().recover(context),
                Slot::Setup(setup) => return (Slot::Prepared(setup.prepare()), Ok(())),
                Slot::Prepared(prepared) => return (Slot::Prepared(prepared.prepare()), Ok(())),
                Slot::Stopped(stopped) => stopped.recover(context),
                Slot::Paused(paused) => paused.stop().recover(context),
                Slot::Suspended(suspended, _) => suspended.stop().recover(context),
                Slot::Xrun(xrun) => xrun.recover(context),
                Slot::Faulted(faulted, _) => faulted.recover(context),
            };
            match recovered {
                Ok((prepared, _lost)) => (Slot::Prepared(prepared), Ok(())),
                Err(faulted) => (Slot::Faulted(faulted, true), Err(Errno::EIO)),
            }
        })
    }
}
