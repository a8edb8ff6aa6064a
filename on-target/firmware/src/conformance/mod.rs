//! The conformance suite on the driver behind its real registers, with its real interrupt: what its programs share. There is one for each
//! way to know that a channel has stopped, since the suite leaks what it leaves running, and the machine's memory is enough for one.
//!
//! What is other than on a host: a statement that panics ends the program (there is no unwinding), so a statement that fails is told by
//! the summary and one that panics by the panic; nobody counts accesses to memory that was given away, but the suite itself looks at
//! memory that came back. Interrupts are taken while the thread sleeps, as the suite asks, and so at no other time; that they may come at
//! any instruction is what `walk` is about.

#[path = "../../../../backend-imx-sdma/tests/patient/mod.rs"]
mod patient;
mod rig;

use backend_imx_sdma::StopMethod;
use board::sdma::Sdma;
use board::{print, println};
use dmaengine_core::conformance::{Abilities, run_all};
use rig::Bench;

/// Runs all of it. Nothing may fail, and what is skipped is given.
pub fn run<S: StopMethod>(asks_channel_0: bool, abilities: fn() -> Abilities<Sdma<S>>, skipped: &[u8]) {
    let summary = run_all(|| Bench::<S>::new(asks_channel_0, abilities));
    print!("{} run, {} skipped ... ", summary.run, summary.skipped.len());
    for failure in &summary.failed {
        println!("\n{failure}");
    }
    assert!(summary.failed.is_empty(), "{} statements do not hold", summary.failed.len());
    assert!(summary.skipped.iter().map(|skipped| &skipped.number).eq(skipped), "{:?}", summary.skipped);
}
