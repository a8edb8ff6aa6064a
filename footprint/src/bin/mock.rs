//! One cyclic channel of the mock, the hardware's model included, which needs a heap: 32 KB that are never given back.
//!
//! It has `unsafe` for the heap.
#![no_std]
#![no_main]

extern crate alloc;

use alloc::sync::Arc;
use core::alloc::{GlobalAlloc, Layout};
use core::cell::UnsafeCell;
use core::ffi::CStr;
use core::ptr;
use core::sync::atomic::{AtomicU32, AtomicUsize, Ordering};

use backend_mock::Mock;
use backend_mock::hw::{Nanos, Peripheral, Source, StreamConfig};
use dmaengine_core::{Atomic, BusAddr, BusWidth, Cyclic, Direction, Dma, SlaveConfig};
use footprint::{Ring, line, stack_of_interrupt};
use spin::{Mutex, MutexGuard, Once};

const HEAP: usize = 32 * 1024;

/// A heap that only grows.
#[repr(align(8))]
struct Heap(UnsafeCell<[u8; HEAP]>, AtomicUsize);

// SAFETY: every piece is given out once.
unsafe impl Sync for Heap {}

// SAFETY: a piece is as long and as aligned as asked for, or there is none.
unsafe impl GlobalAlloc for Heap {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        let wanted = layout.size() + layout.align().max(8);
        let at = self.1.fetch_add(wanted.next_multiple_of(8), Ordering::Relaxed);
        if at + wanted > HEAP {
            return ptr::null_mut();
        }
        // SAFETY: inside, as just checked.
        let piece = unsafe { self.0.get().cast::<u8>().add(at) };
        piece.map_addr(|at| at.next_multiple_of(layout.align()))
    }

    unsafe fn dealloc(&self, _piece: *mut u8, _layout: Layout) {}
}

#[global_allocator]
static GLOBAL: Heap = Heap(UnsafeCell::new([0; HEAP]), AtomicUsize::new(0));

static DMA: Once<Dma<Mock, 1>> = Once::new();
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
    let dma = DMA.call_once(|| Dma::new(Mock::default()));
    let hw = dma.engine().hw();
    hw.set_log(false);
    hw.attach(0, Peripheral::recorder(StreamConfig::default(), Source { frames: Arc::new([1; 4]), repeat: 1 }));
    let ring = &mut MutexGuard::leak(RING.try_lock()?).0[..];
    let config = SlaveConfig::new(BusAddr(0x0202_8004), BusWidth::Four, ());
    let request = Cyclic { direction: Direction::DevToMem, period: 256, config };
    let idle = dma.channel(0).ok()?;
    let prepared = idle.prep_cyclic(ring, &request).ok()?;
    let (active, transfer) = idle.start(prepared).ok()?;
    hw.advance_to(hw.now() + Nanos::from_micros(64 * 1_000_000 / 48_000 + 1));
    let depth = stack_of_interrupt() * PERIODS.load(Ordering::Relaxed);
    let _idle = active.terminate_atomic().ok()?;
    let _ring = transfer.try_resolve().ok()?;
    Some(line(depth))
}
