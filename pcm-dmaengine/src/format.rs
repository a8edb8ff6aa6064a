//! [`SampleFormat`]: how one sample lies in memory. Names, numbers and widths are ALSA's (Linux 6.12,
//! include/uapi/sound/asound.h and sound/core/pcm_misc.c).

use core::fmt;
use core::str::FromStr;

use crate::error::UnknownName;

/// How one sample lies in memory: linear, in one to eight bytes. These are all of ALSA's linear formats, and its floats;
/// companded, compressed and one-bit samples (MU_LAW, IMA_ADPCM, DSD_U8 and so on) are not among them.
///
/// The numbers are ALSA's, and so are the names that [`Display`](fmt::Display) writes and [`FromStr`] reads.
///
/// ```
/// use pcm_dmaengine::SampleFormat;
/// let format: SampleFormat = "S24_LE".parse().unwrap();
/// assert_eq!(format, SampleFormat::S24Le);
/// assert_eq!((format.bytes(), format.width()), (4, 24)); // the low three bytes of four
/// assert_eq!(SampleFormat::U16Be.to_string(), "U16_BE");
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
#[repr(u8)]
pub enum SampleFormat {
    /// Signed 8 bit.
    #[doc(alias = "SNDRV_PCM_FORMAT_S8")]
    S8 = 0,
    /// Unsigned 8 bit; silence is 128.
    #[doc(alias = "SNDRV_PCM_FORMAT_U8")]
    U8 = 1,
    /// Signed 16 bit, little endian.
    #[doc(alias = "SNDRV_PCM_FORMAT_S16_LE")]
    S16Le = 2,
    /// Signed 16 bit, big endian.
    #[doc(alias = "SNDRV_PCM_FORMAT_S16_BE")]
    S16Be = 3,
    /// Unsigned 16 bit, little endian.
    #[doc(alias = "SNDRV_PCM_FORMAT_U16_LE")]
    U16Le = 4,
    /// Unsigned 16 bit, big endian.
    #[doc(alias = "SNDRV_PCM_FORMAT_U16_BE")]
    U16Be = 5,
    /// Signed 24 bit in the low three bytes of a 32-bit word, little endian.
    #[doc(alias = "SNDRV_PCM_FORMAT_S24_LE")]
    S24Le = 6,
    /// Signed 24 bit in the low three bytes of a 32-bit word, big endian.
    #[doc(alias = "SNDRV_PCM_FORMAT_S24_BE")]
    S24Be = 7,
    /// Unsigned 24 bit in the low three bytes of a 32-bit word, little endian.
    #[doc(alias = "SNDRV_PCM_FORMAT_U24_LE")]
    U24Le = 8,
    /// Unsigned 24 bit in the low three bytes of a 32-bit word, big endian.
    #[doc(alias = "SNDRV_PCM_FORMAT_U24_BE")]
    U24Be = 9,
    /// Signed 32 bit, little endian.
    #[doc(alias = "SNDRV_PCM_FORMAT_S32_LE")]
    S32Le = 10,
    /// Signed 32 bit, big endian.
    #[doc(alias = "SNDRV_PCM_FORMAT_S32_BE")]
    S32Be = 11,
    /// Unsigned 32 bit, little endian.
    #[doc(alias = "SNDRV_PCM_FORMAT_U32_LE")]
    U32Le = 12,
    /// Unsigned 32 bit, big endian.
    #[doc(alias = "SNDRV_PCM_FORMAT_U32_BE")]
    U32Be = 13,
    /// IEEE 754 single precision from -1.0 to 1.0, little endian.
    #[doc(alias = "SNDRV_PCM_FORMAT_FLOAT_LE")]
    FloatLe = 14,
    /// IEEE 754 single precision from -1.0 to 1.0, big endian.
    #[doc(alias = "SNDRV_PCM_FORMAT_FLOAT_BE")]
    FloatBe = 15,
    /// IEEE 754 double precision from -1.0 to 1.0, little endian.
    #[doc(alias = "SNDRV_PCM_FORMAT_FLOAT64_LE")]
    Float64Le = 16,
    /// IEEE 754 double precision from -1.0 to 1.0, big endian.
    #[doc(alias = "SNDRV_PCM_FORMAT_FLOAT64_BE")]
    Float64Be = 17,
    /// Signed 20 bit in the low bits of a 32-bit word, little endian.
    #[doc(alias = "SNDRV_PCM_FORMAT_S20_LE")]
    S20Le = 25,
    /// Signed 20 bit in the low bits of a 32-bit word, big endian.
    #[doc(alias = "SNDRV_PCM_FORMAT_S20_BE")]
    S20Be = 26,
    /// Unsigned 20 bit in the low bits of a 32-bit word, little endian.
    #[doc(alias = "SNDRV_PCM_FORMAT_U20_LE")]
    U20Le = 27,
    /// Unsigned 20 bit in the low bits of a 32-bit word, big endian.
    #[doc(alias = "SNDRV_PCM_FORMAT_U20_BE")]
    U20Be = 28,
    /// Signed 24 bit in three bytes, little endian.
    #[doc(alias = "SNDRV_PCM_FORMAT_S24_3LE")]
    S24_3Le = 32,
    /// Signed 24 bit in three bytes, big endian.
    #[doc(alias = "SNDRV_PCM_FORMAT_S24_3BE")]
    S24_3Be = 33,
    /// Unsigned 24 bit in three bytes, little endian.
    #[doc(alias = "SNDRV_PCM_FORMAT_U24_3LE")]
    U24_3Le = 34,
    /// Unsigned 24 bit in three bytes, big endian.
    #[doc(alias = "SNDRV_PCM_FORMAT_U24_3BE")]
    U24_3Be = 35,
    /// Signed 20 bit in the low bits of three bytes, little endian.
    #[doc(alias = "SNDRV_PCM_FORMAT_S20_3LE")]
    S20_3Le = 36,
    /// Signed 20 bit in the low bits of three bytes, big endian.
    #[doc(alias = "SNDRV_PCM_FORMAT_S20_3BE")]
    S20_3Be = 37,
    /// Unsigned 20 bit in the low bits of three bytes, little endian.
    #[doc(alias = "SNDRV_PCM_FORMAT_U20_3LE")]
    U20_3Le = 38,
    /// Unsigned 20 bit in the low bits of three bytes, big endian.
    #[doc(alias = "SNDRV_PCM_FORMAT_U20_3BE")]
    U20_3Be = 39,
    /// Signed 18 bit in the low bits of three bytes, little endian.
    #[doc(alias = "SNDRV_PCM_FORMAT_S18_3LE")]
    S18_3Le = 40,
    /// Signed 18 bit in the low bits of three bytes, big endian.
    #[doc(alias = "SNDRV_PCM_FORMAT_S18_3BE")]
    S18_3Be = 41,
    /// Unsigned 18 bit in the low bits of three bytes, little endian.
    #[doc(alias = "SNDRV_PCM_FORMAT_U18_3LE")]
    U18_3Le = 42,
    /// Unsigned 18 bit in the low bits of three bytes, big endian.
    #[doc(alias = "SNDRV_PCM_FORMAT_U18_3BE")]
    U18_3Be = 43,
}

/// What the numbers in a sample are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SampleKind {
    /// Two's complement; silence is 0.
    Signed,
    /// Silence is in the middle of the range.
    Unsigned,
    /// IEEE 754; silence is 0.
    Float,
}

/// Which byte of a sample comes first.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Endian {
    /// The lowest.
    Little,
    /// The highest.
    Big,
}

/// Everything that is known of a format.
struct Row {
    name: &'static str,
    bytes: u8,
    width: u8,
    kind: SampleKind,
    /// `None` where there is but one byte.
    endian: Option<Endian>,
    silence: &'static [u8],
}

const fn row(name: &'static str, bytes: u8, width: u8, kind: SampleKind, silence: &'static [u8]) -> Row {
    let endian = match name.as_bytes() {
        [.., b'L', b'E'] => Some(Endian::Little),
        [.., b'B', b'E'] => Some(Endian::Big),
        _ => None,
    };
    Row { name, bytes, width, kind, endian, silence }
}

impl SampleFormat {
    /// All of them, in the order of ALSA's numbers.
    pub const ALL: [Self; 34] = [
        Self::S8,
        Self::U8,
        Self::S16Le,
        Self::S16Be,
        Self::U16Le,
        Self::U16Be,
        Self::S24Le,
        Self::S24Be,
        Self::U24Le,
        Self::U24Be,
        Self::S32Le,
        Self::S32Be,
        Self::U32Le,
        Self::U32Be,
        Self::FloatLe,
        Self::FloatBe,
        Self::Float64Le,
        Self::Float64Be,
        Self::S20Le,
        Self::S20Be,
        Self::U20Le,
        Self::U20Be,
        Self::S24_3Le,
        Self::S24_3Be,
        Self::U24_3Le,
        Self::U24_3Be,
        Self::S20_3Le,
        Self::S20_3Be,
        Self::U20_3Le,
        Self::U20_3Be,
        Self::S18_3Le,
        Self::S18_3Be,
        Self::U18_3Le,
        Self::U18_3Be,
    ];

    const fn row(self) -> Row {
        use SampleKind::{Float, Signed, Unsigned};
        match self {
            Self::S8 => row("S8", 1, 8, Signed, &[0]),
            Self::U8 => row("U8", 1, 8, Unsigned, &[0x80]),
            Self::S16Le => row("S16_LE", 2, 16, Signed, &[0; 2]),
            Self::S16Be => row("S16_BE", 2, 16, Signed, &[0; 2]),
            Self::U16Le => row("U16_LE", 2, 16, Unsigned, &[0, 0x80]),
            Self::U16Be => row("U16_BE", 2, 16, Unsigned, &[0x80, 0]),
            Self::S24Le => row("S24_LE", 4, 24, Signed, &[0; 4]),
            Self::S24Be => row("S24_BE", 4, 24, Signed, &[0; 4]),
            Self::U24Le => row("U24_LE", 4, 24, Unsigned, &[0, 0, 0x80, 0]),
            Self::U24Be => row("U24_BE", 4, 24, Unsigned, &[0, 0x80, 0, 0]),
            Self::S32Le => row("S32_LE", 4, 32, Signed, &[0; 4]),
            Self::S32Be => row("S32_BE", 4, 32, Signed, &[0; 4]),
            Self::U32Le => row("U32_LE", 4, 32, Unsigned, &[0, 0, 0, 0x80]),
            Self::U32Be => row("U32_BE", 4, 32, Unsigned, &[0x80, 0, 0, 0]),
            Self::FloatLe => row("FLOAT_LE", 4, 32, Float, &[0; 4]),
            Self::FloatBe => row("FLOAT_BE", 4, 32, Float, &[0; 4]),
            Self::Float64Le => row("FLOAT64_LE", 8, 64, Float, &[0; 8]),
            Self::Float64Be => row("FLOAT64_BE", 8, 64, Float, &[0; 8]),
            Self::S20Le => row("S20_LE", 4, 20, Signed, &[0; 4]),
            Self::S20Be => row("S20_BE", 4, 20, Signed, &[0; 4]),
            Self::U20Le => row("U20_LE", 4, 20, Unsigned, &[0, 0, 8, 0]),
            Self::U20Be => row("U20_BE", 4, 20, Unsigned, &[0, 8, 0, 0]),
            Self::S24_3Le => row("S24_3LE", 3, 24, Signed, &[0; 3]),
            Self::S24_3Be => row("S24_3BE", 3, 24, Signed, &[0; 3]),
            Self::U24_3Le => row("U24_3LE", 3, 24, Unsigned, &[0, 0, 0x80]),
            Self::U24_3Be => row("U24_3BE", 3, 24, Unsigned, &[0x80, 0, 0]),
            Self::S20_3Le => row("S20_3LE", 3, 20, Signed, &[0; 3]),
            Self::S20_3Be => row("S20_3BE", 3, 20, Signed, &[0; 3]),
            Self::U20_3Le => row("U20_3LE", 3, 20, Unsigned, &[0, 0, 8]),
            Self::U20_3Be => row("U20_3BE", 3, 20, Unsigned, &[8, 0, 0]),
            Self::S18_3Le => row("S18_3LE", 3, 18, Signed, &[0; 3]),
            Self::S18_3Be => row("S18_3BE", 3, 18, Signed, &[0; 3]),
            Self::U18_3Le => row("U18_3LE", 3, 18, Unsigned, &[0, 0, 2]),
            Self::U18_3Be => row("U18_3BE", 3, 18, Unsigned, &[2, 0, 0]),
        }
    }

    /// ALSA's number of it.
    pub const fn number(self) -> u8 {
        self as u8
    }

    /// ALSA's name of it, without `SNDRV_PCM_FORMAT_`.
    #[doc(alias = "snd_pcm_format_name")]
    pub const fn name(self) -> &'static str {
        self.row().name
    }

    /// Bytes of one sample in memory.
    pub const fn bytes(self) -> u32 {
        self.row().bytes as u32
    }

    /// Bits of one sample in memory, with those that mean nothing.
    #[doc(alias = "snd_pcm_format_physical_width")]
    pub const fn physical_width(self) -> u32 {
        8 * self.bytes()
    }

    /// Bits of one sample that mean something.
    #[doc(alias = "snd_pcm_format_width")]
    pub const fn width(self) -> u32 {
        self.row().width as u32
    }

    /// What the numbers are.
    #[doc(alias = "snd_pcm_format_signed")]
    pub const fn kind(self) -> SampleKind {
        self.row().kind
    }

    /// Which byte comes first; `None` if there is only one.
    #[doc(alias = "snd_pcm_format_little_endian")]
    pub const fn endian(self) -> Option<Endian> {
        self.row().endian
    }

    /// One sample of silence, as it lies in memory.
    #[doc(alias = "snd_pcm_format_silence_64")]
    pub const fn silence(self) -> &'static [u8] {
        self.row().silence
    }

    /// Fills memory with silence. It begins with the first byte of a sample; what is left behind the last whole sample gets
    /// the beginning of one.
    ///
    /// ```
    /// # use pcm_dmaengine::SampleFormat;
    /// let mut ring = [0x55; 6];
    /// SampleFormat::U16Le.fill_silence(&mut ring);
    /// assert_eq!(ring, [0, 0x80, 0, 0x80, 0, 0x80]);
    /// ```
    #[doc(alias = "snd_pcm_format_set_silence")]
    pub fn fill_silence(self, memory: &mut [u8]) {
        let silence = self.silence();
        let mut filled = silence.len().min(memory.len());
        memory[..filled].copy_from_slice(&silence[..filled]);
        // Twice as much each time: a few long copies, not many short ones.
        while filled < memory.len() {
            let more = filled.min(memory.len() - filled);
            memory.copy_within(..more, filled);
            filled += more;
        }
    }
}

impl fmt::Display for SampleFormat {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

impl FromStr for SampleFormat {
    type Err = UnknownName;

    /// Reads ALSA's name, in capitals or not.
    fn from_str(name: &str) -> Result<Self, UnknownName> {
        Self::ALL.into_iter().find(|format| format.name().eq_ignore_ascii_case(name)).ok_or(UnknownName)
    }
}
