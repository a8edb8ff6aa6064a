//! Other crates beside this library, at what they have in common with it. `cargo bench` counts the instructions of both in one run.
//!
//! None of them does what this library does; each does a part of it, and is a measure for what that part costs. What is not done is said
//! where it is measured. The crate is apart from the workspace, since nobody who builds the library should need libasound.

pub mod cycle;
pub mod period;
pub mod transfer;
