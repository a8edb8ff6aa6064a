//! The controller: an engine and its channels, and the two ways in: a channel for a client, the interrupt for the board.

use core::fmt;

use crate::callback::{Callback, Event};
use crate::channel::Idle;
use crate::context::Atomic;
use crate::engine::{ChannelId, Engine};
use crate::error::RequestError;
use crate::vchan::{Chan, Slot, Statistics, VChan};

/// A DMA controller with `CHANNELS` channels in use and `SLOTS` transfers at most on each.
///
/// All memory the library needs is inside: it goes where this value goes, usually into a `static`. Client types
/// mention neither number.
///
/// ```
/// use backend_mock::Mock;
/// use dmaengine_core::{Dma, error::RequestError};
///
/// let dma: Dma<Mock, 2> = Dma::new(Mock::default());
/// let first = dma.channel(0)?;
/// assert_eq!(dma.channel(0).err(), Some(RequestError::Busy { channel: 0 }));
/// drop(first);
/// assert!(dma.channel(0).is_ok());
/// # Ok::<(), RequestError>(())
/// ```
#[doc(alias = "dma_device")]
pub struct Dma<E: Engine, const CHANNELS: usize, const SLOTS: usize = 8> {
    engine: E,
    channels: [VChan<E, [Slot<E>; SLOTS]>; CHANNELS],
}

impl<E: Engine, const CHANNELS: usize, const SLOTS: usize> Dma<E, CHANNELS, SLOTS> {
    /// Puts the channels around an engine that is ready for work.
    ///
    /// # Panics
    /// If the engine has fewer than `CHANNELS` channels.
    pub fn new(engine: E) -> Self {
        let limit = engine.facts().channels;
        assert!(CHANNELS <= usize::from(limit) && limit <= 64, "{CHANNELS} channels of an engine that has {limit}");
        let channels = core::array::from_fn(|i| VChan::new(&engine, ChannelId(i as u8)));
        Self { engine, channels }
    }

    /// The engine.
    pub fn engine(&self) -> &E {
        &self.engine
    }

    fn chan(&self, channel: u8) -> Option<Chan<'_, E>> {
        Some(Chan { engine: &self.engine, vchan: self.channels.get(usize::from(channel))? })
    }

    /// Gives a channel to one client, until all its handles are dropped. Any context.
    ///
    /// # Errors
    /// [`RequestError::NoSuchChannel`], or [`RequestError::Busy`] while somebody holds it, and after that until what
    /// they left running has stopped.
    #[doc(alias = "dma_request_chan")]
    pub fn channel(&self, channel: u8) -> Result<Idle<'_, E>, RequestError> {
        let chan = self.chan(channel).ok_or(RequestError::NoSuchChannel { channel, count: CHANNELS as u8 })?;
        if !chan.with(|engine, inner| inner.claim(engine)) {
            return Err(RequestError::Busy { channel });
        }
        Ok(Idle::new(chan))
    }

    /// The board's interrupt handler calls this; it calls `handler` for every event, with no lock held.
    ///
    /// The handler runs where this is called; that is the context that the engine declares
    /// ([`Engine::Callbacks`]). It never waits: a channel whose callback is already running elsewhere (or is the code this interrupt
    /// interrupted) is left to whoever runs it. Events of one channel come in order and one at a time.
    ///
    /// ```
    /// # use backend_mock::Mock;
    /// # use dmaengine_core::{Atomic, Dma, EventKind};
    /// # let dma: Dma<Mock, 2> = Dma::new(Mock::default());
    /// dma.interrupt(&Atomic::new(), &mut |callback, event| {
    ///     if let EventKind::Failed(_) = event.kind {
    ///         callback.terminate_async();
    ///     }
    /// });
    /// ```
    pub fn interrupt(&self, _context: &Atomic<'_>, handler: &mut dyn FnMut(&Callback<'_, E>, Event)) {
        for id in self.engine.interrupt() {
            if let Some(chan) = self.chan(id.0) {
                chan.service(handler);
            }
        }
    }

    /// What a channel has seen so far. `None` if there is no such channel.
    pub fn statistics(&self, channel: u8) -> Option<Statistics> {
        Some(self.chan(channel)?.with(|_, inner| inner.statistics()))
    }
}

impl<E: Engine, const CHANNELS: usize, const SLOTS: usize> fmt::Debug for Dma<E, CHANNELS, SLOTS> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Dma({CHANNELS} channels of {SLOTS} transfers)")
    }
}
