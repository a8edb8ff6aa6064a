//! The arguments of `cargo xtask results`. One that is not known is an error, and nothing is measured.

use super::parts::Part;
use crate::chore::{Error, Result};

/// What is to be done.
#[derive(Debug, PartialEq, Eq)]
pub enum Options {
    /// Tell how this is used.
    Help,
    /// Measure these, and write them down.
    Write(Vec<Part>),
    /// Count the instructions, and hold them against what is written down.
    Check,
}

impl Options {
    /// Understands the arguments.
    pub fn parse(arguments: &[&str]) -> Result<Self> {
        match arguments {
            [] => return Ok(Self::Write(Part::ALL.into())),
            ["--help"] => return Ok(Self::Help),
            ["--check"] => return Ok(Self::Check),
            _ => {}
        }
        let mut wanted = Vec::new();
        let mut rest = arguments;
        while let [flag, after @ ..] = rest {
            rest = match (*flag, after) {
                ("--only", [name, after @ ..]) => {
                    wanted.push(Part::named(name).ok_or_else(|| refused(&format!("no such part: {name}")))?);
                    after
                }
                ("--only", []) => return Err(refused("--only which part?")),
                ("--check" | "--help", _) => return Err(refused(&format!("{flag} stands alone"))),
                _ => return Err(refused(&format!("what is {flag}?"))),
            };
        }
        // In the order of the file, and each once.
        Ok(Self::Write(Part::ALL.into_iter().filter(|part| wanted.contains(part)).collect()))
    }
}

fn refused(why: &str) -> Error {
    Error::new(format!("{why}\n{}", usage()))
}

/// How it is used.
pub fn usage() -> String {
    let parts: String = Part::ALL.iter().map(|part| format!("\n    {:12} {}", part.name(), part.command())).collect();
    format!(
        "\
cargo xtask results                measures everything, and writes benches/RESULTS.md
cargo xtask results --only PART    one part of it, or several, with an --only for each; the others stay as they are
cargo xtask results --check        counts instructions, writes nothing, and fails if a count has grown by more than 3 %
the parts, and what each of them runs:{parts}"
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn without_arguments_everything_is_measured() {
        assert_eq!(Options::parse(&[]).unwrap(), Options::Write(Part::ALL.into()));
    }

    #[test]
    fn parts_come_in_the_order_of_the_file_and_once() {
        let options = Options::parse(&["--only", "peers", "--only", "counts", "--only", "peers"]).unwrap();
        assert_eq!(options, Options::Write(vec![Part::Counts, Part::Peers]));
    }

    #[test]
    fn what_is_not_known_is_an_error_wherever_it_stands() {
        for wrong in [
            &["--chekc"][..],
            &["counts"],
            &["--only"],
            &["--only", "--check"],
            &["--only", "count"],
            &["--only", "counts", "--check"],
            &["--check", "--only", "counts"],
            &["--check", "extra"],
            &["--help", "extra"],
        ] {
            let error = Options::parse(wrong).expect_err(&wrong.join(" "));
            assert!(error.to_string().contains("cargo xtask results --check"), "{error}");
        }
    }

    #[test]
    fn each_part_can_be_named() {
        for part in Part::ALL {
            assert_eq!(Options::parse(&["--only", part.name()]).unwrap(), Options::Write(vec![part]));
            assert!(usage().contains(part.command()));
        }
    }
}
