//! The system's bus as the SDMA sees it: 32-bit addresses, and behind them memory, peripherals, or nothing.
//!
//! ```text
//!   read, write ──▶ Bus ──▶ regions: what lies at the address ──▶ memory
//!                    │                                        └──▶ ports: peripherals, their time and request lines
//!                    └────▶ observers: log, watchpoints (both of no cost while there are none)
//! ```

mod access;
mod log;
mod port;
mod region;
#[cfg(test)]
mod tests;
mod watch;

pub use access::{Access, BusError, Direction, Width};
pub use log::{Log, LogOptions};
pub use port::{Handle, Peripheral};
pub use region::{AddError, Memory};
pub use watch::Watch;

use alloc::boxed::Box;
use alloc::vec::Vec;
use core::fmt;
use core::ops::Range;

use crate::time::Cycles;
use port::Ports;
pub(crate) use port::{Made, NEVER, Pace};
use region::{Regions, Target};
use watch::Watchpoints;

/// The bus.
///
/// Memory and peripherals are put on it before anything runs. A test program looks into memory with [`peek`](Self::peek)
/// and [`poke`](Self::poke), which take no time and are seen by nobody; scripts go through [`read`](Self::read) and
/// [`write`](Self::write). Memory takes accesses at any address, whole or not; what a peripheral takes is its own affair.
///
/// ```
/// use sim_imx_sdma::bus::{Bus, Width};
/// use sim_imx_sdma::time::Cycles;
///
/// let mut bus = Bus::new();
/// bus.add_ram(0x8000_0000, 0x1000)?;
/// bus.poke(0x8000_0010, &[1, 2, 3, 4])?;
///
/// // Does anyone touch the buffer after cycle 500?
/// let watch = bus.watch(0x8000_0000..0x8000_0100, Cycles(500));
/// assert_eq!(bus.read(3, Cycles(499), 0x8000_0010, Width::Four), Ok(0x0403_0201));
/// assert!(bus.touches(watch).is_empty());
/// bus.write(3, Cycles(500), 0x8000_00FF, Width::One, 7)?;
/// assert_eq!(bus.touches(watch)[0].to_string(), "500 ch3 w1 0x800000ff 0x7");
///
/// // Nothing lies there.
/// assert!(bus.read(3, Cycles(501), 0x9000_0000, Width::Four).is_err());
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Default)]
pub struct Bus {
    regions: Regions,
    ports: Ports,
    /// `log` or `watchpoints` wants to know.
    is_observed: bool,
    log: Option<Log>,
    watchpoints: Watchpoints,
}

/// What lies at an address, as it was looked up.
#[derive(Clone, Copy)]
pub(crate) enum Place {
    /// A device, and how far into its registers. An access may make it change its lines.
    Device { port: usize, offset: u32, room: u32 },
    /// Memory or nothing.
    Other { region: Option<usize> },
}

/// What is on it.
impl Bus {
    /// A bus with nothing on it: every access is an error.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Puts `len` bytes of memory at an address. They are zero.
    ///
    /// # Errors
    /// If they do not fit there, or something is there. Nothing is put there then.
    pub fn add_ram(&mut self, base: u32, len: u32) -> Result<(), AddError> {
        self.regions.room(base, len)?;
        self.regions.insert(base, len, Target::Ram(alloc::vec![0; len as usize]))
    }

    /// Puts memory that lies elsewhere at an address.
    ///
    /// # Errors
    /// If it does not fit there, or something is there. Nothing is put there then.
    pub fn add_memory(&mut self, base: u32, len: u32, memory: impl Memory + 'static) -> Result<(), AddError> {
        self.regions.insert(base, len, Target::Memory(Box::new(memory)))
    }

    /// Puts a peripheral at an address. The handle is what [`peripheral`](Self::peripheral) gives it back for.
    ///
    /// # Errors
    /// If it does not fit there, or something is there. Nothing is put there then.
    pub fn add_peripheral<P: Peripheral>(&mut self, base: u32, len: u32, peripheral: P) -> Result<Handle<P>, AddError> {
        self.regions.insert(base, len, Target::Peripheral(self.ports.len()))?;
        Ok(self.ports.plug(peripheral))
    }

    /// A peripheral as it is now: at the latest moment that the bus was told of. What is done to it counts from then on.
    ///
    /// # Panics
    /// If the handle is of another bus.
    pub fn peripheral<P: Peripheral>(&mut self, handle: Handle<P>) -> &mut P {
        self.ports.get(handle).expect("the handle is of this bus")
    }
}

/// What a script does.
impl Bus {
    /// A read by a channel's script. Shorter values stand in the low bytes.
    ///
    /// # Errors
    /// Where there is nothing, or what is there refuses.
    pub fn read(&mut self, channel: u8, now: Cycles, address: u32, width: Width) -> Result<u32, BusError> {
        let place = self.place(address);
        self.read_at(place, channel, now, address, width)
    }

    /// A write by a channel's script, of the low bytes of the value.
    ///
    /// # Errors
    /// Where there is nothing, or what is there refuses.
    pub fn write(&mut self, channel: u8, now: Cycles, address: u32, width: Width, value: u32) -> Result<(), BusError> {
        let place = self.place(address);
        self.write_at(place, channel, now, address, width, value)
    }

    /// What lies at an address: what an access costs depends on it, so it is looked up before the access is made.
    #[inline]
    pub(crate) fn place(&mut self, address: u32) -> Place {
        self.regions.place(address)
    }

    /// [`read`](Self::read) at an address whose place is known.
    #[inline]
    pub(crate) fn read_at(
        &mut self,
        place: Place,
        channel: u8,
        now: Cycles,
        address: u32,
        width: Width,
    ) -> Result<u32, BusError> {
        let result = self.read_target(place, now, address, width);
        if self.is_observed {
            let (value, is_error) = (result.ok(), result.is_err());
            let direction = Direction::Read;
            self.observe(Access { time: now, channel, address, width, direction, value, is_error });
        }
        result
    }

    /// [`write`](Self::write) at an address whose place is known.
    #[inline]
    pub(crate) fn write_at(
        &mut self,
        place: Place,
        channel: u8,
        now: Cycles,
        address: u32,
        width: Width,
        value: u32,
    ) -> Result<(), BusError> {
        let value = width.cut(value);
        let result = self.write_target(place, now, address, width, value);
        if self.is_observed {
            let (value, is_error) = (Some(value), result.is_err());
            let direction = Direction::Write;
            self.observe(Access { time: now, channel, address, width, direction, value, is_error });
        }
        result
    }

    #[inline]
    fn read_target(&mut self, place: Place, now: Cycles, address: u32, width: Width) -> Result<u32, BusError> {
        let read = match place {
            Place::Device { port, offset, room } if width.bytes() <= room => {
                let mut item = [0];
                let read = self.ports.read(port, Pace::once(now, offset, width), &mut item);
                read.is_ok().then_some(item[0])
            }
            Place::Device { .. } | Place::Other { region: None } => None,
            Place::Other { region: Some(region) } => self.regions.read(region, address, width),
        };
        read.ok_or(BusError { address })
    }

    #[inline]
    fn write_target(
        &mut self,
        place: Place,
        now: Cycles,
        address: u32,
        width: Width,
        value: u32,
    ) -> Result<(), BusError> {
        let is_done = match place {
            Place::Device { port, offset, room } if width.bytes() <= room => {
                self.ports.write(port, Pace::once(now, offset, width), &[value]).is_ok()
            }
            Place::Device { .. } | Place::Other { region: None } => false,
            Place::Other { region: Some(region) } => self.regions.write(region, address, width, value),
        };
        if is_done { Ok(()) } else { Err(BusError { address }) }
    }

    /// Somebody wants to know of each access by itself.
    #[inline]
    pub(crate) fn is_observed(&self) -> bool {
        self.is_observed
    }

    /// Reads of a device, which nobody wants to know of.
    #[inline]
    pub(crate) fn read_run(&mut self, port: usize, pace: Pace, items: &mut [u32]) -> Made {
        self.ports.read(port, pace, items)
    }

    /// Writes, likewise.
    #[inline]
    pub(crate) fn write_run(&mut self, port: usize, pace: Pace, items: &[u32]) -> Made {
        self.ports.write(port, pace, items)
    }

    /// A piece of memory of the bus's own.
    #[inline]
    pub(crate) fn ram(&mut self, address: u32, len: usize) -> Option<&mut [u8]> {
        match self.memory(address, len) {
            Ok((offset, Target::Ram(ram))) => ram.get_mut(offset as usize..)?.get_mut(..len),
            _ => None,
        }
    }

    /// Lets time pass for every peripheral.
    #[inline]
    pub fn advance(&mut self, now: Cycles) {
        self.ports.advance(now);
    }

    /// The levels of all request lines, as of the last `advance` or access.
    #[inline]
    pub fn lines(&mut self) -> u64 {
        self.ports.signals().lines
    }

    /// When a line will change next if nobody accesses a peripheral.
    #[inline]
    pub fn next_change(&mut self) -> Option<Cycles> {
        self.ports.next_change()
    }

    /// A moment before which no line will change, if nobody accesses a peripheral.
    #[inline]
    pub(crate) fn quiet_until(&mut self) -> Cycles {
        self.ports.signals().quiet_until
    }
}

/// What a test program does: it looks on, and has its own way into memory.
impl Bus {
    /// Reads memory as the processor would: in no time, unlogged and unwatched.
    ///
    /// # Errors
    /// If the bytes do not lie in one piece of memory. A peripheral is not memory.
    pub fn peek(&mut self, address: u32, out: &mut [u8]) -> Result<(), BusError> {
        let is_done = match self.memory(address, out.len())? {
            (offset, Target::Ram(ram)) => {
                out.copy_from_slice(&ram[offset as usize..][..out.len()]);
                true
            }
            (offset, Target::Memory(memory)) => memory.read(offset, out),
            _ => false,
        };
        if is_done { Ok(()) } else { Err(BusError { address }) }
    }

    /// Writes memory as the processor would: in no time, unlogged and unwatched.
    ///
    /// # Errors
    /// If the bytes do not lie in one piece of memory. A peripheral is not memory.
    pub fn poke(&mut self, address: u32, bytes: &[u8]) -> Result<(), BusError> {
        let is_done = match self.memory(address, bytes.len())? {
            (offset, Target::Ram(ram)) => {
                ram[offset as usize..][..bytes.len()].copy_from_slice(bytes);
                true
            }
            (offset, Target::Memory(memory)) => memory.write(offset, bytes),
            _ => false,
        };
        if is_done { Ok(()) } else { Err(BusError { address }) }
    }

    #[inline]
    fn memory(&mut self, address: u32, len: usize) -> Result<(u32, &mut Target), BusError> {
        let len = u32::try_from(len).map_err(|_| BusError { address })?;
        self.regions.find(address, len)
    }

    /// Begins a log, and forgets the one that there was.
    pub fn start_log(&mut self, options: LogOptions) {
        self.log = Some(Log::new(options));
        self.is_observed = true;
    }

    /// The log, if one was begun.
    pub fn log(&mut self) -> Option<&mut Log> {
        self.log.as_mut()
    }

    /// Ends the log and gives it away.
    pub fn stop_log(&mut self) -> Option<Log> {
        let log = self.log.take();
        self.is_observed = !self.watchpoints.is_empty();
        log
    }

    /// From a moment on, keeps every access that touches one of these bytes, until [`unwatch`](Self::unwatch). An attempt
    /// that was answered with an error counts.
    pub fn watch(&mut self, range: Range<u32>, from: Cycles) -> Watch {
        self.is_observed = true;
        self.watchpoints.set(range, from)
    }

    /// What was kept since. Nothing, if the watchpoint is no more.
    #[must_use]
    pub fn touches(&self, watch: Watch) -> &[Access] {
        self.watchpoints.touches(watch)
    }

    /// Ends it, and gives away what was kept.
    pub fn unwatch(&mut self, watch: Watch) -> Vec<Access> {
        let touches = self.watchpoints.clear(watch);
        self.is_observed = self.log.is_some() || !self.watchpoints.is_empty();
        touches
    }

    #[cold]
    fn observe(&mut self, access: Access) {
        if let Some(log) = &mut self.log {
            log.note(access);
        }
        self.watchpoints.note(access);
    }
}

impl fmt::Debug for Bus {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Bus of {} regions, {} of them peripherals", self.regions.len(), self.ports.len())
    }
}
