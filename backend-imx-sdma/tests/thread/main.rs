//! What the thread of August 2020 tells of, on the simulated SDMA: a stream that is stopped in its interrupt and started again at
//! once, in every phase of a burst, with the bus to itself and with all others on it, with and without trouble.
//!
//! `bench` is the stream's world, `load` the other channels, `stream` one run after another and what must be true of each,
//! `cures` the ways from a stop to the next run.

mod bench;
mod cures;
mod load;
mod random;
mod stream;

mod endurance;
mod latency;
mod overrun;
mod residue;
mod starvation;
mod together;
mod troubles;
