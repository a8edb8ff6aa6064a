//! The parts of the results: how each is called, what it runs, and what has to be installed for it.

use std::env;
use std::path::Path;
use std::process::Command;

use super::{Files, callgrind, counts, peers, record::Record};
use crate::chore::{Error, Result, output, root, target_dir};

/// A part of the results.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Part {
    /// Instructions, beside Linux's driver.
    Counts,
    /// What ways there are to stop, and how long each takes, in simulated time.
    Policies,
    /// Other crates.
    Peers,
    /// Instructions of a real ARM core.
    Target,
    /// Flash, memory and stack.
    Footprint,
}

impl Part {
    /// All, in the order of the file.
    pub const ALL: [Self; 5] = [Self::Counts, Self::Target, Self::Policies, Self::Peers, Self::Footprint];

    /// The one of that name.
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|part| part.name() == name)
    }

    /// Its name on the command line and in the file.
    pub fn name(self) -> &'static str {
        match self {
            Self::Counts => "counts",
            Self::Policies => "policies",
            Self::Peers => "peers",
            Self::Target => "target",
            Self::Footprint => "footprint",
        }
    }

    /// Its heading.
    pub fn heading(self) -> &'static str {
        match self {
            Self::Counts => "Instructions",
            Self::Policies => "Ways to stop",
            Self::Peers => "Beside other crates",
            Self::Target => "Instructions of a Cortex-A9",
            Self::Footprint => "Flash, memory and stack",
        }
    }

    /// What it runs.
    pub fn command(self) -> &'static str {
        match self {
            Self::Counts => "cargo bench -p benches --bench counts --bench counts_mock",
            Self::Policies => "cargo run --release -p benches --bin stop_policies -- --svg docs/stop-policies.svg",
            Self::Peers => "cargo bench --manifest-path peers/Cargo.toml",
            Self::Target => "cargo xtask target costs",
            Self::Footprint => "cargo xtask footprint",
        }
    }

    /// The file in which a person explains its figures; there need not be one.
    pub fn notes(self) -> String {
        format!("benches/notes/{}.md", self.name())
    }

    /// Whether all is installed.
    pub fn needs(self) -> Result {
        match self {
            Self::Counts => callgrind::needs(),
            Self::Peers => callgrind::needs().and_then(|()| libasound()),
            // It looks for its own.
            Self::Policies | Self::Target | Self::Footprint => Ok(()),
        }
    }

    /// Runs it. The figures, as Markdown; other files that come of it are put with the rest.
    pub fn measure(self, files: &mut Files) -> Result<String> {
        match self {
            Self::Counts => {
                let record = Record::measure()?;
                files.push((Record::path(), record.to_string()));
                counts::tables(&record)
            }
            Self::Policies => {
                let picture = target_dir().join("stop-policies.svg");
                let text = output(
                    Command::new("cargo")
                        .current_dir(root())
                        .args(["run", "--quiet", "--release", "-p", "benches", "--bin", "stop_policies", "--", "--svg"])
                        .arg(&picture),
                )?;
                files.push((root().join("docs/stop-policies.svg"), read(&picture)?));
                Ok(text)
            }
            Self::Peers => peers::table(&callgrind::count(Path::new("peers/Cargo.toml"), &["peers"])?),
            Self::Target => chore(&["target", "costs"]),
            Self::Footprint => chore(&["footprint"]),
        }
    }
}

/// What another chore prints.
fn chore(arguments: &[&str]) -> Result<String> {
    output(Command::new(env::current_exe()?).args(arguments).current_dir(root()))
}

fn read(path: &Path) -> Result<String> {
    std::fs::read_to_string(path).map_err(|error| Error::new(format!("{}: {error}", path.display())))
}

/// The sound library's headers, and what finds them.
fn libasound() -> Result {
    let found = Command::new("pkg-config").args(["--exists", "alsa"]).status();
    if found.is_ok_and(|status| status.success()) {
        return Ok(());
    }
    Err(Error::missing("libasound", "apt-get install libasound2-dev pkg-config"))
}
