//! What a stop costs: the operations that are measured, with all that has to be there before each. `cargo bench` runs them under
//! criterion (`time`) and under callgrind (`counts`); `cargo xtask results` writes down what came of it.
#![cfg_attr(not(feature = "std"), no_std)]

extern crate alloc;

pub mod ops;
pub mod plain;
#[cfg(feature = "std")]
pub mod policies;
pub mod rig;
pub mod virtual_time;
