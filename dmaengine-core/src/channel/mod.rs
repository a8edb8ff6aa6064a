//! A channel as its client holds it: one type for each state, and only the ways on that are right in that state.
//!
//! ```text
//!                start                     pause
//!  Idle ──────────────────────▶ Active ◀──────────────▶ Paused
//!   ▲                             │        resume          │
//!   │                             │ terminate_async        │ terminate_async
//!   │ synchronize, try_finish     ▼                        │
//!   └────────────────────────── Stopping ◀─────────────────┘
//!   ▲                             │
//!   │ terminate_atomic            │ queue_after_stop: starts by itself when the old transfer is quiescent
//!   └── from Active, Paused,      ▼
//!       Stopping                Active
//! ```
//!
//! `Idle` is the proof of quiescence. There is no way from `Active` or `Paused` back to it but through a stop that is
//! known to be complete, no `synchronize` without a terminate before it, and no start on a channel that is stopping
//! except behind the stop.

mod active;
mod group;
mod idle;
mod methods;
mod paused;
mod periods;
mod quiescent;
mod stopper;
mod stopping;
pub(crate) mod wait;
mod writer;

pub use active::{Active, StopHandle};
pub use group::{Group, GroupError};
pub use idle::{Idle, Pending};
pub use paused::{PauseFailed, Paused, ResumeFailed};
pub use periods::{Periods, Position};
pub use quiescent::Quiescent;
pub use stopper::ChannelStopper;
pub use stopping::Stopping;
pub use writer::ChannelWriter;

use core::fmt;

use crate::engine::Engine;
use crate::error::{Kept, SubmitError};
use crate::memory::Payload;
use crate::prepare::Prepared;
use crate::transfer::Transfer;
use crate::vchan::{Chan, Generation};

/// The right to a channel. Exactly one exists for each channel that is in use; the states hand it on.
///
/// Dropped, it asks whatever runs to stop and gives the channel back without waiting.
struct Owned<'d, E: Engine>(Chan<'d, E>);

/// The handles can be printed whatever the engine, so that generic code can unwrap a `Result` that holds one.
macro_rules! printed {
    ($($handle:ident($this:ident) $what:expr;)*) => { $(
        impl<E: Engine> fmt::Debug for $handle<'_, E> {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                let $this = self;
                f.debug_tuple(stringify!($handle)).field($what).finish()
            }
        }
    )* };
}

printed! {
    Idle(this) &this.owned.0;
    Pending(this) &this.active.owned.0;
    Active(this) &this.owned.0;
    Paused(this) &this.owned.0;
    Stopping(this) &this.owned.0;
    StopHandle(this) &this.chan;
    ChannelStopper(this) &this.chan;
    ChannelWriter(this) &this.chan;
}

impl<E: Engine> Drop for Owned<'_, E> {
    fn drop(&mut self) {
        self.0.with(|engine, inner| inner.abandon(engine));
    }
}

/// Submits a prepared transfer, to the run that the caller knows if there is one, or gives it back. Answers the run, too.
fn submit<'d, E: Engine, B: Payload>(
    chan: Chan<'d, E>,
    run: Option<Generation>,
    prepared: Prepared<'d, E, B>,
) -> Result<(Transfer<'d, E, B>, Generation), Kept<Prepared<'d, E, B>, SubmitError>> {
    let submitted = prepared.slot_on(chan).and_then(|slot| {
        let (generation, run) = chan.with(|_, inner| Ok((inner.submit(slot, run)?, inner.run())))?;
        Ok((slot, generation, run))
    });
    match submitted {
        Ok((slot, generation, run)) => Ok((Transfer::new(chan, slot, generation, prepared.into_memory()), run)),
        Err(error) => Err(Kept { value: prepared, error }),
    }
}
