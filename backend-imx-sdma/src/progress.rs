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

use dmaengine_core::engine::NewsKind;
use dmaengine_core::lock::MasksInterrupts;
use dmaengine_core::{Platform, TransferError};

use crate::channel::{Channel, Filled, Run};
use crate::channel_zero::Over;
use crate::peripheral::Count;
use crate::regs::{Registers, offset};
use crate::sdma::ImxSdma;
use crate::stop::StopMethod;
use crate::words::Status;

/// A descriptor that is closed: the bytes it moved, or what is wrong with it.
type Closed = Result<u32, TransferError>;

impl<P, R, S> ImxSdma<P, R, S>
where
    P: Platform<Lock: MasksInterrupts>,
    R: Registers,
    S: StopMethod,
{
    /// A descriptor, if the script is through with it.
    fn closed(&self, filled: &Filled, index: u16) -> Option<Closed> {
        let mode = self.memory.mode(&filled.block, index);
        if mode.status().contains(Status::DONE) {
            return None;
        }
        if mode.status().contains(Status::RROR) {
            return Some(Err(TransferError::Bus));
        }
        let (asked, count) = (self.memory.asked(&filled.block, index), u32::from(mode.count()));
        if count > asked {
            return Some(Err(TransferError::Corrupt));
        }
        Some(Ok(match filled.plan.count {
            Count::Remaining => asked - count,
            Count::Words => 4 * count,
            Count::Moved | Count::Endless | Count::NoDescriptors => count,
        }))
    }

    /// What is new about a running transfer.
    pub(crate) fn look(&self, channel: &mut Channel, filled: &mut Filled) -> Option<NewsKind> {
        let requested = match self.shared.with(|shared| shared.zero.check(channel.number)) {
            Ok(requested) => requested,
            Err(Over::Lost) => {
                self.quiet(channel);
                return Some(NewsKind::Failed(TransferError::Reset));
            }
            Err(Over::NotLoaded) => {
                self.fail(channel, TransferError::Bus);
                return None;
            }
        };
        if filled.plan.count == Count::NoDescriptors {
            return requested.then_some(NewsKind::Periods(1));
        }
        self.regs.barrier();
        match filled.period {
            Some(period) => {
                // A ring with an error gets no period back: what the client was told of stays as it was.
                if let Some(Err(error)) = self.closed(filled, filled.next) {
                    self.fail(channel, error);
                    return None;
                }
                self.hand_back(channel, filled);
                self.look_round(filled, period)
            }
            None => self.look_on(channel, filled),
        }
    }

    /// A ring: how many periods have ended. One with an error ends the count: it is for the next look, behind those before it.
    fn look_round(&self, filled: &mut Filled, period: u32) -> Option<NewsKind> {
        let mut ended = 0;
        while ended < filled.count {
            let Some(Ok(bytes)) = self.closed(filled, filled.next) else { break };
            // Where a period was closed early, by a silent line, the next one begins at its own place all the same.
            filled.bytes = filled.closed * u64::from(period) + u64::from(bytes);
            filled.closed += 1;
            filled.next = (filled.next + 1) % filled.count;
            ended += 1;
        }
        filled.lent = ended;
        (ended > 0).then_some(NewsKind::Periods(u32::from(ended)))
    }

    /// A list: whether its last descriptor is closed.
    fn look_on(&self, channel: &mut Channel, filled: &mut Filled) -> Option<NewsKind> {
        while filled.next < filled.count {
            match self.closed(filled, filled.next)? {
                Ok(bytes) => filled.bytes += u64::from(bytes),
                Err(error) => filled.failed = filled.failed.or(Some(error)),
            }
            filled.next += 1;
        }
        self.quiet(channel);
        Some(filled.failed.map_or(NewsKind::Done, NewsKind::Failed))
    }

    /// Gives the periods that the client has been told of back to the SDMA.
    fn hand_back(&self, channel: &Channel, filled: &mut Filled) {
        let lent = core::mem::take(&mut filled.lent);
        if lent == 0 {
            return;
        }
        let first = (filled.next + filled.count - lent) % filled.count;
        for i in 0..lent {
            let index = (first + i) % filled.count;
            let asked = self.memory.asked(&filled.block, index);
            let mode = filled.mode_of_period(index, asked as u16);
            self.memory.set_mode(&filled.block, index, mode);
        }
        self.regs.barrier();
        // The last one that the SDMA had when it was given none of these: if that is still open, the script has not come to them.
        let last = (first + filled.count - 1) % filled.count;
        if lent == filled.count || !self.memory.mode(&filled.block, last).status().contains(Status::DONE) {
            self.regs.write(offset::HSTART, 1 << channel.number);
        }
    }

    /// Stops a ring that cannot go on.
    fn fail(&self, channel: &mut Channel, error: TransferError) {
        self.halt(channel.number);
        channel.run = Run::Stopping { since: self.platform.now(), because: Some(error) };
    }

    /// Bytes that have arrived since the start.
    pub(crate) fn bytes_done(&self, channel: &mut Channel, filled: &Filled) -> u64 {
        let (mut next, mut bytes, mut closed) = (filled.next, filled.bytes, filled.closed);
        let open = filled.count - filled.lent;
        for _ in 0..open {
            if next == filled.count {
                break;
            }
            let Some(Ok(moved)) = self.closed(filled, next) else { break };
            (next, bytes) = match filled.period {
                Some(period) => ((next + 1) % filled.count, closed * u64::from(period) + u64::from(moved)),
                None => (next + 1, bytes + u64::from(moved)),
            };
            closed += 1;
        }
        if channel.run == Run::Quiet && self.settings.exact_residue {
            bytes = self.part_of(channel, filled, next, closed).unwrap_or(bytes);
        }
        bytes
    }

    /// Of a transfer that was stopped in the middle of a descriptor: the bytes up to there, if the script says so and it
    /// fits.
    fn part_of(&self, channel: &Channel, filled: &Filled, next: u16, closed: u64) -> Option<u64> {
        if !S::FENCED || next >= filled.count {
            return None;
        }
        let came_to = self.shared.with(|shared| shared.zero.came_to(channel.number));
        let here = self.memory.index_of(&filled.block, came_to.descriptor)? == next;
        let asked = self.memory.asked(&filled.block, next);
        let moved = asked.checked_sub(came_to.left)?;
        let before = filled.period.map_or(filled.bytes, |period| closed * u64::from(period));
        (here && filled.plan.count == Count::Moved).then_some(before + u64::from(moved))
    }
}
