//! [`ChannelStopper`]: stops a run of a channel that one of its transfers names.

use crate::engine::{ChannelId, Engine};
use crate::vchan::{Chan, Generation};

/// Stops runs of one channel from anywhere, as a [`StopHandle`](super::StopHandle) does, but is made before there is one: for an interrupt handler that
/// lives as long as the channel's client and learns the transfer's number with each start.
///
/// It needs the number of a transfer. When the run of that transfer is over, by whomever it was stopped, the number hits nothing: not what
/// was started afterwards, and not the next client of the channel.
///
/// ```
/// use backend_mock::Mock;
/// use dmaengine_core::Dma;
///
/// let dma: Dma<Mock, 1> = Dma::new(Mock::default());
/// let idle = dma.channel(0).unwrap();
/// let stopper = idle.stopper();
/// let copy = idle.prep_memcpy(vec![0u8; 9_000].leak(), vec![1u8; 9_000].leak()).unwrap();
/// let (active, transfer) = idle.start(copy).unwrap();
/// assert!(stopper.terminate_async(transfer.generation()));
/// assert!(!stopper.terminate_async(transfer.generation()), "that run was over");
/// assert!(active.is_stopped_by_another());
/// ```
pub struct ChannelStopper<'d, E: Engine> {
    pub(super) chan: Chan<'d, E>,
}

impl<E: Engine> Clone for ChannelStopper<'_, E> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<E: Engine> Copy for ChannelStopper<'_, E> {}

impl<E: Engine> ChannelStopper<'_, E> {
    /// Which channel it stops.
    pub fn id(&self) -> ChannelId {
        self.chan.id()
    }

    /// Stops the run that the transfer belongs to, as [`Active::terminate_async`](super::Active::terminate_async). Any context. True if this call did it, false
    /// if that run had been stopped before.
    #[doc(alias = "dmaengine_terminate_async")]
    pub fn terminate_async(&self, transfer: Generation) -> bool {
        self.chan.with(|engine, inner| inner.terminate_run_of(engine, transfer))
    }
}
