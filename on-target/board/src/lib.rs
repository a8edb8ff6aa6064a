//! A small runtime for QEMU's `sabrelite`, an i.MX6Quad: what a program needs to run the library on a real ARM core, with real
//! interrupts.
//!
//! QEMU has no SDMA. Here its registers are answered all the same: its page is left out of the map of memory, an access to it is a data
//! abort, and the abort's handler asks the simulated SDMA ([`hardware`]). The driver knows nothing of it: it is the driver that a
//! chip would have, with its own registers at 0x020EC000, its own memory, and interrupt 34 of the real interrupt controller.
//!
//! # Bottom up
//!
//! | module | what it is |
//! | --- | --- |
//! | [`cpu`], [`mmio`] | the core's own registers, and those of devices |
//! | `start`, `vectors`, `mmu` | from power-on to the program; where exceptions go; what is mapped |
//! | [`gic`], [`irq`] | the interrupt controller, and who handles what |
//! | [`lock`], `heap`, [`uart`], [`exit`] | a lock that masks interrupts, an allocator for the simulation, output, the exit status |
//! | [`timer`], [`watchdog`] | the hardware's clocks, and an end for a program that hangs |
//! | [`hardware`], `abort` | the simulated devices behind their addresses |
//! | [`platform`], [`context`] | the machine as the library wants to know it |
//! | [`sdma`], [`ssi`] | the driver on this board, and a sound port for it |
//! | [`test`] | named tests |
#![no_std]

extern crate alloc;

pub mod context;
pub mod cpu;
pub mod exit;
pub mod gic;
pub mod hardware;
pub mod irq;
pub mod lock;
pub mod mmio;
pub mod platform;
pub mod sdma;
pub mod ssi;
pub mod test;
pub mod timer;
pub mod uart;
pub mod watchdog;

mod abort;
mod heap;
mod mmu;
mod start;
mod vectors;

pub use abort::fault_of;
pub use mmu::{RAM, RAM_SIZE};
pub use start::start_core;
