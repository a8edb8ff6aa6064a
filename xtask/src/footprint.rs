//! What the library takes on a chip: flash, memory and the stack of an interrupt, of the smallest programs that make sense.

use std::path::Path;
use std::process::Command;

use crate::chore::{Error, Result, output, root, run as must, target_dir};
use crate::qemu::{Console, qemu};
use crate::toolchain::{Toolchain, linker};

const TARGET: &str = "thumbv7em-none-eabihf";
/// The programs, the empty one first, and what the table calls them.
const PROGRAMS: [(&str, &str); 4] = [
    ("empty", "nothing but the start"),
    ("mock", "core and mock (its hardware included), one cyclic channel"),
    ("sdma", "core and SDMA driver, one cyclic channel"),
    ("pcm", "the same and a PCM stream"),
];

/// The most flash that the driver with one cyclic channel may take: 16 KiB, at the level that the table begins with.
const GOAL: (&str, &str, u32) = ("sdma", LEVELS[0], 16 * 1024);
const LEVELS: [&str; 2] = ["z", "s"];

const NOTE: &str = "
Bytes. Flash and RAM are what a program has more than the empty one; RAM has the ring, 1 KB, and not the stack. The stack is what a
period's interrupt wrote below the stack pointer, with the 32 bytes that the processor itself puts there, found by painting it and
running the program in QEMU (`mps2-an386`).";

/// What one program takes, in bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Footprint {
    flash: u32,
    ram: u32,
    stack: u32,
}

/// Builds and runs them, and prints a table.
pub fn run(arguments: &[&str]) -> Result {
    if !arguments.is_empty() {
        return Err(Error::new("cargo xtask footprint takes no arguments"));
    }
    let toolchain = Toolchain::find(TARGET)?;
    println!("| {TARGET}, {} | opt-level | flash | RAM | stack of the interrupt |", short(&toolchain.version()?));
    println!("| --- | --- | ---: | ---: | ---: |");
    for level in LEVELS {
        build(&toolchain, level)?;
        let empty = measure("empty")?;
        for (program, title) in PROGRAMS {
            let Footprint { flash, ram, stack } = measure(program)?.above(program, empty);
            let (program_with_goal, at, goal) = GOAL;
            if (program, level) == (program_with_goal, at) && flash > goal {
                return Err(Error::new(format!("{program} takes {flash} bytes of flash, and may take {goal}")));
            }
            println!("| {title} | {level} | {flash} | {ram} | {stack} |");
        }
    }
    println!("{NOTE}");
    Ok(())
}

impl Footprint {
    fn above(self, program: &str, empty: Self) -> Self {
        if program == PROGRAMS[0].0 {
            return self;
        }
        Self { flash: self.flash - empty.flash, ram: self.ram - empty.ram, stack: self.stack }
    }
}

fn folder() -> std::path::PathBuf {
    target_dir().join("footprint")
}

fn build(toolchain: &Toolchain, level: &str) -> Result {
    must(
        toolchain
            .cargo("build", "core,alloc")
            .current_dir(root().join("footprint"))
            .args([
                "--quiet",
                "--locked",
                "--release",
                "--config",
                &format!("profile.release.opt-level={level:?}"),
                "--target-dir",
            ])
            .arg(folder())
            .env("CARGO_TARGET_THUMBV7EM_NONE_EABIHF_LINKER", linker()?),
    )
}

fn measure(program: &str) -> Result<Footprint> {
    let path = folder().join(TARGET).join("release").join(program);
    let (flash, ram) = sizes(&path)?;
    let printed = output(&mut qemu("mps2-an386", Console::Semihosting, &path)?)?;
    match printed.trim_matches(|c: char| c.is_whitespace() || c == '\0').parse() {
        Ok(stack) if stack > 0 => Ok(Footprint { flash, ram, stack }),
        _ => Err(Error::new(format!("the program {program} did not come to its end: it printed {printed:?}"))),
    }
}

/// Flash and RAM, as `size` tells them: text and data, data and bss.
fn sizes(program: &Path) -> Result<(u32, u32)> {
    let size = "arm-none-eabi-size";
    if Command::new(size).arg("--version").output().is_err() {
        return Err(Error::missing(size, "apt-get install --no-install-recommends binutils-arm-none-eabi"));
    }
    let printed = output(Command::new(size).arg(program))?;
    parse(&printed).ok_or_else(|| Error::new(format!("{size} said something else than sizes: {printed}")))
}

fn parse(printed: &str) -> Option<(u32, u32)> {
    let mut words = printed.lines().nth(1)?.split_whitespace().map(str::parse);
    let mut next = || words.next()?.ok();
    let (text, data, bss): (u32, u32, u32) = (next()?, next()?, next()?);
    Some((text + data, data + bss))
}

/// "rustc 1.96.0 (…)" without the brackets.
fn short(version: &str) -> &str {
    version.split(" (").next().unwrap_or(version)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn flash_is_text_and_data_and_memory_is_data_and_bss() {
        let printed = "   text\t   data\t    bss\t    dec\t    hex\tfilename\n  13940\t     20\t   5672\t  19632\t   4cb0\tsdma\n";
        assert_eq!(parse(printed), Some((13_960, 5_692)));
        assert_eq!(parse("no such file"), None);
        assert_eq!(parse("text\nmany\tmore\t3"), None);
    }
}
