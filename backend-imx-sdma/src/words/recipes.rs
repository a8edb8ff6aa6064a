//! Which buffer descriptors a transfer takes (Linux 6.12 drivers/dma/imx-sdma.c).
//!
//! Each recipe looks at all it is given before it gives the first descriptor, so a refused one has given none. What it answers are
//! the descriptors in order; `room` is how many there may be.

use dmaengine_core::BusAddr;
use dmaengine_core::error::PrepError;

use super::{BufferDescriptor, Mode, Status, Unit};

/// The longest piece that a descriptor of a memory copy takes, in bytes: as much as is a multiple of 4, so that a copy
/// that begins aligned goes on so. The last piece alone may be shorter.
pub const COPY_PIECE: u32 = 65_532;

const OWNED: Status = Status::DONE.union(Status::EXTD);
/// What all descriptors of a ring have.
pub(crate) const RING: Status = OWNED.union(Status::CONT).union(Status::INTR);

/// A ring: one descriptor a period, each interrupts, and the last leads back to the first.
///
/// # Errors
/// [`PrepError::Zero`], [`PeriodDoesNotDivide`](PrepError::PeriodDoesNotDivide),
/// [`SegmentTooLong`](PrepError::SegmentTooLong) for the period, [`Misaligned`](PrepError::Misaligned),
/// [`Unreachable`](PrepError::Unreachable) above 4 GB, [`TooManySegments`](PrepError::TooManySegments).
#[inline]
pub fn cyclic(
    unit: Unit,
    buffer: BusAddr,
    len: u64,
    period: u32,
    room: u32,
) -> Result<impl ExactSizeIterator<Item = BufferDescriptor>, PrepError> {
    if len == 0 || period == 0 {
        return Err(PrepError::Zero);
    }
    if len % u64::from(period) != 0 {
        return Err(PrepError::PeriodDoesNotDivide { len, period });
    }
    let count = segment(unit, buffer, u64::from(period))?;
    let start = bus(buffer, len)?;
    let periods = fit(len / u64::from(period), room)?;
    let mode = Mode::new(count, RING, unit.command);
    let descriptor = move |index| {
        let mode = mode.with(wrap(index, periods));
        BufferDescriptor { mode, buffer: start + index * period, extended: 0 }
    };
    Ok((0..periods).map(descriptor))
}

/// A list: one descriptor a segment, one interrupt at the end.
///
/// # Errors
/// As [`cyclic`], for each segment. [`PrepError::Zero`] if there is none.
pub fn slave_sg(
    unit: Unit,
    segments: impl ExactSizeIterator<Item = (BusAddr, u64)> + Clone,
    room: u32,
) -> Result<impl ExactSizeIterator<Item = BufferDescriptor>, PrepError> {
    if segments.len() == 0 {
        return Err(PrepError::Zero);
    }
    for (buffer, len) in segments.clone() {
        segment(unit, buffer, len)?;
        bus(buffer, len)?;
    }
    let entries = fit(segments.len() as u64, room)?;
    let descriptor = move |(index, (buffer, len)): (u32, (BusAddr, u64))| {
        // Both fit, as was seen.
        let mode = Mode::new(len as u16, list_status(index, entries), unit.command);
        BufferDescriptor { mode, buffer: buffer.0 as u32, extended: 0 }
    };
    Ok((0..entries).zip(segments).map(descriptor))
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
) -> Result<impl ExactSizeIterator<Item = BufferDescriptor>, PrepError> {
    if len == 0 {
        return Err(PrepError::Zero);
    }
    let (source, destination) = (bus(source, len)?, bus(destination, len)?);
    let pieces = fit(len.div_ceil(u64::from(COPY_PIECE)), room)?;
    let descriptor = move |index| {
        let done = index * COPY_PIECE;
        let count = (len - u64::from(done)).min(u64::from(COPY_PIECE)) as u16;
        let mode = Mode::new(count, list_status(index, pieces), Unit::COPY.command);
        BufferDescriptor { mode, buffer: source + done, extended: destination + done }
    };
    Ok((0..pieces).map(descriptor))
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
) -> Result<impl ExactSizeIterator<Item = BufferDescriptor>, PrepError> {
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
    let descriptor = move |index| {
        let mode = Mode::new((period / 4) as u16, ring_status(index, periods), 0);
        BufferDescriptor { mode, buffer: 0, extended: 0 }
    };
    Ok((0..periods).map(descriptor))
}

fn ring_status(index: u32, count: u32) -> Status {
    RING | wrap(index, count)
}

/// The last of a ring leads back to the first.
fn wrap(index: u32, count: u32) -> Status {
    if index + 1 == count { Status::WRAP } else { Status::empty() }
}

fn list_status(index: u32, count: u32) -> Status {
    OWNED | if index + 1 == count { Status::INTR | Status::LAST } else { Status::CONT }
}

/// The length of a piece of memory, as a descriptor has it.
#[inline]
fn segment(unit: Unit, address: BusAddr, len: u64) -> Result<u16, PrepError> {
    if len == 0 {
        return Err(PrepError::Zero);
    }
    let count = u16::try_from(len).map_err(|_| PrepError::SegmentTooLong { len, limit: u32::from(Mode::MAX_COUNT) })?;
    // A power of two, so no division.
    if address.0 & u64::from(unit.address_align - 1) != 0 {
        return Err(PrepError::Misaligned { value: address.0, align: unit.address_align });
    }
    if u32::from(count) % unit.length_align != 0 {
        return Err(PrepError::Misaligned { value: len, align: unit.length_align });
    }
    Ok(count)
}

/// An address that the SDMA has, with all of `len` bytes (more than none) behind it.
#[inline]
fn bus(address: BusAddr, len: u64) -> Result<u32, PrepError> {
    let unreachable = PrepError::Unreachable { address: address.0.max(1 << 32) };
    let last = address.0.checked_add(len - 1).ok_or(unreachable)?;
    if last > u64::from(u32::MAX) {
        return Err(unreachable);
    }
    Ok(address.0 as u32)
}

#[inline]
fn fit(count: u64, room: u32) -> Result<u32, PrepError> {
    if count > u64::from(room) {
        return Err(PrepError::TooManySegments { count, limit: room });
    }
    Ok(count as u32)
}

#[cfg(test)]
mod tests;
