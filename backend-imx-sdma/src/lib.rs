//! The i.MX SDMA, from i.MX25 to i.MX8M, as an engine of [`dmaengine_core`]: with a stop that is known to be one.
//!
//! # A stop
//!
//! Clearing a channel's HE bit does not stop it: its script goes on to its next switch point, and a script that is not on the core
//! stays frozen in the middle of a descriptor, ready to go on with it. Linux sleeps for one to two milliseconds and hopes. Here a
//! stop is followed by a *fence*: a command of channel 0, which has the highest priority and comes onto the core when the old
//! script has left it, and not before. When the command is done, the memory is the client's again: after the burst under way
//! and a few microseconds, and with an interrupt that tells it. [`Fence`], [`Poll`] and [`Wait`] are the three ways to know
//! that there are, as types.
//!
//! The context of a channel is loaded anew at every start, so that a frozen script never wakes up. What the hardware leaves behind
//! of an earlier transfer, a bit in INTR or in EP, only makes the driver look; it finds nothing and tells nothing.
//!
//! # A board
//!
//! The driver needs the registers ([`Mmio`]), the machine ([`Platform`](dmaengine_core::Platform)), and a piece of memory that the
//! SDMA sees without a cache in between ([`SharedMemory`]). It allocates nothing.
//!
//! ```
//! use backend_imx_sdma::{Fence, ImxSdma, Mmio, Settings, SharedMemory, Soc, soc::instances};
//! use core::ptr::NonNull;
//! use dmaengine_core::lock::MasksInterrupts;
//! use dmaengine_core::{BusAddr, Dma, Platform};
//!
//! /// Room for 16 transfers at a time, of at most 32 periods each.
//! const BYTES: usize = SharedMemory::bytes_for(16, 32);
//!
//! /// # Safety
//! /// The SDMA's clocks are on, nobody else uses it, and `memory` is uncached and of `BYTES` bytes, at `bus` for the SDMA.
//! unsafe fn sdma<P>(board: P, memory: NonNull<u8>, bus: BusAddr) -> Dma<ImxSdma<P>, 8>
//! where
//!     P: Platform<Lock: MasksInterrupts>,
//! {
//!     let base = NonNull::new(instances::IMX6Q.base as usize as *mut u32).unwrap();
//!     // Both contracts are what the caller promises above.
//!     let (regs, memory) = unsafe { (Mmio::new(base), SharedMemory::new(memory, bus, BYTES, 32)) };
//!     let mut settings = Settings::default();
//!     settings.spba = instances::IMX6Q.spba;
//!     Dma::new(ImxSdma::new(Soc::IMX6Q, regs, board, memory, settings).expect("the SDMA answers"))
//! }
//! ```
//!
//! The board's handler of the SDMA's interrupt calls [`Dma::interrupt`](dmaengine_core::Dma::interrupt); callbacks run there, so
//! the platform's lock has to [mask interrupts](dmaengine_core::lock::MasksInterrupts).
//!
//! # A client
//!
//! A client writes for any engine; what it has to say about its device for this one is a [`Peripheral`]: which request line, and
//! what is behind it. Scripts that are not in the ROM come with [firmware](ImxSdma::load_firmware).
//!
//! # From the outside in
//!
//! [`engine`](dmaengine_core::engine)'s traits are implemented on [`ImxSdma`]; below it lie channel 0's queue and what the channels
//! share; below those, [`words`] says what descriptors, control blocks and contexts look like, [`peripheral`] which script a device
//! takes and what the script is told, [`soc`] what differs from chip to chip, [`firmware`] what an image is, and [`regs`] where the
//! registers are.
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
