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
mod idle;
mod methods;
mod paused;
mod stopping;
pub(crate) mod wait;

pub use active::{Active, StopHandle};
pub use idle::{Idle, Pending};
pub use paused::{PauseFailed, Paused, ResumeFailed};
pub use stopping::Stopping;

use crate::engine::Engine;
use crate::error::{Kept, SubmitError};
use crate::memory::Payload;
use crate::prepare::Prepared;
use crate::transfer::Transfer;
use crate::vchan::{Chan, Generation};

/// The right to a channel. Exactly one exists for each channel that is in use; the states hand it on.
///
/// Dropped, it asks whatever runs to stop and gives the channel back without waiting.
#[derive(Debug)]
struct Owned<'d, E: Engine>(Chan<'d, E>);

impl<E: Engine> Drop for Owned<'_, E> {
    fn drop(&mut self) {
        self.0.with(|engine, inner| inner.abandon(engine));
    }
}

/// Submits a prepared transfer, to the run that the caller knows if there is one; or gives it back. Answers the run, too.
fn submit<'d, E: Engine, B: Payload>(
    chan: Chan<'d, E>,
    run: Option<Generation>,
    prepared: Prepared<'d, E, B>,
) -> Result<(Transfer<'d, E, B>, Generation), Kept<Prepared<'d, E, B>, SubmitError>> {
    let (home, slot, memory) = prepared.into_parts();
    let submitted = if core::ptr::eq(home.vchan, chan.vchan) {
        chan.with(|_, inner| Ok((inner.submit(slot, run)?, inner.run())))
    } else {
        Err(SubmitError::OtherChannel { prepared_for: home.id(), submitted_to: chan.id() })
    };
    match submitted {
        Ok((generation, run)) => Ok((Transfer::new(chan, slot, generation, memory), run)),
        Err(error) => Err(Kept { value: Prepared::from_parts((home, slot, memory)), error }),
    }
}
