//! Misuse: a period in bytes where frames are meant. ALSA counts both in unsigned long.

use pcm_dmaengine::{HwParams, SampleFormat};

fn params(period_bytes: u64) -> HwParams {
    HwParams { format: SampleFormat::S16Le, rate: 48_000, channels: 2, period_size: period_bytes, periods: 15 }
}

fn main() {}
