//! Formats and accesses: ALSA's numbers, names and widths, silence, and where a sample lies.

use dmaengine_core::ErrorKind;
use pcm_dmaengine::error::UnknownName;
use pcm_dmaengine::{Access, Endian, Frames, HwParams, SampleFormat, SampleKind};

use Endian::{Big, Little};
use SampleFormat as F;
use SampleKind::{Float, Signed, Unsigned};

type Row = (F, u8, &'static str, u32, u32, SampleKind, Option<Endian>, &'static [u8]);

/// Written down from ALSA's header and its table of formats, not from our source.
#[rustfmt::skip]
const TABLE: [Row; 34] = [
    (F::S8,         0, "S8",         1,  8, Signed,   None,         &[0]),
    (F::U8,         1, "U8",         1,  8, Unsigned, None,         &[0x80]),
    (F::S16Le,      2, "S16_LE",     2, 16, Signed,   Some(Little), &[0, 0]),
    (F::S16Be,      3, "S16_BE",     2, 16, Signed,   Some(Big),    &[0, 0]),
    (F::U16Le,      4, "U16_LE",     2, 16, Unsigned, Some(Little), &[0x00, 0x80]),
    (F::U16Be,      5, "U16_BE",     2, 16, Unsigned, Some(Big),    &[0x80, 0x00]),
    (F::S24Le,      6, "S24_LE",     4, 24, Signed,   Some(Little), &[0, 0, 0, 0]),
    (F::S24Be,      7, "S24_BE",     4, 24, Signed,   Some(Big),    &[0, 0, 0, 0]),
    (F::U24Le,      8, "U24_LE",     4, 24, Unsigned, Some(Little), &[0x00, 0x00, 0x80, 0x00]),
    (F::U24Be,      9, "U24_BE",     4, 24, Unsigned, Some(Big),    &[0x00, 0x80, 0x00, 0x00]),
    (F::S32Le,     10, "S32_LE",     4, 32, Signed,   Some(Little), &[0, 0, 0, 0]),
    (F::S32Be,     11, "S32_BE",     4, 32, Signed,   Some(Big),    &[0, 0, 0, 0]),
    (F::U32Le,     12, "U32_LE",     4, 32, Unsigned, Some(Little), &[0x00, 0x00, 0x00, 0x80]),
    (F::U32Be,     13, "U32_BE",     4, 32, Unsigned, Some(Big),    &[0x80, 0x00, 0x00, 0x00]),
    (F::FloatLe,   14, "FLOAT_LE",   4, 32, Float,    Some(Little), &[0, 0, 0, 0]),
    (F::FloatBe,   15, "FLOAT_BE",   4, 32, Float,    Some(Big),    &[0, 0, 0, 0]),
    (F::Float64Le, 16, "FLOAT64_LE", 8, 64, Float,    Some(Little), &[0, 0, 0, 0, 0, 0, 0, 0]),
    (F::Float64Be, 17, "FLOAT64_BE", 8, 64, Float,    Some(Big),    &[0, 0, 0, 0, 0, 0, 0, 0]),
    (F::S20Le,     25, "S20_LE",     4, 20, Signed,   Some(Little), &[0, 0, 0, 0]),
    (F::S20Be,     26, "S20_BE",     4, 20, Signed,   Some(Big),    &[0, 0, 0, 0]),
    (F::U20Le,     27, "U20_LE",     4, 20, Unsigned, Some(Little), &[0x00, 0x00, 0x08, 0x00]),
    (F::U20Be,     28, "U20_BE",     4, 20, Unsigned, Some(Big),    &[0x00, 0x08, 0x00, 0x00]),
    (F::S24_3Le,   32, "S24_3LE",    3, 24, Signed,   Some(Little), &[0, 0, 0]),
    (F::S24_3Be,   33, "S24_3BE",    3, 24, Signed,   Some(Big),    &[0, 0, 0]),
    (F::U24_3Le,   34, "U24_3LE",    3, 24, Unsigned, Some(Little), &[0x00, 0x00, 0x80]),
    (F::U24_3Be,   35, "U24_3BE",    3, 24, Unsigned, Some(Big),    &[0x80, 0x00, 0x00]),
    (F::S20_3Le,   36, "S20_3LE",    3, 20, Signed,   Some(Little), &[0, 0, 0]),
    (F::S20_3Be,   37, "S20_3BE",    3, 20, Signed,   Some(Big),    &[0, 0, 0]),
    (F::U20_3Le,   38, "U20_3LE",    3, 20, Unsigned, Some(Little), &[0x00, 0x00, 0x08]),
    (F::U20_3Be,   39, "U20_3BE",    3, 20, Unsigned, Some(Big),    &[0x08, 0x00, 0x00]),
    (F::S18_3Le,   40, "S18_3LE",    3, 18, Signed,   Some(Little), &[0, 0, 0]),
    (F::S18_3Be,   41, "S18_3BE",    3, 18, Signed,   Some(Big),    &[0, 0, 0]),
    (F::U18_3Le,   42, "U18_3LE",    3, 18, Unsigned, Some(Little), &[0x00, 0x00, 0x02]),
    (F::U18_3Be,   43, "U18_3BE",    3, 18, Unsigned, Some(Big),    &[0x02, 0x00, 0x00]),
];

#[test]
fn every_format_is_as_alsa_has_it() {
    assert_eq!(F::ALL.len(), TABLE.len());
    for (listed, (format, number, name, bytes, width, kind, endian, silence)) in F::ALL.into_iter().zip(TABLE) {
        assert_eq!((listed, format.number(), format.name()), (format, number, name));
        assert_eq!((format.bytes(), format.physical_width(), format.width()), (bytes, 8 * bytes, width), "{name}");
        assert_eq!((format.kind(), format.endian(), format.silence()), (kind, endian, silence), "{name}");
        assert_eq!(format.to_string(), name);
        assert_eq!(name.parse(), Ok(format));
        assert_eq!(name.to_lowercase().parse(), Ok(format));
    }
    for name in ["", "S16", "S24_3_LE", "MU_LAW", "DSD_U8", "S16_LE "] {
        assert_eq!(name.parse::<F>(), Err(UnknownName));
    }
    assert_eq!(UnknownName.kind(), ErrorKind::InvalidInput);
    assert_eq!(format!("[{:>8}]", F::U8), "[      U8]");
}

/// The middle of an unsigned range is silence, in the bytes that mean something, in the order that the format has.
#[test]
fn silence_is_the_number_in_the_middle() {
    for format in F::ALL {
        let mut bytes = [0; 8];
        bytes[..format.silence().len()].copy_from_slice(format.silence());
        if format.endian() == Some(Big) {
            bytes[..format.bytes() as usize].reverse();
        }
        let middle = if format.kind() == Unsigned { 1 << (format.width() - 1) } else { 0 };
        assert_eq!(u64::from_le_bytes(bytes), middle, "{format}");
    }
}

#[test]
fn silence_fills_whole_samples_and_the_rest() {
    for format in F::ALL {
        let sample = format.silence();
        for len in 0..20 {
            let mut memory = [0x55; 24];
            format.fill_silence(&mut memory[..len]);
            for (at, &byte) in memory.iter().enumerate() {
                assert_eq!(byte, if at < len { sample[at % sample.len()] } else { 0x55 }, "{format}, {at} of {len}");
            }
        }
    }
}

#[test]
fn accesses_have_names_and_numbers() {
    let table = [(Access::RwInterleaved, 3, "RW_INTERLEAVED"), (Access::RwNonInterleaved, 4, "RW_NONINTERLEAVED")];
    for (access, number, name) in table {
        assert_eq!((access.number(), access.name(), access.to_string().as_str()), (number, name, name));
        assert_eq!(name.to_lowercase().parse(), Ok(access));
    }
    assert_eq!("MMAP_COMPLEX".parse::<Access>(), Err(UnknownName));
}

/// Each sample has its own bytes and the ring has no others, in both orders.
#[test]
fn the_samples_of_a_ring_are_all_of_it_and_do_not_overlap() {
    for format in [F::U8, F::S16Le, F::S24_3Be, F::FloatLe] {
        for channels in [1, 2, 5] {
            let params = HwParams { format, rate: 48_000, channels, period_size: Frames(3), periods: 4 };
            for access in Access::ALL {
                let mut ring = vec![0; params.buffer_bytes() as usize];
                for frame in 12..24 {
                    for channel in 0..channels {
                        let at = access.offset(&params, Frames(frame), channel).unwrap() as usize;
                        assert_eq!(access.offset(&params, Frames(frame - 12), channel), Some(at as u64), "a lap back");
                        ring[at..at + format.bytes() as usize].iter_mut().for_each(|byte| *byte += 1);
                    }
                }
                assert!(ring.iter().all(|&byte| byte == 1), "{format} {access}");
                assert_eq!(access.offset(&params, Frames(0), channels), None);
            }
        }
    }
}

#[test]
fn no_ring_and_a_ring_beyond_numbers_have_no_samples() {
    let params = HwParams { format: F::S32Le, rate: 1, channels: 2, period_size: Frames(0), periods: 2 };
    let largest = HwParams { period_size: Frames(u64::MAX), periods: 1, ..params };
    for params in [params, largest, HwParams { periods: 2, ..largest }, HwParams { channels: 0, ..params }] {
        for access in Access::ALL {
            assert_eq!(access.offset(&params, Frames(u64::MAX), 0), None);
        }
    }
}
