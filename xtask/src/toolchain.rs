//! Which cargo builds for a bare target: the one in use if it has the target, else one that can build `core` from the library's source
//! of its own release, as Debian packages it (rustc-web, cargo-web, rust-web-src). Neither is fetched here.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::chore::{Error, Result, output};

const PACKAGES: &str = "apt-get install --no-install-recommends rustc-web cargo-web rust-web-src";

/// A cargo for one bare target.
#[derive(Debug)]
pub struct Toolchain {
    target: String,
    source: Source,
}

#[derive(Debug)]
enum Source {
    /// The libraries of the target are installed.
    Installed,
    /// They are built, by this compiler, from its own source.
    Built { bin: PathBuf },
}

impl Toolchain {
    /// The one for a target.
    pub fn find(target: &str) -> Result<Self> {
        let found = |source| Ok(Self { target: target.into(), source });
        if installed(target) {
            return found(Source::Installed);
        }
        for bin in [None, Some(Path::new("/usr/bin"))] {
            if let Some(bin) = with_source(bin) {
                return found(Source::Built { bin });
            }
        }
        Err(Error::missing(
            format!("a Rust toolchain for {target}"),
            format!("{PACKAGES}\n  or, where rustup is yours to change,\n    rustup target add {target}"),
        ))
    }

    /// `cargo VERB` for the target, with these crates of the library (`core`, or `core,alloc`).
    pub fn cargo(&self, verb: &str, crates: &str) -> Command {
        let mut command = match &self.source {
            Source::Installed => {
                let mut command = Command::new("cargo");
                command.arg(verb);
                command
            }
            Source::Built { bin } => {
                let mut command = Command::new(bin.join("cargo"));
                command
                    .env("PATH", format!("{}:/usr/bin:/bin", bin.display()))
                    .env("RUSTC", bin.join("rustc"))
                    .env("RUSTC_BOOTSTRAP", "1");
                command.arg(verb).arg(format!("-Zbuild-std={crates}"));
                command
            }
        };
        // What the cargo that runs this told its children is not for another.
        command.env_remove("RUSTUP_TOOLCHAIN").env_remove("CARGO");
        command.args(["--target", &self.target]);
        command
    }

    /// rustc, as it calls itself.
    pub fn version(&self) -> Result<String> {
        let rustc = match &self.source {
            Source::Installed => PathBuf::from("rustc"),
            Source::Built { bin } => bin.join("rustc"),
        };
        Ok(output(Command::new(rustc).arg("--version"))?.trim().to_owned())
    }
}

/// A linker for bare ARM: binutils' if it is there, else the one that comes with rustup's compilers.
pub fn linker() -> Result<PathBuf> {
    let gnu = Path::new("/usr/bin/arm-none-eabi-ld");
    if gnu.exists() {
        return Ok(gnu.into());
    }
    let host = output(Command::new("rustc").args(["--print", "host-tuple"]))?;
    let lld = sysroot("rustc".as_ref())
        .map(|root| root.join("lib/rustlib").join(host.trim()).join("bin/rust-lld"))
        .filter(|lld| lld.exists());
    lld.ok_or_else(|| {
        Error::missing("a linker for ARM", "apt-get install --no-install-recommends binutils-arm-none-eabi")
    })
}

fn installed(target: &str) -> bool {
    let Ok(folder) = output(Command::new("rustc").args(["--print", "target-libdir", "--target", target])) else {
        return false;
    };
    fs::read_dir(folder.trim()).is_ok_and(|mut entries| entries.next().is_some())
}

/// The folder of a toolchain's programs, if it has the library's source.
fn with_source(bin: Option<&Path>) -> Option<PathBuf> {
    let rustc = bin.map_or_else(|| PathBuf::from("rustc"), |bin| bin.join("rustc"));
    let root = sysroot(&rustc)?;
    root.join("lib/rustlib/src/rust/library/Cargo.toml").exists().then(|| root.join("bin"))
}

fn sysroot(rustc: &Path) -> Option<PathBuf> {
    let printed =
        Command::new(rustc).args(["--print", "sysroot"]).output().ok().filter(|output| output.status.success())?;
    Some(String::from_utf8(printed.stdout).ok()?.trim().into())
}
