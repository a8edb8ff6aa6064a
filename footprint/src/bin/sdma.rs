//! One cyclic channel of the SDMA: prepare, start, an interrupt, stop, and the ring comes back.
#![no_std]
#![no_main]

use core::ffi::CStr;
use core::sync::atomic::{AtomicU32, Ordering};

use dmaengine_core::{Atomic, Cyclic, Direction, Dma};
use footprint::chip::{Sdma, context, finish, sdma, ssi};
use footprint::{Ring, line, stack_of_interrupt};
use spin::{Mutex, MutexGuard, Once};

static DMA: Once<Dma<Sdma, 1>> = Once::new();
static RING: Mutex<Ring> = Mutex::new(Ring([0; 1024]));
/// Whether a period was told.
static PERIODS: AtomicU32 = AtomicU32::new(0);

#[unsafe(no_mangle)]
fn interrupt() {
    if let Some(dma) = DMA.get() {
        dma.interrupt(&Atomic::new(), &mut |_, _| PERIODS.store(1, Ordering::Relaxed));
    }
}

#[unsafe(no_mangle)]
fn program() -> &'static CStr {
    run().unwrap_or(c"0")
}

fn run() -> Option<&'static CStr> {
    let engine = sdma()?;
    let dma = DMA.call_once(|| Dma::new(engine));
    let ring = &mut MutexGuard::leak(RING.try_lock()?).0[..];
    let request = Cyclic { direction: Direction::MemToDev, period: 256, config: ssi()? };
    let idle = dma.channel(0).ok()?;
    let prepared = idle.prep_cyclic(ring, &request).ok()?;
    let (active, transfer) = idle.start(prepared).ok()?;
    finish(1);
    let depth = stack_of_interrupt() * PERIODS.load(Ordering::Relaxed);
    let stopping = active.terminate_async();
    let _idle = stopping.synchronize(&context()).ok()?;
    let _ring = transfer.try_resolve().ok()?;
    Some(line(depth))
}
