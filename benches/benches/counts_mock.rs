//! Instructions of the mock, counted by callgrind. `cargo bench -p benches --bench counts_mock`; `cargo xtask results` makes tables of them.

#![allow(missing_docs)]

#[macro_use]
mod counted;

use backend_mock::Mock;
use counted::*;

counts!(Mock, mock);
