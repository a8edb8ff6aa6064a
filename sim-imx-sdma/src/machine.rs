//! What a script finds around it while it is on the core. Scripts see this and nothing else.

use crate::bus::{BusError, Width};
use crate::registers::Registers;

/// What the instruction `notify` does (i.MX 6ULL RM chapter 46, "notify").
#[cfg_attr(not(test), expect(dead_code, reason = "the whole instruction; the published scripts use a part of it"))]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Notify {
    /// `notify 1`: sets the channel's bit in INTR.
    Interrupt,
    /// `notify 2`: clears HE; a queued start takes its place.
    ClearHe,
    /// `notify 3`: both.
    ClearHeAndInterrupt,
    /// `notify 4`: clears EP.
    ClearEp,
}

/// Where a script leaves the core: the instruction `done`, or only the end of the time it was given.
///
/// Unconfirmed: the codes for a second processor, and what reserved ones do; `done 5` is for a debugger. No script has them.
#[cfg_attr(not(test), expect(dead_code, reason = "the whole instruction; the published scripts use a part of it"))]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Step {
    /// The time is up, in the middle of its work. It stays current and goes on at `pc` when it is given more.
    OutOfTime,
    /// `done 0`: to a channel of higher priority, if there is one.
    Yield,
    /// `done 1`: to a channel of the same priority, too.
    YieldGe,
    /// `done 2`: clears HE, then elects.
    ClearHe,
    /// `done 3`: clears HE, sets INTR, then elects.
    ClearHeAndInterrupt,
    /// `done 4`: clears EP, then elects.
    ClearEp,
}

/// An access to the data space that the core does not allow or that was answered with an error.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Fault;

/// Where a script reaches a register of a device.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Way {
    /// On the system's bus.
    Bus(u32, Width),
    /// Through a window in the data space.
    Window(u16),
}

/// The core around a running script.
pub(crate) trait Machine {
    /// The registers of the running channel.
    fn regs(&mut self) -> &mut Registers;

    /// The running channel (core register CCR).
    fn channel(&self) -> u8;

    /// Core register MC0PTR: where the channel control blocks lie.
    fn mc0ptr(&self) -> u32;

    /// Core registers EVENTS and EVENTS2 as one word: the *level* of the request lines 47..0, now.
    fn events(&self) -> u64;

    /// Core register CCPTR: the data address of the running channel's context.
    fn ccptr(&self) -> u16;

    /// The instruction `ld`: reads the data space (ROM, RAM, SPBA windows, core registers). Takes its time.
    fn load(&mut self, address: u16) -> Result<u32, Fault>;

    /// The instruction `st`. Takes its time.
    fn store(&mut self, address: u16, value: u32) -> Result<(), Fault>;

    /// Reads the system's bus, through the burst or the peripheral unit. Takes its time.
    fn read(&mut self, address: u32, width: Width) -> Result<u32, BusError>;

    /// Writes the system's bus. Takes its time.
    fn write(&mut self, address: u32, width: Width, value: u32) -> Result<(), BusError>;

    /// Writes items to one register, as a loop does that spends `cycles` between two of them. Each has its moment, as if it
    /// had been written by itself. Says how many it wrote: one at least, and fewer than all if something comes up. If one
    /// failed, it is the last.
    fn write_run(&mut self, to: Way, items: &[u32], _cycles: u32) -> (usize, Result<(), Fault>) {
        let written = match to {
            Way::Bus(address, width) => self.write(address, width, items[0]).map_err(|_| Fault),
            Way::Window(address) => self.store(address, items[0]),
        };
        (1, written)
    }

    /// The same for reads. If one failed, it comes after those that are counted.
    fn read_run(&mut self, from: Way, items: &mut [u32], _cycles: u32) -> (usize, Result<(), Fault>) {
        let read = match from {
            Way::Bus(address, width) => self.read(address, width).map_err(|_| Fault),
            Way::Window(address) => self.load(address),
        };
        match read {
            Ok(item) => {
                items[0] = item;
                (1, Ok(()))
            }
            Err(fault) => (0, Err(fault)),
        }
    }

    /// Reads words of memory into the burst unit, behind the `at` bytes that it has, if nothing comes up before the last of
    /// them. If something does it says `false`, and they are to be read one by one.
    fn fetch_words(&mut self, _address: u32, _at: usize, _len: usize) -> bool {
        false
    }

    /// Writes words of memory out of the burst unit, from byte `at` on, likewise.
    fn drain_words(&mut self, _address: u32, _at: usize, _len: usize) -> bool {
        false
    }

    /// The instruction `notify`.
    fn notify(&mut self, what: Notify);

    /// What the instructions between two accesses cost.
    fn spend(&mut self, cycles: u32);

    /// The time is up: an interrupt of the simulated world has to be looked at, or the caller wants to see how things stand. A
    /// script asks between two items and comes back with [`Step::OutOfTime`].
    fn out_of_time(&self) -> bool;
}

/// The scratch words of a context: the last eight (`CCPTR + 0x18` to `+ 0x1F`).
pub(crate) trait Scratch: Machine {
    /// Reads scratch word `0x18..=0x1F`.
    fn scratch(&mut self, word: u16) -> u32 {
        self.load(self.ccptr() + word).unwrap_or(0)
    }

    /// Writes it.
    fn set_scratch(&mut self, word: u16, value: u32) {
        let _ = self.store(self.ccptr() + word, value);
    }
}

impl<M: Machine> Scratch for M {}
