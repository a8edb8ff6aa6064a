//! The model beside a walk: which transfers of a channel are dead or over, and so what its callback may be told.

use core::mem;
use std::collections::BTreeSet;

use backend_mock::Mock;
use dmaengine_core::{Callback, Event, EventKind, Outcome};

/// What is known of a channel's transfers.
#[derive(Default)]
pub struct Model {
    /// Transfers submitted so far.
    pub next: u64,
    /// All below were terminated, or are over.
    pub dead_below: u64,
    pub completed: BTreeSet<u64>,
    resolved: BTreeSet<u64>,
    /// The next event's callback stops the channel.
    pub stop_in_callback: bool,
}

impl Model {
    /// The callback is told of an event; at random it stops the channel.
    pub fn told(&mut self, callback: &Callback<'_, Mock>, event: Event) {
        let generation = event.generation.0;
        if event.kind == EventKind::Stopped {
            assert!(!callback.terminate_async(), "a callback stopped what is not its own");
            return;
        }
        assert!(generation >= self.dead_below, "{event:?} after its transfer was terminated");
        assert!(generation < self.next && !self.resolved.contains(&generation), "{event:?} after its end");
        if event.kind == EventKind::Completed {
            assert!(self.completed.last().is_none_or(|&last| last < generation), "{event:?} out of order");
            self.completed.insert(generation);
        }
        if mem::take(&mut self.stop_in_callback) {
            assert!(callback.terminate_async());
            self.terminated();
        }
    }

    /// Everything submitted so far is dead, or over.
    pub fn terminated(&mut self) {
        self.dead_below = self.next;
    }

    /// A transfer ended so, and its memory came back.
    pub fn resolved(&mut self, generation: u64, outcome: Outcome) {
        assert!(self.resolved.insert(generation), "resolved twice");
        assert_eq!(self.completed.contains(&generation), outcome == Outcome::Completed);
        assert!(outcome == Outcome::Completed || generation < self.dead_below, "aborted by nobody");
    }
}
