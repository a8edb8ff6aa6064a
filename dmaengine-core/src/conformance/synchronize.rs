//! Statements 52 to 59: waiting for the stop, and what is true when the wait is over.

use super::case::{Case, Verdict, ensure, failed};
use super::prelude::*;
use super::rig::Rig;
use super::statement::{Need, Statement};
use crate::{Engine, EventKind, Micros, Platform, Status, Unfinished};

const BOTH: &str = "Linux provider.rst and include/linux/dmaengine.h, v6.12";

pub(super) fn table<R: Rig>() -> Vec<Statement<R>> {
    vec![
        Statement::new(
            (52, "s52_after_synchronize_no_memory_is_touched"),
            "when synchronize returns, no earlier transfer touches memory, ever",
            BOTH,
            &[Need::Endless],
            s52,
        ),
        Statement::new(
            (53, "s53_after_synchronize_no_callback_runs_or_will"),
            "when synchronize returns, the callbacks of earlier transfers have returned and no other will come",
            BOTH,
            &[Need::Ring],
            s53,
        )
        .of_core("the library knows whether a callback runs, and drops news of the dead"),
        Statement::of_types(
            (54, "s54_synchronize_is_rejected_where_nobody_may_sleep"),
            "synchronize is rejected in atomic context and inside the own callback",
            "Linux include/linux/dmaengine.h (dmaengine_synchronize), v6.12",
            "synchronize takes a Sleepable; masking borrows it, and a callback has none",
        ),
        Statement::of_types(
            (55, "s55_issue_between_terminate_and_synchronize_is_rejected"),
            "terminate_async, issue, synchronize is rejected or has a defined meaning",
            "Linux Documentation/driver-api/dmaengine/client.rst, v6.12, where it is undefined",
            "a stopping channel has no issue; queue_after_stop gives another value, without synchronize",
        ),
        Statement::of_types(
            (56, "s56_synchronize_without_terminate_is_rejected"),
            "synchronize without terminate is rejected or returns at once",
            "Linux commit 6a7db25aad8c (sound/core/pcm_dmaengine.c)",
            "only a stopping channel has synchronize",
        ),
        Statement::new(
            (57, "s57_hardware_that_does_not_stop_is_reported_and_keeps_its_memory"),
            "with hardware that does not stop the wait is bounded, the error is reported, the memory is kept; after a \
             reset that says so, nothing is touched any more",
            "this library (Linux dmaengine_synchronize returns nothing, include/linux/dmaengine.h, v6.12)",
            &[Need::Endless, Need::IgnoredStop],
            s57,
        ),
        Statement::of_types(
            (58, "s58_a_backend_declares_how_it_stops"),
            "a backend without synchronize cannot claim to be cyclic, or declares that it stops at once",
            "this library (Linux drivers/dma/dmaengine.c, v6.12, does not ask)",
            "stop, is_stopped and Facts::stop have no default",
        ),
        Statement::new(
            (59, "s59_terminate_sync_is_both_in_one"),
            "terminate_sync is terminate_async and synchronize, within their bound",
            "Linux include/linux/dmaengine.h (dmaengine_terminate_sync), v6.12",
            &[Need::Endless],
            s59,
        ),
    ]
}

fn s52<R: Rig>(case: &Case<'_, '_, R>) -> Verdict {
    let (active, work) = case.under_way(case.idle()?)?;
    let _idle = case.synchronize(active.terminate_async())?;
    let (mut memory, _) = case.aborted("a transfer that was stopped", work)?;
    case.left_alone("the memory of a synchronized transfer", &mut memory)
}

fn s53<R: Rig>(case: &Case<'_, '_, R>) -> Verdict {
    let (active, work) = case.start_endless(case.idle()?)?;
    let generation = work.generation();
    let (inside, overlap) = (Rc::new(Cell::new(false)), Rc::new(Cell::new(false)));
    let (entered, nested, rig, wait) = (inside.clone(), overlap.clone(), case.rig, case.period());
    case.on_event(move |_, _| {
        nested.set(nested.get() || entered.replace(true));
        rig.dma().engine().platform().delay(Micros(wait.0 / 4));
        entered.set(false);
    });
    case.run(case.period() * 3);
    let _idle = case.stop(active)?;
    ensure!(!inside.get(), "synchronize returned while a callback ran");
    ensure!(!overlap.get(), "two callbacks of a channel ran at a time");
    let told = case.events_of(generation).len();
    ensure!(told > 0, "three periods told nothing");
    case.run(case.bound() * 2 + case.period() * 5);
    let after = case.events_of(generation).split_off(told);
    ensure!(after.is_empty(), "after synchronize it told {after:?}");
    Ok(())
}

fn s57<R: Rig>(case: &Case<'_, '_, R>) -> Verdict {
    let (active, work) = case.under_way(case.idle()?)?;
    case.rig.ignore_stops(true);
    let stopping = active.terminate_async();
    let start = case.now();
    let Err(kept) = stopping.synchronize(case.cx) else {
        return failed("the hardware goes on, and synchronize says that it is quiescent");
    };
    let took = case.now() - start;
    ensure!(kept.error.reason == Unfinished::Engine, "the reason given is: {}", kept.error);
    ensure!(took <= case.synchronize_bound(), "the wait took {took}");
    let status = work.status();
    ensure!(status == Status::Stopping, "the hardware goes on, and the transfer is {status:?}");
    let Err(work) = work.try_resolve() else { return failed("the hardware goes on, and the memory came back") };
    case.rig.ignore_stops(false);
    match kept.value.reset() {
        Ok(idle) => {
            let (mut memory, _) = case.aborted("a transfer that was reset", work)?;
            case.left_alone("the memory of a transfer that was reset", &mut memory)?;
            let (active, _work) = case.under_way(idle)?;
            case.stop(active)?;
        }
        Err(kept) => {
            ensure!(work.try_resolve().is_err(), "the reset failed, and the memory came back");
            drop(kept);
        }
    }
    Ok(())
}

fn s59<R: Rig>(case: &Case<'_, '_, R>) -> Verdict {
    let (active, work) = case.under_way(case.idle()?)?;
    let start = case.now();
    let idle = match active.terminate_sync(case.cx) {
        Ok(idle) => idle,
        Err(kept) => return failed(format!("terminate_sync: {}", kept.error)),
    };
    let took = case.now() - start;
    let most = case.bound() + Micros(case.bound().0 / 8) + case.scale.brief + Micros(2);
    ensure!(took <= most, "it took {took}, and the engine's bound is {}", case.bound());
    let (mut memory, _) = case.aborted("a transfer that was stopped", work)?;
    case.left_alone("the memory of a transfer after terminate_sync", &mut memory)?;
    let (active, work) = case.under_way(idle)?;
    let status = work.status();
    ensure!(matches!(status, Status::Running { .. }), "started again, it is {status:?}");
    case.events();
    case.stop(active)?;
    let told = case.events();
    let stops = told.iter().filter(|event| event.kind == EventKind::Stopped).count();
    ensure!(stops <= 1, "one stop was told {stops} times");
    Ok(())
}
