//! Random sequences of client calls, time, interrupts and faults, compared step by step with a reference model.
//!
//! The library drives the virtual hardware; [`Reference`](reference::Reference) is told the same and says what must come of it: which transfer
//! the hardware is at, since when and how far; what each call answers; which events the callback is told of, in which
//! order; how many were late; and how and when each transfer resolves. Interrupts arrive only when the sequence says so,
//! so news is as late as it likes; it may also be old, doubled or made up, and the hardware may stop more slowly than it
//! promised.
//!
//! The same sequences in every run: the seed is a constant. `MODELS_CASES` says how many (20,000 if nobody does), and
//! `MODELS_SEED` gives others. A failure is shrunk to a short sequence.

mod checks;
mod reference;
mod walk;

use std::cell::RefCell;
use std::collections::BTreeSet;

use backend_mock::{Mock, MockConfig};
use dmaengine_core::{Dma, Micros};
use proptest::prelude::*;
use proptest::test_runner::{Config, RngAlgorithm, TestRng, TestRunner};
use reference::Kind;
use walk::Walk;

/// What the engine promises to stop within, in microseconds.
const BOUND: u64 = 100;
const SLOTS: usize = 6;

#[derive(Clone, Debug)]
enum Action {
    /// Submits a copy of so many bursts, in whatever way the state allows: behind the stop, if it is stopping.
    Submit(u64),
    Issue,
    Terminate,
    /// Through one of the stop handles that there ever were.
    StopHandle(usize),
    /// The next callback stops its channel.
    StopInCallback,
    /// Asks for the idle channel: `try_finish` or `try_idle`.
    Finish,
    TerminateAtomic,
    Reset,
    Pause,
    Resume,
    Status(usize),
    Resolve(usize),
    Drop(usize),
    Pass(u64),
    Interrupt,
    /// News that is not true any more, or never was.
    Fault(usize, Kind),
    /// From now on the hardware takes so long to stop.
    Latency(u64),
}

fn actions() -> impl Strategy<Value = Vec<Action>> {
    let kind = prop_oneof![Just(Kind::Done), Just(Kind::Stopped), Just(Kind::Periods)];
    let action = prop_oneof![
        8 => (1..5u64).prop_map(Action::Submit),
        6 => Just(Action::Issue),
        4 => Just(Action::Terminate),
        2 => any::<usize>().prop_map(Action::StopHandle),
        1 => Just(Action::StopInCallback),
        4 => Just(Action::Finish),
        1 => Just(Action::TerminateAtomic),
        1 => Just(Action::Reset),
        2 => Just(Action::Pause),
        3 => Just(Action::Resume),
        3 => any::<usize>().prop_map(Action::Status),
        5 => any::<usize>().prop_map(Action::Resolve),
        1 => any::<usize>().prop_map(Action::Drop),
        8 => (1..200u64).prop_map(Action::Pass),
        8 => Just(Action::Interrupt),
        2 => (any::<usize>(), kind).prop_map(|(which, kind)| Action::Fault(which, kind)),
        1 => prop_oneof![Just(0), Just(BOUND), 1..BOUND, BOUND..4 * BOUND].prop_map(Action::Latency),
    ];
    prop::collection::vec(action, 1..80)
}

fn walk(actions: &[Action], seen: &RefCell<BTreeSet<String>>) {
    let config =
        MockConfig { channels: 1, stop_latency: Micros(BOUND), stop_bound: Micros(BOUND), copy_bytes_per_us: 1 };
    let dma = Dma::new(Mock::new(config));
    dma.engine().hw().set_log(false);
    let mut walk = Walk::new(&dma, seen);
    for action in actions {
        walk.act(action);
        walk.compare();
    }
    walk.end();
}

/// What many sequences cannot but meet.
const SIGHTS: [&str; 13] = [
    "Queued",
    "Running",
    "Completed",
    "Dead",
    "Aborted",
    "a copy behind a stop",
    "no slot",
    "event Done",
    "event Stopped",
    "event Periods",
    "late news",
    "too slow a stop",
    "stopped by another",
];

fn number(name: &str) -> Option<u64> {
    std::env::var(name).ok().map(|text| text.parse().unwrap_or_else(|_| panic!("{name}={text} is no number")))
}

#[test]
fn any_sequence_of_calls_does_what_the_reference_says() {
    let cases = number("MODELS_CASES").unwrap_or(20_000) as u32;
    let mut seed = [0; 32];
    seed[..8].copy_from_slice(&number("MODELS_SEED").unwrap_or(2020).to_le_bytes());
    let config = Config { cases, failure_persistence: None, ..Config::default() };
    let mut runner = TestRunner::new_with_rng(config, TestRng::from_seed(RngAlgorithm::ChaCha, &seed));
    let start = std::time::Instant::now();
    let seen = RefCell::default();
    if let Err(failure) = runner.run(&actions(), |actions| {
        walk(&actions, &seen);
        Ok(())
    }) {
        panic!("{failure}");
    }
    for what in SIGHTS {
        assert!(cases < 1_000 || seen.borrow().contains(what), "{what} never came up");
    }
    println!("{cases} sequences in {:.1?}", start.elapsed());
}
