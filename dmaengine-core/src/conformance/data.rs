//! Statements 67 to 70: the data itself, in the manner of Linux's dmatest.

use super::abilities::{PrepRows, PrepRowsFrom};
use super::case::{Case, Trouble, Verdict, ensure, failed, pieces};
use super::prelude::*;
use super::rig::Rig;
use super::statement::{Need, Statement};
use super::walk::Random;
use super::work::{Ended, Given, Memory, POISON, Ready, pattern, poisoned};
use crate::context::Atomic;
use crate::error::PrepError;
use crate::{Chunk, Engine, Idle, Interleaved, Micros, Outcome, SlaveConfig};

const DMATEST: &str = "Linux drivers/dma/dmatest.c, v6.12";

pub(super) fn table<R: Rig>() -> Vec<Statement<R>> {
    vec![
        Statement::new(
            (67, "s67_a_copy_copies_its_region_and_nothing_else"),
            "copies, fills, rectangles and rows from a device, of random length and place: the region is exact, its surroundings, \
             the gaps in it and the source are untouched",
            DMATEST,
            &[Need::Place],
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

/// New memory, poisoned and cut in three: what lies before a destination, the destination, and what lies behind it.
fn surrounded<R: Rig>(case: &Case<'_, '_, R>, random: &mut Random, len: usize) -> (Memory, Memory, Memory) {
    let (front, back) = (unit(case) * (1 + random.below(16) as usize), 8 + random.below(64) as usize);
    let (before, rest) = poisoned(front + len + back).split_at_mut(front);
    let (target, behind) = rest.split_at_mut(len);
    (before, target, behind)
}

/// What lengths and places are multiples of.
fn unit<R: Rig>(case: &Case<'_, '_, R>) -> usize {
    case.facts().align.max(1) as usize
}

fn s67<R: Rig>(case: &Case<'_, '_, R>) -> Verdict {
    let mut random = Random::new(67);
    let unit = unit(case);
    let mut idle = case.idle()?;
    for round in 0..24 {
        let longest = (case.scale.short * 4 / unit).max(1) as u64;
        let len = unit * (1 + random.below(longest) as usize);
        let seed = random.below(256) as u8;
        if let Some(prep) = case.abilities.memcpy {
            let (before, target, behind) = surrounded(case, &mut random, len);
            let what = format!("copy {round}, of {len} bytes,");
            let ready = prep((&idle).into(), target, pattern(len, seed)).map(|copy| Ready::Copy(copy, seed));
            let (ended, back) = once(case, idle, &what, ready)?;
            right(&what, &ended.memory, &[before, behind])?;
            idle = back;
        }
        if let Some(prep) = case.abilities.memset {
            let (before, target, behind) = surrounded(case, &mut random, len);
            let (what, value) = (format!("fill {round}, of {len} bytes,"), if seed == POISON { 0 } else { seed });
            let ready = prep((&idle).into(), target, value).map(|fill| Ready::Fill(fill, value));
            let (ended, back) = once(case, idle, &what, ready)?;
            right(&what, &ended.memory, &[before, behind])?;
            idle = back;
        }
    }
    if let Some(prep) = case.abilities.interleaved {
        idle = rectangles(case, idle, prep, &mut random)?;
    }
    if let (Some(prep), Some(counter)) = (case.abilities.interleaved_slave, case.counter(0)) {
        rows_from_device(case, idle, (prep, &counter.config), &mut random)?;
    }
    case.run(case.period());
    case.no_trespass("copies, fills, rectangles and rows from a device")
}

/// Runs one transfer on an idle channel, to its end.
fn once<'r, R: Rig>(
    case: &Case<'_, 'r, R>,
    idle: Idle<'r, R::Engine>,
    what: &str,
    ready: Result<Ready<'r, R::Engine>, PrepError>,
) -> Result<(Ended, Idle<'r, R::Engine>), Trouble> {
    let ready = match ready {
        Ok(ready) => ready,
        Err(error) => return failed(format!("{what} was refused: {error}")),
    };
    let Ok((active, work)) = ready.start(idle) else { return failed("start was refused") };
    let ended = case.end(what, work)?;
    ensure!(ended.outcome == Outcome::Completed, "{what} ended as {:?}", ended.outcome);
    match active.try_idle() {
        Ok(idle) => Ok((ended, idle)),
        Err(kept) => failed(format!("after {what} {}", kept.error)),
    }
}

/// A transfer has done its region, and nobody has written around it.
fn right(what: &str, memory: &Given, around: &[Memory]) -> Verdict {
    if let Err(wrong) = memory.holds(memory.len()) {
        return failed(format!("{what} is complete, and {wrong}"));
    }
    let written = around.iter().any(|part| part.iter().any(|&byte| byte != POISON));
    ensure!(!written, "{what} wrote around its destination");
    Ok(())
}

/// Rectangles of random rows. The engine may refuse some of them, and not all.
fn rectangles<'r, R: Rig>(
    case: &Case<'_, 'r, R>,
    mut idle: Idle<'r, R::Engine>,
    prep: PrepRows<R::Engine>,
    random: &mut Random,
) -> Result<Idle<'r, R::Engine>, Trouble> {
    let (unit, most) = (unit(case) as u32, u64::from(case.facts().max_segments.max(1)));
    let longest = u64::from(case.facts().max_segment / unit).clamp(1, 16);
    let mut refusal = None;
    let mut done = 0;
    for round in 0..24 {
        let mut units = |from: u32, below: u64| unit * (from + random.below(below) as u32);
        // One chunk is what every engine can do that can do this at all.
        let count = if round % 2 == 0 { 1 } else { most.min(3) };
        let mut chunk = || Chunk { size: units(1, longest), src_gap: units(0, 8), dst_gap: units(0, 8) };
        let row: Vec<Chunk> = (0..count).map(|_| chunk()).collect();
        let rows = 1 + random.below((most / count).clamp(1, 8)) as u32;
        let (src, dst) = (row.iter().map(|it| it.size + it.src_gap), row.iter().map(|it| it.size + it.dst_gap));
        let (src, dst) = ((rows * src.sum::<u32>()) as usize, (rows * dst.sum::<u32>()) as usize);
        let seed = random.below(256) as u8;
        let (before, target, behind) = surrounded(case, random, dst);
        let what = format!("rectangle {round}, of {rows} rows of {row:?},");
        let ready = match prep((&idle).into(), target, pattern(src, seed), &Interleaved::new(&row, rows)) {
            Ok(copy) => Ok(Ready::Copy(copy, seed)),
            Err(error @ PrepError::Engine { .. }) => {
                refusal = Some(error);
                continue;
            }
            Err(error) => Err(error),
        };
        let (ended, back) = once(case, idle, &what, ready)?;
        idle = back;
        let Given::Copy { dst, src, .. } = &ended.memory else { return failed(format!("{what} is lost")) };
        let mut wanted = vec![POISON; dst.len()];
        let (mut from, mut to) = (0, 0);
        for it in (0..rows).flat_map(|_| &row) {
            let len = it.size as usize;
            wanted[to..to + len].copy_from_slice(&src[from..from + len]);
            from += len + it.src_gap as usize;
            to += len + it.dst_gap as usize;
        }
        if let Some(at) = (0..dst.len()).find(|&at| dst[at] != wanted[at]) {
            let gap = if wanted[at] == POISON { ", which is in a gap," } else { "" };
            return failed(format!("{what} is complete, and byte {at}{gap} is {:#04x}", dst[at]));
        }
        if let Err(wrong) = ended.memory.holds(0) {
            return failed(format!("{what} is complete, and {wrong}"));
        }
        let written = before.iter().chain(&*behind).any(|&byte| byte != POISON);
        ensure!(!written, "{what} wrote around its destination");
        done += 1;
    }
    match refusal {
        Some(error) if done == 0 => failed(format!("every rectangle was refused: {error}")),
        _ => Ok(idle),
    }
}

/// Random rows from a device that counts. The engine may refuse some of them, and not all.
fn rows_from_device<'r, R: Rig>(
    case: &Case<'_, 'r, R>,
    mut idle: Idle<'r, R::Engine>,
    (prep, config): (PrepRowsFrom<R::Engine>, &SlaveConfig<<R::Engine as Engine>::Peripheral>),
    random: &mut Random,
) -> Verdict {
    // Whole frames of four bytes.
    let (unit, most) = (unit(case).max(4) as u32, u64::from(case.facts().max_segments.max(1)));
    let longest = u64::from(case.facts().max_segment / unit).clamp(1, 8);
    let mut refusal = None;
    let mut done = 0;
    for round in 0..12 {
        let mut units = |from: u32, below: u64| unit * (from + random.below(below) as u32);
        let count = if round % 2 == 0 { 1 } else { most.min(3) };
        // The gaps of the device's side do not count.
        let mut chunk = || Chunk { size: units(1, longest), src_gap: units(0, 8), dst_gap: units(0, 8) };
        let row: Vec<Chunk> = (0..count).map(|_| chunk()).collect();
        let shape = Interleaved::new(&row, 1 + random.below((most / count).clamp(1, 4)) as u32);
        let len = shape.extent(|chunk| chunk.dst_gap) as usize;
        let (before, target, behind) = surrounded(case, random, len);
        let what = format!("{} rows of {row:?} from a device (the {round}th)", shape.rows);
        let ready = match prep((&idle).into(), target, &shape, config) {
            Ok(rows) => Ok(Ready::Rows(rows, pieces(&shape))),
            Err(error @ PrepError::Engine { .. }) => {
                refusal = Some(error);
                continue;
            }
            Err(error) => Err(error),
        };
        let (ended, back) = once(case, idle, &what, ready)?;
        right(&what, &ended.memory, &[before, behind])?;
        idle = back;
        done += 1;
    }
    match refusal {
        Some(error) if done == 0 => failed(format!("all rows from a device were refused: {error}")),
        _ => Ok(()),
    }
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
