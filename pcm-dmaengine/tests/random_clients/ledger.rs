//! What was written into the ring of one run of a playback, and whether the device got just that: each frame where it was written,
//! and where nothing was, silence or the frame of the round before. Never a frame of another run.

use std::collections::VecDeque;

use crate::noise::Noise;

/// Frames that were written together.
#[derive(Clone, Copy, Debug)]
struct Write {
    pos: u64,
    count: u64,
    /// The number of the first.
    serial: u64,
    /// How far the engine had come then, at most.
    most: u64,
    /// From this position on it surely had not been there yet.
    sure_from: u64,
}

impl Write {
    fn end(&self) -> u64 {
        self.pos + self.count
    }
}

/// One run, from the preparation on.
#[derive(Clone, Debug, Default)]
pub struct Ledger {
    writes: VecDeque<Write>,
    /// What was written over, or was perhaps written.
    ghosts: VecDeque<Write>,
    /// What ran in the hardware when it was started.
    pub before: u64,
    /// Its own number there.
    pub run: Option<u64>,
    /// The device's frames up to here were looked at.
    checked: u64,
    /// From here on the ring belongs to the next run.
    pub loose_from: Option<u64>,
    /// The device had so many frames of the run before ahead of the first of this one; at most so many.
    lead: u64,
    pub most_lead: u64,
    /// When it began to drain, there was silence from the first to the second.
    pub hushed: Option<(u64, u64)>,
}

impl Ledger {
    /// Frames from number `serial` on were written at a position, when the engine had come at most to `most`. Whether the client
    /// was surely ahead of it.
    pub fn write(&mut self, pos: u64, count: u64, serial: u64, most: u64, ahead: bool) {
        while let Some(last) = self.writes.back_mut().filter(|last| last.end() > pos) {
            let whole = *last;
            last.count = pos.saturating_sub(whole.pos);
            let kept = last.count;
            if kept == 0 {
                self.writes.pop_back();
            }
            let over = Write { pos: whole.pos + kept, count: whole.count - kept, serial: whole.serial + kept, ..whole };
            self.ghost(over);
        }
        if count == 0 {
            return;
        }
        match self.writes.back_mut() {
            Some(last) if ahead && (last.end(), last.serial + last.count, last.sure_from) == (pos, serial, 0) => {
                (last.count, last.most) = (last.count + count, most);
            }
            _ => self.writes.push_back(Write { pos, count, serial, most, sure_from: if ahead { 0 } else { most } }),
        }
    }

    /// They may have been, and do not count.
    pub fn perhaps(&mut self, pos: u64, count: u64, serial: u64) {
        self.ghost(Write { pos, count, serial, most: 0, sure_from: u64::MAX });
    }

    fn ghost(&mut self, write: Write) {
        self.ghosts.push_back(write);
        if self.ghosts.len() > 64 {
            self.ghosts.pop_front();
        }
    }

    /// It is started behind a stop, whose run may give the device so many frames first. If nothing was written for the start,
    /// nobody can say where its own frames begin.
    pub fn wait(&mut self, most_lead: u64) {
        self.most_lead = most_lead;
        if most_lead > 0 && self.at(0).is_none() {
            self.loose_from = Some(0);
        }
    }

    /// The same frames, for a run that is still to be started.
    pub fn again(&mut self) {
        (self.run, self.checked, self.loose_from, self.hushed) = (None, 0, None, None);
    }

    /// Forgets what no frame to come can be.
    fn forget(&mut self, buffer: u64) {
        // What was there before a write may still come from a FIFO that was filled before.
        let settled = self.writes.iter().rfind(|write| write.most <= self.checked).map_or(0, Write::end);
        let reach = settled.min(self.checked).saturating_sub(2 * buffer);
        // Who skips positions leaves a place as it was for more than a round.
        while self.writes.len() > 2_048 && self.writes.front().is_some_and(|write| write.end() < reach) {
            self.writes.pop_front();
        }
        while self.ghosts.front().is_some_and(|write| write.end() < reach) {
            self.ghosts.pop_front();
        }
    }

    fn at(&self, pos: u64) -> Option<(usize, &Write)> {
        let at = self.writes.partition_point(|write| write.end() <= pos);
        self.writes.get(at).filter(|write| write.pos <= pos).map(|write| (at, write))
    }

    /// Whether a frame was perhaps written here, by a client that came too late for it to count.
    fn is_perhaps(&self, pos: u64, frame: &[u8], noise: &Noise) -> bool {
        let here = |write: &&Write| write.sure_from == u64::MAX && write.pos <= pos && pos < write.end();
        self.ghosts.iter().filter(here).any(|write| noise.alike(write.serial + pos - write.pos, frame) == 1)
    }

    /// Whether a frame was written to the same place in the ring, earlier in this run.
    fn is_stale(&self, pos: u64, frame: &[u8], noise: &Noise, buffer: u64) -> bool {
        self.writes.iter().chain(&self.ghosts).any(|write| {
            let first = write.pos + (pos + buffer - write.pos % buffer) % buffer;
            let mut places = (first..write.end().min(pos + 1)).step_by(buffer as usize);
            places.any(|here| noise.alike(write.serial + here - write.pos, frame) == 1)
        })
    }

    /// Perhaps all up to here was of the run before, which may have found this one's frames in the ring: then this one's begin later.
    fn begins_later(&mut self) -> bool {
        let may =
            self.lead + self.checked < self.most_lead && self.at(0).is_some_and(|(_, write)| write.sure_from == 0);
        if may {
            (self.lead, self.checked) = (self.lead + 1, 0);
        }
        may
    }

    /// Whether a frame is one that may be heard where none was written for sure.
    fn may_be(&self, pos: u64, frame: &[u8], noise: &Noise, silence: &[u8], buffer: u64) -> bool {
        let hushed = self.hushed.is_some_and(|(from, until)| (from..until).contains(&pos));
        frame == silence || !hushed && self.is_stale(pos, frame, noise, buffer)
    }

    /// The device has got these frames in this run, all of them; those that are new are looked at. Says how many.
    pub fn check(&mut self, whole: &[u8], noise: &Noise, silence: &[u8], buffer: u64) -> u64 {
        let all = (whole.len() / noise.frame) as u64;
        let fresh = all.saturating_sub(self.lead + self.checked);
        while self.lead + self.checked < all {
            let (pos, bytes) = (self.checked, &whole[(self.lead + self.checked) as usize * noise.frame..]);
            if self.loose_from.is_some_and(|from| from <= pos) {
                self.checked = all - self.lead;
                break;
            }
            let (frame, written) = (&bytes[..noise.frame], self.at(pos).map(|(_, write)| *write));
            let alike = written.map_or(0, |write| {
                let count = (write.end() - pos).min(all - self.lead - pos);
                noise.alike(write.serial + pos - write.pos, &bytes[..count as usize * noise.frame])
            });
            let sure = written.is_some_and(|write| pos >= write.sure_from);
            if alike > 0 {
                self.checked += alike;
            } else if self.is_perhaps(pos, frame, noise) || !sure && self.may_be(pos, frame, noise, silence, buffer) {
                self.checked += 1;
            } else if !self.begins_later() {
                panic!("at {pos} {frame:02x?} was played, and not what was written: {written:?} of {self:?}");
            }
        }
        self.forget(buffer);
        fresh
    }
}
