//! The interrupt half of a stream: it follows the engine, and finds the XRUN. It may stop the stream, and nothing more.

use core::fmt;

use dmaengine_core::{Callback, ChannelStopper, ChannelWriter, Engine, Event, EventKind, Platform};

use crate::dai::Dai;
use crate::error::Fault;
use crate::pcm::{End, Pcm};
use crate::statistics::{PcmStatistics, XrunCause};
use crate::waiter::ALL;

/// What the interrupt half made of an event.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Elapsed {
    /// The pointer moved; somebody may be waiting for it.
    Moved,
    /// The client came too late. The stream has been told to stop.
    Xrun,
    /// Everything was played. The stream has been told to stop.
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
    pub(crate) stopper: ChannelStopper<'a, E>,
    pub(crate) writer: ChannelWriter<'a, E>,
    pub(crate) dai: &'a dyn Dai,
}

impl<E: Engine> Clone for PeriodHalf<'_, E> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<E: Engine> Copy for PeriodHalf<'_, E> {}

impl<E: Engine> PeriodHalf<'_, E> {
    /// Follows the engine by one event. If the client is too far behind, the stream has an XRUN: the peripheral and the engine are
    /// told to stop, and the thread finds out with its next call.
    ///
    /// Never waits: stopping is [`terminate_async`](ChannelStopper::terminate_async).
    #[doc(alias = "snd_pcm_period_elapsed")]
    pub fn elapsed(&self, _callback: &Callback<'_, E>, event: Event) -> Elapsed {
        let (elapsed, woken) = self.pcm.with(|shared| {
            if event.kind == EventKind::Stopped && shared.run > Some(event.generation) {
                // What waited behind that stop goes on by itself.
                shared.under_way(self.platform.now());
                return (Elapsed::NotOurs, None);
            }
            if shared.run != Some(event.generation) {
                let late = matches!(event.kind, EventKind::Period { .. });
                shared.statistics.late_periods += u64::from(late);
                return (Elapsed::NotOurs, None);
            }
            match event.kind {
                EventKind::Period { position, .. } => {
                    self.follow(shared, position);
                    self.judge(shared);
                }
                EventKind::Failed(error) => self.end(shared, End::Dead(Fault::Engine(error))),
                // Somebody else has stopped it: the thread finds that out.
                _ => return (Elapsed::NotOurs, Some(ALL)),
            }
            let elapsed = match shared.end {
                None => return (Elapsed::Moved, Some(shared.avail())),
                Some(End::Drained) => Elapsed::Drained,
                Some(End::Xrun(_)) => Elapsed::Xrun,
                Some(End::Dead(_) | End::Disconnected) => Elapsed::Failed,
            };
            (elapsed, Some(ALL))
        });
        if let Some(avail) = woken {
            self.pcm.waiter.wake(avail);
        }
        elapsed
    }

    /// The peripheral's driver has found an overrun or an underrun of its own: stops the stream, if it runs. Any context. True if this
    /// call did it.
    #[doc(alias = "snd_pcm_stop_xrun")]
    pub fn xrun(&self) -> bool {
        self.stop_by_xrun(XrunCause::Peripheral)
    }

    /// The device is gone: stops the stream, whatever it does, and from then on it can only be closed. Any context.
    #[doc(alias = "snd_pcm_dev_disconnect")]
    pub fn disconnect(&self) {
        self.pcm.with(|shared| {
            shared.disconnected = true;
            shared.end = Some(End::Disconnected);
            self.stop(shared);
        });
        self.pcm.waiter.wake(ALL);
    }

    /// Ends a run with an XRUN that is not the client's. True if there was a run.
    pub(crate) fn stop_by_xrun(&self, cause: XrunCause) -> bool {
        let runs = self.pcm.with(|shared| {
            let runs = shared.run.is_some();
            if runs {
                // Whoever looks next tells the linked ones, if they do not know.
                let report = shared.report(cause, self.platform.now());
                self.end(shared, End::Xrun(report));
            }
            runs
        });
        if runs {
            self.pcm.waiter.wake(ALL);
        }
        runs
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
