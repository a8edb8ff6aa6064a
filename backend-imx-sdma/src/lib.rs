//! The i.MX SDMA, from i.MX25 to i.MX8M, as an engine of [`dmaengine_core`].
#![no_std]

pub mod peripheral;
pub mod regs;
pub mod soc;
pub mod words;
