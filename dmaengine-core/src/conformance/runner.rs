//! Running statements: one on a fresh rig, or all of them with a summary.

use core::fmt;

use super::case::{Case, Trouble, Verdict, Witness};
use super::prelude::*;
use super::rig::Rig;
use super::statement::{Keeper, Statement, statement, statements};

/// A statement that does not hold.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Failure {
    /// Its number.
    pub number: u8,
    /// Its name.
    pub name: &'static str,
    /// What was promised.
    pub promise: &'static str,
    /// What was seen.
    pub seen: String,
    /// Where the promise is written.
    pub source: &'static str,
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{}", self.name)?;
        writeln!(f, "  promised: {}", self.promise)?;
        writeln!(f, "  seen:     {}", self.seen)?;
        write!(f, "  written:  statement {}; {}", self.number, self.source)
    }
}

/// A statement that was not tried.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Skipped {
    /// Its number.
    pub number: u8,
    /// Its name.
    pub name: &'static str,
    /// Why not.
    pub reason: String,
}

/// How a backend fares.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Summary {
    /// How many statements were tried.
    pub run: usize,
    /// Those that could not be tried on this rig.
    pub skipped: Vec<Skipped>,
    /// How many there is nothing to try of: types keep them, or they cannot be said in this interface.
    pub by_construction: usize,
    /// Those that do not hold.
    pub failed: Vec<Failure>,
}

impl fmt::Display for Summary {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for failure in &self.failed {
            writeln!(f, "{failure}")?;
        }
        for skipped in &self.skipped {
            writeln!(f, "{}: skipped: {}", skipped.name, skipped.reason)?;
        }
        let (run, failed) = (self.run, self.failed.len());
        let (skipped, types) = (self.skipped.len(), self.by_construction);
        write!(f, "{run} run, {failed} failed, {skipped} skipped, {types} by construction")
    }
}

/// Runs every statement, each on a rig of its own.
pub fn run_all<R: Rig>(make_rig: impl Fn() -> R) -> Summary {
    let mut summary = Summary::default();
    for statement in statements::<R>() {
        if let Keeper::Types(_) = statement.keeper {
            summary.by_construction += 1;
            continue;
        }
        let (number, name) = (statement.number, statement.name);
        match outcome(&statement, &make_rig()) {
            Ok(()) => summary.run += 1,
            Err(Trouble::Skipped(reason)) => summary.skipped.push(Skipped { number, name, reason }),
            Err(Trouble::Failed(seen)) => {
                summary.run += 1;
                summary.failed.push(failure(&statement, seen));
            }
        }
    }
    summary
}

/// Runs one statement, as the body of the test of that name.
///
/// # Panics
/// If the statement does not hold, or there is none of that number and name.
pub fn check<R: Rig>(number: u8, name: &str, make_rig: impl FnOnce() -> R) {
    let statement = statement::<R>(number).expect("a statement of that number");
    assert_eq!(statement.name, name, "the statement of that number");
    if let Keeper::Types(reason) = statement.keeper {
        remark(format_args!("by construction: {reason}"));
        return;
    }
    match outcome(&statement, &make_rig()) {
        Ok(()) => {}
        Err(Trouble::Skipped(reason)) => remark(format_args!("skipped: {reason}")),
        Err(Trouble::Failed(seen)) => panic!("{}", failure(&statement, seen)),
    }
}

fn failure<R: Rig>(statement: &Statement<R>, seen: String) -> Failure {
    let Statement { number, name, promise, source, .. } = *statement;
    Failure { number, name, promise, seen, source }
}

cfg_if::cfg_if! {
    if #[cfg(feature = "std")] {
        /// How the statement fares; a panic on the way counts as seen.
        fn outcome<R: Rig>(statement: &Statement<R>, rig: &R) -> Verdict {
            use std::panic::{AssertUnwindSafe, catch_unwind};

            catch_unwind(AssertUnwindSafe(|| attempt(statement, rig))).unwrap_or_else(|panic| {
                let message = panic.downcast_ref::<String>().cloned();
                let message = message.or_else(|| panic.downcast_ref::<&str>().map(|&text| text.into()));
                let message = message.unwrap_or_else(|| "without a message".into());
                Err(Trouble::Failed(format!("a panic: {message}")))
            })
        }

        /// Says something of a statement that its verdict does not say.
        fn remark(words: fmt::Arguments<'_>) {
            std::println!("{words}");
        }
    } else {
        /// How the statement fares; a panic is the program's.
        fn outcome<R: Rig>(statement: &Statement<R>, rig: &R) -> Verdict {
            attempt(statement, rig)
        }

        /// There is nowhere to say it.
        fn remark(_words: fmt::Arguments<'_>) {}
    }
}

fn attempt<R: Rig>(statement: &Statement<R>, rig: &R) -> Verdict {
    let witness = Witness::<R::Engine>::new();
    let abilities = rig.abilities();
    let counters: Vec<_> = (0..rig.dma().channels()).map(|channel| rig.counter(channel as u8)).collect();
    let mut verdict = None;
    rig.thread(&|atomic| rig.dma().interrupt(atomic, &mut |own, event| witness.told(own, event)), &mut |cx| {
        let case = Case::new(rig, cx, &abilities, &counters, &witness);
        let missing = statement.needs.iter().find(|need| !need.is_met(&case));
        verdict = Some(match missing {
            Some(need) => Err(Trouble::Skipped(need.to_string())),
            None => (statement.check)(&case),
        });
        case.forget_hook();
    });
    verdict.unwrap_or_else(|| Err(Trouble::Failed("the rig has not run the thread's body".into())))
}
