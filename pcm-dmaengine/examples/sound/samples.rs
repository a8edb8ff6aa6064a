//! One sample, from its bytes to a number and back, without loss: whole numbers of up to 32 bits and floats all fit a double.

use pcm_dmaengine::{Endian, SampleFormat, SampleKind};

/// The number in the bytes of a sample: from -1 to 1, full scale.
pub fn decode(format: SampleFormat, bytes: &[u8]) -> f64 {
    let (raw, bits) = (word(format, bytes), format.width());
    // What is above the bits that mean something is nobody's business.
    let unsigned = raw << (64 - bits) >> (64 - bits);
    match format.kind() {
        SampleKind::Float if bits == 64 => f64::from_bits(raw),
        SampleKind::Float => f32::from_bits(raw as u32).into(),
        SampleKind::Signed => ((raw << (64 - bits)) as i64 >> (64 - bits)) as f64 / half(bits),
        SampleKind::Unsigned => (unsigned as f64 - half(bits)) / half(bits),
    }
}

/// The bytes of a number, the first [`SampleFormat::bytes`] of these; `None` if the format does not have just this number.
pub fn encode(format: SampleFormat, value: f64) -> Option<[u8; 8]> {
    let raw = match format.kind() {
        SampleKind::Float if format.width() == 64 => value.to_bits(),
        SampleKind::Float => {
            let single = value as f32;
            (f64::from(single) == value || value.is_nan()).then_some(u64::from(single.to_bits()))?
        }
        kind => {
            let half = half(format.width());
            let scaled = value * half;
            let is_there = scaled.fract() == 0.0 && (-half..half).contains(&scaled);
            let number = is_there.then_some(scaled as i64)?;
            let offset = if kind == SampleKind::Unsigned { half as i64 } else { 0 };
            (number + offset) as u64
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
    2_f64.powi(bits as i32 - 1)
}

fn word(format: SampleFormat, bytes: &[u8]) -> u64 {
    let shifted = |word, byte: &u8| word << 8 | u64::from(*byte);
    match format.endian() {
        Some(Endian::Big) => bytes.iter().fold(0, shifted),
        _ => bytes.iter().rev().fold(0, shifted),
    }
}
