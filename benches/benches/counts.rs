//! Instructions of the SDMA's driver, counted by callgrind. `cargo bench -p benches --bench counts`; `cargo xtask results` makes tables of them.

#![allow(missing_docs)]

#[macro_use]
mod counted;

use benches::plain::Sdma;
use counted::*;

counts!(Sdma, sdma);
