//! Preparing, submitting and issuing: the way of a transfer from a slot to the hardware, and what can be asked of it.

use core::task::Waker;

use super::{EndRepeat, Generation, Inner, SlotId, State, Use};
use crate::engine::{Engine, Progress};
use crate::error::{PrepError, SubmitError, TransferError};
use crate::transfer::Outcome;

/// How a transfer stands. Bytes; the residue is as fine as the engine's
/// [`residue`](crate::Facts::residue) says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[doc(alias = "dma_status")]
#[doc(alias = "dmaengine_tx_status")]
#[non_exhaustive]
pub enum Status {
    /// It waits for its turn, or for a stop ahead of it to complete; all of it is left.
    Queued {
        /// Bytes left.
        residue: u64,
    },
    /// The hardware is at it.
    Running {
        /// Bytes left; of a cyclic transfer: to the end of this round, never 0.
        residue: u64,
        /// How far it has come.
        progress: Progress,
    },
    /// It is paused.
    Paused {
        /// Bytes left.
        residue: u64,
        /// How far it has come.
        progress: Progress,
    },
    /// It was terminated, and its memory may still be touched.
    Stopping,
    /// It ran to its end.
    Completed,
    /// It was terminated, and its memory is not touched any more.
    Aborted {
        /// Bytes that were not transferred.
        residue: u64,
    },
    /// It failed.
    Failed(TransferError),
}

impl From<Outcome> for Status {
    fn from(outcome: Outcome) -> Self {
        match outcome {
            Outcome::Completed => Self::Completed,
            Outcome::Failed(error) => Self::Failed(error),
            Outcome::Aborted { residue } => Self::Aborted { residue },
        }
    }
}

/// What the channel has to know of a transfer.
pub(crate) struct Shape<E: Engine> {
    /// Bytes; of a round, if it goes round.
    pub(crate) total: u64,
    /// Bytes of a period, if it goes round and round until it is stopped.
    pub(crate) period: Option<u64>,
    pub(crate) load_at_end: bool,
    pub(crate) end_repeat: Option<EndRepeat<E>>,
}

impl<E: Engine> Shape<E> {
    /// A transfer that goes once.
    pub(crate) fn once(total: u64) -> Self {
        Self { total, period: None, load_at_end: false, end_repeat: None }
    }

    /// A transfer that goes round and round until it is stopped.
    pub(crate) fn round(total: u64, period: u32) -> Self {
        Self { period: Some(u64::from(period)), ..Self::once(total) }
    }
}

impl<E: Engine> Inner<E> {
    /// Takes a slot and has the engine fill it. A refusal leaves the slot free.
    #[inline]
    pub(crate) fn prepare(
        &mut self,
        engine: &E,
        shape: Shape<E>,
        fill: impl FnOnce(&E, &mut E::Channel, &mut E::Descriptor) -> Result<(), PrepError>,
    ) -> Result<SlotId, PrepError> {
        let quiet_below = self.quiet_below;
        let id = self
            .slab
            .take(engine, &mut self.hw, |generation| generation < quiet_below)
            .ok_or(PrepError::NoDescriptor { limit: self.slab.len() })?;
        let slot = self.slab.slot(id);
        slot.total = shape.total;
        slot.period = shape.period;
        slot.load_at_end = shape.load_at_end;
        slot.end_repeat = shape.end_repeat;
        match fill(engine, &mut self.hw, &mut slot.descriptor) {
            Ok(()) => Ok(id),
            Err(refused) => {
                self.slab.give_back(engine, &mut self.hw, id);
                Err(refused)
            }
        }
    }

    /// Numbers a prepared transfer and queues it. It does not start.
    ///
    /// A caller who knows a run names it: if a stop came in between, there is nothing to submit to. The owner of an idle
    /// or stopping channel begins one and names none.
    pub(crate) fn submit(&mut self, id: SlotId, run: Option<Generation>) -> Result<Generation, SubmitError> {
        if run.is_some_and(|run| run != self.dead_below) {
            return Err(SubmitError::Stopped);
        }
        let generation = self.number(id);
        self.slab.push(&mut self.submitted, id);
        if self.state != State::Paused {
            self.state = State::Active;
        }
        Ok(generation)
    }

    /// Gives a prepared transfer the next number.
    #[inline]
    fn number(&mut self, id: SlotId) -> Generation {
        let generation = self.next;
        self.next = Generation(generation.0 + 1);
        let slot = self.slab.slot(id);
        slot.generation = generation;
        slot.used = Use::Queued;
        generation
    }

    /// Submits a prepared transfer to an idle channel and starts it: there is nothing that it could have to wait for. Answers its
    /// run, too.
    #[inline]
    pub(crate) fn start(&mut self, engine: &E, id: SlotId) -> (Generation, Generation) {
        debug_assert!(self.state == State::Idle && self.active.is_none() && self.stop.is_none());
        let generation = self.number(id);
        self.state = State::Active;
        self.hand_over(engine, id);
        (generation, self.run())
    }

    /// Lets everything submitted run, and starts the first if the hardware is free.
    pub(crate) fn issue(&mut self, engine: &E) {
        self.slab.append(&mut self.issued, &mut self.submitted);
        self.start_next(engine);
        self.end_repeat(engine);
    }

    /// Tells a repeating transfer that this round is its last, if the next one is to be loaded at its end.
    fn end_repeat(&mut self, engine: &E) {
        let (Some(active), Some(next)) = (self.active, self.issued.first()) else {
            return;
        };
        if self.slab.slot(next).load_at_end {
            let slot = self.slab.slot(active);
            if let Some(end_repeat) = slot.end_repeat.take() {
                end_repeat(engine, &mut self.hw, &mut slot.descriptor);
            }
        }
    }

    /// Starts the next issued transfer, unless one runs or a stop is pending ahead of it.
    pub(super) fn start_next(&mut self, engine: &E) {
        if self.active.is_some() || self.stop.is_some() || self.state != State::Active {
            return;
        }
        if let Some(id) = self.slab.pop(&mut self.issued) {
            self.hand_over(engine, id);
            self.end_repeat(engine);
        }
    }

    /// Gives a transfer to the hardware, which is free.
    #[inline(never)]
    fn hand_over(&mut self, engine: &E, id: SlotId) {
        self.active = Some(id);
        let slot = self.slab.slot(id);
        engine.start(&mut self.hw, &mut slot.descriptor, slot.generation);
    }

    #[inline]
    pub(crate) fn status(&mut self, engine: &E, id: SlotId) -> Status {
        if self.active != Some(id) {
            return self.status_of_another(engine, id);
        }
        let slot = self.slab.slot(id);
        let progress = slot.progress(engine, &mut self.hw);
        let residue = slot.residue(progress.bytes);
        if self.state == State::Paused {
            Status::Paused { residue, progress }
        } else {
            Status::Running { residue, progress }
        }
    }

    /// How a transfer stands that does not run, as far as is known; a stop that is found complete may let it run.
    #[inline(never)]
    fn status_of_another(&mut self, engine: &E, id: SlotId) -> Status {
        if let Some(outcome) = self.outcome(engine, id) {
            return outcome.into();
        }
        if self.active == Some(id) {
            return self.status(engine, id);
        }
        let slot = self.slab.slot(id);
        if slot.generation < self.dead_below {
            return Status::Stopping;
        }
        Status::Queued { residue: slot.total }
    }

    /// How a transfer ended, if it has.
    #[inline]
    fn outcome(&mut self, engine: &E, id: SlotId) -> Option<Outcome> {
        // What waits behind a stop goes on as soon as somebody sees that it is complete, also without an interrupt.
        self.settle(engine);
        let slot = self.slab.slot(id);
        match slot.used {
            Use::Completed => Some(Outcome::Completed),
            Use::Failed(error) => Some(Outcome::Failed(error)),
            Use::Aborted { residue } => Some(Outcome::Aborted { residue }),
            _ if slot.generation < self.quiet_below => Some(Outcome::Aborted { residue: slot.total }),
            _ => None,
        }
    }

    /// How the transfer ended, if it has and nothing can touch its memory; then its slot is free again, and its waker is
    /// the caller's to drop.
    #[inline]
    pub(crate) fn resolve(&mut self, engine: &E, id: SlotId) -> Option<(Outcome, Option<Waker>)> {
        let outcome = self.outcome(engine, id)?;
        let generation = self.slab.slot(id).generation;
        let is_told = self.callback.is_some_and(|running| running <= generation);
        if is_told && matches!(outcome, Outcome::Aborted { .. }) {
            return None;
        }
        let waker = self.slab.take_waker(id);
        self.slab.give_back(engine, &mut self.hw, id);
        Some((outcome, waker))
    }

    /// The prepared transfer is not wanted any more.
    pub(crate) fn discard(&mut self, engine: &E, id: SlotId) {
        self.slab.give_back(engine, &mut self.hw, id);
    }

    /// The handle of a queued transfer is gone. If the transfer is over its slot is free again, and the answer is true:
    /// nothing touches its memory. The waker is the caller's to drop.
    pub(crate) fn orphan(&mut self, engine: &E, id: SlotId) -> (bool, Option<Waker>) {
        match self.resolve(engine, id) {
            Some((_, waker)) => (true, waker),
            None => {
                self.slab.orphan(id);
                (false, self.slab.take_waker(id))
            }
        }
    }
}
