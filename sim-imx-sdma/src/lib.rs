//! The i.MX SDMA in software, seen through its registers: for testing drivers without the hardware.
//!
//! [`Sdma`] is one, with a [`bus`] around it. A driver gets at it by [`RegisterAccess`]; a test lets [`time`] pass, makes things
//! go [wrong](Trouble), and reads what the model has to [complain](ReportKind) about. What is known of the hardware is from
//! public manuals and drivers; where the model has to guess, the code says "Inferred" or "Unconfirmed" and why.
//!
//! From the outside in: `sim` is the whole, `window` the registers, `core` the channel that runs and the switches between
//! channels, `sched` who is next, `script` what the programs do, `bus` what they move data between.
#![no_std]
#![forbid(unsafe_code)]

extern crate alloc;

pub mod bus;
pub mod peripheral;
pub mod time;

mod config;
mod core;
mod interrupt;
mod machine;
mod ram;
mod registers;
mod report;
mod sched;
mod script;
mod sim;
mod trouble;
mod view;
mod window;

pub use config::{Config, Costs, PswLayout, Spba, Variant};
pub use report::{Report, ReportKind};
pub use script::table::{Firmware, ScriptKind, Scripts};
pub use sim::{Ended, Sdma, Until};
pub use trouble::Trouble;
pub use view::View;
pub use window::{Register, RegisterAccess, Rule, registers};
