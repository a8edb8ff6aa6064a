//! The buffers of the crate `embedded-dma`, which other hardware crates of the embedded world speak of.
//!
//! The module has `unsafe` because that crate's traits hand out pointers, and because their owner is kept where no reference
//! to the memory counts: in a `MaybeUninit`, which may be moved about while the device writes.

use core::mem::MaybeUninit;
use core::ptr::NonNull;

use super::{Buffer, Payload, Region, WriteBuffer};

/// Anything that [`embedded_dma::ReadBuffer`] stands for, as a [`Buffer`] for a device that reads it.
///
/// ```
/// use dmaengine_core::memory::EmbeddedRead;
/// # use backend_mock::Mock;
/// # use dmaengine_core::Dma;
/// # let dma: Dma<Mock, 1> = Dma::new(Mock::default());
/// static GREETING: [u8; 8] = *b"quiesce!";
/// let idle = dma.channel(0)?;
/// let copy = idle.prep_memcpy(vec![0u8; 8].leak(), EmbeddedRead(&GREETING)).unwrap();
/// let (_, EmbeddedRead(source)) = copy.cancel();
/// assert_eq!(source, b"quiesce!");
/// # Ok::<(), dmaengine_core::RequestError>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(transparent)]
pub struct EmbeddedRead<O>(pub O);

/// Anything that [`embedded_dma::WriteBuffer`] stands for, as a [`WriteBuffer`]: the device may write it, and read it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(transparent)]
pub struct EmbeddedWrite<O>(pub O);

/// So many words from a pointer on.
fn region<W>(ptr: *const W, words: usize) -> [Region; 1] {
    let ptr = NonNull::new(ptr.cast_mut().cast()).expect("a buffer lies somewhere");
    [Region::new(ptr, words * size_of::<W>())]
}

// SAFETY: by `ReadBuffer`'s contract the memory stays where it is, and alive, until the owner is dropped, however the owner is
// moved; a forgotten owner is never dropped. Nobody writes it: the owner is out of reach until it is given back.
unsafe impl<O: embedded_dma::ReadBuffer + Send + 'static> Payload for EmbeddedRead<O> {
    type Regions = [Region; 1];
    type Keep = MaybeUninit<O>;

    fn into_regions(self) -> ([Region; 1], MaybeUninit<O>) {
        let keep = MaybeUninit::new(self.0);
        // SAFETY: it was put there a line ago.
        let owner = unsafe { keep.assume_init_ref() };
        // SAFETY: from here on nobody calls any method of the owner until the device has let go of the memory.
        let (ptr, words) = unsafe { owner.read_buffer() };
        (region(ptr, words), keep)
    }

    unsafe fn from_regions(_: [Region; 1], keep: MaybeUninit<O>) -> Self {
        // SAFETY: `into_regions` put the owner there, and it is taken once.
        Self(unsafe { keep.assume_init() })
    }
}
// SAFETY: as above.
unsafe impl<O: embedded_dma::ReadBuffer + Send + 'static> Buffer for EmbeddedRead<O> {}

// SAFETY: as for `EmbeddedRead`, by `WriteBuffer`'s contract; a buffer to write is its owner's alone.
unsafe impl<O: embedded_dma::WriteBuffer + Send + 'static> Payload for EmbeddedWrite<O> {
    type Regions = [Region; 1];
    type Keep = MaybeUninit<O>;

    fn into_regions(self) -> ([Region; 1], MaybeUninit<O>) {
        let mut keep = MaybeUninit::new(self.0);
        // SAFETY: it was put there a line ago.
        let owner = unsafe { keep.assume_init_mut() };
        // SAFETY: from here on nobody calls any method of the owner until the device has let go of the memory.
        let (ptr, words) = unsafe { owner.write_buffer() };
        (region(ptr, words), keep)
    }

    unsafe fn from_regions(_: [Region; 1], keep: MaybeUninit<O>) -> Self {
        // SAFETY: `into_regions` put the owner there, and it is taken once.
        Self(unsafe { keep.assume_init() })
    }
}
// SAFETY: as above.
unsafe impl<O: embedded_dma::WriteBuffer + Send + 'static> Buffer for EmbeddedWrite<O> {}
// SAFETY: `WriteBuffer`'s target is valid for every pattern of bytes.
unsafe impl<O: embedded_dma::WriteBuffer + Send + 'static> WriteBuffer for EmbeddedWrite<O> {}
