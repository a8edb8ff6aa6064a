//! The virtual channel: what is queued, what runs, what is being stopped, who may be called back. Written once for all
//! engines; everything a client does ends here, under the channel's lock.
//!
//! # The state machine
//!
//! Every transfer gets the channel's next [`Generation`] when it is submitted. Two bounds move up behind that counter
//! and never go back:
//!
//! ```text
//!        quiet_below          dead_below             next
//!  ───────────┼───────────────────┼────────────────────┼────▶ generations
//!   quiescent │ dead: terminated, │ alive: submitted,  │ not yet given out
//!             │ perhaps still     │ issued or running  │
//!             │ touching memory   │                    │
//! ```
//!
//! *Terminating* moves `dead_below` up to `next`, in one step, whatever is queued: it empties the two lists by
//! forgetting them and walks nothing. A transfer finds out that it is dead by comparing its number. What the hardware
//! still has to do for the old ones becomes a [`PendingStop`], a value of its own that names the one transfer the
//! hardware was busy with. *Settling* the stop, later and possibly in another context, uses up that value and nothing
//! else: it moves `quiet_below` up to `dead_below`. It never looks at the channel's lists, so whatever was
//! queued after the terminate is out of its reach. That was the failure this library starts from (Linux 5.4,
//! drivers/dma/imx-sdma.c: the deferred work freed every list of the channel, the next transfer with it).
//!
//! | `state` | lists | `stop` | who moves it on |
//! | --- | --- | --- | --- |
//! | `Idle` | empty | none | the holder submits: `Active` |
//! | `Active` | any | none, or pending with transfers waiting behind it | the hardware, or a stop |
//! | `Paused` | any | none | the holder resumes or stops |
//! | `Stopping` | empty | pending, or none once it has settled | the holder: `Idle`, or `Active` to queue behind it |
//!
//! News of a transfer that is not the one running is late: it is counted and dropped.
//!
//! Who waits for a transfer, or for the stop, leaves a waker. Wakers are woken and dropped with no lock held: `wake` says that
//! some are due, and whoever lets go of the lock sees to it. A transfer whose number is dead is only woken when it is
//! quiescent, so nobody is woken to find memory that is still in use; a late event finds no waker at all.
//!
//! One callback of a channel runs at a time. It runs without the lock, and `callback` says for which transfer; a
//! channel with a callback of a dead transfer is not quiescent.

mod queue;
mod service;
mod shared;
mod slab;
mod stop;
mod wake;

use crate::engine::{ChannelId, Engine};
use crate::lock::Locked;
use crate::platform::Platform;
use core::fmt;
use core::task::Waker;

pub(crate) use queue::Shape;
pub use queue::Status;
pub(crate) use slab::{EndRepeat, Slot, SlotId};
use slab::{List, Slab, Use};

/// Which transfer of a channel: transfers are numbered from 0 in the order in which they are submitted.
///
/// The number names a transfer for good; it is not used again within any time that matters (64 bit).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[doc(alias = "dma_cookie_t")]
pub struct Generation(pub u64);

/// What a channel has seen since the controller was made.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[non_exhaustive]
pub struct Statistics {
    /// News of transfers that were dead or over when it arrived; dropped.
    pub late_events: u64,
    /// Stops that were asked for while the hardware was busy.
    pub stops: u64,
}

/// What the holder of the channel may do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum State {
    Idle,
    Active,
    Paused,
    Stopping,
}

/// A stop that the hardware has been asked for and has not completed. Once it is complete all that is dead is quiescent: what dies
/// meanwhile never ran.
#[derive(Debug)]
pub(crate) struct PendingStop {
    /// The transfer that the hardware was busy with.
    dying: SlotId,
}

/// The part of a channel that the lock guards. `S` is the slab: an array where it is made, a slice where it is used.
pub(crate) struct Inner<E: Engine, S: ?Sized = [Slot<E>]> {
    hw: E::Channel,
    state: State,
    next: Generation,
    dead_below: Generation,
    quiet_below: Generation,
    active: Option<SlotId>,
    stop: Option<PendingStop>,
    submitted: List,
    issued: List,
    callback: Option<Generation>,
    /// Who waits for the stop.
    stop_waker: Option<Waker>,
    /// Something that somebody waits for has happened.
    wake: bool,
    claimed: bool,
    statistics: Statistics,
    slab: Slab<S>,
}

pub(crate) type LockOf<E> = <<E as Engine>::Platform as Platform>::Lock;

/// One channel of a controller.
pub(crate) struct VChan<E: Engine, S: ?Sized = [Slot<E>]> {
    id: ChannelId,
    inner: Locked<LockOf<E>, Inner<E, S>>,
}

impl<E: Engine, const N: usize> VChan<E, [Slot<E>; N]> {
    pub(crate) fn new(engine: &E, id: ChannelId) -> Self {
        Self {
            id,
            inner: Locked::new(Inner {
                hw: engine.open(id),
                state: State::Idle,
                next: Generation(0),
                dead_below: Generation(0),
                quiet_below: Generation(0),
                active: None,
                stop: None,
                submitted: List::EMPTY,
                issued: List::EMPTY,
                callback: None,
                stop_waker: None,
                wake: false,
                claimed: false,
                statistics: Statistics::default(),
                slab: Slab::new(),
            }),
        }
    }
}

/// A channel and its engine, as the handles hold them.
pub(crate) struct Chan<'d, E: Engine> {
    pub(crate) engine: &'d E,
    pub(crate) vchan: &'d VChan<E>,
}

impl<E: Engine> Clone for Chan<'_, E> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<E: Engine> Copy for Chan<'_, E> {}

impl<E: Engine> fmt::Debug for Chan<'_, E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "channel {}", self.vchan.id.0)
    }
}

impl<'d, E: Engine> Chan<'d, E> {
    pub(crate) fn id(self) -> ChannelId {
        self.vchan.id
    }

    pub(crate) fn platform(self) -> &'d E::Platform {
        self.engine.platform()
    }

    /// Runs a piece of the channel's business, alone; then wakes whom it concerns.
    #[inline]
    pub(crate) fn with<R>(self, f: impl FnOnce(&'d E, &mut Inner<E>) -> R) -> R {
        let mut wake = false;
        let answer = self.vchan.inner.with(|inner| {
            let answer = f(self.engine, inner);
            wake = inner.wake;
            answer
        });
        if wake {
            self.wake();
        }
        answer
    }
}

impl<E: Engine> Inner<E> {
    pub(crate) fn statistics(&self) -> Statistics {
        self.statistics
    }

    /// Gives the channel to the one who asks, if nobody has it and nothing of its last use is left.
    pub(crate) fn claim(&mut self, engine: &E) -> bool {
        if self.claimed || (self.state == State::Stopping && self.poll(engine).is_err()) {
            return false;
        }
        self.claimed = true;
        true
    }

    /// The holder is gone. What runs is told to stop; the next claim waits until it has.
    pub(crate) fn abandon(&mut self, engine: &E) {
        if matches!(self.state, State::Active | State::Paused) {
            self.terminate(engine, self.dead_below);
        }
        self.claimed = false;
        if self.stop.is_none() {
            engine.park(&mut self.hw);
        }
    }
}
