//! The firmware of `on-target`: built for two ABIs of the Cortex-A9 and run on QEMU's i.MX6Q board, and for the Cortex-M4F of its MPS2
//! board.
//!
//! A program is a file in `on-target/firmware/src/bin` or `on-target/firmware-m4/src/bin`. A line `//! qemu: -smp 2` in it gives QEMU more options. Its exit status is the
//! answer. QEMU counts instructions instead of time, so each run of a program is the same, on any machine.

mod costs;

use std::num::NonZero;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use std::sync::{Mutex, PoisonError};
use std::{fs, io, iter, thread};

use crate::chore::{Error, Result, output, root, run as must, target_dir};
use crate::faults;
use crate::qemu::{Console, qemu};
use crate::toolchain::{self, Toolchain};

/// What the chore is told.
pub const USAGE: &str = "\
cargo xtask target build|run|test|size [--target TARGET] [PROGRAM ...]
                             for armv7a-none-eabi, armv7a-none-eabihf or thumbv7em-none-eabihf, or for all: the firmware
                             of on-target; builds it, runs a program with all it prints, runs all with a line for
                             each, tells sizes
cargo xtask target costs     what the operations take on the Cortex-A9, in instructions, as a table
cargo xtask target faults    plants faults in the firmware, one after the other, and sees that its tests find them";

/// What programs are built for, and where they run.
pub struct Target {
    /// As rustc calls it.
    pub name: &'static str,
    /// The package that the programs are in.
    package: &'static str,
    /// The machine that QEMU plays.
    machine: &'static str,
    console: Console,
    /// What else QEMU is told.
    options: &'static [&'static str],
}

impl Target {
    const fn cortex_a9(name: &'static str) -> Self {
        Self { name, package: "firmware", machine: "sabrelite", console: Console::Serial, options: &["-m", MEMORY] }
    }
}

/// The i.MX6Q's core, without and with the registers of the floating point unit.
pub static CORTEX_A9: [Target; 2] = [Target::cortex_a9("armv7a-none-eabi"), Target::cortex_a9("armv7a-none-eabihf")];
/// The small board's.
pub static CORTEX_M4: Target = Target {
    name: "thumbv7em-none-eabihf",
    package: "firmware-m4",
    machine: "mps2-an386",
    console: Console::Semihosting,
    options: &[],
};

fn all() -> Vec<&'static Target> {
    CORTEX_A9.iter().chain([&CORTEX_M4]).collect()
}

/// A nanosecond has 2^-SHIFT instructions: 125 million in a second. Sleeping takes no time of the host.
const COUNT: &str = "shift=3,sleep=off";
/// Of the i.MX6Q, as its board has it mapped.
const MEMORY: &str = "512M";

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
            let Some(target) = targets.iter().find(|target| program.is_for(target)) else {
                return Err(Error::new(format!("{} is for another target", program.name)));
            };
            let folder = build(target)?;
            let status = machine(target, &folder, program)?.status()?;
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
fn options<'a>(arguments: &[&'a str]) -> Result<(Vec<&'static Target>, Vec<&'a str>)> {
    let (mut targets, mut names) = (all(), Vec::new());
    let mut left = arguments.iter();
    while let Some(argument) = left.next() {
        match *argument {
            "--target" => {
                let known: Vec<_> = all().iter().map(|target| target.name).collect();
                let named = left.next().and_then(|name| all().into_iter().find(|target| target.name == *name));
                targets = vec![named.ok_or_else(|| Error::new(format!("--target: one of {}", known.join(", "))))?];
            }
            name => names.push(name),
        }
    }
    Ok((targets, names))
}

/// A program: its name, its package, and what QEMU is told for it.
pub struct Program {
    name: String,
    package: &'static str,
    options: Vec<String>,
}

impl Program {
    fn is_for(&self, target: &Target) -> bool {
        self.package == target.package
    }
}

/// The programs of these names; all, if there are no names. In the order of the alphabet.
pub fn chosen(names: &[&str]) -> Result<Vec<Program>> {
    let mut programs = Vec::new();
    for package in [CORTEX_A9[0].package, CORTEX_M4.package] {
        for entry in fs::read_dir(root().join("on-target").join(package).join("src/bin"))? {
            let entry = entry?.path();
            programs.push(program(package, &if entry.is_dir() { entry.join("main.rs") } else { entry })?);
        }
    }
    programs.sort_by(|one, other| one.name.cmp(&other.name));
    if let Some(unknown) = names.iter().find(|name| programs.iter().all(|program| program.name != **name)) {
        let known: Vec<_> = programs.iter().map(|program| program.name.as_str()).collect();
        return Err(Error::new(format!("no program {unknown}; there are {}", known.join(", "))));
    }
    programs.retain(|program| names.is_empty() || names.contains(&program.name.as_str()));
    Ok(programs)
}

fn program(package: &'static str, source: &Path) -> Result<Program> {
    let named = if source.ends_with("main.rs") { source.parent() } else { Some(source) };
    let name = named.and_then(Path::file_stem).unwrap_or_default().to_string_lossy().into_owned();
    let text = fs::read_to_string(source)?;
    let options = text.lines().filter_map(|line| line.strip_prefix("//! qemu:"));
    Ok(Program { name, package, options: options.flat_map(str::split_whitespace).map(str::to_owned).collect() })
}

fn build_all(targets: &[&Target]) -> Result<Vec<PathBuf>> {
    targets.iter().map(|target| build(target)).collect()
}

/// Builds all programs for a target, and says where they lie.
fn build(target: &Target) -> Result<PathBuf> {
    build_with(target, &["--bins"])
}

/// The same for those that cargo is told.
pub fn build_with(target: &Target, what: &[&str]) -> Result<PathBuf> {
    let Target { name, package, .. } = *target;
    let folder = target_dir().join("on-target");
    let linker = format!("CARGO_TARGET_{}_LINKER", name.to_uppercase().replace('-', "_"));
    let mut cargo = Toolchain::find(name)?.cargo("build", "core,alloc");
    cargo.args(["--quiet", "--release", "--manifest-path"]).arg(root().join("on-target/Cargo.toml"));
    cargo.args(["--package", package]).args(what);
    cargo.arg("--target-dir").arg(&folder).env(linker, toolchain::linker()?);
    must(&mut cargo)?;
    Ok(folder.join(name).join("release"))
}

/// The command that runs a program.
pub fn machine(target: &Target, folder: &Path, program: &Program) -> Result<Command> {
    let mut command = qemu(target.machine, target.console, &folder.join(&program.name))?;
    command.args(target.options).args(["-icount", COUNT]).args(&program.options);
    Ok(command)
}

/// Runs programs for each target, as many at a time as the host has cores: a line for each, and all that it printed if it failed.
fn test(targets: &[&Target], programs: &[Program]) -> Result {
    let mut runs = Vec::new();
    for (target, folder) in targets.iter().copied().zip(build_all(targets)?) {
        for program in programs.iter().filter(|program| program.is_for(target)) {
            runs.push((target, program, machine(target, &folder, program)?));
        }
    }
    let (names, commands): (Vec<_>, Vec<_>) =
        runs.into_iter().map(|(target, program, command)| ((target.name, &program.name), command)).unzip();
    let mut failed = 0;
    for ((target, name), ended) in names.into_iter().zip(side_by_side(commands)) {
        let ended = ended?;
        let printed = String::from_utf8_lossy(&ended.stdout);
        let tests = printed.lines().filter(|line| line.starts_with("test ") && line.ends_with(" ... ok")).count();
        if ended.status.success() && is_whole(&printed, tests) {
            println!("{target:21} {name:20} ok, {tests} tests");
        } else {
            failed += 1;
            println!("{target:21} {name:20} FAILED after {tests} tests: {}", ended.status);
            print!("{printed}{}", String::from_utf8_lossy(&ended.stderr));
        }
    }
    if failed == 0 { Ok(()) } else { Err(Error::new(format!("{failed} programs failed"))) }
}

/// Whether a program that began with its tests has come to their end: an exit in their middle is not theirs. Who has none only measures.
fn is_whole(printed: &str, tests: usize) -> bool {
    let has_begun = printed.lines().any(|line| line.starts_with("test "));
    !has_begun || printed.lines().any(|line| line == format!("test result: ok. {tests} passed"))
}

/// Runs commands, each on a core of its own; what came of them is in their order.
fn side_by_side(commands: Vec<Command>) -> Vec<io::Result<Output>> {
    let cores = thread::available_parallelism().map_or(1, NonZero::get);
    let waiting = Mutex::new(commands.into_iter().enumerate());
    let next = || waiting.lock().unwrap_or_else(PoisonError::into_inner).next();
    let mut ended: Vec<_> = thread::scope(|scope| {
        let work = || iter::from_fn(next).map(|(n, mut command)| (n, command.output())).collect::<Vec<_>>();
        let workers: Vec<_> = (0..cores).map(|_| scope.spawn(work)).collect();
        workers.into_iter().flat_map(|worker| worker.join().expect("it does not panic")).collect()
    });
    ended.sort_by_key(|(n, _)| *n);
    ended.into_iter().map(|(_, output)| output).collect()
}

/// What the programs take of memory.
fn size(target: &Target, programs: &[Program]) -> Result {
    let tool = "arm-none-eabi-size";
    if Command::new(tool).arg("--version").stdout(Stdio::null()).status().is_err() {
        return Err(Error::missing(tool, "apt-get install --no-install-recommends binutils-arm-none-eabi"));
    }
    let folder = build(target)?;
    for program in programs.iter().filter(|program| program.is_for(target)) {
        let printed = output(Command::new(tool).arg(folder.join(&program.name)))?;
        let numbers: Vec<_> = printed.lines().nth(1).unwrap_or_default().split_whitespace().take(3).collect();
        if let [text, data, bss] = numbers[..] {
            let (target, program) = (target.name, &program.name);
            println!("{target:21} {program:20} text {text:>7}  data {data:>5}  bss and stacks {bss:>8}");
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::is_whole;

    #[test]
    fn a_program_that_ends_in_the_middle_of_its_tests_has_not_passed() {
        let two = "test one ... ok\ntest two ... 50 run ... ok\n";
        assert!(is_whole(&format!("{two}test result: ok. 2 passed\n"), 2));
        assert!(!is_whole(two, 2));
        assert!(!is_whole("test one ... ok\ntest two ... \n", 1));
        assert!(!is_whole(&format!("{two}test result: ok. 3 passed\n"), 2));
        assert!(is_whole("instructions free 1 252\n", 0));
    }
}
