//! Statements 46 to 51: stopped and started again at once. The failure that this library starts from is one of these.

use super::case::{Case, Trouble, Verdict, ensure, failed};
use super::prelude::*;
use super::rig::Rig;
use super::statement::{Need, Statement};
use super::walk;
use super::work::{Work, counts};
use crate::{EventKind, Micros, Status};

pub(super) fn table<R: Rig>() -> Vec<Statement<R>> {
    vec![
        Statement::new(
            (46, "s46_what_is_queued_behind_a_stop_runs_after_it"),
            "a transfer queued within a stop runs, by itself, after the old one has stopped",
            "Linux dmaengine list, L.-P. Clausen, 2020-08-19; this library (queue_after_stop)",
            &[Need::Endless, Need::Finite, Need::QueueAfterStop],
            s46,
        ),
        Statement::new(
            (47, "s47_the_end_of_a_stop_touches_nothing_newer"),
            "the delayed work of a stop never touches a transfer that was made after the terminate",
            "Linux commit 4e2b10be1f4f; drivers/dma/imx-sdma.c, v5.4, which did",
            &[Need::Endless, Need::QueueAfterStop],
            s47,
        ),
        Statement::new(
            (48, "s48_a_new_transfer_is_programmed_afresh"),
            "a transfer after a stop is programmed in full: nothing of the old one is left in the hardware",
            "Linux commit 8592f02464d5 (imx-sdma)",
            &[Need::Endless],
            s48,
        ),
        Statement::new(
            (49, "s49_no_period_of_the_old_run_is_told_as_one_of_the_new"),
            "no period of a stopped transfer is delivered as one of the next",
            "this library; Linux sound/core/pcm_dmaengine.c, v6.12, cannot tell them apart",
            &[Need::Ring],
            s49,
        ),
        Statement::new(
            (50, "s50_any_order_of_calls_leaves_every_transfer_accounted_for"),
            "after any order of terminate, prepare, submit, issue and interrupts, every transfer ends once",
            "this library",
            &[Need::Endless, Need::Finite],
            s50,
        ),
        Statement::new(
            (51, "s51_stops_and_starts_without_end_leak_nothing_and_stall_nothing"),
            "stops and starts with random gaps: no descriptor is lost and every run gets its data",
            "Linux drivers/dma/fsldma.c and drivers/dma/imx-sdma.c, v5.4, where they did",
            &[Need::Endless],
            s51,
        ),
    ]
}

fn s46<R: Rig>(case: &Case<'_, '_, R>) -> Verdict {
    let (active, old) = case.under_way(case.idle()?)?;
    let stopping = active.terminate_async();
    let next = case.finite(&stopping, 1)?;
    let Some((active, next)) = next.queue(case.abilities, stopping) else { return failed("queue was refused") };
    // Nobody asks after the stop: the interrupt alone has to start what waits.
    case.events();
    let generation = next.generation();
    let start = case.now();
    while case.now() - start < case.scale.patience && case.events_of(generation).is_empty() {
        case.run(Micros((case.scale.patience.0 / 100).max(1)));
    }
    let told = case.events_of(generation);
    ensure!(told == [EventKind::Completed], "within {} it told {told:?}", case.scale.patience);
    case.completes("what waited behind the stop", next)?;
    let (mut memory, _) = case.aborted("the old transfer", old)?;
    case.left_alone("the memory of the old transfer", &mut memory)?;
    drop(active);
    Ok(())
}

fn s47<R: Rig>(case: &Case<'_, '_, R>) -> Verdict {
    let (active, _old) = case.under_way(case.idle()?)?;
    let stopping = active.terminate_async();
    let next = case.endless(&stopping)?;
    let Some((active, next)) = next.queue(case.abilities, stopping) else { return failed("queue was refused") };
    case.run(case.bound() + case.period());
    for _ in 0..6 {
        let status = next.status();
        ensure!(matches!(status, Status::Running { .. }), "after the old stop was complete, the new one is {status:?}");
        case.run(Micros(case.bound().0 / 2) + case.period());
    }
    if case.has_ring() {
        let told = case.events_of(next.generation());
        ensure!(!told.is_empty(), "after the old stop was complete, the new ring is silent");
    }
    case.stop(active)?;
    case.no_trespass("a restart within a stop")
}

fn s48<R: Rig>(case: &Case<'_, '_, R>) -> Verdict {
    let mut idle = case.idle()?;
    for round in 0..3 {
        let (active, _old) = case.under_way(idle)?;
        idle = case.stop(active)?;
        if Need::Finite.is_met(case) {
            let (active, new) = case.start(idle, |case, idle| case.finite(idle, 1 + round))?;
            case.completes("a transfer after a stop", new)?;
            idle = case.stop(active)?;
        }
    }
    let (active, work) = case.under_way(idle)?;
    case.run(case.period());
    let status = work.status();
    let Status::Running { progress, .. } = status else { return failed(format!("the new one is {status:?}")) };
    if let Work::Ring(ring) = &work {
        let there = (progress.bytes as usize).min(ring.buffer_len());
        let (found, most) = (there > 0, case.counter(0).map_or(0, |c| 3 * c.period as usize));
        ensure!(
            (found || case.is_coarse()) && there <= most,
            "after a period and a half, the new ring stands at {there} bytes"
        );
        if let Err(wrong) = counts(&work.peek(0, there & !3)) {
            return failed(format!("from the new ring's beginning, {wrong}"));
        }
    }
    case.stop(active)?;
    case.no_trespass("transfers after stops")
}

fn s49<R: Rig>(case: &Case<'_, '_, R>) -> Verdict {
    let (active, _old) = case.start_endless(case.idle()?)?;
    // Two periods end, and nobody takes their interrupts before the next run has begun.
    case.pass(case.period() * 2 + Micros(case.period().0 / 2));
    let stopping = active.terminate_async();
    case.pass(case.bound());
    let idle = match stopping.try_finish() {
        Ok(idle) => idle,
        Err(_) if case.abilities.atomic.is_none() => {
            return Err(Trouble::Skipped("without interrupts the engine does not tell that it has stopped".into()));
        }
        Err(_) => return failed("it has not stopped within its bound"),
    };
    let (active, new) = case.start_endless(idle)?;
    let period = u64::from(case.counter(0).map_or(1, |counter| counter.period));
    case.run(Micros(case.period().0 / 2));
    let early = case.events_of(new.generation());
    ensure!(early.is_empty(), "in the first half of its first period, the new ring told {early:?}");
    case.run(case.period() * 2);
    let mut sum = 0;
    for event in case.events_of(new.generation()) {
        if let EventKind::Period { periods, position } = event {
            sum += u64::from(periods);
            ensure!(sum * period <= position, "{sum} periods of {period} bytes were told at {position} bytes");
        }
    }
    ensure!(sum > 0, "the new ring told no period");
    case.stop(active)?;
    Ok(())
}

fn s50<R: Rig>(case: &Case<'_, '_, R>) -> Verdict {
    let mut idle = case.idle()?;
    for seed in 1..=(case.scale.rounds / 20).max(3) {
        idle = walk::random_calls(case, idle, u64::from(seed))?;
    }
    case.all_slots_free(&idle)?;
    case.no_trespass("a random walk")
}

fn s51<R: Rig>(case: &Case<'_, '_, R>) -> Verdict {
    let mut idle = case.idle()?;
    let mut random = walk::Random::new(51);
    for round in 0..case.scale.rounds {
        let (active, work) = case.start_endless(idle)?;
        case.run(Micros(random.below(case.bound().0 * 3 + 1) + case.period().0 / 4) + case.period());
        let goes = |status| match status {
            Status::Running { progress, .. } => case.is_coarse() || progress.bytes > 0,
            _ => false,
        };
        ensure!(case.until(|| goes(work.status())), "round {round} is silent: it is {:?}", work.status());
        let told = case.has_ring() && case.events_of(work.generation()).is_empty();
        ensure!(!told, "round {round} is silent: no period was told");
        case.events();
        let stopping = active.terminate_async();
        case.run(Micros(random.below(case.bound().0 * 3 + 1)));
        idle = case.synchronize(stopping)?;
        case.aborted("a transfer of a round", work)?;
    }
    case.all_slots_free(&idle)?;
    case.no_trespass("stops and starts")
}
