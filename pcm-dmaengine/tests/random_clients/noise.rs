//! The sound that goes through: frames with a number, from which their bytes follow, so that a frame in the wrong place is seen.

use std::cell::RefCell;
use std::collections::HashMap;
use std::sync::Arc;

/// After so many frames it begins again. Prime, and longer than any ring: two frames of one place in a ring differ.
pub const ROUND: u64 = 65_521;

/// What spreads the numbers over 16 bits, and what brings them back.
const SPREAD: u16 = 40_503;
const BACK: u16 = 30_599;

/// Sound of frames of so many bytes.
#[derive(Clone)]
pub struct Noise {
    pub bytes: Arc<[u8]>,
    pub frame: usize,
}

thread_local! {
    static MADE: RefCell<HashMap<usize, Noise>> = RefCell::default();
}

impl Noise {
    pub fn of(frame: usize) -> Self {
        MADE.with(|made| made.borrow_mut().entry(frame).or_insert_with(|| Self::new(frame)).clone())
    }

    /// Of two bytes and more, no two frames are alike and none is zero.
    fn new(frame: usize) -> Self {
        let mut bytes = Vec::with_capacity(ROUND as usize * frame);
        for number in 0..ROUND as u32 {
            let number = number + 1;
            let mixed = number.wrapping_mul(0x9e37_79b9).rotate_left(13) ^ number;
            let first = (number as u16).wrapping_mul(SPREAD).to_le_bytes();
            bytes.extend((0..frame).map(|at| match at {
                0 | 1 if frame > 1 => first[at],
                _ => mixed.wrapping_mul(2 * at as u32 + 3).to_be_bytes()[0],
            }));
        }
        Self { bytes: bytes.into(), frame }
    }

    /// `count` frames from number `first` on, piece by piece.
    fn pieces(&self, first: u64, count: u64) -> impl Iterator<Item = &[u8]> {
        let (mut at, mut left) = (first % ROUND, count);
        std::iter::from_fn(move || {
            let count = left.min(ROUND - at);
            let piece = &self.bytes[at as usize * self.frame..(at + count) as usize * self.frame];
            (at, left) = (0, left - count);
            (count > 0).then_some(piece)
        })
    }

    pub fn stretch(&self, first: u64, count: u64) -> Vec<u8> {
        self.pieces(first, count).collect::<Vec<_>>().concat()
    }

    /// Whether this frame is number `first` or one of so many behind it. Of one byte, it may be anything.
    pub fn is_within(&self, first: u64, more: u64, frame: &[u8]) -> bool {
        if self.frame == 1 || more == 0 {
            return more > 0 || self.alike(first, frame) == 1;
        }
        let number = u64::from(u16::from_le_bytes([frame[0], frame[1]]).wrapping_mul(BACK).wrapping_sub(1));
        self.alike(number, frame) == 1 && (number + ROUND - first % ROUND) % ROUND <= more
    }

    /// How many whole frames at the beginning of these bytes are those from number `first` on.
    pub fn alike(&self, first: u64, bytes: &[u8]) -> u64 {
        let mut rest = bytes;
        for piece in self.pieces(first, (bytes.len() / self.frame) as u64) {
            let (head, tail) = rest.split_at(piece.len());
            if head != piece {
                let done = (bytes.len() - rest.len()) / self.frame;
                let pairs = head.chunks(self.frame).zip(piece.chunks(self.frame));
                return (done + pairs.take_while(|(one, other)| one == other).count()) as u64;
            }
            rest = tail;
        }
        (bytes.len() / self.frame) as u64
    }
}
