//! Waiting as a task: a stream that moves, or is over, wakes it.
//!
//! What wakes it is the interrupt half: the period event with which enough frames are available, an XRUN, the end of a drain, an engine
//! that failed, a stop by a [linked](crate::Link) stream, a [disconnect](crate::PeriodHalf::disconnect). A stream on which nothing moves
//! has no interrupts: that it is [dead](crate::HwParams::patience) is found when the task is polled, and wakes nobody. Put a timer of
//! your executor around the wait.
//!
//! One task at a time waits for a stream: the last who asked is woken.

use core::future::poll_fn;
use core::task::{Context, Poll};

use dmaengine_core::{Engine, EngineCyclic};

use super::flow::{Flow, Look};
use super::samples::Interleaved;
use super::{Capture, Draining, Playback, Running, Way};
use crate::pcm::Pcm;
use crate::units::Frames;

/// A wait. Given up, it takes its waker along.
struct Wait<'a, E: Engine>(&'a Pcm<E>);

impl<E: Engine> Drop for Wait<'_, E> {
    fn drop(&mut self) {
        self.0.waiter.forget();
    }
}

impl<'a, E: EngineCyclic> Flow<'a, E> {
    fn begin_wait(&self) -> Wait<'a, E> {
        Wait(self.base.half.pcm)
    }

    /// Where the stream stands, once so many frames are available or the run is over.
    fn poll_look(&self, context: &Context<'_>, enough: Frames) -> Poll<Look> {
        let waiter = &self.base.half.pcm.waiter;
        // First the waker, then the look: what happens in between wakes.
        waiter.wait(context.waker(), enough);
        match self.look() {
            Look::Going(avail) if avail < enough => Poll::Pending,
            settled => {
                waiter.forget();
                Poll::Ready(settled)
            }
        }
    }
}

impl<E: EngineCyclic, D: Way> Running<'_, E, D> {
    /// Ready when [`avail_min`](crate::SwParams::avail_min) frames are available, or the run is over, whatever ended it: the next call
    /// tells. Until then the task is woken when that may be so.
    ///
    /// The waker stays until something wakes it or the stream is stopped; [`ready`](Self::ready) takes it back if it is dropped.
    #[doc(alias = "poll")]
    pub fn poll_ready(&mut self, context: &mut Context<'_>) -> Poll<()> {
        self.flow.poll_look(context, self.sw_params().avail_min).map(|_| ())
    }

    /// As [`poll_ready`](Self::poll_ready), for a task. Dropped at any point, nothing is lost.
    ///
    /// ```
    /// use dmaengine_core::EngineCyclic;
    /// use pcm_dmaengine::{MoveFailed, Playback, Running};
    ///
    /// /// Plays the same on the left and on the right, until it can not.
    /// async fn mono<'a, E: EngineCyclic>(mut stream: Running<'a, E, Playback>, sound: &[u8]) -> MoveFailed<'a, E, Playback> {
    ///     let mut rest = sound;
    ///     loop {
    ///         stream.ready().await;
    ///         stream = match stream.try_writen(&[rest, rest]) {
    ///             Ok((stream, frames)) => {
    ///                 rest = &rest[frames.0 as usize * stream.params().format.bytes() as usize..];
    ///                 stream
    ///             }
    ///             Err(failed) => return failed,
    ///         };
    ///     }
    /// }
    /// ```
    #[doc(alias = "poll")]
    pub async fn ready(&mut self) {
        let _wait = self.flow.begin_wait();
        poll_fn(|context| self.poll_ready(context)).await;
    }

    /// Moves frames by `step`, once, as many as are available and wanted. None if the run is over.
    async fn at_once_ready(
        &mut self,
        wanted: Frames,
        mut step: impl FnMut(&mut Flow<'_, E>, Frames) -> bool,
    ) -> Option<Frames> {
        let enough = wanted.min(self.sw_params().avail_min);
        let _wait = self.flow.begin_wait();
        loop {
            let Look::Going(avail) = poll_fn(|context| self.flow.poll_look(context, enough)).await else {
                return None;
            };
            let count = self.in_ring(avail).min(wanted);
            if step(&mut self.flow, count) {
                return Some(count);
            }
        }
    }
}

impl<E: EngineCyclic> Running<'_, E, Capture> {
    /// Waits as [`ready`](Self::ready), at most for as many frames as fit into `out`, and reads what is there then; interleaved.
    ///
    /// Gives back how many frames were read: at least one, if one was asked for. `None` if the run is over: the next call tells how,
    /// [`hwsync`](Self::hwsync) say. Dropped at any point, nothing is lost: what it had read, it would have given back.
    ///
    /// ```
    /// use dmaengine_core::EngineCyclic;
    /// use pcm_dmaengine::{Broken, Capture, Running};
    ///
    /// async fn record<E: EngineCyclic>(mut stream: Running<'_, E, Capture>, mut keep: impl FnMut(&[u8])) -> Broken<'_, E, Capture> {
    ///     let mut samples = [0; 1_024];
    ///     loop {
    ///         while let Some(frames) = stream.readi_async(&mut samples).await {
    ///             let bytes = frames.0 as usize * stream.params().frame_bytes() as usize;
    ///             keep(&samples[..bytes]);
    ///         }
    ///         stream = match stream.hwsync() {
    ///             Ok(stream) => stream,
    ///             Err(broken) => return broken,
    ///         };
    ///     }
    /// }
    /// ```
    #[doc(alias = "snd_pcm_readi")]
    pub async fn readi_async(&mut self, out: &mut [u8]) -> Option<Frames> {
        let mut sink = Interleaved::new(out, self.params());
        self.at_once_ready(sink.frames(), |flow, count| flow.take(&mut sink, Frames(0), count)).await
    }
}

impl<E: EngineCyclic> Running<'_, E, Playback> {
    /// Waits as [`ready`](Self::ready), at most for room for all of `frames`, and writes what there is room for then; interleaved.
    ///
    /// Gives back how many frames were written: at least one, if one was given. `None` if the run is over: the next call tells how,
    /// [`hwsync`](Self::hwsync) say. Dropped at any point, nothing is lost: what it had written, it would have given back.
    #[doc(alias = "snd_pcm_writei")]
    pub async fn writei_async(&mut self, frames: &[u8]) -> Option<Frames> {
        let source = Interleaved::new(frames, self.params());
        self.at_once_ready(source.frames(), |flow, count| flow.put(&source, Frames(0), count)).await
    }
}

impl<E: EngineCyclic> Draining<'_, E> {
    /// Ready when everything was played, or the run is over for another reason: [`try_finish`](Self::try_finish) tells. Until then the
    /// task is woken with each period.
    pub fn poll_drained(&mut self, context: &mut Context<'_>) -> Poll<()> {
        let waiter = &self.running.flow.base.half.pcm.waiter;
        waiter.wait(context.waker(), Frames(0));
        match self.look() {
            Look::Going(_) => Poll::Pending,
            Look::Over(_) => {
                waiter.forget();
                Poll::Ready(())
            }
        }
    }

    /// As [`poll_drained`](Self::poll_drained), for a task. Dropped at any point, it drains on.
    ///
    /// ```
    /// use dmaengine_core::EngineCyclic;
    /// use pcm_dmaengine::{Broken, Playback, Running, Stopped};
    ///
    /// async fn play_out<E: EngineCyclic>(stream: Running<'_, E, Playback>) -> Result<Stopped<'_, E, Playback>, Broken<'_, E, Playback>> {
    ///     let mut draining = stream.begin_drain()?;
    ///     loop {
    ///         draining.drain_async().await;
    ///         draining = match draining.try_finish()? {
    ///             Ok(stopped) => return Ok(stopped),
    ///             Err(draining) => draining,
    ///         };
    ///     }
    /// }
    /// ```
    #[doc(alias = "snd_pcm_drain")]
    pub async fn drain_async(&mut self) {
        let _wait = self.running.flow.begin_wait();
        poll_fn(|context| self.poll_drained(context)).await;
    }
}
