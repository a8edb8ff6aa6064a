//! What the chores share: where the project lies, commands that must succeed, and errors that say what to do.

use std::ffi::OsStr;
use std::fmt;
use std::path::{Path, PathBuf};
use std::process::Command;

/// What went wrong, in words for the one who typed the command.
#[derive(Debug)]
pub struct Error(String);

impl Error {
    /// An error of these words.
    pub fn new(words: impl Into<String>) -> Self {
        Self(words.into())
    }

    /// A program that is needed is not there, and this installs it.
    pub fn missing(what: impl fmt::Display, install: impl fmt::Display) -> Self {
        Self(format!("{what} is missing. This installs it:\n    {install}"))
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl From<std::io::Error> for Error {
    fn from(error: std::io::Error) -> Self {
        Self(error.to_string())
    }
}

/// What a chore comes to.
pub type Result<T = ()> = core::result::Result<T, Error>;

/// The project's folder.
pub fn root() -> &'static Path {
    Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/.."))
}

/// The folder for what is built: cargo's, or what CARGO_TARGET_DIR says.
pub fn target_dir() -> PathBuf {
    std::env::var_os("CARGO_TARGET_DIR").map_or_else(|| root().join("target"), PathBuf::from)
}

/// Runs a command; what it prints is seen.
pub fn run(command: &mut Command) -> Result {
    let status = command.status().map_err(|error| failed(command, &error))?;
    if status.success() { Ok(()) } else { Err(failed(command, &status)) }
}

/// Runs a command for what it prints; its complaints are seen.
pub fn output(command: &mut Command) -> Result<String> {
    let output = command.stderr(std::process::Stdio::inherit()).output().map_err(|error| failed(command, &error))?;
    if !output.status.success() {
        return Err(failed(command, &output.status));
    }
    String::from_utf8(output.stdout).map_err(|error| failed(command, &error))
}

fn failed(command: &Command, why: &dyn fmt::Display) -> Error {
    let words: Vec<_> =
        [command.get_program()].into_iter().chain(command.get_args()).map(OsStr::to_string_lossy).collect();
    Error::new(format!("{}: {why}", words.join(" ")))
}
