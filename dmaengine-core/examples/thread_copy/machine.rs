//! The board around the copying thread: an ordinary process.
//!
//! The module has `unsafe` because the platform answers for memory and the entry of a thread for being able to sleep.

use std::thread;
use std::time::Instant;

use dmaengine_core::lock::ThreadLock;
use dmaengine_core::*;

use crate::engine::ThreadCopy;

/// One address space, real time, no caches to mind.
#[derive(Debug)]
pub struct Host {
    since: Instant,
}

impl Host {
    pub fn new() -> Self {
        Self { since: Instant::now() }
    }
}

// SAFETY: the device is a thread of this process: it sees memory at the same address, and its mutex orders the accesses of
// both sides, since each copy begins and ends with it.
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

/// A thread that takes the controller's interrupts while it sleeps.
struct Cpu<'a> {
    engine: &'a ThreadCopy,
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
pub fn thread(engine: &ThreadCopy, handler: &dyn Fn(&Atomic<'_>), body: &mut dyn FnMut(&mut Sleepable<'_>)) {
    let cpu = Cpu { engine, handler };
    // SAFETY: the entry of a hosted program's thread: no interrupt, no lock held.
    body(&mut unsafe { Sleepable::assume(&cpu) });
}
