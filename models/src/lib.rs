//! What the models stand on: the lock, the engine and the two threads of a model of `dmaengine-core` under [loom].
//!
//! [loom] runs a piece of concurrent code again and again, with every order of its threads' steps that its bound on
//! preemptions allows. The library needs no build of its own for that: its lock is a policy, so [`LoomLock`] goes where
//! the board's lock goes, and all that the library shares between threads is behind it.
//!
//! The models are in `tests/loom_*.rs`, one for each property, with the race that it is about in prose above it. Beside
//! them, `tests/random_reference.rs` compares long random sequences with a reference model. `.ci/models` runs both.
//!
//! [loom]: https://docs.rs/loom

mod board;
mod engine;
mod hardware;
mod lock;
mod memory;
mod wakes;

pub use board::{Board, SLOTS, explore, request};
pub use engine::{ModelDescriptor, ModelEngine};
pub use hardware::Hardware;
pub use lock::LoomLock;
pub use memory::Buf;
pub use wakes::Wakes;
