//! The kinds of transfer: what is checked for each, and what the engine is asked for.

use super::{Mapped, Prepared, prepare};
use crate::config::{Cyclic, DevToDev, Direction, Interleaved, InterleavedSlave, SlaveConfig, SlaveSg};
use crate::engine::{
    EngineCyclic, EngineDevToDev, EngineInterleaved, EngineInterleavedSlave, EngineMemcpy, EngineMemset, EngineRepeat,
    EngineSlaveSg,
};
use crate::error::{Kept, PrepError};
use crate::memory::{Buffer, Region, WriteBuffer};
use crate::vchan::{Chan, EndRepeat, Shape, SlotId};

#[inline(always)]
pub(crate) fn cyclic<'d, E: EngineCyclic, B: WriteBuffer>(
    chan: Chan<'d, E>,
    buffer: B,
    request: &Cyclic<E::Peripheral>,
) -> Result<Prepared<'d, E, B>, Kept<B, PrepError>> {
    prepare(
        chan,
        buffer,
        request.direction,
        |facts, regions| facts.cyclic(&regions[0], request),
        |regions| fill_cyclic(chan, &regions[0], request),
    )
}

/// Prepares a cyclic transfer over memory that is mapped already and that a dead transfer may still be touching.
pub(crate) fn cyclic_again<E: EngineCyclic, B: WriteBuffer>(
    chan: Chan<'_, E>,
    memory: &Mapped<B>,
    request: &Cyclic<E::Peripheral>,
) -> Result<SlotId, PrepError> {
    let [region] = &memory.regions;
    if request.direction != memory.direction {
        return Err(PrepError::Direction { direction: request.direction });
    }
    chan.engine.facts().cyclic(region, request)?;
    fill_cyclic(chan, region, request)
}

/// The same for all buffers, so it is there once in a program.
#[inline(never)]
fn fill_cyclic<E: EngineCyclic>(
    chan: Chan<'_, E>,
    region: &Region,
    request: &Cyclic<E::Peripheral>,
) -> Result<SlotId, PrepError> {
    chan.fill(Shape::round(region.len as u64, request.period), |engine, hw, descriptor| {
        engine.prep_cyclic(hw, descriptor, region, request)
    })
}

pub(crate) fn memcpy<'d, E: EngineMemcpy, D: WriteBuffer, S: Buffer>(
    chan: Chan<'d, E>,
    dst: D,
    src: S,
) -> Result<Prepared<'d, E, (D, S)>, Kept<(D, S), PrepError>> {
    prepare(
        chan,
        (dst, src),
        Direction::MemToMem,
        |facts, regions| {
            let (dst, src) = (&regions[0], &regions[1]);
            if dst.len != src.len {
                return Err(PrepError::LengthsDiffer { dst: dst.len as u64, src: src.len as u64 });
            }
            facts.whole(dst)?;
            facts.whole(src)?;
            facts.pieces(dst)
        },
        |regions| {
            let (dst, src) = (&regions[0], &regions[1]);
            chan.fill(Shape::once(dst.len as u64), |engine, hw, descriptor| {
                engine.prep_memcpy(hw, descriptor, dst, src)
            })
        },
    )
}

pub(crate) fn dev_to_dev<'d, E: EngineDevToDev>(
    chan: Chan<'d, E>,
    request: &DevToDev<E::Peripheral>,
) -> Result<Prepared<'d, E, ()>, PrepError> {
    let prepared = prepare(
        chan,
        (),
        Direction::DevToDev,
        |facts, _| facts.dev_to_dev(request),
        |_| {
            chan.fill(Shape::round(u64::from(request.period), request.period), |engine, hw, descriptor| {
                engine.prep_dev_to_dev(hw, descriptor, request)
            })
        },
    );
    prepared.map_err(|kept| kept.error)
}

pub(crate) fn memset<E: EngineMemset, D: WriteBuffer>(
    chan: Chan<'_, E>,
    dst: D,
    value: u8,
) -> Result<Prepared<'_, E, D>, Kept<D, PrepError>> {
    prepare(
        chan,
        dst,
        // Into memory; the byte comes from the engine itself.
        Direction::DevToMem,
        |facts, regions| {
            facts.whole(&regions[0])?;
            facts.pieces(&regions[0])
        },
        |regions| {
            chan.fill(Shape::once(regions[0].len as u64), |engine, hw, descriptor| {
                engine.prep_memset(hw, descriptor, &regions[0], value)
            })
        },
    )
}

pub(crate) fn interleaved<'d, E: EngineInterleaved, D: WriteBuffer, S: Buffer>(
    chan: Chan<'d, E>,
    dst: D,
    src: S,
    request: &Interleaved<'_>,
) -> Result<Prepared<'d, E, (D, S)>, Kept<(D, S), PrepError>> {
    prepare(
        chan,
        (dst, src),
        Direction::MemToMem,
        |facts, regions| facts.interleaved(&regions[0], &regions[1], request),
        |regions| {
            chan.fill(rows(request), |engine, hw, descriptor| {
                engine.prep_interleaved(hw, descriptor, &regions[0], &regions[1], request)
            })
        },
    )
}

pub(crate) fn interleaved_slave<'d, E: EngineInterleavedSlave, B: Buffer>(
    chan: Chan<'d, E>,
    buffer: B,
    direction: Direction,
    shape: &Interleaved<'_>,
    config: &SlaveConfig<E::Peripheral>,
) -> Result<Prepared<'d, E, B>, Kept<B, PrepError>> {
    let request = InterleavedSlave { direction, shape: *shape, config: *config };
    prepare(
        chan,
        buffer,
        direction,
        |facts, regions| facts.interleaved_slave(&regions[0], &request),
        |regions| {
            chan.fill(rows(shape), |engine, hw, descriptor| {
                engine.prep_interleaved_slave(hw, descriptor, &regions[0], &request)
            })
        },
    )
}

/// Rows of chunks, as the queue sees them.
fn rows<E: EngineRepeat>(shape: &Interleaved<'_>) -> Shape<E> {
    Shape {
        total: shape.bytes(),
        period: shape.repeat.then(|| shape.bytes()),
        load_at_end: shape.load_at_end,
        end_repeat: shape.repeat.then_some(E::end_repeat as EndRepeat<E>),
    }
}

pub(crate) fn slave_sg<'d, E: EngineSlaveSg, B: Buffer, const N: usize>(
    chan: Chan<'d, E>,
    buffers: [B; N],
    direction: Direction,
    config: &SlaveConfig<E::Peripheral>,
) -> Result<Prepared<'d, E, [B; N]>, Kept<[B; N], PrepError>> {
    let request = SlaveSg { direction, config: *config };
    prepare(
        chan,
        buffers,
        direction,
        |facts, regions| {
            facts.device(config)?;
            facts.count(regions.len() as u64)?;
            regions.iter().try_for_each(|region| facts.segment(region))
        },
        |regions| {
            let total = regions.iter().map(|region| region.len as u64).sum();
            chan.fill(Shape::once(total), |engine, hw, descriptor| {
                engine.prep_slave_sg(hw, descriptor, regions, &request)
            })
        },
    )
}
