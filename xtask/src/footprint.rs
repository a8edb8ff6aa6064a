//! What the library takes on a chip: flash, memory and the stack of an interrupt, of the smallest programs that make sense.

use crate::chore::{Error, Result};

/// Builds and runs them, and prints a table.
pub fn run(arguments: &[&str]) -> Result {
    match arguments {
        [] => Ok(()),
        _ => Err(Error::new("cargo xtask footprint takes no arguments")),
    }
}
