//! [`Periods`]: the period events of a cyclic transfer, as a stream of positions.

use core::fmt;
use core::future::poll_fn;
use core::task::{Context, Poll};

use crate::engine::Engine;
use crate::memory::Payload;
use crate::transfer::Transfer;
use crate::vchan::{Chan, SlotId};

/// Where a cyclic transfer was at its latest period event.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Position {
    /// Periods that have ended since the start.
    pub periods: u64,
    /// Bytes that have arrived since the start, over all rounds.
    pub bytes: u64,
}

/// The positions of a cyclic transfer, one for each interrupt that ended periods. Made by [`Transfer::periods`].
///
/// Positions that nobody asked for in time are folded into the next: it tells how far the transfer has come, not how often
/// it was interrupted. One task at a time waits for a transfer: the last who asked is woken.
///
/// ```
/// use dmaengine_core::{Engine, Payload, Transfer};
///
/// async fn watch<E: Engine, B: Payload>(transfer: &Transfer<'_, E, B>) {
///     let mut periods = transfer.periods();
///     while let Some(position) = periods.next().await {
///         println!("{} bytes", position.bytes);
///     }
///     // The transfer is over, or was terminated.
/// }
/// ```
pub struct Periods<'t, E: Engine> {
    chan: Chan<'t, E>,
    slot: SlotId,
    seen: u64,
}

impl<'t, E: Engine> Periods<'t, E> {
    pub(crate) fn new<B: Payload>(transfer: &'t Transfer<'_, E, B>, seen: u64) -> Self {
        Self { chan: transfer.chan(), slot: transfer.slot(), seen }
    }

    /// The next position, or `None` when the transfer has ended or was terminated.
    pub async fn next(&mut self) -> Option<Position> {
        poll_fn(|context| self.poll_next(context)).await
    }

    /// As [`next`](Self::next), for a stream of your executor's kind.
    pub fn poll_next(&mut self, context: &mut Context<'_>) -> Poll<Option<Position>> {
        let waker = context.waker().clone();
        let (slot, seen) = (self.slot, self.seen);
        let (next, _unused) = self.chan.with(|engine, inner| inner.next_period(engine, slot, seen, waker));
        if let Poll::Ready(Some(position)) = next {
            self.seen = position.periods;
        }
        next
    }
}

impl<E: Engine> fmt::Debug for Periods<'_, E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Periods({} of {:?})", self.seen, self.chan)
    }
}
