//! `benches/RESULTS.md`, taken apart into its sections and put together again. The first line of a section is a mark that Markdown does
//! not show; another lies between the figures and what a person says of them, which has a file of its own.

use std::fmt::Write;

use super::parts::Part;
use crate::chore::{Error, Result};

const TITLE: &str = "\
# Results

What a stop costs, and the rest. `cargo xtask results` measures and writes this file: each part by the command above its figures, on the
day and the machine on which they last changed. What is said of the figures is in `notes/`; change it there.
";

/// The sections that there are.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Document(Vec<(Part, Section)>);

/// What came of one part.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Section {
    /// When, where and by which command.
    pub stamp: String,
    /// The tables.
    pub figures: String,
}

impl Document {
    /// Takes the text of one apart; an empty one has no sections.
    pub fn parse(text: &str) -> Result<Self> {
        let mut document = Self::default();
        for part in Part::ALL {
            let Some((_, after)) = text.split_once(&mark(part)) else { continue };
            let damaged = || Error::new(format!("benches/RESULTS.md: the part {} is damaged; delete it", part.name()));
            let (section, _) = after.split_once(&end(part)).ok_or_else(damaged)?;
            let mut pieces = section.trim().splitn(3, "\n\n");
            let (_heading, stamp) = (pieces.next(), pieces.next().ok_or_else(damaged)?);
            let figures = pieces.next().ok_or_else(damaged)?.trim();
            document.0.push((part, Section { stamp: stamp.into(), figures: figures.into() }));
        }
        Ok(document)
    }

    /// Puts a section in its place. Figures that are as they were keep their stamp, unless another command found them.
    pub fn put(&mut self, part: Part, mut section: Section) {
        section.figures = section.figures.trim().into();
        let command = format!(": `{}`*", part.command());
        match self.0.iter_mut().find(|(other, _)| *other == part) {
            Some((_, old)) if old.figures == section.figures && old.stamp.ends_with(&command) => {}
            Some((_, old)) => *old = section,
            None => self.0.push((part, section)),
        }
    }

    /// The text, with what is said of each part.
    pub fn text(&self, notes: impl Fn(Part) -> String) -> String {
        let mut text = String::from(TITLE);
        for part in Part::ALL {
            let Some((_, Section { stamp, figures })) = self.0.iter().find(|(other, _)| *other == part) else {
                continue;
            };
            let (mark, heading, end) = (mark(part), part.heading(), end(part));
            let _ = write!(text, "\n{mark}\n## {heading}\n\n{stamp}\n\n{figures}\n\n{end}\n");
            let notes = notes(part);
            if !notes.trim().is_empty() {
                let _ = write!(text, "\n{}\n", notes.trim());
            }
        }
        text
    }
}

fn mark(part: Part) -> String {
    format!("<!-- {} -->", part.name())
}

fn end(part: Part) -> String {
    format!("<!-- {}: notes -->", part.name())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn section(day: &str, part: Part, figures: &str) -> Section {
        Section { stamp: format!("*{day}: `{}`*", part.command()), figures: figures.into() }
    }

    fn notes(part: Part) -> String {
        format!("### Why\n\n{} are so.\n", part.name())
    }

    fn document() -> Document {
        let mut document = Document::default();
        document.put(Part::Peers, section("Monday", Part::Peers, "| a | 1 |\n\n| b | 2 |\n"));
        document.put(Part::Counts, section("Monday", Part::Counts, "| stop | 60 |\n"));
        document
    }

    #[test]
    fn what_is_written_is_read_and_written_alike() {
        let text = document().text(notes);
        let again = Document::parse(&text).unwrap();
        assert_eq!(again.text(notes), text);
        assert!(text.find("## Instructions").unwrap() < text.find("## Beside other crates").unwrap());
        assert_eq!(text.matches("### Why").count(), 2);
    }

    #[test]
    fn figures_that_are_as_they_were_keep_their_date() {
        let (mut document, before) = (document(), document());
        document.put(Part::Counts, section("Tuesday", Part::Counts, "| stop | 60 |\n\n"));
        assert_eq!(document.text(notes), before.text(notes));
        document.put(Part::Counts, section("Tuesday", Part::Counts, "| stop | 61 |\n"));
        let text = document.text(notes);
        assert!(
            text.contains("*Tuesday: `cargo bench -p") && text.contains("*Monday: `cargo bench --manifest"),
            "{text}"
        );
    }

    #[test]
    fn a_command_that_has_changed_is_written_down() {
        let mut document = document();
        document.0[1].1.stamp = "*Monday: `make`*".into();
        document.put(Part::Counts, section("Tuesday", Part::Counts, "| stop | 60 |"));
        assert!(!document.text(notes).contains("make"));
    }

    #[test]
    fn a_damaged_file_is_not_written_over() {
        let text = document().text(notes);
        let damaged = text.replace("<!-- counts: notes -->", "");
        assert!(Document::parse(&damaged).unwrap_err().to_string().contains("counts"));
        assert_eq!(Document::parse("").unwrap(), Document::default());
    }
}
