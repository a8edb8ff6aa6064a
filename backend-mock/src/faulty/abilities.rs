//! What the faulty engine can do beyond what every engine does: everything, wrongly if that is its fault.
//!
//! The module has `unsafe` for the reason that its parent has.

use alloc::vec::Vec;

use dmaengine_core::config::{InterleavedSlave, SlaveSg};
use dmaengine_core::{
    Cyclic, Direction, EngineCyclic, EngineInterleaved, EngineInterleavedSlave, EngineMemcpy, EngineMemset,
    EnginePause, EngineQueueAfterStop, EngineRepeat, EngineSlaveSg, EngineTerminateAtomic, Interleaved, Micros,
    PrepError, Region, TransferError,
};

use super::{Fault, Faulty, FaultyChannel, FaultyDescriptor, NOBODY};
use crate::hw::{self, Moves};

/// Bytes of a frame of the players that the faults are made for.
const FRAME: u32 = 4;

fn length(region: &Region) -> Result<u32, PrepError> {
    u32::try_from(region.len).map_err(|_| PrepError::SegmentTooLong { len: region.len as u64, limit: u32::MAX })
}

// SAFETY: as for `Engine`.
unsafe impl EngineCyclic for Faulty {
    fn prep_cyclic(
        &self,
        channel: &mut FaultyChannel,
        transfer: &mut FaultyDescriptor,
        buffer: &Region,
        request: &Cyclic,
    ) -> Result<(), PrepError> {
        let to_device = request.direction == Direction::MemToDev;
        let (mut len, period) = (length(buffer)?, request.period);
        if self.has(Fault::PlaysARingShort) && to_device && len > period {
            len -= period;
        }
        let moves = Moves::Cyclic { bus: buffer.bus.0, len, period, to_device };
        self.fill(channel, transfer, moves, (!to_device).then_some(buffer.bus.0))
    }
}

// SAFETY: as for `Engine`; `CopyTooLong` reaches beyond its regions and `CopyShifted` beyond its source, where nothing is
// mapped.
unsafe impl EngineMemcpy for Faulty {
    fn prep_memcpy(
        &self,
        channel: &mut FaultyChannel,
        transfer: &mut FaultyDescriptor,
        dst: &Region,
        src: &Region,
    ) -> Result<(), PrepError> {
        let (mut from, mut len) = (src.bus.0, length(src)?);
        match self.fault {
            Some(Fault::CopyTailMissing) if len > 4 => len -= len % 4,
            Some(Fault::CopyTooLong) => len = len.next_multiple_of(4),
            Some(Fault::CopyShifted) if len > 1 => (from, len) = (from + 1, len - 1),
            _ => {}
        }
        self.fill(channel, transfer, Moves::Copy { dst: dst.bus.0, src: from, len }, Some(dst.bus.0))
    }
}

// SAFETY: as for `Engine`; `FillTooLong` reaches beyond its region, where nothing is mapped.
unsafe impl EngineMemset for Faulty {
    fn prep_memset(
        &self,
        channel: &mut FaultyChannel,
        transfer: &mut FaultyDescriptor,
        dst: &Region,
        value: u8,
    ) -> Result<(), PrepError> {
        let (mut value, mut len) = (value, length(dst)?);
        match self.fault {
            Some(Fault::FillsWrongByte) => value = !value,
            Some(Fault::FillTooLong) => len = len.next_multiple_of(4),
            _ => {}
        }
        self.fill(channel, transfer, Moves::Fill { dst: dst.bus.0, value, len }, Some(dst.bus.0))
    }
}

// SAFETY: as for `Engine`; `GapsOverwritten` writes inside its destination and may read beyond its source, where nothing is
// mapped.
unsafe impl EngineInterleaved for Faulty {
    fn prep_interleaved(
        &self,
        channel: &mut FaultyChannel,
        transfer: &mut FaultyDescriptor,
        dst: &Region,
        src: &Region,
        request: &Interleaved<'_>,
    ) -> Result<(), PrepError> {
        let pieces = request.pieces().map(|(from, to, len)| (src.bus.0 + from, dst.bus.0 + to, len));
        let mut pieces: Vec<_> = pieces.collect();
        match self.fault {
            Some(Fault::GapsOverwritten) => {
                for i in 1..pieces.len() {
                    pieces[i - 1].2 = (pieces[i].1 - pieces[i - 1].1) as u32;
                }
            }
            Some(Fault::LastPieceMissing) if pieces.len() > 1 => drop(pieces.pop()),
            _ => {}
        }
        self.fill(channel, transfer, Moves::Pieces { pieces }, Some(dst.bus.0))?;
        transfer.repeat = request.repeat;
        Ok(())
    }
}

/// Writes a byte behind each segment but the last; of separate buffers, nothing is mapped there.
pub(super) fn overwrite_gaps(hw: &hw::Hw, moves: &Moves) {
    let Moves::Sg { segments, to_device: false } = moves else { return };
    for pair in segments.windows(2) {
        let end = pair[0].0 + u64::from(pair[0].1);
        if end != pair[1].0 {
            hw.write_memory(end, &[0x5C]);
        }
    }
}

// SAFETY: as for `Engine`; `DeviceGapsFilled` and `DeviceGapsOverwritten` write inside their buffer.
unsafe impl EngineInterleavedSlave for Faulty {
    fn prep_interleaved_slave(
        &self,
        channel: &mut FaultyChannel,
        transfer: &mut FaultyDescriptor,
        buffer: &Region,
        request: &InterleavedSlave<'_>,
    ) -> Result<(), PrepError> {
        let to_device = request.direction == Direction::MemToDev;
        let mut segments: Vec<_> = request.pieces().map(|(at, len)| (buffer.bus.0 + at, len)).collect();
        match self.fault {
            Some(Fault::DeviceGapsFilled) => {
                for i in 1..segments.len() {
                    segments[i].0 = segments[i - 1].0 + u64::from(segments[i - 1].1);
                }
            }
            Some(Fault::DeviceLastPieceMissing) if segments.len() > 1 => drop(segments.pop()),
            _ => {}
        }
        self.fill(channel, transfer, Moves::Sg { segments, to_device }, (!to_device).then_some(buffer.bus.0))?;
        transfer.repeat = request.shape.repeat && !self.has(Fault::DeviceRepeatsOnce);
        Ok(())
    }
}

// SAFETY: as for `Engine`; with `EndRepeatAtOnce` the hardware is reset before its end is told.
unsafe impl EngineRepeat for Faulty {
    fn end_repeat(&self, channel: &mut FaultyChannel, _transfer: &mut FaultyDescriptor) {
        channel.has_ended_repeat = true;
        match self.fault {
            Some(Fault::EndRepeatIgnored) => {}
            Some(Fault::EndRepeatLate) => channel.ends_repeat_late = true,
            Some(Fault::EndRepeatAtOnce) => {
                self.hw().reset(channel.id);
                let news = hw::News { tag: channel.number, at: self.hw().now(), kind: hw::NewsKind::Done };
                self.hw().post_news(channel.id, news);
            }
            _ => self.hw().repeat(channel.id, false),
        }
    }
}

// SAFETY: as for `Engine`.
unsafe impl EngineSlaveSg for Faulty {
    fn prep_slave_sg(
        &self,
        channel: &mut FaultyChannel,
        transfer: &mut FaultyDescriptor,
        segments: &[Region],
        request: &SlaveSg,
    ) -> Result<(), PrepError> {
        let to_device = request.direction == Direction::MemToDev;
        let target = segments.first().filter(|_| !to_device).map(|part| part.bus.0);
        let segments: Result<Vec<_>, _> = segments.iter().map(|part| Ok((part.bus.0, length(part)?))).collect();
        let segments = if to_device { self.played(segments?) } else { segments? };
        self.fill(channel, transfer, Moves::Sg { segments, to_device }, target)
    }
}

impl Faulty {
    /// What becomes of a list towards a device.
    fn played(&self, mut segments: Vec<(u64, u32)>) -> Vec<(u64, u32)> {
        match (self.fault, &segments[..]) {
            (Some(Fault::PlaysFramesSwapped), &[(bus, len), ..]) if len > 2 * FRAME => {
                let (frame, second) = (u64::from(FRAME), bus + u64::from(FRAME));
                segments[0] = (second + frame, len - 2 * FRAME);
                segments.splice(..0, [(second, FRAME), (bus, FRAME)]);
            }
            (Some(Fault::PlaysASegmentTwice), &[.., last]) => segments.push(last),
            (Some(Fault::PlaysASegmentShort), &[(_, len), ..]) if len > FRAME => segments[0].1 -= FRAME,
            _ => {}
        }
        segments
    }
}

// SAFETY: as for `Engine`; with `PauseIgnored` bytes move after `pause` has returned `Ok`, inside the transfer's regions.
unsafe impl EnginePause for Faulty {
    fn pause(&self, channel: &mut FaultyChannel) -> Result<(), TransferError> {
        if self.has(Fault::PauseIgnored) {
            return Ok(());
        }
        channel.is_paused = true;
        self.mock.pause(&mut channel.inner)
    }

    fn resume(&self, channel: &mut FaultyChannel) -> Result<(), TransferError> {
        match (self.fault, &channel.moves) {
            (Some(Fault::ResumeIgnored), _) => return Ok(()),
            (Some(Fault::ResumeStartsOver), Some(moves)) => {
                self.hw().reset(channel.id);
                self.run(channel.id, channel.number, moves, false);
            }
            _ => self.mock.resume(&mut channel.inner)?,
        }
        channel.is_paused = false;
        Ok(())
    }
}

// SAFETY: as for `Engine`; with `StopNeedsTheInterrupt` the stop needs one, and the library waits in vain.
unsafe impl EngineTerminateAtomic for Faulty {
    fn atomic_bound(&self) -> Micros {
        self.facts.stop.bound()
    }
}

// SAFETY: as for `Engine`; with `StoppedNotTold` what waits behind a stop is not started, and with `QueueTakesTheStopBack` the
// old transfer goes on in its own memory, which the library keeps.
unsafe impl EngineQueueAfterStop for Faulty {
    fn queue(&self, channel: &mut FaultyChannel, next: &mut FaultyDescriptor) {
        if let (true, Some(moves)) = (self.has(Fault::QueueTakesTheStopBack), &next.moves) {
            self.run(channel.id, NOBODY, moves, false);
        }
    }
}
