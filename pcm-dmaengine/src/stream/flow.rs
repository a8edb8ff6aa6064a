//! [`Flow`]: what a run has that was started and not stopped, whether it moves or is held: the ring in its transfer, and the duty to
//! stop the peripheral.

use dmaengine_core::{Engine, EngineCyclic, Status, Transfer};

use super::{Base, Ring};
use crate::error::Fault;
use crate::link::Link;
use crate::pcm::{End, Shared};
use crate::period::PeriodHalf;
use crate::units::Frames;

/// A peripheral and a DMA channel that were started. Dropped, it stops them, if nobody has, and those that are linked with them.
pub(super) struct Started<'a, E: Engine> {
    half: PeriodHalf<'a, E>,
    link: Option<Link<'a, E>>,
}

impl<E: Engine> Started<'_, E> {
    /// Stops them, and leaves the linked ones to whoever calls this.
    pub(super) fn stop_alone(mut self) {
        self.link = None;
    }
}

impl<E: Engine> Drop for Started<'_, E> {
    fn drop(&mut self) {
        let stopped = self.half.pcm.with(|shared| self.half.stop(shared));
        self.half.pcm.waiter.forget();
        if let (true, Some(link)) = (stopped, self.link) {
            link.stop_others(&self.half);
        }
    }
}

pub(super) struct Flow<'a, E: Engine> {
    pub(super) base: Base<'a, E>,
    pub(super) started: Started<'a, E>,
    pub(super) transfer: Transfer<'a, E, Ring>,
}

/// What a look at the hardware says.
pub(super) enum Look {
    /// It goes on; so many frames are available to the client.
    Going(Frames),
    Over(End),
}

impl<'a, E: EngineCyclic> Flow<'a, E> {
    pub(super) fn new(base: Base<'a, E>, transfer: Transfer<'a, E, Ring>) -> Self {
        Self { base, started: Started { half: base.half, link: base.link }, transfer }
    }

    pub(super) fn with<R>(&self, f: impl FnOnce(&mut Shared) -> R) -> R {
        self.base.half.pcm.with(f)
    }

    /// It was started, and so was all that had to be started with it.
    pub(super) fn begun(&self) {
        self.with(|shared| shared.begun(self.base.now()));
    }

    /// Moves the pointer to where the engine is, and draws no conclusion.
    pub(super) fn follow(&self) -> Status {
        let status = self.transfer.status();
        if let Status::Running { progress, .. } | Status::Paused { progress, .. } = status {
            self.with(|shared| self.base.half.follow(shared, progress.bytes));
        }
        status
    }

    /// Where the stream stands. A run that is over is told to stop here, and its linked ones with it.
    pub(super) fn look(&self) -> Look {
        self.look_and(|_| ())
    }

    /// The client has come to a position, if the run goes on.
    pub(super) fn come_to(&self, position: Frames) -> bool {
        matches!(self.look_and(|shared| shared.come_to(position)), Look::Going(_))
    }

    /// As [`look`](Self::look), and does something with the pointers of a run that goes on, before the interrupt does.
    pub(super) fn look_and(&self, going: impl FnOnce(&mut Shared)) -> Look {
        let status = self.follow();
        let half = &self.base.half;
        let look = self.with(|shared| {
            match status {
                Status::Running { .. } => {
                    shared.under_way(self.base.now());
                    half.judge(shared);
                }
                Status::Paused { .. } | Status::Queued { .. } => {}
                Status::Failed(error) => half.end(shared, End::Dead(Fault::Engine(error))),
                // Whoever stopped it has said why, unless it is a stranger.
                _ => half.end(shared, End::Dead(Fault::StoppedByAnother)),
            }
            if let (false, None, Some(dead)) =
                (shared.held, shared.end, shared.stalled(self.base.now(), self.base.longest_stop))
            {
                half.end(shared, dead);
            }
            if shared.end.is_none() {
                going(shared);
            }
            shared.end.map_or(Look::Going(shared.avail()), Look::Over)
        });
        self.tell_link();
        look
    }

    /// Ends the linked ones, if this one's end asks for it and nobody has done so yet.
    pub(super) fn tell_link(&self) {
        if let Some(link) = self.base.link {
            link.tell(&self.base.half);
        }
    }
}
