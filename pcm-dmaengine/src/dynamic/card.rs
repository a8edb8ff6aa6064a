//! [`Card`]: several streams, of which some are linked: what one is told, all of its group do.
//!
//! As in ALSA an operation on a linked stream has three steps: every member is asked whether it could, then every
//! member does it, and if one fails, those that did are taken back. Unlike there, they do it one after the other, each
//! under its own lock, and an XRUN of one is an XRUN of those that run: a member that was not started stays as it is.

use dmaengine_core::{EngineCyclic, Sleepable};

use super::{DynPcm, Errno, State};
use crate::link::Link;
use crate::stream::{Capture, Playback};
use crate::units::Frames;

/// A stream of either way.
#[derive(Debug)]
pub enum AnyPcm<'a, E: EngineCyclic> {
    /// From the device to the client.
    Capture(DynPcm<'a, E, Capture>),
    /// From the client to the device.
    Playback(DynPcm<'a, E, Playback>),
}

/// Calls the same of whichever it is.
macro_rules! either {
    ($any:expr, $pcm:ident => $call:expr) => {
        match $any {
            AnyPcm::Capture($pcm) => $call,
            AnyPcm::Playback($pcm) => $call,
        }
    };
}

impl<'a, E: EngineCyclic> From<DynPcm<'a, E, Capture>> for AnyPcm<'a, E> {
    fn from(pcm: DynPcm<'a, E, Capture>) -> Self {
        Self::Capture(pcm)
    }
}

impl<'a, E: EngineCyclic> From<DynPcm<'a, E, Playback>> for AnyPcm<'a, E> {
    fn from(pcm: DynPcm<'a, E, Playback>) -> Self {
        Self::Playback(pcm)
    }
}

impl<E: EngineCyclic> AnyPcm<'_, E> {
    /// Its state.
    pub fn state(&self) -> State {
        either!(self, pcm => pcm.state())
    }
}

/// Streams that may be linked. What has nothing to do with a link is asked of the [stream](Self::stream).
#[derive(Debug)]
#[doc(alias = "snd_card")]
pub struct Card<'a, E: EngineCyclic, const N: usize> {
    streams: [AnyPcm<'a, E>; N],
    link: Link<'a, E>,
}

impl<'a, E: EngineCyclic, const N: usize> Card<'a, E, N> {
    /// The streams, in the order of their interrupt halves in the list that `link` was made of. Each was opened
    /// [with it](crate::Open::with_link), so that the interrupt stops all of a group.
    pub fn new(streams: [AnyPcm<'a, E>; N], link: Link<'a, E>) -> Self {
        Self { streams, link }
    }

    /// A stream, for what is its own business.
    ///
    /// # Panics
    /// If there is no such stream. So it is with all that follow.
    pub fn stream(&mut self, at: usize) -> &mut AnyPcm<'a, E> {
        &mut self.streams[at]
    }

    /// The streams again.
    pub fn into_streams(self) -> [AnyPcm<'a, E>; N] {
        self.streams
    }

    /// From now on `other` does what `at` and its group do.
    ///
    /// # Errors
    /// [`EINVAL`](Errno::EINVAL) of a stream with itself; [`EBADFD`](Errno::EBADFD) unless both are in the same state,
    /// and not in `OPEN`; [`EALREADY`](Errno::EALREADY) if `other` is linked.
    #[doc(alias = "snd_pcm_link")]
    #[doc(alias = "SNDRV_PCM_IOCTL_LINK")]
    pub fn link(&self, at: usize, other: usize) -> Result<(), Errno> {
        let (state, others) = (self.streams[at].state(), self.streams[other].state());
        match state {
            State::Disconnected => Err(Errno::EBADFD),
            _ if at == other => Err(Errno::EINVAL),
            State::Open => Err(Errno::EBADFD),
            state if state != others => Err(Errno::EBADFD),
            _ => Ok(self.link.link(other, at)?),
        }
    }

    /// From now on it is on its own.
    ///
    /// # Errors
    /// [`EALREADY`](Errno::EALREADY) if it is; [`EBADFD`](Errno::EBADFD) once its device is gone.
    #[doc(alias = "snd_pcm_unlink")]
    #[doc(alias = "SNDRV_PCM_IOCTL_UNLINK")]
    pub fn unlink(&self, at: usize) -> Result<(), Errno> {
        match self.streams[at].state() {
            State::Disconnected => Err(Errno::EBADFD),
            _ => Ok(self.link.unlink(at)?),
        }
    }

    /// Asks every member of a group, then has every member do it. Those that did are taken back if one fails.
    fn all(
        &mut self,
        at: usize,
        could: impl Fn(&AnyPcm<'a, E>) -> Result<(), Errno>,
        mut does: impl FnMut(&mut AnyPcm<'a, E>) -> Result<(), Errno>,
        mut undo: impl FnMut(&mut AnyPcm<'a, E>),
    ) -> Result<(), Errno> {
        let link = self.link;
        let member = |other: &usize| at == *other || link.are_linked(at, *other);
        (0..N).filter(member).try_for_each(|other| could(&self.streams[other]))?;
        for other in (0..N).filter(member) {
            if let Err(errno) = does(&mut self.streams[other]) {
                (0..other).filter(member).for_each(|done| undo(&mut self.streams[done]));
                return Err(errno);
            }
        }
        Ok(())
    }

    /// Starts the group. If one refuses, all are PREPARED again, with what was written.
    ///
    /// # Errors
    /// As [`DynPcm::start`], of the first that refuses.
    #[doc(alias = "snd_pcm_start")]
    pub fn start(&mut self, at: usize, context: &Sleepable<'_>) -> Result<(), Errno> {
        self.all(
            at,
            |any| either!(any, pcm => pcm.could_start()),
            |any| either!(any, pcm => pcm.start(context)),
            |any| either!(any, pcm => pcm.undo_start(context)),
        )
    }

    /// Prepares the group.
    ///
    /// # Errors
    /// As [`DynPcm::prepare`].
    #[doc(alias = "snd_pcm_prepare")]
    pub fn prepare(&mut self, at: usize, context: &Sleepable<'_>) -> Result<(), Errno> {
        let could = |any: &AnyPcm<'a, E>| match (any, any.state()) {
            (_, State::Open | State::Disconnected) => Err(Errno::EBADFD),
            (_, State::Running) | (AnyPcm::Playback(_), State::Draining) => Err(Errno::EBUSY),
            _ => Ok(()),
        };
        self.all(at, could, |any| either!(any, pcm => pcm.prepare(context)), |_| ())
    }

    /// Stops the group at once.
    ///
    /// # Errors
    /// As [`DynPcm::drop_frames`].
    #[doc(alias = "snd_pcm_drop")]
    pub fn drop_frames(&mut self, at: usize, context: &Sleepable<'_>) -> Result<(), Errno> {
        let could = |any: &AnyPcm<'a, E>| match any.state() {
            State::Open | State::Disconnected => Err(Errno::EBADFD),
            _ => Ok(()),
        };
        self.all(at, could, |any| either!(any, pcm => pcm.drop_frames(context)), |_| ())
    }

    /// Pauses the group, or has it go on.
    ///
    /// # Errors
    /// As [`DynPcm::pause`].
    #[doc(alias = "snd_pcm_pause")]
    pub fn pause(&mut self, at: usize, push: bool) -> Result<(), Errno> {
        self.all(
            at,
            |any| either!(any, pcm => pcm.could_pause(push)),
            |any| either!(any, pcm => pcm.pause(push)),
            // One that does not go back says so with its state.
            |any| _ = either!(any, pcm => pcm.pause(!push)),
        )
    }

    /// The system is back: the group goes on.
    ///
    /// # Errors
    /// As [`DynPcm::resume`].
    #[doc(alias = "snd_pcm_resume")]
    pub fn resume(&mut self, at: usize) -> Result<(), Errno> {
        self.all(
            at,
            |any| either!(any, pcm => pcm.could_resume()),
            |any| either!(any, pcm => pcm.resume()),
            |any| _ = either!(any, pcm => pcm.suspend()),
        )
    }

    /// The system goes to sleep: all streams of the card do, linked or not.
    #[doc(alias = "snd_pcm_suspend_all")]
    pub fn suspend_all(&mut self) {
        // Those with nothing to suspend say EBUSY, and nobody minds.
        self.streams.iter_mut().for_each(|any| _ = either!(any, pcm => pcm.suspend()));
    }

    /// Drains the group: playback plays the rest, capture keeps it.
    ///
    /// # Errors
    /// As [`DynPcm::drain`].
    #[doc(alias = "snd_pcm_drain")]
    pub fn drain(&mut self, at: usize, context: &Sleepable<'_>) -> Result<(), Errno> {
        let nonblock = either!(&self.streams[at], pcm => pcm.nonblock);
        let could = |any: &AnyPcm<'a, E>| match any.state() {
            State::Open | State::Disconnected | State::Suspended => Err(Errno::EBADFD),
            _ => Ok(()),
        };
        self.all(at, could, |any| either!(any, pcm => pcm.begin_draining(context)), |_| ())?;
        if nonblock {
            return Err(Errno::EAGAIN);
        }
        let could = |_: &AnyPcm<'a, E>| Ok(());
        let wait = |any: &mut AnyPcm<'a, E>| match any {
            AnyPcm::Playback(pcm) if pcm.state() == State::Draining => pcm.drain(context),
            _ => Ok(()),
        };
        self.all(at, could, wait, |_| ())
    }

    /// As [`DynPcm::readi`]; by the start threshold, the group starts.
    ///
    /// # Errors
    /// As that; [`EINVAL`](Errno::EINVAL) of a playback.
    #[doc(alias = "snd_pcm_readi")]
    pub fn readi(&mut self, at: usize, context: &Sleepable<'_>, out: &mut [u8]) -> Result<Frames, Errno> {
        match &self.streams[at] {
            AnyPcm::Playback(_) => return Err(Errno::EINVAL),
            AnyPcm::Capture(pcm) if pcm.would_start(out.len()) => self.start(at, context)?,
            AnyPcm::Capture(_) => {}
        }
        let AnyPcm::Capture(pcm) = &mut self.streams[at] else { unreachable!("it was one above") };
        pcm.readi(context, out)
    }

    /// As [`DynPcm::writei`]; by the start threshold, the group starts.
    ///
    /// # Errors
    /// As that; [`EINVAL`](Errno::EINVAL) of a capture.
    #[doc(alias = "snd_pcm_writei")]
    pub fn writei(&mut self, at: usize, context: &Sleepable<'_>, frames: &[u8]) -> Result<Frames, Errno> {
        let AnyPcm::Playback(pcm) = &mut self.streams[at] else { return Err(Errno::EINVAL) };
        let (written, starts) = match pcm.write_ahead(frames) {
            None => return pcm.writei(context, frames),
            Some(ahead) => ahead,
        };
        let rest = pcm.behind(frames, written);
        if starts {
            match self.start(at, context) {
                Err(errno) if written.0 == 0 => return Err(errno),
                Err(_) => return Ok(written),
                Ok(()) => {}
            }
        }
        let AnyPcm::Playback(pcm) = &mut self.streams[at] else { unreachable!("it was one above") };
        match pcm.writei(context, rest) {
            Ok(more) => Ok(written + more),
            Err(errno) if written.0 == 0 => Err(errno),
            Err(_) => Ok(written),
        }
    }
}
