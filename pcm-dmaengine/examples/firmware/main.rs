//! A doorbell, as firmware has it: no heap, no std, and no `static mut`. Its own code is `app` and `chime`, and it is the same on a
//! chip and here.
//!
//! `cargo run --release --example firmware` rings it on a simulated board (`board` is `host.rs` then). For a chip, the Cortex-M4 of an
//! i.MX 6SoloX, `board` is `chip.rs`; `.ci/bare-metal` builds that.
#![cfg_attr(target_os = "none", no_std, no_main)]

mod app;
#[cfg_attr(target_os = "none", path = "chip.rs")]
#[cfg_attr(not(target_os = "none"), path = "host.rs")]
mod board;
mod chime;

#[cfg(not(target_os = "none"))]
fn main() -> std::process::ExitCode {
    board::main()
}
