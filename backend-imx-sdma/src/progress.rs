//! What the hardware wrote back: descriptors that are closed, how much they moved, and what to believe of it.
//!
//! A script closes a descriptor by taking its DONE bit back and writing what it moved into the count. The driver looks at them
//! in order, from the first that it has not told of. INTR only says that it is worth looking: a bit left over from an earlier
//! transfer finds no closed descriptor and tells nothing.
//!
//! The periods of a ring are lent to the client while its callback runs, and go back to the SDMA at the next look (as in Linux from
//! v5.18 on, "dmaengine: imx-sdma: fix cyclic buffer race condition"). If it was so late that the script may have found a
//! descriptor that was not its own, and stopped, the channel is started again. That is a second start, which the hardware keeps
//! for later if the first is not over; so it does no harm if the script was not that far.

use dmaengine_core::engine::{News, NewsKind};
use dmaengine_core::lock::MasksInterrupts;
use dmaengine_core::{Platform, TransferError};

use crate::channel::{Channel, Filled, Ring, Run};
use crate::channel_zero::Over;
use crate::peripheral::Count;
use crate::regs::{Registers, offset};
use crate::sdma::ImxSdma;
use crate::stop::StopMethod;

impl<P, R, S> ImxSdma<P, R, S>
where
    P: Platform<Lock: MasksInterrupts>,
    R: Registers,
    S: StopMethod,
{
    /// What is new about a running transfer.
    #[inline]
    pub(crate) fn look(&self, channel: &mut Channel, filled: &mut Filled) -> Option<News> {
        if filled.plan.count == Count::NoDescriptors || self.may_be_over(channel.number) {
            match self.shared.with(|shared| shared.zero.check(self, channel.number)) {
                Err(over) => return self.is_over(channel, over),
                Ok(interrupted) if filled.plan.count == Count::NoDescriptors => {
                    return interrupted.then(|| channel.news(NewsKind::Periods(1)));
                }
                Ok(_) => {}
            }
        }
        self.regs.barrier();
        match filled.ring {
            Some(ring) => self.look_round(channel, filled, ring),
            None => self.look_on(channel, filled),
        }
    }

    /// A transfer is over, and no descriptor says so.
    #[cold]
    fn is_over(&self, channel: &mut Channel, over: Over) -> Option<News> {
        let error = match over {
            Over::Lost => TransferError::Reset,
            Over::NoProgram => TransferError::NoProgram,
            Over::NotLoaded => {
                self.fail(channel, TransferError::Bus);
                return None;
            }
        };
        self.quiet(channel);
        Some(channel.news(NewsKind::Failed(error)))
    }

    /// A ring: how many periods have ended. One with an error ends the count: it is for the next look, behind those before it.
    #[inline]
    fn look_round(&self, channel: &mut Channel, filled: &mut Filled, ring: Ring) -> Option<News> {
        let mut mode = filled.block.mode(filled.next);
        if !ring.is_whole(mode) {
            match filled.came_of(mode, filled.next) {
                None => {
                    self.hand_back(channel, filled, ring);
                    return None;
                }
                Some(Err(error)) => {
                    // It gets no period back: what the client was told of stays as it was.
                    self.fail(channel, error);
                    return None;
                }
                Some(Ok(_)) => {}
            }
        }
        if self.hand_back(channel, filled, ring) == filled.count {
            // It was one of those.
            return None;
        }
        let mut ended = 0;
        while ended < filled.count && ring.is_whole(mode) {
            ended += 1;
            filled.next = filled.after(filled.next);
            mode = filled.block.mode(filled.next);
        }
        filled.closed += u64::from(ended);
        filled.bytes = filled.closed * u64::from(ring.period);
        if ended < filled.count {
            // One position tells the length of one period that was closed early, by a silent line: the next ones are told after it, and
            // begin at their own place all the same.
            if let Some(Ok(bytes)) = filled.came_of(mode, filled.next) {
                ended += 1;
                filled.next = filled.after(filled.next);
                filled.closed += 1;
                filled.bytes += u64::from(bytes);
            }
        }
        filled.lent = ended;
        Some(channel.news(NewsKind::Periods(ended.into())))
    }

    /// A list: whether its last descriptor is closed.
    #[inline(never)]
    fn look_on(&self, channel: &mut Channel, filled: &mut Filled) -> Option<News> {
        while filled.next < filled.count {
            match filled.closed(filled.next)? {
                Ok(bytes) => filled.bytes += u64::from(bytes),
                Err(error) => filled.failed = filled.failed.or(Some(error)),
            }
            filled.next += 1;
        }
        self.quiet(channel);
        Some(channel.news(filled.failed.map_or(NewsKind::Done, NewsKind::Failed)))
    }

    /// Gives the periods that the client has been told of back to the SDMA. Answers how many.
    #[inline]
    fn hand_back(&self, channel: &Channel, filled: &mut Filled, ring: Ring) -> u16 {
        let lent = core::mem::take(&mut filled.lent);
        if lent == 0 {
            return 0;
        }
        let first = filled.before(filled.next, lent);
        let mut index = first;
        for _ in 0..lent {
            index = filled.open_again(ring, index);
        }
        self.regs.barrier();
        // The last one that the SDMA had when it was given none of these: if that is still open, the script has not come to them.
        let last = filled.before(first, 1);
        if lent == filled.count || !filled.is_open(last) {
            self.regs.write(offset::HSTART, 1 << channel.number);
        }
        lent
    }

    /// Stops a ring that cannot go on.
    #[cold]
    fn fail(&self, channel: &mut Channel, error: TransferError) {
        self.shared.with(|shared| self.halt(shared, channel.number));
        channel.run = Run::Stopping { since: self.clock_of_stops(), because: Some(error), fresh: false };
    }

    /// Bytes that have arrived since the start.
    #[inline]
    pub(crate) fn bytes_done(&self, channel: &mut Channel, filled: &Filled) -> u64 {
        // Mostly nothing was closed since the last look.
        let nothing_new = channel.run == Run::Running && filled.next < filled.count && filled.is_open(filled.next);
        if nothing_new { filled.bytes } else { self.count_bytes(channel, filled) }
    }

    #[inline(never)]
    fn count_bytes(&self, channel: &mut Channel, filled: &Filled) -> u64 {
        let (mut next, mut bytes, mut closed) = (filled.next, filled.bytes, filled.closed);
        // A period that was closed early is told with its own position; what is behind it counts when it has been told.
        let early = filled.ring.is_some_and(|ring| filled.bytes < filled.closed * u64::from(ring.period));
        let is_being_told = channel.run == Run::Running && filled.lent > 0 && early;
        let open = if is_being_told { 0 } else { filled.count - filled.lent };
        for _ in 0..open {
            if next == filled.count {
                break;
            }
            let Some(Ok(moved)) = filled.closed(next) else { break };
            (next, bytes) = match filled.ring {
                Some(ring) => (filled.after(next), closed * u64::from(ring.period) + u64::from(moved)),
                None => (next + 1, bytes + u64::from(moved)),
            };
            closed += 1;
        }
        if channel.run == Run::Quiet && self.settings.exact_residue {
            let before = filled.ring.map_or(bytes, |ring| closed * u64::from(ring.period));
            bytes = self.part_of(channel, filled, next).map_or(bytes, |part| before + u64::from(part));
        }
        bytes
    }

    /// Of a transfer that was stopped in the middle of a descriptor: its bytes up to there, if the script says so and it
    /// fits.
    ///
    /// A script that had come to the end of what is the SDMA's stands at a descriptor that it does not have: what is left is then
    /// that of the one before, which is nothing. Its buffer tells the two apart, but for a ring of one period.
    fn part_of(&self, channel: &Channel, filled: &Filled, next: u16) -> Option<u32> {
        if !S::FENCED || next >= filled.count || filled.plan.count != Count::Moved {
            return None;
        }
        let came_to = self.shared.with(|shared| shared.zero.came_to(channel.number));
        let is_here = filled.block.index_of(came_to.descriptor)? == next;
        let has_it = filled.is_open(next)
            && filled.block.buffer(next) == came_to.buffer
            && (filled.count > 1 || came_to.left > 0);
        if is_here && has_it { filled.asked(next).checked_sub(came_to.left) } else { None }
    }
}
