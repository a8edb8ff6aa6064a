//! The golden traces: what an unmodified Linux 6.12.117 writes, step by step, and this driver in its place.
//!
//! The traces lie in `tests/golden/linux-6.12.117`. Each step is done with this driver on a hardware model like that of the record,
//! and compared: register writes in order, commands of channel 0 with all they move, descriptors, control blocks, contexts, results
//! and residues. Reads, clocks and log lines are not, and bus addresses are names.
//!
//! What this driver does on purpose otherwise stands in one table, [`differences`]. A difference that is not in the table fails,
//! and so does an entry that nothing needs.
//!
//! Three rules say when things are compared:
//!
//! 1. **At the start.** What Linux writes when a channel is requested, configured and prepared is held, and belongs to the start
//!    of that transfer, in Linux's order. Until then this driver must not have written a single register. Descriptors are compared
//!    as soon as they are prepared.
//! 2. **Channel 0's interrupt** is taken at the end of the step that has raised it.
//! 3. **Memory** is compared after each step for which the trace has a snapshot; the hardware's state as well, once something was
//!    started.

#[path = "golden/client.rs"]
mod client;
#[path = "golden/compare.rs"]
mod compare;
#[path = "golden/differences.rs"]
mod differences;
#[path = "golden/expect.rs"]
mod expect;
#[path = "golden/firmware.rs"]
mod firmware;
#[path = "golden/hardware.rs"]
mod hardware;
#[path = "golden/ledger.rs"]
mod ledger;
#[path = "golden/machine.rs"]
mod machine;
#[path = "golden/replay.rs"]
mod replay;
#[path = "golden/steps.rs"]
mod steps;
#[path = "golden/trace.rs"]
mod trace;

use differences::Differences;
use replay::Replay;
use trace::Scenario;

/// Replays all runs of a scenario.
fn scenario(name: &str, runs: usize) {
    let scenario = Scenario::read(name);
    assert_eq!(scenario.runs.len(), runs);
    let differences = Differences::of(&scenario.name);
    for run in &scenario.runs {
        Replay::new(run, &differences).play();
    }
    differences.all_needed();
}

#[test]
fn s01_initialisation() {
    scenario("S01", 2);
}

#[test]
fn s02_firmware() {
    scenario("S02", 9);
}

#[test]
fn s03_cyclic_playback() {
    scenario("S03", 4);
}

#[test]
fn s05_lists() {
    scenario("S05", 3);
}

#[test]
fn s06_copies() {
    scenario("S06", 5);
}

#[test]
fn s09_errors_in_a_ring() {
    scenario("S09", 2);
}

#[test]
fn s13_a_starved_ring() {
    scenario("S13", 1);
}

/// S09 with the two descriptors closed the other way round: the good period is told before the ring fails.
#[test]
fn a_period_that_ended_before_an_error_is_told_first() {
    let scenario = Scenario::read("S09");
    let mut run = scenario.runs.into_iter().find(|run| run["variant"] == "error-then-good-in-one-interrupt").unwrap();
    let steps = run["steps"].as_array_mut().unwrap();
    let error = steps.iter().position(|step| step["step"] == "hw_completes_bd_with_error").unwrap();
    for (at, mode) in [(error, "0x028c0780"), (error + 1, "0x029c0200")] {
        steps[at]["events"][0]["mode_after"] = mode.into();
    }
    let names = [steps[error]["step"].take(), steps[error + 1]["step"].take()];
    let args = [steps[error]["args"].take(), steps[error + 1]["args"].take()];
    for (i, (name, args)) in names.into_iter().zip(args).enumerate() {
        (steps[error + 1 - i]["step"], steps[error + 1 - i]["args"]) = (name, args);
    }
    // What Linux says inside the first of its two callbacks is now of a good period.
    let interrupt = &mut steps[error + 2]["events"];
    let inside = interrupt.as_array_mut().unwrap().iter_mut().find(|event| event["op"] == "callback").unwrap();
    inside["tx_status_inside"] = serde_json::json!({ "status": "DMA_IN_PROGRESS", "residue": 5760 });
    Replay::new(&run, &Differences::of("S09")).play();
}

#[test]
fn the_documentation_has_the_table_of_differences() {
    let documentation = include_str!("../src/differences.md");
    let rows: Vec<&str> = documentation.lines().filter(|line| line.starts_with("| ")).skip(1).collect();
    let table = differences::documentation();
    assert_eq!(rows, table.lines().collect::<Vec<_>>());
}
