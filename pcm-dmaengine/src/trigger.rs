//! Who does what when at a trigger: the link, the DMA channel and the DAI, in the order that [`Dai`] tells, and
//! undone in reverse if one of them refuses.
//!
//! All of it happens with the stream's lock held, as in ALSA: what an interrupt finds out and what the thread wants come one after
//! the other, and the peripheral is started and stopped in turn.

use dmaengine_core::{Active, Atomic, Engine, EnginePause, PauseFailed, Paused, Platform, ResumeFailed, Stopping};

use crate::dai::{Trigger, TriggerOrder};
use crate::error::{Fault, PauseError, StartError};
use crate::pcm::{End, Shared};
use crate::period::PeriodHalf;

/// What became of something that was to start.
pub(crate) enum Refused<P, U> {
    /// Before the DMA channel was touched.
    Before(P, StartError),
    /// After it was; that was taken back.
    After(U, StartError),
}

impl<P, U> Refused<P, U> {
    pub(crate) fn error(&self) -> StartError {
        match self {
            Self::Before(_, error) | Self::After(_, error) => *error,
        }
    }
}

impl<E: Engine> PeriodHalf<'_, E> {
    /// Starts something: `dma` does its part with what is `ready`, `undo` takes that back.
    pub(crate) fn start_in_order<P, T, U>(
        &self,
        trigger: Trigger,
        ready: P,
        dma: impl FnOnce(P) -> Result<T, (P, StartError)>,
        undo: impl FnOnce(T) -> U,
    ) -> Result<T, Refused<P, U>> {
        let (dai, context) = (self.dai, &Atomic::new());
        let unlinked = || _ = dai.link(trigger.undo(), context);
        if let Err(error) = dai.link(trigger, context) {
            return Err(Refused::Before(ready, error.into()));
        }
        match dai.order() {
            TriggerOrder::LinkDmaDai => {
                let started = dma(ready).map_err(|(ready, error)| {
                    unlinked();
                    Refused::Before(ready, error)
                })?;
                match dai.trigger(trigger, context) {
                    Ok(()) => Ok(started),
                    Err(error) => {
                        let undone = undo(started);
                        unlinked();
                        Err(Refused::After(undone, error.into()))
                    }
                }
            }
            TriggerOrder::LinkDaiDma => {
                if let Err(error) = dai.trigger(trigger, context) {
                    unlinked();
                    return Err(Refused::Before(ready, error.into()));
                }
                dma(ready).map_err(|(ready, error)| {
                    _ = dai.trigger(trigger.undo(), context);
                    unlinked();
                    Refused::Before(ready, error)
                })
            }
        }
    }
}

impl<E: Engine> PeriodHalf<'_, E> {
    /// Stops the peripheral, if it is to be stopped, and the DMA channel. What the peripheral answers does not keep anybody.
    fn stop_in_order(&self, trigger: Trigger, dai_too: bool, dma: impl FnOnce()) {
        let (dai, context) = (self.dai, &Atomic::new());
        match dai.order() {
            _ if !dai_too => dma(),
            TriggerOrder::LinkDmaDai => {
                _ = dai.trigger(trigger, context);
                dma();
                _ = dai.link(trigger, context);
            }
            TriggerOrder::LinkDaiDma => {
                dma();
                _ = dai.trigger(trigger, context);
                _ = dai.link(trigger, context);
            }
        }
    }

    /// Stops the run for good, if nobody has yet: whether it moves, is paused or is suspended. True if there was something to stop.
    pub(crate) fn stop(&self, shared: &mut Shared) -> bool {
        let dai_too = core::mem::take(&mut shared.dai_started);
        let stops = dai_too || shared.run.is_some();
        self.stop_in_order(Trigger::Stop, dai_too, || self.terminate(shared));
        stops
    }

    /// Stops the DMA channel for good, and lets the peripheral sleep with the system.
    pub(crate) fn suspend(&self, shared: &mut Shared) {
        self.stop_in_order(Trigger::Suspend, shared.dai_started, || self.terminate(shared));
    }

    /// Stops the DMA channel for good, if nobody has yet.
    pub(crate) fn terminate(&self, shared: &mut Shared) {
        if let Some(run) = shared.run.take() {
            self.stopper.terminate_async(run);
            // A run that still waited for the last one's stop ends with it.
            shared.behind = false;
            shared.stopped_at.get_or_insert(self.platform.now());
        }
    }

    /// Ends the run, and stops it. The first to find out wins.
    pub(crate) fn end(&self, shared: &mut Shared, end: End) {
        shared.finish(end);
        self.stop(shared);
    }

    /// Ends the run if the pointers say so.
    pub(crate) fn judge(&self, shared: &mut Shared) {
        if !shared.held && shared.end.is_none() {
            if let Some(end) = shared.verdict(self.platform.now()) {
                self.end(shared, end);
            }
        }
    }
}

/// Why something that was to pause did not.
pub(crate) enum NotHeld<'a, E: Engine> {
    /// It runs on.
    Refused(Active<'a, E>, PauseError),
    /// It was stopped: by somebody else, or because it could neither stop here nor go on.
    Stopped(Stopping<'a, E>, Fault),
}

impl<'a, E: EnginePause> PeriodHalf<'a, E> {
    /// Holds a run: the peripheral and the DMA channel, by [`Trigger::PausePush`] or [`Trigger::Suspend`]. A suspend is not refused: the
    /// peripheral is not asked, and an engine that does not pause is stopped.
    pub(crate) fn hold_in_order(
        &self,
        trigger: Trigger,
        active: Active<'a, E>,
    ) -> Result<Paused<'a, E>, NotHeld<'a, E>> {
        let (dai, context) = (self.dai, &Atomic::new());
        let dai_first = dai.order() == TriggerOrder::LinkDmaDai;
        let asleep = trigger == Trigger::Suspend;
        let told = || dai.trigger(trigger, context).or_else(|error| if asleep { Ok(()) } else { Err(error) });
        if dai_first {
            if let Err(error) = told() {
                return Err(NotHeld::Refused(active, error.into()));
            }
        }
        let held = match active.pause() {
            Err(PauseFailed::Refused(kept)) if asleep => {
                Err(NotHeld::Stopped(kept.value.terminate_async(), Fault::Engine(kept.error)))
            }
            Err(PauseFailed::Refused(kept)) => {
                if dai_first {
                    _ = dai.trigger(trigger.undo(), context);
                }
                return Err(NotHeld::Refused(kept.value, PauseError::Engine(kept.error)));
            }
            Err(PauseFailed::Stopped(stopping)) => Err(NotHeld::Stopped(stopping, Fault::StoppedByAnother)),
            Ok(paused) => Ok(paused),
        };
        if !dai_first {
            if let Err(error) = told() {
                return Err(match held?.resume() {
                    Ok(active) => NotHeld::Refused(active, error.into()),
                    Err(ResumeFailed::Stopped(stopping)) => NotHeld::Stopped(stopping, Fault::StoppedByAnother),
                    Err(ResumeFailed::Refused(kept)) => {
                        NotHeld::Stopped(kept.value.terminate_async(), Fault::Engine(kept.error))
                    }
                });
            }
        }
        _ = dai.link(trigger, context);
        held
    }
}
