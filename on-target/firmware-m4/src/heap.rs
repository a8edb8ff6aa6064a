//! A heap that only grows, in the board's PSRAM: a program here ends before 16 MB are used up.
//!
//! The module has `unsafe` because an allocator is.

use core::alloc::{GlobalAlloc, Layout};
use core::ptr::null_mut;
use core::sync::atomic::{AtomicUsize, Ordering};

unsafe extern "C" {
    /// Set by the linker script.
    static __heap_start: u8;
    static __heap_end: u8;
}

/// Bytes that were given out.
struct Heap(AtomicUsize);

#[global_allocator]
static HEAP: Heap = Heap(AtomicUsize::new(0));

// SAFETY: a piece is as long and as aligned as asked for, and is given out once.
unsafe impl GlobalAlloc for Heap {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        let (start, end) = ((&raw const __heap_start).addr(), (&raw const __heap_end).addr());
        let room = layout.size() + layout.align();
        let at = start + self.0.fetch_add(room, Ordering::Relaxed);
        if at + room > end { null_mut() } else { at.next_multiple_of(layout.align()) as *mut u8 }
    }

    unsafe fn dealloc(&self, _piece: *mut u8, _layout: Layout) {}
}
