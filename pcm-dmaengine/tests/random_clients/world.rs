//! What all clients of one opening share: the machine, the desks, memory for rings, and what is counted.

use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;

use dmaengine_core::Micros;

use crate::desk::{Desk, Desks};
use crate::journal::Journal;
use crate::machine::{Machine, now};
use crate::random::Random;

/// What was done in all, so that a test that does nothing is seen.
#[derive(Clone, Debug, Default)]
pub struct Account {
    pub simulated: u64,
    pub openings: u64,
    pub steps: u64,
    pub frames: u64,
    pub xruns: u64,
    pub dropped: u64,
    /// How often a state was left, and how often something was done.
    pub visits: BTreeMap<&'static str, u64>,
    pub deeds: BTreeMap<&'static str, u64>,
}

/// Memory for rings; what comes back is lent again.
#[derive(Default)]
pub struct Rings {
    free: Vec<&'static mut [u8]>,
    /// Start and length of those that are lent.
    lent: Vec<(usize, usize)>,
}

impl Rings {
    pub fn lend(&mut self, needed: usize, random: &mut Random) -> &'static mut [u8] {
        // Whatever was lent before, the same chance comes after it.
        let more = random.up_to(64) as usize;
        let found = self.free.iter().position(|ring| (needed..=2 * needed + 4_096).contains(&ring.len()));
        let ring = match found {
            Some(at) => self.free.swap_remove(at),
            None => vec![0; (needed + more).next_multiple_of(64)].leak(),
        };
        // Something that is neither silence nor a frame.
        ring.fill(0x55);
        self.lent.push((ring.as_ptr().addr(), ring.len()));
        ring
    }

    pub fn take_back(&mut self, ring: &'static mut [u8]) {
        let name = (ring.as_ptr().addr(), ring.len());
        let at = self.lent.iter().position(|lent| *lent == name).expect("a ring that was not lent came back");
        self.lent.swap_remove(at);
        self.free.push(ring);
    }

    /// Whoever had this one was dropped.
    pub fn forget(&mut self, start: usize) {
        self.lent.retain(|lent| lent.0 != start);
    }

    /// How many are lent.
    pub fn lent(&self) -> usize {
        self.lent.len()
    }
}

pub struct World<'w, M: Machine> {
    pub machine: &'w M,
    pub journal: &'w Journal,
    pub account: &'w RefCell<Account>,
    pub rings: &'w RefCell<Rings>,
    pub desks: Desks,
    /// Times that interrupts were held off for longer than a period.
    pub unseen: Cell<u64>,
    /// Streams are or were linked: one may have ended the run of the other, and its desk does not have it.
    pub uncertain: Cell<bool>,
    /// Stops may take longer than they should.
    pub slow: Cell<bool>,
}

impl<M: Machine> World<'_, M> {
    pub fn desk(&self, stream: usize) -> &Desk {
        &self.desks.0[stream]
    }

    pub fn now(&self) -> Micros {
        now(self.machine)
    }

    /// Notes what is done next.
    pub fn deed(&self, deed: &'static str) {
        self.journal.add(deed);
        *self.account.borrow_mut().deeds.entry(deed).or_default() += 1;
    }

    /// Nothing goes wrong from now on.
    pub fn calm(&self) {
        self.machine.no_trouble();
        self.slow.set(false);
    }
}
