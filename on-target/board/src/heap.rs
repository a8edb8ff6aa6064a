//! An allocator: the simulated SDMA needs one, the library does not.
//!
//! The module has `unsafe` because an allocator is.
//!
//! Sizes are rounded up to powers of two. What is freed goes to the list of its size, and new memory comes from the end of the program
//! upwards: both take the same few instructions always.

use core::alloc::{GlobalAlloc, Layout};
use core::ptr::null_mut;

use dmaengine_core::lock::Locked;

use crate::lock::IrqLock;

unsafe extern "C" {
    /// Set by the linker script.
    static __heap_start: u8;
    static __heap_end: u8;
}

/// The smallest piece: 16 bytes.
const LEAST: usize = 4;

struct Free {
    /// Of each power of two: the first free piece, which begins with the address of the next.
    lists: [*mut u8; 32],
    /// Where nothing was given away yet; 0 at first.
    end: usize,
}

// SAFETY: the pieces are nobody's.
unsafe impl Send for Free {}

struct Heap(Locked<IrqLock, Free>);

#[global_allocator]
static HEAP: Heap = Heap(Locked::new(Free { lists: [null_mut(); 32], end: 0 }));

fn class(layout: Layout) -> usize {
    (layout.size().max(layout.align()).max(1 << LEAST)).next_power_of_two().trailing_zeros() as usize
}

// SAFETY: each piece is as large and as aligned as its power of two, and is in one list or with one owner.
unsafe impl GlobalAlloc for Heap {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        let class = class(layout);
        self.0.with(|free| {
            let first = free.lists[class];
            if !first.is_null() {
                // SAFETY: a free piece begins with the next one.
                free.lists[class] = unsafe { first.cast::<*mut u8>().read() };
                return first;
            }
            let (start, limit) = ((&raw const __heap_start).addr(), (&raw const __heap_end).addr());
            // More than a page is aligned to a page alone, or a large piece would waste as much as it is large.
            let at = free.end.max(start).next_multiple_of((1 << class).min(layout.align().max(4096)));
            if limit - at < 1 << class {
                return null_mut();
            }
            free.end = at + (1 << class);
            at as *mut u8
        })
    }

    unsafe fn dealloc(&self, piece: *mut u8, layout: Layout) {
        let class = class(layout);
        self.0.with(|free| {
            // SAFETY: it was given away by `alloc`, is at least 16 bytes, and its owner is done with it.
            unsafe { piece.cast::<*mut u8>().write(free.lists[class]) };
            free.lists[class] = piece;
        });
    }
}
