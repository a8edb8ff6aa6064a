//! What the interrupt handler of a case sees and does, and how a statement fares.

use super::prelude::*;
use crate::callback::{Callback, Event};
use crate::engine::Engine;

/// Why a statement was not shown to hold.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Trouble {
    /// It does not hold. What was seen.
    Failed(String),
    /// It cannot be tried on this rig. Why.
    Skipped(String),
}

/// How a statement fared.
pub(super) type Verdict = Result<(), Trouble>;

/// Fails the statement unless something is so; the rest says what was seen instead.
macro_rules! ensure {
    ($so:expr, $($seen:tt)*) => {
        if !$so {
            return Err($crate::conformance::witness::Trouble::Failed(format!($($seen)*)));
        }
    };
}
pub(super) use ensure;

/// The statement failed: that was seen.
pub(super) fn failed<T>(seen: impl Into<String>) -> Result<T, Trouble> {
    Err(Trouble::Failed(seen.into()))
}

pub(super) type Hook<'r, E> = Box<dyn FnMut(&Callback<'_, E>, Event) + 'r>;

/// What the interrupt handler has seen, and what it is to do.
pub(super) struct Witness<'r, E: Engine> {
    events: RefCell<Vec<Event>>,
    hook: RefCell<Option<Hook<'r, E>>>,
}

impl<'r, E: Engine> Witness<'r, E> {
    pub(super) fn new() -> Self {
        Self { events: RefCell::default(), hook: RefCell::new(None) }
    }

    /// What it does at each event from now on.
    pub(super) fn act(&self, hook: Option<Hook<'r, E>>) {
        *self.hook.borrow_mut() = hook;
    }

    /// All that it has seen since the last time.
    pub(super) fn take(&self) -> Vec<Event> {
        self.events.take()
    }

    /// All that it has seen.
    pub(super) fn seen(&self) -> Vec<Event> {
        self.events.borrow().clone()
    }

    /// The suite's callback.
    pub(super) fn told(&self, callback: &Callback<'_, E>, event: Event) {
        self.events.borrow_mut().push(event);
        let hook = self.hook.borrow_mut().take();
        if let Some(mut hook) = hook {
            hook(callback, event);
            self.hook.borrow_mut().get_or_insert(hook);
        }
    }
}
