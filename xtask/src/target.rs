//! The firmware of `on-target`: built for two ABIs of the Cortex-A9, and run on QEMU's i.MX6Q board.
//!
//! A program is a file in `on-target/firmware/src/bin`. A line `//! qemu: -smp 2` in it gives QEMU more options. Its exit status is the
//! answer. QEMU counts instructions instead of time, so each run of a program is the same, on any machine.

mod costs;

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use crate::chore::{Error, Result, output, root, run as must, target_dir};
use crate::faults;
use crate::qemu::{Console, qemu};
use crate::toolchain::{self, Toolchain};

/// What the chore is told.
pub const USAGE: &str = "\
cargo xtask target build|run|test|size [--target armv7a-none-eabi|armv7a-none-eabihf] [PROGRAM ...]
                             the firmware of on-target: builds it, runs a program with all it prints, runs all with a
                             line for each, tells sizes
cargo xtask target costs     what the operations take on the Cortex-A9, in instructions, as a table
cargo xtask target faults    plants faults in the firmware, one after the other, and sees that its tests find them";

pub const TARGETS: [&str; 2] = ["armv7a-none-eabi", "armv7a-none-eabihf"];
/// A nanosecond has 2^-SHIFT instructions: 125 million in a second. Sleeping takes no time of the host.
const COUNT: &str = "shift=3,sleep=off";

/// Does what it is told.
pub fn run(arguments: &[&str]) -> Result {
    let [verb, rest @ ..] = arguments else { return Err(Error::new(USAGE)) };
    let (targets, names) = options(rest)?;
    let programs = chosen(&names)?;
    match *verb {
        "build" => build_all(&targets).map(drop),
        "size" => targets.iter().try_for_each(|target| size(target, &programs)),
        "run" => {
            let [program] = &programs[..] else { return Err(Error::new("cargo xtask target run PROGRAM: which one?")) };
            let target = targets[0];
            let folder = build(target)?;
            let status = machine(&folder, program)?.status()?;
            // The program's own answer is ours.
            if status.success() { Ok(()) } else { std::process::exit(status.code().unwrap_or(1)) }
        }
        "test" => test(&targets, &programs),
        "costs" if rest.is_empty() => costs::run(),
        "faults" if rest.is_empty() => faults::run(),
        _ => Err(Error::new(USAGE)),
    }
}

/// The targets that are meant, and what else was said.
fn options<'a>(arguments: &[&'a str]) -> Result<(Vec<&'static str>, Vec<&'a str>)> {
    let (mut targets, mut names) = (TARGETS.to_vec(), Vec::new());
    let mut left = arguments.iter();
    while let Some(argument) = left.next() {
        match *argument {
            "--target" => {
                let named = left.next().and_then(|name| TARGETS.into_iter().find(|target| target == name));
                targets = vec![named.ok_or_else(|| Error::new(format!("--target: one of {}", TARGETS.join(", "))))?];
            }
            name => names.push(name),
        }
    }
    Ok((targets, names))
}

/// A program: its name, and what QEMU is told for it.
pub struct Program {
    name: String,
    options: Vec<String>,
}

/// The programs of these names; all, if there are no names. In the order of the alphabet.
pub fn chosen(names: &[&str]) -> Result<Vec<Program>> {
    let mut sources = Vec::new();
    for entry in fs::read_dir(root().join("on-target/firmware/src/bin"))? {
        let entry = entry?.path();
        sources.push(if entry.is_dir() { entry.join("main.rs") } else { entry });
    }
    let mut programs = sources.iter().map(|source| program(source)).collect::<Result<Vec<_>>>()?;
    programs.sort_by(|one, other| one.name.cmp(&other.name));
    if let Some(unknown) = names.iter().find(|name| programs.iter().all(|program| program.name != **name)) {
        let known: Vec<_> = programs.iter().map(|program| program.name.as_str()).collect();
        return Err(Error::new(format!("no program {unknown}; there are {}", known.join(", "))));
    }
    programs.retain(|program| names.is_empty() || names.contains(&program.name.as_str()));
    Ok(programs)
}

fn program(source: &Path) -> Result<Program> {
    let named = if source.ends_with("main.rs") { source.parent() } else { Some(source) };
    let name = named.and_then(Path::file_stem).unwrap_or_default().to_string_lossy().into_owned();
    let text = fs::read_to_string(source)?;
    let options = text.lines().filter_map(|line| line.strip_prefix("//! qemu:"));
    Ok(Program { name, options: options.flat_map(str::split_whitespace).map(str::to_owned).collect() })
}

fn build_all(targets: &[&str]) -> Result<Vec<PathBuf>> {
    targets.iter().map(|target| build(target)).collect()
}

/// Builds all programs for a target, and says where they lie.
fn build(target: &str) -> Result<PathBuf> {
    build_with(target, &["--bins"])
}

/// The same for those that cargo is told.
pub fn build_with(target: &str, what: &[&str]) -> Result<PathBuf> {
    let folder = target_dir().join("on-target");
    let linker = format!("CARGO_TARGET_{}_LINKER", target.to_uppercase().replace('-', "_"));
    let mut cargo = Toolchain::find(target)?.cargo("build", "core,alloc");
    cargo.args(["--quiet", "--release", "--manifest-path"]).arg(root().join("on-target/Cargo.toml")).args(what);
    cargo.arg("--target-dir").arg(&folder).env(linker, toolchain::linker()?);
    must(&mut cargo)?;
    Ok(folder.join(target).join("release"))
}

/// The command that runs a program.
pub fn machine(folder: &Path, program: &Program) -> Result<Command> {
    let mut command = qemu("sabrelite", Console::Serial, &folder.join(&program.name))?;
    command.args(["-icount", COUNT]).args(&program.options);
    Ok(command)
}

/// Runs programs for each target: a line for each, and all that it printed if it failed.
fn test(targets: &[&str], programs: &[Program]) -> Result {
    let mut failed = 0;
    for (target, folder) in targets.iter().zip(build_all(targets)?) {
        for program in programs {
            let ended = machine(&folder, program)?.output()?;
            let printed = String::from_utf8_lossy(&ended.stdout);
            let tests = printed.lines().filter(|line| line.starts_with("test ") && line.ends_with(" ... ok")).count();
            if ended.status.success() {
                println!("{target:19} {:20} ok, {tests} tests", program.name);
            } else {
                failed += 1;
                println!("{target:19} {:20} FAILED after {tests} tests: {}", program.name, ended.status);
                print!("{printed}{}", String::from_utf8_lossy(&ended.stderr));
            }
        }
    }
    if failed == 0 { Ok(()) } else { Err(Error::new(format!("{failed} programs failed"))) }
}

/// What the programs take of memory.
fn size(target: &str, programs: &[Program]) -> Result {
    let tool = "arm-none-eabi-size";
    if Command::new(tool).arg("--version").stdout(Stdio::null()).status().is_err() {
        return Err(Error::missing(tool, "apt-get install --no-install-recommends binutils-arm-none-eabi"));
    }
    let folder = build(target)?;
    for program in programs {
        let printed = output(Command::new(tool).arg(folder.join(&program.name)))?;
        let numbers: Vec<_> = printed.lines().nth(1).unwrap_or_default().split_whitespace().take(3).collect();
        if let [text, data, bss] = numbers[..] {
            println!("{target:19} {:20} text {text:>7}  data {data:>5}  bss and stacks {bss:>8}", program.name);
        }
    }
    Ok(())
}
