//! Streams that start by themselves: by the [start threshold](crate::SwParams::start_threshold), where they are written to or read
//! from (Linux 6.12, sound/core/pcm_lib.c).

use core::fmt;

use dmaengine_core::{Engine, EngineCyclic, Kept, Sleepable};

use super::{Broken, Capture, NotStarted, Playback, Prepared, Running, Way};
use crate::error::StartError;
use crate::units::Frames;

/// A stream that starts when it is due.
#[must_use = "dropped, it stops, and its ring leaks"]
pub enum Begun<'a, E: Engine, D: Way> {
    /// It is not due yet.
    Prepared(Prepared<'a, E, D>),
    /// It has started.
    Running(Running<'a, E, D>),
}

/// What a stream is that was due.
pub enum BeginFailed<'a, E: Engine, D: Way> {
    /// It did not start.
    NotStarted(Kept<NotStarted<'a, E, D>, StartError>),
    /// It started, and is over.
    Broken(Broken<'a, E, D>),
}

impl<E: EngineCyclic, D: Way> fmt::Display for BeginFailed<'_, E, D> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NotStarted(kept) => kept.error.fmt(f),
            Self::Broken(broken) => broken.fmt(f),
        }
    }
}

impl<'a, E: EngineCyclic, D: Way> Prepared<'a, E, D> {
    /// Starts the stream if it [is due](Self::is_due). Any context; does not wait.
    ///
    /// # Errors
    /// As for [`start`](Self::start).
    pub fn start_if_due(self, requested: Frames) -> Result<Begun<'a, E, D>, Kept<NotStarted<'a, E, D>, StartError>> {
        if self.is_due(requested) { self.start().map(Begun::Running) } else { Ok(Begun::Prepared(self)) }
    }
}

impl<'a, E: EngineCyclic> Prepared<'a, E, Playback> {
    /// [Writes](Self::writei) whole frames ahead of the start, as many as there is room for, and starts if it is due then;
    /// interleaved. Any context; does not wait. Gives back the stream and how many frames it took.
    ///
    /// # Errors
    /// As for [`start`](Self::start), and how many frames it took. Unless the peripheral had an XRUN, they are still there.
    ///
    /// ```
    /// # use backend_mock::{Cpu, Mock};
    /// # use dmaengine_core::{BusAddr, BusWidth, Dma, SlaveConfig};
    /// # use pcm_dmaengine::{Begun, Frames, HwParams, Pcm, SampleFormat, SwParams};
    /// # let dma: Dma<Mock, 1> = Dma::new(Mock::default());
    /// # use backend_mock::hw::{Peripheral, StreamConfig};
    /// # let stream = StreamConfig { rate: 48_000, frame_bytes: 4, fifo_frames: 16, watermark: 1 };
    /// # dma.engine().hw().attach(0, Peripheral::player(stream));
    /// # let mut pcm = Pcm::new();
    /// # let config = SlaveConfig::new(BusAddr(0x0202_8004), BusWidth::Two, ());
    /// # let (open, period) = pcm.open_playback(dma.channel(0).unwrap(), config);
    /// # let cpu = Cpu::new(dma.engine(), |atomic| dma.interrupt(atomic, &mut |callback, event| {
    /// #     period.elapsed(callback, event);
    /// # }));
    /// # let params = HwParams { format: SampleFormat::S16Le, rate: 48_000, channels: 2, period_size: Frames(32), periods: 15 };
    /// # cpu.thread(|context| {
    /// # let ring = vec![0; 1_920].leak();
    /// let sw = SwParams { start_threshold: Frames(100), ..SwParams::new(&params) };
    /// let prepared = open.hw_params(params, ring).unwrap().with_sw_params(sw).unwrap().prepare();
    /// let sound = [0; 4 * 64];
    /// let Ok((Begun::Prepared(prepared), Frames(64))) = prepared.writei_start(&sound) else { panic!("100 it starts at") };
    /// let Ok((Begun::Running(stream), Frames(64))) = prepared.writei_start(&sound) else { panic!("128 it has") };
    /// # let _ = stream.stop().synchronize(context).unwrap();
    /// # });
    /// ```
    #[doc(alias = "snd_pcm_writei")]
    pub fn writei_start(
        self,
        frames: &[u8],
    ) -> Result<(Begun<'a, E, Playback>, Frames), Kept<(NotStarted<'a, E, Playback>, Frames), StartError>> {
        let mut this = self;
        let written = this.writei(frames);
        match this.start_if_due(written) {
            Ok(begun) => Ok((begun, written)),
            Err(kept) => Err(kept.map(|value| (value, written))),
        }
    }
}

impl<'a, E: EngineCyclic> Prepared<'a, E, Capture> {
    /// Starts if so many frames make it due, and [reads](Running::readi) them; interleaved. Gives back the stream and how many frames
    /// were read: none, if it is not due.
    ///
    /// # Errors
    /// As for [`start`](Self::start) and for [`readi`](Running::readi).
    #[doc(alias = "snd_pcm_readi")]
    pub fn readi_start(
        self,
        context: &Sleepable<'_>,
        out: &mut [u8],
    ) -> Result<(Begun<'a, E, Capture>, Frames), BeginFailed<'a, E, Capture>> {
        let requested = self.base.frames(out.len());
        match self.start_if_due(requested).map_err(BeginFailed::NotStarted)? {
            Begun::Prepared(prepared) => Ok((Begun::Prepared(prepared), Frames(0))),
            Begun::Running(running) => match running.readi(context, out) {
                Ok((running, read)) => Ok((Begun::Running(running), read)),
                Err(broken) => Err(BeginFailed::Broken(broken)),
            },
        }
    }
}
