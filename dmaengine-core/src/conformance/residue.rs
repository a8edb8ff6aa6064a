//! Statements 19 to 23: how much is left, as far as the engine can tell.

use super::case::{Case, Verdict, ensure, failed};
use super::prelude::*;
use super::rig::Rig;
use super::statement::{Need, Statement};
use super::work::{Work, counts};
use crate::engine::{Progress, ResidueGranularity};
use crate::{EventKind, Micros, Status};

const HEADER: &str = "Linux include/linux/dmaengine.h (enum dma_residue_granularity), v6.12";

pub(super) fn table<R: Rig>() -> Vec<Statement<R>> {
    vec![
        Statement::new(
            (19, "s19_coarse_residue_counts_nothing_before_the_end"),
            "an engine whose residue is as coarse as a descriptor counts nothing of a copy that is not over, and of a ring the \
             periods that it has told",
            HEADER,
            &[Need::CoarseResidue, Need::Endless],
            s19,
        ),
        Statement::new(
            (20, "s20_residue_moves_as_finely_as_declared_and_never_back"),
            "by segment: progress stands at segment or period ends and nowhere else; by burst: it never goes back",
            HEADER,
            &[Need::FineResidue, Need::Ring],
            s20,
        ),
        Statement::new(
            (21, "s21_cyclic_residue_is_of_one_round_and_never_0"),
            "the residue of a ring is of the present round: above 0 and at most the buffer's length",
            "Linux Documentation/driver-api/dmaengine/provider.rst, v6.12",
            &[Need::Ring],
            s21,
        )
        .of_core("the residue is computed from the engine's count of bytes"),
        Statement::new(
            (22, "s22_what_counts_as_transferred_is_there"),
            "residue never counts bytes as transferred that are not yet at their destination",
            "Linux include/linux/dmaengine.h (in_flight_bytes), v6.12; commit 485339ca5571 (rcar-dmac)",
            &[Need::Endless],
            s22,
        ),
        Statement::new(
            (23, "s23_all_of_a_queued_transfer_is_left"),
            "the residue of a transfer that is queued and has not started is its length",
            "Linux drivers/dma/ti/omap-dma.c, v6.12",
            &[Need::Endless, Need::Memcpy],
            s23,
        )
        .of_core("the engine is not asked about a transfer that it was not given"),
    ]
}

/// Residue and progress of a transfer that runs.
fn running<R: Rig>(work: &Work<'_, R::Engine>) -> Result<(u64, Progress), super::case::Trouble> {
    match work.status() {
        Status::Running { residue, progress } => Ok((residue, progress)),
        status => failed(format!("it runs, and is {status:?}")),
    }
}

/// Small steps, several of them to a period, and not in time with it.
fn step<R: Rig>(case: &Case<'_, '_, R>) -> Micros {
    Micros((case.period().0 / 7).max(1))
}

fn s19<R: Rig>(case: &Case<'_, '_, R>) -> Verdict {
    let mut idle = case.idle()?;
    if case.abilities.memcpy.is_some() {
        let (active, work) = case.start(idle, |case, idle| case.copy(idle, case.scale.long, 7))?;
        for _ in 0..20 {
            let Status::Running { progress, .. } = work.status() else { break };
            ensure!(progress.bytes == 0, "{} bytes of a copy count as transferred before its end", progress.bytes);
            case.run(step(case));
        }
        idle = case.stop(active)?;
    }
    if !case.has_ring() {
        return Ok(());
    }
    let (active, work) = case.start_endless(idle)?;
    let period = u64::from(case.counter(0).map_or(1, |counter| counter.period));
    for _ in 0..20 {
        case.run(step(case));
        let (_, progress) = running::<R>(&work)?;
        let told = case.events_of(work.generation());
        let told = told.iter().map(|kind| if let EventKind::Period { periods, .. } = *kind { periods } else { 0 });
        let told: u64 = told.map(u64::from).sum();
        ensure!(progress.bytes == told * period, "{} bytes of a ring count after {told} periods", progress.bytes);
    }
    case.stop(active)?;
    Ok(())
}

fn s20<R: Rig>(case: &Case<'_, '_, R>) -> Verdict {
    let (active, work) = case.start_endless(case.idle()?)?;
    let period = u64::from(case.counter(0).map_or(1, |counter| counter.period));
    let mut last = 0;
    for _ in 0..70 {
        case.run(step(case));
        let (_, Progress { bytes, .. }) = running::<R>(&work)?;
        ensure!(bytes >= last, "it was at {last} bytes, and then at {bytes}");
        if case.facts().residue == ResidueGranularity::Segment {
            ensure!(bytes % period == 0, "it stands at {bytes} bytes, inside a period of {period}");
        }
        last = bytes;
    }
    ensure!(last >= 8 * period, "after ten periods of {period} bytes it counts {last} bytes");
    case.stop(active)?;
    Ok(())
}

fn s21<R: Rig>(case: &Case<'_, '_, R>) -> Verdict {
    let (active, work) = case.start_endless(case.idle()?)?;
    let len = u64::from(case.counter(0).map_or(1, |counter| counter.period)) * 4;
    for _ in 0..100 {
        case.run(step(case));
        let (residue, _) = running::<R>(&work)?;
        ensure!((1..=len).contains(&residue), "the residue of a ring of {len} bytes is {residue}");
    }
    case.stop(active)?;
    Ok(())
}

fn s22<R: Rig>(case: &Case<'_, '_, R>) -> Verdict {
    let (active, work) = case.start_endless(case.idle()?)?;
    if let Work::Ring(ring) = &work {
        let len = ring.buffer_len() as u64;
        loop {
            let (_, Progress { bytes, .. }) = running::<R>(&work)?;
            if bytes >= len {
                break;
            }
            if let Err(wrong) = counts(&work.peek(0, bytes as usize & !3)) {
                return failed(format!("{bytes} bytes count as transferred, and {wrong}"));
            }
            let at = case.now();
            if !case.until(|| running::<R>(&work).is_ok_and(|(_, progress)| progress.bytes > bytes)) {
                break;
            }
            ensure!(case.now() > at, "no time passed");
        }
        case.stop(active)?;
        return Ok(());
    }
    case.run(case.period() * 3);
    let (residue, _) = running::<R>(&work)?;
    case.stop(active)?;
    let (memory, last) = case.aborted("a long copy", work)?;
    ensure!(last <= residue, "{residue} bytes were left before the stop, and {last} after it");
    match memory.holds(case.scale.long - last as usize) {
        Ok(()) => Ok(()),
        Err(wrong) => failed(format!("{last} bytes of a long copy were left, and {wrong}")),
    }
}

fn s23<R: Rig>(case: &Case<'_, '_, R>) -> Verdict {
    let (active, first) = case.under_way(case.idle()?)?;
    let len = case.scale.short as u64;
    let Ok(next) = case.finite(&active, 1)?.join(&active) else { return failed("submit was refused") };
    for what in ["submitted", "issued"] {
        case.run(case.period());
        let status = next.status();
        ensure!(status == Status::Queued { residue: len }, "{what}, of {len} bytes, it is {status:?}");
        active.issue();
    }
    case.alive("the one ahead of it", &first)?;
    case.stop(active)?;
    Ok(())
}
