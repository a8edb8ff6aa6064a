//! Trouble on demand: what hardware does rarely and a driver has to bear.

use alloc::vec::Vec;

use crate::bus::{BusError, Width};
use crate::time::Cycles;

/// Something that is to go wrong ([`Sdma::cause`](crate::Sdma::cause)). Each says whether it happens once or from now on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Trouble {
    /// Once: the channel's script comes to no switch point for so long, from when it is on the core next or, if it is, from now.
    /// Nobody else runs, and it moves nothing. RESCHED ends it.
    HoldCore {
        /// Whose script.
        channel: u8,
        /// How long.
        time: Cycles,
    },
    /// Once: the same for ever, or until RESCHED or RESET. For channel 0 it is the run that never ends.
    Hang {
        /// Whose script.
        channel: u8,
    },
    /// From now on: channel 0 takes so much longer each time it comes onto the core.
    SlowChannel0 {
        /// How much.
        by: Cycles,
    },
    /// Once: the channel's next interrupt sets its bit in INTR but not the interrupt line.
    LostInterrupt {
        /// Whose.
        channel: u8,
    },
    /// Once: the channel's next interrupt sets its bit in INTR at once and the interrupt line later.
    LateInterrupt {
        /// Whose.
        channel: u8,
        /// How much later.
        by: Cycles,
    },
    /// Once: when the channel's bit in INTR is cleared next, it is set again at once, without cause.
    DoubledInterrupt {
        /// Whose.
        channel: u8,
    },
    /// Once: when the channel's bit in INTR is cleared next, the interrupt line stays up for a while, and INTR reads 0.
    StaleInterrupt {
        /// Whose.
        channel: u8,
        /// How long.
        by: Cycles,
    },
    /// From now on: all accesses of the SDMA to these addresses are answered with an error. A descriptor is 12 bytes.
    BusError {
        /// From where.
        address: u32,
        /// How many bytes.
        len: u32,
    },
    /// Once: when the SDMA gives back the descriptor at this address, it writes this count.
    WrongCount {
        /// Where the descriptor lies.
        descriptor: u32,
        /// The count to be found there.
        count: u16,
    },
    /// From now on: with dynamic context switching, words 2 and up of a context are saved so much later than the switch. What
    /// channel 0 loads there in the meantime is overwritten.
    ///
    /// Unconfirmed: that the hardware can do that; the manual says that dynamic saves go on behind the next channel's back.
    TrailingSave {
        /// How much later.
        by: Cycles,
    },
}

/// What is still to go wrong.
#[derive(Debug, Default)]
pub(crate) struct Troubles {
    pending: Vec<Trouble>,
    bus_errors: Vec<(u32, u32)>,
    counts: Vec<(u32, u16)>,
    slow_channel_0: Cycles,
    /// How much later the end of a save is written.
    pub(crate) trailing: Cycles,
}

/// Bit 16 of a descriptor's mode word: it is the SDMA's.
const DONE: u32 = 1 << 16;

impl Troubles {
    pub(crate) fn cause(&mut self, trouble: Trouble) {
        match trouble {
            Trouble::SlowChannel0 { by } => self.slow_channel_0 = by,
            Trouble::TrailingSave { by } => self.trailing = by,
            Trouble::BusError { address, len } => self.bus_errors.push((address, len)),
            Trouble::WrongCount { descriptor, count } => self.counts.push((descriptor, count)),
            _ => self.pending.push(trouble),
        }
    }

    pub(crate) fn clear(&mut self) {
        *self = Self::default();
    }

    /// The first pending trouble for which there is an answer; it is not pending any more.
    fn take<T>(&mut self, mut wanted: impl FnMut(Trouble) -> Option<T>) -> Option<T> {
        let (at, found) = self.pending.iter().enumerate().find_map(|(at, trouble)| Some((at, wanted(*trouble)?)))?;
        self.pending.remove(at);
        Some(found)
    }

    /// The script of the channel on the core is held up, for so long.
    pub(crate) fn hold(&mut self, channel: u8) -> Option<Cycles> {
        self.take(|trouble| match trouble {
            Trouble::HoldCore { channel: whose, time } if whose == channel => Some(time),
            Trouble::Hang { channel: whose } if whose == channel => Some(Cycles(u64::MAX)),
            _ => None,
        })
    }

    /// How much longer the channel takes that comes onto the core.
    pub(crate) fn slowness(&self, channel: u8) -> Cycles {
        if channel == 0 { self.slow_channel_0 } else { Cycles(0) }
    }

    pub(crate) fn lost_interrupt(&mut self, channel: u8) -> bool {
        self.take(|trouble| (trouble == Trouble::LostInterrupt { channel }).then_some(())).is_some()
    }

    pub(crate) fn doubled_interrupt(&mut self, channel: u8) -> bool {
        self.take(|trouble| (trouble == Trouble::DoubledInterrupt { channel }).then_some(())).is_some()
    }

    pub(crate) fn late_interrupt(&mut self, channel: u8) -> Option<Cycles> {
        self.take(|trouble| match trouble {
            Trouble::LateInterrupt { channel: whose, by } if whose == channel => Some(by),
            _ => None,
        })
    }

    pub(crate) fn stale_interrupt(&mut self, channel: u8) -> Option<Cycles> {
        self.take(|trouble| match trouble {
            Trouble::StaleInterrupt { channel: whose, by } if whose == channel => Some(by),
            _ => None,
        })
    }

    /// An access to the bus may be other than it seems.
    pub(crate) fn are_on_bus(&self) -> bool {
        !(self.bus_errors.is_empty() && self.counts.is_empty())
    }

    /// Whether the bus answers an access with an error.
    pub(crate) fn on_bus(&self, address: u32, width: Width) -> Result<(), BusError> {
        let overlaps = |&(start, len): &(u32, u32)| {
            u64::from(address) < u64::from(start) + u64::from(len)
                && u64::from(start) < u64::from(address) + u64::from(width.bytes())
        };
        if self.bus_errors.iter().any(overlaps) { Err(BusError { address }) } else { Ok(()) }
    }

    /// What is really written. A mode word goes out in one piece.
    pub(crate) fn written(&mut self, address: u32, width: Width, value: u32) -> u32 {
        if width != Width::Four || value & DONE != 0 {
            return value;
        }
        let Some(at) = self.counts.iter().position(|(descriptor, _)| *descriptor == address) else {
            return value;
        };
        value & 0xFFFF_0000 | u32::from(self.counts.remove(at).1)
    }
}
