//! Statements 32 to 36: standing still, going on, and being stopped while standing still.

use super::case::{Case, Trouble, Verdict, ensure, failed};
use super::prelude::*;
use super::rig::Rig;
use super::statement::{Need, Statement};
use super::work::{Work, counts};
use crate::engine::Progress;
use crate::{Active, Micros, PauseFailed, Paused, Status};

pub(super) fn table<R: Rig>() -> Vec<Statement<R>> {
    vec![
        Statement::new(
            (32, "s32_a_pause_moves_nothing_and_loses_nothing"),
            "after pause returns no byte moves until resume, and none is lost",
            "Linux client.rst and provider.rst, v6.12",
            &[Need::Pause, Need::Endless],
            s32,
        ),
        Statement::new(
            (33, "s33_a_paused_transfer_is_reported_as_paused"),
            "the status of a paused transfer is Paused, and of a resumed one it is not",
            "Linux include/linux/dmaengine.h (DMA_PAUSED), v6.12, which 18 of its providers never report",
            &[Need::Pause, Need::Endless],
            s33,
        )
        .of_core("the library knows that it has paused"),
        Statement::of_types(
            (34, "s34_resume_without_pause_is_no_start"),
            "resume without pause is an error and not a start",
            "Linux Documentation/driver-api/dmaengine/client.rst, v6.12",
            "only a paused channel has resume",
        ),
        Statement::new(
            (35, "s35_a_pause_that_is_not_supported_is_known_beforehand"),
            "what the engine can do, pause and all else, its capabilities say as well; what it cannot does not compile",
            "Linux include/linux/dmaengine.h (dma_slave_caps), v6.12",
            &[],
            s35,
        ),
        Statement::new(
            (36, "s36_terminate_while_paused_leaves_the_channel_restartable"),
            "terminate on a paused channel stops it, and it can be started again",
            "Linux commit 6a7db25aad8c (sound/core/pcm_dmaengine.c)",
            &[Need::Pause, Need::Endless],
            s36,
        ),
    ]
}

fn pause<'r, R: Rig>(case: &Case<'_, 'r, R>, active: Active<'r, R::Engine>) -> Result<Paused<'r, R::Engine>, Trouble> {
    let Some(ways) = &case.abilities.pause else { return failed("the engine does not pause") };
    match (ways.pause)(active) {
        Ok(paused) => Ok(paused),
        Err(PauseFailed::Refused(kept)) => Err(Trouble::Skipped(format!("the engine refused: {}", kept.error))),
        Err(PauseFailed::Stopped(_)) => failed("a pause found the channel stopped, by nobody"),
    }
}

fn resume<'r, R: Rig>(case: &Case<'_, 'r, R>, paused: Paused<'r, R::Engine>) -> Result<Active<'r, R::Engine>, Trouble> {
    let Some(ways) = &case.abilities.pause else { return failed("the engine does not resume") };
    (ways.resume)(paused).map_err(|refused| Trouble::Failed(format!("resume: {refused:?}")))
}

fn bytes<R: Rig>(work: &Work<'_, R::Engine>) -> u64 {
    match work.status() {
        Status::Running { progress: Progress { bytes, .. }, .. }
        | Status::Paused { progress: Progress { bytes, .. }, .. } => bytes,
        _ => 0,
    }
}

/// As long as a device can wait, and long enough to see a byte move.
fn while_paused<R: Rig>(case: &Case<'_, '_, R>) -> Micros {
    let most = case.counter(0).filter(|_| case.has_ring()).map_or(case.period() * 4, |counter| counter.patience);
    Micros(most.0 * 3 / 4)
}

fn s32<R: Rig>(case: &Case<'_, '_, R>) -> Verdict {
    let (active, work) = case.start_endless(case.idle()?)?;
    case.run(Micros(case.period().0 / 2));
    let paused = pause(case, active)?;
    let (held, before) = (work.status(), bytes::<R>(&work));
    let mut image = Vec::new();
    if let Work::Ring(ring) = &work {
        image = work.peek(0, ring.buffer_len());
        case.run(while_paused(case));
        ensure!(work.peek(0, ring.buffer_len()) == image, "the ring's memory changed while it was paused");
    } else {
        case.run(while_paused(case));
    }
    ensure!(work.status() == held, "paused, it went from {held:?} to {:?}", work.status());
    let active = resume(case, paused)?;
    case.run(case.period());
    let moved = bytes::<R>(&work);
    ensure!(moved > before || case.is_coarse(), "paused at {before} bytes, it stands at {moved} after the resume");
    if let Work::Ring(ring) = &work {
        let there = moved.min(ring.buffer_len() as u64) as usize;
        let came = (before as usize).min(there);
        ensure!(work.peek(0, came) == image[..came], "what had come before the pause was written again after it");
        if let Err(wrong) = counts(&work.peek(0, there & !3)) {
            return failed(format!("across the pause, {wrong}"));
        }
        case.stop(active)?;
        return Ok(());
    }
    case.stop(active)?;
    let (memory, residue) = case.aborted("a long copy", work)?;
    match memory.holds(case.scale.long - residue as usize) {
        Ok(()) => Ok(()),
        Err(wrong) => failed(format!("across the pause, {wrong}")),
    }
}

fn s33<R: Rig>(case: &Case<'_, '_, R>) -> Verdict {
    let (active, work) = case.under_way(case.idle()?)?;
    let paused = pause(case, active)?;
    let status = work.status();
    ensure!(matches!(status, Status::Paused { .. }), "paused, it is {status:?}");
    let active = resume(case, paused)?;
    let status = work.status();
    ensure!(matches!(status, Status::Running { .. }), "resumed, it is {status:?}");
    case.stop(active)?;
    Ok(())
}

fn s36<R: Rig>(case: &Case<'_, '_, R>) -> Verdict {
    let (active, work) = case.under_way(case.idle()?)?;
    let paused = pause(case, active)?;
    case.run(while_paused(case));
    let idle = case.synchronize(paused.terminate_async())?;
    let (mut memory, _) = case.aborted("a paused transfer", work)?;
    case.left_alone("the memory of a transfer stopped while it was paused", &mut memory)?;
    let (active, work) = case.under_way(idle)?;
    case.run(case.period() * 2);
    ensure!(bytes::<R>(&work) > 0 || case.is_coarse(), "started again, it is {:?} after two periods", work.status());
    case.stop(active)?;
    case.no_trespass("a restart after a pause")
}

fn s35<R: Rig>(case: &Case<'_, '_, R>) -> Verdict {
    let (implemented, said) = (case.abilities.caps(), case.facts().caps);
    ensure!(said.contains(implemented), "it implements {implemented:?}, and its facts say {said:?}");
    Ok(())
}
