//! What driver and SDMA tell each other in memory, word for word.
//!
//! A channel has a [`ControlBlock`] in system memory, which points to its [`BufferDescriptor`]s there, and a
//! [`Context`] in the SDMA's own memory, which only channel 0 can fill: by a [`Command`]. The [`recipes`] say which
//! descriptors a transfer takes.
//!
//! Nothing here touches hardware or memory: all of it is plain data, the same on 32 and on 64 bit. In memory the words
//! are little-endian.

pub mod recipes;

mod channel0;
mod context;
mod descriptor;

pub use channel0::Command;
pub use context::{Context, ContextArgs, ContextSize};
pub use descriptor::{BufferDescriptor, ControlBlock, Mode, Status, Unit};
