//! Faults that are planted in the firmware, by features of its own: a test that cannot fail guards nothing.

use crate::chore::{Error, Result};
use crate::target::{CORTEX_A9, CORTEX_M4, Target, build_with, chosen, machine};

/// A fault, and who finds it: a program's test, the status it ends with, and words that say what it has seen.
struct Fault {
    target: &'static Target,
    feature: &'static str,
    program: &'static str,
    test: &'static str,
    status: i32,
    says: &'static str,
}

/// The status of a test that failed, and of a program that the watchdog has ended.
const FAILED: i32 = 1;
const HANGS: i32 = 3;

static FAULTS: [Fault; 4] = [
    Fault {
        target: &CORTEX_A9[0],
        feature: "fault-lock-masks-nothing",
        program: "walk",
        test: "at_every_instruction_of_terminate_async",
        status: FAILED,
        says: "core 0 waits for a lock that it holds",
    },
    Fault {
        target: &CORTEX_A9[0],
        feature: "fault-lock-masks-nothing",
        program: "shared_channel",
        test: "both_stop_and_restart_one_channel",
        status: FAILED,
        says: "core 0 waits for a lock that it holds",
    },
    Fault {
        target: &CORTEX_A9[0],
        feature: "fault-handler-takes-thread-lock",
        program: "walk",
        test: "while_the_client_looks_at_what_its_handler_writes",
        status: HANGS,
        says: "the watchdog: core 0 hangs",
    },
    Fault {
        target: &CORTEX_M4,
        feature: "fault-section-masks-nothing",
        program: "m4_sections",
        test: "what_comes_in_a_section_is_handled_behind_it",
        status: FAILED,
        says: "handled inside a section",
    },
];

/// Builds and runs the program with each of them, and demands that this test finds it, and in this way.
pub fn run() -> Result {
    for &Fault { target, feature, program, test, status, says } in &FAULTS {
        let folder = build_with(target, &["--bin", program, "--features", feature])?;
        let ended = machine(target, &folder, &chosen(&[program])?[0])?.output()?;
        let printed = String::from_utf8_lossy(&ended.stdout);
        if ended.status.code() != Some(status) || last_test(&printed) != Some(test) || !printed.contains(says) {
            return Err(Error::new(format!("{feature}: {program} did not find it. {}\n{printed}", ended.status)));
        }
        println!("{feature:33} found by {program}, {test}: {says}");
    }
    Ok(())
}

/// The test that was begun last.
fn last_test(printed: &str) -> Option<&str> {
    printed.lines().filter_map(|line| line.strip_prefix("test ")?.split_once(" ... ")).map(|(test, _)| test).next_back()
}

#[cfg(test)]
mod tests {
    use super::last_test;

    #[test]
    fn the_last_test_is_the_one_that_failed() {
        let printed =
            "test one ... ok\ntest two ... \n\nthe watchdog: core 0 hangs at 0x1\ntest result: FAILED. 1 passed\n";
        assert_eq!(last_test(printed), Some("two"));
        assert_eq!(last_test("test result: ok. 3 passed"), None);
    }
}
