//! [`DynPcm`]: the object; how it is made, and how it keeps its typed state.

use core::fmt;

use dmaengine_core::{EngineCyclic, EnginePause, Idle, Kept, Micros, Platform, Sleepable, StillRunning};

use super::slot::{PauseOps, Slot};
use super::{Errno, State};
use crate::hw_params::HwSpace;
use crate::pcm::End;
use crate::period::PeriodHalf;
use crate::stream::{Open, ReleaseFailed, Rested, Way};

/// A stream for callers that speak ioctl: every operation in every state, answered as [the module's table](super) says.
///
/// It has the memory for its ring from the beginning, as ALSA's preallocated buffer: each `hw_params` takes as much of
/// it as it needs.
///
/// ```
/// # use backend_mock::hw::{Peripheral, Source, StreamConfig};
/// # use backend_mock::{Cpu, Mock};
/// # use dmaengine_core::{BusAddr, BusWidth, Dma, SlaveConfig};
/// # use pcm_dmaengine::{Frames, HwParams, Pcm, SampleFormat};
/// use pcm_dmaengine::dynamic::{DynPcm, Errno, State};
/// # let dma: Dma<Mock, 1> = Dma::new(Mock::default());
/// # let stream = StreamConfig { rate: 48_000, frame_bytes: 4, fifo_frames: 16, watermark: 1 };
/// # let source = Source { frames: vec![1; 4 * 48_000].into(), repeat: 1 };
/// # dma.engine().hw().attach(0, Peripheral::recorder(stream, source));
/// # let mut pcm = Pcm::new();
/// # let config = SlaveConfig::new(BusAddr(0x0202_8004), BusWidth::Two, ());
/// # let (open, period) = pcm.open_capture(dma.channel(0).unwrap(), config);
/// # let cpu = Cpu::new(dma.engine(), |atomic| dma.interrupt(atomic, &mut |callback, event| {
/// #     period.elapsed(callback, event);
/// # }));
/// # let params = HwParams { format: SampleFormat::S16Le, rate: 48_000, channels: 2, period_size: Frames(32), periods: 15 };
/// # cpu.thread(|context| {
/// let ring = vec![0; 4_096].leak();
/// let mut stream = DynPcm::new(open, period, ring).with_pause();
/// assert_eq!((stream.state(), stream.start(context)), (State::Open, Err(Errno::EBADFD)));
///
/// stream.hw_params(context, params).unwrap();
/// stream.prepare(context).unwrap();
/// let mut samples = [0; 128];
/// assert_eq!(stream.readi(context, &mut samples), Ok(Frames(32))); // it starts by itself
/// assert_eq!((stream.state(), stream.prepare(context)), (State::Running, Err(Errno::EBUSY)));
/// # let end = dma.engine().hw().now() + backend_mock::hw::Nanos::from_micros(30_000);
/// # cpu.run_until(end); // the reader is late
/// assert_eq!((stream.state(), stream.readi(context, &mut samples)), (State::Xrun, Err(Errno::EPIPE)));
/// stream.prepare(context).unwrap();
/// stream.close(context).unwrap();
/// # });
/// ```
#[must_use = "dropped, it stops, and its ring leaks"]
#[doc(alias = "snd_pcm_t")]
#[doc(alias = "snd_pcm_substream")]
pub struct DynPcm<'a, E: EngineCyclic, D: Way> {
    pub(super) slot: Slot<'a, E, D>,
    pub(super) half: PeriodHalf<'a, E>,
    /// The memory for the ring, while the stream has no parameters.
    pub(super) memory: Option<&'static mut [u8]>,
    pub(super) pause: Option<PauseOps<'a, E, D>>,
    pub(super) nonblock: bool,
    /// When a trigger last changed the state.
    pub(super) trigger_time: Micros,
}

impl<'a, E: EngineCyclic, D: Way> DynPcm<'a, E, D> {
    /// An open stream, its interrupt half, and the memory for its ring.
    pub fn new(open: Open<'a, E, D>, half: PeriodHalf<'a, E>, memory: &'static mut [u8]) -> Self {
        let slot = Slot::Open(open);
        Self { slot, half, memory: Some(memory), pause: None, nonblock: false, trigger_time: Micros::ZERO }
    }

    /// It can pause, and resume after a suspend. Without this, both are answered with [`ENOSYS`](Errno::ENOSYS).
    #[doc(alias = "SNDRV_PCM_INFO_PAUSE")]
    #[doc(alias = "SNDRV_PCM_INFO_RESUME")]
    pub fn with_pause(self) -> Self
    where
        E: EnginePause,
    {
        Self { pause: Some(PauseOps::new()), ..self }
    }

    /// Whether reading, writing and draining answer [`EAGAIN`](Errno::EAGAIN) instead of waiting.
    #[doc(alias = "O_NONBLOCK")]
    #[doc(alias = "snd_pcm_nonblock")]
    pub fn set_nonblock(&mut self, nonblock: bool) {
        self.nonblock = nonblock;
    }

    /// Its state. What the interrupt has found shows at once.
    #[doc(alias = "snd_pcm_state")]
    pub fn state(&self) -> State {
        let (end, disconnected) = self.half.pcm.with(|shared| (shared.end, shared.disconnected));
        match (self.slot.state(), end) {
            _ if disconnected => State::Disconnected,
            (State::Running | State::Paused | State::Draining, Some(End::Drained)) => State::Setup,
            (State::Running | State::Paused | State::Draining, Some(_)) => State::Xrun,
            (state, _) => state,
        }
    }

    /// All configurations that its engine can do.
    ///
    /// # Errors
    /// [`EINVAL`](Errno::EINVAL) if there are none; [`EBADFD`](Errno::EBADFD) once it has parameters.
    #[doc(alias = "snd_pcm_hw_params_any")]
    pub fn hw_params_any(&self) -> Result<HwSpace, Errno> {
        match &self.slot {
            Slot::Open(open) => Ok(open.hw_params_any()?),
            _ => Err(Errno::EBADFD),
        }
    }

    /// Stops it, if it runs, sleeps until nothing touches the ring any more, and gives back the channel and the ring.
    ///
    /// # Errors
    /// [`StillRunning`] if not even a reset stops the engine, and the stream.
    #[doc(alias = "snd_pcm_close")]
    pub fn close(self, context: &Sleepable<'_>) -> Result<(Idle<'a, E>, &'static mut [u8]), Kept<Self, StillRunning>> {
        let mut this = self;
        let slot = core::mem::replace(&mut this.slot, Slot::Taken);
        let slot = slot.stop().unwrap_or_else(|quiet| quiet);
        let setup = match slot {
            Slot::Setup(setup) => Ok(setup),
            Slot::Stopped(stopped) => stopped.reset(context).map_err(|kept| (Slot::Stopped(kept.value), kept.error)),
            Slot::Faulted(faulted, told) => {
                faulted.reset(context).map_err(|kept| (Slot::Faulted(kept.value, told), kept.error))
            }
            Slot::Disconnected(gone) => match gone.close(context) {
                Ok(closed) => return Ok(closed),
                Err(kept) => Err((Slot::Disconnected(kept.value), kept.error)),
            },
            Slot::Open(open) => return Ok((open.close(), this.memory.take().unwrap_or_default())),
            _ => unreachable!("all others were stopped above"),
        };
        match setup {
            Ok(setup) => {
                let (open, ring) = setup.hw_free();
                Ok((open.close(), ring))
            }
            Err((slot, error)) => {
                this.slot = slot;
                Err(Kept { value: this, error })
            }
        }
    }

    /// When its state last changed: by an operation, or by an XRUN.
    pub(super) fn trigger_time(&self) -> Micros {
        match (self.state(), self.half.pcm.with(|shared| shared.end)) {
            (State::Xrun, Some(End::Xrun(report))) => report.at,
            _ => self.trigger_time,
        }
    }

    /// Takes the typed state through `f`, unless the device is gone. What the interrupt has found is in it by then.
    pub(super) fn operate<T>(
        &mut self,
        f: impl FnOnce(&mut Self, Slot<'a, E, D>) -> (Slot<'a, E, D>, Result<T, Errno>),
    ) -> Result<T, Errno> {
        let before = self.state();
        if before == State::Disconnected {
            return Err(Errno::EBADFD);
        }
        let slot = core::mem::replace(&mut self.slot, Slot::Taken);
        let slot = self.caught_up(slot);
        let (slot, answer) = f(self, slot);
        self.slot = slot;
        if self.state() != before {
            self.trigger_time = self.half.platform.now();
        }
        answer
    }

    /// The typed state of a run that the interrupt has found over. It has not been told yet.
    fn caught_up(&self, slot: Slot<'a, E, D>) -> Slot<'a, E, D> {
        if self.half.pcm.with(|shared| shared.end).is_none() {
            return slot;
        }
        let broken = match slot {
            Slot::Running(running) => match running.hwsync() {
                Ok(running) => return Slot::Running(running),
                Err(broken) => broken,
            },
            Slot::Draining(rest) => match rest.try_finish() {
                Rested::Broken(broken) => broken,
                rested => return Slot::rested(rested).0,
            },
            Slot::Paused(paused) => match self.pause.map(|ops| ops.release) {
                None => return Slot::Paused(paused),
                Some(release) => match release(paused) {
                    Ok(running) => return Slot::Running(running),
                    Err(ReleaseFailed::Refused(kept)) => return Slot::Paused(kept.value),
                    Err(ReleaseFailed::Broken(broken)) => broken,
                },
            },
            other => return other,
        };
        match Slot::broken(broken).0 {
            Slot::Faulted(faulted, _) => Slot::Faulted(faulted, false),
            other => other,
        }
    }
}

impl<E: EngineCyclic, D: Way> fmt::Debug for DynPcm<'_, E, D> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "DynPcm {:?} {}", D::DIRECTION, self.state())
    }
}
