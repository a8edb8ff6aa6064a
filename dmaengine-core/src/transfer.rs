//! The handle of one transfer: it owns the memory and resolves once.
//!
//! The module has `unsafe` because this is where memory that a device had becomes buffers again.

mod view;

pub use view::View;

use core::fmt;
use core::future::Future;
use core::mem::ManuallyDrop;
use core::pin::Pin;
use core::task::{Context, Poll};

use crate::Micros;
use crate::channel::{Periods, Position};
use crate::context::Sleepable;
use crate::engine::Engine;
use crate::error::TransferError;
use crate::memory::{Buffer, Payload, WriteBuffer};
use crate::platform::Platform;
use crate::prepare::Mapped;
use crate::vchan::{Chan, Generation, SlotId, Status};

/// How a transfer ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub enum Outcome {
    /// It ran to its end.
    Completed,
    /// It was terminated.
    Aborted {
        /// Bytes that were not transferred; of a cyclic transfer, of its last round.
        residue: u64,
    },
    /// It failed.
    Failed(TransferError),
}

/// The end of a transfer: how it went, and its memory.
#[derive(Debug)]
pub struct Resolved<B> {
    /// How it ended.
    pub outcome: Outcome,
    /// What it was given.
    pub buffer: B,
}

/// A position outside of a transfer's buffer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[error("{len} bytes from {offset}: the buffer has {limit}")]
pub struct OutOfRange {
    /// The first byte asked for.
    pub offset: usize,
    /// How many bytes were asked for.
    pub len: usize,
    /// How many the buffer has.
    pub limit: usize,
}

/// A transfer that was submitted. It owns the memory until nothing can touch it any more.
///
/// Dropping it early does not stop the transfer and does not free the memory: the memory leaks, and the device goes on
/// with it unharmed. To have it back, let the transfer end or terminate the channel, then [`try_resolve`](Self::try_resolve).
///
/// It is a future, too, of the same [`Resolved`]. Borrow it to be able to give up waiting: `(&mut transfer).await` can be
/// dropped at any point, and the transfer goes on.
///
/// ```
/// # use backend_mock::{Cpu, Mock};
/// # use dmaengine_core::{Dma, Micros, Outcome};
/// # use core::{future::Future, pin::Pin, task::{Context, Poll, Waker}};
/// # let dma: Dma<Mock, 1> = Dma::new(Mock::default());
/// # let cpu = Cpu::new(dma.engine(), |atomic| dma.interrupt(atomic, &mut |_callback, _event| ()));
/// # let idle = dma.channel(0).unwrap();
/// # let copy = idle.prep_memcpy(vec![0u8; 8].leak(), b"quiescent".split_at(8).0).unwrap();
/// # let (active, transfer) = idle.start(copy).unwrap();
/// async fn copied<B: dmaengine_core::Payload>(transfer: dmaengine_core::Transfer<'_, Mock, B>) -> B {
///     let resolved = transfer.await;
///     assert_eq!(resolved.outcome, Outcome::Completed);
///     resolved.buffer
/// }
/// # let mut future = core::pin::pin!(copied(transfer));
/// # let mut context = Context::from_waker(Waker::noop());
/// # assert!(future.as_mut().poll(&mut context).is_pending());
/// # cpu.thread(|context| context.sleep(Micros(10)));
/// # assert!(matches!(future.as_mut().poll(&mut context), Poll::Ready((out, _)) if out == b"quiescen"));
/// # drop(active);
/// ```
#[must_use = "it owns the memory; dropped early, the memory leaks"]
pub struct Transfer<'d, E: Engine, B: Payload> {
    chan: Chan<'d, E>,
    slot: SlotId,
    generation: Generation,
    memory: Mapped<B>,
    /// Others may write the buffer.
    shared: bool,
    /// The memory has been handed out.
    resolved: bool,
}

impl<'d, E: Engine, B: Payload> Transfer<'d, E, B> {
    pub(crate) fn new(chan: Chan<'d, E>, slot: SlotId, generation: Generation, memory: Mapped<B>) -> Self {
        Self { chan, slot, generation, memory, shared: false, resolved: false }
    }

    /// Which transfer of its channel this is; [`Event`](crate::Event)s carry the same number.
    pub fn generation(&self) -> Generation {
        self.generation
    }

    /// How it stands. Any context.
    #[doc(alias = "dmaengine_tx_status")]
    pub fn status(&self) -> Status {
        self.chan.with(|engine, inner| inner.status(engine, self.slot))
    }

    /// The outcome and the memory, if the transfer has ended and nothing can touch the memory; else the handle again.
    /// Any context; does not wait.
    pub fn try_resolve(self) -> Result<Resolved<B>, Self> {
        match self.chan.with(|engine, inner| inner.resolve(engine, self.slot)) {
            // A waker that is not needed any more is dropped here, with no lock held.
            Some((outcome, _waker)) => Ok(ManuallyDrop::new(self).hand_out(outcome)),
            None => Err(self),
        }
    }

    /// Makes the memory buffers again, once, when it has resolved.
    fn hand_out(&mut self, outcome: Outcome) -> Resolved<B> {
        self.resolved = true;
        // SAFETY: the transfer has ended or is quiescent, so by `Engine`'s contract the device has let go of the memory. Its
        // slot was given back with that answer, so the answer came once, and `resolved` keeps `drop` away from it.
        let buffer = unsafe { self.memory.unmap(self.chan.platform()) };
        Resolved { outcome, buffer }
    }

    /// Sleeps until the transfer has ended, `at_most` that many microseconds; then the handle comes back.
    pub fn wait(self, context: &Sleepable<'_>, at_most: Micros) -> Result<Resolved<B>, Self> {
        let platform = self.chan.platform();
        let start = platform.now();
        let mut this = self;
        loop {
            this = match this.try_resolve() {
                Ok(resolved) => return Ok(resolved),
                Err(transfer) => transfer,
            };
            let waited = platform.now() - start;
            if waited >= at_most {
                return Err(this);
            }
            context.sleep(at_most - waited);
        }
    }

    /// The period events of a cyclic transfer, as a stream of positions: first what has happened since the start.
    pub fn periods(&self) -> Periods<'_, E> {
        Periods::new(self, 0)
    }

    /// As [`periods`](Self::periods), from a position on that was told already: for a driver that asks anew each time.
    pub fn periods_after(&self, seen: Position) -> Periods<'_, E> {
        Periods::new(self, seen.periods)
    }

    pub(crate) fn slot(&self) -> SlotId {
        self.slot
    }

    pub(crate) fn chan(&self) -> Chan<'d, E> {
        self.chan
    }

    pub(crate) fn memory(&self) -> &Mapped<B> {
        &self.memory
    }

    /// Gives the memory to another transfer; this one's slot is free as soon as nothing touches it.
    pub(crate) fn supersede(self) -> Mapped<B> {
        let this = ManuallyDrop::new(self);
        drop(this.chan.with(|engine, inner| inner.orphan(engine, this.slot)));
        // SAFETY: `this` is not used again and never dropped.
        unsafe { this.memory.take() }
    }
}

impl<E: Engine, B: Buffer> Transfer<'_, E, B> {
    /// The length of the buffer, in bytes.
    pub fn buffer_len(&self) -> usize {
        self.memory.regions[0].len
    }

    /// Copies a part of the buffer out while the transfer goes on, for a reader that follows the device round a ring.
    ///
    /// Bytes that the device writes meanwhile come out old or new; the caller keeps behind the device.
    ///
    /// # Errors
    /// [`OutOfRange`]; then nothing was copied.
    pub fn copy_out(&self, offset: usize, out: &mut [u8]) -> Result<(), OutOfRange> {
        let part = self.part(offset, out.len())?;
        self.chan.platform().sync_for_cpu(&part);
        if self.shared {
            // SAFETY: as below.
            unsafe { self.chan.copy_out(&part, out) };
        } else {
            // SAFETY: the handle owns the memory, which is alive and to which no reference exists.
            unsafe { part.copy_out(out) };
        }
        Ok(())
    }

    /// Copies into a part of the buffer while the transfer goes on, for a writer that keeps ahead of the device.
    ///
    /// # Errors
    /// [`OutOfRange`]; then nothing was copied.
    pub fn copy_in(&mut self, offset: usize, bytes: &[u8]) -> Result<(), OutOfRange>
    where
        B: WriteBuffer,
    {
        self.view(offset, bytes.len())?.copy_in(0, bytes)
    }

    fn part(&self, offset: usize, len: usize) -> Result<crate::Region, OutOfRange> {
        let [region] = &self.memory.regions;
        region.part(offset, len).ok_or(OutOfRange { offset, len, limit: region.len })
    }
}

/// The memory lies elsewhere; the handle may move.
impl<E: Engine, B: Payload> Unpin for Transfer<'_, E, B> {}

impl<E: Engine, B: Payload> Future for Transfer<'_, E, B> {
    type Output = Resolved<B>;

    /// # Panics
    /// If it is polled again after it was ready.
    fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Resolved<B>> {
        let this = self.get_mut();
        assert!(!this.resolved, "a transfer resolves once");
        let ended = this.chan.resolve_or_wait(this.slot, context.waker());
        ended.map_or(Poll::Pending, |outcome| Poll::Ready(this.hand_out(outcome)))
    }
}

impl<E: Engine, B: Payload> Drop for Transfer<'_, E, B> {
    fn drop(&mut self) {
        if self.resolved {
            return;
        }
        let (over, _waker) = self.chan.with(|engine, inner| inner.orphan(engine, self.slot));
        if over {
            // SAFETY: the transfer has ended or is quiescent, and the handle is going away.
            drop(unsafe { self.memory.unmap(self.chan.platform()) });
        }
    }
}

impl<E: Engine, B: Payload> fmt::Debug for Transfer<'_, E, B> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Transfer {} of {:?}", self.generation.0, self.chan)
    }
}
