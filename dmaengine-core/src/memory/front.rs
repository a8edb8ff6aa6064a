//! [`Front`]: a part of a slice goes on loan, and the whole slice comes back.
//!
//! The module has `unsafe` because the part is made the whole slice again.

use core::fmt;
use core::mem::size_of;
use core::ops::{Deref, DerefMut};
use core::ptr::NonNull;

use super::{Buffer, Payload, Region, Word, WriteBuffer};

/// The first elements of a slice, as a buffer: the device gets no more than these, and the rest waits.
///
/// For memory that is there for good and whose users need now more of it, now less: a slice that was split could not be put
/// together again.
///
/// ```
/// use dmaengine_core::memory::Front;
///
/// let memory: &'static mut [u8] = vec![0; 4_096].leak();
/// let mut ring = Front::new(memory, 1_920).unwrap();
/// assert_eq!(ring.len(), 1_920);
/// ring.fill(0x80);
/// assert_eq!(ring.into_whole().len(), 4_096);
/// ```
pub struct Front<T: Word> {
    whole: &'static mut [T],
    len: usize,
}

impl<T: Word> Front<T> {
    /// The first `len` elements.
    ///
    /// # Errors
    /// The slice, if it has not that many.
    pub fn new(whole: &'static mut [T], len: usize) -> Result<Self, &'static mut [T]> {
        if len > whole.len() { Err(whole) } else { Ok(Self { whole, len }) }
    }

    /// All of it again.
    pub fn into_whole(self) -> &'static mut [T] {
        self.whole
    }
}

impl<T: Word> Deref for Front<T> {
    type Target = [T];

    fn deref(&self) -> &[T] {
        &self.whole[..self.len]
    }
}

impl<T: Word> DerefMut for Front<T> {
    fn deref_mut(&mut self) -> &mut [T] {
        &mut self.whole[..self.len]
    }
}

impl<T: Word> fmt::Debug for Front<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Front of {} of {}", self.len, self.whole.len())
    }
}

// SAFETY: as for `&'static mut [T]`; the region is a part of it.
unsafe impl<T: Word> Payload for Front<T> {
    type Regions = [Region; 1];
    /// How many elements the whole slice has.
    type Keep = usize;

    fn into_regions(self) -> ([Region; 1], usize) {
        let whole = self.whole.len();
        // The pointer is the whole slice's, and may reach all of it.
        ([Region::new(NonNull::from(self.whole).cast(), self.len * size_of::<T>())], whole)
    }

    unsafe fn from_regions([region]: [Region; 1], whole: usize) -> Self {
        // SAFETY: pointer and length are those of the whole slice that was given up, and it is taken back once.
        let slice = unsafe { core::slice::from_raw_parts_mut(region.ptr.as_ptr().cast(), whole) };
        Self { whole: slice, len: region.len / size_of::<T>() }
    }
}
// SAFETY: as above.
unsafe impl<T: Word> Buffer for Front<T> {}
// SAFETY: exclusive, and `Word` has no invalid values.
unsafe impl<T: Word> WriteBuffer for Front<T> {}
