//! A sound whose frames say which they are, and a look at what came of it.

use pcm_dmaengine::{SampleFormat, SampleKind};

use crate::sound::samples::{decode, encode};
use crate::sound::wav::Sound;

/// So many frames in a row are in the sound only once, whatever the format.
const TELLING: usize = 16;

/// A sound in which every sample follows from the number of its frame and its channel, and looks like nothing else.
pub fn sound(format: SampleFormat, channels: u16, rate: u32, frames: u64) -> Sound {
    let mut bytes = Vec::new();
    for sample in 0..frames * u64::from(channels) {
        let bits = match (format.kind(), format.width()) {
            (SampleKind::Float, 32) => 24,
            (SampleKind::Float, _) => 53,
            (_, width) => width,
        };
        let number = (mixed(sample) >> (64 - bits)) as f64;
        let half = 2_f64.powi(bits as i32 - 1);
        let sample = encode(format, (number - half) / half).expect("a number of so many bits");
        bytes.extend_from_slice(&sample[..format.bytes() as usize]);
    }
    let sound = Sound { name: "numbered".into(), format, rate, channels, bytes };
    assert!(sound.bytes.chunks_exact(sound.format.bytes() as usize).any(|sample| decode(format, sample) < 0.0));
    sound
}

/// Another 64 bits for every number (Steele, Lea, Flood: SplitMix).
fn mixed(number: u64) -> u64 {
    let mixed = number.wrapping_mul(0x9E37_79B9_7F4A_7C15).wrapping_add(0x1234_5678_9ABC_DEF1);
    let mixed = (mixed ^ mixed >> 30).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    let mixed = (mixed ^ mixed >> 27).wrapping_mul(0x94D0_49BB_1331_11EB);
    mixed ^ mixed >> 31
}

/// A stretch of a sound.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Part {
    /// Its first frame.
    pub start: u64,
    pub frames: u64,
}

/// Stretches of a sound, one behind the other.
pub fn parts(frame: usize, sound: &[u8], parts: &[Part]) -> Vec<u8> {
    let part = |part: &Part| &sound[part.start as usize * frame..(part.start + part.frames) as usize * frame];
    parts.iter().flat_map(part).copied().collect()
}

/// The frames of `whole` that are missing in `heard`, which is that sound else: in order, from its first frame on, and every sample on its
/// own channel. It is told by the frames alone.
pub fn gaps(what: &str, frame: usize, whole: &[u8], heard: &[u8]) -> Vec<Part> {
    assert_eq!(heard.len() % frame, 0, "{what}: no whole frames");
    let (whole, heard): (Vec<_>, Vec<_>) = (whole.chunks_exact(frame).collect(), heard.chunks_exact(frame).collect());
    let (mut gaps, mut at, mut read) = (Vec::new(), 0, 0);
    while read < heard.len() {
        if whole.get(at) == Some(&heard[read]) {
            (at, read) = (at + 1, read + 1);
            continue;
        }
        let next = &heard[read..heard.len().min(read + TELLING)];
        let skipped = (1..whole.len().saturating_sub(at)).find(|skip| whole[at + skip..].starts_with(next));
        let Some(skipped) = skipped else {
            panic!("{what}: frame {read} of what was heard, {:02x?}, comes nowhere after frame {at}", heard[read]);
        };
        gaps.push(Part { start: at as u64, frames: skipped as u64 });
        at += skipped;
    }
    gaps
}
