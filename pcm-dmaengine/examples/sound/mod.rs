//! What players and recorders have in common: sound files, the machine, and a plan.

pub mod machine;
pub mod plan;
pub mod samples;
pub mod wav;
