//! `benches/counts.json`: the instructions as they were when they were last written down, and what compiled and counted them.

use std::fmt;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::{Value, json};

use super::callgrind::{self, Counts};
use crate::chore::{Error, Result, output, root};

/// Counts, and how they came about.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Record {
    /// The compiler, as it calls itself.
    pub rustc: String,
    /// valgrind, as it calls itself.
    pub valgrind: String,
    /// Instructions of each benchmark.
    pub counts: Counts,
}

impl Record {
    /// Where it lies.
    pub fn path() -> PathBuf {
        root().join("benches/counts.json")
    }

    /// What was written down.
    pub fn read() -> Result<Self> {
        let unreadable = |why: &str| {
            Error::new(format!("benches/counts.json: {why}; `cargo xtask results --only counts` writes it"))
        };
        let text = fs::read_to_string(Self::path()).map_err(|error| unreadable(&error.to_string()))?;
        Self::parse(&text).ok_or_else(|| unreadable("it is not understood"))
    }

    /// What is so now.
    pub fn measure() -> Result<Self> {
        Ok(Self {
            rustc: output(Command::new("rustc").current_dir(root()).arg("--version"))?.trim().into(),
            valgrind: callgrind::version()?,
            counts: callgrind::count(Path::new("benches/Cargo.toml"), &["counts", "counts_mock"])?,
        })
    }

    fn parse(text: &str) -> Option<Self> {
        let value: Value = serde_json::from_str(text).ok()?;
        let counts = value["instructions"].as_object()?.iter();
        Some(Self {
            rustc: value["rustc"].as_str()?.into(),
            valgrind: value["valgrind"].as_str()?.into(),
            counts: counts.map(|(name, count)| Some((name.clone(), count.as_u64()?))).collect::<Option<_>>()?,
        })
    }
}

impl fmt::Display for Record {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let value = json!({ "rustc": self.rustc, "valgrind": self.valgrind, "instructions": self.counts });
        writeln!(f, "{value:#}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_is_read_again() {
        let counts = Counts::from([("sdma/stop/q1".into(), 60), ("mock/stop/q1".into(), 0)]);
        let record = Record { rustc: "rustc 1.95.0".into(), valgrind: "valgrind-3.19.0".into(), counts };
        assert_eq!(Record::parse(&record.to_string()), Some(record));
    }

    #[test]
    fn half_a_record_is_none() {
        for text in
            ["", "{}", r#"{"rustc":"r","valgrind":"v"}"#, r#"{"rustc":"r","valgrind":"v","instructions":{"a":-1}}"#]
        {
            assert_eq!(Record::parse(text), None, "{text}");
        }
    }
}
