//! Statements 62 to 66: giving up a channel, and what becomes of what was on it.

use super::case::{Case, Verdict, ensure, failed};
use super::prelude::*;
use super::rig::Rig;
use super::statement::{Need, Statement};
use crate::Outcome;

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
        Statement::of_types(
            (65, "s65_a_repeated_transfer_repeats_until_its_successor"),
            "a repeated transfer goes on until one that is marked to replace it; others wait visibly",
            "Linux include/linux/dmaengine.h (DMA_PREP_REPEAT), v6.12",
            "there is no repeat flag: a ring is cyclic, and what is queued behind it is Queued",
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
