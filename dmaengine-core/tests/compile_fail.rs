//! Misuse that does not compile: one case in `compile_fail/` for each way of it that the types reject.
//!
//! | row | misuse | what rejects it |
//! | --- | --- | --- |
//! | 1, 2, 24 | a wait in atomic context, in the own callback, in a trigger | a wait takes a `Sleepable` |
//! | 3, 11, 13, 18 | a stop, a wait, a submit or a pause whose result is ignored | `must_use` |
//! | 4 | memory used or freed while the engine writes it | a transfer owns it; it is `'static` |
//! | 5, 6, 7 | start, issue or stop on a channel that is stopping | it has no such methods; it is gone |
//! | 9, 12, 15 | descriptors freed, used or submitted by two | they are moved; handles borrow the controller |
//! | 10 | a backend that does not say when it has stopped | no method has an empty default |
//! | 17 | an outcome asked after its end | a transfer is gone when it has told |
//! | 18, 19 | resume without pause; `synchronize` of what nobody has stopped | a type for each state |
//! | 25 | `terminate_atomic` without a known bound | an ability has a trait |
//!
//! The first lines of each case say what the misuse is and where it was seen.
//!
//! What the compiler says is part of the interface, so it is kept beside each case, and compared. It changes from
//! release to release; with another compiler than the one it was recorded with, a case only has to fail. To record it
//! anew: `TRYBUILD=overwrite cargo test --test compile_fail`.

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

/// Runs this test again, over copies of the cases that have no message beside them, and has the messages recorded
/// there: then all that can go wrong is that a case compiles.
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
