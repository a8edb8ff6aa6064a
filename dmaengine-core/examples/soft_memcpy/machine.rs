//! The machine around the engine: an ordinary process, and a thread in it that takes the engine's interrupts while it sleeps.
//!
//! The module has `unsafe` because it says of memory that the device reaches it, and of a thread that it may sleep.

use std::thread;
use std::time::Instant;

use dmaengine_core::lock::ThreadLock;
use dmaengine_core::*;

use crate::engine::SoftCopy;

/// One address space, real time, no caches to mind.
#[derive(Debug)]
pub struct Host {
    since: Instant,
}

impl Host {
    /// A clock that starts now.
    pub fn new() -> Self {
        Self { since: Instant::now() }
    }
}

// SAFETY: the device is a thread of this process, so the addresses are the same; the mutex of its registers, which it takes
// before and after each piece, orders the accesses of both.
unsafe impl Platform for Host {
    type Lock = ThreadLock;

    fn now(&self) -> Micros {
        Micros(self.since.elapsed().as_micros() as u64)
    }

    fn delay(&self, time: Micros) {
        let end = self.now() + time;
        while self.now() < end {
            thread::yield_now();
        }
    }

    fn map(&self, region: &Region, _: Direction) -> Result<BusAddr, PrepError> {
        Ok(BusAddr(region.ptr.as_ptr().expose_provenance() as u64))
    }

    fn unmap(&self, _: &Region, _: Direction) {}
    fn sync_for_cpu(&self, _: &Region) {}
    fn sync_for_device(&self, _: &Region) {}
}

/// Looks at the interrupt line while it sleeps, and wakes up when it has taken an interrupt.
struct Cpu<'a> {
    engine: &'a SoftCopy,
    handler: &'a dyn Fn(&Atomic<'_>),
}

impl Sleeper for Cpu<'_> {
    fn sleep(&self, at_most: Micros) {
        if self.engine.wait_for_interrupt(at_most) {
            (self.handler)(&Atomic::new());
        }
    }
}

/// Runs `body` as a thread whose interrupt handler is `handler`.
pub fn thread(engine: &SoftCopy, handler: &dyn Fn(&Atomic<'_>), body: &mut dyn FnMut(&mut Sleepable<'_>)) {
    let cpu = Cpu { engine, handler };
    // SAFETY: the entry of a hosted program's thread: no interrupt, no lock held.
    body(&mut unsafe { Sleepable::assume(&cpu) });
}
