//! Reading and writing. They start a prepared stream by its start threshold.

use dmaengine_core::{EngineCyclic, Sleepable};

use super::slot::Slot;
use super::{DynPcm, Errno};
use crate::stream::samples::{Channels, Interleaved, Sink, Source};
use crate::stream::{Broken, Capture, Playback, Remainder, Running, Way};
use crate::units::Frames;

impl<E: EngineCyclic> DynPcm<'_, E, Capture> {
    /// Reads whole frames and sleeps until all are there, unless it [must not](DynPcm::set_nonblock); interleaved.
    /// Gives back how many: fewer if the run ends on the way, which the next call then tells.
    ///
    /// # Errors
    /// [`EBADFD`](Errno::EBADFD), [`EPIPE`](Errno::EPIPE) after an XRUN, [`ESTRPIPE`](Errno::ESTRPIPE);
    /// [`EAGAIN`](Errno::EAGAIN) if there is nothing and it must not wait, or is paused; [`EIO`](Errno::EIO) if nothing
    /// moves, with the stream in XRUN; what a [start](DynPcm::start) says.
    #[doc(alias = "snd_pcm_readi")]
    #[doc(alias = "SNDRV_PCM_IOCTL_READI_FRAMES")]
    pub fn readi(&mut self, context: &Sleepable<'_>, out: &mut [u8]) -> Result<Frames, Errno> {
        let mut sink = Interleaved::new(out, &self.half.pcm.with(|shared| shared.params));
        let frames = sink.frames();
        self.read(context, Ok((&mut sink, frames)))
    }

    /// As [`readi`](Self::readi), with a slice for each channel, all of one length.
    ///
    /// # Errors
    /// As [`readi`](Self::readi); [`EINVAL`](Errno::EINVAL) if there are not as many slices as channels, or if they differ in length.
    #[doc(alias = "snd_pcm_readn")]
    #[doc(alias = "SNDRV_PCM_IOCTL_READN_FRAMES")]
    pub fn readn<S: AsMut<[u8]>>(&mut self, context: &Sleepable<'_>, out: &mut [S]) -> Result<Frames, Errno> {
        match Channels::to_read(out, &self.half.pcm.with(|shared| shared.params)) {
            Ok(mut sink) => {
                let frames = sink.frames();
                self.read(context, Ok((&mut sink, frames)))
            }
            Err(_) => self.read(context, Err::<(&mut Interleaved<&mut [u8]>, _), _>(Errno::EINVAL)),
        }
    }

    fn read(
        &mut self,
        context: &Sleepable<'_>,
        into: Result<(&mut impl Sink, Frames), Errno>,
    ) -> Result<Frames, Errno> {
        self.transfer(into, |this, slot, (sink, wanted)| {
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
                    let read = paused.take(sink, wanted);
                    return (Slot::Paused(paused), some(read));
                }
                Slot::Draining(Remainder::Leftover(mut rest, way)) => {
                    let mut read = rest.take_into(sink, wanted);
                    // The oldest frames are not known to be whole before the engine has stopped.
                    if read.0 == 0 && rest.avail().0 > 0 && !this.nonblock {
                        rest = match rest.synchronize(context) {
                            Ok(rest) => rest,
                            Err(kept) => {
                                return (Slot::Draining(Remainder::Leftover(kept.value, way)), Err(Errno::EIO));
                            }
                        };
                        read = rest.take_into(sink, wanted);
                    }
                    let answer = if rest.avail().0 > 0 { some(read) } else { Ok(read) };
                    return (Slot::rested(Remainder::Leftover(rest, way).try_finish()).0, answer);
                }
                other => return other.refused(),
            };
            Self::moved(running.read_into((!this.nonblock).then_some(context), sink, wanted))
        })
    }
}

impl<E: EngineCyclic> DynPcm<'_, E, Playback> {
    /// Writes whole frames and sleeps until all are in the ring, unless it [must not](DynPcm::set_nonblock);
    /// interleaved. Gives back how many: fewer if the run ends on the way, which the next call then tells.
    ///
    /// # Errors
    /// As [`readi`](DynPcm::readi); [`EIO`](Errno::EIO), too, if the ring is full and nothing will start the stream.
    #[doc(alias = "snd_pcm_writei")]
    #[doc(alias = "SNDRV_PCM_IOCTL_WRITEI_FRAMES")]
    pub fn writei(&mut self, context: &Sleepable<'_>, frames: &[u8]) -> Result<Frames, Errno> {
        let source = Interleaved::new(frames, &self.half.pcm.with(|shared| shared.params));
        self.write(context, Ok((&source, source.frames())))
    }

    /// As [`writei`](Self::writei), with a slice for each channel, all of one length.
    ///
    /// # Errors
    /// As [`writei`](Self::writei); [`EINVAL`](Errno::EINVAL) if there are not as many slices as channels, or if they differ in length.
    #[doc(alias = "snd_pcm_writen")]
    #[doc(alias = "SNDRV_PCM_IOCTL_WRITEN_FRAMES")]
    pub fn writen<S: AsRef<[u8]>>(&mut self, context: &Sleepable<'_>, channels: &[S]) -> Result<Frames, Errno> {
        match Channels::to_write(channels, &self.half.pcm.with(|shared| shared.params)) {
            Ok(source) => self.write(context, Ok((&source, source.frames()))),
            Err(_) => self.write(context, Err::<(&Interleaved<&[u8]>, _), _>(Errno::EINVAL)),
        }
    }

    fn write(&mut self, context: &Sleepable<'_>, from: Result<(&impl Source, Frames), Errno>) -> Result<Frames, Errno> {
        self.transfer(from, |this, slot, (source, wanted)| {
            let (running, written) = match slot {
                Slot::Prepared(mut prepared) => {
                    let written = prepared.put(source, wanted);
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
                    let written = paused.put(source, wanted);
                    return (Slot::Paused(paused), some(written));
                }
                other => return other.refused(),
            };
            let context = (!this.nonblock).then_some(context);
            let (slot, more) = Self::moved(running.write_from(context, source, written, wanted - written));
            // What was taken before counts; why there is no more, the next call tells.
            let answer = if written.0 > 0 { Ok(written + more.unwrap_or_default()) } else { more };
            (slot, answer)
        })
    }
}

impl<'a, E: EngineCyclic, D: Way> DynPcm<'a, E, D> {
    /// Whole frames in so many bytes; bytes, without parameters.
    pub(super) fn frames(&self, bytes: usize) -> Frames {
        let frame = self.half.pcm.with(|shared| shared.params.frame_bytes());
        Frames(bytes as u64 / u64::from(frame))
    }

    /// Moves frames by `f`, unless none are asked for. `what` is where they are to go, or come from, and how many; or why there is no
    /// such place.
    fn transfer<P>(
        &mut self,
        what: Result<(P, Frames), Errno>,
        f: impl FnOnce(&mut Self, Slot<'a, E, D>, (P, Frames)) -> (Slot<'a, E, D>, Result<Frames, Errno>),
    ) -> Result<Frames, Errno> {
        self.operate(|this, slot| match (slot, what) {
            (Slot::Open(open), _) => (Slot::Open(open), Err(Errno::EBADFD)),
            (slot, Err(errno)) => (slot, Err(errno)),
            (slot, Ok((_, Frames(0)))) => (slot, Ok(Frames(0))),
            (slot, Ok(what)) => f(this, slot, what),
        })
    }

    /// What a transfer on a running stream has come to.
    fn moved(moved: Moved<'a, E, D>) -> (Slot<'a, E, D>, Result<Frames, Errno>) {
        match moved {
            // Whoever waits gets at least one.
            Ok((running, moved)) => (Slot::Running(running), some(moved)),
            Err(broken) => Slot::answered(broken),
        }
    }
}

type Moved<'a, E, D> = Result<(Running<'a, E, D>, Frames), Broken<'a, E, D>>;

/// Nothing was moved, and nobody waited for it: it must not, or, where nothing runs, nobody could let the stream go on meanwhile, since the
/// caller has it.
fn some(moved: Frames) -> Result<Frames, Errno> {
    if moved.0 == 0 { Err(Errno::EAGAIN) } else { Ok(moved) }
}
