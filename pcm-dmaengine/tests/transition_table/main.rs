//! ALSA's transition table, cell by cell: every operation in every state, on both ways, on an engine that can pause and on one that cannot.
//!
//! The table is a document, `src/dynamic/linux-6.12.md`, and so is the list of the places where the façade answers something else,
//! `src/dynamic/deviations.md`. Here each cell is asked of a real stream on the mock, in virtual time: brought into its state by what a
//! client does, then the operation, and then what it answered, what state the stream is in, and what its peripheral was told.

#[path = "../common/mod.rs"]
mod common;
mod linked;
mod perform;
mod rig;
mod table;
mod typed;

use pcm_dmaengine::dynamic::State;
use pcm_dmaengine::{Capture, Playback};
use perform::{CASES, OPERATIONS, ask};
use table::{Cell, cells, deviations, normal};

fn answer(cell: &Cell, playback: bool, pauses: bool) -> String {
    match (cell.operation.as_str(), playback) {
        ("link" | "unlink", true) => linked::ask::<Playback>(cell, pauses),
        ("link" | "unlink", false) => linked::ask::<Capture>(cell, pauses),
        (_, true) => ask::<Playback>(cell, pauses),
        (_, false) => ask::<Capture>(cell, pauses),
    }
}

/// The cell of the main table for an engine: there is one and only one.
fn cell<'c>(cells: &'c [Cell], operation: &str, playback: bool, state: State, pauses: bool) -> &'c Cell {
    let found = |when: &str| -> Vec<&Cell> {
        let here = |cell: &&Cell| cell.operation == operation && cell.is_about(playback) && cell.state == state;
        cells.iter().filter(here).filter(|cell| cell.when == when).collect()
    };
    let special = if pauses { Vec::new() } else { found("cannot pause") };
    let found = if special.is_empty() { found("") } else { special };
    let [one] = found[..] else { panic!("{operation} in {state}: {} cells", found.len()) };
    one
}

/// What the façade is to answer: what Linux does, or what the list of deviations says.
fn expected(cell: &Cell, playback: bool) -> &'static str {
    let deviates = deviations().into_iter().find(|deviation| {
        let other = &deviation.cell;
        (&other.operation, other.state, &other.when) == (&cell.operation, cell.state, &cell.when)
            && other.is_about(playback)
    });
    match deviates {
        Some(deviation) => {
            assert_eq!(deviation.cell.linux, cell.linux, "the list says that Linux answers otherwise: {cell:?}");
            deviation.here.leak()
        }
        None => cell.linux.clone().leak(),
    }
}

fn check(cell: &Cell, playback: bool, pauses: bool, wrong: &mut Vec<String>) {
    let (expected, answer) = (normal(expected(cell, playback), cell.state), answer(cell, playback, pauses));
    if answer != expected {
        let way = if playback { "playback" } else { "capture" };
        let Cell { operation, state, when, .. } = cell;
        wrong.push(format!("{operation} ({way}) in {state}, {when}: {answer:?}, expected {expected:?}"));
    }
}

#[test]
fn every_operation_in_every_state() {
    let (cells, mut wrong, mut asked) = (cells(), Vec::new(), 0);
    for (operation, ways) in OPERATIONS {
        for (&playback, pauses) in ways.iter().flat_map(|way| [(way, true), (way, false)]) {
            for state in State::ALL {
                let cell = cell(&cells, operation, playback, state, pauses);
                if !pauses && state == State::Paused {
                    continue;
                }
                check(cell, playback, pauses, &mut wrong);
                asked += 1;
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    let ways: usize = OPERATIONS.iter().map(|(_, ways)| ways.len()).sum();
    assert_eq!(asked, ways * (9 + 8));
}

#[test]
fn every_special_case() {
    let (mut wrong, mut seen) = (Vec::new(), Vec::new());
    for cell in cells().iter().filter(|cell| !cell.when.is_empty() && cell.when != "cannot pause") {
        assert!(
            CASES.contains(&&*cell.when) || cell.when.starts_with("it was "),
            "{:?} is not brought about",
            cell.when
        );
        seen.push(cell.when.clone());
        for playback in [false, true] {
            if cell.is_about(playback) {
                check(cell, playback, true, &mut wrong);
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    for case in CASES {
        assert!(seen.iter().any(|when| when == case), "no cell is about {case:?}");
    }
}

/// The list is as short as it can be: each of its lines is about a cell of the table, and the façade does answer otherwise there.
#[test]
fn each_deviation_is_one() {
    let cells = cells();
    for deviation in deviations() {
        let Cell { operation, stream, state, when, linux } = &deviation.cell;
        for playback in [false, true] {
            if !deviation.cell.is_about(playback) {
                continue;
            }
            let is_it = |cell: &&Cell| (&cell.operation, cell.state, &cell.when) == (operation, *state, when);
            let cell = cells.iter().filter(is_it).find(|cell| cell.is_about(playback));
            let cell = cell.unwrap_or_else(|| panic!("{operation} ({stream}) in {state}, {when}: not in the table"));
            assert_ne!(answer(cell, playback, true), normal(linux, *state), "{operation} in {state}, {when}");
        }
    }
}
