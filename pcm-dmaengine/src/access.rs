//! [`Access`]: in which order the samples of a frame lie in the ring.

use core::fmt;
use core::str::FromStr;

use crate::error::UnknownName;
use crate::units::{Frames, HwParams};

/// In which order the samples lie in the ring. The numbers are ALSA's.
///
/// A ring of three frames of a left and a right sample:
///
/// ```text
///   interleaved       L0 R0 L1 R1 L2 R2
///   non-interleaved   L0 L1 L2 R0 R1 R2
/// ```
///
/// A cyclic transfer goes through its ring from the first byte to the last, and a device takes its samples frame by
/// frame. So the streams of this crate are interleaved: [`readi`](crate::Running::readi) and
/// [`writei`](crate::Running::writei) mean it, [`readn`](crate::Running::readn) and [`writen`](crate::Running::writen) sort the
/// samples on their way, and an engine's [space](crate::HwSpace::limit_to_engine) has no other access. Of one channel the two
/// are the same.
///
/// ```
/// use pcm_dmaengine::{Access, Frames, HwParams, SampleFormat};
/// let format = SampleFormat::S16Le;
/// let params = HwParams { format, rate: 48_000, channels: 2, period_size: Frames(32), periods: 15 };
/// assert_eq!(Access::RwInterleaved.offset(&params, Frames(481), 1), Some(4 + 2)); // round the ring once, and one on
/// assert_eq!(Access::RwNonInterleaved.offset(&params, Frames(481), 1), Some(960 + 2));
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
#[repr(u8)]
#[doc(alias = "snd_pcm_access_t")]
pub enum Access {
    /// Frame after frame; the samples of a frame are neighbours.
    #[doc(alias = "SNDRV_PCM_ACCESS_RW_INTERLEAVED")]
    RwInterleaved = 3,
    /// Channel after channel; each has its own part of the ring, of `buffer_bytes / channels` bytes.
    #[doc(alias = "SNDRV_PCM_ACCESS_RW_NONINTERLEAVED")]
    RwNonInterleaved = 4,
}

impl Access {
    /// Both, in the order of ALSA's numbers.
    pub const ALL: [Self; 2] = [Self::RwInterleaved, Self::RwNonInterleaved];

    /// ALSA's number of it.
    pub const fn number(self) -> u8 {
        self as u8
    }

    /// ALSA's name of it, without `SNDRV_PCM_ACCESS_`.
    #[doc(alias = "snd_pcm_access_name")]
    pub const fn name(self) -> &'static str {
        match self {
            Self::RwInterleaved => "RW_INTERLEAVED",
            Self::RwNonInterleaved => "RW_NONINTERLEAVED",
        }
    }

    /// Where in the ring the sample of a channel lies, in bytes from its start. `frame` is a position; it goes round the ring.
    ///
    /// `None` if there is no such channel, or if the parameters have no ring, or one that is longer than 64 bits count.
    pub fn offset(self, params: &HwParams, frame: Frames, channel: u16) -> Option<u64> {
        let buffer = params.period_size.0.checked_mul(params.periods.into())?;
        let (sample, channels) = (u64::from(params.format.bytes()), u64::from(params.channels));
        let frame = frame.0.checked_rem(buffer)?;
        buffer.checked_mul(sample)?.checked_mul(channels)?;
        let (channel, below) = (u64::from(channel), channel < params.channels);
        below.then_some(match self {
            Self::RwInterleaved => (frame * channels + channel) * sample,
            Self::RwNonInterleaved => (channel * buffer + frame) * sample,
        })
    }
}

impl fmt::Display for Access {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

impl FromStr for Access {
    type Err = UnknownName;

    /// Reads ALSA's name, in capitals or not.
    fn from_str(name: &str) -> Result<Self, UnknownName> {
        Self::ALL.into_iter().find(|access| access.name().eq_ignore_ascii_case(name)).ok_or(UnknownName)
    }
}
