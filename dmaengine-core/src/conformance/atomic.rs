//! Statements 60 and 61: a stop that is complete on return, where nobody may sleep.

use super::case::{Case, Verdict, ensure, failed};
use super::prelude::*;
use super::rig::Rig;
use super::statement::{Need, Statement};
use crate::{Micros, Status};

pub(super) fn table<R: Rig>() -> Vec<Statement<R>> {
    vec![
        Statement::new(
            (60, "s60_terminate_atomic_is_done_within_its_bound"),
            "terminate_atomic needs no interrupt and busy-waits at most the declared bound: then it has stopped, or says \
             that it has not and keeps everything",
            "this library; proposed in the thread \"pcm|dmaengine|imx-sdma race condition on i.MX6\", August 2020",
            &[Need::Endless, Need::TerminateAtomic],
            s60,
        ),
        Statement::of_types(
            (61, "s61_terminate_atomic_frees_nothing"),
            "terminate_atomic frees nothing that needs a place to sleep",
            "this library; L.-P. Clausen in the same thread",
            "memory stays with the transfers' handles; it is freed where they are resolved",
        ),
    ]
}

fn s60<R: Rig>(case: &Case<'_, '_, R>) -> Verdict {
    let Some(ways) = &case.abilities.atomic else { return failed("the engine does not stop without sleep") };
    let bound = (ways.bound)(case.dma().engine());
    let most = bound + case.scale.brief + Micros(1);
    let (active, work) = case.under_way(case.idle()?)?;
    let start = case.now();
    let idle = match (ways.active)(active) {
        Ok(idle) => idle,
        Err(kept) => return failed(format!("with hardware that obeys: {}", kept.error)),
    };
    let took = case.now() - start;
    ensure!(took <= most, "it took {took}, and the engine's bound is {bound}");
    let (mut memory, _) = case.aborted("a transfer that was stopped", work)?;
    case.left_alone("the memory of a transfer after terminate_atomic", &mut memory)?;

    // The same through a stop handle, and then for what is left of it.
    let (active, work) = case.under_way(idle)?;
    if let Err(error) = (ways.handle)(&active.stop_handle()) {
        return failed(format!("through a stop handle: {error}"));
    }
    let idle = match (ways.stopping)(active.terminate_async()) {
        Ok(idle) => idle,
        Err(kept) => return failed(format!("after a stop handle's: {}", kept.error)),
    };
    case.aborted("a transfer that a stop handle stopped", work)?;

    if case.rig.ignore_stops(true) {
        let (active, work) = case.under_way(idle)?;
        let start = case.now();
        let stopped = (ways.active)(active);
        let took = case.now() - start;
        let Err(kept) = stopped else { return failed("the hardware goes on, and it says that it has stopped") };
        ensure!(took <= most, "with hardware that does not stop it took {took}, and the bound is {bound}");
        let status = work.status();
        ensure!(status == Status::Stopping, "the hardware goes on, and the transfer is {status:?}");
        ensure!(work.try_resolve().is_err(), "the hardware goes on, and the memory came back");
        drop(kept);
    }
    Ok(())
}
