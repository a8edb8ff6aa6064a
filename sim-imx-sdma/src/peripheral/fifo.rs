//! A FIFO between the bus and the far side of a device, with the level at which it asks to be served.

use alloc::boxed::Box;
use alloc::collections::VecDeque;
use alloc::vec::{Drain, Vec};
use core::fmt;

/// A FIFO whose far end a clock works.
pub trait Lane {
    /// The clock ticked so often, and nobody came by in the meantime.
    fn pass(&mut self, ticks: u64);

    /// It asks to be served.
    fn is_requesting(&self) -> bool;

    /// How many ticks bring it to ask. `None` if it asks already, or if none will.
    fn ticks_to_request(&self) -> Option<u64>;
}

/// A FIFO that the SDMA fills, and the device takes from: one word with each tick.
#[derive(Clone, Debug)]
pub struct TxFifo {
    words: VecDeque<u32>,
    depth: usize,
    watermark: usize,
    keep: bool,
    taken: Vec<u32>,
    count: u64,
    underruns: u64,
    overruns: u64,
}

impl TxFifo {
    /// A FIFO of so many words, which asks for more when `watermark` or fewer are left. What is taken from it is kept.
    #[must_use]
    pub fn new(depth: usize, watermark: usize) -> Self {
        let words = VecDeque::with_capacity(depth);
        Self { words, depth, watermark, keep: true, taken: Vec::new(), count: 0, underruns: 0, overruns: 0 }
    }

    /// Sets how many words may be left when it asks.
    pub fn set_watermark(&mut self, watermark: usize) {
        self.watermark = watermark;
    }

    /// Puts a word in. If it is full the word is lost, which is an overrun.
    #[inline]
    pub fn write(&mut self, word: u32) {
        if self.words.len() < self.depth {
            self.words.push_back(word);
        } else {
            self.overruns += 1;
        }
    }

    /// Puts words in, one after the other. Those that find it full are lost.
    #[inline]
    pub fn write_all(&mut self, words: &[u32]) {
        let fit = words.len().min(self.depth - self.words.len());
        self.words.extend(&words[..fit]);
        self.overruns += (words.len() - fit) as u64;
    }

    /// Takes one word, for a device that does something with it; nothing taken is an underrun.
    pub(super) fn take(&mut self) -> Option<u32> {
        let word = self.words.front().copied();
        self.pass(1);
        word
    }

    /// Takes the next word and leaves it where it is: it will be taken again.
    pub(super) fn repeat(&mut self) -> Option<u32> {
        let word = self.words.front().copied()?;
        if self.keep {
            self.taken.push(word);
        }
        self.count += 1;
        Some(word)
    }

    /// How many words are in it.
    #[must_use]
    pub fn level(&self) -> usize {
        self.words.len()
    }

    /// Throws away what is in it.
    pub fn clear(&mut self) {
        self.words.clear();
    }

    /// Whether what is taken is kept, as it is at first. An hour of stereo is more than a gigabyte.
    pub fn keep(&mut self, keep: bool) {
        self.keep = keep;
    }

    /// What the device took and kept, in order.
    #[must_use]
    pub fn taken(&self) -> &[u32] {
        &self.taken
    }

    /// Takes out what the device took and kept, in order: for a test that compares as it goes.
    pub fn drain_taken(&mut self) -> Drain<'_, u32> {
        self.taken.drain(..)
    }

    /// How many words it took, kept or not.
    #[must_use]
    pub fn count(&self) -> u64 {
        self.count
    }

    /// How often it wanted a word and there was none.
    #[must_use]
    pub fn underruns(&self) -> u64 {
        self.underruns
    }

    /// How many words were written into the full FIFO and lost.
    #[must_use]
    pub fn overruns(&self) -> u64 {
        self.overruns
    }
}

impl Lane for TxFifo {
    fn pass(&mut self, ticks: u64) {
        let words = ticks.min(self.words.len() as u64);
        if self.keep {
            let (front, back) = self.words.as_slices();
            let from_front = front.len().min(words as usize);
            self.taken.extend_from_slice(&front[..from_front]);
            if from_front < words as usize {
                self.taken.extend_from_slice(&back[..words as usize - from_front]);
            }
        }
        self.words.drain(..words as usize);
        self.count += words;
        self.underruns += ticks - words;
    }

    #[inline]
    fn is_requesting(&self) -> bool {
        self.words.len() <= self.watermark
    }

    #[inline]
    fn ticks_to_request(&self) -> Option<u64> {
        self.words.len().checked_sub(self.watermark).filter(|&ticks| ticks != 0).map(|ticks| ticks as u64)
    }
}

/// Where a device has its words from.
pub enum Source {
    /// It counts: the n-th word, from 0, is this plus n.
    Counter(u32),
    /// These, and zeros when they are at an end.
    Words(Vec<u32>),
    /// The n-th word, from 0, is what the function says. It is not asked for words that are lost.
    Function(Box<dyn FnMut(u64) -> u32 + Send>),
}

impl Source {
    fn word(&mut self, n: u64) -> u32 {
        match self {
            Self::Counter(first) => first.wrapping_add(n as u32),
            Self::Words(words) => usize::try_from(n).ok().and_then(|n| words.get(n)).copied().unwrap_or(0),
            Self::Function(function) => function(n),
        }
    }
}

impl fmt::Debug for Source {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Counter(first) => write!(f, "Counter({first})"),
            Self::Words(words) => write!(f, "{} words", words.len()),
            Self::Function(_) => f.write_str("Function"),
        }
    }
}

/// A FIFO that the device fills with one word at each tick, and the SDMA empties.
#[derive(Debug)]
pub struct RxFifo {
    words: VecDeque<u32>,
    depth: usize,
    watermark: usize,
    source: Source,
    /// Words that the source gave, those that were lost included.
    next: u64,
    keep: bool,
    given: Vec<u32>,
    overruns: u64,
    underruns: u64,
}

impl RxFifo {
    /// A FIFO of so many words, which asks to be emptied when `watermark` or more are in it. The device counts from 0.
    #[must_use]
    pub fn new(depth: usize, watermark: usize) -> Self {
        let (words, source) = (VecDeque::with_capacity(depth), Source::Counter(0));
        Self { words, depth, watermark, source, next: 0, keep: true, given: Vec::new(), overruns: 0, underruns: 0 }
    }

    /// Sets how many words it asks at.
    pub fn set_watermark(&mut self, watermark: usize) {
        self.watermark = watermark;
    }

    /// What the device gives from now on.
    pub fn give(&mut self, source: Source) {
        (self.source, self.next) = (source, 0);
    }

    /// Takes a word out. An empty one gives 0, which is an underrun.
    #[inline]
    pub fn read(&mut self) -> u32 {
        self.words.pop_front().unwrap_or_else(|| {
            self.underruns += 1;
            0
        })
    }

    /// Takes words out, one after the other. An empty one gives 0.
    #[inline]
    pub fn read_all(&mut self, words: &mut [u32]) {
        let there = words.len().min(self.words.len());
        for (word, taken) in words.iter_mut().zip(self.words.drain(..there)) {
            *word = taken;
        }
        words[there..].fill(0);
        self.underruns += (words.len() - there) as u64;
    }

    /// Puts in a word from elsewhere than its source; a full one loses it.
    pub(super) fn put(&mut self, word: u32) {
        if self.words.len() >= self.depth {
            self.overruns += 1;
            return;
        }
        self.words.push_back(word);
        if self.keep {
            self.given.push(word);
        }
    }

    /// So many words of elsewhere found it full.
    pub(super) fn lose(&mut self, words: u64) {
        self.overruns += words;
    }

    /// How many words fit in.
    pub(super) fn room(&self) -> usize {
        self.depth - self.words.len()
    }

    /// How many words are in it.
    #[must_use]
    pub fn level(&self) -> usize {
        self.words.len()
    }

    /// Throws away what is in it.
    pub fn clear(&mut self) {
        self.words.clear();
    }

    /// Whether what is given is kept, as it is at first.
    pub fn keep(&mut self, keep: bool) {
        self.keep = keep;
    }

    /// What the device put in, in order, without what was lost.
    #[must_use]
    pub fn given(&self) -> &[u32] {
        &self.given
    }

    /// How many words of the device were lost because it was full.
    #[must_use]
    pub fn overruns(&self) -> u64 {
        self.overruns
    }

    /// How many words were read from it that were not there.
    #[must_use]
    pub fn underruns(&self) -> u64 {
        self.underruns
    }
}

impl Lane for RxFifo {
    fn pass(&mut self, ticks: u64) {
        let fit = ticks.min((self.depth - self.words.len()) as u64);
        for n in self.next..self.next + fit {
            let word = self.source.word(n);
            self.put(word);
        }
        self.next += ticks;
        self.overruns += ticks - fit;
    }

    #[inline]
    fn is_requesting(&self) -> bool {
        self.words.len() >= self.watermark
    }

    #[inline]
    fn ticks_to_request(&self) -> Option<u64> {
        let ticks = self.watermark.checked_sub(self.words.len()).filter(|&ticks| ticks != 0);
        ticks.filter(|_| self.watermark <= self.depth).map(|ticks| ticks as u64)
    }
}
