//! [`ChannelWriter`]: writes into the buffer of a transfer that runs, from elsewhere.

use crate::engine::Engine;
use crate::error::WriteError;
use crate::vchan::{Chan, Generation};

/// Writes into buffers that their transfers' holders [share](crate::Transfer::share), as long as these transfers run; from anywhere, an interrupt handler
/// for instance. As a [`ChannelStopper`](super::ChannelStopper), it needs the number of a transfer, and hits nothing else with it.
///
/// A sound driver blanks with it what was played, when the interrupt finds that nobody writes anew.
///
/// ```
/// use backend_mock::Mock;
/// use dmaengine_core::error::WriteError;
/// use dmaengine_core::{BusAddr, BusWidth, Cyclic, Direction, Dma, SlaveConfig};
///
/// let dma: Dma<Mock, 1> = Dma::new(Mock::default());
/// let idle = dma.channel(0).unwrap();
/// let writer = idle.writer();
/// let config = SlaveConfig::new(BusAddr(0x0202_8000), BusWidth::Two, ());
/// let request = Cyclic { direction: Direction::MemToDev, period: 64, config };
/// let ring = idle.prep_cyclic(vec![0x55u8; 256].leak(), &request).unwrap();
/// let (active, mut ring) = idle.start(ring).unwrap();
///
/// assert_eq!(writer.copy_in(ring.generation(), 60, &[0; 4]), Err(WriteError::NotShared));
/// ring.share();
/// assert_eq!(writer.copy_in(ring.generation(), 60, &[0; 4]), Ok(()));
/// let mut heard = [0; 8];
/// ring.copy_out(56, &mut heard).unwrap();
/// assert_eq!(heard, [0x55, 0x55, 0x55, 0x55, 0, 0, 0, 0]);
///
/// drop(active);
/// let over = WriteError::NotRunning { transfer: ring.generation() };
/// assert_eq!(writer.copy_in(ring.generation(), 60, &[0; 4]), Err(over));
/// ```
pub struct ChannelWriter<'d, E: Engine> {
    pub(super) chan: Chan<'d, E>,
}

impl<E: Engine> Clone for ChannelWriter<'_, E> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<E: Engine> Copy for ChannelWriter<'_, E> {}

impl<E: Engine> ChannelWriter<'_, E> {
    /// Copies bytes into the buffer of a transfer that runs. Any context; the channel's lock is taken for a few hundred bytes at a time.
    ///
    /// # Errors
    /// [`WriteError`]; then nothing was written, unless the transfer ended or its holder came on the way.
    pub fn copy_in(&self, transfer: Generation, offset: usize, bytes: &[u8]) -> Result<(), WriteError> {
        self.chan.copy_in(transfer, offset, bytes)
    }
}
