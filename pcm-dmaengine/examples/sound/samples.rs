//! One sample, from its bytes to a number and back, without loss: numbers of up to 32 bits and single-precision floats all fit a double.

use pcm_dmaengine::{Endian, SampleFormat, SampleKind};

/// The number in the bytes of a sample: from -1 to 1, full scale.
pub fn decode(format: SampleFormat, bytes: &[u8]) -> f64 {
    let raw = word(format, bytes);
    let bits = format.width();
    match format.kind() {
        SampleKind::Float => f32::from_bits(raw).into(),
        // What is above the bits that mean something is nobody's business.
        SampleKind::Signed => f64::from(((raw << (32 - bits)) as i32) >> (32 - bits)) / half(bits),
        SampleKind::Unsigned => (f64::from(raw << (32 - bits) >> (32 - bits)) - half(bits)) / half(bits),
    }
}

/// The bytes of a number, the first [`SampleFormat::bytes`] of these; `None` if the format does not have just this number.
pub fn encode(format: SampleFormat, value: f64) -> Option<[u8; 4]> {
    let raw = match format.kind() {
        SampleKind::Float => {
            let single = value as f32;
            (f64::from(single) == value || value.is_nan()).then_some(single.to_bits())?
        }
        kind => {
            let half = half(format.width());
            let scaled = value * half;
            let is_there = scaled.fract() == 0.0 && (-half..half).contains(&scaled);
            let number = is_there.then_some(scaled as i64)?;
            let offset = if kind == SampleKind::Unsigned { half as i64 } else { 0 };
            (number + offset) as u32
        }
    };
    let mut bytes = raw.to_le_bytes();
    if format.endian() == Some(Endian::Big) {
        bytes[..format.bytes() as usize].reverse();
    }
    Some(bytes)
}

/// Half of the range of a number of so many bits.
fn half(bits: u32) -> f64 {
    f64::from(1_u32 << (bits - 1))
}

fn word(format: SampleFormat, bytes: &[u8]) -> u32 {
    let shifted = |word, byte: &u8| word << 8 | u32::from(*byte);
    match format.endian() {
        Some(Endian::Big) => bytes.iter().fold(0, shifted),
        _ => bytes.iter().rev().fold(0, shifted),
    }
}
