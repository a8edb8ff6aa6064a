//! [`Statement`]: a promise, where it is written, and how it is tried, as data.

use core::fmt;

use super::case::{Case, Verdict};
use super::prelude::*;
use super::rig::Rig;
use crate::engine::Engine;

/// What a statement needs of a rig.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Need {
    /// A transfer that ends by itself: a copy, or a list or rows from a device.
    Finite,
    /// A transfer that goes on: a ring, or a long copy.
    Endless,
    /// A copy.
    Memcpy,
    /// Anything that writes a place and not its surroundings: a copy, a fill, a rectangle, or rows from a device.
    Place,
    /// A transfer that repeats until it is replaced: rectangles, or rows from a device.
    Repeat,
    /// A ring, and a device that counts.
    Ring,
    /// A ring or a list towards a device, and a device that takes.
    Sink,
    /// [`EnginePause`](crate::EnginePause).
    Pause,
    /// [`EngineTerminateAtomic`](crate::EngineTerminateAtomic).
    TerminateAtomic,
    /// [`EngineQueueAfterStop`](crate::EngineQueueAfterStop).
    QueueAfterStop,
    /// A stop that takes time.
    DeferredStop,
    /// Hardware that can be made to ignore a stop.
    IgnoredStop,
    /// Two channels.
    TwoChannels,
    /// Residue that says only whether a transfer is over.
    CoarseResidue,
    /// Residue that says more than that.
    FineResidue,
}

impl Need {
    /// What a rig without it is told.
    const fn missing(self) -> &'static str {
        match self {
            Self::Finite => {
                "no transfer that ends by itself: neither memcpy, nor slave_sg or interleaved_slave with a device"
            }
            Self::Endless => "no transfer that goes on: neither cyclic with a device nor memcpy",
            Self::Memcpy => "the engine declares no memcpy",
            Self::Place => "none of memcpy, memset, interleaved, and interleaved_slave with a device",
            Self::Repeat => "no transfer that repeats: neither interleaved nor interleaved_slave with a device",
            Self::Ring => "no ring: cyclic is not declared or there is no device",
            Self::Sink => "no device that takes: neither cyclic nor slave_sg is declared or there is no sink",
            Self::Pause => "the engine declares no pause",
            Self::TerminateAtomic => "the engine declares no terminate_atomic",
            Self::QueueAfterStop => "the engine declares no queue_after_stop",
            Self::DeferredStop => "the engine stops at once",
            Self::IgnoredStop => "the hardware cannot be made to ignore a stop",
            Self::TwoChannels => "the controller has one channel",
            Self::CoarseResidue => "the engine's residue is finer than a descriptor",
            Self::FineResidue => "the engine's residue is no finer than a descriptor",
        }
    }

    /// Whether a rig has it.
    pub(super) fn is_met<R: Rig>(self, case: &Case<'_, '_, R>) -> bool {
        let abilities = case.abilities;
        let copies = abilities.memcpy.is_some();
        match self {
            Self::Finite => {
                copies || (abilities.slave_sg.is_some() && case.counter(0).is_some()) || case.has_rows_from()
            }
            Self::Endless => copies || case.has_ring(),
            Self::Memcpy => copies,
            Self::Place => {
                copies || abilities.memset.is_some() || abilities.interleaved.is_some() || case.has_rows_from()
            }
            Self::Repeat => abilities.interleaved.is_some() || case.has_rows_from(),
            Self::Ring => case.has_ring(),
            Self::Sink => (abilities.cyclic.is_some() || abilities.slave_sg.is_some()) && case.rig.sink(0).is_some(),
            Self::Pause => abilities.pause.is_some(),
            Self::TerminateAtomic => abilities.atomic.is_some(),
            Self::QueueAfterStop => abilities.queue.is_some(),
            Self::DeferredStop => !case.stops_at_once(),
            Self::IgnoredStop => {
                let can = case.rig.ignore_stops(true);
                case.rig.ignore_stops(false);
                can
            }
            Self::TwoChannels => case.dma().channels() > 1,
            Self::CoarseResidue => case.is_coarse(),
            Self::FineResidue => !case.is_coarse(),
        }
    }
}

impl fmt::Display for Need {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.missing())
    }
}

/// Who keeps a promise, and so who can break it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Keeper {
    /// The backend: a faulty one breaks it, and the statement tells.
    Backend,
    /// The library alone, whatever the backend does, for this reason. The statement is tried all the same.
    Core(&'static str),
    /// The types: it cannot be broken in a program that compiles, or cannot be said in this interface, for this reason. There is
    /// nothing to try.
    Types(&'static str),
}

pub(super) type Check<R> = for<'c, 'k, 'r> fn(&'k Case<'c, 'r, R>) -> Verdict;

/// A promise of the interface.
pub struct Statement<R: Rig> {
    /// Its number; numbers are for good.
    pub number: u8,
    /// The name of its test: the number and what it says, in short.
    pub name: &'static str,
    /// What is promised.
    pub promise: &'static str,
    /// Where it is written.
    pub source: &'static str,
    /// What it takes to try it.
    pub needs: &'static [Need],
    /// Who keeps it.
    pub keeper: Keeper,
    pub(super) check: Check<R>,
}

impl<R: Rig> Statement<R> {
    /// A promise that a backend can break.
    pub(super) const fn new(
        name: (u8, &'static str),
        promise: &'static str,
        source: &'static str,
        needs: &'static [Need],
        check: Check<R>,
    ) -> Self {
        Self { number: name.0, name: name.1, promise, source, needs, keeper: Keeper::Backend, check }
    }

    /// A promise that only the library can break.
    pub(super) const fn of_core(mut self, reason: &'static str) -> Self {
        self.keeper = Keeper::Core(reason);
        self
    }

    /// A promise that the types keep.
    pub(super) const fn of_types(
        name: (u8, &'static str),
        promise: &'static str,
        source: &'static str,
        reason: &'static str,
    ) -> Self {
        let keeper = Keeper::Types(reason);
        Self { number: name.0, name: name.1, promise, source, needs: &[], keeper, check: nothing_to_try }
    }
}

fn nothing_to_try<R: Rig>(_case: &Case<'_, '_, R>) -> Verdict {
    Ok(())
}

impl<R: Rig> fmt::Debug for Statement<R>
where
    R::Engine: Engine,
{
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.name, self.promise)
    }
}

/// The statement that a number names.
pub fn statement<R: Rig>(number: u8) -> Option<Statement<R>> {
    statements().into_iter().find(|statement| statement.number == number)
}

/// All of them, by number.
pub fn statements<R: Rig>() -> Vec<Statement<R>> {
    let mut all = Vec::new();
    all.extend(super::prepare_submit_issue::table());
    all.extend(super::status::table());
    all.extend(super::residue::table());
    all.extend(super::callbacks::table());
    all.extend(super::pause::table());
    all.extend(super::terminate::table());
    all.extend(super::restart::table());
    all.extend(super::synchronize::table());
    all.extend(super::atomic::table());
    all.extend(super::lifetime::table());
    all.extend(super::data::table());
    all.extend(super::to_device::table());
    all.sort_by_key(|statement| statement.number);
    all
}
