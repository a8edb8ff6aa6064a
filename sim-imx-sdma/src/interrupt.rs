//! INTR, EVTERR, and the one interrupt line, which is up while a bit of INTR is set, but for the trouble that was asked for.

use alloc::vec::Vec;

use crate::sched::channels;
use crate::time::Cycles;
use crate::trouble::Troubles;

/// The interrupts of all channels. Bit n is channel n.
#[derive(Debug, Default)]
pub(crate) struct Interrupts {
    /// INTR.
    pub(crate) bits: u32,
    /// INTRMASK: which errors are interrupts.
    pub(crate) mask: u32,
    /// EVTERR.
    pub(crate) errors: u32,
    /// Bits of INTR that do not raise the line: the interrupt is lost.
    lost: u32,
    /// Bits of INTR that do so only at a later time.
    late: Vec<(u8, Cycles)>,
    /// Until when the line stays up without cause.
    stale: Cycles,
}

impl Interrupts {
    /// A script or an error sets bits of INTR.
    pub(crate) fn raise(&mut self, bits: u32, now: Cycles, troubles: &mut Troubles) {
        for channel in channels(bits & !self.bits) {
            if troubles.lost_interrupt(channel) {
                self.lost |= 1 << channel;
            } else if let Some(by) = troubles.late_interrupt(channel) {
                self.late.push((channel, now + by));
            }
        }
        self.bits |= bits;
    }

    /// Requests came for channels that had one pending.
    pub(crate) fn error(&mut self, bits: u32, now: Cycles, troubles: &mut Troubles) {
        self.errors |= bits;
        self.raise(bits & self.mask, now, troubles);
    }

    /// INTR is written: ones clear.
    pub(crate) fn acknowledge(&mut self, bits: u32, now: Cycles, troubles: &mut Troubles) {
        let cleared = bits & self.bits;
        self.bits &= !bits;
        self.lost &= !bits;
        self.late.retain(|(channel, _)| bits >> channel & 1 == 0);
        for channel in channels(cleared) {
            if troubles.doubled_interrupt(channel) {
                self.bits |= 1 << channel;
            }
            if let Some(by) = troubles.stale_interrupt(channel) {
                self.stale = self.stale.max(now + by);
            }
        }
    }

    /// The line.
    #[inline]
    pub(crate) fn level(&self, now: Cycles) -> bool {
        now < self.stale || self.bits != 0 && self.is_raised(now)
    }

    fn is_raised(&self, now: Cycles) -> bool {
        let late = self.late.iter().filter(|(_, at)| *at > now).fold(0, |bits, (channel, _)| bits | 1 << channel);
        self.bits & !self.lost & !late != 0
    }

    /// When the line will be raised by itself.
    pub(crate) fn next_change(&self, now: Cycles) -> Option<Cycles> {
        self.late.iter().map(|(_, at)| *at).filter(|at| *at > now).min()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::trouble::Trouble;

    const NOW: Cycles = Cycles(10);

    fn raised(trouble: Option<Trouble>) -> (Interrupts, Troubles) {
        let (mut interrupts, mut troubles) = (Interrupts::default(), Troubles::default());
        if let Some(trouble) = trouble {
            troubles.cause(trouble);
        }
        interrupts.raise(0b100, NOW, &mut troubles);
        assert_eq!(interrupts.bits, 0b100);
        (interrupts, troubles)
    }

    #[test]
    fn the_line_is_up_while_a_bit_is_set() {
        let (mut interrupts, mut troubles) = raised(None);
        assert!(interrupts.level(NOW));
        interrupts.acknowledge(0b011, NOW, &mut troubles);
        assert!(interrupts.level(NOW));
        interrupts.acknowledge(0b100, NOW, &mut troubles);
        assert!(!interrupts.level(NOW));
    }

    #[test]
    fn an_error_is_an_interrupt_only_if_the_mask_says_so() {
        let (mut interrupts, mut troubles) = (Interrupts::default(), Troubles::default());
        interrupts.mask = 0b10;
        interrupts.error(0b11, NOW, &mut troubles);
        assert_eq!((interrupts.errors, interrupts.bits), (0b11, 0b10));
    }

    #[test]
    fn a_lost_interrupt_leaves_its_bit_and_the_next_one_is_not_lost() {
        let (mut interrupts, mut troubles) = raised(Some(Trouble::LostInterrupt { channel: 2 }));
        assert!(!interrupts.level(NOW));
        interrupts.acknowledge(0b100, NOW, &mut troubles);
        interrupts.raise(0b100, NOW, &mut troubles);
        assert!(interrupts.level(NOW));
    }

    #[test]
    fn a_late_interrupt_comes_when_it_was_said() {
        let (interrupts, _) = raised(Some(Trouble::LateInterrupt { channel: 2, by: Cycles(5) }));
        assert!(!interrupts.level(Cycles(14)));
        assert_eq!(interrupts.next_change(NOW), Some(Cycles(15)));
        assert!(interrupts.level(Cycles(15)));
    }

    #[test]
    fn a_doubled_interrupt_is_there_once_more_after_it_was_cleared() {
        let (mut interrupts, mut troubles) = raised(Some(Trouble::DoubledInterrupt { channel: 2 }));
        interrupts.acknowledge(0b100, NOW, &mut troubles);
        assert!(interrupts.bits == 0b100 && interrupts.level(NOW));
        interrupts.acknowledge(0b100, NOW, &mut troubles);
        assert!(interrupts.bits == 0 && !interrupts.level(NOW));
    }

    #[test]
    fn a_stale_interrupt_keeps_the_line_up_while_nothing_is_set() {
        let (mut interrupts, mut troubles) = raised(Some(Trouble::StaleInterrupt { channel: 2, by: Cycles(5) }));
        interrupts.acknowledge(0b100, NOW, &mut troubles);
        assert!(interrupts.bits == 0 && interrupts.level(Cycles(14)) && !interrupts.level(Cycles(15)));
    }
}
