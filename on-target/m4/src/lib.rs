//! The small board: a Cortex-M4F as of Arm's MPS2 board with AN386, which QEMU has (`mps2-an386`). No heap, nothing of the library.
//!
//! | module | what it is |
//! | --- | --- |
//! | `start` | the vector table, and from power-on to the program |
//! | [`cpu`] | which exception runs, the interrupt mask, sleep |
//! | [`nvic`], [`systick`] | an interrupt that is raised by hand, and a timer |
//! | [`semihosting`] | output and the exit status, by way of the debugger |
//!
//! A program has these functions, all `#[unsafe(no_mangle)]`:
//!
//! - `extern "C" fn main() -> !`
//! - `extern "C" fn SysTick()` and `extern "C" fn Interrupt0()`, if these exceptions occur; without one they end it with status 3,
//!   as all others do
//!
//! and a panic handler. Its build script tells the linker `-Tm4.ld`.
#![no_std]

pub mod cpu;
pub mod nvic;
pub mod semihosting;
pub mod systick;

mod start;
