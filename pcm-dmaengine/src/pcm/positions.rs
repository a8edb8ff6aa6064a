//! Where the client is and where the engine is, what that leaves, and how the client moves.

use super::Shared;
use crate::silence::{Rule, Stretch};
use crate::units::Frames;

impl Shared {
    /// Frames available to the client: to read, or room to write. More than the buffer after an XRUN.
    pub(crate) fn avail(&self) -> Frames {
        if self.playback {
            self.hw_ptr + self.params.buffer_size() - self.appl_ptr
        } else {
            self.hw_ptr - self.appl_ptr
        }
    }

    /// The client is about to read or write so many frames where they lie.
    pub(crate) fn claim(&mut self, count: Frames) {
        self.claim = (self.appl_ptr, count);
        self.silence.written_to(self.appl_ptr + count);
    }

    /// The client has come to a position, and has done with what it was at.
    pub(crate) fn come_to(&mut self, position: Frames) {
        self.appl_ptr = position;
        self.claim(Frames(0));
    }

    /// How many that is. None once it has come to another position.
    pub(crate) fn claimed(&self) -> Frames {
        if self.claim.0 == self.appl_ptr { self.claim.1 } else { Frames(0) }
    }

    /// What of a playback's ring is to be silenced, now that the engine has come from one position to where it is.
    pub(crate) fn silence_due(&mut self, last: Frames) -> Option<Stretch> {
        if !self.playback {
            return None;
        }
        let rule = if self.draining { Rule::of_drain(&self.params) } else { Rule::new(&self.sw, &self.params) };
        let written_to = self.appl_ptr + self.claimed();
        self.silence.due(rule, last, self.hw_ptr, written_to)
    }

    /// Frames queued, or room for the hardware; negative after an XRUN.
    pub(crate) fn hw_avail(&self) -> i64 {
        self.params.buffer_size().0 as i64 - self.avail().0 as i64
    }

    /// Frames between the client and the device, in the ring.
    pub(crate) fn delay(&self) -> i64 {
        if self.playback { self.hw_avail() } else { self.avail().0 as i64 }
    }

    /// The client goes back, as far as the engine has not been there; gives back how far.
    pub(crate) fn rewind(&mut self, frames: Frames) -> Frames {
        let room = Frames(u64::try_from(self.hw_avail()).unwrap_or(0));
        let moved = frames.min(room).min(self.appl_ptr);
        self.appl_ptr = self.appl_ptr - moved;
        moved
    }

    /// The client goes on, as far as there is something available; gives back how far.
    pub(crate) fn forward(&mut self, frames: Frames) -> Frames {
        let moved = frames.min(self.avail());
        self.appl_ptr += moved;
        moved
    }
}
