//! [`Open`] and [`Setup`]: a stream without parameters, and one with parameters and a ring, quiescent both.

use core::marker::PhantomData;

use dmaengine_core::{Engine, EngineCyclic, Idle, Kept, SlaveConfig};

use super::prepared::Ready;
use super::{Base, Capture, Playback, Prepared, Ring, Way};
use crate::error::ParamError;
use crate::hw_params::{HwSpace, RefineError};
use crate::pcm::Pcm;
use crate::period::PeriodHalf;
use crate::units::{Frames, HwParams};

impl<E: EngineCyclic> Pcm<E> {
    /// Opens the stream for capture on a DMA channel. `config` is the device's side, for its receive register.
    pub fn open_capture<'a>(
        &'a mut self,
        channel: Idle<'a, E>,
        config: SlaveConfig<E::Peripheral>,
    ) -> (Open<'a, E, Capture>, PeriodHalf<'a, E>) {
        self.open(channel, config)
    }

    /// Opens the stream for playback on a DMA channel. `config` is the device's side, for its transmit register.
    pub fn open_playback<'a>(
        &'a mut self,
        channel: Idle<'a, E>,
        config: SlaveConfig<E::Peripheral>,
    ) -> (Open<'a, E, Playback>, PeriodHalf<'a, E>) {
        self.open(channel, config)
    }

    fn open<'a, D: Way>(
        &'a mut self,
        channel: Idle<'a, E>,
        config: SlaveConfig<E::Peripheral>,
    ) -> (Open<'a, E, D>, PeriodHalf<'a, E>) {
        let pcm = &*self;
        let period = PeriodHalf { pcm, platform: channel.engine().platform() };
        (Open { pcm, channel, config, way: PhantomData }, period)
    }
}

/// An open stream without parameters.
#[doc(alias = "SNDRV_PCM_STATE_OPEN")]
pub struct Open<'a, E: Engine, D: Way> {
    pcm: &'a Pcm<E>,
    channel: Idle<'a, E>,
    config: SlaveConfig<E::Peripheral>,
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

    /// Sets the parameters and gives the stream its ring, of exactly [`HwParams::buffer_bytes`] bytes.
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
        if let Err(error) = params.check(ring.len()) {
            return Err(Kept { value: (self, ring), error });
        }
        let platform = self.channel.engine().platform();
        let base = Base { pcm: self.pcm, platform, config: self.config, params, stop_threshold: params.buffer_size() };
        Ok(Setup { base, channel: self.channel, ring, way: PhantomData })
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
    /// An XRUN is when so many frames are available to the client: to read, or room to write. Without this it is at a whole
    /// buffer, and other parameters bring that back.
    ///
    /// At the [boundary](HwParams::boundary) or above there is none: the stream runs free. Capture that is late reads what is
    /// in the ring now; playback plays its ring again, and may start with nothing written.
    #[doc(alias = "stop_threshold")]
    #[doc(alias = "snd_pcm_sw_params_set_stop_threshold")]
    #[must_use]
    pub fn with_stop_threshold(mut self, frames: Frames) -> Self {
        self.base.stop_threshold = frames;
        self
    }

    /// Pointers to the beginning, silence into the ring: ready to start.
    #[doc(alias = "snd_pcm_prepare")]
    pub fn prepare(self) -> Prepared<'a, E, D> {
        self.base.params.format.fill_silence(self.ring);
        Prepared::new(self.base, Ready::Quiet { channel: self.channel, ring: self.ring })
    }

    /// Takes the ring back.
    #[doc(alias = "snd_pcm_hw_free")]
    pub fn hw_free(self) -> (Open<'a, E, D>, &'static mut [u8]) {
        let Base { pcm, config, .. } = self.base;
        (Open { pcm, channel: self.channel, config, way: PhantomData }, self.ring)
    }

    /// The parameters.
    pub fn params(&self) -> &HwParams {
        &self.base.params
    }
}
