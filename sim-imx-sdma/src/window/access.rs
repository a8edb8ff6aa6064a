//! What a driver's reads and writes do, by the rule of the register.

use super::table::{Id, Register, Rule, find};
use crate::bus::Width;
use crate::config::PswLayout;
use crate::core::Core;
use crate::report::ReportKind;
use crate::sched::{Scheduler, channels};
use crate::time::Cycles;

impl Core {
    /// A read of a register. Of what is not there it gives 0.
    pub(crate) fn read_register(&mut self, offset: u32, width: Width) -> u32 {
        let Some((register, index)) = self.find(offset, width) else {
            return 0;
        };
        let value = self.value(register.id, index) & register.mask;
        if register.rule == Rule::ReadClears {
            match register.id {
                Id::EvtMirror => self.requests_seen &= !0xFFFF_FFFF,
                Id::EvtMirror2 => self.requests_seen &= 0xFFFF_FFFF,
                _ => self.interrupts.errors = 0,
            }
        }
        value
    }

    /// A write of a register.
    pub(crate) fn write_register(&mut self, offset: u32, width: Width, value: u32) {
        let Some((register, index)) = self.find(offset, width) else {
            return;
        };
        let name = register.name;
        if matches!(register.rule, Rule::ReadOnly | Rule::ReadClears) {
            return self.report(ReportKind::ReadOnly { register: name });
        }
        if register.lockable && self.storage.is_locked() {
            return self.report(ReportKind::Locked { register: name });
        }
        // Inferred: that writes while the reset is held go nowhere; the manual has drivers wait until RESET reads 0.
        if self.now < self.reset_until {
            return self.report(ReportKind::InReset { register: name });
        }
        // Inferred: that ones in reserved bits are dropped and the others count; drivers that write them work.
        if value & !register.mask != 0 {
            self.report(ReportKind::ReservedBits { register: name, bits: value & !register.mask });
        }
        self.change(register, index, value & register.mask);
    }

    fn find(&mut self, offset: u32, width: Width) -> Option<(&'static Register, usize)> {
        let found = find(self.config.variant, offset);
        // Unconfirmed: what other widths do; the manual lays all registers out as 32 bit, and no driver uses another.
        if width != Width::Four {
            self.report(ReportKind::WrongWidth { offset, width });
            return None;
        }
        if found.is_none() {
            self.report(ReportKind::UnknownRegister { offset });
        }
        found
    }

    /// What a register holds.
    fn value(&mut self, id: Id, index: usize) -> u32 {
        if let Some(slot) = self.storage.slot(id, index) {
            return *slot;
        }
        match id {
            Id::Intr => self.interrupts.bits,
            Id::StopStat => self.sched.he,
            Id::Hstart => self.sched.hstart,
            Id::Evtovr => self.sched.eo,
            Id::Dspovr => self.sched.dspo,
            Id::Hostovr => self.sched.ho,
            Id::Evtpend => self.sched.ep,
            Id::Reset => u32::from(self.now < self.reset_until) | u32::from(self.reschedule) << 1,
            Id::Evterr | Id::Evterrdbg => self.interrupts.errors,
            Id::Intrmask => self.interrupts.mask,
            Id::Psw => self.psw(),
            Id::OnceStat => self.once_stat(),
            Id::OnceRtb => self.core_register(0x18),
            Id::EvtMirror => self.requests_seen as u32,
            Id::EvtMirror2 => (self.requests_seen >> 32) as u32,
            Id::Chnpri => u32::from(self.sched.priority(index as u8)),
            _ => 0,
        }
    }

    /// Does what writing these bits does.
    fn change(&mut self, register: &Register, index: usize, value: u32) {
        let counts = self.now + Cycles(self.config.costs.condition.into());
        if let Some(slot) = self.storage.slot(register.id, index) {
            *slot = value;
            if register.id == Id::Chnenbl {
                self.storage.chnenbl_written |= 1 << index;
            }
            return;
        }
        match register.id {
            Id::Intr => self.interrupts.acknowledge(value, self.now, &mut self.troubles),
            Id::Intrmask => self.interrupts.mask = value,
            Id::StopStat => self.sched.stop(value, counts),
            Id::Hstart => {
                for channel in channels(self.sched.start(value, counts)) {
                    self.report(ReportKind::LostStart { channel });
                }
            }
            // Conflict: some headers call EVTPEND "w1c". Its description in the manual says that ones set, which is taken here.
            // A write sets EP as a request would, but says nothing of one that was pending.
            Id::Evtpend => _ = self.sched.request(value, counts),
            Id::Evtovr => self.set_condition(|sched| &mut sched.eo, value),
            Id::Dspovr => self.set_condition(|sched| &mut sched.dspo, value),
            Id::Hostovr => self.set_condition(|sched| &mut sched.ho, value),
            // Inferred: that a priority counts as late as the other conditions; no figure is published.
            Id::Chnpri => self.sched.set_priority(index as u8, value as u8, counts),
            Id::Reset if value & 1 == 1 => self.reset(),
            Id::Reset => self.reschedule |= value & 0b10 != 0,
            _ => {}
        }
    }

    fn set_condition(&mut self, bits: fn(&mut Scheduler) -> &mut u32, value: u32) {
        *bits(&mut self.sched) = value;
        self.sched.changed(self.now + Cycles(self.config.costs.condition.into()));
    }

    /// PSW: who is on the core and who would be next.
    ///
    /// Unconfirmed: what it shows while the core sleeps. Here the channel that was there last, with priority 0.
    fn psw(&self) -> u32 {
        let current = self.current();
        let next = self.sched.next(current);
        let priority = |channel: Option<u8>| channel.map_or(0, |channel| u32::from(self.sched.priority(channel)));
        let upper = u32::from(next.unwrap_or(0)) << 8 | priority(next) << 13;
        let ccr = u32::from(self.ccr);
        upper
            | match self.config.psw {
                PswLayout::FiveBitChannel => ccr | priority(current) << 5,
                PswLayout::AsPrinted => ccr & 0xF | priority(current) << 4,
            }
    }
}
