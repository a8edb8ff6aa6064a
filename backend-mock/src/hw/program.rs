//! Programs: what a channel is told to move, and how far it has come.
//!
//! A program is a row of **pieces**. A piece is contiguous and ends where the engine has something to do: at the end of
//! a period, of a segment, or of the program. A cyclic program has no last piece.

use alloc::vec::Vec;

use super::time::Nanos;

/// What a channel is to move, under the name its driver gave it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Program {
    /// The driver's name for this transfer. Every access and every news carries it.
    pub tag: u64,
    /// The moves.
    pub moves: Moves,
}

/// The moves of a program. All addresses are bus addresses; all lengths are bytes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Moves {
    /// Round and round a ring of periods, until stopped.
    Cyclic {
        /// Start of the ring.
        bus: u64,
        /// Length of the ring, a multiple of `period`.
        len: u32,
        /// Length of a period. Each end of one is news.
        period: u32,
        /// From memory to the peripheral; otherwise the other way.
        to_device: bool,
    },
    /// Segments, one after the other, once. Where they lie is free: rows of chunks are segments, too.
    Sg {
        /// Address and length of each.
        segments: Vec<(u64, u32)>,
        /// From memory to the peripheral; otherwise the other way.
        to_device: bool,
    },
    /// From memory to memory, once. What comes of overlapping halves is not defined.
    Copy {
        /// Where to.
        dst: u64,
        /// Where from.
        src: u64,
        /// How much.
        len: u32,
    },
    /// From memory to memory in pieces, one after the other, once.
    Pieces {
        /// Of each: where from, where to, how much.
        pieces: Vec<(u64, u64, u32)>,
    },
    /// From the channel's peripheral to its sink, round and round until stopped. No memory is touched.
    Through {
        /// So many bytes make a period. Each end of one is news.
        period: u32,
    },
    /// One byte over and over into memory, once.
    Fill {
        /// Where to.
        dst: u64,
        /// What.
        value: u8,
        /// How much.
        len: u32,
    },
}

impl Moves {
    /// Whether hardware can run this at all: nothing is empty, and the periods fill the ring.
    fn is_sound(&self) -> bool {
        match self {
            Moves::Cyclic { len, period, .. } => *len > 0 && *period > 0 && len % period == 0,
            Moves::Sg { segments, .. } => !segments.is_empty() && segments.iter().all(|&(_, len)| len > 0),
            Moves::Copy { len, .. } | Moves::Fill { len, .. } => *len > 0,
            Moves::Through { period } => *period > 0,
            Moves::Pieces { pieces } => !pieces.is_empty() && pieces.iter().all(|&(_, _, len)| len > 0),
        }
    }

    /// Towards a peripheral, from one, or (`None`) neither.
    pub(super) fn to_device(&self) -> Option<bool> {
        match self {
            Moves::Cyclic { to_device, .. } | Moves::Sg { to_device, .. } => Some(*to_device),
            Moves::Through { .. } => Some(false),
            Moves::Copy { .. } | Moves::Pieces { .. } | Moves::Fill { .. } => None,
        }
    }
}

/// What is behind the last byte of a piece.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum End {
    Period,
    Segment,
    Program,
}

/// A stretch of the program from some position to the next thing to do.
#[derive(Debug, Clone, Copy)]
pub(super) struct Piece {
    /// Where the engine reads memory, if it does.
    pub(super) read: Option<u64>,
    /// Where the engine writes memory, if it does.
    pub(super) write: Option<u64>,
    /// What is written, if it is read from nowhere.
    pub(super) fill: Option<u8>,
    pub(super) len: u64,
    pub(super) end: End,
}

/// A position in a program.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Cursor {
    segment: usize,
    /// Bytes into the ring, the segment or the copy.
    offset: u64,
    /// Bytes moved, over all laps.
    pub(super) moved: u64,
}

impl Cursor {
    /// The piece ahead. Must not be asked behind the end of the program.
    pub(super) fn piece(&self, moves: &Moves) -> Piece {
        let (bus, left, end, to_device) = match moves {
            Moves::Cyclic { bus, period, to_device, .. } => {
                let period = u64::from(*period);
                (*bus, period - self.offset % period, End::Period, *to_device)
            }
            Moves::Sg { segments, to_device } => {
                let (bus, len) = segments[self.segment];
                let is_last = self.segment + 1 == segments.len();
                let end = if is_last { End::Program } else { End::Segment };
                (bus, u64::from(len) - self.offset, end, *to_device)
            }
            Moves::Copy { dst, src, len } => {
                return Piece {
                    read: Some(src.wrapping_add(self.offset)),
                    write: Some(dst.wrapping_add(self.offset)),
                    fill: None,
                    len: u64::from(*len) - self.offset,
                    end: End::Program,
                };
            }
            Moves::Pieces { pieces } => {
                let (src, dst, len) = pieces[self.segment];
                return Piece {
                    read: Some(src.wrapping_add(self.offset)),
                    write: Some(dst.wrapping_add(self.offset)),
                    fill: None,
                    len: u64::from(len) - self.offset,
                    end: if self.segment + 1 == pieces.len() { End::Program } else { End::Segment },
                };
            }
            Moves::Through { period } => {
                let len = u64::from(*period) - self.offset;
                return Piece { read: None, write: None, fill: None, len, end: End::Period };
            }
            Moves::Fill { dst, value, len } => {
                return Piece {
                    read: None,
                    write: Some(dst.wrapping_add(self.offset)),
                    fill: Some(*value),
                    len: u64::from(*len) - self.offset,
                    end: End::Program,
                };
            }
        };
        let bus = bus.wrapping_add(self.offset);
        Piece { read: to_device.then_some(bus), write: (!to_device).then_some(bus), fill: None, len: left, end }
    }

    /// `bytes`, at most the piece ahead, were moved.
    pub(super) fn advance(&mut self, moves: &Moves, bytes: u64) {
        self.moved += bytes;
        self.offset += bytes;
        match moves {
            Moves::Cyclic { len, .. } => self.offset %= u64::from(*len),
            Moves::Sg { segments, .. } => {
                if self.offset == u64::from(segments[self.segment].1) {
                    self.segment += 1;
                    self.offset = 0;
                }
            }
            Moves::Pieces { pieces } => {
                if self.offset == u64::from(pieces[self.segment].2) {
                    self.segment += 1;
                    self.offset = 0;
                }
            }
            Moves::Through { period } => self.offset %= u64::from(*period),
            Moves::Copy { .. } | Moves::Fill { .. } => {}
        }
    }

    /// Back to the beginning; what was moved counts on.
    pub(super) fn rewind(&mut self) {
        *self = Cursor { moved: self.moved, ..Cursor::default() };
    }
}

/// How far a program has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Progress {
    /// The program that is loaded; 0 if none ever was.
    pub tag: u64,
    /// Bytes moved since it was loaded, over all laps.
    pub bytes: u64,
    /// Of these, bytes that wait in a player's FIFO. 0 for anything else.
    pub in_flight: u32,
    /// When it was started from its beginning, if it was.
    pub started: Option<Nanos>,
}

/// A program in the engine, and how far it has come.
#[derive(Debug)]
pub(super) struct Loaded {
    pub(super) program: Program,
    pub(super) cursor: Cursor,
    /// It has ended, by itself, by a fault or by a reset: it cannot go on.
    pub(super) is_over: bool,
    /// Begins again when it has come to its end.
    pub(super) repeat: bool,
    /// When it was started from its beginning, once it was.
    pub(super) started: Option<Nanos>,
}

impl Loaded {
    pub(super) fn new(program: Program) -> Self {
        Loaded { program, cursor: Cursor::default(), is_over: false, repeat: false, started: None }
    }

    pub(super) fn is_sound(&self) -> bool {
        self.program.moves.is_sound()
    }

    pub(super) fn advance(&mut self, bytes: u64) {
        self.cursor.advance(&self.program.moves, bytes);
    }
}
