//! The chores of this project: `cargo xtask`.

mod chore;
mod faults;
mod footprint;
mod qemu;
mod results;
mod target;
mod toolchain;

use std::env;
use std::process::ExitCode;

use chore::{Error, Result};

const USAGE: &str = "\
cargo xtask footprint        builds the minimal firmware, and tells what flash, memory and stack it takes
cargo xtask results          measures everything, and writes benches/RESULTS.md; --help tells more";

fn main() -> ExitCode {
    let arguments: Vec<String> = env::args().skip(1).collect();
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    match run(&arguments) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("{error}");
            ExitCode::FAILURE
        }
    }
}

fn run(arguments: &[&str]) -> Result {
    match arguments {
        ["footprint", rest @ ..] => footprint::run(rest),
        ["results", rest @ ..] => results::run(rest),
        ["target", rest @ ..] => target::run(rest),
        [] => Err(Error::new(usage())),
        [other, ..] => Err(Error::new(format!("no such chore: {other}\n{}", usage()))),
    }
}

fn usage() -> String {
    format!("{USAGE}\n{}", target::USAGE)
}
