//! Buffers on the heap.
//!
//! The module has `unsafe` because it makes boxes of the pointers that they were.

use alloc::boxed::Box;
use core::ptr::NonNull;

use super::{Buffer, Payload, Region, Word, WriteBuffer, elements};

// SAFETY: a leaked box is valid until it is taken back, and the pointer is the only way to it.
unsafe impl<T: Word> Payload for Box<[T]> {
    type Regions = [Region; 1];
    type Keep = ();

    fn into_regions(self) -> ([Region; 1], ()) {
        let len = size_of_val(&*self);
        ([Region::new(NonNull::from(Box::leak(self)).cast(), len)], ())
    }

    unsafe fn from_regions([region]: [Region; 1], (): ()) -> Self {
        let (ptr, len) = elements::<T>(&region);
        // SAFETY: pointer and length are those of the box that was leaked, and it is taken back once.
        unsafe { Box::from_raw(core::ptr::slice_from_raw_parts_mut(ptr, len)) }
    }
}
// SAFETY: as above.
unsafe impl<T: Word> Buffer for Box<[T]> {}
// SAFETY: exclusive, and `Word` has no invalid values.
unsafe impl<T: Word> WriteBuffer for Box<[T]> {}
