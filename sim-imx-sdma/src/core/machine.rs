//! What a script finds around it: the registers, the bus with the trouble on it, and the time that everything takes.

use super::Core;
use crate::bus::{BusError, Made, Pace, Place, Width};
use crate::machine::{Fault, Machine, Notify, Way};
use crate::registers::Registers;
use crate::time::Cycles;

impl Core {
    /// An access to the bus: what it costs, and what becomes of the request lines if there is a device.
    #[inline]
    pub(super) fn access<T>(
        &mut self,
        address: u32,
        width: Width,
        device_cost: u32,
        access: impl FnOnce(&mut Self, Place) -> Result<T, BusError>,
    ) -> Result<T, BusError> {
        let place = self.bus.place(address);
        let is_device = matches!(place, Place::Device { .. });
        self.pass(if is_device { device_cost } else { self.config.costs.memory_access });
        self.troubles.on_bus(address, width)?;
        let result = access(self, place);
        if is_device {
            self.look_again();
        }
        result
    }
}

/// Several accesses in one go, while nobody can see or change anything from the first to the last: no moment at which something
/// happens by itself, no log, no trouble.
impl Core {
    /// Accesses to one register of a device with so many cycles in between. `None` if they have to be made one by one.
    #[inline(always)]
    fn pace(&mut self, way: Way, cycles: u32) -> Option<(usize, Pace)> {
        let (address, width, cost) = match way {
            Way::Bus(address, width) => (address, width, self.config.costs.peripheral_access),
            Way::Window(address) => (self.window(address)?, Width::Four, self.config.costs.spba_access),
        };
        let first = self.now + Cycles(cost.into());
        let until = self.attention.min(self.until);
        if first >= until || self.is_watched() {
            return None;
        }
        match self.bus.place(address) {
            Place::Device { port, offset, room } if width.bytes() <= room => {
                Some((port, Pace { offset, width, first, every: Cycles((cost + cycles).into()), until }))
            }
            _ => None,
        }
    }

    /// They were made.
    #[inline]
    fn paced(&mut self, pace: Pace, made: Made) {
        self.now = pace.moment(made);
        self.look_again();
    }

    /// When words of memory are through, if nothing comes up.
    #[inline]
    fn words_end(&self, len: usize) -> Option<Cycles> {
        let end = self.now + Cycles(u64::from(self.config.costs.memory_access) * (len as u64 / 4));
        (end < self.attention && !self.is_watched()).then_some(end)
    }

    #[inline]
    fn is_watched(&self) -> bool {
        self.bus.is_observed() || self.troubles.are_on_bus()
    }
}

impl Machine for Core {
    fn regs(&mut self) -> &mut Registers {
        &mut self.regs
    }

    fn channel(&self) -> u8 {
        self.ccr
    }

    fn mc0ptr(&self) -> u32 {
        self.storage.mc0ptr
    }

    fn events(&self) -> u64 {
        self.look_at_events()
    }

    fn ccptr(&self) -> u16 {
        self.context(self.ccr)
    }

    #[inline]
    fn load(&mut self, address: u16) -> Result<u32, Fault> {
        self.load_data(address)
    }

    #[inline]
    fn store(&mut self, address: u16, value: u32) -> Result<(), Fault> {
        self.store_data(address, value)
    }

    fn read(&mut self, address: u32, width: Width) -> Result<u32, BusError> {
        let cost = self.config.costs.peripheral_access;
        self.access(address, width, cost, |core, place| core.bus.read_at(place, core.ccr, core.now, address, width))
    }

    fn write(&mut self, address: u32, width: Width, value: u32) -> Result<(), BusError> {
        let cost = self.config.costs.peripheral_access;
        self.access(address, width, cost, |core, place| {
            let value = core.troubles.written(address, width, value);
            core.bus.write_at(place, core.ccr, core.now, address, width, value)
        })
    }

    #[inline]
    fn write_run(&mut self, to: Way, items: &[u32], cycles: u32) -> (usize, Result<(), Fault>) {
        if let Some((port, pace)) = self.pace(to, cycles) {
            let made = self.bus.write_run(port, pace, items);
            self.paced(pace, made);
            return made.map_or_else(|made| (made, Err(Fault)), |made| (made, Ok(())));
        }
        let written = match to {
            Way::Bus(address, width) => self.write(address, width, items[0]).map_err(|_| Fault),
            Way::Window(address) => self.store(address, items[0]),
        };
        (1, written)
    }

    #[inline]
    fn read_run(&mut self, from: Way, items: &mut [u32], cycles: u32) -> (usize, Result<(), Fault>) {
        if let Some((port, pace)) = self.pace(from, cycles) {
            let made = self.bus.read_run(port, pace, items);
            self.paced(pace, made);
            return made.map_or_else(|made| (made - 1, Err(Fault)), |made| (made, Ok(())));
        }
        let read = match from {
            Way::Bus(address, width) => self.read(address, width).map_err(|_| Fault),
            Way::Window(address) => self.load(address),
        };
        let count = usize::from(read.is_ok());
        (count, read.map(|item| items[0] = item))
    }

    #[inline]
    fn fetch_words(&mut self, address: u32, at: usize, len: usize) -> bool {
        let (Some(end), Some(ram)) = (self.words_end(len), self.bus.ram(address, len)) else { return false };
        self.regs.fifo.bytes[at..at + len].copy_from_slice(ram);
        self.now = end;
        true
    }

    fn drain_words(&mut self, address: u32, at: usize, len: usize) -> bool {
        let (Some(end), Some(ram)) = (self.words_end(len), self.bus.ram(address, len)) else { return false };
        ram.copy_from_slice(&self.regs.fifo.bytes[at..at + len]);
        self.now = end;
        true
    }

    fn notify(&mut self, what: Notify) {
        self.pass(1);
        let counts = self.now + Cycles(self.config.costs.condition.into());
        match what {
            Notify::Interrupt => self.interrupt(self.ccr),
            Notify::ClearHe => self.sched.clear_he(self.ccr, counts),
            Notify::ClearHeAndInterrupt => {
                self.sched.clear_he(self.ccr, counts);
                self.interrupt(self.ccr);
            }
            Notify::ClearEp => self.forget_requests(),
        }
    }

    fn spend(&mut self, cycles: u32) {
        self.pass(cycles);
    }

    fn out_of_time(&self) -> bool {
        self.is_out_of_time()
    }
}
