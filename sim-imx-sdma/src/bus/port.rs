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
}

/// A peripheral that can be had back as the type it was put in as.
trait Device: Peripheral {
    fn as_any(&mut self) -> &mut dyn Any;
}

impl<P: Peripheral> Device for P {
    fn as_any(&mut self) -> &mut dyn Any {
        self
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
    lines: u64,
    next: Option<Cycles>,
    /// It was touched, so that `lines` and `next` have to be asked for again.
    is_stale: bool,
}

/// The ports, and what all of them together say.
#[derive(Default)]
pub(super) struct Ports {
    ports: Vec<Port>,
    now: Cycles,
    lines: u64,
    next: Option<Cycles>,
    is_stale: bool,
}

impl Ports {
    pub(super) fn plug<P: Peripheral>(&mut self, peripheral: P) -> Handle<P> {
        self.ports.push(Port { device: Box::new(peripheral), lines: 0, next: None, is_stale: true });
        self.is_stale = true;
        Handle { port: self.ports.len() - 1, kind: PhantomData }
    }

    pub(super) fn len(&self) -> usize {
        self.ports.len()
    }

    /// The device, advanced to the moment, and about to be touched.
    pub(super) fn touch(&mut self, port: usize, now: Cycles) -> &mut dyn Peripheral {
        self.now = self.now.max(now);
        self.touch_device(port, now)
    }

    fn touch_device(&mut self, port: usize, now: Cycles) -> &mut dyn Device {
        self.is_stale = true;
        let port = &mut self.ports[port];
        port.is_stale = true;
        port.device.advance(now);
        &mut *port.device
    }

    pub(super) fn get<P: Peripheral>(&mut self, handle: Handle<P>) -> Option<&mut P> {
        if handle.port >= self.ports.len() {
            return None;
        }
        let now = self.now;
        self.touch_device(handle.port, now).as_any().downcast_mut()
    }

    /// Only those whose lines change need to see the time now; the others do when they are touched.
    pub(super) fn advance(&mut self, now: Cycles) {
        self.now = self.now.max(now);
        self.refresh();
        if !is_due(self.next, now) {
            return;
        }
        for port in &mut self.ports {
            if is_due(port.next, now) {
                port.device.advance(now);
                port.is_stale = true;
            }
        }
        self.is_stale = true;
    }

    #[inline]
    pub(super) fn lines(&mut self) -> u64 {
        self.refresh();
        self.lines
    }

    #[inline]
    pub(super) fn next_change(&mut self) -> Option<Cycles> {
        self.refresh();
        self.next
    }

    fn refresh(&mut self) {
        if !self.is_stale {
            return;
        }
        self.is_stale = false;
        (self.lines, self.next) = (0, None);
        for port in &mut self.ports {
            if port.is_stale {
                port.is_stale = false;
                (port.lines, port.next) = (port.device.lines(), port.device.next_change());
            }
            self.lines |= port.lines;
            self.next = match (self.next, port.next) {
                (Some(one), Some(other)) => Some(one.min(other)),
                (one, other) => one.or(other),
            };
        }
    }
}

fn is_due(next: Option<Cycles>, now: Cycles) -> bool {
    next.is_some_and(|next| next <= now)
}
