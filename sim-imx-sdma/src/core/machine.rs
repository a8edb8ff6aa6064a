//! What a script finds around it: the registers, the bus with the trouble on it, and the time that everything takes.

use super::Core;
use crate::bus::{BusError, Place, Width};
use crate::machine::{Fault, Machine, Notify};
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

    fn load(&mut self, address: u16) -> Result<u32, Fault> {
        self.load_data(address)
    }

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
