//! [`Xrun`]: the client was too late, and the stop may not be complete.

use core::marker::PhantomData;

use dmaengine_core::{
    Engine, EngineCyclic, EngineQueueAfterStop, EngineTerminateAtomic, Kept, Micros, Sleepable, StillRunning,
};

use super::halt::{Halt, ways_back};
use super::{Base, Faulted, Prepared, Stopped, Way};
use crate::error::Fault;
use crate::statistics::{Lost, XrunReport};
use crate::units::Frames;

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
///         let (prepared, lost) = xrun.recover(context).unwrap();
///         println!("lost {} frames in {}", lost.frames, lost.time);
///         prepared.start().unwrap()
///     }
///     Err(broken) => panic!("{broken:?}"),
/// };
/// # }
/// # let _ = stream.stop().synchronize(context).unwrap();
/// # });
/// ```
#[must_use = "the engine may not have stopped yet"]
#[doc(alias = "SNDRV_PCM_STATE_XRUN")]
#[doc(alias = "EPIPE")]
pub struct Xrun<'a, E: Engine, D: Way> {
    pub(super) halt: Halt<'a, E>,
    report: XrunReport,
    way: PhantomData<D>,
}

ways_back!(Xrun, keeping report, new);

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

    fn before(&self) -> Before {
        let dropped = if D::DIRECTION == dmaengine_core::Direction::DevToMem { self.report.avail } else { Frames(0) };
        Before { dropped, since: self.report.at }
    }
}

/// What was lost when a stream stopped, and when that was.
pub(super) struct Before {
    pub(super) dropped: Frames,
    pub(super) since: Micros,
}

impl Before {
    pub(super) fn until_now<E: Engine>(self, base: &Base<'_, E>) -> Lost {
        let time = base.now() - self.since;
        Lost { frames: self.dropped + base.params.frames_in(time), time }
    }
}
