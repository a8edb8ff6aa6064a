//! The wire to a UART: characters, each of which arrives at a moment that was fixed when it was put there.

use alloc::collections::VecDeque;

use crate::time::{Clock, Cycles};

/// Of a character: a start bit, eight data bits, a stop bit.
pub(super) const BITS: u32 = 10;

/// Characters on their way, back to back unless the wire rests in between.
///
/// Its time is counted in characters from when it was last free, so that no error adds up along a line of them.
#[derive(Debug)]
pub(super) struct Wire {
    clock: Clock,
    baud: u32,
    /// When each has arrived, and the character with its flags.
    characters: VecDeque<(Cycles, u32)>,
    start: Cycles,
    /// How many character times it is taken from `start` on.
    taken: u64,
}

impl Wire {
    /// A free wire of so many bits a second, at least one.
    pub(super) fn new(clock: Clock, baud: u32) -> Self {
        Self { clock, baud: baud.max(1), characters: VecDeque::new(), start: Cycles(0), taken: 0 }
    }

    /// The moment `n` character times after another.
    pub(super) fn after(&self, from: Cycles, n: u64) -> Cycles {
        self.clock.tick(from, self.baud, n * u64::from(BITS))
    }

    /// Puts a character behind those that are there.
    pub(super) fn put(&mut self, now: Cycles, character: u32) {
        self.take(now, 1);
        self.characters.push_back((self.after(self.start, self.taken), character));
    }

    /// Leaves it idle behind what is there.
    pub(super) fn rest(&mut self, now: Cycles, characters: u32) {
        self.take(now, u64::from(characters));
    }

    fn take(&mut self, now: Cycles, characters: u64) {
        if self.after(self.start, self.taken) <= now {
            (self.start, self.taken) = (now, 0);
        }
        self.taken += characters;
    }

    /// The next character, with its moment, if it is there by now.
    pub(super) fn arrived(&mut self, now: Cycles) -> Option<(Cycles, u32)> {
        self.characters.front().filter(|(at, _)| *at <= now)?;
        self.characters.pop_front()
    }

    /// When each of those that are on their way arrives.
    pub(super) fn arrivals(&self) -> impl Iterator<Item = Cycles> + '_ {
        self.characters.iter().map(|&(at, _)| at)
    }
}
