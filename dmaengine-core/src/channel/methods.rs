//! What several states have in common, written once: the preparations, and the ways to stop.

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
            #[inline(always)]
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

            /// Prepares the filling of `dst` with one byte. Any context; touches no hardware.
            ///
            /// # Errors
            /// [`PrepError`], and the buffer.
            #[doc(alias = "dmaengine_prep_dma_memset")]
            pub fn prep_memset<D: WriteBuffer>(
                &self,
                dst: D,
                value: u8,
            ) -> Result<Prepared<'d, E, D>, Kept<D, PrepError>>
            where
                E: EngineMemset,
            {
                prepare::memset(self.owned.0, dst, value)
            }

            /// Prepares a transfer from one device to another, until it is stopped. Any context; touches no hardware.
            ///
            /// # Errors
            /// [`PrepError`].
            #[doc(alias = "DMA_DEV_TO_DEV")]
            pub fn prep_dev_to_dev(&self, request: &DevToDev<E::Peripheral>) -> Result<Prepared<'d, E, ()>, PrepError>
            where
                E: EngineDevToDev,
            {
                prepare::dev_to_dev(self.owned.0, request)
            }

            /// Prepares a two-dimensional copy of `src` to `dst`. Any context; touches no hardware.
            ///
            /// # Errors
            /// [`PrepError`], and both buffers.
            #[doc(alias = "dmaengine_prep_interleaved_dma")]
            pub fn prep_interleaved<D: WriteBuffer, S: Buffer>(
                &self,
                dst: D,
                src: S,
                request: &Interleaved<'_>,
            ) -> Result<Prepared<'d, E, (D, S)>, Kept<(D, S), PrepError>>
            where
                E: EngineInterleaved,
            {
                prepare::interleaved(self.owned.0, dst, src, request)
            }

            /// Prepares a transfer from a device into rows of chunks. Only the [`dst_gap`](crate::Chunk::dst_gap)s count, and
            /// what lies in them stays as it is. Any context; touches no hardware.
            ///
            /// # Errors
            /// [`PrepError`], and the buffer.
            #[doc(alias = "dmaengine_prep_interleaved_dma")]
            pub fn prep_interleaved_from_device<B: WriteBuffer>(
                &self,
                buffer: B,
                shape: &Interleaved<'_>,
                config: &SlaveConfig<E::Peripheral>,
            ) -> Result<Prepared<'d, E, B>, Kept<B, PrepError>>
            where
                E: EngineInterleavedSlave,
            {
                prepare::interleaved_slave(self.owned.0, buffer, Direction::DevToMem, shape, config)
            }

            /// Prepares a transfer of rows of chunks to a device. Only the [`src_gap`](crate::Chunk::src_gap)s count. Any
            /// context; touches no hardware.
            ///
            /// # Errors
            /// [`PrepError`], and the buffer.
            #[doc(alias = "dmaengine_prep_interleaved_dma")]
            pub fn prep_interleaved_to_device<B: Buffer>(
                &self,
                buffer: B,
                shape: &Interleaved<'_>,
                config: &SlaveConfig<E::Peripheral>,
            ) -> Result<Prepared<'d, E, B>, Kept<B, PrepError>>
            where
                E: EngineInterleavedSlave,
            {
                prepare::interleaved_slave(self.owned.0, buffer, Direction::MemToDev, shape, config)
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
pub(super) use preparations;

/// The ways to stop, on each state in which something may run.
macro_rules! terminations {
    ($state:ident) => {
        impl<'d, E: Engine> $state<'d, E> {
            /// Asks the hardware to stop and aborts everything queued. Any context, also interrupt; a bounded number of
            /// register writes, whatever is queued.
            ///
            /// The channel is *not* quiescent on return: the hardware may still be writing. No callback begins any more for
            /// what was aborted, though one may still be running.
            #[doc(alias = "dmaengine_terminate_async")]
            #[doc(alias = "dmaengine_terminate_all")]
            pub fn terminate_async(self) -> Stopping<'d, E> {
                self.owned.0.with(|engine, inner| inner.terminate(engine, self.run));
                Stopping::new(self.owned)
            }

            /// [`terminate_async`](Self::terminate_async) and [`synchronize`](Stopping::synchronize) in one.
            ///
            /// # Errors
            /// [`StillRunning`], and the channel, stopping.
            #[doc(alias = "dmaengine_terminate_sync")]
            pub fn terminate_sync(
                self,
                context: &Sleepable<'_>,
            ) -> Result<Idle<'d, E>, Kept<Stopping<'d, E>, StillRunning>> {
                self.terminate_async().synchronize(context)
            }

            /// Stops and busy-waits until it has stopped. Any context, interrupts masked or not; at most
            /// [`atomic_bound`](EngineTerminateAtomic::atomic_bound) microseconds. Frees nothing that needs sleep.
            ///
            /// # Errors
            /// [`StillRunning`], and the channel, stopping: if the hardware needed longer than its bound, or a callback of this
            /// channel was running elsewhere all that time.
            pub fn terminate_atomic(self) -> Result<Idle<'d, E>, Kept<Stopping<'d, E>, StillRunning>>
            where
                E: EngineTerminateAtomic,
            {
                self.terminate_async().terminate_atomic()
            }
        }
    };
}
pub(super) use terminations;

/// What the macros' expansions name.
pub(super) mod names {
    pub(crate) use super::super::{Idle, Stopping};
    pub(crate) use crate::config::{Cyclic, DevToDev, Direction, Interleaved, SlaveConfig};
    pub(crate) use crate::context::Sleepable;
    pub(crate) use crate::engine::{
        ChannelId, Engine, EngineCyclic, EngineDevToDev, EngineInterleaved, EngineInterleavedSlave, EngineMemcpy,
        EngineMemset, EngineSlaveSg, EngineTerminateAtomic,
    };
    pub(crate) use crate::error::{Kept, PrepError, StillRunning};
    pub(crate) use crate::memory::{Buffer, WriteBuffer};
    pub(crate) use crate::prepare::{self, Prepared};
}
