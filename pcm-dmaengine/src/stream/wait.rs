//! Waiting for frames, and moving them by as many as there are: what reading and writing have in common.
//!
//! Who waits wakes when as many frames are available as are still wanted, or [`avail_min`](crate::SwParams::avail_min) if those are
//! fewer (Linux 6.12, sound/core/pcm_lib.c, `wait_for_avail`). Before that nobody is asked to wait: what is there is taken at once.

use dmaengine_core::{EngineCyclic, Micros, Sleepable};

use super::flow::Look;
use super::{Broken, Running, Way};
use crate::units::Frames;

/// The stream's own patience ends a wait on which nothing moves.
const FOREVER: Micros = Micros(u64::MAX);

impl<'a, E: EngineCyclic, D: Way> Running<'a, E, D> {
    /// Sleeps until so many frames are available, or as many as wake a client ([`avail_min`](crate::SwParams::avail_min)) if those
    /// are fewer, or `at_most` is over. Gives back the stream and how many are available then.
    ///
    /// With the `try_` forms of reading and writing, this is a read or a write with a time-out of your own.
    ///
    /// # Errors
    /// As for every other call that looks: [`Broken`]; [`Broken::Faulted`], too, if nothing moves for
    /// [`HwParams::patience`](crate::HwParams::patience), however long `at_most` is.
    ///
    /// ```
    /// use dmaengine_core::{EngineCyclic, Micros, Sleepable};
    /// use pcm_dmaengine::{Broken, Capture, Frames, Running};
    ///
    /// /// Reads what there is within 2 ms.
    /// fn read<'a, E: EngineCyclic>(
    ///     stream: Running<'a, E, Capture>, context: &Sleepable<'_>, out: &mut [u8],
    /// ) -> Result<(Running<'a, E, Capture>, Frames), Broken<'a, E, Capture>> {
    ///     let (stream, _avail) = stream.wait_for(context, Frames(32), Micros::from_millis(2))?;
    ///     stream.try_readi(out)
    /// }
    /// ```
    #[doc(alias = "snd_pcm_wait")]
    #[doc(alias = "wait_for_avail")]
    pub fn wait_for(
        self,
        context: &Sleepable<'_>,
        frames: Frames,
        at_most: Micros,
    ) -> Result<(Self, Frames), Broken<'a, E, D>> {
        let enough = frames.min(self.sw_params().avail_min);
        match self.settle(context, enough, at_most) {
            Look::Going(avail) => Ok((self, avail)),
            Look::Over(end) => Err(self.over(end)),
        }
    }

    /// Sleeps until so many frames are available, or the run is over, or dead, or `at_most` is over.
    fn settle(&self, context: &Sleepable<'_>, enough: Frames, at_most: Micros) -> Look {
        let (start, nap) = (self.flow.base.now(), self.params().time(self.params().period_size));
        loop {
            match self.flow.look() {
                Look::Going(avail) if avail < enough => {
                    let waited = self.flow.base.now() - start;
                    if waited >= at_most {
                        return Look::Going(avail);
                    }
                    context.sleep(nap.min(at_most - waited));
                }
                settled => return settled,
            }
        }
    }

    /// The most that can be moved at once: a stream that runs free may have more available than its ring holds.
    pub(super) fn in_ring(&self, avail: Frames) -> Frames {
        avail.min(self.params().buffer_size())
    }

    /// Moves frames by `step`, as many as are available and wanted, without waiting. `step` answers whether it did so.
    pub(super) fn at_once(
        self,
        wanted: Frames,
        step: impl FnOnce(&mut Self, Frames) -> bool,
    ) -> Result<(Self, Frames), Broken<'a, E, D>> {
        let mut this = self;
        let mut look = this.flow.look();
        if let Look::Going(avail) = look {
            let count = this.in_ring(avail).min(wanted);
            if count == Frames(0) || step(&mut this, count) {
                return Ok((this, count));
            }
            look = this.flow.look();
        }
        match look {
            Look::Going(_) => Ok((this, Frames(0))),
            Look::Over(end) => Err(this.over(end)),
        }
    }

    /// Moves `wanted` frames by `step`, as many at a time as are available, sleeping in between. `step` is told how many
    /// are done and how many to do, and answers whether it did them.
    pub(super) fn in_steps(
        self,
        context: &Sleepable<'_>,
        wanted: Frames,
        mut step: impl FnMut(&mut Self, Frames, Frames) -> bool,
    ) -> Result<(Self, Frames), Broken<'a, E, D>> {
        let mut this = self;
        let (mut done, wake) = (Frames(0), this.sw_params().avail_min);
        if wanted == Frames(0) {
            return Ok((this, done));
        }
        // What is there already needs no waiting for.
        let mut look = this.flow.look();
        if let Look::Going(Frames(0)) = look {
            look = this.settle(context, wake.min(wanted), FOREVER);
        }
        loop {
            match look {
                Look::Going(avail) => {
                    let count = this.in_ring(avail).min(wanted - done);
                    if step(&mut this, done, count) {
                        done += count;
                    }
                }
                Look::Over(end) if done == Frames(0) => return Err(this.over(end)),
                Look::Over(_) => return Ok((this, done)),
            }
            if done == wanted {
                return Ok((this, done));
            }
            look = this.settle(context, wake.min(wanted - done), FOREVER);
        }
    }
}
