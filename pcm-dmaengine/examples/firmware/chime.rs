//! The sound of the bell: two notes that die away, in whole numbers.

/// Frames in a second.
pub const RATE: u32 = 48_000;
/// Frames of a note.
const NOTE: u32 = 19_200;
/// Frames of both.
pub const FRAMES: u32 = 2 * NOTE;
/// Bytes of a frame: two samples of 16 bits.
pub const FRAME_BYTES: usize = 4;

/// A sine by its recurrence, y(n) = 2 cos(w) y(n - 1) - y(n - 2).
struct Sine {
    /// 2 cos(w), times 2^14.
    factor: i64,
    last: i64,
    before: i64,
}

impl Sine {
    /// `first` is sin(w), times 2^20.
    const fn new(factor: i64, first: i64) -> Self {
        Self { factor, last: 0, before: -first }
    }

    /// E5, 659 Hz.
    const HIGH: Self = Self::new(32_646, 90_378);
    /// C5, 523 Hz.
    const LOW: Self = Self::new(32_691, 71_765);

    fn next(&mut self) -> i64 {
        let now = self.last;
        (self.last, self.before) = (((self.factor * now) >> 14) - self.before, now);
        now
    }
}

/// The frames of the bell, one by one: the left channel, and the right one half as loud.
pub struct Chime {
    frame: u32,
    sine: Sine,
    /// How loud, of 2^15.
    loudness: i64,
}

impl Chime {
    pub const fn new() -> Self {
        Self { frame: 0, sine: Sine::HIGH, loudness: 1 << 15 }
    }
}

impl Iterator for Chime {
    type Item = [u8; FRAME_BYTES];

    fn next(&mut self) -> Option<[u8; FRAME_BYTES]> {
        if self.frame == FRAMES {
            return None;
        }
        if self.frame == NOTE {
            (self.sine, self.loudness) = (Sine::LOW, 1 << 15);
        }
        if self.frame % 64 == 0 {
            self.loudness -= self.loudness >> 6;
        }
        self.frame += 1;
        let left = ((self.sine.next() * self.loudness) >> 21) as i16;
        let ([a, b], [c, d]) = (left.to_le_bytes(), (left / 2).to_le_bytes());
        Some([a, b, c, d])
    }
}
