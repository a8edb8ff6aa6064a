//! Statements 12 to 18: what a transfer is called, and what is said of it.

use super::case::{Case, Verdict, ensure, failed};
use super::prelude::*;
use super::rig::Rig;
use super::statement::{Need, Statement};
use crate::{EventKind, Status};

pub(super) fn table<R: Rig>() -> Vec<Statement<R>> {
    vec![
        Statement::of_types(
            (12, "s12_names_of_transfers_increase"),
            "cookies are positive, strictly increase, and wrap to the minimum",
            "Linux drivers/dma/dmaengine.h, v6.12",
            "there are no cookies; a generation has 64 bits, counts up, and does not wrap",
        ),
        Statement::of_types(
            (13, "s13_completion_arithmetic_holds_across_the_wrap"),
            "whether a cookie is complete is told rightly across the wrap",
            "Linux include/linux/dmaengine.h, v6.12",
            "completion is recorded for each transfer and not computed from cookies",
        ),
        Statement::new(
            (14, "s14_each_transfer_completes_once_and_not_early"),
            "a transfer completes once, when all its data is there, whatever was told of the one before it",
            "Linux drivers/dma/dmaengine.h (dma_cookie_complete), v6.12",
            &[Need::Finite],
            s14,
        ),
        Statement::of_types(
            (15, "s15_status_takes_no_state_pointer"),
            "status works with a null state pointer",
            "Linux Documentation/driver-api/dmaengine/provider.rst, v6.12",
            "status answers by value",
        ),
        Statement::new(
            (16, "s16_status_is_of_the_transfer_that_is_asked_for"),
            "status describes the transfer it is asked of, and not the one that runs",
            "Linux Documentation/driver-api/dmaengine/provider.rst, v6.12",
            &[Need::Finite],
            s16,
        ),
        Statement::new(
            (17, "s17_an_aborted_transfer_stays_aborted"),
            "a terminated transfer is reported as aborted, before and after later ones complete",
            "this library; in Linux a later completion makes it read as complete (include/linux/dmaengine.h, v6.12)",
            &[Need::Endless, Need::Finite],
            s17,
        )
        .of_core("the end of a transfer is recorded once, and the engine is not asked again"),
        Statement::new(
            (18, "s18_status_after_terminate_is_the_same_for_every_backend"),
            "after terminate every transfer is Stopping, then Aborted, with a residue that does not change again",
            "this library; Linux leaves it to the provider (v6.12)",
            &[Need::Endless, Need::Finite],
            s18,
        )
        .of_core("the library knows what it has aborted and when the stop was complete"),
    ]
}

fn s14<R: Rig>(case: &Case<'_, '_, R>) -> Verdict {
    let idle = case.idle()?;
    let (first, second, third) = (case.finite(&idle, 1)?, case.finite(&idle, 2)?, case.finite(&idle, 3)?);
    let Ok((pending, first)) = first.submit(idle) else { return failed("submit was refused") };
    let (Ok(second), Ok(third)) = (second.behind(&pending), third.behind(&pending)) else {
        return failed("submit was refused");
    };
    let generations = [first.generation(), second.generation(), third.generation()];
    let _active = pending.issue();
    case.completes("the first of three transfers", first)?;
    case.completes("the second of three transfers", second)?;
    case.completes("the third of three transfers", third)?;
    case.run(case.period() * 4);
    let events = case.events();
    for generation in generations {
        let ends = events.iter().filter(|e| e.generation == generation && e.kind == EventKind::Completed).count();
        ensure!(ends == 1, "the end of transfer {} was told {ends} times", generation.0);
    }
    Ok(())
}

fn s16<R: Rig>(case: &Case<'_, '_, R>) -> Verdict {
    let idle = case.idle()?;
    let (first, second) = (case.finite(&idle, 1)?, case.finite(&idle, 2)?);
    let Ok((pending, first)) = first.submit(idle) else { return failed("submit was refused") };
    let Ok(second) = second.behind(&pending) else { return failed("submit was refused") };
    let active = pending.issue();
    let (one, two) = (first.status(), second.status());
    ensure!(matches!(one, Status::Running { .. } | Status::Completed), "the one that runs is {one:?}");
    let full = matches!(two, Status::Queued { .. });
    ensure!(full, "the one that waits is {two:?}, the one that runs {one:?}");
    ensure!(case.until(|| second.status() == Status::Completed), "the second is {:?}", second.status());
    ensure!(first.status() == Status::Completed, "after the second ended, the first is {:?}", first.status());
    drop(active);
    Ok(())
}

fn s17<R: Rig>(case: &Case<'_, '_, R>) -> Verdict {
    let (active, old) = case.under_way(case.idle()?)?;
    let idle = case.stop(active)?;
    let before = old.status();
    ensure!(matches!(before, Status::Aborted { .. }), "after the stop it is {before:?}");
    let (active, new) = case.start(idle, |case, idle| case.finite(idle, 1))?;
    case.completes("a later transfer", new)?;
    ensure!(old.status() == before, "after a later completion it is {:?}, and was {before:?}", old.status());
    drop(active);
    Ok(())
}

fn s18<R: Rig>(case: &Case<'_, '_, R>) -> Verdict {
    let (active, running) = case.under_way(case.idle()?)?;
    let (Ok(issued), Ok(submitted)) = (case.finite(&active, 1)?.join(&active), case.finite(&active, 2)?.join(&active))
    else {
        return failed("submit was refused");
    };
    active.issue();
    let Status::Queued { residue: all } = issued.status() else {
        return failed(format!("behind an endless transfer it is {:?}", issued.status()));
    };
    let stopping = active.terminate_async();
    for work in [&running, &issued, &submitted] {
        let status = work.status();
        ensure!(matches!(status, Status::Stopping | Status::Aborted { .. }), "after terminate it is {status:?}");
    }
    let idle = case.synchronize(stopping)?;
    let last = running.status();
    ensure!(matches!(last, Status::Aborted { .. }), "on a quiescent channel it is {last:?}");
    for work in [&issued, &submitted] {
        let never = Status::Aborted { residue: all };
        ensure!(work.status() == never, "one that never ran is {:?}", work.status());
    }
    case.run(case.bound() * 2 + case.period());
    ensure!(running.status() == last, "its residue was final, {last:?}, and became {:?}", running.status());
    drop(idle);
    Ok(())
}
