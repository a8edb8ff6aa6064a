//! [`Draining`]: ALSA's DRAINING of a playback, which plays the rest. That of a capture is [`Leftover`](super::Leftover).

use core::fmt;

use dmaengine_core::{Engine, EngineCyclic, Sleepable};

use super::flow::{Flow, Look};
use super::{Broken, Playback, Running, Stopped};
use crate::pcm::End;
use crate::units::Frames;

/// A playback that plays what was written, and then stops by itself.
#[must_use = "dropped, it stops, and its ring leaks"]
#[doc(alias = "SNDRV_PCM_STATE_DRAINING")]
pub struct Draining<'a, E: Engine> {
    pub(super) running: Running<'a, E, Playback>,
    /// Frames behind the last one that was written which are silence already; and where that was, for the client may go back.
    hushed: Frames,
    end: Frames,
}

impl<'a, E: EngineCyclic> Draining<'a, E> {
    pub(super) fn new(running: Running<'a, E, Playback>) -> Self {
        running.flow.with(|shared| shared.draining = true);
        let end = running.appl_ptr();
        Self { running, hushed: Frames(0), end }
    }

    /// Where it stands. Behind the last frame the engine must find silence, as long as it takes to stop.
    pub(super) fn look(&mut self) -> Look {
        let look = self.running.flow.look();
        if let Look::Going(room) = look {
            let end = core::mem::replace(&mut self.end, self.running.appl_ptr());
            if self.end != end {
                self.hushed = Frames(0);
            }
            self.running.flow.hush(self.hushed, room);
            self.hushed = self.hushed.max(room);
        }
        look
    }

    /// Sleeps until everything was played.
    ///
    /// # Errors
    /// [`Broken::Faulted`] if nothing moved for [`HwParams::patience`](crate::HwParams::patience), or the engine failed; [`Broken::Xrun`] if the peripheral or a linked stream
    /// had one.
    #[doc(alias = "snd_pcm_drain")]
    pub fn finish(self, context: &Sleepable<'_>) -> Result<Stopped<'a, E, Playback>, Broken<'a, E, Playback>> {
        let mut this = self;
        let nap = this.params().time(this.params().period_size);
        loop {
            match this.look() {
                Look::Going(_) => context.sleep(nap),
                Look::Over(end) => return this.over(end),
            }
        }
    }

    /// Stopped, if everything was played; else as it was, in `Ok(Err(..))`. Any context; does not wait. Called now and then, it keeps silence behind
    /// the last frame.
    ///
    /// # Errors
    /// As for [`finish`](Self::finish).
    pub fn try_finish(self) -> Result<Result<Stopped<'a, E, Playback>, Self>, Broken<'a, E, Playback>> {
        let mut this = self;
        match this.look() {
            Look::Going(_) => Ok(Err(this)),
            Look::Over(end) => this.over(end).map(Ok),
        }
    }

    fn over(self, end: End) -> Result<Stopped<'a, E, Playback>, Broken<'a, E, Playback>> {
        match end {
            End::Drained => Ok(Stopped::new(self.running.halt())),
            end => Err(self.running.over(end)),
        }
    }

    /// Stops at once, and drops what was not played. Any context; does not wait: the stop is under way.
    #[doc(alias = "snd_pcm_drop")]
    pub fn stop(self) -> Stopped<'a, E, Playback> {
        self.running.stop()
    }
}

impl<E: Engine> fmt::Debug for Draining<'_, E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Draining MemToDev stream")
    }
}

impl<'a, E: EngineCyclic> Flow<'a, E> {
    /// Whether it plays the rest.
    pub(super) fn is_draining(&self) -> bool {
        self.with(|shared| shared.draining)
    }
}
