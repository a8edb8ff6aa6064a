//! [`Sound`]: frames as they lie in a ring, from a WAV file and back into one.

use std::io::Read;
use std::path::Path;

use pcm_dmaengine::{SampleFormat, SampleKind};

use super::samples::{decode, encode};

/// A different sentence on each side, so that a swap can be heard.
const SPEECH: &[u8] = include_bytes!("../speech.wav");

/// Frames of some format.
#[derive(Clone, Debug, PartialEq)]
pub struct Sound {
    pub name: String,
    pub format: SampleFormat,
    pub rate: u32,
    pub channels: u16,
    /// Interleaved, whole frames.
    pub bytes: Vec<u8>,
}

impl Sound {
    /// Reads a WAV of 8, 16, 24 or 32 bits, or of floats; without a path, a clip of speech. Its format is what is in the file, little
    /// endian.
    pub fn open(path: Option<&Path>) -> Result<Self, String> {
        let Some(path) = path else { return Self::read("speech.wav".into(), SPEECH) };
        let name = path.display().to_string();
        let file = std::fs::File::open(path).map_err(|error| format!("{name}: {error}"))?;
        Self::read(name, std::io::BufReader::new(file))
    }

    fn read(name: String, reader: impl Read) -> Result<Self, String> {
        let mut wav = hound::WavReader::new(reader).map_err(|error| format!("{name}: {error}"))?;
        let hound::WavSpec { channels, sample_rate: rate, bits_per_sample: bits, sample_format: kind } = wav.spec();
        let format = match (kind, bits) {
            (hound::SampleFormat::Int, 8) => SampleFormat::U8,
            (hound::SampleFormat::Int, 16) => SampleFormat::S16Le,
            (hound::SampleFormat::Int, 24) => SampleFormat::S24_3Le,
            (hound::SampleFormat::Int, 32) => SampleFormat::S32Le,
            (hound::SampleFormat::Float, 32) => SampleFormat::FloatLe,
            _ => return Err(format!("{name}: {bits}-bit samples; 8, 16, 24, 32 and float are known")),
        };
        if channels == 0 || !(1..=768_000).contains(&rate) {
            return Err(format!("{name}: {channels} channels at {rate} Hz"));
        }
        let mut bytes = Vec::new();
        let mut push = |value: Result<f64, hound::Error>| {
            let value = value.map_err(|error| format!("{name}: {error}"))?;
            let sample = encode(format, value).ok_or_else(|| format!("{name}: a sample of more than {bits} bits"))?;
            bytes.extend_from_slice(&sample[..format.bytes() as usize]);
            Ok::<_, String>(())
        };
        if format.kind() == SampleKind::Float {
            wav.samples::<f32>().try_for_each(|sample| push(sample.map(f64::from)))?;
        } else {
            let half = 2_f64.powi(i32::from(bits) - 1);
            wav.samples::<i32>().try_for_each(|sample| push(sample.map(|sample| f64::from(sample) / half)))?;
        }
        if bytes.is_empty() {
            return Err(format!("{name}: no frames"));
        }
        Ok(Self { name, format, rate, channels, bytes })
    }

    /// The same samples in another format, and their channels over and over, or the first of them.
    pub fn converted(self, format: SampleFormat, channels: u16) -> Result<Self, String> {
        if (format, channels) == (self.format, self.channels) {
            return Ok(self);
        }
        let mut bytes = Vec::new();
        for (number, frame) in self.bytes.chunks_exact(self.frame_bytes()).enumerate() {
            let samples = frame.chunks_exact(self.format.bytes() as usize).cycle();
            for sample in samples.take(channels.into()) {
                let same = encode(format, decode(self.format, sample)).ok_or_else(|| {
                    let (name, from) = (&self.name, self.format);
                    format!("{name}: frame {number}: {format} does not have the number that this is in {from}")
                })?;
                bytes.extend_from_slice(&same[..format.bytes() as usize]);
            }
        }
        Ok(Self { format, channels, bytes, ..self })
    }

    /// Writes a WAV of as many bits as the format has, or some more: a WAV has whole bytes. It has no doubles; what is in them must fit
    /// a float.
    pub fn save(&self, path: &Path) -> Result<(), String> {
        if self.format.width() == 64 {
            return self.clone().converted(SampleFormat::FloatLe, self.channels)?.save(path);
        }
        let (bits, is_float) = (self.format.width().next_multiple_of(8), self.format.kind() == SampleKind::Float);
        let spec = hound::WavSpec {
            channels: self.channels,
            sample_rate: self.rate,
            bits_per_sample: bits as u16,
            sample_format: if is_float { hound::SampleFormat::Float } else { hound::SampleFormat::Int },
        };
        let half = 2_f64.powi(bits as i32 - 1);
        let written = hound::WavWriter::create(path, spec).and_then(|mut wav| {
            for sample in self.bytes.chunks_exact(self.format.bytes() as usize) {
                let value = decode(self.format, sample);
                if is_float {
                    wav.write_sample(value as f32)?;
                } else {
                    wav.write_sample((value * half) as i32)?;
                }
            }
            wav.finalize()
        });
        written.map_err(|error| format!("{}: {error}", path.display()))
    }

    /// How the SSI and the SDMA see its frames: samples of so many bytes, and how many of them. Neither knows a sample of eight bytes;
    /// it is two of four.
    pub fn words(&self) -> (u32, u16) {
        match self.format.bytes() {
            8 => (4, 2 * self.channels),
            bytes => (bytes, self.channels),
        }
    }

    pub fn frame_bytes(&self) -> usize {
        self.format.bytes() as usize * usize::from(self.channels)
    }

    pub fn frames(&self) -> u64 {
        (self.bytes.len() / self.frame_bytes()) as u64
    }
}
