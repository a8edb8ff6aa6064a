//! [`Meter`]: a line that tells where a client is and how loud each channel was since the last one: on a terminal always the same line,
//! with bars; elsewhere one line after the other.

use std::io::{IsTerminal, Write};

use crate::sound::plan::{Plan, Step};
use crate::sound::samples::decode;
use crate::sound::wav::Sound;

/// How often a line is written, in seconds of the sound.
const ON_A_TERMINAL: f64 = 0.02;
const ELSEWHERE: f64 = 0.5;
/// Where a bar begins, in dB of full scale.
const FLOOR: f64 = -48.0;
/// Columns that the bars share, and how many one has at most.
const BARS: usize = 27;
const LONGEST: usize = 16;

/// How loud a channel was.
#[derive(Clone, Copy, Default)]
struct Level {
    peak: f64,
    squares: f64,
    samples: f64,
}

impl Level {
    fn add(&mut self, value: f64) {
        self.peak = self.peak.max(value.abs());
        self.squares += value * value;
        self.samples += 1.0;
    }

    fn rms(&self) -> f64 {
        (self.squares / self.samples.max(1.0)).sqrt()
    }
}

/// Decibels of full scale.
fn db(value: f64) -> f64 {
    20.0 * value.max(1e-5).log10()
}

/// A bar up to the RMS, and a mark at the peak.
fn bar(level: &Level, columns: usize) -> String {
    let column = |value| (((db(value) - FLOOR) / -FLOOR).clamp(0.0, 1.0) * columns as f64).round() as usize;
    let (rms, peak) = (column(level.rms()), column(level.peak));
    let cell = |at| match at {
        _ if at + 1 == peak => '|',
        _ if at < rms => '#',
        _ => '.',
    };
    (0..columns).map(cell).collect()
}

/// The line, and the levels since the last one.
pub struct Meter<'s> {
    sound: &'s Sound,
    frames: u64,
    levels: Vec<Level>,
    is_terminal: bool,
    next: u64,
}

impl<'s> Meter<'s> {
    pub fn new(sound: &'s Sound, plan: &Plan) -> Self {
        let levels = vec![Level::default(); sound.channels.into()];
        Self { sound, frames: plan.frames, levels, is_terminal: std::io::stdout().is_terminal(), next: 0 }
    }

    /// Some more frames went by.
    pub fn step(&mut self, step: Step<'_>) {
        let format = self.sound.format;
        let samples = step.bytes.chunks_exact(format.bytes() as usize);
        for (at, sample) in samples.enumerate() {
            let channel = at % self.levels.len();
            self.levels[channel].add(decode(format, sample));
        }
        if step.frame >= self.next {
            let every = if self.is_terminal { ON_A_TERMINAL } else { ELSEWHERE };
            let next = step.frame + (every * f64::from(self.sound.rate)) as u64;
            // The last line is at the end.
            self.next = if step.frame < self.frames { next.min(self.frames) } else { u64::MAX };
            self.show(&step);
            self.levels.fill(Level::default());
        }
    }

    fn show(&self, step: &Step<'_>) {
        let seconds = |frames: u64| frames as f64 / f64::from(self.sound.rate);
        let mut line = format!("{:6.2}/{:.2} s, {} XRUNs ", seconds(step.frame), seconds(self.frames), step.xruns);
        let columns = (BARS / self.levels.len()).min(LONGEST);
        for (channel, level) in self.levels.iter().enumerate() {
            let (peak, rms) = (db(level.peak), db(level.rms()));
            line += &match self.is_terminal {
                true if columns >= 8 => format!(" [{}]{peak:6.1}", bar(level, columns)),
                true => format!(" [{}]", bar(level, columns)),
                false => format!("  ch{}: peak {peak:.1} rms {rms:.1} dB", channel + 1),
            };
        }
        let mut out = std::io::stdout().lock();
        // Nobody has to look at it.
        _ = if self.is_terminal { write!(out, "\r{line}\x1b[K") } else { writeln!(out, "{line}") };
        _ = out.flush();
    }

    /// Goes on below the line.
    pub fn end(self) {
        if self.is_terminal {
            _ = writeln!(std::io::stdout());
        }
    }
}
