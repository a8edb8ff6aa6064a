//! The far end of an SSI's data lines: who hears what is sent, frame by frame, and what there is to be received.

use alloc::sync::Arc;
use alloc::vec::Vec;
use core::mem;

/// What the far end has to say.
#[derive(Clone, Debug, Default)]
pub enum SsiSound {
    /// Zeros.
    #[default]
    Silence,
    /// Whole frames, slot by slot, each of as many bytes as a word has, little endian; over and over. They begin with the next
    /// frame that is received, and go on from then on, whether the receiver is on or not.
    Frames(Arc<[u8]>),
    /// What the transmitter sends in the same slot; zeros while it is off. In step only if the directions share a clock, `SCR.SYN`.
    Loop,
}

/// What was on a data line from one start with empty FIFOs to the next.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SsiRun {
    /// The number of the first frame. Frames are counted from the beginning of the frame clock.
    pub first_frame: u64,
    /// Frames that were at an end, but for those that were [`dry`](Self::dry).
    pub frames: u64,
    /// Those of them in which a word was missing: it was not in the FIFO when its slot came, or found no room.
    pub torn: u64,
    /// Which of [`frames`](Self::frames), from 0, was the first one torn. From there on the channels may be in others' slots.
    pub first_torn: Option<u64>,
    /// Frames sent with no word from the FIFO at all.
    pub dry: u64,
    /// What was sent in [`frames`](Self::frames), slot by slot, each of as many bytes as a word has, little endian. A receiver
    /// keeps none.
    pub bytes: Vec<u8>,
    /// Slots of the frame that is not at an end, and how many of them were dry.
    part: u64,
    part_dry: u64,
    /// The number of the frame that lost a word last.
    lost_in: Option<u64>,
}

/// How a frame looks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Shape {
    /// Words in it.
    pub(super) slots: u64,
    /// Bits of a word.
    pub(super) bits: u32,
}

impl Shape {
    fn bytes(self) -> usize {
        self.bits.div_ceil(8) as usize
    }

    fn cut(self, word: u32) -> u32 {
        if self.bits < 32 { word & ((1 << self.bits) - 1) } else { word }
    }
}

/// The words that the transmitter sent last: from slot `at` on these, then the last one again and again.
#[derive(Debug, Default)]
struct Sent {
    at: u64,
    words: Vec<u32>,
    end: u64,
    last: u32,
}

/// A wire: it keeps what it carries, and says what there is to be received.
#[derive(Debug, Default)]
pub struct SsiWire {
    sound: SsiSound,
    /// The frame with which the sound began.
    origin: Option<u64>,
    is_forgetful: bool,
    sent: Sent,
    /// What was sent of the frame under way.
    part: Vec<u8>,
    played: Vec<SsiRun>,
    recorded: Vec<SsiRun>,
}

impl SsiWire {
    /// A silent wire.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// What is received from now on.
    pub fn set_sound(&mut self, sound: SsiSound) {
        (self.sound, self.origin) = (sound, None);
    }

    /// Whether the frames themselves are kept, as they are at first, or only counted. An hour of stereo is more than half a
    /// gigabyte.
    pub fn keep(&mut self, keep: bool) {
        self.is_forgetful = !keep;
    }

    /// What was sent, start by start.
    #[must_use]
    pub fn played(&self) -> &[SsiRun] {
        &self.played
    }

    /// Takes out what was sent, for a test that compares as it goes: the bytes of all whole frames, start by start.
    pub fn drain_played(&mut self) -> Vec<u8> {
        self.played.iter_mut().flat_map(|run| run.bytes.drain(..)).collect()
    }

    /// What was received, start by start.
    #[must_use]
    pub fn recorded(&self) -> &[SsiRun] {
        &self.recorded
    }

    /// The number of the frame with which the sound began, once it has.
    #[must_use]
    pub fn origin(&self) -> Option<u64> {
        self.origin
    }

    /// The frame clock begins anew.
    pub(super) fn restart_clock(&mut self) {
        self.origin = None;
        self.sent = Sent::default();
    }

    /// The transmitter begins with this frame.
    pub(super) fn begin_sending(&mut self, frame: u64) {
        if let Some(run) = self.played.last_mut() {
            (run.part, run.part_dry) = (0, 0);
        }
        self.part.clear();
        self.sent.last = 0;
        self.played.push(SsiRun { first_frame: frame, ..SsiRun::default() });
    }

    /// The receiver begins with this frame.
    pub(super) fn begin_receiving(&mut self, frame: u64) {
        self.origin.get_or_insert(frame);
        self.recorded.push(SsiRun { first_frame: frame, ..SsiRun::default() });
    }

    /// From slot `at` on these words were sent, then the last one `dry` times again.
    pub(super) fn send(&mut self, at: u64, words: impl Iterator<Item = u32>, dry: u64, shape: Shape) {
        self.sent.words.clear();
        self.sent.words.extend(words.map(|word| shape.cut(word)));
        let Sent { words, last, .. } = &mut self.sent;
        let Some(run) = self.played.last_mut() else { return };
        let mut line = Line { run, part: &mut self.part, shape, is_forgetful: self.is_forgetful };
        words.iter().for_each(|word| line.put(*word, false));
        *last = words.last().copied().unwrap_or(*last);
        let mut left = dry;
        while left != 0 {
            if line.run.part == 0 && left >= shape.slots {
                line.run.dry += left / shape.slots;
                left %= shape.slots;
            } else {
                line.put(*last, true);
                left -= 1;
            }
        }
        (self.sent.at, self.sent.end) = (at, at + self.sent.words.len() as u64 + dry);
    }

    /// The transmitter is off.
    pub(super) fn rest(&mut self) {
        self.sent.end = self.sent.at;
    }

    /// The word in slot `at`.
    pub(super) fn hear(&self, at: u64, shape: Shape) -> u32 {
        match &self.sound {
            SsiSound::Silence => 0,
            SsiSound::Frames(bytes) => {
                let (slots, width) = (shape.slots, shape.bytes());
                let frames = (bytes.len() / (slots as usize * width)) as u64;
                let since = (at / slots).saturating_sub(self.origin.unwrap_or(0));
                let Some(frame) = since.checked_rem(frames) else { return 0 };
                let from = (frame * slots + at % slots) as usize * width;
                let mut word = [0; 4];
                word[..width].copy_from_slice(&bytes[from..from + width]);
                u32::from_le_bytes(word)
            }
            SsiSound::Loop if (self.sent.at..self.sent.end).contains(&at) => {
                let word = self.sent.words.get((at - self.sent.at) as usize);
                shape.cut(word.copied().unwrap_or(self.sent.last))
            }
            SsiSound::Loop => 0,
        }
    }

    /// From slot `at` on so many words were received, and then so many lost.
    pub(super) fn received(&mut self, at: u64, words: u64, lost: u64, shape: Shape) {
        let Some(run) = self.recorded.last_mut() else { return };
        if lost != 0 {
            let (first, last) = ((at + words) / shape.slots, (at + words + lost - 1) / shape.slots);
            let new = (last - first + 1) - u64::from(run.lost_in == Some(first));
            let now = run.frames + (run.part + words) / shape.slots;
            run.first_torn.get_or_insert(now);
            run.torn += new;
            run.lost_in = Some(last);
        }
        let slots = run.part + words + lost;
        run.frames += slots / shape.slots;
        run.part = slots % shape.slots;
    }
}

/// Where what is sent goes.
struct Line<'w> {
    run: &'w mut SsiRun,
    part: &'w mut Vec<u8>,
    shape: Shape,
    is_forgetful: bool,
}

impl Line<'_> {
    /// One more slot was sent.
    fn put(&mut self, word: u32, is_dry: bool) {
        self.part.extend_from_slice(&word.to_le_bytes()[..self.shape.bytes()]);
        let run = &mut *self.run;
        run.part += 1;
        run.part_dry += u64::from(is_dry);
        if run.part < self.shape.slots {
            return;
        }
        run.part = 0;
        let dry = mem::take(&mut run.part_dry);
        if dry == self.shape.slots {
            run.dry += 1;
        } else {
            if dry != 0 {
                run.torn += 1;
                run.first_torn.get_or_insert(run.frames);
            }
            run.frames += 1;
            if !self.is_forgetful {
                run.bytes.extend_from_slice(self.part);
            }
        }
        self.part.clear();
    }
}
