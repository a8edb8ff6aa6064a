//! [`View`]: a part of a transfer's buffer where it lies, without a copy, while the device goes on.
//!
//! The module has `unsafe` because it reaches memory that a device has.

use core::fmt;
use core::marker::PhantomData;
use core::ptr::NonNull;
use core::sync::atomic::AtomicU8;

use super::{OutOfRange, Transfer};
use crate::engine::Engine;
use crate::memory::{Region, WriteBuffer};
use crate::platform::Platform;
use crate::vchan::{Chan, SlotId};

/// A part of the buffer of a [`Transfer`], where it lies. The device may be at the same memory meanwhile; others in the program are not.
///
/// It borrows the transfer, so nothing else is done with that until the view is gone, and the memory is not handed back. The transfer may end meanwhile: what is
/// written then is not heard any more, and does no harm.
///
/// Where the device does not see the CPU's caches, [`sync_for_cpu`](Self::sync_for_cpu) comes before reading what the device wrote, and
/// [`sync_for_device`](Self::sync_for_device) after writing what it is to read. The two copies do that themselves.
///
/// ```
/// use core::sync::atomic::Ordering::Relaxed;
/// # use backend_mock::Mock;
/// # use dmaengine_core::{BusAddr, BusWidth, Cyclic, Direction, Dma, SlaveConfig};
/// # let dma: Dma<Mock, 1> = Dma::new(Mock::default());
/// # let idle = dma.channel(0).unwrap();
/// # let config = SlaveConfig::new(BusAddr(0x0202_8000), BusWidth::Two, ());
/// # let request = Cyclic { direction: Direction::MemToDev, period: 64, config };
/// # let ring = idle.prep_cyclic(vec![0x55u8; 256].leak(), &request).unwrap();
/// let (active, mut ring) = idle.start(ring).unwrap();
/// let mut second = ring.view(64, 64).unwrap();
/// for (number, byte) in second.bytes().iter().enumerate() {
///     byte.store(number as u8, Relaxed);
/// }
/// second.sync_for_device();
/// drop(second);
/// let mut end = [0; 2];
/// ring.copy_out(126, &mut end).unwrap();
/// assert_eq!(end, [62, 63]);
/// # drop(active);
/// ```
pub struct View<'t, E: Engine> {
    part: Region,
    /// Whose memory it is meanwhile; nobody's, if no device has it.
    device: Option<Chan<'t, E>>,
    /// Whose slot says that the part is held, if anybody else may write it.
    held: Option<SlotId>,
    of: PhantomData<&'t mut [u8]>,
}

impl<'d, E: Engine, B: WriteBuffer> Transfer<'d, E, B> {
    /// A part of the buffer where it lies, while the transfer goes on.
    ///
    /// # Errors
    /// [`OutOfRange`].
    pub fn view(&mut self, offset: usize, len: usize) -> Result<View<'_, E>, OutOfRange> {
        let part = self.part(offset, len)?;
        let held = self.shared.then_some(self.slot);
        if let Some(slot) = held {
            self.chan.with(|_, inner| inner.hold(slot, offset..offset + len));
        }
        Ok(View { part, device: Some(self.chan), held, of: PhantomData })
    }

    /// From now on others may write into the buffer, too, while the transfer runs: a callback with
    /// [`Callback::copy_in`](crate::Callback::copy_in), and a [`ChannelWriter`](crate::ChannelWriter).
    ///
    /// They keep out of what a [`View`] holds or a [`copy_in`](Self::copy_in) is at. The handle's own copies cost a little more then.
    pub fn share(&mut self) {
        let ([region], slot) = (self.memory.regions, self.slot);
        self.chan.with(|_, inner| inner.share(slot, region));
        self.shared = true;
    }
}

impl<'t, E: Engine> View<'t, E> {
    /// The same of memory that no device has.
    pub fn of(memory: &'t mut [u8]) -> Self {
        let part = Region::new(NonNull::from(&mut *memory).cast(), memory.len());
        Self { part, device: None, held: None, of: PhantomData }
    }

    /// How many bytes.
    pub fn len(&self) -> usize {
        self.part.len
    }

    /// Whether it is none.
    pub fn is_empty(&self) -> bool {
        self.part.len == 0
    }

    /// The bytes. Atomics, since the device may be at them; `Relaxed` is enough.
    pub fn bytes(&mut self) -> &[AtomicU8] {
        // SAFETY: an `AtomicU8` is like a `u8` in memory. The memory is alive and may be written: its holder is borrowed for as
        // long as the view is. Nobody else in the program touches it: the holder cannot, the other methods cannot while the view
        // is borrowed, and other writers of a shared buffer keep out of what is held.
        unsafe { core::slice::from_raw_parts(self.part.ptr.as_ptr().cast(), self.part.len) }
    }

    /// The first byte, for code that works on samples in place. As many bytes as there [are](Self::len) may be read through it while the view is there.
    ///
    /// What the device does meanwhile the compiler does not see: bytes that it may be at are for volatile or atomic accesses.
    pub fn as_ptr(&self) -> *const u8 {
        self.part.ptr.as_ptr()
    }

    /// As [`as_ptr`](Self::as_ptr), and the bytes may be written.
    pub fn as_mut_ptr(&mut self) -> *mut u8 {
        self.part.ptr.as_ptr()
    }

    /// Copies bytes out.
    ///
    /// # Errors
    /// [`OutOfRange`]; then nothing was copied.
    pub fn copy_out(&self, offset: usize, out: &mut [u8]) -> Result<(), OutOfRange> {
        let part = self.inside(offset, out.len())?;
        if let Some(chan) = self.device {
            chan.platform().sync_for_cpu(&part);
        }
        // SAFETY: the memory is alive and nobody in the program writes it, as in `bytes`; here the view is borrowed shared, and
        // then it only reads.
        unsafe { part.copy_out(out) };
        Ok(())
    }

    /// Copies bytes in.
    ///
    /// # Errors
    /// [`OutOfRange`]; then nothing was copied.
    pub fn copy_in(&mut self, offset: usize, bytes: &[u8]) -> Result<(), OutOfRange> {
        let part = self.inside(offset, bytes.len())?;
        // SAFETY: the memory is alive, may be written, and nobody else in the program touches it, as in `bytes`.
        unsafe { part.copy_in(bytes) };
        if let Some(chan) = self.device {
            chan.platform().sync_for_device(&part);
        }
        Ok(())
    }

    /// Makes what the device wrote visible here.
    #[doc(alias = "dma_sync_single_for_cpu")]
    pub fn sync_for_cpu(&mut self) {
        if let Some(chan) = self.device {
            chan.platform().sync_for_cpu(&self.part);
        }
    }

    /// Makes what was written here visible to the device.
    #[doc(alias = "dma_sync_single_for_device")]
    pub fn sync_for_device(&mut self) {
        if let Some(chan) = self.device {
            chan.platform().sync_for_device(&self.part);
        }
    }

    fn inside(&self, offset: usize, len: usize) -> Result<Region, OutOfRange> {
        self.part.part(offset, len).ok_or(OutOfRange { offset, len, limit: self.part.len })
    }
}

impl<E: Engine> Drop for View<'_, E> {
    fn drop(&mut self) {
        if let (Some(chan), Some(slot)) = (self.device, self.held) {
            chan.with(|_, inner| inner.hold(slot, 0..0));
        }
    }
}

impl<E: Engine> fmt::Debug for View<'_, E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "View of {} bytes", self.part.len)
    }
}
