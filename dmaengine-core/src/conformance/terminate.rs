//! Statements 37 to 45: asking for the stop, and what is true until it has come.

use super::case::{Case, Trouble, Verdict, ensure, failed};
use super::prelude::*;
use super::rig::Rig;
use super::statement::{Need, Statement};
use crate::{Engine, EventKind, Micros, Platform, Status, SubmitError};

const PROVIDER: &str = "Linux Documentation/driver-api/dmaengine/provider.rst, v6.12";
const BOTH: &str = "Linux client.rst and provider.rst, v6.12";

pub(super) fn table<R: Rig>() -> Vec<Statement<R>> {
    vec![
        Statement::new(
            (37, "s37_terminate_async_works_anywhere_and_does_not_wait"),
            "terminate_async works in a thread, in an interrupt and in the own callback, and does not wait",
            PROVIDER,
            &[Need::Endless],
            s37,
        ),
        Statement::new(
            (38, "s38_terminate_aborts_what_runs_is_issued_or_is_submitted"),
            "terminate aborts the running transfer, the issued ones and the submitted ones",
            BOTH,
            &[Need::Endless, Need::Finite],
            s38,
        ),
        Statement::new(
            (39, "s39_no_callback_begins_after_terminate"),
            "after terminate no callback begins for a transfer that had not ended",
            PROVIDER,
            &[Need::Ring],
            s39,
        )
        .of_core("news of a transfer that is dead is dropped"),
        Statement::new(
            (40, "s40_a_running_callback_keeps_the_channel"),
            "a callback that runs already may finish later; until then the channel is not quiescent",
            "Linux include/linux/dmaengine.h (dmaengine_terminate_async), v6.12",
            &[Need::Ring],
            s40,
        )
        .of_core("the library knows whether a callback runs"),
        Statement::new(
            (41, "s41_memory_is_not_given_back_before_the_stop"),
            "after terminate_async the hardware may still write: the memory comes back when it has stopped, not before",
            BOTH,
            &[Need::Endless, Need::DeferredStop],
            s41,
        ),
        Statement::new(
            (42, "s42_no_descriptor_is_used_again_before_the_stop"),
            "no descriptor of a transfer is used again or freed before the hardware has stopped",
            "Linux provider.rst, v6.12, and drivers/dma/imx-sdma.c, v5.8, which does",
            &[Need::Endless, Need::Finite, Need::DeferredStop],
            s42,
        )
        .of_core("a slot is free again when its handle has resolved"),
        Statement::new(
            (43, "s43_terminate_with_nothing_to_stop_is_harmless"),
            "terminate on a channel whose work is done succeeds, stops nothing and needs no wait",
            "this library (Linux leaves it to the provider)",
            &[Need::Finite],
            s43,
        )
        .of_core("the engine is only told to stop what runs"),
        Statement::new(
            (44, "s44_a_second_terminate_within_the_first_frees_nothing_early"),
            "terminate called twice within a stop: nothing of either set comes back before the hardware has stopped",
            "this library (Linux leaves it open)",
            &[Need::Endless, Need::QueueAfterStop, Need::DeferredStop],
            s44,
        ),
        Statement::new(
            (45, "s45_a_prepared_transfer_survives_a_terminate"),
            "a transfer that is prepared while the channel is stopped stays valid, or its submit fails",
            "Linux dmaengine list, Jie Hai, 2023 (virt-dma frees it under its holder)",
            &[Need::Endless, Need::Finite],
            s45,
        )
        .of_core("a prepared transfer is on no list, and its slot is its holder's"),
    ]
}

fn s37<R: Rig>(case: &Case<'_, '_, R>) -> Verdict {
    let (active, _work) = case.under_way(case.idle()?)?;
    let start = case.now();
    let stopping = active.terminate_async();
    let took = case.now() - start;
    ensure!(took <= case.scale.brief, "in a thread, terminate_async took {took}");
    let idle = case.synchronize(stopping)?;

    let (active, _work) = case.start(idle, |case, idle| {
        if Need::Finite.is_met(case) && !case.has_ring() { case.finite(idle, 1) } else { case.endless(idle) }
    })?;
    let (rig, took) = (case.rig, Rc::new(Cell::new(None)));
    let told = took.clone();
    case.on_event(move |callback, _| {
        let platform = rig.dma().engine().platform();
        let start = platform.now();
        callback.terminate_async();
        if told.get().is_none() {
            told.set(Some(platform.now() - start));
        }
    });
    ensure!(case.until(|| took.get().is_some()), "no callback came");
    case.forget_hook();
    if let Some(took) = took.get() {
        ensure!(took <= case.scale.brief, "in the own callback, terminate_async took {took}");
    }
    case.stop(active)?;
    Ok(())
}

fn s38<R: Rig>(case: &Case<'_, '_, R>) -> Verdict {
    let (active, running) = case.under_way(case.idle()?)?;
    let (Ok(issued), Ok(submitted)) = (case.finite(&active, 1)?.join(&active), case.finite(&active, 2)?.join(&active))
    else {
        return failed("submit was refused");
    };
    active.issue();
    let idle = case.stop(active)?;
    case.aborted("the transfer that ran", running)?;
    let (active, next) = case.start(idle, |case, idle| case.finite(idle, 3))?;
    case.completes("the transfer after the stop", next)?;
    case.run(case.period() * 4);
    for (what, work) in [("an issued transfer", issued), ("a submitted transfer", submitted)] {
        let (mut memory, _) = case.aborted(what, work)?;
        if let Err(wrong) = memory.untouched() {
            return failed(format!("{what}, which was aborted, ran all the same: {wrong}"));
        }
    }
    drop(active);
    case.no_trespass("a stop with transfers queued")
}

fn s39<R: Rig>(case: &Case<'_, '_, R>) -> Verdict {
    let (active, work) = case.start_endless(case.idle()?)?;
    // Periods end, and nobody takes their interrupts before the stop.
    case.pass(case.period() * 2 + Micros(case.period().0 / 2));
    case.events();
    let stopping = active.terminate_async();
    case.run(case.bound() + case.period() * 3);
    let told = case.events_of(work.generation());
    ensure!(told.iter().all(|kind| *kind == EventKind::Stopped), "after terminate it told {told:?}");
    case.synchronize(stopping)?;
    Ok(())
}

fn s40<R: Rig>(case: &Case<'_, '_, R>) -> Verdict {
    let (active, work) = case.start_endless(case.idle()?)?;
    let (channel, memory) = (Rc::new(RefCell::new(Some(active))), Rc::new(RefCell::new(Some(work))));
    let (stopping, early) = (Rc::new(RefCell::new(None)), Rc::new(Cell::new(None)));
    let (mine, transfer, left, seen) = (channel, memory.clone(), stopping.clone(), early.clone());
    let (rig, wait) = (case.rig, case.bound() * 2);
    case.on_event(move |_, _| {
        let Some(active) = mine.take() else { return };
        let Some(work) = transfer.take() else { return };
        let asked = active.terminate_async();
        rig.dma().engine().platform().delay(wait);
        match (asked.try_finish(), work.try_resolve()) {
            (Err(asked), Err(work)) => {
                left.replace(Some(asked));
                transfer.replace(Some(work));
            }
            (Ok(_), _) => seen.set(Some("the channel counted as quiescent")),
            (_, Ok(_)) => seen.set(Some("the memory came back")),
        }
    });
    let done = case.until(|| early.get().is_some() || stopping.borrow().is_some());
    case.forget_hook();
    ensure!(done, "no period was told");
    if let Some(early) = early.get() {
        return failed(format!("while a callback of the stopped transfer ran, {early}"));
    }
    let (Some(stopping), Some(work)) = (stopping.take(), memory.take()) else { return failed("nothing is left") };
    case.synchronize(stopping)?;
    case.aborted("a ring whose callback has returned", work)?;
    Ok(())
}

fn s41<R: Rig>(case: &Case<'_, '_, R>) -> Verdict {
    let (active, work) = case.under_way(case.idle()?)?;
    let stopping = active.terminate_async();
    let (start, step) = (case.now(), Micros((case.bound().0 / 20).max(1)));
    let mut holder = Some(work);
    let mut memory = loop {
        match holder.take().map(|work| work.try_resolve()) {
            Some(Ok(ended)) => break ended.memory,
            Some(Err(work)) => {
                let status = work.status();
                ensure!(case.now() - start <= case.synchronize_bound(), "the stop has not come, and it is {status:?}");
                holder = Some(work);
            }
            None => return failed("the transfer is lost"),
        }
        case.run(step);
    };
    case.left_alone("the memory of a transfer that was stopped", &mut memory)?;
    case.synchronize(stopping)?;
    Ok(())
}

fn s42<R: Rig>(case: &Case<'_, '_, R>) -> Verdict {
    let (active, work) = case.under_way(case.idle()?)?;
    let stopping = active.terminate_async();
    let mut taken = Vec::new();
    while let Ok(ready) = case.finite(&stopping, 1) {
        taken.push(ready);
    }
    let (free, slots) = (taken.len(), case.dma().slots());
    if matches!(work.status(), Status::Stopping) {
        ensure!(free < slots, "{free} of {slots} descriptors were free while one was being stopped");
    }
    drop(taken);
    let idle = case.synchronize(stopping)?;
    case.aborted("the transfer that was stopped", work)?;
    case.all_slots_free(&idle)
}

fn s43<R: Rig>(case: &Case<'_, '_, R>) -> Verdict {
    let (active, work) = case.start(case.idle()?, |case, idle| case.finite(idle, 1))?;
    case.completes("a transfer", work)?;
    let stops = case.dma().statistics(0).map(|statistics| statistics.stops);
    let Ok(idle) = active.terminate_async().try_finish() else {
        return failed("a channel with nothing to stop is not quiescent after terminate");
    };
    ensure!(case.dma().statistics(0).map(|statistics| statistics.stops) == stops, "the engine was told to stop");
    let (active, work) = case.start(idle, |case, idle| case.finite(idle, 2))?;
    case.completes("the next transfer", work)?;
    drop(active);
    Ok(())
}

fn s44<R: Rig>(case: &Case<'_, '_, R>) -> Verdict {
    let (active, old) = case.under_way(case.idle()?)?;
    let stopping = active.terminate_async();
    let next = case.endless(&stopping)?;
    let Some((active, next)) = next.queue(case.abilities, stopping) else { return failed("queue was refused") };
    case.pass(Micros(case.bound().0 / 4));
    if old.status() != Status::Stopping {
        // It was faster than its bound. Then what came back has to be free.
        let (mut memory, _) = case.aborted("a transfer that stopped soon", old)?;
        case.left_alone("the memory of a transfer that stopped soon", &mut memory)?;
        return Err(Trouble::Skipped("the stop was complete before there could be a second".into()));
    }
    let stopping = active.terminate_async();
    let (mut old, mut next) = (old, next);
    let start = case.now();
    let (mut old, mut next) = loop {
        match (old.try_resolve(), next.try_resolve()) {
            (Ok(old), Ok(next)) => break (old, next),
            (Err(first), Err(second)) => (old, next) = (first, second),
            (Ok(_), Err(_)) => return failed("the running transfer ended before the one behind it, which never ran"),
            (Err(_), Ok(_)) => return failed("what waited behind the stop came back before the stop was complete"),
        }
        ensure!(case.now() - start <= case.synchronize_bound(), "the stop has not come");
        case.run(Micros((case.bound().0 / 20).max(1)));
    };
    if let Err(wrong) = next.memory.untouched() {
        return failed(format!("what waited behind the stop, and was stopped, ran: {wrong}"));
    }
    case.left_alone("the memory of a transfer that was stopped twice", &mut old.memory)?;
    case.synchronize(stopping)?;
    Ok(())
}

fn s45<R: Rig>(case: &Case<'_, '_, R>) -> Verdict {
    let (active, _old) = case.under_way(case.idle()?)?;
    let (mine, late) = (case.finite(&active, 1)?, case.finite(&active, 2)?);
    active.stop_handle().terminate_async();
    let refused = late.join(&active);
    ensure!(matches!(refused, Err(SubmitError::Stopped)), "submit to a run that is stopped was not refused");
    let idle = case.stop(active)?;
    let (active, work) = match mine.start(idle) {
        Ok(started) => started,
        Err(error) => return failed(format!("submit of what was prepared before the stop: {error}")),
    };
    case.completes("a transfer prepared before the stop", work)?;
    drop(active);
    case.no_trespass("a transfer prepared before the stop")
}
