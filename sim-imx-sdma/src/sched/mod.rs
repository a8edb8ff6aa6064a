//! The scheduler: which channels may run, and which one does next (i.MX 6ULL RM chapter 46, "scheduler").
//!
//! A channel may run if `(HE | HO) & DO & (EP | EO)` and its priority is not 0. A change of these bits counts in an election only
//! after a few cycles; one that is taken back before never counted. What a script changes by its own `done` counts at once.
//!
//! The highest priority wins. Among equals, one that a higher priority made leave at a plain `yield` comes first, then the one
//! that is on the core, then the highest number. Nothing is ever taken off the core: a script leaves it, by one of three words:
//!
//! * `yield` gives way to a higher priority,
//! * `yieldge` to an equal one too,
//! * `done` to whoever is best, and that may be the same channel again.
//!
//! A channel that may not run any more gives way to anybody at each of them.

#[cfg(test)]
mod tests;

use crate::time::Cycles;

/// How a script leaves the core.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Leave {
    Yield,
    YieldGe,
    Done,
}

/// The bits of all channels. Bit n is channel n.
#[derive(Debug)]
pub(crate) struct Scheduler {
    /// Host enable (STOP_STAT when read).
    pub(crate) he: u32,
    /// Starts that wait for the running one to end (HSTART when read).
    pub(crate) hstart: u32,
    /// Event pending.
    pub(crate) ep: u32,
    /// Event override.
    pub(crate) eo: u32,
    /// Host override.
    pub(crate) ho: u32,
    /// DSP override.
    pub(crate) dspo: u32,
    priorities: [u8; 32],
    /// Channels whose priority is not 0.
    schedulable: u32,
    /// Channels that left at a plain yield while they could have gone on.
    preempted: u32,
    /// Channels that may run, as the election sees it.
    runnable: u32,
    /// Channels for which that will change, and when.
    changing: u32,
    due: [Cycles; 32],
}

/// The numbers of the bits that are set.
pub(crate) fn channels(mut bits: u32) -> impl Iterator<Item = u8> {
    core::iter::from_fn(move || {
        let lowest = bits.trailing_zeros();
        bits &= bits.wrapping_sub(1);
        (lowest < 32).then_some(lowest as u8)
    })
}

const fn bit(channel: u8) -> u32 {
    1 << channel
}

impl Scheduler {
    /// As after a reset.
    pub(crate) const fn new() -> Self {
        Self {
            he: 0,
            hstart: 0,
            ep: 0,
            eo: 0,
            ho: 0,
            dspo: u32::MAX,
            priorities: [0; 32],
            schedulable: 0,
            preempted: 0,
            runnable: 0,
            changing: 0,
            due: [Cycles(0); 32],
        }
    }

    pub(crate) fn priority(&self, channel: u8) -> u8 {
        self.priorities[usize::from(channel)]
    }

    /// The channels that an election would consider now.
    pub(crate) fn runnable(&self) -> u32 {
        self.runnable
    }

    /// The conditions as the bits stand, whether or not they count yet.
    fn conditions(&self) -> u32 {
        (self.he | self.ho) & self.dspo & (self.ep | self.eo) & self.schedulable
    }

    /// The bits were changed, which counts at that moment.
    pub(crate) fn changed(&mut self, counts: Cycles) {
        let changing = self.conditions() ^ self.runnable;
        for channel in channels(changing & !self.changing) {
            self.due[usize::from(channel)] = counts;
        }
        self.changing = changing;
    }

    /// When a change counts next.
    pub(crate) fn next_change(&self) -> Option<Cycles> {
        channels(self.changing).map(|channel| self.due[usize::from(channel)]).min()
    }

    /// The changes up to now count.
    #[inline]
    pub(crate) fn settle(&mut self, now: Cycles) {
        for channel in channels(self.changing) {
            if self.due[usize::from(channel)] <= now {
                self.runnable ^= bit(channel);
                self.changing &= !bit(channel);
            }
        }
    }

    /// What the bits of the channel on the core say counts at once.
    fn settle_own(&mut self, channel: u8) {
        self.runnable = self.runnable & !bit(channel) | self.conditions() & bit(channel);
        self.changing &= !bit(channel);
    }

    pub(crate) fn set_priority(&mut self, channel: u8, priority: u8, counts: Cycles) {
        self.priorities[usize::from(channel)] = priority;
        self.schedulable = self.schedulable & !bit(channel) | u32::from(priority != 0) << channel;
        self.changed(counts);
    }

    /// HSTART is written: starts those that do not run, queues a start for those that do. Gives those whose start is lost
    /// because one is queued already.
    pub(crate) fn start(&mut self, bits: u32, counts: Cycles) -> u32 {
        let lost = bits & self.he & self.hstart;
        self.hstart |= bits & self.he;
        self.he |= bits;
        self.changed(counts);
        lost
    }

    /// STOP_STAT is written: clears HE and queued starts.
    pub(crate) fn stop(&mut self, bits: u32, counts: Cycles) {
        self.he &= !bits;
        self.hstart &= !bits;
        self.changed(counts);
    }

    /// A request's edge for these channels. Gives those that had one pending.
    pub(crate) fn request(&mut self, bits: u32, counts: Cycles) -> u32 {
        let again = bits & self.ep;
        self.ep |= bits;
        self.changed(counts);
        again
    }

    /// The script clears HE; a queued start takes its place.
    pub(crate) fn clear_he(&mut self, channel: u8, counts: Cycles) {
        self.he = self.he & !bit(channel) | self.hstart & bit(channel);
        self.hstart &= !bit(channel);
        self.changed(counts);
    }

    /// The script clears EP.
    pub(crate) fn clear_ep(&mut self, channel: u8, counts: Cycles) {
        self.ep &= !bit(channel);
        self.changed(counts);
    }

    /// How good a channel is: priority, then whether it was preempted, then whether it is on the core, then its number.
    fn rank(&self, channel: u8, current: Option<u8>) -> u32 {
        let preempted = u32::from(self.preempted & bit(channel) != 0);
        let is_current = u32::from(current == Some(channel));
        u32::from(self.priority(channel)) << 7 | preempted << 6 | is_current << 5 | u32::from(channel)
    }

    fn best(&self, among: u32, current: Option<u8>) -> Option<u8> {
        let among = self.runnable & among;
        if among.count_ones() <= 1 {
            // No two to be compared: mostly so.
            return channels(among).next();
        }
        channels(among).max_by_key(|channel| self.rank(*channel, current))
    }

    /// Who would be next if the core were free, other than the channel on it.
    pub(crate) fn next(&self, current: Option<u8>) -> Option<u8> {
        self.best(!current.map_or(0, bit), None)
    }

    /// The channel comes onto the core.
    pub(crate) fn enter(&mut self, channel: u8) {
        self.preempted &= !bit(channel);
    }

    /// The channel on the core comes to a point where it may leave: who has the core afterwards?
    pub(crate) fn leave(&mut self, current: u8, how: Leave, now: Cycles) -> Option<u8> {
        if how == Leave::Done {
            self.settle_own(current);
        }
        self.settle(now);
        if how == Leave::Done || self.runnable & bit(current) == 0 {
            return self.best(u32::MAX, Some(current));
        }
        let least = self.priority(current) + u8::from(how == Leave::Yield);
        let Some(next) = self.next(Some(current)).filter(|next| self.priority(*next) >= least) else {
            return Some(current);
        };
        if how == Leave::Yield {
            self.preempted |= bit(current);
        }
        Some(next)
    }
}
