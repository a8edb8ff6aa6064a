//! What the benchmarks' operations take on the Cortex-A9, as a table: the program `costs` counts, on both ABIs.

use std::collections::BTreeMap;

use super::{CORTEX_A9, build, chosen, machine};
use crate::chore::{Error, Result, output};

/// The operations as the program calls them, their cases' unit, and what the table calls them.
const OPERATIONS: [(&str, &str, &str); 16] = [
    ("terminate_async", "queued", "`terminate_async`"),
    ("terminate_atomic", "queued", "`terminate_atomic`, with the wait for a microsecond"),
    ("synchronize_complete", "queued", "`synchronize`, nothing pending"),
    ("synchronize_pending", "queued", "`synchronize`, a stop pending"),
    ("free", "queued", "freeing them all"),
    ("restart", "queued", "restart, queued behind a stop"),
    ("status", "queued", "status"),
    ("prepare_submit_issue", "periods", "prepare, submit and issue"),
    ("prepare_anew", "periods", "the same with another request than the last"),
    ("interrupt", "periods ended", "interrupt"),
    ("pcm_elapsed", "periods", "a stream's interrupt, one period ended"),
    ("pcm_xrun", "periods", "a stream's interrupt, which finds an XRUN and stops it"),
    ("pcm_write", "periods", "a period written to a stream"),
    ("pcm_recover_sync_stop", "periods", "recovery and start, the stop waited for asleep"),
    ("pcm_recover_atomic", "periods", "recovery and start, the stop waited for busily"),
    ("pcm_recover_queued", "periods", "recovery and start, queued behind the stop"),
];

/// Figures, by operation, case and what they are.
type Figures = BTreeMap<(String, u32, String), u32>;

/// Runs the program on each target, and prints the table.
pub(super) fn run() -> Result {
    let program = &chosen(&["costs"])?[0];
    let mut figures = Vec::new();
    for target in &CORTEX_A9 {
        figures.push(parse(&output(&mut machine(target, &build(target)?, program)?)?)?);
    }
    print!("{}", table(&figures)?);
    Ok(())
}

fn parse(printed: &str) -> Result<Figures> {
    let mut figures = Figures::new();
    for line in printed.lines() {
        let words: Vec<_> = line.split_whitespace().collect();
        let [what, operation, case, figure] = words[..] else { return Err(strange(line)) };
        let (Ok(case), Ok(figure)) = (case.parse(), figure.parse()) else { return Err(strange(line)) };
        figures.insert((operation.into(), case, what.into()), figure);
    }
    Ok(figures)
}

fn strange(line: &str) -> Error {
    Error::new(format!("the program costs printed something else than a figure: {line:?}"))
}

fn table(figures: &[Figures]) -> Result<String> {
    let mut text = String::from("| |");
    CORTEX_A9.iter().for_each(|target| text += &format!(" {} | masked at a time |", target.name));
    text += "\n| --- |";
    text += &" ---: | ---: |".repeat(CORTEX_A9.len());
    text.push('\n');
    for (operation, unit, title) in OPERATIONS {
        let cases: Vec<u32> =
            figures[0].keys().filter(|key| key.0 == operation && key.2 == "masked").map(|key| key.1).collect();
        if cases.is_empty() {
            return Err(Error::new(format!("the program costs says nothing of {operation}")));
        }
        for case in cases {
            text += &format!("| {title}, {case} {unit} |");
            for figures in figures {
                for what in ["instructions", "masked"] {
                    let figure = figures.get(&(operation.into(), case, what.into()));
                    let figure =
                        figure.ok_or_else(|| Error::new(format!("no {what} of {operation}, {case} {unit}")))?;
                    text += &format!(" {figure} |");
                }
            }
            text.push('\n');
        }
    }
    Ok(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Of every operation one case.
    fn printed() -> String {
        let lines = OPERATIONS.iter().enumerate().map(|(n, (operation, ..))| {
            format!("instructions {operation} 4 {}\nmasked {operation} 4 {}\n", 100 + n, 10 + n)
        });
        lines.collect()
    }

    #[test]
    fn each_figure_has_its_place() {
        let figures = parse(&printed()).unwrap();
        let text = table(&[figures.clone(), figures]).unwrap();
        assert!(text.contains("\n| `terminate_async`, 4 queued | 100 | 10 | 100 | 10 |\n"), "{text}");
        assert!(text.contains("\n| interrupt, 4 periods ended | 109 | 19 | 109 | 19 |\n"), "{text}");
    }

    #[test]
    fn what_is_missing_or_strange_is_an_error() {
        let whole = printed();
        for n in 0..whole.lines().count() {
            let less: String =
                whole.lines().enumerate().filter(|(i, _)| *i != n).map(|(_, line)| format!("{line}\n")).collect();
            let figures = [parse(&whole).unwrap(), parse(&less).unwrap()];
            assert!(table(&figures).is_err(), "without line {n}");
        }
        assert!(parse("panicked at somewhere\n").is_err());
        assert!(parse("masked status 4 many\n").is_err());
    }
}
