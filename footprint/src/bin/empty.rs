//! Nothing: what the start and the report take.
#![no_std]
#![no_main]

use core::ffi::CStr;

use footprint::{line, stack_of_interrupt};

#[unsafe(no_mangle)]
fn program() -> &'static CStr {
    line(stack_of_interrupt())
}

#[unsafe(no_mangle)]
fn interrupt() {}
