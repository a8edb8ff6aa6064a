//! What is known of one transfer while its trace goes on: its descriptors, how many are closed, and what is left of it.

use super::machine::RROR;
use super::trace::Op;

/// How a transfer goes on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Round and round; bytes of a period.
    Ring { period: u32 },
    /// Once.
    List,
}

/// One transfer.
#[derive(Debug)]
pub struct Ledger {
    pub kind: Kind,
    /// Bytes, of a round.
    pub total: u32,
    /// Where its descriptors lie in the trace, and here.
    pub linux: u32,
    pub ours: u32,
    /// How many it has in the trace, without a spare one.
    pub linux_count: u32,
    /// As they were prepared, here. They are other ones than in the trace if it is a copy that was cut otherwise.
    pub descriptors: Vec<[u32; 3]>,
    pub cut: bool,
    /// What Linux wrote while it prepared it.
    pub prepared: Vec<Op>,
    /// The mode words of the descriptors that were closed, in order, and how many of them the client was told of.
    pub closed: Vec<u32>,
    pub told: usize,
    /// It was issued, and the hardware started it.
    pub started: bool,
    /// It has ended, or failed.
    pub ended: Option<bool>,
}

impl Ledger {
    fn count(&self) -> u32 {
        self.descriptors.len() as u32
    }

    /// Its descriptors as they are now, if it is a list of which nothing was handed back.
    pub fn with_closed(&self) -> Vec<[u32; 3]> {
        let mut descriptors = self.descriptors.clone();
        descriptors.iter_mut().zip(&self.closed).for_each(|(words, mode)| words[0] = *mode);
        descriptors
    }

    /// An address of a descriptor in the trace, here. One behind the last is behind the last here, too.
    pub fn here(&self, linux: u32) -> Option<u32> {
        let offset = linux.checked_sub(self.linux)?;
        let index = offset / 12;
        match index {
            _ if offset % 12 != 0 => None,
            _ if index == self.linux_count => Some(self.ours + 12 * self.count()),
            _ if index < self.linux_count => Some(self.ours + 12 * index),
            _ => None,
        }
    }

    /// Where the descriptor lies that was closed as the `nth`.
    pub fn nth(&self, nth: usize) -> u32 {
        self.ours + 12 * (nth as u32 % self.count())
    }

    /// The bytes left, counted from the words that came back in the first so many descriptors, up to an error.
    pub fn left(&self, descriptors: usize) -> u32 {
        let good = self.closed[..descriptors].iter().take_while(|mode| **mode & RROR == 0);
        let counts: Vec<u32> = good.map(|mode| mode & 0xFFFF).collect();
        match (self.kind, counts.last()) {
            (_, None) => self.total,
            (Kind::List, _) => self.total - counts.iter().sum::<u32>(),
            (Kind::Ring { period }, Some(last)) => {
                let arrived = (counts.len() as u32 - 1) * period + last;
                self.total - arrived % self.total
            }
        }
    }

    /// Of the descriptors that the client has not been told of, those before the first with an error, and whether there is one.
    pub fn news(&self) -> (usize, bool) {
        let untold = &self.closed[self.told..];
        let good = untold.iter().take_while(|mode| **mode & RROR == 0).count();
        (good, good < untold.len())
    }

    /// All of a list is closed.
    pub fn is_done(&self) -> bool {
        self.kind == Kind::List && self.closed.len() as u32 == self.count()
    }
}
