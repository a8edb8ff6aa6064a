//! The i.MX SDMA, from i.MX25 to i.MX8M, as an engine of [`dmaengine_core`].
//!
#![doc = include_str!("differences.md")]
#![no_std]

pub mod error;
pub mod firmware;
pub mod memory;
pub mod peripheral;
pub mod regs;
pub mod settings;
pub mod soc;
pub mod stop;
pub mod words;

mod channel;
mod channel_zero;
mod engine;
mod prepare;
mod progress;
mod reset;
mod sdma;
mod shared;

pub use channel::{Channel, Descriptor};
pub use memory::SharedMemory;
pub use peripheral::Peripheral;
pub use regs::{Mmio, Registers};
pub use sdma::{CHANNELS, ImxSdma};
pub use settings::Settings;
pub use soc::Soc;
pub use stop::{Fence, Poll, StopMethod, Wait};
