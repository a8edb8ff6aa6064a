//! Benchmarks under callgrind, by gungraun: what it needs, and the instructions out of what it prints as JSON, a line for each
//! benchmark.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};

use serde_json::Value;

use crate::chore::{Error, Result, output, root};

/// Instructions of each benchmark, by its name: `group/function/case`.
pub type Counts = BTreeMap<String, u64>;

/// Whether valgrind is there, and the runner of the release that the benchmarks are built with.
pub fn needs() -> Result {
    version()?;
    let wanted = gungraun(&fs::read_to_string(root().join("Cargo.lock"))?)?;
    let runner = Command::new("gungraun-runner").arg("--version").stderr(Stdio::null()).output();
    let found = runner.ok().and_then(|output| String::from_utf8(output.stdout).ok()).unwrap_or_default();
    if found.split_whitespace().last() == Some(&wanted) {
        return Ok(());
    }
    let what = if found.is_empty() { String::new() } else { format!(" (this is {})", found.trim()) };
    Err(Error::missing(
        format!("gungraun-runner {wanted}{what}"),
        format!("cargo install --locked gungraun-runner --version {wanted}"),
    ))
}

/// valgrind, as it calls itself.
pub fn version() -> Result<String> {
    let version = Command::new("valgrind").arg("--version").output();
    match version.map(|output| (output.status.success(), String::from_utf8(output.stdout))) {
        Ok((true, Ok(name))) => Ok(name.trim().into()),
        _ => Err(Error::missing("valgrind", "apt-get install valgrind")),
    }
}

/// The version of gungraun that a Cargo.lock has.
fn gungraun(lock: &str) -> Result<String> {
    let mut lines = lock.lines().skip_while(|line| *line != "name = \"gungraun\"").skip(1);
    let version = lines.next().and_then(|line| line.strip_prefix("version = \"")?.strip_suffix('"'));
    version.map(Into::into).ok_or_else(|| Error::new("Cargo.lock knows no gungraun"))
}

/// Counts the benchmarks of a package.
pub fn count(manifest: &Path, benches: &[&str]) -> Result<Counts> {
    let mut command = Command::new("cargo");
    command.current_dir(root()).args(["bench", "--quiet", "--manifest-path"]).arg(manifest);
    command.args(benches.iter().flat_map(|bench| ["--bench", bench]));
    command.args(["--", "--output-format=json", "--parallel=auto"]);
    parse(&output(&mut command)?)
}

fn parse(printed: &str) -> Result<Counts> {
    let mut counts = Counts::new();
    for line in printed.lines().filter(|line| !line.trim().is_empty()) {
        let (name, instructions) =
            one(line).ok_or_else(|| Error::new(format!("no count in what gungraun said: {line}")))?;
        if counts.insert(name.clone(), instructions).is_some() {
            return Err(Error::new(format!("{name} was counted twice")));
        }
    }
    if counts.is_empty() {
        return Err(Error::new("gungraun counted nothing"));
    }
    Ok(counts)
}

/// The name of a benchmark, and its instructions.
fn one(line: &str) -> Option<(String, u64)> {
    let summary: Value = serde_json::from_str(line).ok()?;
    let word = |key| summary[key].as_str();
    let name = [word("group")?, word("function_name")?, word("id")?].join("/");
    let profiles = summary["profiles"].as_array()?;
    let callgrind = profiles.iter().find(|profile| profile["tool"] == "Callgrind")?;
    // "new" is this run; "old", if there was one, the run before it.
    let instructions = callgrind["data"]["total"]["metrics"]["Ir"]["values"]["new"].as_u64()?;
    Some((name, instructions))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn line(function: &str, values: &str) -> String {
        format!(
            r#"{{"function_name":"{function}","group":"sdma","id":"q1","profiles":[{{"tool":"DHAT","data":{{}}}},
            {{"tool":"Callgrind","data":{{"total":{{"metrics":{{"Ir":{{"values":{values}}}}}}}}}}}]}}"#
        )
        .replace('\n', "")
    }

    #[test]
    fn the_count_of_this_run_is_read_with_and_without_one_before_it() {
        let printed = [line("stop", r#"{"new":60}"#), line("start", r#"{"new":450,"old":991}"#)].join("\n");
        let counts = parse(&printed).unwrap();
        assert_eq!(counts, Counts::from([("sdma/stop/q1".into(), 60), ("sdma/start/q1".into(), 450)]));
    }

    #[test]
    fn what_has_no_count_is_an_error() {
        for printed in
            ["", "\n", "Gungraun result: Ok", &line("stop", r#"{"old":60}"#), &line("stop", r#"{"new":6.5}"#)]
        {
            assert!(parse(printed).is_err(), "{printed}");
        }
    }

    #[test]
    fn a_name_that_comes_twice_is_an_error() {
        let twice = [line("stop", r#"{"new":60}"#), line("stop", r#"{"new":61}"#)].join("\n");
        assert!(parse(&twice).unwrap_err().to_string().contains("sdma/stop/q1"));
    }

    #[test]
    fn the_runner_is_of_the_release_in_the_lock() {
        let lock = "[[package]]\nname = \"gungraun-macros\"\nversion = \"0.10.0\"\n\n[[package]]\nname = \"gungraun\"\nversion = \"0.20.0\"\n";
        assert_eq!(gungraun(lock).unwrap(), "0.20.0");
        assert!(gungraun("").is_err());
    }
}
