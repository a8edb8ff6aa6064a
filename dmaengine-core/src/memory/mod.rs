//! Memory that a device may reach: buffers become bare regions while a transfer owns them, and buffers again after it.
//!
//! This module has `unsafe` because a device reads and writes behind the compiler's back. While it does, nobody may
//! hold a Rust reference to the memory, not even an unused one, so a transfer keeps a pointer and a length and turns
//! them back into the caller's type at the end. A buffer is `'static`: a transfer that is forgotten leaks it, and the
//! device goes on writing into memory that is still there.

#[cfg(feature = "alloc")]
mod boxed;
#[cfg(feature = "embedded-dma")]
mod embedded;
mod front;

#[cfg(feature = "embedded-dma")]
pub use embedded::{EmbeddedRead, EmbeddedWrite};
pub use front::Front;

use core::fmt;
use core::ptr::NonNull;

/// An address as the device sees it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[doc(alias = "dma_addr_t")]
pub struct BusAddr(pub u64);

impl fmt::LowerHex for BusAddr {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::LowerHex::fmt(&self.0, f)
    }
}

/// A piece of memory on loan to a device: where it lies for the CPU, where it lies for the device, and how many bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Region {
    /// Its first byte, for the CPU.
    pub ptr: NonNull<u8>,
    /// Its length in bytes.
    pub len: usize,
    /// Its first byte, for the device; set when the platform has mapped it.
    pub bus: BusAddr,
}

// SAFETY: a region is an address and a length; it gives no access to the memory. Whoever turns it into one (a platform,
// `Buffer::from_region`, `copy_*` below) has a contract of its own.
unsafe impl Send for Region {}
// SAFETY: as above.
unsafe impl Sync for Region {}

impl Region {
    /// A region that no device has been told of yet.
    #[must_use]
    pub const fn new(ptr: NonNull<u8>, len: usize) -> Self {
        Self { ptr, len, bus: BusAddr(0) }
    }

    /// The part of `len` bytes from `offset` on, if it lies inside.
    #[must_use]
    pub fn part(&self, offset: usize, len: usize) -> Option<Self> {
        if offset.checked_add(len)? > self.len {
            return None;
        }
        // SAFETY: offset is at most `self.len`, so the pointer stays inside the region or one past its end.
        let ptr = unsafe { self.ptr.add(offset) };
        Some(Self { ptr, len, bus: BusAddr(self.bus.0 + offset as u64) })
    }

    /// Copies the region's bytes out, while a device may be writing elsewhere in the same buffer.
    ///
    /// # Safety
    /// The memory is alive, no Rust reference to it exists, and `out` is as long as the region. Bytes that the device
    /// writes meanwhile come out old or new.
    pub(crate) unsafe fn copy_out(&self, out: &mut [u8]) {
        debug_assert_eq!(out.len(), self.len);
        // SAFETY: both sides are valid for `self.len` bytes by contract, and `out` is exclusive, so they do not overlap.
        unsafe { core::ptr::copy_nonoverlapping(self.ptr.as_ptr(), out.as_mut_ptr(), self.len) }
    }

    /// Copies bytes in, while a device may be reading elsewhere in the same buffer.
    ///
    /// # Safety
    /// As for [`Region::copy_out`], and the memory may be written.
    pub(crate) unsafe fn copy_in(&self, bytes: &[u8]) {
        debug_assert_eq!(bytes.len(), self.len);
        // SAFETY: both sides are valid for `self.len` bytes by contract, and no reference to the region exists.
        unsafe { core::ptr::copy_nonoverlapping(bytes.as_ptr(), self.ptr.as_ptr(), self.len) }
    }
}

/// What a transfer can own: one [`Buffer`], a `(destination, source)` pair, an array of buffers, or nothing.
///
/// # Safety
/// The regions stay valid until `from_regions` takes them back, also when `Keep` is moved, and for ever if that is forgotten.
/// Those that a device may write are disjoint from all others and reached through nothing else meanwhile.
pub unsafe trait Payload: Sized + Send + 'static {
    /// As many regions as there are buffers.
    type Regions: AsRef<[Region]> + AsMut<[Region]> + Copy + Send + Sync;

    /// What else it takes to make the buffers again; `()` where the regions are enough. The library keeps it and never looks
    /// at it. A value that refers to the memory belongs into a [`MaybeUninit`](core::mem::MaybeUninit), where it claims
    /// nothing.
    type Keep: Send;

    /// Gives up the buffers and keeps where they lie.
    fn into_regions(self) -> (Self::Regions, Self::Keep);

    /// Takes the buffers back.
    ///
    /// # Safety
    /// Both came from one `into_regions` of the same type, are taken back once, and no device touches the memory any more.
    unsafe fn from_regions(regions: Self::Regions, keep: Self::Keep) -> Self;
}

/// One contiguous piece of memory that a device may read.
///
/// Implemented for `&'static [T]` and `&'static mut [T]` of plain [`Word`]s and the [`Front`] of such a one, with the feature `alloc` for `Box<[T]>`, and with
/// the feature `embedded-dma` for what that crate calls a buffer, in `EmbeddedRead` or `EmbeddedWrite`.
///
/// # Safety
/// As for [`Payload`], with one region.
pub unsafe trait Buffer: Payload<Regions = [Region; 1]> {}

/// A [`Buffer`] that a device may write as well.
///
/// # Safety
/// The memory may be written, and every pattern of bits in it is a value.
pub unsafe trait WriteBuffer: Buffer {}

mod sealed {
    pub trait Sealed {}
}

/// An integer that a device may leave any pattern of bits in.
pub trait Word: sealed::Sealed + Copy + Send + Sync + 'static {}

macro_rules! words {
    ($($t:ty)*) => { $(
        impl sealed::Sealed for $t {}
        impl Word for $t {}
    )* };
}
words!(u8 i8 u16 i16 u32 i32 u64 i64);

/// The pointer is that of a slice of `T`, so it is aligned for `T` and the length is a whole number of them.
fn elements<T: Word>(region: &Region) -> (*mut T, usize) {
    (region.ptr.as_ptr().cast(), region.len / size_of::<T>())
}

// SAFETY: a shared static slice is valid for ever and nobody may write it.
unsafe impl<T: Word> Payload for &'static [T] {
    type Regions = [Region; 1];
    type Keep = ();

    fn into_regions(self) -> ([Region; 1], ()) {
        ([Region::new(NonNull::from(self).cast(), size_of_val(self))], ())
    }

    unsafe fn from_regions([region]: [Region; 1], (): ()) -> Self {
        let (ptr, len) = elements::<T>(&region);
        // SAFETY: pointer and length are those of the slice that was given up.
        unsafe { core::slice::from_raw_parts(ptr, len) }
    }
}
// SAFETY: as above.
unsafe impl<T: Word> Buffer for &'static [T] {}

// SAFETY: an exclusive static slice is valid for ever, and giving it up leaves the pointer as the only way to it.
unsafe impl<T: Word> Payload for &'static mut [T] {
    type Regions = [Region; 1];
    type Keep = ();

    fn into_regions(self) -> ([Region; 1], ()) {
        let len = size_of_val(self);
        ([Region::new(NonNull::from(self).cast(), len)], ())
    }

    unsafe fn from_regions([region]: [Region; 1], (): ()) -> Self {
        let (ptr, len) = elements::<T>(&region);
        // SAFETY: pointer and length are those of the slice that was given up, and it is taken back once.
        unsafe { core::slice::from_raw_parts_mut(ptr, len) }
    }
}
// SAFETY: as above.
unsafe impl<T: Word> Buffer for &'static mut [T] {}
// SAFETY: exclusive, and `Word` has no invalid values.
unsafe impl<T: Word> WriteBuffer for &'static mut [T] {}

// SAFETY: no memory, nothing to keep.
unsafe impl Payload for () {
    type Regions = [Region; 0];
    type Keep = ();

    fn into_regions(self) -> ([Region; 0], ()) {
        ([], ())
    }

    unsafe fn from_regions(_: [Region; 0], (): ()) {}
}

// SAFETY: two buffers that are each valid and reached through nothing else are disjoint.
unsafe impl<D: WriteBuffer, S: Buffer> Payload for (D, S) {
    type Regions = [Region; 2];
    type Keep = (D::Keep, S::Keep);

    fn into_regions(self) -> ([Region; 2], Self::Keep) {
        let (([dst], keep_dst), ([src], keep_src)) = (self.0.into_regions(), self.1.into_regions());
        ([dst, src], (keep_dst, keep_src))
    }

    unsafe fn from_regions([dst, src]: [Region; 2], (keep_dst, keep_src): Self::Keep) -> Self {
        // SAFETY: the caller's promise, for each of the two.
        unsafe { (D::from_regions([dst], keep_dst), S::from_regions([src], keep_src)) }
    }
}

// SAFETY: as for the pair.
unsafe impl<B: Buffer, const N: usize> Payload for [B; N] {
    type Regions = [Region; N];
    type Keep = [B::Keep; N];

    fn into_regions(self) -> ([Region; N], Self::Keep) {
        let mut regions = [Region::new(NonNull::dangling(), 0); N];
        let mut places = regions.iter_mut();
        let keep = self.map(|buffer| {
            let ([region], keep) = buffer.into_regions();
            places.by_ref().take(1).for_each(|place| *place = region);
            keep
        });
        (regions, keep)
    }

    unsafe fn from_regions(regions: [Region; N], keep: Self::Keep) -> Self {
        let mut regions = regions.into_iter();
        keep.map(|keep| {
            let region = regions.next().expect("there are as many regions as buffers");
            // SAFETY: the caller's promise, for each of them; `map` goes through them in the order of `into_regions`.
            unsafe { B::from_regions([region], keep) }
        })
    }
}
