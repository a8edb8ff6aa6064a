//! What the mock can do beyond what every engine does: everything.
//!
//! The module has `unsafe` for the reason that its parent has.

use alloc::vec::Vec;

use dmaengine_core::config::{InterleavedSlave, SlaveSg};
use dmaengine_core::{
    Cyclic, DevToDev, Direction, EngineCyclic, EngineDevToDev, EngineInterleaved, EngineInterleavedSlave, EngineMemcpy,
    EngineMemset, EnginePause, EngineQueueAfterStop, EngineRepeat, EngineSlaveSg, EngineTerminateAtomic, Interleaved,
    Micros, PrepError, Region, TransferError,
};

use super::{Mock, MockChannel, MockDescriptor};
use crate::hw::Moves;

fn to_device(direction: Direction) -> bool {
    direction == Direction::MemToDev
}

// SAFETY: as for `Engine`.
unsafe impl EngineCyclic for Mock {
    fn prep_cyclic(
        &self,
        _channel: &mut MockChannel,
        transfer: &mut MockDescriptor,
        buffer: &Region,
        request: &Cyclic,
    ) -> Result<(), PrepError> {
        let (bus, len, period) = (buffer.bus.0, length(buffer)?, request.period);
        *transfer = Moves::Cyclic { bus, len, period, to_device: to_device(request.direction) }.into();
        Ok(())
    }
}

// SAFETY: as for `Engine`.
unsafe impl EngineMemcpy for Mock {
    fn prep_memcpy(
        &self,
        _channel: &mut MockChannel,
        transfer: &mut MockDescriptor,
        dst: &Region,
        src: &Region,
    ) -> Result<(), PrepError> {
        *transfer = Moves::Copy { dst: dst.bus.0, src: src.bus.0, len: length(src)? }.into();
        Ok(())
    }
}

// SAFETY: as for `Engine`; such a program touches no memory.
unsafe impl EngineDevToDev for Mock {
    fn prep_dev_to_dev(
        &self,
        _channel: &mut MockChannel,
        transfer: &mut MockDescriptor,
        request: &DevToDev,
    ) -> Result<(), PrepError> {
        *transfer = Moves::Through { period: request.period }.into();
        Ok(())
    }
}

// SAFETY: as for `Engine`.
unsafe impl EngineMemset for Mock {
    fn prep_memset(
        &self,
        _channel: &mut MockChannel,
        transfer: &mut MockDescriptor,
        dst: &Region,
        value: u8,
    ) -> Result<(), PrepError> {
        *transfer = Moves::Fill { dst: dst.bus.0, value, len: length(dst)? }.into();
        Ok(())
    }
}

// SAFETY: as for `Engine`.
unsafe impl EngineRepeat for Mock {
    fn end_repeat(&self, channel: &mut MockChannel, _transfer: &mut MockDescriptor) {
        self.hw.repeat(channel.0, false);
    }
}

// SAFETY: as for `Engine`; the library has checked that all pieces lie inside the regions.
unsafe impl EngineInterleaved for Mock {
    fn prep_interleaved(
        &self,
        _channel: &mut MockChannel,
        transfer: &mut MockDescriptor,
        dst: &Region,
        src: &Region,
        request: &Interleaved<'_>,
    ) -> Result<(), PrepError> {
        let pieces = request.pieces().map(|(from, to, len)| (src.bus.0 + from, dst.bus.0 + to, len)).collect();
        *transfer = MockDescriptor { moves: Some(Moves::Pieces { pieces }), repeat: request.repeat };
        Ok(())
    }
}

// SAFETY: as for `Engine`; the library has checked that all pieces lie inside the buffer, and nothing but the pieces is moved.
unsafe impl EngineInterleavedSlave for Mock {
    fn prep_interleaved_slave(
        &self,
        _channel: &mut MockChannel,
        transfer: &mut MockDescriptor,
        buffer: &Region,
        request: &InterleavedSlave<'_>,
    ) -> Result<(), PrepError> {
        let segments = request.pieces().map(|(at, len)| (buffer.bus.0 + at, len)).collect();
        let moves = Moves::Sg { segments, to_device: to_device(request.direction) };
        *transfer = MockDescriptor { moves: Some(moves), repeat: request.shape.repeat };
        Ok(())
    }
}

// SAFETY: as for `Engine`.
unsafe impl EngineSlaveSg for Mock {
    fn prep_slave_sg(
        &self,
        _channel: &mut MockChannel,
        transfer: &mut MockDescriptor,
        segments: &[Region],
        request: &SlaveSg,
    ) -> Result<(), PrepError> {
        let segments: Result<Vec<_>, _> = segments.iter().map(|part| Ok((part.bus.0, length(part)?))).collect();
        *transfer = Moves::Sg { segments: segments?, to_device: to_device(request.direction) }.into();
        Ok(())
    }
}

/// A region's length in the hardware's 32 bits.
fn length(region: &Region) -> Result<u32, PrepError> {
    u32::try_from(region.len).map_err(|_| PrepError::SegmentTooLong { len: region.len as u64, limit: u32::MAX })
}

// SAFETY: as for `Engine`; a paused channel of `Hw` moves nothing.
unsafe impl EnginePause for Mock {
    fn pause(&self, channel: &mut MockChannel) -> Result<(), TransferError> {
        self.hw.pause(channel.0);
        Ok(())
    }

    fn resume(&self, channel: &mut MockChannel) -> Result<(), TransferError> {
        self.hw.resume(channel.0);
        Ok(())
    }
}

// SAFETY: as for `Engine`; the hardware stops by itself, whatever the processor does.
unsafe impl EngineTerminateAtomic for Mock {
    fn atomic_bound(&self) -> Micros {
        self.facts.stop.bound()
    }
}

// SAFETY: as for `Engine`; the hardware posts `Stopped` after each `disable` of a busy channel.
unsafe impl EngineQueueAfterStop for Mock {
    fn queue(&self, _channel: &mut MockChannel, _next: &mut MockDescriptor) {}
}
