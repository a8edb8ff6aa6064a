//! The i.MX SDMA in software, seen through its registers.
#![no_std]
#![forbid(unsafe_code)]

extern crate alloc;

pub mod bus;
pub mod peripheral;
pub mod time;

mod machine;
mod registers;
mod script;
