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

/// The preparations, on every state from which something can be submitted.
macro_rules! preparations {
    ($state:ident) => {
        impl<'d, E: Engine> $state<'d, E> {
            /// Which channel this is.
            pub fn id(&self) -> ChannelId {
                self.owned.0.id()
            }

            /// The engine.
            pub fn engine(&self) -> &'d E {
                self.owned.0.engine
            }

            /// Prepares a transfer that goes round `buffer` until it is stopped. Any context; touches no hardware.
            ///
            /// # Errors
            /// [`PrepError`], and the buffer.
            #[doc(alias = "dmaengine_prep_dma_cyclic")]
            pub fn prep_cyclic<B: WriteBuffer>(
                &self,
                buffer: B,
                request: &Cyclic<E::Peripheral>,
            ) -> Result<Prepared<'d, E, B>, Kept<B, PrepError>>
            where
                E: EngineCyclic,
            {
                prepare::cyclic(self.owned.0, buffer, request)
            }

            /// Prepares a copy of `src` to `dst`, of the same length. Any context; touches no hardware.
            ///
            /// # Errors
            /// [`PrepError`], and both buffers.
            #[doc(alias = "dmaengine_prep_dma_memcpy")]
            pub fn prep_memcpy<D: WriteBuffer, S: Buffer>(
                &self,
                dst: D,
                src: S,
            ) -> Result<Prepared<'d, E, (D, S)>, Kept<(D, S), PrepError>>
            where
                E: EngineMemcpy,
            {
                prepare::memcpy(self.owned.0, dst, src)
            }

            /// Prepares a transfer from a device into the buffers, one after the other. Any context; touches no
            /// hardware.
            ///
            /// # Errors
            /// [`PrepError`], and the buffers.
            #[doc(alias = "dmaengine_prep_slave_sg")]
            #[doc(alias = "DMA_DEV_TO_MEM")]
            pub fn prep_slave_sg_from_device<B: WriteBuffer, const N: usize>(
                &self,
                buffers: [B; N],
                config: &SlaveConfig<E::Peripheral>,
            ) -> Result<Prepared<'d, E, [B; N]>, Kept<[B; N], PrepError>>
            where
                E: EngineSlaveSg,
            {
                prepare::slave_sg(self.owned.0, buffers, Direction::DevToMem, config)
            }

            /// Prepares a transfer of the buffers to a device, one after the other. Any context; touches no hardware.
            ///
            /// # Errors
            /// [`PrepError`], and the buffers.
            #[doc(alias = "dmaengine_prep_slave_sg")]
            #[doc(alias = "DMA_MEM_TO_DEV")]
            pub fn prep_slave_sg_to_device<B: Buffer, const N: usize>(
                &self,
                buffers: [B; N],
                config: &SlaveConfig<E::Peripheral>,
            ) -> Result<Prepared<'d, E, [B; N]>, Kept<[B; N], PrepError>>
            where
                E: EngineSlaveSg,
            {
                prepare::slave_sg(self.owned.0, buffers, Direction::MemToDev, config)
            }
        }
    };
}
use preparations;

/// What the macro's expansions name.
mod names {
    pub(super) use crate::config::{Cyclic, Direction, SlaveConfig};
    pub(super) use crate::engine::{ChannelId, Engine, EngineCyclic, EngineMemcpy, EngineSlaveSg};
    pub(super) use crate::error::{Kept, PrepError};
    pub(super) use crate::memory::{Buffer, Payload, WriteBuffer};
    pub(super) use crate::prepare::{self, Prepared};
    pub(super) use crate::transfer::Transfer;
}
