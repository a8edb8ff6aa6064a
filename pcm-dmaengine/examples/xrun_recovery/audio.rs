//! Sound files: what comes in and what goes out, 16-bit PCM WAV.

use std::io::Read;
use std::path::Path;
use std::sync::Arc;

use pcm_dmaengine::{Frames, HwParams, SampleFormat};

/// The clip that ships with the example: a different sentence on each side, so that a swap can be heard.
const SPEECH: &[u8] = include_bytes!("../speech.wav");

/// The thread's stream: 15 periods of 32 frames.
const PERIOD: Frames = Frames(32);
const PERIODS: u32 = 15;

/// Sound as it lies in a ring buffer: interleaved, little endian.
#[derive(Clone, Debug)]
pub struct Sound {
    pub name: String,
    pub rate: u32,
    pub channels: u16,
    pub bytes: Arc<[u8]>,
}

impl Sound {
    pub fn load(path: Option<&Path>) -> Result<Self, String> {
        match path {
            None => Self::read("speech.wav".into(), SPEECH),
            Some(path) => {
                let name = path.display().to_string();
                let file = std::fs::File::open(path).map_err(|error| format!("{name}: {error}"))?;
                Self::read(name, std::io::BufReader::new(file))
            }
        }
    }

    fn read(name: String, reader: impl Read) -> Result<Self, String> {
        let mut wav = hound::WavReader::new(reader).map_err(|error| format!("{name}: {error}"))?;
        let spec = wav.spec();
        if spec.sample_format != hound::SampleFormat::Int || spec.bits_per_sample != 16 {
            let kind = if spec.sample_format == hound::SampleFormat::Int { "integer" } else { "float" };
            return Err(format!("{name}: {}-bit {kind} samples; only 16-bit PCM is supported", spec.bits_per_sample));
        }
        if spec.channels == 0 || !(1..=768_000).contains(&spec.sample_rate) {
            return Err(format!("{name}: {} channels at {} Hz is not supported", spec.channels, spec.sample_rate));
        }
        let mut bytes = Vec::with_capacity(wav.len() as usize * 2);
        for sample in wav.samples::<i16>() {
            bytes.extend_from_slice(&sample.map_err(|error| format!("{name}: {error}"))?.to_le_bytes());
        }
        if bytes.is_empty() {
            return Err(format!("{name}: no frames, nothing to stream"));
        }
        Ok(Self { name, rate: spec.sample_rate, channels: spec.channels, bytes: bytes.into() })
    }

    pub fn params(&self) -> HwParams {
        HwParams {
            format: SampleFormat::S16Le,
            rate: self.rate,
            channels: self.channels,
            period_size: PERIOD,
            periods: PERIODS,
        }
    }

    pub fn frame_bytes(&self) -> usize {
        2 * usize::from(self.channels)
    }

    pub fn frames(&self) -> u64 {
        (self.bytes.len() / self.frame_bytes()) as u64
    }

    /// Frame `index` of the sound played over and over.
    pub fn frame(&self, index: u64) -> &[u8] {
        let at = (index % self.frames()) as usize * self.frame_bytes();
        &self.bytes[at..at + self.frame_bytes()]
    }

    /// `count` frames from `index` on, of the sound played over and over.
    pub fn stretch(&self, index: u64, count: u64) -> Vec<u8> {
        (index..index + count).flat_map(|index| self.frame(index).iter().copied()).collect()
    }

    /// Writes frames of this sound's kind to a file.
    pub fn save(&self, path: &Path, bytes: &[u8]) -> Result<(), String> {
        let spec = hound::WavSpec {
            channels: self.channels,
            sample_rate: self.rate,
            bits_per_sample: 16,
            sample_format: hound::SampleFormat::Int,
        };
        let written = hound::WavWriter::create(path, spec).and_then(|mut wav| {
            for sample in bytes.chunks_exact(2) {
                wav.write_sample(i16::from_le_bytes([sample[0], sample[1]]))?;
            }
            wav.finalize()
        });
        written.map_err(|error| format!("{}: {error}", path.display()))
    }
}
