//! The last steps of a client, told when a test fails, with the seed that brings them back.

use std::cell::{Cell, RefCell};
use std::collections::VecDeque;

const LAST: usize = 30;

/// Prints what it has when a panic drops it.
pub struct Journal {
    replay: String,
    steps: RefCell<VecDeque<String>>,
    count: Cell<u64>,
}

impl Journal {
    /// `replay` is what to do to see it again.
    pub fn new(replay: String) -> Self {
        Self { replay, steps: RefCell::default(), count: Cell::new(0) }
    }

    pub fn note(&self, step: String) {
        let mut steps = self.steps.borrow_mut();
        if steps.len() == LAST {
            steps.pop_front();
        }
        steps.push_back(step);
        self.count.set(self.count.get() + 1);
    }

    /// What came of the latest step.
    pub fn add(&self, outcome: &str) {
        if let Some(step) = self.steps.borrow_mut().back_mut() {
            step.push_str(outcome);
        }
    }

    pub fn count(&self) -> u64 {
        self.count.get()
    }
}

impl Drop for Journal {
    fn drop(&mut self) {
        if std::thread::panicking() {
            eprintln!("to see it again: {}\nstep {}, and those before it:", self.replay, self.count());
            self.steps.borrow().iter().for_each(|step| eprintln!("  {step}"));
        }
    }
}
