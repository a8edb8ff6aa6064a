//! A buffer that others than its transfer's handle may write: a callback, or whoever has a
//! [`ChannelWriter`](crate::ChannelWriter).
//!
//! This module has `unsafe` because it writes into memory that a device has.
//!
//! A buffer is shared if the handle says so, and what follows costs nobody else anything. Of a shared buffer
//!
//! - *the others* write with the channel's lock held, a short piece at a time, and only if the transfer is the one that
//!   runs, outside of what the handle holds. As long as it runs its memory is its own: it cannot end, be stopped or hand
//!   its memory on while somebody else has the lock;
//! - *the handle* holds a part, with the lock; touches it, without; and lets go of it. To read it may take the lock
//!   instead, a short piece at a time.
//!
//! So one of two accesses to the same byte is over before the other begins, on any number of cores, and plain copies do.

use core::ops::Range;

use super::{Chan, Generation, Inner, SlotId};
use crate::engine::Engine;
use crate::error::WriteError;
use crate::memory::Region;
use crate::platform::Platform;
use crate::transfer::OutOfRange;

/// So many bytes are copied under the lock at a time.
const PIECE: usize = 256;

/// A buffer that is not the handle's alone.
pub(crate) struct Shared {
    region: Region,
    /// What the handle is at, as bytes of the buffer.
    held: Range<usize>,
}

impl<E: Engine> Inner<E> {
    /// The handle of a transfer shares its buffer, which may be written.
    pub(crate) fn share(&mut self, id: SlotId, region: Region) {
        self.slab.slot(id).shared = Some(Shared { region, held: 0..0 });
    }

    /// The handle is at a part of its buffer; at none, if that is empty.
    pub(crate) fn hold(&mut self, id: SlotId, part: Range<usize>) {
        if let Some(shared) = &mut self.slab.slot(id).shared {
            shared.held = part;
        }
    }

    /// A part of the buffer of a transfer that runs, if it may be written now.
    fn writable(&mut self, transfer: Generation, offset: usize, len: usize) -> Result<Region, WriteError> {
        let running = self.active.map(|id| self.slab.slot(id)).filter(|slot| slot.generation == transfer);
        let slot = running.ok_or(WriteError::NotRunning { transfer })?;
        let Shared { region, held } = slot.shared.as_ref().ok_or(WriteError::NotShared)?;
        let outside = OutOfRange { offset, len, limit: region.len };
        let part = region.part(offset, len).ok_or(outside)?;
        if offset < held.end && held.start < offset + len {
            return Err(WriteError::Held { offset: held.start, len: held.len() });
        }
        Ok(part)
    }
}

impl<E: Engine> Chan<'_, E> {
    /// Copies into the buffer of a transfer that runs and is shared.
    pub(crate) fn copy_in(self, transfer: Generation, offset: usize, bytes: &[u8]) -> Result<(), WriteError> {
        let mut done = 0;
        loop {
            let rest = &bytes[done..];
            let piece = &rest[..rest.len().min(PIECE)];
            self.with(|engine, inner| {
                // All that is left is looked at, so nothing is written of what does not fit.
                let region = inner.writable(transfer, offset + done, rest.len())?;
                let Some(part) = region.part(0, piece.len()) else {
                    unreachable!("a piece is a part of the rest");
                };
                // SAFETY: the transfer runs, so its memory is alive; its handle said that it may be written. The handle is
                // not at this part, and the lock keeps it from getting there and the others out.
                unsafe { part.copy_in(piece) };
                engine.platform().sync_for_device(&part);
                Ok::<_, WriteError>(())
            })?;
            done += piece.len();
            if done == bytes.len() {
                return Ok(());
            }
        }
    }

    /// Copies out of a part of a shared buffer.
    ///
    /// # Safety
    /// As for [`Region::copy_out`], but others may be writing into the buffer, with the lock held.
    pub(crate) unsafe fn copy_out(self, part: &Region, out: &mut [u8]) {
        for (at, piece) in (0..part.len).step_by(PIECE).zip(out.chunks_mut(PIECE)) {
            if let Some(part) = part.part(at, piece.len()) {
                // SAFETY: by contract; and nobody else has the lock.
                self.with(|_, _| unsafe { part.copy_out(piece) });
            }
        }
    }
}
