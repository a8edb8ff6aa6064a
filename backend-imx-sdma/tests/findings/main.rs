//! head
#[path = "../patient/mod.rs"]
mod patient;
mod bench;
mod races;
