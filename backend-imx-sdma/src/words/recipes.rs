//! Which buffer descriptors a transfer takes (Linux 6.12 drivers/dma/imx-sdma.c).
//!
//! Each recipe looks at all it is given before it writes the first descriptor, so a refused one has written nothing. It
//! calls `write` with the index and the descriptor, for each in order, and returns how many there are; `room` is how
//! many there may be.

use dmaengine_core::BusAddr;
use dmaengine_core::error::PrepError;

use super::{BufferDescriptor, Mode, Status, Unit};

/// The longest piece that a descriptor of a memory copy takes, in bytes: as much as is a multiple of 4, so that a copy
/// that begins aligned goes on so. The last piece alone may be shorter.
pub const COPY_PIECE: u32 = 65_532;

const OWNED: Status = Status::DONE.union(Status::EXTD);

/// A ring: one descriptor a period, each interrupts, and the last leads back to the first.
///
/// # Errors
/// [`PrepError::Zero`], [`PeriodDoesNotDivide`](PrepError::PeriodDoesNotDivide),
/// [`SegmentTooLong`](PrepError::SegmentTooLong) for the period, [`Misaligned`](PrepError::Misaligned),
/// [`Unreachable`](PrepError::Unreachable) above 4 GB, [`TooManySegments`](PrepError::TooManySegments).
pub fn cyclic(
    unit: Unit,
    buffer: BusAddr,
    len: u64,
    period: u32,
    room: u32,
    mut write: impl FnMut(u32, BufferDescriptor),
) -> Result<u32, PrepError> {
    if len == 0 || period == 0 {
        return Err(PrepError::Zero);
    }
    if len % u64::from(period) != 0 {
        return Err(PrepError::PeriodDoesNotDivide { len, period });
    }
    let (_, count) = segment(unit, buffer, u64::from(period))?;
    let start = bus(buffer, len)?;
    let periods = fit(len / u64::from(period), room)?;
    for index in 0..periods {
        let status = ring_status(index, periods);
        let mode = Mode::new(count, status, unit.command);
        write(index, BufferDescriptor { mode, buffer: start + index * period, extended: 0 });
    }
    Ok(periods)
}

/// A list: one descriptor a segment, one interrupt at the end.
///
/// # Errors
/// As [`cyclic`], for each segment. [`PrepError::Zero`] if there is none.
pub fn slave_sg(
    unit: Unit,
    segments: impl Iterator<Item = (BusAddr, u64)> + Clone,
    room: u32,
    mut write: impl FnMut(u32, BufferDescriptor),
) -> Result<u32, PrepError> {
    let mut count = 0;
    for (buffer, len) in segments.clone() {
        segment(unit, buffer, len)?;
        count += 1;
    }
    if count == 0 {
        return Err(PrepError::Zero);
    }
    let entries = fit(count, room)?;
    for (index, (buffer, len)) in (0..entries).zip(segments) {
        let (buffer, len) = segment(unit, buffer, len)?;
        let mode = Mode::new(len, list_status(index, entries), unit.command);
        write(index, BufferDescriptor { mode, buffer, extended: 0 });
    }
    Ok(entries)
}

/// A copy in pieces of [`COPY_PIECE`], one interrupt at the end. Any addresses, any length.
///
/// Linux makes pieces of 65,535 bytes, so its second one is misaligned, and a length that is a whole number of those
/// gets one descriptor too many.
///
/// # Errors
/// [`PrepError::Zero`], [`Unreachable`](PrepError::Unreachable) above 4 GB,
/// [`TooManySegments`](PrepError::TooManySegments).
pub fn memcpy(
    destination: BusAddr,
    source: BusAddr,
    len: u64,
    room: u32,
    mut write: impl FnMut(u32, BufferDescriptor),
) -> Result<u32, PrepError> {
    if len == 0 {
        return Err(PrepError::Zero);
    }
    let (source, destination) = (bus(source, len)?, bus(destination, len)?);
    let pieces = fit(len.div_ceil(u64::from(COPY_PIECE)), room)?;
    for index in 0..pieces {
        let done = index * COPY_PIECE;
        let count = (len - u64::from(done)).min(u64::from(COPY_PIECE)) as u16;
        let mode = Mode::new(count, list_status(index, pieces), Unit::COPY.command);
        write(index, BufferDescriptor { mode, buffer: source + done, extended: destination + done });
    }
    Ok(pieces)
}

/// Device to device: a ring of `periods` descriptors that name no memory and count words of 32 bit, as `per_2_per`
/// moves them. `period` is in bytes.
///
/// Where descriptors end ([`Until::Counted`](crate::peripheral::Until::Counted)) it takes two at least: one alone leads
/// back to itself, and the SDMA does not own it any more. Linux writes the bytes of a period there, which nobody
/// notices: a transfer without end ([`Until::Stopped`](crate::peripheral::Until::Stopped)) never comes to the end of a
/// descriptor.
///
/// # Errors
/// As [`cyclic`].
pub fn dev_to_dev(
    period: u32,
    periods: u32,
    room: u32,
    mut write: impl FnMut(u32, BufferDescriptor),
) -> Result<u32, PrepError> {
    if period == 0 || periods == 0 {
        return Err(PrepError::Zero);
    }
    if period % 4 != 0 {
        return Err(PrepError::Misaligned { value: u64::from(period), align: 4 });
    }
    let limit = 4 * u32::from(Mode::MAX_COUNT);
    if period > limit {
        return Err(PrepError::SegmentTooLong { len: u64::from(period), limit });
    }
    let periods = fit(u64::from(periods), room)?;
    for index in 0..periods {
        let mode = Mode::new((period / 4) as u16, ring_status(index, periods), 0);
        write(index, BufferDescriptor { mode, buffer: 0, extended: 0 });
    }
    Ok(periods)
}

/// The flags of a ring's descriptors. The last one has [`Status::WRAP`], too.
pub(crate) const RING: Status = OWNED.union(Status::CONT).union(Status::INTR);

fn ring_status(index: u32, count: u32) -> Status {
    RING | if index + 1 == count { Status::WRAP } else { Status::empty() }
}

fn list_status(index: u32, count: u32) -> Status {
    OWNED | if index + 1 == count { Status::INTR | Status::LAST } else { Status::CONT }
}

/// One piece of memory, as a descriptor has it.
fn segment(unit: Unit, address: BusAddr, len: u64) -> Result<(u32, u16), PrepError> {
    if len == 0 {
        return Err(PrepError::Zero);
    }
    let count = u16::try_from(len).map_err(|_| PrepError::SegmentTooLong { len, limit: u32::from(Mode::MAX_COUNT) })?;
    for (value, align) in [(address.0, unit.address_align), (len, unit.length_align)] {
        if value % u64::from(align) != 0 {
            return Err(PrepError::Misaligned { value, align });
        }
    }
    Ok((bus(address, len)?, count))
}

/// An address that the SDMA has, with all of `len` bytes (more than none) behind it.
fn bus(address: BusAddr, len: u64) -> Result<u32, PrepError> {
    let unreachable = PrepError::Unreachable { address: address.0.max(1 << 32) };
    let last = address.0.checked_add(len - 1).ok_or(unreachable)?;
    if last > u64::from(u32::MAX) {
        return Err(unreachable);
    }
    Ok(address.0 as u32)
}

fn fit(count: u64, room: u32) -> Result<u32, PrepError> {
    if count > u64::from(room) {
        return Err(PrepError::TooManySegments { count, limit: room });
    }
    Ok(count as u32)
}

#[cfg(test)]
mod tests;
