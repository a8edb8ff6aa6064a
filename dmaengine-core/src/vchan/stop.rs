//! Stopping: asking for it, finding out that it is complete, and what waits behind it.
//!
//! Between the two, the channel may be given new work. The state machine at the top of `vchan` says why that is safe.

use super::{Generation, Inner, PendingStop, SlotId, State, Use};
use crate::engine::{Engine, EnginePause, EngineQueueAfterStop};
use crate::error::{TransferError, Unfinished};

impl<E: Engine> Inner<E> {
    /// Where the living begin: the name of the channel's current run.
    pub(crate) fn run(&self) -> Generation {
        self.dead_below
    }

    /// Aborts everything submitted, issued and running, if `run` is still the current one. One caller wins: a run has a transfer
    /// in it from its beginning, so the first stop moves the bound past its name.
    ///
    /// Touches the hardware only if it is busy with a transfer that lives, and walks no list.
    #[inline]
    pub(crate) fn terminate(&mut self, engine: &E, run: Generation) -> bool {
        if run != self.dead_below {
            return false;
        }
        debug_assert!(matches!(self.state, State::Active | State::Paused), "{:?} has no run", self.state);
        self.state = State::Stopping;
        self.submitted = super::List::EMPTY;
        self.issued = super::List::EMPTY;
        self.dead_below = self.next;
        if let Some(dying) = self.active.take() {
            self.stop = Some(PendingStop { dying });
            self.statistics.stops += 1;
            engine.stop(&mut self.hw);
            // An engine that stops at once has stopped, and so has a transfer that had just come to its end: hardware that was
            // not busy may have nothing to tell of this stop.
            self.ask(engine);
        } else if self.stop.is_none() {
            self.die_quietly();
        }
        // What was queued behind a pending stop never ran: it ends with that stop.
        true
    }

    /// What was terminated never came to the hardware, or has left it.
    #[cold]
    fn die_quietly(&mut self) {
        self.quiet_below = self.dead_below;
        self.stir();
    }

    /// As [`terminate`](Self::terminate), for the run that a transfer belongs to. A transfer that is dead belongs to none.
    pub(crate) fn terminate_run_of(&mut self, engine: &E, transfer: Generation) -> bool {
        let run = self.dead_below;
        (run..self.next).contains(&transfer) && self.terminate(engine, run)
    }

    /// If the pending stop is complete, uses it up: its generations are quiescent now, and what waits behind it starts.
    ///
    /// This is the deferred work. It works on the [`PendingStop`] that the terminate made, and on nothing else.
    #[inline]
    pub(super) fn settle(&mut self, engine: &E) -> bool {
        self.stop.is_some() && self.settle_pending(engine)
    }

    /// The same, where there is one.
    #[inline(never)]
    fn settle_pending(&mut self, engine: &E) -> bool {
        self.ask(engine)
    }

    #[inline]
    fn ask(&mut self, engine: &E) -> bool {
        engine.is_stopped(&mut self.hw) && self.stop.take().is_some_and(|stop| self.complete(engine, stop))
    }

    /// The stop is complete.
    #[inline(never)]
    fn complete(&mut self, engine: &E, PendingStop { dying }: PendingStop) -> bool {
        let slot = self.slab.slot(dying);
        let progress = slot.progress(engine, &mut self.hw);
        slot.used = Use::Aborted { residue: slot.residue(progress.bytes) };
        self.quiet_below = self.dead_below;
        self.stir();
        self.start_next(engine);
        if !self.claimed {
            engine.park(&mut self.hw);
        }
        true
    }

    /// What keeps a stopping channel from being quiescent, if anything does.
    #[inline]
    pub(crate) fn unfinished(&mut self, engine: &E) -> Option<Unfinished> {
        self.settle(engine);
        if self.stop.is_some() {
            return Some(Unfinished::Engine);
        }
        self.callback.map(|_| Unfinished::Callback)
    }

    /// For the holder of a stopping channel: makes it idle if it is quiescent, else says what is not.
    #[inline]
    pub(crate) fn poll(&mut self, engine: &E) -> Result<(), Unfinished> {
        if let Some(unfinished) = self.unfinished(engine) {
            return Err(unfinished);
        }
        // Everything up to here is over, also what ran to its end: a stop handle of the last run finds nothing to stop.
        self.dead_below = self.next;
        self.quiet_below = self.next;
        self.state = State::Idle;
        Ok(())
    }

    /// For the holder of an active channel: makes it idle if everything has run to its end, else says what has not.
    pub(crate) fn finish(&mut self, engine: &E, run: Generation) -> Result<(), Unfinished> {
        if run != self.dead_below {
            return Err(Unfinished::Stopped);
        }
        if self.active.is_some() || !self.issued.is_empty() || !self.submitted.is_empty() {
            return Err(Unfinished::Transfers);
        }
        self.poll(engine)
    }

    /// Whether the hardware has stopped, callbacks aside.
    pub(crate) fn hardware_stopped(&mut self, engine: &E) -> bool {
        self.settle(engine);
        self.stop.is_none()
    }

    /// Queues a transfer behind the pending stop, or starts it if there is none any more.
    pub(crate) fn queue_behind(&mut self, engine: &E, id: SlotId) -> Generation
    where
        E: EngineQueueAfterStop,
    {
        self.settle(engine);
        let generation = self.next;
        let submitted = self.submit(id, None);
        debug_assert_eq!(submitted, Ok(generation), "only a run that is named can be the wrong one");
        self.issue(engine);
        if self.stop.is_some() {
            engine.queue(&mut self.hw, &mut self.slab.slot(id).descriptor);
        }
        generation
    }

    /// Resets the hardware after a stop that did not come. Answers what is still unfinished.
    pub(crate) fn reset(&mut self, engine: &E) -> Option<Unfinished> {
        if !self.hardware_stopped(engine) && !engine.reset(&mut self.hw) {
            return Some(Unfinished::Engine);
        }
        self.unfinished(engine)
    }

    /// Pauses the run, if it is still the current one. `Ok(false)`: it was stopped.
    pub(crate) fn pause(&mut self, engine: &E, run: Generation) -> Result<bool, TransferError>
    where
        E: EnginePause,
    {
        if run != self.dead_below {
            return Ok(false);
        }
        if self.active.is_some() {
            engine.pause(&mut self.hw)?;
        }
        self.state = State::Paused;
        Ok(true)
    }

    /// Goes on with a paused run, if it is still the current one. `Ok(false)`: it was stopped.
    pub(crate) fn resume(&mut self, engine: &E, run: Generation) -> Result<bool, TransferError>
    where
        E: EnginePause,
    {
        if run != self.dead_below {
            return Ok(false);
        }
        if self.active.is_some() {
            engine.resume(&mut self.hw)?;
        }
        self.state = State::Active;
        self.start_next(engine);
        Ok(true)
    }
}
