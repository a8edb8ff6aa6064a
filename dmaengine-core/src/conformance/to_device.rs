//! Statements 71 to 73: what a device gets from memory. Its frames are numbered from 1, so that one that is missing, doubled,
//! out of place or of an older round shows.

use super::case::{Case, Trouble, Verdict, ensure, failed};
use super::prelude::*;
use super::rig::{Rig, Sink};
use super::statement::{Need, Statement};
use super::work::{Memory, Ready, Work, poisoned};
use crate::config::{Cyclic, SlaveSg};
use crate::engine::Engine;
use crate::{Direction, Idle, Micros, Outcome, Status};

pub(super) fn table<R: Rig>() -> Vec<Statement<R>> {
    vec![
        Statement::new(
            (71, "s71_a_device_gets_every_byte_once_and_in_order"),
            "a list from memory reaches a device across its segments, and a ring over its rounds, every byte once and in order",
            "Linux Documentation/driver-api/dmaengine/client.rst (slave_sg and dma_cyclic), v6.12",
            &[Need::Sink],
            s71,
        ),
        Statement::new(
            (72, "s72_what_counts_as_transferred_is_at_the_device"),
            "residue towards a device never counts bytes as transferred that the device has not got",
            "Linux include/linux/dmaengine.h (in_flight_bytes), v6.12",
            &[Need::Sink],
            s72,
        ),
        Statement::new(
            (73, "s73_after_quiescence_a_device_gets_nothing_more"),
            "after synchronize nothing is read from a stopped transfer's memory, the device gets nothing more of it, and of the \
             next one all from its beginning",
            "this library; Linux Documentation/driver-api/dmaengine/client.rst (synchronize), v6.12",
            &[Need::Sink],
            s73,
        ),
    ]
}

type SinkOf<'r, R> = Sink<'r, <<R as Rig>::Engine as Engine>::Peripheral>;

/// A new device that takes, at channel 0.
fn sink<'r, R: Rig>(case: &Case<'_, 'r, R>) -> Result<SinkOf<'r, R>, Trouble> {
    case.rig.sink(0).ok_or_else(|| Trouble::Failed("a sink that was there is not there any more".into()))
}

/// The bytes of all frames from a number on.
fn frames(first: u32) -> impl Iterator<Item = u8> {
    (first..).flat_map(u32::to_le_bytes)
}

/// New memory with so many bytes of them.
fn numbered(first: u32, len: usize) -> Memory {
    let memory = poisoned(len);
    memory.iter_mut().zip(frames(first)).for_each(|(byte, wanted)| *byte = wanted);
    memory
}

/// What a device got are the frames from a number on.
fn in_order(what: &str, got: &[u8], first: u32) -> Verdict {
    match got.iter().zip(frames(first)).enumerate().find(|(_, (got, wanted))| *got != wanted) {
        None => Ok(()),
        Some((at, (got, wanted))) => {
            failed(format!("of {what}, byte {at} that the device got is {got:#04x} and not {wanted:#04x}"))
        }
    }
}

/// A ring of four periods, or a list of two segments of different length: what it is called, and how it is prepared with
/// frames from a number on. The length comes with it.
type Prep<'c, 'r, R> =
    Box<dyn Fn(&Idle<'r, <R as Rig>::Engine>, u32) -> Result<(Ready<'r, <R as Rig>::Engine>, usize), Trouble> + 'c>;

fn list<'c, 'r, R: Rig>(case: &'c Case<'_, 'r, R>, sink: &SinkOf<'_, R>) -> Option<Prep<'c, 'r, R>> {
    let prep = case.abilities.slave_sg?;
    let request = SlaveSg { direction: Direction::MemToDev, config: sink.config };
    let (long, unit) = (sink.period as usize, case.facts().align.max(4) as usize);
    let short = (long / 2).next_multiple_of(unit).min(long);
    Some(Box::new(move |idle, first| {
        let parts = [numbered(first, long), numbered(first + long as u32 / 4, short)];
        match prep(idle.into(), parts, &request) {
            Ok(list) => Ok((Ready::List(list), long + short)),
            Err(error) => failed(format!("a list of {long} and {short} bytes to a device was refused: {error}")),
        }
    }))
}

fn ring<'c, 'r, R: Rig>(case: &'c Case<'_, 'r, R>, sink: &SinkOf<'_, R>) -> Option<Prep<'c, 'r, R>> {
    let prep = case.abilities.cyclic?;
    let request = Cyclic { direction: Direction::MemToDev, period: sink.period, config: sink.config };
    let len = 4 * sink.period as usize;
    Some(Box::new(move |idle, first| match prep(idle.into(), numbered(first, len), &request) {
        Ok(ring) => Ok((Ready::Ring(ring), len)),
        Err(error) => failed(format!("a ring of four periods to a device was refused: {error}")),
    }))
}

/// Both, as far as the engine can, by name.
fn both<'c, 'r, R: Rig>(
    case: &'c Case<'_, 'r, R>,
    sink: &SinkOf<'_, R>,
) -> impl Iterator<Item = (&'static str, Prep<'c, 'r, R>)> {
    let kinds = [("a ring to a device", ring(case, sink)), ("a list to a device", list(case, sink))];
    kinds.into_iter().filter_map(|(what, prep)| Some((what, prep?)))
}

/// The number of the first frame that is sent when the device has so many bytes.
fn next_frame(bytes: usize) -> u32 {
    1 + bytes as u32 / 4
}

fn s71<R: Rig>(case: &Case<'_, '_, R>) -> Verdict {
    let sink = sink(case)?;
    let mut idle = case.idle()?;
    let mut sent = 0;
    for _ in 0..3 {
        let Some(prep) = list(case, &sink) else { break };
        let (ready, len) = prep(&idle, next_frame(sent))?;
        let Ok((active, work)) = ready.start(idle) else { return failed("start was refused") };
        case.completes("a list to a device", work)?;
        sent += len;
        case.until(|| (sink.taken)().len() >= sent);
        case.run(sink.period_time * 2);
        let taken = (sink.taken)();
        in_order("lists", &taken, 1)?;
        ensure!(taken.len() == sent, "of lists of {sent} bytes the device got {}", taken.len());
        idle = match active.try_idle() {
            Ok(idle) => idle,
            Err(kept) => return failed(format!("after a list to a device: {}", kept.error)),
        };
    }
    let Some(prep) = ring(case, &sink) else { return case.no_trespass("lists to a device") };
    let (ready, _) = prep(&idle, next_frame(sent))?;
    let Ok((active, mut work)) = ready.start(idle) else { return failed("start was refused") };
    // A period that the device has is filled with what comes a round later.
    let (period, mut filled) = (sink.period as usize, 4);
    case.until(|| {
        let got = ((sink.taken)().len() - sent) / period;
        while filled < got + 4 {
            refill(&mut work, filled % 4 * period, numbered(next_frame(sent + filled * period), period));
            filled += 1;
        }
        got >= 14
    });
    let taken = (sink.taken)();
    in_order("a ring", &taken, 1)?;
    let got = taken.len() - sent;
    ensure!(
        got >= 14 * period,
        "of a ring with periods of {period} bytes the device got {got} in {}",
        case.scale.patience
    );
    case.stop(active)?;
    case.no_trespass("lists and a ring to a device")
}

/// Writes to a ring while it goes round.
fn refill<E: Engine>(work: &mut Work<'_, E>, offset: usize, bytes: Memory) {
    if let Work::Ring(ring) = work {
        let inside = ring.copy_in(offset, bytes);
        debug_assert_eq!(inside, Ok(()), "the suite writes where there is a ring");
    }
}

fn s72<R: Rig>(case: &Case<'_, '_, R>) -> Verdict {
    let sink = sink(case)?;
    let step = Micros((sink.period_time.0 / 7).max(1));
    let mut idle = case.idle()?;
    for (what, prep) in both(case, &sink) {
        let before = (sink.taken)().len();
        let (ready, len) = prep(&idle, next_frame(before))?;
        let Ok((active, work)) = ready.start(idle) else { return failed("start was refused") };
        // The ring goes on into its second round.
        let time = sink.period_time * if matches!(work, Work::Ring(_)) { 6 } else { 1 };
        let start = case.now();
        while case.now() - start < time {
            case.run(step);
            // In this order: the device may get more between the two looks, and not less.
            let status = work.status();
            let got = ((sink.taken)().len() - before) as u64;
            if let Status::Running { progress, .. } = status {
                ensure!(progress.bytes <= got, "{} bytes of {what} count, and the device has {got}", progress.bytes);
            }
        }
        let once = matches!(work, Work::List(_));
        idle = case.stop(active)?;
        let Ok(ended) = work.try_resolve() else { return failed(format!("{what} that was stopped has not ended")) };
        let got = ((sink.taken)().len() - before) as u64;
        if let (true, Outcome::Aborted { residue }) = (once, ended.outcome) {
            let counts = (len as u64).saturating_sub(residue);
            ensure!(counts <= got, "{counts} bytes of {what} that was stopped count, and the device has {got}");
        }
    }
    Ok(())
}

fn s73<R: Rig>(case: &Case<'_, '_, R>) -> Verdict {
    let sink = sink(case)?;
    let mut idle = case.idle()?;
    for (what, prep) in both(case, &sink).chain(both(case, &sink)) {
        let before = (sink.taken)().len();
        // Numbers that nothing else has, so that nothing else is mistaken for it.
        let first = next_frame(before) + 1_000_000;
        let (ready, _) = prep(&idle, first)?;
        let Ok((active, work)) = ready.start(idle) else { return failed("start was refused") };
        case.run(Micros(sink.period_time.0 / 2));
        let got = (sink.taken)().split_off(before);
        in_order(what, &got, first)?;
        ensure!(!got.is_empty(), "of {what} the device got nothing in half a period");
        idle = case.stop(active)?;
        let Ok(ended) = work.try_resolve() else { return failed(format!("{what} that was stopped has not ended")) };
        let quiet = (sink.taken)().len();
        let mut memory = ended.memory;
        case.left_alone(&format!("the memory of {what}"), &mut memory)?;
        let more = (sink.taken)().len() - quiet;
        ensure!(more == 0, "{more} bytes of {what} reached the device after it was quiescent");
    }
    Ok(())
}
