//! Reading and writing with a slice for each channel. The ring stays [interleaved](crate::Access): the samples are sorted on the
//! way.

use core::fmt;

use dmaengine_core::{Engine, EngineCyclic, Kept, Sleepable};

use super::samples::Channels;
use super::{Broken, Capture, Leftover, Paused, Playback, Prepared, Running, Way};
use crate::error::ChannelsError;
use crate::units::Frames;

/// Why a stream moved no channels.
pub enum MoveFailed<'a, E: Engine, D: Way> {
    /// The slices are not what the stream needs; it runs on.
    Refused(Kept<Running<'a, E, D>, ChannelsError>),
    /// It was over.
    Broken(Broken<'a, E, D>),
}

impl<'a, E: Engine, D: Way> From<Broken<'a, E, D>> for MoveFailed<'a, E, D> {
    fn from(broken: Broken<'a, E, D>) -> Self {
        Self::Broken(broken)
    }
}

impl<E: EngineCyclic, D: Way> fmt::Display for MoveFailed<'_, E, D> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Refused(kept) => kept.error.fmt(f),
            Self::Broken(broken) => broken.fmt(f),
        }
    }
}

type Moved<'a, E, D> = Result<(Running<'a, E, D>, Frames), MoveFailed<'a, E, D>>;

/// The stream goes on, for it was not touched.
fn refused<'a, E: Engine, D: Way>(value: Running<'a, E, D>, error: ChannelsError) -> MoveFailed<'a, E, D> {
    MoveFailed::Refused(Kept { value, error })
}

impl<'a, E: EngineCyclic> Running<'a, E, Capture> {
    /// As [`readi`](Self::readi), with a slice for each channel, all of one length.
    ///
    /// # Errors
    /// [`MoveFailed::Refused`] if there are not as many slices as channels, or if they differ in length; nothing was touched then. Else as
    /// [`readi`](Self::readi).
    ///
    /// ```
    /// # use backend_mock::{Cpu, Mock};
    /// # use dmaengine_core::{BusAddr, BusWidth, Dma, SlaveConfig};
    /// # use pcm_dmaengine::{ChannelsError, Frames, HwParams, MoveFailed, Pcm, SampleFormat};
    /// # let dma: Dma<Mock, 1> = Dma::new(Mock::default());
    /// # use backend_mock::hw::{Peripheral, Source, StreamConfig};
    /// # let source = Source { frames: [1, 0, 2, 0].repeat(480).into(), repeat: 1 };
    /// # let stream = StreamConfig { rate: 48_000, frame_bytes: 4, fifo_frames: 16, watermark: 1 };
    /// # dma.engine().hw().attach(0, Peripheral::recorder(stream, source));
    /// # let mut pcm = Pcm::new();
    /// # let config = SlaveConfig::new(BusAddr(0x0202_8004), BusWidth::Two, ());
    /// # let (open, period) = pcm.open_capture(dma.channel(0).unwrap(), config);
    /// # let cpu = Cpu::new(dma.engine(), |atomic| dma.interrupt(atomic, &mut |callback, event| {
    /// #     period.elapsed(callback, event);
    /// # }));
    /// # let params = HwParams { format: SampleFormat::S16Le, rate: 48_000, channels: 2, period_size: Frames(32), periods: 15 };
    /// # cpu.thread(|context| {
    /// # let ring = vec![0; 1_920].leak();
    /// # let stream = open.hw_params(params, ring).unwrap().prepare().start().unwrap();
    /// let (mut left, mut right) = ([0; 128], [0; 128]);
    /// let Ok((stream, frames)) = stream.readn(context, &mut [&mut left, &mut right]) else { panic!("in time") };
    /// assert_eq!((frames, &left[..4], &right[..4]), (Frames(64), &[1, 0, 1, 0][..], &[2, 0, 2, 0][..]));
    ///
    /// let Err(MoveFailed::Refused(kept)) = stream.readn(context, &mut [&mut left]) else { panic!("it has two") };
    /// assert_eq!(kept.error, ChannelsError::Count { slices: 1, channels: 2 });
    /// # let _ = kept.value.stop().synchronize(context).unwrap();
    /// # });
    /// ```
    #[doc(alias = "snd_pcm_readn")]
    pub fn readn<S: AsMut<[u8]>>(self, context: &Sleepable<'_>, out: &mut [S]) -> Moved<'a, E, Capture> {
        let mut sink = match Channels::to_read(out, self.params()) {
            Ok(sink) => sink,
            Err(error) => return Err(refused(self, error)),
        };
        let frames = sink.frames();
        Ok(self.read_into(Some(context), &mut sink, frames)?)
    }

    /// As [`try_readi`](Self::try_readi), with a slice for each channel, all of one length.
    ///
    /// # Errors
    /// As [`readn`](Self::readn).
    #[doc(alias = "snd_pcm_readn")]
    #[doc(alias = "EAGAIN")]
    pub fn try_readn<S: AsMut<[u8]>>(self, out: &mut [S]) -> Moved<'a, E, Capture> {
        let mut sink = match Channels::to_read(out, self.params()) {
            Ok(sink) => sink,
            Err(error) => return Err(refused(self, error)),
        };
        let frames = sink.frames();
        Ok(self.read_into(None, &mut sink, frames)?)
    }
}

impl<'a, E: EngineCyclic> Running<'a, E, Playback> {
    /// As [`writei`](Self::writei), with a slice for each channel, all of one length.
    ///
    /// # Errors
    /// [`MoveFailed::Refused`] if there are not as many slices as channels, or if they differ in length; nothing was touched then. Else as
    /// [`writei`](Self::writei).
    #[doc(alias = "snd_pcm_writen")]
    pub fn writen<S: AsRef<[u8]>>(self, context: &Sleepable<'_>, channels: &[S]) -> Moved<'a, E, Playback> {
        let source = match Channels::to_write(channels, self.params()) {
            Ok(source) => source,
            Err(error) => return Err(refused(self, error)),
        };
        Ok(self.write_from(Some(context), &source, Frames(0), source.frames())?)
    }

    /// As [`try_writei`](Self::try_writei), with a slice for each channel, all of one length.
    ///
    /// # Errors
    /// As [`writen`](Self::writen).
    #[doc(alias = "snd_pcm_writen")]
    #[doc(alias = "EAGAIN")]
    pub fn try_writen<S: AsRef<[u8]>>(self, channels: &[S]) -> Moved<'a, E, Playback> {
        let source = match Channels::to_write(channels, self.params()) {
            Ok(source) => source,
            Err(error) => return Err(refused(self, error)),
        };
        Ok(self.write_from(None, &source, Frames(0), source.frames())?)
    }
}

impl<E: EngineCyclic> Prepared<'_, E, Playback> {
    /// As [`writei`](Self::writei), with a slice for each channel, all of one length.
    ///
    /// # Errors
    /// [`ChannelsError`]; nothing was touched.
    #[doc(alias = "snd_pcm_writen")]
    pub fn writen<S: AsRef<[u8]>>(&mut self, channels: &[S]) -> Result<Frames, ChannelsError> {
        let source = Channels::to_write(channels, self.params())?;
        Ok(self.put(&source, source.frames()))
    }
}

impl<E: EngineCyclic> Paused<'_, E, Playback> {
    /// As [`writei`](Self::writei), with a slice for each channel, all of one length.
    ///
    /// # Errors
    /// [`ChannelsError`]; nothing was touched.
    #[doc(alias = "snd_pcm_writen")]
    pub fn writen<S: AsRef<[u8]>>(&mut self, channels: &[S]) -> Result<Frames, ChannelsError> {
        let source = Channels::to_write(channels, self.params())?;
        Ok(self.put(&source, source.frames()))
    }
}

impl<E: EngineCyclic> Paused<'_, E, Capture> {
    /// As [`readi`](Self::readi), with a slice for each channel, all of one length.
    ///
    /// # Errors
    /// [`ChannelsError`]; nothing was touched.
    #[doc(alias = "snd_pcm_readn")]
    pub fn readn<S: AsMut<[u8]>>(&mut self, out: &mut [S]) -> Result<Frames, ChannelsError> {
        let mut sink = Channels::to_read(out, self.params())?;
        let frames = sink.frames();
        Ok(self.take(&mut sink, frames))
    }
}

impl<E: EngineCyclic> Leftover<'_, E> {
    /// As [`take`](Self::take), with a slice for each channel, all of one length.
    ///
    /// # Errors
    /// [`ChannelsError`]; nothing was touched.
    #[doc(alias = "snd_pcm_readn")]
    pub fn take_channels<S: AsMut<[u8]>>(&mut self, out: &mut [S]) -> Result<Frames, ChannelsError> {
        let mut sink = Channels::to_read(out, self.params())?;
        let frames = sink.frames();
        Ok(self.take_into(&mut sink, frames))
    }
}
