//! Reading and writing. They start a prepared stream by its start threshold.

use dmaengine_core::{EngineCyclic, Sleepable};

use super::slot::Slot;
use super::{DynPcm, Errno};
use crate::stream::{Broken, Capture, Playback, Remainder, Running, Way};
use crate::units::Frames;

impl<E: EngineCyclic> DynPcm<'_, E, Capture> {
    /// Reads whole frames and sleeps until all are there, unless it [must not](DynPcm::set_nonblock); interleaved. Gives back how many: fewer if
    /// the run ends on the way, which the next call then tells.
    ///
    /// # Errors
    /// [`EBADFD`](Errno::EBADFD), [`EPIPE`](Errno::EPIPE) after an XRUN, [`ESTRPIPE`](Errno::ESTRPIPE); [`EAGAIN`](Errno::EAGAIN) if there is nothing and it
    /// must not wait, or is paused; [`EIO`](Errno::EIO) if nothing moves, with the stream in XRUN; what a [start](DynPcm::start) says.
    #[doc(alias = "snd_pcm_readi")]
    #[doc(alias = "SNDRV_PCM_IOCTL_READI_FRAMES")]
    pub fn readi(&mut self, context: &Sleepable<'_>, out: &mut [u8]) -> Result<Frames, Errno> {
        self.transfer(out.len(), |this, slot, wanted| {
            let running = match slot {
                Slot::Prepared(prepared) if wanted < prepared.sw_params().start_threshold => {
                    return (Slot::Prepared(prepared), Ok(Frames(0)));
                }
                Slot::Prepared(prepared) => match Slot::start(prepared, context) {
                    (Slot::Running(running), Ok(())) => running,
                    (slot, started) => return (slot, started.map(|()| Frames(0))),
                },
                Slot::Running(running) => running,
                Slot::Paused(mut paused) => {
                    let read = paused.readi(out);
                    return (Slot::Paused(paused), some(read));
                }
                Slot::Draining(Remainder::Leftover(mut rest, way)) => {
                    let read = rest.take(out);
                    let rest = Remainder::Leftover(rest, way).try_finish();
                    return (Slot::rested(rest).0, Ok(read));
                }
                other => return other.refused(),
            };
            this.without_waiting(running, out.len(), |running, bytes| running.readi(context, &mut out[..bytes]))
        })
    }
}

impl<E: EngineCyclic> DynPcm<'_, E, Playback> {
    /// Writes whole frames and sleeps until all are in the ring, unless it [must not](DynPcm::set_nonblock); interleaved. Gives back how many:
    /// fewer if the run ends on the way, which the next call then tells.
    ///
    /// # Errors
    /// As [`readi`](DynPcm::readi); [`EIO`](Errno::EIO), too, if the ring is full and nothing will start the stream.
    #[doc(alias = "snd_pcm_writei")]
    #[doc(alias = "SNDRV_PCM_IOCTL_WRITEI_FRAMES")]
    pub fn writei(&mut self, context: &Sleepable<'_>, frames: &[u8]) -> Result<Frames, Errno> {
        self.transfer(frames.len(), |this, slot, wanted| {
            let (running, written) = match slot {
                Slot::Prepared(mut prepared) => {
                    let written = prepared.writei(frames);
                    if prepared.appl_ptr() < prepared.sw_params().start_threshold {
                        let full = if this.nonblock { Errno::EAGAIN } else { Errno::EIO };
                        let answer = some(written).map_err(|_| full);
                        return (Slot::Prepared(prepared), answer);
                    }
                    match Slot::start(prepared, context) {
                        (Slot::Running(running), Ok(())) if written < wanted => (running, written),
                        (slot, Err(errno)) if written.0 == 0 => return (slot, Err(errno)),
                        (slot, _) => return (slot, Ok(written)),
                    }
                }
                Slot::Running(running) => (running, Frames(0)),
                Slot::Paused(mut paused) => {
                    let written = paused.writei(frames);
                    return (Slot::Paused(paused), some(written));
                }
                other => return other.refused(),
            };
            let rest = &frames[frames.len() * written.0 as usize / wanted.0 as usize..];
            let (slot, more) =
                this.without_waiting(running, rest.len(), |running, bytes| running.writei(context, &rest[..bytes]));
            // What was taken before counts; why there is no more, the next call tells.
            let answer = if written.0 > 0 { Ok(written + more.unwrap_or_default()) } else { more };
            (slot, answer)
        })
    }
}

impl<'a, E: EngineCyclic, D: Way> DynPcm<'a, E, D> {
    /// Whole frames in so many bytes; none without parameters.
    fn frames(&self, bytes: usize) -> Frames {
        let frame = self.half.pcm.with(|shared| shared.params.frame_bytes());
        Frames(bytes as u64 / u64::from(frame))
    }

    /// Moves frames by `f`, unless none are asked for.
    fn transfer(
        &mut self,
        bytes: usize,
        f: impl FnOnce(&mut Self, Slot<'a, E, D>, Frames) -> (Slot<'a, E, D>, Result<Frames, Errno>),
    ) -> Result<Frames, Errno> {
        self.operate(|this, slot| match (slot, this.frames(bytes)) {
            (Slot::Open(open), _) => (Slot::Open(open), Err(Errno::EBADFD)),
            (slot, Frames(0)) => (slot, Ok(Frames(0))),
            (slot, wanted) => f(this, slot, wanted),
        })
    }

    /// Moves so many bytes' frames by `f`, or, if it must not wait, as many as it can at once.
    fn without_waiting(
        &self,
        running: Running<'a, E, D>,
        bytes: usize,
        f: impl FnOnce(Running<'a, E, D>, usize) -> Moved<'a, E, D>,
    ) -> (Slot<'a, E, D>, Result<Frames, Errno>) {
        let (running, bytes) = match (self.nonblock, running) {
            (false, running) => (running, bytes),
            (true, running) => match running.hwsync() {
                Err(broken) => return Slot::answered(broken),
                Ok(running) if running.avail().0 == 0 => return (Slot::Running(running), Err(Errno::EAGAIN)),
                Ok(running) => {
                    let room = running.avail().0 * u64::from(running.params().frame_bytes());
                    (running, bytes.min(usize::try_from(room).unwrap_or(usize::MAX)))
                }
            },
        };
        match f(running, bytes) {
            Ok((running, moved)) => (Slot::Running(running), Ok(moved)),
            Err(broken) => Slot::answered(broken),
        }
    }
}

type Moved<'a, E, D> = Result<(Running<'a, E, D>, Frames), Broken<'a, E, D>>;

/// Nobody can let a paused or prepared stream go on while it is waited for: the caller has it.
fn some(moved: Frames) -> Result<Frames, Errno> {
    if moved.0 == 0 { Err(Errno::EAGAIN) } else { Ok(moved) }
}
