//! Sound between rings and the wire of an SSI, without a sound system: bit for bit, whatever is stopped and started.

mod bench;
mod exact;
mod load;
mod pauses;
mod restarts;
mod xruns;
