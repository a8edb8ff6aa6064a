//! head
#[path = "../patient/mod.rs"]
mod patient;
mod bench;
mod channel_zero;
mod firmware;
mod hardware;
mod races;
mod terminate;
mod progress;
mod starvation;
mod refusals;
