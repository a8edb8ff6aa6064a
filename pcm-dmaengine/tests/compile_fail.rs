//! Misuse of a stream that does not compile: one case in `compile_fail/` for each way of it that the types reject.
//!
//! | row | misuse | what rejects it |
//! | --- | --- | --- |
//! | 1, 2, 24 | a wait in the interrupt, in the period callback, in a trigger, with interrupts masked | a wait takes a `Sleepable` |
//! | 3, 7 | a stop that nobody waits for; a second stop | `must_use`; the stream is gone |
//! | 4 | the ring used or taken back while the engine may be in it | the stream owns it; only `Setup` gives it back; an `Area` borrows it |
//! | 5, 21 | start before the stop is complete, alone or with others; start of what failed to start | start only on `Prepared`, which it takes |
//! | 11 | an engine that has not stopped taken for one that has | the answer is a `Result` |
//! | 16 | a period that does not say of which run; a pointer moved by hand | an event has a generation; fields are private |
//! | 18 | a pause that the engine cannot do, or whose answer nobody looks at; a resume of what was not paused | as above |
//! | 19 | `synchronize` of what nobody has stopped, running, paused or suspended | only what was stopped has it |
//! | 20 | a suspended stream prepared | it holds what was paused, and has `resume` and `stop` |
//! | 22 | calls in the wrong state or the wrong direction | a type for each state and direction |
//! | 23, 29 | positions where they say nothing, reads from a dead stream or from one that is gone | as above |
//! | 25 | a busy wait without a bound; queueing where the engine cannot | an ability has a trait |
//! | 28 | frames and bytes mixed | a type for frames |
//!
//! The first lines of each case say what the misuse is and where it was seen.
//!
//! What the compiler says is part of the interface, so it is kept beside each case, and compared. It changes from release
//! to release; with another compiler than the one it was recorded with, a case only has to fail. To record it anew:
//! `TRYBUILD=overwrite cargo test --test compile_fail`.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::{env, fs};

/// The compiler whose messages are kept.
const RECORDED_WITH: &str = "rustc 1.95.";
/// Where the cases are, if not in their own folder: set for a copy of this test that does not compare.
const CASES: &str = "COMPILE_FAIL_CASES";

#[test]
fn misuse_does_not_compile() {
    let copies = env::var_os(CASES).map(PathBuf::from);
    if copies.is_none() && !is_the_recorded_compiler() {
        return fail_with_any_message();
    }
    let cases = copies.unwrap_or_else(|| PathBuf::from("tests/compile_fail"));
    trybuild::TestCases::new().compile_fail(cases.join("*.rs"));
}

fn is_the_recorded_compiler() -> bool {
    let rustc = env::var_os("RUSTC").unwrap_or_else(|| "rustc".into());
    let version = Command::new(rustc).arg("--version").output().expect("a compiler").stdout;
    version.starts_with(RECORDED_WITH.as_bytes())
}

/// Runs this test again, over copies of the cases that have no message beside them, and has the messages recorded there:
/// then all that can go wrong is that a case compiles.
fn fail_with_any_message() {
    let copies = Path::new(env!("CARGO_TARGET_TMPDIR")).join("compile_fail");
    let _ = fs::remove_dir_all(&copies);
    fs::create_dir_all(&copies).unwrap();
    for case in fs::read_dir("tests/compile_fail").unwrap() {
        let case = case.unwrap().path();
        if case.extension().is_some_and(|extension| extension == "rs") {
            fs::copy(&case, copies.join(case.file_name().unwrap())).unwrap();
        }
    }
    let mut again = Command::new(env::current_exe().unwrap());
    again.args(["misuse_does_not_compile", "--exact", "--nocapture"]);
    again.env(CASES, copies).env("TRYBUILD", "overwrite");
    assert!(again.status().unwrap().success(), "a misuse compiles");
}
