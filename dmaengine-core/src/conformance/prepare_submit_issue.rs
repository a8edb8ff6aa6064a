//! Statements 1 to 11: nothing happens before it is issued, and then everything does, in order.

use super::case::{Case, Verdict, ensure, failed};
use super::prelude::*;
use super::rig::Rig;
use super::statement::{Need, Statement};
use crate::engine::Engine;
use crate::error::ErrorKind;
use crate::{EventKind, Platform, Status};

const CLIENT: &str = "Linux Documentation/driver-api/dmaengine/client.rst, v6.12";
const PROVIDER: &str = "Linux Documentation/driver-api/dmaengine/provider.rst, v6.12";

pub(super) fn table<R: Rig>() -> Vec<Statement<R>> {
    vec![
        Statement::new(
            (1, "s01_a_prepared_transfer_touches_nothing"),
            "a transfer that is prepared and not submitted touches neither hardware nor memory",
            CLIENT,
            &[Need::Endless],
            s01,
        ),
        Statement::new(
            (2, "s02_submit_alone_starts_nothing"),
            "submit alone starts no transfer, on an idle channel or on one whose work is done",
            "Linux client.rst, v6.12; commit 04abf5daf7df (pl330)",
            &[Need::Finite],
            s02,
        ),
        Statement::new(
            (3, "s03_what_is_submitted_while_another_runs_waits_for_its_issue"),
            "a transfer submitted while another runs is not started when that one ends, but by a later issue",
            "Linux commit 04abf5daf7df (pl330)",
            &[Need::Finite],
            s03,
        ),
        Statement::new(
            (4, "s04_issue_starts_the_oldest"),
            "issue on an idle channel starts the oldest transfer submitted",
            CLIENT,
            &[Need::Finite],
            s04,
        ),
        Statement::new(
            (5, "s05_issue_with_nothing_submitted_is_harmless"),
            "issue with nothing submitted changes nothing, whether the channel works or not",
            "this library (Linux leaves it open)",
            &[Need::Finite],
            s05,
        )
        .of_core("issue reaches the engine only as a start of what was submitted"),
        Statement::new(
            (6, "s06_transfers_run_in_the_order_of_submission"),
            "transfers run in the order of submission; the end of one starts the next without the client's help",
            CLIENT,
            &[Need::Finite],
            s06,
        ),
        Statement::new(
            (7, "s07_prepare_submit_issue_and_status_work_in_an_interrupt"),
            "prepare, submit, issue and status succeed in interrupt context and do not wait",
            PROVIDER,
            &[Need::Finite],
            s07,
        ),
        Statement::new(
            (8, "s08_exhaustion_is_an_error_and_not_a_wait"),
            "when all descriptors are in use, prepare says so, at once and without harm",
            "Linux provider.rst and include/linux/dmaengine.h, v6.12",
            &[Need::Finite],
            s08,
        ),
        Statement::new(
            (9, "s09_a_request_out_of_limits_is_refused"),
            "no bytes, halves of different lengths, or more than the engine's limits: prepare fails and keeps nothing",
            "Linux include/linux/dmaengine.h and drivers/dma/imx-sdma.c, v6.12",
            &[Need::Memcpy],
            s09,
        )
        .of_core("requests are checked against the engine's facts before the engine sees them"),
        Statement::of_types(
            (10, "s10_a_new_config_changes_nothing_that_is_prepared"),
            "a new slave configuration does not change transfers that are prepared or queued",
            PROVIDER,
            "the configuration is an argument of each preparation, by value; a channel has none",
        ),
        Statement::of_types(
            (11, "s11_a_submitted_transfer_cannot_be_altered"),
            "after submit the client cannot alter the descriptor",
            CLIENT,
            "submit takes the prepared transfer by value",
        ),
    ]
}

fn s01<R: Rig>(case: &Case<'_, '_, R>) -> Verdict {
    let idle = case.idle()?;
    let endless = case.endless(&idle)?;
    case.run(case.period() * 4);
    case.nobody_writes("the memory of an endless transfer that was only prepared", endless)?;
    if Need::Finite.is_met(case) {
        let finite = case.finite(&idle, 1)?;
        case.run(case.period() * 4);
        case.nobody_writes("the memory of a transfer that was only prepared", finite)?;
    }
    Ok(())
}

fn s02<R: Rig>(case: &Case<'_, '_, R>) -> Verdict {
    let idle = case.idle()?;
    let ready = case.finite(&idle, 1)?;
    let Ok((pending, work)) = ready.submit(idle) else { return failed("submit was refused") };
    case.run(case.period() * 4);
    ensure!(matches!(work.status(), Status::Queued { .. }), "submitted and not issued, it is {:?}", work.status());
    let idle = case.synchronize(pending.terminate_async())?;
    let (mut memory, _) = case.aborted("a transfer that was never issued", work)?;
    if let Err(wrong) = memory.untouched() {
        return failed(format!("the memory of a transfer that was submitted and not issued: {wrong}"));
    }

    let (active, first) = case.start(idle, |case, idle| case.finite(idle, 2))?;
    case.completes("the first transfer", first)?;
    let second = case.finite(&active, 3)?.join(&active);
    let Ok(second) = second else { return failed("submit behind a transfer that is over was refused") };
    case.run(case.period() * 4);
    ensure!(matches!(second.status(), Status::Queued { .. }), "behind a finished one, it is {:?}", second.status());
    case.stop(active)?;
    case.no_trespass("transfers that were not issued")
}

fn s03<R: Rig>(case: &Case<'_, '_, R>) -> Verdict {
    let (active, first) = case.start(case.idle()?, |case, idle| case.finite(idle, 1))?;
    let Ok(second) = case.finite(&active, 2)?.join(&active) else { return failed("submit was refused") };
    case.completes("the first transfer", first)?;
    case.run(case.period() * 4);
    let status = second.status();
    ensure!(matches!(status, Status::Queued { .. }), "after the end of the first, the one not issued is {status:?}");
    let idle = case.stop(active)?;
    let (mut memory, _) = case.aborted("the one that was never issued", second)?;
    if let Err(wrong) = memory.untouched() {
        return failed(format!("the memory of a transfer that was not issued: {wrong}"));
    }

    let (active, first) = case.start(idle, |case, idle| case.finite(idle, 3))?;
    let Ok(second) = case.finite(&active, 4)?.join(&active) else { return failed("submit was refused") };
    case.completes("the first transfer", first)?;
    active.issue();
    case.completes("the second transfer, once it is issued", second)?;
    case.no_trespass("a transfer that was not issued")
}

fn s04<R: Rig>(case: &Case<'_, '_, R>) -> Verdict {
    let idle = case.idle()?;
    let (first, second) = (case.finite(&idle, 1)?, case.finite(&idle, 2)?);
    let Ok((pending, first)) = first.submit(idle) else { return failed("submit was refused") };
    let Ok(second) = second.behind(&pending) else { return failed("a second submit was refused") };
    let active = pending.issue();
    let (one, two) = (first.status(), second.status());
    ensure!(!matches!(one, Status::Queued { .. }), "after the issue the oldest is {one:?}, the other {two:?}");
    ensure!(matches!(two, Status::Queued { .. }), "after the issue the second is {two:?}, the oldest {one:?}");
    case.completes("the oldest transfer", first)?;
    case.completes("the second transfer", second)?;
    drop(active);
    Ok(())
}

fn s05<R: Rig>(case: &Case<'_, '_, R>) -> Verdict {
    let (active, work) = case.start(case.idle()?, |case, idle| case.finite(idle, 1))?;
    for _ in 0..3 {
        active.issue();
    }
    case.completes("a transfer issued four times", work)?;
    case.events();
    for _ in 0..3 {
        active.issue();
        case.run(case.period());
    }
    let events = case.events();
    ensure!(events.is_empty(), "with nothing submitted, issue brought {events:?}");
    ensure!(active.try_idle().is_ok(), "after it the channel does not come to rest");
    Ok(())
}

fn s06<R: Rig>(case: &Case<'_, '_, R>) -> Verdict {
    let idle = case.idle()?;
    let all: Result<Vec<_>, _> = (0..4).map(|seed| case.finite(&idle, seed)).collect();
    let mut all = all?.into_iter();
    let Some(Ok((pending, first))) = all.next().map(|first| first.submit(idle)) else {
        return failed("submit was refused");
    };
    let mut work = vec![first];
    for ready in all {
        let Ok(next) = ready.behind(&pending) else { return failed("submit was refused") };
        work.push(next);
    }
    let wanted: Vec<_> = work.iter().map(|work| (work.generation(), EventKind::Completed)).collect();
    let active = pending.issue();
    for (i, work) in work.into_iter().enumerate() {
        case.completes(&format!("transfer {i} of four"), work)?;
    }
    let told: Vec<_> = case.events().iter().map(|event| (event.generation, event.kind)).collect();
    ensure!(told == wanted, "the order was {told:?}");
    drop(active);
    Ok(())
}

fn s07<R: Rig>(case: &Case<'_, '_, R>) -> Verdict {
    let (active, first) = case.start(case.idle()?, |case, idle| case.finite(idle, 1))?;
    let (holder, inside) = (Rc::new(RefCell::new(Some(active))), Rc::new(RefCell::new(None)));
    let (abilities, rig) = (case.rig.abilities(), case.rig);
    let counter = case.counter(0).copied();
    let (mine, told, short) = (holder.clone(), inside.clone(), case.scale.short);
    case.on_event(move |_, _| {
        if told.borrow().is_some() {
            return;
        }
        let Some(active) = mine.take() else { return };
        let platform = rig.dma().engine().platform();
        let start = platform.now();
        let ready = super::case::finite_anywhere(&abilities, counter.as_ref(), &active, short, 2);
        let work = ready.ok().and_then(|ready| ready.join(&active).ok());
        active.issue();
        let status = work.as_ref().map(|work| work.status());
        told.replace(Some((platform.now() - start, status, work)));
        mine.replace(Some(active));
    });
    case.completes("the first transfer", first)?;
    let done = case.until(|| inside.borrow().is_some());
    case.forget_hook();
    ensure!(done, "no callback came");
    let Some((took, status, work)) = inside.take() else { return failed("the callback said nothing") };
    let Some(work) = work else { return failed("prepare or submit was refused in the interrupt") };
    ensure!(took <= case.scale.brief, "prepare, submit, issue and status took {took}");
    ensure!(!matches!(status, Some(Status::Queued { .. })), "issued on a free channel, it was {status:?}");
    case.completes("the transfer started in the interrupt", work)?;
    drop(holder);
    Ok(())
}

fn s08<R: Rig>(case: &Case<'_, '_, R>) -> Verdict {
    let idle = case.idle()?;
    let start = case.now();
    case.all_slots_free(&idle)?;
    let took = case.now() - start;
    ensure!(took <= case.scale.brief * (case.dma().slots() as u64 + 1), "finding out took {took}");
    for _ in 0..8 {
        case.all_slots_free(&idle)?;
    }
    let (active, work) = case.start(idle, |case, idle| case.finite(idle, 1))?;
    case.completes("a transfer after the exhaustion", work)?;
    drop(active);
    Ok(())
}

fn s09<R: Rig>(case: &Case<'_, '_, R>) -> Verdict {
    let Some(prep) = case.abilities.memcpy else { return Ok(()) };
    let idle = case.idle()?;
    let facts = case.facts();
    let unit = facts.align.max(1) as usize;
    let mut wrong = vec![(0, 0), (2 * unit, unit)];
    if unit > 1 {
        wrong.push((unit + 1, unit + 1));
    }
    let limit = facts.max_segment as usize * facts.max_segments as usize;
    if limit < 1 << 26 {
        wrong.push((limit + unit, limit + unit));
    }
    for (dst, src) in wrong {
        let Err(error) = prep((&idle).into(), case.poisoned(dst), case.poisoned(src)) else {
            return failed(format!("a copy of {src} bytes to {dst} was prepared"));
        };
        ensure!(error.kind() == ErrorKind::InvalidInput, "a copy of {src} bytes to {dst}: {error}");
    }
    case.all_slots_free(&idle)?;
    let (active, work) = case.start(idle, |case, idle| case.finite(idle, 1))?;
    case.completes("a copy after the refusals", work)?;
    drop(active);
    Ok(())
}
