//! Prints what each way to stop a transfer costs in simulated time, as Markdown; `--svg FILE` draws it, too.
//!
//! ```text
//! cargo run --release -p benches --bin stop_policies -- --svg docs/stop-policies.svg
//! ```

use std::error::Error;
use std::fs;

use benches::policies::{Policy, Stride, picture, table, walk};

/// Every cycle of a period alone, every sixth (91 ns) with all channels busy.
const STRIDE: Stride = Stride { alone: 1, loaded: 6 };

fn main() -> Result<(), Box<dyn Error>> {
    let mut args = std::env::args().skip(1);
    let svg = match (args.next().as_deref(), args.next(), args.next()) {
        (None, None, None) => None,
        (Some("--svg"), Some(file), None) => Some(file),
        _ => return Err("usage: stop_policies [--svg FILE]".into()),
    };
    let loads = [false, true].into_iter();
    let all = loads.flat_map(|is_loaded| Policy::ALL.map(|policy| walk(policy, is_loaded, STRIDE)));
    let all: Vec<_> = all.collect();
    print!("{}", table(&all));
    if let Some(file) = svg {
        fs::write(file, picture(&all))?;
    }
    Ok(())
}
