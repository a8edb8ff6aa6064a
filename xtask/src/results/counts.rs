//! The tables of instructions: the goals, and how counts grow.

use std::fmt::Write;

use super::figures::{Net, number, verdict};
use super::goals::{GOALS, Growth, LINUX, OVER_ENDED, OVER_PERIODS, OVER_QUEUED, PERIODS, QUEUED};
use super::record::Record;
use crate::chore::Result;

/// All of them.
pub fn tables(record: &Record) -> Result<String> {
    let (sdma, mock) = (Net::of(&record.counts, "sdma")?, Net::of(&record.counts, "mock")?);
    let mut text = format!(
        "\
Instructions of one call, without the {} that a call takes that does nothing. Caches and the time that an instruction takes are not in
it. All counts as they were counted are in `counts.json`, and `cargo xtask results --check` fails if one has grown by more than 3 %.

Compiled by {}, counted by {}.\n\n{LINUX}\n\n",
        sdma.nothing, record.rustc, record.valgrind
    );
    goals(&mut text, sdma)?;
    text.push_str("\nWhat grows with the number of transfers queued, the SDMA driver / Linux:\n\n");
    growth(&mut text, sdma, "transfers", &QUEUED, &OVER_QUEUED, true)?;
    text.push_str(
        "\nWith the periods of a transfer, and with the periods that ended before an interrupt was taken:\n\n",
    );
    growth(&mut text, sdma, "periods", &PERIODS, &OVER_PERIODS, true)?;
    text.push('\n');
    growth(&mut text, sdma, "periods ended", &OVER_ENDED.0, &[OVER_ENDED.1], true)?;
    text.push_str(
        "\nThe same operations on the mock, most of which is the hardware that it plays in virtual time:\n\n",
    );
    growth(&mut text, mock, "transfers", &QUEUED, &OVER_QUEUED, false)?;
    text.push('\n');
    growth(&mut text, mock, "periods", &PERIODS, &OVER_PERIODS, false)?;
    text.push('\n');
    growth(&mut text, mock, "periods ended", &OVER_ENDED.0, &[OVER_ENDED.1], false)?;
    Ok(text)
}

fn goals(text: &mut String, net: Net<'_>) -> Result {
    text.push_str(
        "| the SDMA driver | at first | ours | Linux | ours / Linux | goal | |\n| --- | ---: | ---: | ---: | ---: | ---: | --- |\n",
    );
    for goal in &GOALS {
        let ours = net.figure(goal.ours)?;
        let _ = writeln!(
            text,
            "| {} | {} | {} | {} | {:.2} | {} | {} |",
            goal.figure,
            goal.first,
            number(ours),
            goal.linux,
            ours / f64::from(goal.linux),
            goal.goal,
            verdict(ours, goal.goal),
        );
    }
    Ok(())
}

fn growth(text: &mut String, net: Net<'_>, of: &str, cases: &[&str], rows: &[Growth], linux: bool) -> Result {
    // "q512" is a queue of 512.
    let numbers: Vec<_> = cases.iter().map(|case| &case[1..]).collect();
    let _ = writeln!(text, "| {of} | {} |\n| --- |{}", numbers.join(" | "), " ---: |".repeat(cases.len()));
    for row in rows {
        // What Linux does is of interest where it stands beside.
        let figure = if linux { row.figure } else { row.figure.split("; ").next().unwrap_or_default() };
        let _ = write!(text, "| {figure} |");
        for (i, case) in cases.iter().enumerate() {
            let ours: u64 = row.of.iter().map(|operation| net.count(operation, case)).sum::<Result<u64>>()?;
            let _ = match row.linux.get(i) {
                Some(theirs) if linux => write!(text, " {ours} / {theirs} |"),
                _ => write!(text, " {ours} |"),
            };
        }
        text.push('\n');
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Each count is 5 for the call, and its case's number.
    fn record() -> Record {
        let operations = OVER_QUEUED.iter().flat_map(|row| row.of).map(|of| (*of, &QUEUED[..]));
        let operations = operations.chain([
            ("prepare_submit_issue", &PERIODS[..]),
            ("prepare_anew", &PERIODS),
            ("interrupt", &OVER_ENDED.0[..]),
        ]);
        let cases = operations
            .flat_map(|(of, cases)| cases.iter().map(move |case| (of, *case, 5 + case[1..].parse::<u64>().unwrap())));
        let counts = cases.chain([("nothing", "q1", 5)]);
        let both = counts.flat_map(|(of, case, n)| ["sdma", "mock"].map(|engine| ([engine, of, case].join("/"), n)));
        Record { rustc: "rustc 1.95.0".into(), valgrind: "valgrind-3.19.0".into(), counts: both.collect() }
    }

    #[test]
    fn each_figure_has_its_place() {
        let text = tables(&record()).unwrap();
        for line in [
            "| `terminate_async`, 512 queued | 541 | 512 | 110 | 4.65 | 60 | missed by 452 (753 %) |",
            "| freeing, each terminated transfer | 240 | 1 | 50 | 0.02 | 20 | met |",
            "| interrupt, each further period | 60 | 1 | 53 | 0.02 | 35 | met |",
            "| transfers | 1 | 8 | 64 | 512 |\n| --- | ---: | ---: | ---: | ---: |\n| `terminate_async` | 1 / 92 | 8 / 110 | 64 / 110 | 512 / 110 |",
            "| the three: stop, wait, free | 3 / 270 | 24 / 638 | 192 / 3438 | 1536 / 25838 |",
            "| `synchronize`, a stop pending | 1 | 8 | 64 | 512 |",
            "| status | 1 / 85 | 8 | 64 | 512 |",
            "| interrupt | 1 / 154 | 2 / 207 | 4 / 313 |",
        ] {
            assert!(text.contains(&format!("{line}\n")), "{line} is not in\n{text}");
        }
    }

    #[test]
    fn a_count_that_is_not_there_is_an_error() {
        for name in record().counts.keys() {
            let mut record = record();
            record.counts.remove(name);
            assert!(tables(&record).unwrap_err().to_string().contains(name), "{name}");
        }
    }
}
