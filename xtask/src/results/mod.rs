//! Everything that is measured, in one file: `benches/RESULTS.md`. Each part of it comes from a run; nothing is written unless all
//! parts that were asked for have run. What has not changed keeps its date.

mod callgrind;
mod counts;
mod document;
mod figures;
mod gate;
mod goals;
mod options;
mod parts;
mod peers;
mod record;
mod stamp;

use std::fs;
use std::path::PathBuf;

use crate::chore::{Result, root};
use document::{Document, Section};
use options::Options;
use parts::Part;
use record::Record;

/// Does what the arguments say.
pub fn run(arguments: &[&str]) -> Result {
    match Options::parse(arguments)? {
        Options::Help => println!("{}", options::usage()),
        Options::Check => return check(),
        Options::Write(parts) => return write(&parts),
    }
    Ok(())
}

fn check() -> Result {
    Part::Counts.needs()?;
    let recorded = Record::read()?;
    let verdict = gate::compare(&recorded, &Record::measure()?);
    println!("{verdict}");
    verdict.into()
}

fn write(parts: &[Part]) -> Result {
    parts.iter().try_for_each(|part| part.needs())?;
    let mut files = Vec::new();
    let path = root().join("benches/RESULTS.md");
    let mut document = Document::parse(&fs::read_to_string(&path).unwrap_or_default())?;
    for part in parts {
        eprintln!("-- {}", part.command());
        let figures = part.measure(&mut files)?;
        document.put(*part, Section { stamp: stamp::now(part.command())?, figures });
    }
    let notes = |part: Part| fs::read_to_string(root().join(part.notes())).unwrap_or_default();
    files.push((path, document.text(notes)));
    write_all(files)
}

/// Files to be written when everything has been measured.
type Files = Vec<(PathBuf, String)>;

fn write_all(files: Files) -> Result {
    for (path, text) in files {
        fs::write(&path, text)?;
        println!("{}", path.strip_prefix(root()).unwrap_or(&path).display());
    }
    Ok(())
}
