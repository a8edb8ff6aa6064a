//! [`Xrun`], [`Stopped`], [`Faulted`]: the stop was asked for, and the obligation to see it through is in the type.

use core::marker::PhantomData;

use dmaengine_core::{
    Engine, EngineCyclic, EngineQueueAfterStop, EngineTerminateAtomic, Idle, Kept, Sleepable, StillRunning, Stopping,
    Transfer,
};

use super::prepared::Ready;
use super::{Base, Prepared, Ring, Setup, Way};
use crate::error::Fault;
use crate::pcm::XrunReport;

/// A run that was told to stop, with its ring.
pub(super) struct Halt<'a, E: Engine> {
    pub(super) base: Base<'a, E>,
    pub(super) stopping: Stopping<'a, E>,
    pub(super) transfer: Transfer<'a, E, Ring>,
}

impl<'a, E: EngineCyclic> Halt<'a, E> {
    /// Waits for the stop by `wait`, and takes the ring out of the transfer.
    fn finish<D: Way>(
        self,
        wait: impl FnOnce(Stopping<'a, E>) -> Result<Idle<'a, E>, Kept<Stopping<'a, E>, StillRunning>>,
    ) -> Result<Setup<'a, E, D>, Kept<Self, StillRunning>> {
        let Self { base, stopping, transfer } = self;
        match wait(stopping) {
            Ok(channel) => {
                let Ok(resolved) = transfer.try_resolve() else {
                    unreachable!("an idle channel has no transfer that could still touch memory");
                };
                Ok(Setup { base, channel, ring: resolved.buffer, way: PhantomData })
            }
            Err(kept) => Err(kept.map(|stopping| Self { base, stopping, transfer })),
        }
    }
}

impl<'a, E: EngineCyclic> Halt<'a, E> {
    /// Waits asleep, and resets the channel if that does not help.
    fn reset<D: Way>(self, context: &Sleepable<'_>) -> Result<Setup<'a, E, D>, Kept<Self, StillRunning>> {
        self.finish(|stopping| stopping.synchronize(context).or_else(|kept| kept.value.reset()))
    }
}

/// The three ways from a stop to [`Prepared`], on each state that holds one. `$name`'s first field is the [`Halt`].
macro_rules! ways_back {
    ($name:ident) => {
        impl<'a, E: EngineCyclic, D: Way> $name<'a, E, D> {
            /// Sleeps until the old run is quiescent, then prepares: the first remedy.
            ///
            /// # Errors
            /// [`StillRunning`] if the engine did not stop within twice its bound, and the stream as it was.
            #[doc(alias = "snd_pcm_prepare")]
            #[doc(alias = "sync_stop")]
            pub fn prepare(self, context: &Sleepable<'_>) -> Result<Prepared<'a, E, D>, Kept<Self, StillRunning>> {
                self.finish(|stopping| stopping.synchronize(context)).map(Setup::prepare)
            }

            /// Busy-waits until the old run is quiescent, then prepares: the second remedy. Any context, within the
            /// engine's [`atomic_bound`](EngineTerminateAtomic::atomic_bound).
            ///
            /// # Errors
            /// [`StillRunning`] if the engine did not stop within its bound, and the stream as it was.
            #[doc(alias = "snd_pcm_prepare")]
            pub fn prepare_atomic(self) -> Result<Prepared<'a, E, D>, Kept<Self, StillRunning>>
            where
                E: EngineTerminateAtomic,
            {
                self.finish(Stopping::terminate_atomic).map(Setup::prepare)
            }

            /// Prepares behind the stop and does not wait for it: the third remedy. Any context. The new run uses the
            /// same ring and starts by itself as soon as the old one is quiescent.
            #[doc(alias = "snd_pcm_prepare")]
            pub fn prepare_queued(self) -> Prepared<'a, E, D>
            where
                E: EngineQueueAfterStop,
            {
                let Halt { base, stopping, transfer } = self.halt;
                Prepared::new(base, Ready::behind(stopping, transfer))
            }
        }
    };
}

/// The client came too late: capture ran over, or playback ran dry. Not a failure: a state, with three ways on.
///
/// ```
/// # use backend_mock::{Cpu, Mock};
/// # use dmaengine_core::{BusAddr, BusWidth, Dma, Micros, SlaveConfig};
/// # use pcm_dmaengine::{Broken, Frames, HwParams, Pcm, SampleFormat};
/// # let dma: Dma<Mock, 1> = Dma::new(Mock::default());
/// # use backend_mock::hw::{Peripheral, Source, StreamConfig};
/// # let frames = vec![1; 4 * 48_000].into();
/// # let stream = StreamConfig { rate: 48_000, frame_bytes: 4, fifo_frames: 16, watermark: 1 };
/// # dma.engine().hw().attach(0, Peripheral::recorder(stream, Source { frames, repeat: 1 }));
/// # let mut pcm = Pcm::new();
/// # let config = SlaveConfig::new(BusAddr(0x0202_8004), BusWidth::Two, ());
/// # let (open, period) = pcm.open_capture(dma.channel(0).unwrap(), config);
/// # let cpu = Cpu::new(dma.engine(), |atomic| dma.interrupt(atomic, &mut |callback, event| {
/// #     period.elapsed(callback, event);
/// # }));
/// # let params = HwParams { format: SampleFormat::S16Le, rate: 48_000, channels: 2, period_size: Frames(32), periods: 15 };
/// # cpu.thread(|context| {
/// # let ring = vec![0; 1_920].leak();
/// let mut stream = open.hw_params(params, ring).unwrap().prepare().start().unwrap();
/// let mut samples = [0; 128];
/// # let end = dma.engine().hw().now() + backend_mock::hw::Nanos::from_micros(30_000);
/// # cpu.run_until(end); // the reader is late
/// # let mut recovered = 0;
/// # while recovered == 0 {
/// stream = match stream.readi(context, &mut samples) {
///     Ok((stream, _frames)) => stream,
///     Err(Broken::Xrun(xrun)) => {
/// #       recovered += 1;
///         println!("lost {} frames", xrun.report().avail);
///         xrun.prepare(context).unwrap().start().unwrap()
///     }
///     Err(Broken::Faulted(dead)) => panic!("{}", dead.fault()),
/// };
/// # }
/// # let _ = stream.stop().synchronize(context).unwrap();
/// # });
/// ```
#[must_use = "the engine may not have stopped yet"]
#[doc(alias = "SNDRV_PCM_STATE_XRUN")]
#[doc(alias = "EPIPE")]
pub struct Xrun<'a, E: Engine, D: Way> {
    halt: Halt<'a, E>,
    report: XrunReport,
    way: PhantomData<D>,
}

ways_back!(Xrun);

impl<'a, E: EngineCyclic, D: Way> Xrun<'a, E, D> {
    pub(super) fn new(halt: Halt<'a, E>, report: XrunReport) -> Self {
        Self { halt, report, way: PhantomData }
    }

    /// What was found, and when.
    pub fn report(&self) -> &XrunReport {
        &self.report
    }

    /// Gives up on going on.
    #[doc(alias = "snd_pcm_drop")]
    pub fn stop(self) -> Stopped<'a, E, D> {
        Stopped::new(self.halt)
    }

    fn finish(
        self,
        wait: impl FnOnce(Stopping<'a, E>) -> Result<Idle<'a, E>, Kept<Stopping<'a, E>, StillRunning>>,
    ) -> Result<Setup<'a, E, D>, Kept<Self, StillRunning>> {
        let report = self.report;
        self.halt.finish(wait).map_err(|kept| kept.map(|halt| Self::new(halt, report)))
    }
}

/// A stream that was stopped: ALSA's SETUP, as long as the stop is not known to be complete.
#[must_use = "the engine may not have stopped yet"]
#[doc(alias = "SNDRV_PCM_STATE_SETUP")]
pub struct Stopped<'a, E: Engine, D: Way> {
    halt: Halt<'a, E>,
    way: PhantomData<D>,
}

ways_back!(Stopped);

impl<'a, E: EngineCyclic, D: Way> Stopped<'a, E, D> {
    pub(super) fn new(halt: Halt<'a, E>) -> Self {
        Self { halt, way: PhantomData }
    }

    /// Sleeps until the old run is quiescent.
    ///
    /// # Errors
    /// [`StillRunning`] if the engine did not stop within twice its bound, and the stream as it was.
    #[doc(alias = "sync_stop")]
    pub fn synchronize(self, context: &Sleepable<'_>) -> Result<Setup<'a, E, D>, Kept<Self, StillRunning>> {
        self.finish(|stopping| stopping.synchronize(context))
    }

    /// As [`synchronize`](Self::synchronize), and resets the channel if the engine does not stop: the last way out.
    ///
    /// # Errors
    /// [`StillRunning`] if even that did not help, and the stream as it was. Its ring stays with it.
    pub fn reset(self, context: &Sleepable<'_>) -> Result<Setup<'a, E, D>, Kept<Self, StillRunning>> {
        self.halt.reset(context).map_err(|kept| kept.map(Self::new))
    }

    fn finish(
        self,
        wait: impl FnOnce(Stopping<'a, E>) -> Result<Idle<'a, E>, Kept<Stopping<'a, E>, StillRunning>>,
    ) -> Result<Setup<'a, E, D>, Kept<Self, StillRunning>> {
        self.halt.finish(wait).map_err(|kept| kept.map(Self::new))
    }
}

/// A stream that is dead: nothing moves, or the engine has failed. Never reported as running.
#[must_use = "the engine may not have stopped yet"]
#[doc(alias = "EIO")]
pub struct Faulted<'a, E: Engine, D: Way> {
    halt: Halt<'a, E>,
    fault: Fault,
    way: PhantomData<D>,
}

impl<'a, E: EngineCyclic, D: Way> Faulted<'a, E, D> {
    pub(super) fn new(halt: Halt<'a, E>, fault: Fault) -> Self {
        Self { halt, fault, way: PhantomData }
    }

    /// Why.
    pub fn fault(&self) -> Fault {
        self.fault
    }

    /// Sleeps until the channel is quiescent; if it does not become so, resets it.
    ///
    /// # Errors
    /// [`StillRunning`] if even that did not help, and the stream as it was. Its ring stays with it.
    pub fn reset(self, context: &Sleepable<'_>) -> Result<Setup<'a, E, D>, Kept<Self, StillRunning>> {
        let fault = self.fault;
        self.halt.reset(context).map_err(|kept| kept.map(|halt| Self::new(halt, fault)))
    }
}
