//! The gate: no count grows by more than 3 % unnoticed. A change that is worth it writes the counts down anew, where a reviewer sees
//! them.
//!
//! Counts of another compiler are compared all the same: a gate that opens by itself whenever a machine is updated keeps nothing out.
//! It says so, and writing the counts down with the new compiler, in a change of its own, closes the matter.

use std::fmt;

use super::record::Record;
use crate::chore::{Error, Result};

/// Growth that passes, in percent.
pub const TOLERATED: u64 = 3;

/// What has become of the counts.
#[derive(Debug, Default)]
pub struct Verdict {
    compared: usize,
    compilers: Option<(String, String)>,
    /// Name, before, now.
    grown: Vec<(String, u64, u64)>,
    shrunk: Vec<(String, u64, u64)>,
    /// Written down, and not counted any more.
    gone: Vec<String>,
    /// Counted, and not written down.
    unknown: Vec<String>,
}

/// Holds fresh counts against those that are written down.
pub fn compare(recorded: &Record, fresh: &Record) -> Verdict {
    let mut verdict = Verdict::default();
    if recorded.rustc != fresh.rustc {
        verdict.compilers = Some((recorded.rustc.clone(), fresh.rustc.clone()));
    }
    for (name, &before) in &recorded.counts {
        let Some(&now) = fresh.counts.get(name) else {
            verdict.gone.push(name.clone());
            continue;
        };
        verdict.compared += 1;
        if exceeds(now, before) {
            verdict.grown.push((name.clone(), before, now));
        } else if exceeds(before, now) {
            verdict.shrunk.push((name.clone(), before, now));
        }
    }
    verdict.unknown = fresh.counts.keys().filter(|name| !recorded.counts.contains_key(*name)).cloned().collect();
    verdict
}

fn exceeds(more: u64, than: u64) -> bool {
    more * 100 > than * (100 + TOLERATED)
}

impl Verdict {
    fn passes(&self) -> bool {
        self.compared > 0 && self.grown.is_empty() && self.gone.is_empty() && self.unknown.is_empty()
    }
}

impl fmt::Display for Verdict {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some((before, now)) = &self.compilers {
            writeln!(f, "the counts were written down with {before}; this is {now}")?;
        }
        for (word, changed) in [("grown", &self.grown), ("shrunk", &self.shrunk)] {
            for (name, before, now) in changed {
                let percent = 100.0 * (*now as f64 / *before as f64 - 1.0);
                writeln!(f, "{word}: {name}: {before} -> {now} instructions ({percent:+.1} %)")?;
            }
        }
        for (word, names) in [("not counted any more", &self.gone), ("not written down", &self.unknown)] {
            for name in names {
                writeln!(f, "{word}: {name}")?;
            }
        }
        write!(f, "{} counts compared, {} have grown by more than {TOLERATED} %", self.compared, self.grown.len())
    }
}

impl From<Verdict> for Result {
    fn from(verdict: Verdict) -> Self {
        if verdict.passes() {
            return Ok(());
        }
        Err(Error::new("If that is meant to be, `cargo xtask results --only counts` writes the counts down anew."))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn record(counts: &[(&str, u64)]) -> Record {
        let counts = counts.iter().map(|(name, count)| ((*name).to_owned(), *count)).collect();
        Record { rustc: "rustc 1.95.0".into(), valgrind: "valgrind-3.19.0".into(), counts }
    }

    fn passes(before: &[(&str, u64)], now: &[(&str, u64)]) -> bool {
        Result::from(compare(&record(before), &record(now))).is_ok()
    }

    #[test]
    fn three_percent_pass_and_one_instruction_more_does_not() {
        assert!(passes(&[("stop", 100)], &[("stop", 103)]));
        assert!(!passes(&[("stop", 100)], &[("stop", 104)]));
        assert!(!passes(&[("stop", 1_000)], &[("stop", 1_031)]));
        assert!(!passes(&[("stop", 0)], &[("stop", 1)]));
    }

    #[test]
    fn one_that_has_grown_is_not_made_up_for_by_others() {
        let verdict = compare(&record(&[("start", 900), ("stop", 100)]), &record(&[("start", 400), ("stop", 110)]));
        let told = verdict.to_string();
        assert!(told.contains("grown: stop: 100 -> 110 instructions (+10.0 %)"), "{told}");
        assert!(told.contains("shrunk: start: 900 -> 400 instructions (-55.6 %)"), "{told}");
        assert!(Result::from(verdict).is_err());
    }

    #[test]
    fn a_benchmark_cannot_go_or_come_unnoticed() {
        assert!(!passes(&[("start", 1), ("stop", 1)], &[("stop", 1)]));
        assert!(!passes(&[("stop", 1)], &[("start", 1), ("stop", 1)]));
        assert!(!passes(&[], &[]));
    }

    #[test]
    fn another_compiler_is_told_and_lets_nothing_through() {
        let newer = Record { rustc: "rustc 1.99.0".into(), ..record(&[("stop", 200)]) };
        let verdict = compare(&record(&[("stop", 100)]), &newer);
        assert!(
            verdict.to_string().starts_with("the counts were written down with rustc 1.95.0; this is rustc 1.99.0\n")
        );
        assert!(Result::from(verdict).is_err());
    }
}
