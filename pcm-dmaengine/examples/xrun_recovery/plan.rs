//! The plan of a run: when the client is late, and how long everybody takes. The same for all five policies.
//!
//! The durations are those of the log in the thread of August 2020 (i.MX6, 48 kHz): the interrupt finds 960 frames
//! available in a buffer of 480 and stops the channel; 0.26 ms later the reader has started it again.

use backend_mock::hw::Nanos;

use crate::audio::Sound;
use crate::machine::imx;
use crate::options::{Engine, Options};

/// The client comes back when so many frames are available: twice the buffer.
pub const LATE: u64 = 960;
/// From the stop to the client's finding out.
pub const TOLD: Nanos = Nanos::from_micros(97);
/// From the stop to the client's `prepare`.
pub const PREPARE: Nanos = Nanos::from_micros(222);
/// From the stop to the client's `start`.
pub const START: Nanos = Nanos::from_micros(260);
/// From the stop to the Linux models' terminate worker.
pub const WORKER: Nanos = Nanos::from_micros(1_400);

pub struct Plan {
    /// How many whole times the sound is streamed: once, or as often as the XRUNs need.
    pub repeats: u64,
    /// Frames in all.
    pub total: u64,
    /// The client is late when it has come so far: frame numbers, ascending.
    pub late_at: Vec<u64>,
    /// The longest that the engine goes on after it was told to stop.
    pub stop_latency: Nanos,
}

impl Plan {
    pub fn new(options: &Options, sound: &Sound) -> Self {
        let stop_latency = match options.engine {
            Engine::Mock => Nanos::from_micros(options.stop_latency_us),
            Engine::ImxSdma => imx::stop_latency(sound),
        };
        let buffer = sound.params().buffer_size().0;
        // What one XRUN needs: the lateness, the stop, a restart, and two buffers in peace.
        let gap = stop_latency.0.max(START.0) + 1_000_000;
        let room = LATE + 3 * buffer + gap * u64::from(sound.rate) / 1_000_000_000;
        let repeats = (options.xruns * room + buffer).div_ceil(sound.frames());
        let total = repeats * sound.frames();
        let slack = total - options.xruns * room - buffer;
        let mut random = Random(options.seed);
        let mut late_at: Vec<u64> = (0..options.xruns).map(|_| random.below(slack + 1)).collect();
        late_at.sort_unstable();
        for (nth, at) in late_at.iter_mut().enumerate() {
            *at += buffer + nth as u64 * room;
        }
        Self { repeats, total, late_at, stop_latency }
    }
}

/// SplitMix64: small, seeded, and good enough for moments.
struct Random(u64);

impl Random {
    fn below(&mut self, limit: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        (z ^ (z >> 31)) % limit
    }
}
