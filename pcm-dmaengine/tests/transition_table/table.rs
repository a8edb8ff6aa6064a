//! The tables of the façade's documentation, read: what Linux answers, and where the façade answers something else.
//!
//! They are the documentation's own files, so neither can say what the other does not.

use pcm_dmaengine::dynamic::State;

const LINUX: &str = include_str!("../../src/dynamic/linux-6.12.md");
const DEVIATIONS: &str = include_str!("../../src/dynamic/deviations.md");

/// One question: what an operation does to a stream in a state.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cell {
    pub operation: String,
    /// `capture`, `playback` or `both`.
    pub stream: String,
    pub state: State,
    /// The special case; empty in the main table. `cannot pause` is about the engine.
    pub when: String,
    /// How Linux answers it.
    pub linux: String,
}

impl Cell {
    pub fn is_about(&self, playback: bool) -> bool {
        self.stream == "both" || (self.stream == "playback") == playback
    }
}

/// Where the façade answers something else.
#[derive(Clone, Debug)]
pub struct Deviation {
    pub cell: Cell,
    pub here: String,
}

/// The rows of all markdown tables in a text, heads and rules not.
fn rows(text: &str) -> impl Iterator<Item = Vec<String>> + '_ {
    let is_row = |line: &&str| line.starts_with('|') && !line.starts_with("|---") && !line.starts_with("| operation");
    text.lines().filter(is_row).map(|line| {
        let inner = line.strip_prefix('|').and_then(|line| line.strip_suffix('|')).expect("a row ends as it begins");
        inner.split('|').map(|cell| cell.trim().to_owned()).collect()
    })
}

/// `"readi, readn"` is a row for each.
fn operations(cell: &str) -> impl Iterator<Item = String> + '_ {
    cell.split(", ").map(str::to_owned)
}

/// Every cell that the table has, those of the special cases included.
pub fn cells() -> Vec<Cell> {
    let mut cells = Vec::new();
    for row in rows(LINUX) {
        for operation in operations(&row[0]) {
            let stream = row[1].clone();
            if row.len() == 5 {
                let state = row[2].parse().expect("a state of ALSA");
                let (when, linux) = (row[3].clone(), row[4].clone());
                assert!(!when.is_empty(), "a special case says when: {row:?}");
                cells.push(Cell { operation, stream, state, when, linux });
                continue;
            }
            assert_eq!(row.len(), 3 + State::ALL.len(), "a cell for each state: {row:?}");
            for (state, linux) in State::ALL.into_iter().zip(&row[3..]) {
                let (stream, when, linux) = (stream.clone(), row[2].clone(), linux.clone());
                assert!(!linux.is_empty(), "{operation} in {state}: nothing is expected");
                cells.push(Cell { operation: operation.clone(), stream, state, when, linux });
            }
        }
    }
    cells
}

pub fn deviations() -> Vec<Deviation> {
    let mut deviations = Vec::new();
    for row in rows(DEVIATIONS) {
        assert!(row.len() == 7 && !row[6].is_empty(), "a deviation has its reason: {row:?}");
        for operation in operations(&row[0]) {
            let state = row[2].parse().expect("a state of ALSA");
            let (stream, when, linux) = (row[1].clone(), row[3].clone(), row[4].clone());
            deviations.push(Deviation { cell: Cell { operation, stream, state, when, linux }, here: row[5].clone() });
        }
    }
    deviations
}

/// An answer as the tables have it, in one way of several: a new state that is the old one is none, and `ok` is said if nothing else is.
pub fn normal(answer: &str, state: State) -> String {
    let (result, triggers) = answer.split_once(';').unwrap_or((answer, ""));
    let words: Vec<&str> = result.split_whitespace().filter(|word| *word != "ok" && *word != state.name()).collect();
    let result = if words.is_empty() { "ok".to_owned() } else { words.join(" ") };
    let triggers: Vec<&str> = triggers.split_whitespace().collect();
    if triggers.is_empty() { result } else { format!("{result}; {}", triggers.join(" ")) }
}
