//! The interrupt half of a stream: it follows the engine, and finds the XRUN. It may stop the engine, and nothing more.

use core::fmt;

use dmaengine_core::{Callback, Engine, Event, EventKind, Platform};

use crate::error::Fault;
use crate::pcm::{End, Pcm, PcmStatistics};

/// What the interrupt half made of an event.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Elapsed {
    /// The pointer moved; somebody may be waiting for it.
    Moved,
    /// The client came too late. The engine has been told to stop.
    Xrun,
    /// Everything was played. The engine has been told to stop.
    Drained,
    /// The engine failed.
    Failed,
    /// The event was not about the current run; nothing happened.
    NotOurs,
}

/// The interrupt's handle of a stream. The board's interrupt handler gives it the events of the stream's channel.
///
/// ```
/// # use backend_mock::Mock;
/// # use dmaengine_core::{Atomic, BusAddr, BusWidth, Dma, SlaveConfig};
/// # use pcm_dmaengine::Pcm;
/// # let dma: Dma<Mock, 1> = Dma::new(Mock::default());
/// # let mut pcm = Pcm::new();
/// let config = SlaveConfig::new(BusAddr(0x0202_8004), BusWidth::Two, ());
/// let (stream, period) = pcm.open_capture(dma.channel(0).unwrap(), config);
/// dma.interrupt(&Atomic::new(), &mut |callback, event| {
///     period.elapsed(callback, event);
/// });
/// # drop(stream);
/// ```
pub struct PeriodHalf<'a, E: Engine> {
    pub(crate) pcm: &'a Pcm<E>,
    pub(crate) platform: &'a E::Platform,
}

impl<E: Engine> PeriodHalf<'_, E> {
    /// Follows the engine by one event. If the client is too far behind, the stream has an XRUN: the engine is told to
    /// stop, and the thread finds out with its next call.
    ///
    /// Never waits: stopping is [`terminate_async`](Callback::terminate_async).
    #[doc(alias = "snd_pcm_period_elapsed")]
    pub fn elapsed(&self, callback: &Callback<'_, E>, event: Event) -> Elapsed {
        let outcome = self.pcm.with(|shared| {
            if shared.run != Some(event.generation) {
                let late = matches!(event.kind, EventKind::Period { .. });
                shared.statistics.late_periods += u64::from(late);
                return Elapsed::NotOurs;
            }
            match event.kind {
                EventKind::Period { position, .. } => {
                    shared.follow(position);
                    shared.judge(self.platform.now());
                    match shared.end {
                        None => Elapsed::Moved,
                        Some(End::Drained) => Elapsed::Drained,
                        Some(_) => Elapsed::Xrun,
                    }
                }
                EventKind::Failed(error) => {
                    shared.finish(End::Dead(Fault::Engine(error)));
                    Elapsed::Failed
                }
                _ => Elapsed::NotOurs,
            }
        });
        if matches!(outcome, Elapsed::Xrun | Elapsed::Drained) {
            callback.terminate_async();
        }
        outcome
    }

    /// What the stream has been through. Any context, at any time.
    pub fn statistics(&self) -> PcmStatistics {
        self.pcm.statistics()
    }
}

impl<E: Engine> fmt::Debug for PeriodHalf<'_, E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("PeriodHalf")
    }
}
