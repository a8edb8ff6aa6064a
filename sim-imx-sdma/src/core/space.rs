//! The core's data space: ROM, RAM, windows on the shared peripherals, and the core's own registers
//! (i.MX 6ULL RM chapter 46, "memory maps" and "SDMA core register").

use super::Core;
use crate::bus::{BusError, Place as BusPlace, Width};
use crate::machine::Fault;
use crate::ram::RAM;

/// What lies at an address of data space.
enum Place {
    /// ROM, RAM, or nothing.
    Memory,
    /// A shared peripheral, at that address of the system's bus.
    Peripheral(u32),
    /// A register of the core.
    Register(u16),
}

impl Core {
    /// Slots 1 to 6 and 8 to 15 of 4 KB each are windows on the first 4 KB of the shared peripherals; slot 7 is the core.
    ///
    /// Inferred: which device each window shows on i.MX6. It follows from the formula of the address helper in its ROM, which was
    /// derived and not read; for i.MX7 the helper is published.
    #[inline]
    fn place(&self, address: u16) -> Place {
        match address >> 12 {
            0 => Place::Memory,
            7 => Place::Register(address & 0xFFF),
            slot => {
                let spba = self.config.spba;
                Place::Peripheral(spba.base.wrapping_add(spba.spacing * u32::from(slot)) + u32::from(address & 0xFFF))
            }
        }
    }

    /// Where on the bus a window of data space leads, if it is one.
    #[inline]
    pub(super) fn window(&self, address: u16) -> Option<u32> {
        match self.place(address) {
            Place::Peripheral(at) => Some(at),
            Place::Memory | Place::Register(_) => None,
        }
    }

    /// The instruction `ld`.
    #[inline]
    pub(super) fn load_data(&mut self, address: u16) -> Result<u32, Fault> {
        match self.place(address) {
            Place::Memory => {
                self.pass(self.config.costs.ram_access);
                self.ram.read(address).ok_or(Fault)
            }
            Place::Register(number) => {
                self.pass(self.config.costs.ram_access);
                if is_register(number) { Ok(self.core_register(number)) } else { Err(Fault) }
            }
            Place::Peripheral(at) => {
                self.shared_access(at, |core, place| core.bus.read_at(place, core.ccr, core.now, at, Width::Four))
            }
        }
    }

    /// The instruction `st`.
    #[inline]
    pub(super) fn store_data(&mut self, address: u16, value: u32) -> Result<(), Fault> {
        match self.place(address) {
            Place::Memory => {
                self.pass(self.config.costs.ram_access);
                if RAM.contains(&address) {
                    self.note_context_write(address);
                }
                if self.ram.write(address, value) { Ok(()) } else { Err(Fault) }
            }
            Place::Register(number) => {
                self.pass(self.config.costs.ram_access);
                if !is_held(number) {
                    return Err(Fault);
                }
                self.held[usize::from(number)] = value;
                Ok(())
            }
            Place::Peripheral(at) => self
                .shared_access(at, |core, place| core.bus.write_at(place, core.ccr, core.now, at, Width::Four, value)),
        }
    }

    fn shared_access<T>(
        &mut self,
        at: u32,
        access: impl FnOnce(&mut Self, BusPlace) -> Result<T, BusError>,
    ) -> Result<T, Fault> {
        let cost = self.config.costs.spba_access;
        self.access(at, Width::Four, cost, access).map_err(|BusError { .. }| Fault)
    }

    /// A register of the core.
    pub(crate) fn core_register(&self, number: u16) -> u32 {
        let current = self.current();
        let next = self.sched.next(current);
        let priority = |channel: Option<u8>| channel.map_or(0, |channel| u32::from(self.sched.priority(channel)));
        match number {
            0x00 => self.storage.mc0ptr,
            0x02 => self.context(self.ccr).into(),
            0x03 => self.ccr.into(),
            0x04 => next.unwrap_or(0).into(),
            0x05 => self.look_at_events() as u32,
            0x06 => priority(current),
            0x07 => priority(next),
            0x1A => self.once_stat(),
            0x1C => self.storage.chn0addr,
            // The system's side is little-endian.
            0x1D => 1,
            0x1E => self.storage.lock & 1,
            0x1F => (self.look_at_events() >> 32) as u32,
            _ => self.held.get(usize::from(number)).copied().unwrap_or(0),
        }
    }
}

/// Those that only hold what was written: the on-chip debugger's counters and comparators, and the real-time buffer.
fn is_held(number: u16) -> bool {
    matches!(number, 0x09..=0x0F | 0x18)
}

/// Those that there are. 0x19 is the trace buffer, which is empty.
fn is_register(number: u16) -> bool {
    is_held(number) || matches!(number, 0x00 | 0x02..=0x07 | 0x19 | 0x1A | 0x1C..=0x1F)
}
