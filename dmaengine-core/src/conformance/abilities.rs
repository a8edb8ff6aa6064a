//! [`Abilities`]: which of the optional engine traits a backend has, checked by the compiler and kept as data.
//!
//! A statement about pausing can only be tried where `Engine: EnginePause` holds. The suite is one table for all engines, so
//! each ability is kept as the functions that need its bound; an engine without it has none of them, and the statements that
//! need them are skipped, visibly.

use core::fmt;

use super::Memory;
use crate::config::{Cyclic, Direction, Interleaved, SlaveConfig, SlaveSg};
use crate::engine::{
    Caps, Engine, EngineCyclic, EngineInterleaved, EngineInterleavedSlave, EngineMemcpy, EngineMemset, EnginePause,
    EngineQueueAfterStop, EngineSlaveSg, EngineTerminateAtomic,
};
use crate::error::{Kept, PrepError, StillRunning};
use crate::memory::Payload;
use crate::prepare::Prepared;
use crate::transfer::Transfer;
use crate::{Active, Idle, Micros, PauseFailed, Paused, ResumeFailed, StopHandle, Stopping};

/// A channel in one of the states in which a transfer can be prepared.
pub(super) enum View<'a, 'd, E: Engine> {
    Idle(&'a Idle<'d, E>),
    Active(&'a Active<'d, E>),
    Stopping(&'a Stopping<'d, E>),
}

impl<'a, 'd, E: Engine> From<&'a Idle<'d, E>> for View<'a, 'd, E> {
    fn from(channel: &'a Idle<'d, E>) -> Self {
        Self::Idle(channel)
    }
}

impl<'a, 'd, E: Engine> From<&'a Active<'d, E>> for View<'a, 'd, E> {
    fn from(channel: &'a Active<'d, E>) -> Self {
        Self::Active(channel)
    }
}

impl<'a, 'd, E: Engine> From<&'a Stopping<'d, E>> for View<'a, 'd, E> {
    fn from(channel: &'a Stopping<'d, E>) -> Self {
        Self::Stopping(channel)
    }
}

type Prep<'d, E, B> = Result<Prepared<'d, E, B>, PrepError>;
pub(super) type Stopped<'d, E> = Result<Idle<'d, E>, Kept<Stopping<'d, E>, StillRunning>>;

pub(super) type PrepCopy<E> =
    for<'a, 'd> fn(View<'a, 'd, E>, Memory, Memory) -> Result<Prepared<'d, E, (Memory, Memory)>, PrepError>;
pub(super) type PrepFill<E> = for<'a, 'd> fn(View<'a, 'd, E>, Memory, u8) -> Result<Prepared<'d, E, Memory>, PrepError>;
pub(super) type PrepRows<E> = for<'a, 'd, 'r, 'c> fn(
    View<'a, 'd, E>,
    Memory,
    Memory,
    &'r Interleaved<'c>,
) -> Result<Prepared<'d, E, (Memory, Memory)>, PrepError>;
pub(super) type PrepRowsFrom<E> = for<'a, 'd, 'r, 'c> fn(
    View<'a, 'd, E>,
    Memory,
    &'r Interleaved<'c>,
    &'r SlaveConfig<<E as Engine>::Peripheral>,
) -> Result<Prepared<'d, E, Memory>, PrepError>;
pub(super) type PrepRing<E> = for<'a, 'd, 'r> fn(
    View<'a, 'd, E>,
    Memory,
    &'r Cyclic<<E as Engine>::Peripheral>,
) -> Result<Prepared<'d, E, Memory>, PrepError>;
pub(super) type PrepList<E> = for<'a, 'd, 'r> fn(
    View<'a, 'd, E>,
    [Memory; 2],
    &'r SlaveSg<<E as Engine>::Peripheral>,
) -> Result<Prepared<'d, E, [Memory; 2]>, PrepError>;
pub(super) type Queue<E, B> =
    for<'d> fn(Stopping<'d, E>, Prepared<'d, E, B>) -> Option<(Active<'d, E>, Transfer<'d, E, B>)>;

/// What `EnginePause` allows.
pub(super) struct PauseWays<E: Engine> {
    pub(super) pause: for<'d> fn(Active<'d, E>) -> Result<Paused<'d, E>, PauseFailed<'d, E>>,
    pub(super) resume: for<'d> fn(Paused<'d, E>) -> Result<Active<'d, E>, ResumeFailed<'d, E>>,
}

/// What `EngineTerminateAtomic` allows.
pub(super) struct AtomicWays<E: Engine> {
    pub(super) bound: fn(&E) -> Micros,
    pub(super) active: for<'d> fn(Active<'d, E>) -> Stopped<'d, E>,
    pub(super) stopping: for<'d> fn(Stopping<'d, E>) -> Stopped<'d, E>,
    pub(super) handle: for<'a, 'd> fn(&'a StopHandle<'d, E>) -> Result<bool, StillRunning>,
}

/// What `EngineQueueAfterStop` allows.
pub(super) struct QueueWays<E: Engine> {
    pub(super) copy: Queue<E, (Memory, Memory)>,
    pub(super) ring: Queue<E, Memory>,
    pub(super) list: Queue<E, [Memory; 2]>,
}

/// What an engine can do beyond what every engine does. A backend author names each trait that the engine implements:
///
/// ```
/// use backend_mock::Mock;
/// use dmaengine_core::conformance::Abilities;
///
/// let abilities: Abilities<Mock> = Abilities::none().memcpy().cyclic().slave_sg().pause().terminate_atomic();
/// assert_eq!(format!("{abilities:?}"), "memcpy cyclic slave_sg pause terminate_atomic");
/// ```
///
/// The compiler refuses one that it does not implement. One that is not named is not tried, and the suite says so.
pub struct Abilities<E: Engine> {
    pub(super) memcpy: Option<PrepCopy<E>>,
    pub(super) memset: Option<PrepFill<E>>,
    pub(super) interleaved: Option<PrepRows<E>>,
    pub(super) interleaved_slave: Option<PrepRowsFrom<E>>,
    pub(super) cyclic: Option<PrepRing<E>>,
    pub(super) slave_sg: Option<PrepList<E>>,
    pub(super) pause: Option<PauseWays<E>>,
    pub(super) atomic: Option<AtomicWays<E>>,
    pub(super) queue: Option<QueueWays<E>>,
}

impl<E: Engine> Abilities<E> {
    /// None of them.
    #[must_use]
    pub const fn none() -> Self {
        Self {
            memcpy: None,
            memset: None,
            interleaved: None,
            interleaved_slave: None,
            cyclic: None,
            slave_sg: None,
            pause: None,
            atomic: None,
            queue: None,
        }
    }

    /// It copies memory.
    #[must_use]
    pub fn memcpy(self) -> Self
    where
        E: EngineMemcpy,
    {
        Self { memcpy: Some(prep_copy::<E>), ..self }
    }

    /// It fills memory with a byte.
    #[must_use]
    pub fn memset(self) -> Self
    where
        E: EngineMemset,
    {
        Self { memset: Some(prep_fill::<E>), ..self }
    }

    /// It copies rectangles, and repeats that until it is replaced.
    #[must_use]
    pub fn interleaved(self) -> Self
    where
        E: EngineInterleaved,
    {
        Self { interleaved: Some(prep_rows::<E>), ..self }
    }

    /// It fills rows of chunks, and repeats that until it is replaced. Takes a device: [`Rig::counter`](super::Rig::counter).
    #[must_use]
    pub fn interleaved_slave(self) -> Self
    where
        E: EngineInterleavedSlave,
    {
        Self { interleaved_slave: Some(prep_rows_from::<E>), ..self }
    }

    /// It goes round a buffer. Takes a device: [`Rig::counter`](super::Rig::counter), [`Rig::sink`](super::Rig::sink).
    #[must_use]
    pub fn cyclic(self) -> Self
    where
        E: EngineCyclic,
    {
        Self { cyclic: Some(prep_ring::<E>), ..self }
    }

    /// It serves a device from or into a list of buffers. Takes one: [`Rig::counter`](super::Rig::counter),
    /// [`Rig::sink`](super::Rig::sink).
    #[must_use]
    pub fn slave_sg(self) -> Self
    where
        E: EngineSlaveSg,
    {
        Self { slave_sg: Some(prep_list::<E>), ..self }
    }

    /// It pauses.
    #[must_use]
    pub fn pause(self) -> Self
    where
        E: EnginePause,
    {
        Self { pause: Some(PauseWays { pause: |active| active.pause(), resume: |paused| paused.resume() }), ..self }
    }

    /// Its stop can be waited for without sleeping.
    #[must_use]
    pub fn terminate_atomic(self) -> Self
    where
        E: EngineTerminateAtomic,
    {
        let ways = AtomicWays {
            bound: E::atomic_bound,
            active: |active| active.terminate_atomic(),
            stopping: |stopping| stopping.terminate_atomic(),
            handle: |handle| handle.terminate_atomic(),
        };
        Self { atomic: Some(ways), ..self }
    }

    /// A transfer may wait behind its stop.
    #[must_use]
    pub fn queue_after_stop(self) -> Self
    where
        E: EngineQueueAfterStop,
    {
        let ways = QueueWays { copy: queue::<E, _>, ring: queue::<E, _>, list: queue::<E, _> };
        Self { queue: Some(ways), ..self }
    }
}

impl<E: Engine> Abilities<E> {
    /// The same as data.
    pub(super) fn caps(&self) -> Caps {
        let each = [
            (Caps::MEMCPY, self.memcpy.is_some()),
            (Caps::MEMSET, self.memset.is_some()),
            (Caps::INTERLEAVED, self.interleaved.is_some()),
            (Caps::INTERLEAVED_SLAVE, self.interleaved_slave.is_some()),
            (Caps::CYCLIC, self.cyclic.is_some()),
            (Caps::SLAVE_SG, self.slave_sg.is_some()),
            (Caps::PAUSE, self.pause.is_some()),
            (Caps::TERMINATE_ATOMIC, self.atomic.is_some()),
            (Caps::QUEUE_AFTER_STOP, self.queue.is_some()),
        ];
        each.into_iter().filter(|(_, has)| *has).fold(Caps::empty(), |caps, (cap, _)| caps | cap)
    }
}

impl<E: Engine> fmt::Debug for Abilities<E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let names = [
            ("memcpy", self.memcpy.is_some()),
            ("memset", self.memset.is_some()),
            ("interleaved", self.interleaved.is_some()),
            ("interleaved_slave", self.interleaved_slave.is_some()),
            ("cyclic", self.cyclic.is_some()),
            ("slave_sg", self.slave_sg.is_some()),
            ("pause", self.pause.is_some()),
            ("terminate_atomic", self.atomic.is_some()),
            ("queue_after_stop", self.queue.is_some()),
        ];
        let mut gap = "";
        for (name, _) in names.iter().filter(|(_, has)| *has) {
            write!(f, "{gap}{name}")?;
            gap = " ";
        }
        Ok(())
    }
}

fn prep_copy<'d, E: EngineMemcpy>(on: View<'_, 'd, E>, dst: Memory, src: Memory) -> Prep<'d, E, (Memory, Memory)> {
    let prepared = match on {
        View::Idle(channel) => channel.prep_memcpy(dst, src),
        View::Active(channel) => channel.prep_memcpy(dst, src),
        View::Stopping(channel) => channel.prep_memcpy(dst, src),
    };
    prepared.map_err(|kept| kept.error)
}

fn prep_fill<'d, E: EngineMemset>(on: View<'_, 'd, E>, dst: Memory, value: u8) -> Prep<'d, E, Memory> {
    let prepared = match on {
        View::Idle(channel) => channel.prep_memset(dst, value),
        View::Active(channel) => channel.prep_memset(dst, value),
        View::Stopping(channel) => channel.prep_memset(dst, value),
    };
    prepared.map_err(|kept| kept.error)
}

fn prep_rows<'d, E: EngineInterleaved>(
    on: View<'_, 'd, E>,
    dst: Memory,
    src: Memory,
    request: &Interleaved<'_>,
) -> Prep<'d, E, (Memory, Memory)> {
    let prepared = match on {
        View::Idle(channel) => channel.prep_interleaved(dst, src, request),
        View::Active(channel) => channel.prep_interleaved(dst, src, request),
        View::Stopping(channel) => channel.prep_interleaved(dst, src, request),
    };
    prepared.map_err(|kept| kept.error)
}

fn prep_rows_from<'d, E: EngineInterleavedSlave>(
    on: View<'_, 'd, E>,
    memory: Memory,
    shape: &Interleaved<'_>,
    config: &SlaveConfig<E::Peripheral>,
) -> Prep<'d, E, Memory> {
    let prepared = match on {
        View::Idle(channel) => channel.prep_interleaved_from_device(memory, shape, config),
        View::Active(channel) => channel.prep_interleaved_from_device(memory, shape, config),
        View::Stopping(channel) => channel.prep_interleaved_from_device(memory, shape, config),
    };
    prepared.map_err(|kept| kept.error)
}

fn prep_ring<'d, E: EngineCyclic>(
    on: View<'_, 'd, E>,
    ring: Memory,
    request: &Cyclic<E::Peripheral>,
) -> Prep<'d, E, Memory> {
    let prepared = match on {
        View::Idle(channel) => channel.prep_cyclic(ring, request),
        View::Active(channel) => channel.prep_cyclic(ring, request),
        View::Stopping(channel) => channel.prep_cyclic(ring, request),
    };
    prepared.map_err(|kept| kept.error)
}

fn prep_list<'d, E: EngineSlaveSg>(
    on: View<'_, 'd, E>,
    parts: [Memory; 2],
    SlaveSg { direction, config }: &SlaveSg<E::Peripheral>,
) -> Prep<'d, E, [Memory; 2]> {
    let to_device = *direction == Direction::MemToDev;
    let prepared = match on {
        View::Idle(channel) if to_device => channel.prep_slave_sg_to_device(parts, config),
        View::Active(channel) if to_device => channel.prep_slave_sg_to_device(parts, config),
        View::Stopping(channel) if to_device => channel.prep_slave_sg_to_device(parts, config),
        View::Idle(channel) => channel.prep_slave_sg_from_device(parts, config),
        View::Active(channel) => channel.prep_slave_sg_from_device(parts, config),
        View::Stopping(channel) => channel.prep_slave_sg_from_device(parts, config),
    };
    prepared.map_err(|kept| kept.error)
}

fn queue<'d, E: EngineQueueAfterStop, B: Payload>(
    stopping: Stopping<'d, E>,
    prepared: Prepared<'d, E, B>,
) -> Option<(Active<'d, E>, Transfer<'d, E, B>)> {
    stopping.queue_after_stop(prepared).ok()
}
