//! Clients that do at random whatever the types let them, on two engines, for thousands of simulated seconds; and a reference
//! that knows what must come of it.
//!
//! `PCM_SECONDS=n` simulates n seconds on each instead of 10,000, `PCM_SEED=n` others than usual. `.ci/pcm-endurance` simulates a
//! million.

mod client;
mod deeds;
mod desk;
mod journal;
mod ledger;
mod machine;
mod noise;
mod opening;
mod random;
mod side;
mod witness;
mod world;

use machine::imx::ImxMachine;
use machine::mock::MockMachine;
use world::Account;

fn from_environment(name: &str, usual: u64) -> u64 {
    std::env::var(name).ok().map_or(usual, |text| text.parse().expect("a number"))
}

const STATES: [&str; 12] = [
    "OPEN",
    "SETUP",
    "PREPARED",
    "undone",
    "RUNNING",
    "DRAINING",
    "PAUSED",
    "SUSPENDED",
    "XRUN",
    "stopped",
    "faulted",
    "DISCONNECTED",
];

/// Tells what was done, and sees to it that all states were.
fn report(name: &str, account: &Account, but: &[&str]) {
    println!(
        "{name}: {} s simulated, {} openings, {} steps, {} frames, {} XRUNs that dropped {} frames\n{:?}\n{:?}",
        account.simulated / 1_000_000,
        account.openings,
        account.steps,
        account.frames,
        account.xruns,
        account.dropped,
        account.visits,
        account.deeds,
    );
    let seen = |state: &&str| account.visits.contains_key(*state) || but.contains(state);
    let missed: Vec<_> = STATES.iter().filter(|state| !seen(state)).collect();
    assert!(account.simulated < 10_000_000_000 || missed.is_empty(), "nobody came to {missed:?}");
}

#[test]
fn random_clients_on_the_mock() {
    let account = opening::run::<MockMachine>(
        from_environment("PCM_SECONDS", 10_000),
        from_environment("PCM_SEED", 6),
        "on_the_mock",
    );
    report("mock", &account, &[]);
}

#[test]
fn random_clients_on_the_simulated_sdma() {
    let account = opening::run::<ImxMachine>(
        from_environment("PCM_SECONDS", 10_000),
        from_environment("PCM_SEED", 6),
        "on_the_simulated_sdma",
    );
    report("SDMA", &account, &["PAUSED"]);
}
