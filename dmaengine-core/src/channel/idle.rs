//! [`Idle`]: nothing runs and nothing of the past is left. The proof of quiescence, and where every transfer begins.

use super::methods::{names::*, preparations};
use super::{Active, ChannelStopper, ChannelWriter, Owned, submit};
use crate::error::SubmitError;
use crate::memory::Payload;
use crate::transfer::Transfer;
use crate::vchan::Chan;

/// A channel that is quiescent: no earlier transfer touches memory, no callback of theirs runs or will.
///
/// ```
/// use backend_mock::{Cpu, Mock};
/// use dmaengine_core::{Dma, Micros, Outcome};
///
/// let dma: Dma<Mock, 1> = Dma::new(Mock::default());
/// let cpu = Cpu::new(dma.engine(), |atomic| dma.interrupt(atomic, &mut |_callback, _event| ()));
/// cpu.thread(|context| {
///     let idle = dma.channel(0).unwrap();
///     let source: &'static [u8] = b"four and twenty blackbirds";
///     let target: &'static mut [u8] = vec![0; source.len()].leak();
///
///     let copy = idle.prep_memcpy(target, source).unwrap();
///     let (active, transfer) = idle.start(copy).unwrap();
///     let done = transfer.wait(context, Micros::from_millis(1)).unwrap();
///
///     assert_eq!(done.outcome, Outcome::Completed);
///     assert_eq!(done.buffer.0, source);
///     let _idle = active.try_idle().unwrap();
/// });
/// ```
pub struct Idle<'d, E: Engine> {
    pub(super) owned: Owned<'d, E>,
}

impl<'d, E: Engine> Idle<'d, E> {
    pub(crate) fn new(chan: Chan<'d, E>) -> Self {
        Self { owned: Owned(chan) }
    }

    /// Something that can stop runs of this channel from elsewhere, for whoever can name one of their transfers.
    pub fn stopper(&self) -> ChannelStopper<'d, E> {
        ChannelStopper { chan: self.owned.0 }
    }

    /// Something that can write into shared buffers of this channel's transfers from elsewhere, for whoever can name one of them.
    pub fn writer(&self) -> ChannelWriter<'d, E> {
        ChannelWriter { chan: self.owned.0 }
    }

    /// Queues a prepared transfer. It does not start before [`Pending::issue`].
    ///
    /// # Errors
    /// [`SubmitError::OtherChannel`], and everything back.
    #[doc(alias = "dmaengine_submit")]
    pub fn submit<B: Payload>(
        self,
        prepared: Prepared<'d, E, B>,
    ) -> Result<(Pending<'d, E>, Transfer<'d, E, B>), Kept<(Self, Prepared<'d, E, B>), SubmitError>> {
        match submit(self.owned.0, None, prepared) {
            Ok((transfer, run)) => Ok((Pending { active: Active::new(self.owned, run) }, transfer)),
            Err(kept) => Err(kept.map(|prepared| (self, prepared))),
        }
    }

    /// [`submit`](Self::submit) and [`issue`](Pending::issue) in one.
    ///
    /// # Errors
    /// As for `submit`.
    #[doc(alias = "dma_async_issue_pending")]
    #[inline(always)]
    pub fn start<B: Payload>(
        self,
        prepared: Prepared<'d, E, B>,
    ) -> Result<(Active<'d, E>, Transfer<'d, E, B>), Kept<(Self, Prepared<'d, E, B>), SubmitError>> {
        let chan = self.owned.0;
        let slot = match prepared.slot_on(chan) {
            Ok(slot) => slot,
            Err(error) => return Err(Kept { value: (self, prepared), error }),
        };
        let memory = prepared.into_memory();
        let (generation, run) = chan.with(|engine, inner| inner.start(engine, slot));
        Ok((Active::new(self.owned, run), Transfer::new(chan, slot, generation, memory)))
    }
}

preparations!(Idle);

/// A channel with something submitted and nothing issued: nothing runs yet.
#[must_use = "nothing starts before it is issued"]
pub struct Pending<'d, E: Engine> {
    pub(super) active: Active<'d, E>,
}

impl<'d, E: Engine> Pending<'d, E> {
    /// Queues one more.
    ///
    /// # Errors
    /// [`SubmitError`], and the transfer back.
    pub fn submit<B: Payload>(
        &self,
        prepared: Prepared<'d, E, B>,
    ) -> Result<Transfer<'d, E, B>, Kept<Prepared<'d, E, B>, SubmitError>> {
        self.active.submit(prepared)
    }

    /// Gives up on what was submitted. As [`Active::terminate_async`].
    pub fn terminate_async(self) -> Stopping<'d, E> {
        self.active.terminate_async()
    }

    /// Starts the first, and the others after it.
    #[doc(alias = "dma_async_issue_pending")]
    pub fn issue(self) -> Active<'d, E> {
        self.active.issue();
        self.active
    }
}
