//! The figures as tables in Markdown.

use std::fmt::Write;

use super::{Figures, GOAL, Spread};

/// A table for the times and one for what they cost; one line for each policy.
#[must_use]
pub fn table(figures: &[Figures]) -> String {
    let mut out = String::new();
    out.push_str(
        "| policy | | stop to quiescent, memory back: median | 99.9 % | worst | stop to running again: median | 99.9 % | worst \
         | meets the goal |\n|---|---|---:|---:|---:|---:|---:|---:|---|\n",
    );
    for row in figures {
        let goal = match (row.policy.is_sound(), row.meets_goal()) {
            (false, _) => "wrong",
            (true, true) => "yes",
            (true, false) => "no",
        };
        let (name, load) = (row.policy.name(), load(row));
        let _ = writeln!(out, "| {name} | {load} | {} | {} | {goal} |", spread(&row.back), spread(&row.running));
    }
    out.push_str(
        "\n| policy | | last access to the old memory: worst | CPU busy: median | worst | interrupts masked: worst \
         | frames lost: median | worst | accesses after hand-back | in stops | of stops |\n\
         |---|---|---:|---:|---:|---:|---:|---:|---:|---:|---:|\n",
    );
    for row in figures {
        let _ = writeln!(
            out,
            "| {} | {} | {} | {} | {} | {} | {} | {} | {} | {} | {} |",
            row.policy.name(),
            load(row),
            micros(row.touched.worst()),
            micros(row.busy.median()),
            micros(row.busy.worst()),
            micros(row.masked.worst()),
            row.lost.median(),
            row.lost.worst(),
            row.late.sum(),
            row.late.above_zero(),
            row.late.count(),
        );
    }
    let _ = writeln!(
        out,
        "\nTimes are in microseconds of simulated time; the goal is {} µs alone. Running again counts from the stop, or from when \
         the device asked for its next burst if that was later. Who returns at once hands memory back before anybody knows that the \
         channel is quiescent, and restarts as queue after stop does.",
        GOAL / 1_000
    );
    out
}

fn load(row: &Figures) -> String {
    if row.others == 0 { "alone".into() } else { format!("{} others", row.others) }
}

fn spread(spread: &Spread) -> String {
    [spread.median(), spread.permille(999), spread.worst()].map(micros).join(" | ")
}

/// Microseconds with two decimals, rounded.
pub(super) fn micros(nanos: u64) -> String {
    let hundredths = (nanos + 5) / 10;
    let whole = (hundredths / 100).to_string();
    let mut grouped = String::new();
    for (n, digit) in whole.chars().enumerate() {
        if n > 0 && (whole.len() - n) % 3 == 0 {
            grouped.push(',');
        }
        grouped.push(digit);
    }
    format!("{grouped}.{:02}", hundredths % 100)
}

#[cfg(test)]
mod tests {
    use super::micros;

    #[test]
    fn nanoseconds_are_rounded_to_hundredths_of_a_microsecond() {
        assert_eq!(
            [0, 4, 5, 14_115, 999_999, 2_004_757].map(micros),
            ["0.00", "0.00", "0.01", "14.12", "1,000.00", "2,004.76"]
        );
    }
}
