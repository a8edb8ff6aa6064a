//! [`SwParams`]: when a stream starts, wakes its client, falls silent and stops; and the boundary at which its positions
//! begin again. Rules and defaults are those of Linux 6.12, sound/core/pcm_native.c.
//!
//! A stream takes them with [`Setup::with_sw_params`](crate::Setup::with_sw_params) or while it runs.

use crate::error::SwParamError;
use crate::units::{Frames, HwParams};

/// The greatest signed number of the machine's pointer width, for [`boundary`]: C's `LONG_MAX` on Linux. At 48 kHz,
/// positions on a 32-bit machine begin again after 6 to 12 hours; on a 64-bit machine nobody lives to see it.
pub const LONG_MAX: u64 = isize::MAX as u64;

/// Where positions begin again at 0: the buffer, doubled as long as twice of it is no more than `long_max` less a buffer.
/// So it is a whole number of buffers, and a buffer can be added to a position without overflow. At least one buffer.
///
/// ```
/// use pcm_dmaengine::{Frames, sw_params::boundary};
/// assert_eq!(boundary(Frames(480), i32::MAX as u64), Frames(2_013_265_920));
/// ```
#[must_use]
pub const fn boundary(buffer: Frames, long_max: u64) -> Frames {
    let mut boundary = buffer.0;
    while boundary > 0 && boundary <= long_max.saturating_sub(buffer.0) / 2 {
        boundary *= 2;
    }
    Frames(boundary)
}

/// The software parameters of a stream.
///
/// ```
/// use pcm_dmaengine::{Frames, HwParams, SampleFormat, SwParamError, SwParams};
/// let format = SampleFormat::S16Le;
/// let hw = HwParams { format, rate: 48_000, channels: 2, period_size: Frames(32), periods: 15 };
///
/// let sw = SwParams::new(&hw);
/// assert_eq!((sw.avail_min, sw.start_threshold, sw.stop_threshold), (Frames(32), Frames(1), Frames(480)));
/// assert_eq!(sw.check(&hw), Ok(()));
///
/// let never = SwParams { avail_min: Frames(0), ..sw };
/// assert_eq!(never.check(&hw), Err(SwParamError::AvailMinZero));
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[doc(alias = "snd_pcm_sw_params_t")]
pub struct SwParams {
    /// A client is woken when so many frames are available; at least 1.
    pub avail_min: Frames,
    /// Playback starts by itself when so many frames are queued, capture when so many are to be read at once. More than
    /// the buffer: never.
    pub start_threshold: Frames,
    /// An XRUN is when so many frames are available. The boundary or more: never, the stream runs free.
    pub stop_threshold: Frames,
    /// Silence is written ahead when less than so many frames are queued; at most the buffer.
    pub silence_threshold: Frames,
    /// How much silence is kept ahead; at most `silence_threshold`. The boundary or more: what was played is silenced at
    /// once, and `silence_threshold` is 0.
    pub silence_size: Frames,
}

impl SwParams {
    /// What `hw_params` writes: wake at a period, start at the first frame, stop at a whole buffer, no silence.
    #[must_use]
    pub const fn new(params: &HwParams) -> Self {
        Self {
            avail_min: params.period_size,
            start_threshold: Frames(1),
            stop_threshold: params.buffer_size(),
            silence_threshold: Frames(0),
            silence_size: Frames(0),
        }
    }

    /// Whether ALSA takes them for a stream with these hardware parameters.
    ///
    /// # Errors
    /// [`SwParamError`], one for each of ALSA's `-EINVAL`.
    #[doc(alias = "snd_pcm_sw_params")]
    pub fn check(&self, params: &HwParams) -> Result<(), SwParamError> {
        let (buffer, boundary) = (params.buffer_size(), params.boundary());
        let (size, threshold) = (self.silence_size, self.silence_threshold);
        if self.avail_min == Frames(0) {
            return Err(SwParamError::AvailMinZero);
        }
        if size >= boundary {
            return match threshold {
                Frames(0) => Ok(()),
                _ => Err(SwParamError::SilenceThresholdAtBoundary { threshold, boundary }),
            };
        }
        if size > threshold {
            return Err(SwParamError::SilenceSize { size, threshold });
        }
        if threshold > buffer {
            return Err(SwParamError::SilenceThreshold { threshold, buffer });
        }
        Ok(())
    }
}

impl HwParams {
    /// Where positions of such a stream begin again: [`boundary`] of its buffer and [`LONG_MAX`].
    #[must_use]
    pub const fn boundary(&self) -> Frames {
        boundary(self.buffer_size(), LONG_MAX)
    }
}
