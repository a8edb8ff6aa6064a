//! What the ways to stop a transfer cost in time: a 48 kHz stereo stream of an SSI on the simulated SDMA is stopped at every
//! moment of a period, alone and with all other channels busy, and started again.
//!
//! `world` is the stream's board, `load` the other channels, `ways` what each policy does between the stop and the next run, `stop`
//! one stop and what is seen of it, `walk` all stops of a policy; `spread` counts them, `table` and `picture` show them.
//!
//! Time passes in the SDMA, on the buses, with each access to a register and in waits; the processor's instructions take none, and
//! it wakes up at once. Capture and playback are both walked through, and count alike.

mod load;
mod picture;
mod spread;
mod stop;
mod table;
mod walk;
mod ways;
mod world;

pub use picture::picture;
pub use spread::Spread;
pub use table::table;
pub use walk::{Figures, Policy, Stride, walk};

/// From the stop to running again, in the worst case: what is promised of a stream that has the engine for itself, in nanoseconds.
pub const GOAL: u64 = 50_000;
