//! Statements 62 to 66: giving up a channel, and what becomes of what was on it.

use super::abilities::View;
use super::case::{Case, Trouble, Verdict, ensure, failed, rows_from};
use super::prelude::*;
use super::rig::{Counter, Rig};
use super::statement::{Need, Statement};
use super::work::{Ready, Work, pattern, poisoned};
use crate::engine::{Engine, ResidueGranularity};
use crate::error::PrepError;
use crate::{Chunk, EventKind, Generation, Idle, Interleaved, Outcome, Status};

pub(super) fn table<R: Rig>() -> Vec<Statement<R>> {
    vec![
        Statement::new(
            (62, "s62_a_channel_given_up_at_work_is_stopped_before_the_next_has_it"),
            "release with transfers outstanding stops them; nobody gets the channel, nor the memory, before that is done",
            "Linux drivers/dma/dmaengine.c (dma_release_channel), v6.12, which synchronizes and does not terminate",
            &[Need::Endless],
            s62,
        ),
        Statement::new(
            (63, "s63_release_frees_every_descriptor"),
            "release frees every descriptor on every list, those that were only submitted too",
            "Linux drivers/dma/virt-dma.h (vchan_free_chan_resources), v6.12",
            &[Need::Endless, Need::Finite],
            s63,
        ),
        Statement::of_types(
            (64, "s64_a_reusable_descriptor_is_freed_once"),
            "a reusable descriptor can be submitted again after completion and is freed exactly once",
            "Linux Documentation/driver-api/dmaengine/provider.rst, v6.12",
            "there are no reusable descriptors: submit takes the prepared transfer",
        ),
        Statement::new(
            (65, "s65_a_repeated_transfer_repeats_until_its_successor"),
            "a repeated transfer goes on and tells each round; one that is marked to replace it does so at the end of a round; \
             others wait visibly",
            "Linux include/linux/dmaengine.h (DMA_PREP_REPEAT, DMA_PREP_LOAD_EOT), v6.12",
            &[Need::Repeat],
            s65,
        ),
        Statement::of_types(
            (66, "s66_metadata_modes_do_not_mix"),
            "metadata modes cannot be mixed; the engine's metadata is not used after the callback",
            "Linux client.rst and drivers/dma/dmaengine.c, v6.12",
            "there is no metadata",
        ),
    ]
}

fn s62<R: Rig>(case: &Case<'_, '_, R>) -> Verdict {
    let (active, work) = case.under_way(case.idle()?)?;
    drop(active);
    let mut next = None;
    case.until(|| {
        next = case.dma().channel(0).ok();
        next.is_some()
    });
    let Some(idle) = next else { return failed("the channel is never to be had again") };
    let mut memory = match work.try_resolve() {
        Ok(ended) => {
            ensure!(matches!(ended.outcome, Outcome::Aborted { .. }), "its transfer ended as {:?}", ended.outcome);
            ended.memory
        }
        Err(work) => return failed(format!("the channel is another's, and its transfer is {:?}", work.status())),
    };
    case.left_alone("the memory of a transfer whose channel was given up", &mut memory)?;
    let (active, _work) = case.under_way(idle)?;
    case.stop(active)?;
    case.no_trespass("a channel given up at work")
}

fn s63<R: Rig>(case: &Case<'_, '_, R>) -> Verdict {
    for round in 0..20 {
        let (active, running) = case.under_way(case.idle()?)?;
        let (Ok(issued), prepared) = (case.finite(&active, 1)?.join(&active), case.finite(&active, 2)?) else {
            return failed(format!("submit was refused in round {round}"));
        };
        active.issue();
        let Ok(submitted) = case.finite(&active, 3)?.join(&active) else {
            return failed(format!("submit was refused in round {round}"));
        };
        drop(active);
        drop((running, issued, submitted));
        drop(prepared);
        let mut next = None;
        case.until(|| {
            next = case.dma().channel(0).ok();
            next.is_some()
        });
        let Some(idle) = next else { return failed("the channel is never to be had again") };
        case.all_slots_free(&idle)?;
    }
    Ok(())
}

/// What a repeating transfer goes through in a round: rows without gaps that are copied, or rows with gaps from a device.
#[derive(Clone, Copy)]
struct Round {
    from_device: bool,
    /// Bytes of a row, and how many rows.
    row: u32,
    rows: u32,
}

impl Round {
    /// Of a copy.
    fn of_memory<R: Rig>(case: &Case<'_, '_, R>) -> Self {
        let facts = case.facts();
        let unit = facts.align.max(1);
        let units = (case.scale.long as u32 / 8 / unit).max(1);
        let row = units.min(facts.max_segment / unit).max(1);
        Self { from_device: false, row: row * unit, rows: (units / row).min(facts.max_segments).max(1) }
    }

    /// From a device: as much as a ring is, and gaps as long as the rows.
    fn from(counter: &Counter<impl Sized>) -> Self {
        Self { from_device: true, row: counter.period, rows: 4 }
    }

    fn bytes(self) -> u64 {
        u64::from(self.row) * u64::from(self.rows)
    }

    /// A transfer of a round, and how it is to repeat or to replace.
    fn ready<'a, 'd, R: Rig>(
        self,
        case: &Case<'_, '_, R>,
        on: impl Into<View<'a, 'd, R::Engine>>,
        seed: u8,
        how: impl Fn(Interleaved<'_>) -> Interleaved<'_>,
    ) -> Result<Ready<'d, R::Engine>, Trouble>
    where
        'd: 'a,
        R::Engine: 'd,
    {
        let Self { row: size, rows, from_device } = self;
        let row = [Chunk { size, src_gap: 0, dst_gap: if from_device { size } else { 0 } }];
        let (shape, len) = (how(Interleaved::new(&row, rows)), self.bytes() as usize);
        let ready = match (case.abilities.interleaved, case.abilities.interleaved_slave, case.counter(0)) {
            (Some(prep), ..) if !from_device => {
                prep(on.into(), poisoned(len), pattern(len, seed), &shape).map(|copy| Ready::Copy(copy, seed))
            }
            (_, Some(prep), Some(counter)) => rows_from(prep, on.into(), &shape, &counter.config),
            _ => return failed("the engine has no rows of chunks"),
        };
        match ready {
            Ok(ready) => Ok(ready),
            Err(error @ PrepError::Engine { .. }) => {
                Err(Trouble::Skipped(format!("the engine refuses rows that may repeat: {error}")))
            }
            Err(error) => failed(format!("{rows} rows of {size} bytes were refused: {error}")),
        }
    }
}

/// How many rounds of a transfer were told.
fn told<R: Rig>(case: &Case<'_, '_, R>, generation: Generation) -> u64 {
    let events = case.events_of(generation);
    events.iter().map(|kind| if let EventKind::Period { periods, .. } = *kind { u64::from(periods) } else { 0 }).sum()
}

/// How far a transfer has come, while it runs.
fn bytes<E: Engine>(work: &Work<'_, E>) -> Option<u64> {
    match work.status() {
        Status::Running { progress, .. } => Some(progress.bytes),
        _ => None,
    }
}

/// It goes round so many times more, tells each round once, and does not end.
fn goes_round<R: Rig>(case: &Case<'_, '_, R>, round: Round, work: &Work<'_, R::Engine>, more: u64) -> Verdict {
    let len = round.bytes();
    let wanted = told(case, work.generation()) + more;
    case.until(|| told(case, work.generation()) >= wanted || bytes(work).is_none());
    let (rounds, status) = (told(case, work.generation()), work.status());
    ensure!(bytes(work).is_some(), "a repeating transfer, of which {rounds} rounds were told, is {status:?}");
    ensure!(rounds >= wanted, "of a repeating transfer {rounds} rounds were told after {}", case.scale.patience);
    let mut sum = 0;
    for event in case.events_of(work.generation()) {
        let EventKind::Period { periods, position } = event else {
            return failed(format!("a transfer that repeats told {event:?}"));
        };
        sum += u64::from(periods);
        let true_to_it = (sum * len..(sum + 2) * len).contains(&position);
        ensure!(true_to_it, "{sum} rounds of {len} bytes were told at {position} bytes");
    }
    Ok(())
}

fn s65<R: Rig>(case: &Case<'_, '_, R>) -> Verdict {
    let of_memory = case.abilities.interleaved.map(|_| Round::of_memory(case));
    let from_device = case.counter(0).filter(|_| case.has_rows_from()).map(Round::from);
    for round in [of_memory, from_device].into_iter().flatten() {
        let idle = others_wait(case, round, case.idle()?)?;
        successors_replace(case, round, idle)?;
    }
    Ok(())
}

/// Behind a repeating transfer waits what may not replace it, and only a stop ends the two.
fn others_wait<'r, R: Rig>(
    case: &Case<'_, 'r, R>,
    round: Round,
    idle: Idle<'r, R::Engine>,
) -> Result<Idle<'r, R::Engine>, Trouble> {
    let (active, repeating) = case.start(idle, |case, idle| round.ready(case, idle, 1, |it| it.repeating()))?;
    goes_round(case, round, &repeating, 3)?;
    let Ok(other) = round.ready(case, &active, 2, |it| it)?.join(&active) else { return failed("submit was refused") };
    active.issue();
    goes_round(case, round, &repeating, 2)?;
    let (len, status) = (round.bytes(), other.status());
    ensure!(
        status == Status::Queued { residue: len },
        "behind a repeating transfer, one that may not replace it is {status:?}"
    );
    let idle = case.stop(active)?;
    let (memory, _) = case.aborted("a repeating transfer", repeating)?;
    if let Err(wrong) = memory.has_gone_round() {
        return failed(format!("a repeating transfer has gone round, and {wrong}"));
    }
    let (mut memory, residue) = case.aborted("one that waited behind it", other)?;
    ensure!(residue == len, "of one that never ran, of {len} bytes, {residue} were left");
    match memory.untouched() {
        Ok(()) => Ok(idle),
        Err(wrong) => failed(format!("one that may not replace a repeating transfer waited, and {wrong}")),
    }
}

/// A repeating transfer is replaced by another in its first round, and that one by a last one in a later round.
fn successors_replace<'r, R: Rig>(case: &Case<'_, 'r, R>, round: Round, idle: Idle<'r, R::Engine>) -> Verdict {
    let (active, first) = case.start(idle, |case, idle| round.ready(case, idle, 3, |it| it.repeating()))?;
    let Ok(second) = round.ready(case, &active, 4, |it| it.repeating().loaded_at_end())?.join(&active) else {
        return failed("submit was refused");
    };
    active.issue();
    // Its data is all there, though no round has gone before.
    case.completes("a repeating transfer that was replaced in its first round", first)?;
    goes_round(case, round, &second, 2)?;

    let Ok(last) = round.ready(case, &active, 5, |it| it.loaded_at_end())?.join(&active) else {
        return failed("submit was refused");
    };
    let len = round.bytes();
    let mid_round = |at: Option<u64>| at.is_some_and(|at| (len / 4..len / 4 * 3).contains(&(at % len)));
    let is_exact = case.facts().residue == ResidueGranularity::Burst && case.until(|| mid_round(bytes(&second)));
    let before = bytes(&second);
    active.issue();
    let after = bytes(&second);
    let generation = second.generation();
    case.completes("a repeating transfer that was replaced in a later round", second)?;
    if let (true, true, Some(before), Some(after)) = (is_exact, mid_round(after), before, after) {
        let (ended, told) = (after / len, told(case, generation));
        let is_right = before / len != ended || told == ended;
        ensure!(
            is_right,
            "replaced in the round after {ended}, a repeating transfer told {told} rounds before its end"
        );
    }
    case.completes("the last of three", last)?;
    match active.try_idle() {
        Ok(_) => case.no_trespass("transfers that repeat"),
        Err(kept) => failed(format!("after the last of three {}", kept.error)),
    }
}
