//! [`Case`]: one statement on one rig, and the few things that statements do again and again.

use super::abilities::{PrepRowsFrom, View};
use super::prelude::*;
use super::rig::{Counter, Rig, Scale};
pub(super) use super::witness::{Trouble, Verdict, Witness, ensure, failed};
use super::work::{Pieces, Ready, Work, pattern, poisoned};
use super::{Abilities, Controller};
use crate::callback::{Callback, Event, EventKind};
use crate::config::{Chunk, Cyclic, Interleaved, SlaveConfig, SlaveSg};
use crate::context::Sleepable;
use crate::engine::{Engine, Facts, ResidueGranularity, StopKind};
use crate::error::PrepError;
use crate::platform::Platform;
use crate::{Active, Direction, Generation, Idle, Micros, SYNCHRONIZE_GRACE, Status};

/// A statement's surroundings.
pub(super) struct Case<'c, 'r, R: Rig> {
    pub(super) rig: &'r R,
    pub(super) cx: &'c Sleepable<'c>,
    pub(super) abilities: &'c Abilities<R::Engine>,
    pub(super) counters: &'c [Option<Counter<<R::Engine as Engine>::Peripheral>>],
    pub(super) scale: Scale,
    pub(super) witness: &'c Witness<'r, R::Engine>,
    pub(super) trespasses: u64,
}

/// A channel and its one transfer, running.
pub(super) type Running<'r, R> = (Active<'r, <R as Rig>::Engine>, Work<'r, <R as Rig>::Engine>);

impl<'c, 'r, R: Rig> Case<'c, 'r, R> {
    pub(super) fn new(
        rig: &'r R,
        cx: &'c Sleepable<'c>,
        abilities: &'c Abilities<R::Engine>,
        counters: &'c [Option<Counter<<R::Engine as Engine>::Peripheral>>],
        witness: &'c Witness<'r, R::Engine>,
    ) -> Self {
        let (scale, trespasses) = (rig.scale(), rig.trespasses().unwrap_or(0));
        Self { rig, cx, abilities, counters, scale, witness, trespasses }
    }

    pub(super) fn dma(&self) -> &'r dyn Controller<R::Engine> {
        self.rig.dma()
    }

    pub(super) fn facts(&self) -> &'r Facts {
        self.dma().engine().facts()
    }

    pub(super) fn now(&self) -> Micros {
        self.dma().engine().platform().now()
    }

    /// How long a stop takes at most.
    pub(super) fn bound(&self) -> Micros {
        self.facts().stop.bound()
    }

    /// How long a `synchronize` takes at most, with a microsecond to spare for rounding.
    pub(super) fn synchronize_bound(&self) -> Micros {
        self.bound() * 2 + SYNCHRONIZE_GRACE + self.scale.brief + Micros(1)
    }

    /// Whether the engine tells only that a transfer is over.
    pub(super) fn is_coarse(&self) -> bool {
        self.facts().residue == ResidueGranularity::Descriptor
    }

    pub(super) fn stops_at_once(&self) -> bool {
        self.facts().stop == StopKind::AtOnce
    }

    /// Lets time pass asleep, with interrupts.
    pub(super) fn run(&self, time: Micros) {
        let start = self.now();
        loop {
            let gone = self.now() - start;
            if gone >= time {
                return;
            }
            self.cx.sleep(time - gone);
        }
    }

    /// Lets time pass without interrupts.
    pub(super) fn pass(&self, time: Micros) {
        self.dma().engine().platform().delay(time);
    }

    /// Sleeps in small pieces until something is so; false if it does not become so.
    pub(super) fn until(&self, mut is_so: impl FnMut() -> bool) -> bool {
        let start = self.now();
        let piece = Micros((self.scale.patience.0 / 2_000).max(1));
        loop {
            if is_so() {
                return true;
            }
            if self.now() - start >= self.scale.patience {
                return false;
            }
            self.cx.sleep(piece);
        }
    }

    /// The events since the last time, oldest first.
    pub(super) fn events(&self) -> Vec<Event> {
        self.witness.take()
    }

    /// Those of one transfer of channel 0, which stay.
    pub(super) fn events_of(&self, generation: Generation) -> Vec<EventKind> {
        let events = self.witness.seen();
        events.iter().filter(|e| e.channel.0 == 0 && e.generation == generation).map(|e| e.kind).collect()
    }

    /// Has the interrupt handler do something at each event from now on.
    pub(super) fn on_event(&self, hook: impl FnMut(&Callback<'_, R::Engine>, Event) + 'r) {
        self.witness.act(Some(Box::new(hook)));
    }

    /// No more of that.
    pub(super) fn forget_hook(&self) {
        self.witness.act(None);
    }

    /// A channel that nobody has.
    pub(super) fn channel(&self, channel: u8) -> Result<Idle<'r, R::Engine>, Trouble> {
        self.dma().channel(channel).map_err(|error| Trouble::Failed(format!("no channel {channel}: {error}")))
    }

    /// Channel 0.
    pub(super) fn idle(&self) -> Result<Idle<'r, R::Engine>, Trouble> {
        self.channel(0)
    }

    pub(super) fn counter(&self, channel: u8) -> Option<&Counter<<R::Engine as Engine>::Peripheral>> {
        self.counters.get(usize::from(channel))?.as_ref()
    }

    pub(super) fn has_rows_from(&self) -> bool {
        self.abilities.interleaved_slave.is_some() && self.counter(0).is_some()
    }

    pub(super) fn has_ring(&self) -> bool {
        self.abilities.cyclic.is_some() && self.counter(0).is_some()
    }

    /// A copy between new memory.
    pub(super) fn copy<'a, 'd>(
        &self,
        on: impl Into<View<'a, 'd, R::Engine>>,
        len: usize,
        seed: u8,
    ) -> Result<Ready<'d, R::Engine>, Trouble>
    where
        'd: 'a,
        R::Engine: 'd,
    {
        let Some(prep) = self.abilities.memcpy else { return failed("the engine does not copy") };
        match prep(on.into(), poisoned(len), pattern(len, seed)) {
            Ok(copy) => Ok(Ready::Copy(copy, seed)),
            Err(error) => failed(format!("a copy of {len} bytes was refused: {error}")),
        }
    }

    /// A transfer that ends by itself, soon: a copy, or a list or rows from the device.
    pub(super) fn finite<'a, 'd>(
        &self,
        on: impl Into<View<'a, 'd, R::Engine>>,
        seed: u8,
    ) -> Result<Ready<'d, R::Engine>, Trouble>
    where
        'd: 'a,
        R::Engine: 'd,
    {
        let ready = finite_anywhere(self.abilities, self.counter(0), on, self.scale.short, seed);
        ready.map_err(|error| Trouble::Failed(format!("a short transfer was refused: {error}")))
    }

    /// A transfer that does not end, or not soon: a ring, or a long copy.
    pub(super) fn endless<'a, 'd>(
        &self,
        on: impl Into<View<'a, 'd, R::Engine>>,
    ) -> Result<Ready<'d, R::Engine>, Trouble>
    where
        'd: 'a,
        R::Engine: 'd,
    {
        let (Some(prep), Some(counter)) = (self.abilities.cyclic, self.counter(0)) else {
            return self.copy(on, self.scale.long, 7);
        };
        let request = Cyclic { direction: Direction::DevToMem, period: counter.period, config: counter.config };
        match prep(on.into(), poisoned(4 * counter.period as usize), &request) {
            Ok(ring) => Ok(Ready::Ring(ring)),
            Err(error) => failed(format!("a ring of four periods was refused: {error}")),
        }
    }

    /// A device's period, or a time in which a long copy gets somewhere.
    pub(super) fn period(&self) -> Micros {
        self.counter(0).filter(|_| self.has_ring()).map_or(Micros(200), |counter| counter.period_time)
    }

    /// Starts an endless transfer on a channel and lets it get somewhere: about half of its first period.
    pub(super) fn under_way(&self, idle: Idle<'r, R::Engine>) -> Result<Running<'r, R>, Trouble> {
        let (active, work) = self.start_endless(idle)?;
        self.run(Micros(self.period().0 / 2 + self.period().0 / 10));
        if let (Work::Copy(..), Status::Completed) = (&work, work.status()) {
            let long = self.scale.long;
            return Err(Trouble::Skipped(format!("a copy of {long} bytes was over too soon: give Scale::long more")));
        }
        Ok((active, work))
    }

    /// Prepares and starts.
    pub(super) fn start(
        &self,
        idle: Idle<'r, R::Engine>,
        prepare: impl FnOnce(&Self, &Idle<'r, R::Engine>) -> Result<Ready<'r, R::Engine>, Trouble>,
    ) -> Result<Running<'r, R>, Trouble> {
        let ready = prepare(self, &idle)?;
        ready.start(idle).map_err(|error| Trouble::Failed(format!("start: {error}")))
    }

    /// Prepares and starts an endless transfer.
    pub(super) fn start_endless(&self, idle: Idle<'r, R::Engine>) -> Result<Running<'r, R>, Trouble> {
        self.start(idle, |case, idle| case.endless(idle))
    }
}

/// A transfer that ends by itself, prepared where no case is at hand.
pub(super) fn finite_anywhere<'a, 'd, E: Engine + 'd>(
    abilities: &Abilities<E>,
    counter: Option<&Counter<E::Peripheral>>,
    on: impl Into<View<'a, 'd, E>>,
    short: usize,
    seed: u8,
) -> Result<Ready<'d, E>, PrepError>
where
    'd: 'a,
{
    if let Some(prep) = abilities.memcpy {
        return prep(on.into(), poisoned(short), pattern(short, seed)).map(|copy| Ready::Copy(copy, seed));
    }
    let Some(counter) = counter else { return Err(PrepError::Zero) };
    if let Some(prep) = abilities.slave_sg {
        let part = counter.period as usize;
        let request = SlaveSg { direction: Direction::DevToMem, config: counter.config };
        return prep(on.into(), [poisoned(part), poisoned(part)], &request).map(Ready::List);
    }
    let Some(prep) = abilities.interleaved_slave else { return Err(PrepError::Zero) };
    // Two periods, with a gap of one between them.
    let row = [Chunk { size: counter.period, src_gap: 0, dst_gap: counter.period }];
    rows_from(prep, on.into(), &Interleaved::new(&row, 2), &counter.config)
}

/// Rows from a device, in new memory.
pub(super) fn rows_from<'d, E: Engine>(
    prep: PrepRowsFrom<E>,
    on: View<'_, 'd, E>,
    shape: &Interleaved<'_>,
    config: &SlaveConfig<E::Peripheral>,
) -> Result<Ready<'d, E>, PrepError> {
    let memory = poisoned(shape.extent(|chunk| chunk.dst_gap) as usize);
    prep(on, memory, shape, config).map(|rows| Ready::Rows(rows, pieces(shape)))
}

/// Where rows lie that a device fills.
pub(super) fn pieces(shape: &Interleaved<'_>) -> Pieces {
    shape.pieces().map(|(_, at, len)| (at as usize, len as usize)).collect()
}
