//! [`Draining`]: ALSA's DRAINING of a playback, which plays the rest. That of a capture is [`Leftover`](super::Leftover).

use core::fmt;

use dmaengine_core::{Engine, EngineCyclic, Sleepable};

use super::flow::{Flow, Look};
use super::{Broken, Playback, Running, Stopped};
use crate::pcm::End;
use crate::units::Frames;

/// A playback that plays what was written, and then stops by itself. Behind the last frame the engine finds silence for as long as it takes
/// to stop; the interrupt sees to that, whether anybody looks or not.
#[must_use = "dropped, it stops, and its ring leaks"]
#[doc(alias = "SNDRV_PCM_STATE_DRAINING")]
pub struct Draining<'a, E: Engine> {
    pub(super) running: Running<'a, E, Playback>,
}

impl<'a, E: EngineCyclic> Draining<'a, E> {
    pub(super) fn new(running: Running<'a, E, Playback>) -> Self {
        running.flow.with(|shared| {
            shared.draining = true;
            // What it had begun to write and did not count is not played.
            shared.claim(Frames(0));
        });
        Self { running }
    }

    /// Where it stands.
    pub(super) fn look(&self) -> Look {
        self.running.flow.look()
    }

    /// Sleeps until everything was played.
    ///
    /// # Errors
    /// [`Broken::Faulted`] if nothing moved for [`HwParams::patience`](crate::HwParams::patience), or the engine failed; [`Broken::Xrun`] if the peripheral or a linked stream
    /// had one.
    #[doc(alias = "snd_pcm_drain")]
    pub fn finish(self, context: &Sleepable<'_>) -> Result<Stopped<'a, E, Playback>, Broken<'a, E, Playback>> {
        let this = self;
        let nap = this.params().time(this.params().period_size);
        loop {
            match this.look() {
                Look::Going(_) => context.sleep(nap),
                Look::Over(end) => return this.over(end),
            }
        }
    }

    /// Stopped, if everything was played; else as it was, in `Ok(Err(..))`. Any context; does not wait.
    ///
    /// # Errors
    /// As for [`finish`](Self::finish).
    pub fn try_finish(self) -> Result<Result<Stopped<'a, E, Playback>, Self>, Broken<'a, E, Playback>> {
        match self.look() {
            Look::Going(_) => Ok(Err(self)),
            Look::Over(end) => self.over(end).map(Ok),
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
