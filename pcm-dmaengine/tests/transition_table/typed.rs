//! The typed states agree with the table: what ALSA refuses in a state, its type does not have.
//!
//! `compile_fail/row22_every_refused_cell.rs` calls it all, one call a line, and its record has an error for each line. Here its lines are
//! held against the table: there is one for each refusal, and no other.

use std::collections::BTreeSet;

use pcm_dmaengine::dynamic::State;

use crate::perform::OPERATIONS;
use crate::table::{cells, deviations};

const CALLS: &str = include_str!("../compile_fail/row22_every_refused_cell.rs");
const RECORD: &str = include_str!("../compile_fail/row22_every_refused_cell.stderr");

/// The method that a typed state would have for an operation.
fn method(operation: &str) -> Option<&str> {
    match operation {
        "drop" => Some("stop"),
        "sw_params" => Some("set_sw_params"),
        "pause push" => Some("pause"),
        "pause release" | "resume" => Some("resume"),
        // These are asked of whatever there is.
        "status" | "poll" | "disconnect" => None,
        // A link is of several.
        "link" | "unlink" => None,
        operation => Some(operation),
    }
}

/// The types that are this state of ALSA.
fn types(state: State, playback: bool) -> &'static [&'static str] {
    match (state, playback) {
        (State::Open, _) => &["open"],
        (State::Setup, _) => &["setup", "stopped"],
        (State::Prepared, _) => &["prepared", "undone"],
        (State::Running, _) => &["running"],
        (State::Xrun, _) => &["xrun", "faulted"],
        (State::Draining, false) => &["leftover"],
        (State::Draining, true) => &["draining"],
        (State::Paused, _) => &["paused"],
        (State::Suspended, _) => &["suspended"],
        (State::Disconnected, _) => &["disconnected"],
    }
}

/// Every refusal because of the state, as a call: `xrun.start();`.
fn refusals() -> BTreeSet<String> {
    let (mut calls, deviations) = (BTreeSet::new(), deviations());
    let known = |operation: &str| OPERATIONS.iter().any(|(name, _)| *name == operation);
    for cell in cells().into_iter().filter(|cell| cell.when.is_empty() && known(&cell.operation)) {
        let refused = cell.linux.starts_with('E') && !cell.linux.contains(' ');
        let deviates = |playback| {
            let same = |other: &crate::table::Cell| (&other.operation, other.state) == (&cell.operation, cell.state);
            deviations.iter().any(|deviation| {
                let other = &deviation.cell;
                same(other) && other.when.is_empty() && other.is_about(playback) && !deviation.here.starts_with('E')
            })
        };
        // Both are called `resume`: on a paused stream the one, on a suspended stream the other.
        let other_one = cell.operation == "resume" && cell.state == State::Paused
            || cell.operation == "pause release" && cell.state == State::Suspended;
        for playback in [false, true] {
            if let (Some(method), true, false) =
                (method(&cell.operation), refused && cell.is_about(playback) && !deviates(playback), other_one)
            {
                // Their `reset` is another: of the DMA channel, if it does not stop.
                let has_another = |of: &str| method == "reset" && ["stopped", "faulted"].contains(&of);
                let types = types(cell.state, playback).iter().filter(|of| !has_another(of));
                calls.extend(types.map(|of| format!("{of}.{method}();")));
            }
        }
    }
    calls
}

#[test]
fn what_is_refused_has_no_method() {
    let calls: Vec<&str> = CALLS.lines().map(str::trim).filter(|line| line.ends_with("();")).collect();
    let called: BTreeSet<String> = calls.iter().map(|&call| call.to_owned()).collect();
    assert_eq!(called.len(), calls.len(), "each once");
    let refusals = refusals();
    let (missing, needless): (Vec<_>, Vec<_>) =
        (refusals.difference(&called).collect(), called.difference(&refusals).collect());
    assert!(missing.is_empty() && needless.is_empty(), "missing: {missing:#?}, needless: {needless:#?}");
    let errors = RECORD.lines().filter(|line| line.starts_with("error[E0599]: no method named")).count();
    assert_eq!(errors, calls.len(), "an error for each call");
}
