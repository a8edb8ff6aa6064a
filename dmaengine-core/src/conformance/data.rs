//! Statements 67 to 70: the data itself, in the manner of Linux's dmatest.

use super::case::{Case, Verdict, ensure, failed};
use super::prelude::*;
use super::rig::Rig;
use super::statement::{Need, Statement};
use super::walk::Random;
use super::work::{Given, pattern, poisoned};
use crate::context::Atomic;
use crate::{Micros, Outcome};

const DMATEST: &str = "Linux drivers/dma/dmatest.c, v6.12";

pub(super) fn table<R: Rig>() -> Vec<Statement<R>> {
    vec![
        Statement::new(
            (67, "s67_a_copy_copies_its_region_and_nothing_else"),
            "copies of random length and place: the region is exact, its surroundings and the source are untouched",
            DMATEST,
            &[Need::Memcpy],
            s67,
        ),
        Statement::new(
            (68, "s68_channels_do_not_disturb_each_other"),
            "several channels at work, one of them stopped at random: the others' data is as it should be",
            DMATEST,
            &[Need::Memcpy, Need::TwoChannels],
            s68,
        ),
        Statement::new(
            (69, "s69_polled_and_interrupt_completion_give_the_same"),
            "a transfer waited for by interrupt and one whose controller is polled end alike",
            DMATEST,
            &[Need::Finite],
            s69,
        ),
        Statement::new(
            (70, "s70_no_callback_comes_after_the_end"),
            "when everything has ended and the channel is given up, no callback comes any more",
            DMATEST,
            &[Need::Endless, Need::Finite],
            s70,
        )
        .of_core("news of a transfer that is over is dropped"),
    ]
}

fn s67<R: Rig>(case: &Case<'_, '_, R>) -> Verdict {
    let Some(prep) = case.abilities.memcpy else { return failed("the engine does not copy") };
    let mut random = Random::new(67);
    let unit = case.facts().align.max(1) as usize;
    let mut idle = case.idle()?;
    for round in 0..24 {
        let longest = (case.scale.short * 4 / unit).max(1) as u64;
        let len = unit * (1 + random.below(longest) as usize);
        let (front, back) = (unit * (1 + random.below(16) as usize), 8 + random.below(64) as usize);
        let seed = random.below(256) as u8;
        let (before, rest) = poisoned(front + len + back).split_at_mut(front);
        let (target, behind) = rest.split_at_mut(len);
        let prepared = match prep((&idle).into(), target, pattern(len, seed)) {
            Ok(prepared) => super::work::Ready::Copy(prepared, seed),
            Err(error) => return failed(format!("a copy of {len} bytes was refused: {error}")),
        };
        let Ok((active, work)) = prepared.start(idle) else { return failed("start was refused") };
        case.completes(&format!("copy {round}, of {len} bytes,"), work)?;
        let written = before.iter().chain(&*behind).any(|&byte| byte != super::work::POISON);
        ensure!(!written, "copy {round}, of {len} bytes, wrote around its destination");
        idle = match active.try_idle() {
            Ok(idle) => idle,
            Err(kept) => return failed(format!("after copy {round}: {}", kept.error)),
        };
    }
    case.run(case.period());
    case.no_trespass("copies")
}

fn s68<R: Rig>(case: &Case<'_, '_, R>) -> Verdict {
    let mut random = Random::new(68);
    let (mut idle, mut other) = (case.idle()?, case.channel(1)?);
    for round in 0..24 {
        let (theirs, stopped) = case.start(other, |case, idle| case.copy(idle, case.scale.long, round))?;
        let (mine, work) = case.start(idle, |case, idle| case.copy(idle, case.scale.short * 4, 100 + round))?;
        case.run(Micros(random.below(case.period().0 + 1)));
        let stopping = theirs.terminate_async();
        case.completes(&format!("copy {round}, beside a channel that was stopped,"), work)?;
        other = case.synchronize(stopping)?;
        let (memory, residue) = case.aborted("the long copy of the other channel", stopped)?;
        if let Err(wrong) = memory.holds_before(residue) {
            return failed(format!("the other channel's copy was stopped, and {wrong}"));
        }
        idle = match mine.try_idle() {
            Ok(idle) => idle,
            Err(kept) => return failed(format!("after copy {round}: {}", kept.error)),
        };
    }
    case.no_trespass("two channels")
}

fn s69<R: Rig>(case: &Case<'_, '_, R>) -> Verdict {
    let (active, by_interrupt) = case.start(case.idle()?, |case, idle| case.finite(idle, 5))?;
    let slept = case.completes("a transfer waited for asleep", by_interrupt)?;
    let Ok(mut polled) = case.finite(&active, 5)?.join(&active) else { return failed("submit was refused") };
    active.issue();
    let start = case.now();
    let ended = loop {
        case.pass(Micros((case.scale.patience.0 / 1_000).max(1)));
        case.dma().interrupt(&Atomic::new(), &mut |own, event| case.witness.told(own, event));
        match polled.try_resolve() {
            Ok(ended) => break ended,
            Err(work) => polled = work,
        }
        ensure!(case.now() - start < case.scale.patience, "polled, it is {:?}", polled.status());
    };
    ensure!(ended.outcome == Outcome::Completed, "polled, it ended as {:?}", ended.outcome);
    if let (Given::Copy { dst: one, .. }, Given::Copy { dst: two, .. }) = (&slept, &ended.memory) {
        ensure!(one == two, "the data of the two differs");
    }
    if let Err(wrong) = ended.memory.holds(ended.memory.len()) {
        return failed(format!("polled, it is complete, and {wrong}"));
    }
    Ok(())
}

fn s70<R: Rig>(case: &Case<'_, '_, R>) -> Verdict {
    let (active, endless) = case.under_way(case.idle()?)?;
    let Ok(queued) = case.finite(&active, 1)?.join(&active) else { return failed("submit was refused") };
    active.issue();
    let idle = case.stop(active)?;
    case.aborted("an endless transfer", endless)?;
    case.aborted("one queued behind it", queued)?;
    let (active, work) = case.start(idle, |case, idle| case.finite(idle, 2))?;
    case.completes("a last transfer", work)?;
    drop(active);
    case.run(case.period());
    case.events();
    case.run(case.bound() * 4 + case.period() * 10);
    let told = case.events();
    ensure!(told.is_empty(), "after the end, callbacks told {told:?}");
    Ok(())
}
