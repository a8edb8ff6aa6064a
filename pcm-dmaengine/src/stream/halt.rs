//! [`Halt`]: a run that was told to stop, with its ring: what every state holds that is not known to be quiescent. And the ways from
//! there to [`Prepared`], written once.

use dmaengine_core::{
    Engine, EngineCyclic, EngineQueueAfterStop, EngineTerminateAtomic, Idle, Kept, Outcome, Sleepable, StillRunning,
    Stopping, Transfer,
};

use super::prepared::Ready;
use super::{Base, Ring};
use crate::recovery::{Policy, Recovery};

/// What is left of a run.
pub(super) enum Rest<'a, E: Engine> {
    /// Nothing: it never ran, or is known to have stopped.
    Quiet {
        channel: Idle<'a, E>,
        ring: Ring,
    },
    Stopping {
        stopping: Stopping<'a, E>,
        transfer: Transfer<'a, E, Ring>,
    },
}

/// A channel and a ring, on which something may not have stopped yet.
pub(super) struct Halt<'a, E: Engine> {
    pub(super) base: Base<'a, E>,
    pub(super) rest: Rest<'a, E>,
}

/// A channel and a ring on which nothing moves.
pub(super) struct Quiet<'a, E: Engine> {
    pub(super) base: Base<'a, E>,
    pub(super) channel: Idle<'a, E>,
    pub(super) ring: Ring,
}

type Waited<'a, E> = Result<Idle<'a, E>, Kept<Stopping<'a, E>, StillRunning>>;
pub(super) type Finished<'a, E> = Result<Quiet<'a, E>, Kept<Halt<'a, E>, StillRunning>>;

impl<'a, E: EngineCyclic> Halt<'a, E> {
    /// Waits for the stop by `wait`, and takes the ring out of the transfer.
    fn finish(self, wait: impl FnOnce(Stopping<'a, E>) -> Waited<'a, E>) -> Finished<'a, E> {
        let Self { base, rest } = self;
        let (stopping, transfer) = match rest {
            Rest::Quiet { channel, ring } => return Ok(Quiet { base, channel, ring }),
            Rest::Stopping { stopping, transfer } => (stopping, transfer),
        };
        let channel = match wait(stopping) {
            Ok(channel) => channel,
            Err(kept) => {
                return Err(kept.map(|stopping| Self { base, rest: Rest::Stopping { stopping, transfer } }));
            }
        };
        let Ok(resolved) = transfer.try_resolve() else {
            unreachable!("an idle channel has no transfer that could still touch memory");
        };
        base.half.pcm.with(|shared| {
            shared.settled(base.now());
            if let Outcome::Aborted { residue } = resolved.outcome {
                shared.overwritten(residue);
            }
        });
        Ok(Quiet { base, channel, ring: resolved.buffer })
    }

    /// Sleeps until the run is quiescent.
    pub(super) fn synchronize(self, context: &Sleepable<'_>) -> Finished<'a, E> {
        self.finish(|stopping| stopping.synchronize(context))
    }

    /// Busy-waits until the run is quiescent.
    pub(super) fn terminate_atomic(self) -> Finished<'a, E>
    where
        E: EngineTerminateAtomic,
    {
        self.finish(Stopping::terminate_atomic)
    }

    /// Sleeps, and resets the channel if that does not help.
    pub(super) fn reset(self, context: &Sleepable<'_>) -> Finished<'a, E> {
        self.finish(|stopping| stopping.synchronize(context).or_else(|kept| kept.value.reset()))
    }

    /// Waits for nothing: the next run is to come behind this one.
    pub(super) fn queue(self, Recovery(policy): Recovery<E>) -> Result<(Base<'a, E>, Ready<'a, E>), Self> {
        match (self.rest, policy) {
            (Rest::Quiet { channel, ring }, _) => Ok((self.base, Ready::Quiet { channel, ring })),
            (Rest::Stopping { stopping, transfer: old }, Policy::QueueAfterStop(queue)) => {
                Ok((self.base, Ready::Behind { stopping, old, queue }))
            }
            (rest, _) => Err(Self { base: self.base, rest }),
        }
    }

    /// Goes by the stream's policy, and whatever else helps after that.
    pub(super) fn recover(
        self,
        context: &Sleepable<'_>,
    ) -> Result<(Base<'a, E>, Ready<'a, E>), Kept<Self, StillRunning>> {
        let recovery = self.base.recovery;
        let halt = match self.queue(recovery) {
            Ok(ready) => return Ok(ready),
            Err(halt) => halt,
        };
        let waited = match recovery.0 {
            Policy::Atomic(busy_wait) => halt.finish(busy_wait).or_else(|kept| kept.value.reset(context)),
            _ => halt.reset(context),
        };
        waited.map(Quiet::ready)
    }

    /// As [`queue`](Self::queue), on an engine that is known to be able to.
    pub(super) fn queued(self) -> (Base<'a, E>, Ready<'a, E>)
    where
        E: EngineQueueAfterStop,
    {
        let Ok(ready) = self.queue(Recovery::QUEUE_AFTER_STOP) else {
            unreachable!("that policy waits for nothing");
        };
        ready
    }
}

impl<'a, E: Engine> Quiet<'a, E> {
    pub(super) fn ready(self) -> (Base<'a, E>, Ready<'a, E>) {
        (self.base, Ready::Quiet { channel: self.channel, ring: self.ring })
    }
}

/// The ways from a stop to [`Prepared`](super::Prepared), on a state that is made of a `halt` and of what `$keep` names.
macro_rules! ways_back {
    ($state:ident, keeping $keep:ident, $prepared:ident) => {
        impl<'a, E: EngineCyclic, D: Way> $state<'a, E, D> {
            /// Sleeps until the old run is quiescent, then prepares: the first remedy.
            ///
            /// # Errors
            /// [`StillRunning`] if the engine did not stop within twice its bound, and the stream as it was.
            #[doc(alias = "snd_pcm_prepare")]
            #[doc(alias = "sync_stop")]
            pub fn prepare(self, context: &Sleepable<'_>) -> Result<Prepared<'a, E, D>, Kept<Self, StillRunning>> {
                let $keep = self.$keep;
                let finished = self.halt.synchronize(context).map(|quiet| Prepared::$prepared(quiet.ready()));
                finished.map_err(|kept| kept.map(|halt| Self { halt, $keep, way: PhantomData }))
            }

            /// Busy-waits until the old run is quiescent, then prepares: the second remedy. Any context, within the
            /// engine's [`atomic_bound`](EngineTerminateAtomic::atomic_bound).
            ///
            /// # Errors
            /// [`StillRunning`] if the engine did not stop within its bound, and the stream as it was.
            #[doc(alias = "snd_pcm_prepare")]
            pub fn prepare_atomic(self) -> Result<Prepared<'a, E, D>, Kept<Self, StillRunning>>
            where
                E: EngineTerminateAtomic,
            {
                let $keep = self.$keep;
                let finished = self.halt.terminate_atomic().map(|quiet| Prepared::$prepared(quiet.ready()));
                finished.map_err(|kept| kept.map(|halt| Self { halt, $keep, way: PhantomData }))
            }

            /// Prepares behind the stop and does not wait for it: the third remedy. Any context. The new run uses the
            /// same ring and starts by itself as soon as the old one is quiescent.
            #[doc(alias = "snd_pcm_prepare")]
            pub fn prepare_queued(self) -> Prepared<'a, E, D>
            where
                E: EngineQueueAfterStop,
            {
                Prepared::$prepared(self.halt.queued())
            }

            /// Prepares by the stream's [`Recovery`](crate::Recovery), and by whatever else helps if that does not: sleeps, and resets
            /// the channel. Says what was lost on the way.
            ///
            /// # Errors
            /// [`Faulted`](super::Faulted), if not even a reset stops the engine.
            #[doc(alias = "snd_pcm_recover")]
            pub fn recover(self, context: &Sleepable<'_>) -> Result<(Prepared<'a, E, D>, Lost), Faulted<'a, E, D>> {
                let before = self.before();
                match self.halt.recover(context) {
                    Ok((base, ready)) => Ok((Prepared::$prepared((base, ready)), before.until_now(&base))),
                    Err(kept) => Err(Faulted::new(kept.value, Fault::NeverStopped(kept.error))),
                }
            }
        }
    };
}
pub(super) use ways_back;
