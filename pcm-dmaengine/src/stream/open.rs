//! [`Open`] and [`Setup`]: a stream without parameters, and one with parameters and a ring, quiescent both.

use core::marker::PhantomData;

use dmaengine_core::{Direction, Engine, EngineCyclic, Idle, Kept, SYNCHRONIZE_GRACE, SlaveConfig};

use super::halt::Quiet;
use super::prepared::Ready;
use super::{Base, Capture, Playback, Prepared, Ring, Way};
use crate::dai::{Dai, NoDai};
use crate::error::{ParamError, SwParamError};
use crate::hw_params::{HwSpace, RefineError};
use crate::link::Link;
use crate::pcm::{Pcm, Shared};
use crate::period::PeriodHalf;
use crate::recovery::Recovery;
use crate::sw_params::SwParams;
use crate::units::HwParams;

impl<E: EngineCyclic> Pcm<E> {
    /// Opens the stream for capture on a DMA channel. `config` is the device's side, for its receive register; the device starts and
    /// stops with its channel.
    pub fn open_capture<'a>(
        &'a mut self,
        channel: Idle<'a, E>,
        config: SlaveConfig<E::Peripheral>,
    ) -> (Open<'a, E, Capture>, PeriodHalf<'a, E>) {
        self.open_with(channel, config, &NoDai)
    }

    /// Opens the stream for playback on a DMA channel. `config` is the device's side, for its transmit register; the device starts and
    /// stops with its channel.
    pub fn open_playback<'a>(
        &'a mut self,
        channel: Idle<'a, E>,
        config: SlaveConfig<E::Peripheral>,
    ) -> (Open<'a, E, Playback>, PeriodHalf<'a, E>) {
        self.open_with(channel, config, &NoDai)
    }

    /// Opens the stream for [`Capture`] or [`Playback`], with a peripheral that is started and stopped with it.
    pub fn open_with<'a, D: Way>(
        &'a mut self,
        channel: Idle<'a, E>,
        config: SlaveConfig<E::Peripheral>,
        dai: &'a dyn Dai,
    ) -> (Open<'a, E, D>, PeriodHalf<'a, E>) {
        let pcm = &*self;
        // What it has been through stays; nothing else does.
        pcm.with(|shared| *shared = Shared { statistics: shared.statistics, ..Shared::default() });
        let (stopper, writer) = (channel.stopper(), channel.writer());
        let half = PeriodHalf { pcm, platform: channel.engine().platform(), stopper, writer, dai };
        let open = Open { half, channel, config, recovery: Recovery::SYNC_STOP, link: None, way: PhantomData };
        (open, half)
    }
}

/// An open stream without parameters.
#[doc(alias = "SNDRV_PCM_STATE_OPEN")]
pub struct Open<'a, E: Engine, D: Way> {
    half: PeriodHalf<'a, E>,
    channel: Idle<'a, E>,
    config: SlaveConfig<E::Peripheral>,
    recovery: Recovery<E>,
    link: Option<Link<'a, E>>,
    way: PhantomData<D>,
}

impl<'a, E: EngineCyclic, D: Way> Open<'a, E, D> {
    /// All configurations that this stream's engine can do.
    ///
    /// # Errors
    /// [`RefineError`] if there are none.
    #[doc(alias = "snd_pcm_hw_params_any")]
    pub fn hw_params_any(&self) -> Result<HwSpace, RefineError> {
        let mut space = HwSpace::any();
        space.limit_to_engine(self.channel.engine().facts())?;
        Ok(space)
    }

    /// How it gets past an unfinished stop; without this, [asleep](Recovery::SYNC_STOP).
    #[must_use]
    pub fn with_recovery(self, recovery: Recovery<E>) -> Self {
        Self { recovery, ..self }
    }

    /// The streams that stop with it, and with which it stops.
    #[must_use]
    pub fn with_link(self, link: Link<'a, E>) -> Self {
        Self { link: Some(link), ..self }
    }

    /// Sets the parameters and gives the stream memory for its ring, of which it uses the first [`HwParams::buffer_bytes`] bytes.
    /// Frames are interleaved in it.
    ///
    /// Parameters that were [chosen](HwSpace::choose) from [`hw_params_any`](Self::hw_params_any) are right for the engine.
    /// Of others it is asked only at [`start`](Prepared::start).
    ///
    /// # Errors
    /// [`ParamError`], and everything back.
    #[doc(alias = "snd_pcm_hw_params")]
    pub fn hw_params(
        self,
        params: HwParams,
        ring: &'static mut [u8],
    ) -> Result<Setup<'a, E, D>, Kept<(Self, &'static mut [u8]), ParamError>> {
        if let Err(error) = params.check() {
            return Err(Kept { value: (self, ring), error });
        }
        let needed = params.buffer_bytes();
        // `check` has seen that it fits 32 bits.
        let ring = match Ring::new(ring, needed as usize) {
            Ok(ring) => ring,
            Err(ring) => {
                let error = ParamError::RingLength { len: ring.len() as u64, needed };
                return Err(Kept { value: (self, ring), error });
            }
        };
        let Self { half, channel, config, recovery, link, .. } = self;
        half.pcm.with(|shared| shared.set_up(&params, D::DIRECTION == Direction::MemToDev));
        let longest_stop = channel.engine().facts().stop.bound() * 2 + SYNCHRONIZE_GRACE;
        let base = Base { half, config, params, recovery, longest_stop, link };
        Ok(Setup { base, channel, ring, way: PhantomData })
    }

    /// Closes the stream and gives back the channel.
    #[doc(alias = "snd_pcm_close")]
    pub fn close(self) -> Idle<'a, E> {
        self.channel
    }
}

/// A stream with parameters; nothing runs and nothing of the past is left.
#[doc(alias = "SNDRV_PCM_STATE_SETUP")]
pub struct Setup<'a, E: Engine, D: Way> {
    pub(super) base: Base<'a, E>,
    pub(super) channel: Idle<'a, E>,
    pub(super) ring: Ring,
    pub(super) way: PhantomData<D>,
}

impl<'a, E: EngineCyclic, D: Way> Setup<'a, E, D> {
    pub(super) fn new(quiet: Quiet<'a, E>) -> Self {
        let Quiet { base, channel, ring } = quiet;
        Self { base, channel, ring, way: PhantomData }
    }

    /// As [`set_sw_params`](Self::set_sw_params), in a row of calls.
    ///
    /// # Errors
    /// [`SwParamError`], and the stream as it was.
    #[doc(alias = "snd_pcm_sw_params")]
    pub fn with_sw_params(self, sw: SwParams) -> Result<Self, Kept<Self, SwParamError>> {
        let mut this = self;
        match this.set_sw_params(sw) {
            Ok(()) => Ok(this),
            Err(error) => Err(Kept { value: this, error }),
        }
    }

    /// Pointers to the beginning, silence into the ring: ready to start.
    #[doc(alias = "snd_pcm_prepare")]
    pub fn prepare(self) -> Prepared<'a, E, D> {
        Prepared::new((self.base, Ready::Quiet { channel: self.channel, ring: self.ring }))
    }

    /// Takes the ring back.
    #[doc(alias = "snd_pcm_hw_free")]
    pub fn hw_free(self) -> (Open<'a, E, D>, &'static mut [u8]) {
        let Base { half, config, recovery, link, .. } = self.base;
        (Open { half, channel: self.channel, config, recovery, link, way: PhantomData }, self.ring.into_whole())
    }
}
