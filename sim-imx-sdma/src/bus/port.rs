//! Where peripherals are plugged in: their time, and their request lines, which are kept until one of them is touched.

use alloc::boxed::Box;
use alloc::vec::Vec;
use core::any::Any;
use core::fmt;
use core::marker::PhantomData;

use super::access::{BusError, Width};
use crate::time::Cycles;

/// A device on the bus, with request lines to the SDMA.
///
/// Time reaches it lazily: before each access and whenever [`next_change`](Self::next_change) says,
/// [`advance`](Self::advance) is called; the device then does in one go what its other side did since the last call.
pub trait Peripheral: Any + Send {
    /// Lets time pass up to and including `now`. A moment that lies behind it changes nothing.
    fn advance(&mut self, now: Cycles);

    /// A read of its register at a byte offset. It was advanced to `now`.
    ///
    /// # Errors
    /// What the bus answers where there is no such register, or not of that width. The address in it is the offset.
    fn read(&mut self, now: Cycles, offset: u32, width: Width) -> Result<u32, BusError>;

    /// A write of its register at a byte offset. It was advanced to `now`.
    ///
    /// # Errors
    /// What the bus answers where there is no such register, or not of that width. The address in it is the offset.
    fn write(&mut self, now: Cycles, offset: u32, width: Width, value: u32) -> Result<(), BusError>;

    /// The levels of its request lines: bit n is line n. As of the last call of one of the three methods above.
    fn lines(&self) -> u64;

    /// When its lines will change next if nobody accesses it; `None` if they will not. The bus relies on it: before that
    /// moment it does not call [`advance`](Self::advance) to see how the lines are.
    fn next_change(&self) -> Option<Cycles>;

    /// A moment before which its lines will certainly not change if nobody accesses it: [`next_change`](Self::next_change)
    /// or sooner, and `Cycles(u64::MAX)` for never. It is asked after every access, and the former only when that moment
    /// has come; so a device for which the former takes a division may say here when its clock ticks next.
    #[inline]
    fn quiet_until(&self) -> Cycles {
        self.next_change().unwrap_or(NEVER)
    }

    /// Writes words to a register one after the other, at moments between now and [`quiet_until`](Self::quiet_until). A FIFO
    /// that nobody else touches in between does not care which: then this is all of them in one go. No line may rise by it,
    /// and that moment may not come nearer.
    ///
    /// `false`, as provided: it does care. Nothing was written, and they are written one by one.
    fn fill(&mut self, _offset: u32, _width: Width, _words: &[u32]) -> bool {
        false
    }

    /// Reads words from a register, likewise.
    fn empty(&mut self, _offset: u32, _width: Width, _words: &mut [u32]) -> bool {
        false
    }
}

/// Never.
pub(crate) const NEVER: Cycles = Cycles(u64::MAX);

/// What one or more peripherals say after an access: the levels of their lines, and before when these will not change.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Signals {
    pub(crate) lines: u64,
    pub(crate) quiet_until: Cycles,
}

impl Signals {
    pub(crate) const SILENT: Self = Self { lines: 0, quiet_until: NEVER };
}

/// Accesses to one register: where, the moment of the first, how long from one to the next, and up to when they may be made.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Pace {
    pub(crate) offset: u32,
    pub(crate) width: Width,
    pub(crate) first: Cycles,
    pub(crate) every: Cycles,
    /// The first one is made in any case, the others only before.
    pub(crate) until: Cycles,
}

impl Pace {
    /// A single access.
    #[inline]
    pub(crate) const fn once(now: Cycles, offset: u32, width: Width) -> Self {
        Self { offset, width, first: now, every: Cycles(0), until: now }
    }

    /// The moment of the last one.
    #[inline]
    pub(crate) fn moment(&self, made: Made) -> Cycles {
        let (Ok(made) | Err(made)) = made;
        self.nth(made.saturating_sub(1))
    }

    #[inline]
    fn nth(&self, n: usize) -> Cycles {
        Cycles(self.first.0 + self.every.0 * n as u64)
    }

    /// How many of so many may be made before a moment: one in any case.
    #[inline]
    fn count_before(&self, moment: Cycles, items: usize) -> usize {
        if self.nth(items - 1) < moment {
            return items;
        }
        let time = moment.0.saturating_sub(self.first.0);
        time.div_ceil(self.every.0.max(1)).clamp(1, items as u64) as usize
    }
}

/// How many accesses were made. If the last one failed, it is `Err`.
pub(crate) type Made = Result<usize, usize>;

/// A peripheral as the bus uses it: several accesses in one call, and it can be had back as the type it was put in as.
trait Device: Peripheral {
    fn as_any(&mut self) -> &mut dyn Any;

    fn signals(&self) -> Signals;

    /// Reads at a pace, as far as nothing comes up.
    fn read_run(&mut self, pace: Pace, items: &mut [u32], signals: &mut Signals) -> Made;

    /// Writes items that are no wider than the accesses, likewise.
    fn write_run(&mut self, pace: Pace, items: &[u32], signals: &mut Signals) -> Made;
}

/// Makes accesses at a pace, up to one that fails, or raises a line, or after which one may change by itself.
#[inline]
fn one_by_one<P: Peripheral, T>(
    device: &mut P,
    pace: Pace,
    items: impl Iterator<Item = T>,
    signals: &mut Signals,
    mut access: impl FnMut(&mut P, Cycles, T) -> bool,
) -> Made {
    let (mut now, mut made, mut is_done) = (pace.first, 0, true);
    for item in items {
        device.advance(now);
        is_done = access(device, now, item);
        made += 1;
        let before = signals.lines;
        *signals = device.signals();
        now += pace.every;
        if !is_done || now >= pace.until.min(signals.quiet_until) || signals.lines & !before != 0 {
            break;
        }
    }
    if is_done { Ok(made) } else { Err(made) }
}

/// How many accesses could be made in one go, if the device can.
#[inline]
fn at_once<P: Peripheral>(device: &mut P, pace: Pace, items: usize) -> Option<usize> {
    if items < 2 {
        return None;
    }
    device.advance(pace.first);
    Some(pace.count_before(pace.until.min(device.quiet_until()), items))
}

impl<P: Peripheral> Device for P {
    fn as_any(&mut self) -> &mut dyn Any {
        self
    }

    #[inline]
    fn signals(&self) -> Signals {
        Signals { lines: self.lines(), quiet_until: self.quiet_until() }
    }

    fn read_run(&mut self, pace: Pace, items: &mut [u32], signals: &mut Signals) -> Made {
        if let Some(count) = at_once(self, pace, items.len()) {
            if self.empty(pace.offset, pace.width, &mut items[..count]) {
                *signals = self.signals();
                return Ok(count);
            }
        }
        one_by_one(self, pace, items.iter_mut(), signals, |device, now, item| {
            let read = device.read(now, pace.offset, pace.width);
            *item = read.unwrap_or(0);
            read.is_ok()
        })
    }

    fn write_run(&mut self, pace: Pace, items: &[u32], signals: &mut Signals) -> Made {
        if let Some(count) = at_once(self, pace, items.len()) {
            if self.fill(pace.offset, pace.width, &items[..count]) {
                *signals = self.signals();
                return Ok(count);
            }
        }
        one_by_one(self, pace, items.iter(), signals, |device, now, item| {
            device.write(now, pace.offset, pace.width, *item).is_ok()
        })
    }
}

/// Where a peripheral of type `P` was put: what to get it back from the bus with.
pub struct Handle<P> {
    port: usize,
    kind: PhantomData<fn() -> P>,
}

impl<P> Clone for Handle<P> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<P> Copy for Handle<P> {}

impl<P> PartialEq for Handle<P> {
    fn eq(&self, other: &Self) -> bool {
        self.port == other.port
    }
}

impl<P> Eq for Handle<P> {}

impl<P> fmt::Debug for Handle<P> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Handle({})", self.port)
    }
}

struct Port {
    device: Box<dyn Device>,
    signals: Signals,
    /// Somebody had it in hand, so that it has to be asked for its signals again.
    is_stale: bool,
    /// `signals.quiet_until` is when the lines do change.
    is_exact: bool,
}

/// The ports, and what all of them together say.
pub(super) struct Ports {
    ports: Vec<Port>,
    now: Cycles,
    signals: Signals,
    is_stale: bool,
    is_exact: bool,
}

impl Default for Ports {
    fn default() -> Self {
        Self { ports: Vec::new(), now: Cycles(0), signals: Signals::SILENT, is_stale: false, is_exact: true }
    }
}

impl Ports {
    pub(super) fn plug<P: Peripheral>(&mut self, peripheral: P) -> Handle<P> {
        let (device, signals) = (Box::new(peripheral), Signals::SILENT);
        self.ports.push(Port { device, signals, is_stale: true, is_exact: false });
        self.is_stale = true;
        Handle { port: self.ports.len() - 1, kind: PhantomData }
    }

    pub(super) fn len(&self) -> usize {
        self.ports.len()
    }

    pub(super) fn get<P: Peripheral>(&mut self, handle: Handle<P>) -> Option<&mut P> {
        let port = self.ports.get_mut(handle.port)?;
        (self.is_stale, port.is_stale) = (true, true);
        port.device.advance(self.now);
        port.device.as_any().downcast_mut()
    }

    /// Reads a device's register, at a pace.
    #[inline]
    pub(super) fn read(&mut self, port: usize, pace: Pace, items: &mut [u32]) -> Made {
        self.access(port, pace, |device, signals| device.read_run(pace, items, signals))
    }

    /// Writes it.
    #[inline]
    pub(super) fn write(&mut self, port: usize, pace: Pace, items: &[u32]) -> Made {
        self.access(port, pace, |device, signals| device.write_run(pace, items, signals))
    }

    /// Most accesses change nothing that anybody could see from outside the device.
    #[inline]
    fn access(&mut self, port: usize, pace: Pace, access: impl FnOnce(&mut dyn Device, &mut Signals) -> Made) -> Made {
        let port = &mut self.ports[port];
        let mut signals = port.signals;
        let made = access(&mut *port.device, &mut signals);
        self.now = self.now.max(pace.moment(made));
        (port.is_stale, port.is_exact, self.is_exact) = (false, false, false);
        if port.signals != signals {
            port.signals = signals;
            self.gather();
        }
        made
    }

    /// Only those whose lines change need to see the time now; the others do when they are touched.
    pub(super) fn advance(&mut self, now: Cycles) {
        self.now = self.now.max(now);
        if self.next_change().is_none_or(|next| next > now) {
            return;
        }
        for port in self.ports.iter_mut().filter(|port| port.signals.quiet_until <= now) {
            port.device.advance(now);
            (port.signals, port.is_exact, self.is_exact) = (port.device.signals(), false, false);
        }
        self.gather();
    }

    #[inline]
    pub(super) fn signals(&mut self) -> &Signals {
        if self.is_stale {
            self.ask();
        }
        &self.signals
    }

    /// When a line does change.
    #[inline]
    pub(super) fn next_change(&mut self) -> Option<Cycles> {
        if self.is_stale {
            self.ask();
        }
        if !self.is_exact {
            self.ask_when();
        }
        Some(self.signals.quiet_until).filter(|&next| next != NEVER)
    }

    /// Asks the devices that somebody had in hand.
    #[cold]
    fn ask(&mut self) {
        for port in self.ports.iter_mut().filter(|port| port.is_stale) {
            (port.signals, port.is_stale, port.is_exact) = (port.device.signals(), false, false);
        }
        (self.is_stale, self.is_exact) = (false, false);
        self.gather();
    }

    /// Asks the devices of which only a moment is known before which nothing changes.
    fn ask_when(&mut self) {
        for port in self.ports.iter_mut().filter(|port| !port.is_exact) {
            port.signals.quiet_until = port.device.next_change().unwrap_or(NEVER);
            port.is_exact = true;
        }
        self.is_exact = true;
        self.gather();
    }

    fn gather(&mut self) {
        self.signals = self.ports.iter().fold(Signals::SILENT, |all, Port { signals, .. }| Signals {
            lines: all.lines | signals.lines,
            quiet_until: all.quiet_until.min(signals.quiet_until),
        });
    }
}
