//! [`RateMask`]: the usual rates, as a set. Bits and names are ALSA's (Linux 6.12, include/sound/pcm.h; the three behind
//! 768 kHz came with 6.13).

bitflags::bitflags! {
    /// A set of usual rates, as data sheets of codecs and ALSA's drivers list them.
    ///
    /// ```
    /// use pcm_dmaengine::hw_params::RateMask;
    /// let codec = RateMask::RATE_8000_48000 | RateMask::RATE_96000;
    /// assert!(codec.rates().eq([8_000, 11_025, 16_000, 22_050, 32_000, 44_100, 48_000, 96_000]));
    /// ```
    #[derive(Clone, Copy, Debug, PartialEq, Eq)]
    #[doc(alias = "snd_pcm_hardware::rates")]
    pub struct RateMask: u32 {
        /// 5512 Hz; half a hertz less than an eighth of 44100.
        #[doc(alias = "SNDRV_PCM_RATE_5512")]
        const RATE_5512 = 1 << 0;
        /// 8 kHz.
        #[doc(alias = "SNDRV_PCM_RATE_8000")]
        const RATE_8000 = 1 << 1;
        /// 11.025 kHz.
        #[doc(alias = "SNDRV_PCM_RATE_11025")]
        const RATE_11025 = 1 << 2;
        /// 16 kHz.
        #[doc(alias = "SNDRV_PCM_RATE_16000")]
        const RATE_16000 = 1 << 3;
        /// 22.05 kHz.
        #[doc(alias = "SNDRV_PCM_RATE_22050")]
        const RATE_22050 = 1 << 4;
        /// 32 kHz.
        #[doc(alias = "SNDRV_PCM_RATE_32000")]
        const RATE_32000 = 1 << 5;
        /// 44.1 kHz.
        #[doc(alias = "SNDRV_PCM_RATE_44100")]
        const RATE_44100 = 1 << 6;
        /// 48 kHz.
        #[doc(alias = "SNDRV_PCM_RATE_48000")]
        const RATE_48000 = 1 << 7;
        /// 64 kHz.
        #[doc(alias = "SNDRV_PCM_RATE_64000")]
        const RATE_64000 = 1 << 8;
        /// 88.2 kHz.
        #[doc(alias = "SNDRV_PCM_RATE_88200")]
        const RATE_88200 = 1 << 9;
        /// 96 kHz.
        #[doc(alias = "SNDRV_PCM_RATE_96000")]
        const RATE_96000 = 1 << 10;
        /// 176.4 kHz.
        #[doc(alias = "SNDRV_PCM_RATE_176400")]
        const RATE_176400 = 1 << 11;
        /// 192 kHz.
        #[doc(alias = "SNDRV_PCM_RATE_192000")]
        const RATE_192000 = 1 << 12;
        /// 352.8 kHz.
        #[doc(alias = "SNDRV_PCM_RATE_352800")]
        const RATE_352800 = 1 << 13;
        /// 384 kHz.
        #[doc(alias = "SNDRV_PCM_RATE_384000")]
        const RATE_384000 = 1 << 14;
        /// 705.6 kHz.
        #[doc(alias = "SNDRV_PCM_RATE_705600")]
        const RATE_705600 = 1 << 15;
        /// 768 kHz.
        #[doc(alias = "SNDRV_PCM_RATE_768000")]
        const RATE_768000 = 1 << 16;
        /// 12 kHz.
        #[doc(alias = "SNDRV_PCM_RATE_12000")]
        const RATE_12000 = 1 << 17;
        /// 24 kHz.
        #[doc(alias = "SNDRV_PCM_RATE_24000")]
        const RATE_24000 = 1 << 18;
        /// 128 kHz.
        #[doc(alias = "SNDRV_PCM_RATE_128000")]
        const RATE_128000 = 1 << 19;
        /// Any rate: this set is no limit.
        #[doc(alias = "SNDRV_PCM_RATE_CONTINUOUS")]
        const CONTINUOUS = 1 << 30;
        /// Others too, which a list or a ratio tells: this set is no limit.
        #[doc(alias = "SNDRV_PCM_RATE_KNOT")]
        const KNOT = 1 << 31;

        /// From 8 to 44.1 kHz: ALSA's usual six.
        #[doc(alias = "SNDRV_PCM_RATE_8000_44100")]
        const RATE_8000_44100 = 0b111_1110;
        /// From 8 to 48 kHz: ALSA's usual seven.
        #[doc(alias = "SNDRV_PCM_RATE_8000_48000")]
        const RATE_8000_48000 = 0b1111_1110;
        /// From 8 to 96 kHz: ALSA's usual ten.
        #[doc(alias = "SNDRV_PCM_RATE_8000_96000")]
        const RATE_8000_96000 = 0b111_1111_1110;
        /// From 8 to 192 kHz: ALSA's usual twelve.
        #[doc(alias = "SNDRV_PCM_RATE_8000_192000")]
        const RATE_8000_192000 = 0b1_1111_1111_1110;
        /// From 8 to 384 kHz: ALSA's usual fourteen.
        #[doc(alias = "SNDRV_PCM_RATE_8000_384000")]
        const RATE_8000_384000 = 0b111_1111_1111_1110;
        /// From 8 to 768 kHz: ALSA's usual sixteen.
        #[doc(alias = "SNDRV_PCM_RATE_8000_768000")]
        const RATE_8000_768000 = 0b1_1111_1111_1111_1110;
    }
}

/// The rate that each bit stands for, from the lowest bit.
#[rustfmt::skip]
const HZ: [u32; 20] = [
    5_512, 8_000, 11_025, 16_000, 22_050, 32_000, 44_100, 48_000, 64_000, 88_200, 96_000, 176_400, 192_000, 352_800,
    384_000, 705_600, 768_000, 12_000, 24_000, 128_000,
];

impl RateMask {
    /// The rates in the set, in the order of their bits.
    pub fn rates(self) -> impl Iterator<Item = u32> {
        HZ.into_iter().enumerate().filter(move |(bit, _)| self.bits() >> bit & 1 != 0).map(|(_, rate)| rate)
    }

    /// Whether the set says which rates there are, and not only that there are some.
    pub const fn is_limit(self) -> bool {
        !self.intersects(Self::CONTINUOUS.union(Self::KNOT))
    }
}
