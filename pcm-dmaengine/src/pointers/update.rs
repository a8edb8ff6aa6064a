//! What a position in the ring says about how far the hardware has come, and what follows from that for the stream.
//!
//! The hardware tells its place in the ring and not the lap. As long as somebody asks at least once a lap, a place behind
//! the last one is the next lap. When interrupts got lost, two more things help: a period interrupt can only come when a
//! period is over, and the clock.

use dmaengine_core::Micros;

use super::Pointers;
use crate::units::Frames;

/// What an update found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Update {
    /// The hardware stands where it stood.
    Still,
    /// It has moved.
    Moved {
        /// How far.
        by: Frames,
        /// Whole periods that the period interrupts have come on; 0 if it was not an interrupt's update.
        periods: u64,
        /// Whether that was more than one and a half periods: interrupts may have been lost.
        lost: bool,
    },
}

/// What the pointers say about a stream.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// It goes on.
    Going,
    /// It goes on, and whoever waits is to be woken.
    Wake,
    /// The application is too late.
    Xrun,
    /// Everything was played.
    Drained,
}

impl Pointers {
    /// A period interrupt: the hardware is at `place` in the ring, and so much time has passed since the last update.
    /// A place beyond the ring is taken for 0.
    #[doc(alias = "snd_pcm_period_elapsed")]
    #[doc(alias = "snd_pcm_update_hw_ptr")]
    pub fn period_elapsed(&mut self, place: Frames, since: Micros) -> Update {
        let (mut base, place) = (self.base, self.place(place));
        // An interrupt within a period of the last one is late by a lap, if there was time for one. Half a buffer is
        // enough to tell: without a lap between them, the hardware would be half a buffer on.
        let missed = match (base + place).checked_sub(self.hw_ptr) {
            Some(on) => {
                let within = self.ahead(self.hw_ptr, self.interrupt) + on < self.period;
                within && since.0 > self.buffer_time() / 2
            }
            None => true,
        };
        if missed {
            base = self.plus(base, self.buffer);
        }
        self.settle(base, place, true)
    }

    /// Somebody asks in between.
    #[doc(alias = "snd_pcm_hwsync")]
    pub fn hwsync(&mut self, place: Frames) -> Update {
        let (base, place) = self.next_lap(place);
        self.settle(base, place, false)
    }

    /// As [`hwsync`](Self::hwsync), for hardware without period interrupts: laps that nobody has seen are counted by the
    /// clock, which may be wrong by less than half a buffer.
    #[doc(alias = "no_period_wakeup")]
    pub fn hwsync_by_clock(&mut self, place: Frames, since: Micros) -> Update {
        let (mut base, place) = self.next_lap(place);
        let lap = self.buffer_time().max(1);
        let moved = self.ahead(base + place, self.hw_ptr);
        let unseen = since.0.saturating_sub(self.time(moved));
        // One lap for each whole one, and one for a rest of more than half.
        let laps = unseen / lap + u64::from(unseen % lap > lap / 2);
        let boundary = u128::from(self.boundary);
        let far = u128::from(laps) * u128::from(self.buffer);
        base = self.plus(base, (far % boundary) as u64);
        let by = u128::from(moved) + far;
        self.store(base, place);
        match u64::try_from(by).unwrap_or(u64::MAX) {
            0 => Update::Still,
            by => Update::Moved { by: Frames(by), periods: 0, lost: false },
        }
    }

    /// Whether the application is too late, or done, or to be woken. `stop_threshold` at or beyond the boundary is never
    /// reached.
    #[doc(alias = "snd_pcm_update_state")]
    pub const fn judge(&self, stop_threshold: Frames, avail_min: Frames, draining: bool) -> Verdict {
        let avail = self.avail().0;
        if draining {
            if avail >= self.buffer {
                return Verdict::Drained;
            }
        } else if avail >= stop_threshold.0 {
            return Verdict::Xrun;
        }
        if avail >= avail_min.0 { Verdict::Wake } else { Verdict::Going }
    }

    /// In the ring, and aligned.
    const fn place(&self, place: Frames) -> u64 {
        if place.0 >= self.buffer { 0 } else { place.0 - place.0 % self.align }
    }

    /// A place behind the last one is in the next lap.
    const fn next_lap(&self, place: Frames) -> (u64, u64) {
        let place = self.place(place);
        let base = if self.base + place < self.hw_ptr { self.plus(self.base, self.buffer) } else { self.base };
        (base, place)
    }

    /// Linux drops an update that moves by a buffer and a period or more. Here none does: a place in the ring is less than
    /// a buffer ahead, and a lap is added only to one that is less than a period ahead.
    fn settle(&mut self, base: u64, place: u64, interrupt: bool) -> Update {
        let by = self.ahead(base + place, self.hw_ptr);
        if by == 0 {
            return Update::Still;
        }
        self.store(base, place);
        let mut periods = 0;
        if interrupt {
            periods = self.ahead(self.hw_ptr, self.interrupt) / self.period;
            self.interrupt = self.plus(self.interrupt, periods * self.period);
        }
        Update::Moved { by: Frames(by), periods, lost: by > self.period + self.period / 2 }
    }

    fn store(&mut self, base: u64, place: u64) {
        (self.base, self.hw_ptr) = (base, base + place);
    }

    fn buffer_time(&self) -> u64 {
        self.time(self.buffer)
    }

    /// How long so many frames take, in microseconds.
    fn time(&self, frames: u64) -> u64 {
        let time = u128::from(frames) * 1_000_000 / u128::from(self.rate);
        u64::try_from(time).unwrap_or(u64::MAX)
    }
}
