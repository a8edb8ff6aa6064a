//! An i.MX6 board that is not there: the [simulated SDMA](sim_imx_sdma), memory that a device can be lent, a sound
//! codec, an [SSI with its driver](SsiPort) and a [wire](Wire), and a processor. The [driver](backend_imx_sdma) meets its hardware here, in tests and in examples, through the same two
//! traits as on a chip: [`Registers`](backend_imx_sdma::Registers) and [`Platform`](dmaengine_core::Platform).
//!
//! ```
//! use backend_imx_sdma::{Fence, Settings};
//! use dmaengine_core::{Dma, Outcome};
//! use sim_board::{Board, Cpu};
//!
//! let board = Board::new();
//! let dma: Dma<_, 4> = Dma::new(board.sdma::<Fence>(Settings::default()).unwrap());
//! let cpu = Cpu::new(&board, |atomic| dma.interrupt(atomic, &mut |_, _| ()));
//! cpu.thread(|context| {
//!     let idle = dma.channel(0).unwrap();
//!     let copy = idle.prep_memcpy(vec![0_u8; 64].leak(), vec![7_u8; 64].leak()).unwrap();
//!     let (_active, transfer) = idle.start(copy).unwrap();
//!     let ended = transfer.wait(context, dmaengine_core::Micros(1_000)).unwrap();
//!     assert_eq!(ended.outcome, Outcome::Completed);
//!     assert_eq!(ended.buffer.0, [7; 64]);
//! });
//! ```
#![no_std]

extern crate alloc;

mod board;
mod codec;
mod cpu;
mod loan;
mod lock;
mod ssi;

pub use board::{Board, Engine};
pub use codec::Codec;
pub use cpu::Cpu;
pub use lock::SimLock;
pub use ssi::{Played, SsiError, SsiFormat, SsiInstance, SsiPort, Wire};
