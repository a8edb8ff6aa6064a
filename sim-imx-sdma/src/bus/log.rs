//! The log of accesses. It is off until somebody wants it, and bounded: the oldest entries go first, and are counted.

use alloc::collections::VecDeque;
use alloc::collections::vec_deque::{Drain, Iter};

use super::access::Access;

/// What a log keeps.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LogOptions {
    /// How many accesses; at least one is kept.
    pub capacity: usize,
    /// What was read and written, too.
    pub values: bool,
}

impl Default for LogOptions {
    /// The last 65536 accesses, without their values.
    fn default() -> Self {
        Self { capacity: 1 << 16, values: false }
    }
}

/// The accesses that scripts made, in the order in which they made them. The same run gives the same log, to the byte.
#[derive(Clone, Debug)]
pub struct Log {
    options: LogOptions,
    entries: VecDeque<Access>,
    dropped: u64,
}

impl Log {
    pub(super) fn new(options: LogOptions) -> Self {
        Self { options, entries: VecDeque::with_capacity(options.capacity.clamp(1, 1 << 16)), dropped: 0 }
    }

    pub(super) fn note(&mut self, mut access: Access) {
        if self.entries.len() >= self.options.capacity.max(1) {
            self.entries.pop_front();
            self.dropped += 1;
        }
        if !self.options.values {
            access.value = None;
        }
        self.entries.push_back(access);
    }

    /// How many accesses it holds.
    #[must_use]
    pub fn len(&self) -> usize {
        self.entries.len()
    }

    /// It holds none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }

    /// What it holds, the oldest first.
    pub fn iter(&self) -> Iter<'_, Access> {
        self.entries.iter()
    }

    /// Takes out what it holds, the oldest first.
    pub fn drain(&mut self) -> Drain<'_, Access> {
        self.entries.drain(..)
    }

    /// How many accesses had to go to make room for newer ones.
    #[must_use]
    pub fn dropped(&self) -> u64 {
        self.dropped
    }
}

impl<'a> IntoIterator for &'a Log {
    type Item = &'a Access;
    type IntoIter = Iter<'a, Access>;

    fn into_iter(self) -> Self::IntoIter {
        self.iter()
    }
}
