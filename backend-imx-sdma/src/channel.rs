//! What the driver remembers of a channel, and of a prepared transfer.

use dmaengine_core::engine::{News, NewsKind};
use dmaengine_core::{Generation, Micros, TransferError};

use crate::memory::Block;
use crate::peripheral::{Count, Plan};
use crate::prepare::SlavePlan;
use crate::soc::scripts::RAM_CODE_START;
use crate::words::{Mode, Status, recipes};

/// A channel. SDMA channel n + 1 is channel n of the engine, since channel 0 is the driver's own.
#[derive(Debug)]
pub struct Channel {
    /// The SDMA's number, 1 to 31.
    pub(crate) number: u8,
    pub(crate) run: Run,
    pub(crate) generation: Generation,
    /// How its last transfer with a device was planned.
    pub(crate) last: Option<SlavePlan>,
}

/// What the hardware does for a channel.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Run {
    /// Nothing: it never started, has ended, or has stopped.
    Quiet,
    /// A transfer; or its context is still being loaded.
    Running,
    /// It was told to stop, and may be in the middle of a burst.
    Stopping {
        /// When it was told, if that matters: [`TIMED`](crate::StopMethod::TIMED).
        since: Micros,
        /// The driver stopped it, because of this; nobody has asked for the stop.
        because: Option<TransferError>,
        /// Nobody has asked yet whether it has.
        fresh: bool,
    },
}

impl Channel {
    pub(crate) fn new(number: u8) -> Self {
        Self { number, run: Run::Quiet, generation: Generation(0), last: None }
    }

    /// News of its transfer.
    #[inline]
    pub(crate) fn news(&self, kind: NewsKind) -> News {
        News { generation: self.generation, kind }
    }
}

/// A prepared transfer: its descriptors, and how far they are done.
#[derive(Debug, Default)]
pub struct Descriptor(pub(crate) Option<Filled>);

#[derive(Debug)]
pub(crate) struct Filled {
    pub(crate) block: Block,
    pub(crate) plan: Plan,
    /// Which firmware was loaded when it was planned.
    pub(crate) images: u32,
    /// How many descriptors there are.
    pub(crate) count: u16,
    /// What its descriptors have in common if it is a ring; `None` if it goes once.
    pub(crate) ring: Option<Ring>,
    /// The next descriptor to be looked at.
    pub(crate) next: u16,
    /// How many before it the client has been told of, and the SDMA has not been given back yet.
    pub(crate) lent: u16,
    /// Descriptors closed since the start.
    pub(crate) closed: u64,
    /// Bytes of those, up to `next`. Of a cyclic one: whole periods, and what the last one had of its.
    pub(crate) bytes: u64,
    /// One of them was closed with an error.
    pub(crate) failed: Option<TransferError>,
}

/// What the descriptors of a ring have in common.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Ring {
    /// Bytes of a period.
    pub(crate) period: u32,
    /// The mode word of one that is the SDMA's; the last one has [`Status::WRAP`], too.
    pub(crate) own: Mode,
    /// The same with `WRAP`, of one that the script has closed with nothing left over and no error.
    whole: Mode,
}

impl Ring {
    fn new(plan: &Plan, asked: u16, period: u32) -> Self {
        let own = Mode::new(asked, recipes::RING, plan.unit.command);
        let left = if plan.count == Count::Remaining { u32::from(asked) } else { 0 };
        Self { period, own, whole: Mode(own.with(Status::WRAP).0 - Status::DONE.bits() - left) }
    }

    /// Whether the script has closed a descriptor with nothing left over and no error. Mostly it has when it has closed it.
    #[inline]
    pub(crate) fn is_whole(&self, mode: Mode) -> bool {
        mode.with(Status::WRAP) == self.whole
    }
}

/// A descriptor that is closed: the bytes it moved, or what is wrong with it.
pub(crate) type Closed = Result<u32, TransferError>;

impl Filled {
    pub(crate) fn new(
        block: Block,
        (plan, images): (Plan, u32),
        (count, asked): (u16, u16),
        period: Option<u32>,
    ) -> Self {
        let ring = period.map(|period| Ring::new(&plan, asked, period));
        Self { block, plan, images, count, ring, next: 0, lent: 0, closed: 0, bytes: 0, failed: None }
    }

    /// Its script came with firmware that is not there any more.
    pub(crate) fn is_out_of_date(&self, images: u32) -> bool {
        self.images != images && self.plan.context.pc >= RAM_CODE_START
    }

    /// The descriptor of a ring behind this one.
    pub(crate) fn after(&self, index: u16) -> u16 {
        if index + 1 == self.count { 0 } else { index + 1 }
    }

    /// The descriptor of a ring so many before this one; not more than there are.
    pub(crate) fn before(&self, index: u16, by: u16) -> u16 {
        if index >= by { index - by } else { self.count - (by - index) }
    }

    /// Whether the script has yet to close a descriptor.
    pub(crate) fn is_open(&self, index: u16) -> bool {
        self.block.mode(index).status().contains(Status::DONE)
    }

    /// How much a descriptor was asked for, whatever the SDMA has made of its count.
    pub(crate) fn asked(&self, index: u16) -> u32 {
        self.ring.map_or_else(|| self.block.asked(index), |ring| ring.own.count().into())
    }

    /// A descriptor, if the script is through with it.
    pub(crate) fn closed(&self, index: u16) -> Option<Closed> {
        self.came_of(self.block.mode(index), index)
    }

    /// The same of one whose mode word has been read.
    #[inline]
    pub(crate) fn came_of(&self, mode: Mode, index: u16) -> Option<Closed> {
        if mode.status().contains(Status::DONE) {
            return None;
        }
        if mode.status().contains(Status::RROR) {
            return Some(Err(TransferError::Bus));
        }
        let (asked, count) = (self.asked(index), u32::from(mode.count()));
        if count > asked {
            return Some(Err(TransferError::Corrupt));
        }
        Some(Ok(self.plan.count.bytes(asked, count)))
    }

    /// Gives a descriptor of a ring to the SDMA again, as it was before the SDMA closed it. Answers which one is behind it.
    #[inline]
    pub(crate) fn open_again(&self, ring: Ring, index: u16) -> u16 {
        if index + 1 == self.count {
            self.block.set_mode(index, ring.own.with(Status::WRAP));
            return 0;
        }
        self.block.set_mode(index, ring.own);
        index + 1
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::peripheral::Priority;
    use crate::words::{ContextArgs, Unit};

    /// What a script leaves in the count when nothing is left over is not the same for all: a period of which nothing has come must not
    /// be taken for a whole one.
    #[test]
    fn a_whole_period_is_told_from_one_of_which_nothing_has_come() {
        for (count, whole, nothing) in [(Count::Moved, 96, 0), (Count::Remaining, 0, 96)] {
            let context = ContextArgs::default();
            let plan =
                Plan { context, lines: 1, priority: Priority::High, unit: Unit::COPY, count, software_done: None };
            let ring = Ring::new(&plan, 96, 96);
            for wrap in [Status::empty(), Status::WRAP] {
                let closed = |count| Mode::new(count, (recipes::RING - Status::DONE) | wrap, Unit::COPY.command);
                assert!(ring.is_whole(closed(whole)) && !ring.is_whole(closed(nothing)), "{count:?}");
                assert!(!ring.is_whole(closed(whole).with(Status::RROR)) && !ring.is_whole(ring.own.with(wrap)));
            }
        }
    }
}
