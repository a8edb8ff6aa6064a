//! Statements 24 to 31: what the interrupt tells, and what may be done where it tells it.

use super::case::{Case, Verdict, ensure, failed, finite_anywhere};
use super::prelude::*;
use super::rig::Rig;
use super::statement::{Need, Statement};
use crate::{EventKind, Micros, Status};

const CLIENT: &str = "Linux Documentation/driver-api/dmaengine/client.rst, v6.12";

pub(super) fn table<R: Rig>() -> Vec<Statement<R>> {
    vec![
        Statement::new(
            (24, "s24_a_callback_may_prepare_submit_and_issue"),
            "no lock is held during a callback: it may prepare, submit and issue, again and again",
            CLIENT,
            &[Need::Finite],
            s24,
        )
        .of_core("locks are the library's"),
        Statement::new(
            (25, "s25_a_callback_may_stop_its_own_channel"),
            "a callback may call terminate_async on its own channel, and no dead-lock follows",
            "Linux client.rst and provider.rst, v6.12",
            &[Need::Ring],
            s25,
        ),
        Statement::of_types(
            (26, "s26_the_callback_context_is_the_declared_one"),
            "callbacks run in the declared context, always the same for a backend",
            "Linux client.rst (tasklet) against drivers/dma/imx-sdma.c (interrupt), v6.12",
            "Engine::Callbacks says where, and the platform's lock must be right for it; all run inside Dma::interrupt",
        ),
        Statement::of_types(
            (27, "s27_the_result_is_valid_for_the_whole_call"),
            "a callback receives a result that stays valid for the call",
            "Linux drivers/dma/dmaengine.h (dmaengine_desc_callback_invoke), v6.12",
            "there is one kind of callback, and it gets its event by value",
        ),
        Statement::of_types(
            (28, "s28_no_interrupt_flag_no_callback"),
            "without DMA_PREP_INTERRUPT there is no callback",
            "Linux include/linux/dmaengine.h, v6.12",
            "there is no such flag: every end and every period is told",
        ),
        Statement::new(
            (29, "s29_two_ends_before_the_handler_runs_are_told_both"),
            "two completions before the handler runs yield two callbacks; those of one channel come in order",
            "Linux include/linux/async_tx.h and client.rst, v6.12",
            &[Need::Memcpy, Need::TwoChannels],
            s29,
        ),
        Statement::new(
            (30, "s30_folded_periods_are_counted"),
            "several periods may be told at once, and then the event says how many: no period is lost or invented",
            "Linux drivers/dma/virt-dma.h (vchan_cyclic_callback), v6.12; this library for the count",
            &[Need::Ring],
            s30,
        ),
        Statement::of_types(
            (31, "s31_a_descriptor_lives_until_its_callback_returns"),
            "the descriptor is alive until its callback returns",
            "Linux Documentation/driver-api/dmaengine/provider.rst, v6.12",
            "a callback is lent no descriptor, only an event by value",
        ),
    ]
}

fn s24<R: Rig>(case: &Case<'_, '_, R>) -> Verdict {
    const MORE: usize = 6;
    let (active, first) = case.start(case.idle()?, |case, idle| case.finite(idle, 0))?;
    let (channel, all) = (Rc::new(RefCell::new(Some(active))), Rc::new(RefCell::new(vec![first])));
    let (mine, works, abilities) = (channel.clone(), all.clone(), case.rig.abilities());
    let (counter, short) = (case.counter(0).copied(), case.scale.short);
    case.on_event(move |_, event| {
        let (Some(active), EventKind::Completed) = (mine.take(), event.kind) else { return };
        let seed = works.borrow().len();
        if seed <= MORE {
            let ready = finite_anywhere(&abilities, counter.as_ref(), &active, short, seed as u8);
            if let Some(work) = ready.ok().and_then(|ready| ready.join(&active).ok()) {
                active.issue();
                works.borrow_mut().push(work);
            }
        }
        mine.replace(Some(active));
    });
    let chained = case.until(|| {
        let all = all.borrow();
        all.len() > MORE && all.iter().all(|work| work.status() == Status::Completed)
    });
    case.forget_hook();
    let all = all.take();
    ensure!(chained, "of {MORE} transfers that each end is to start in its callback, {} were", all.len() - 1);
    for (i, work) in all.into_iter().enumerate() {
        case.completes(&format!("transfer {i} of a chain"), work)?;
    }
    drop(channel);
    Ok(())
}

fn s25<R: Rig>(case: &Case<'_, '_, R>) -> Verdict {
    let (active, work) = case.start_endless(case.idle()?)?;
    let stopped = Rc::new(Cell::new(None));
    let told = stopped.clone();
    case.on_event(move |callback, event| {
        if let (EventKind::Period { .. }, None) = (event.kind, told.get()) {
            told.set(Some(callback.terminate_async()));
        }
    });
    ensure!(case.until(|| stopped.get().is_some()), "no period was told");
    ensure!(stopped.get() == Some(true), "the callback's stop was not the one that did it");
    let told = case.events_of(work.generation()).len();
    case.run(case.bound() + case.period() * 4);
    let after: Vec<_> = case.events_of(work.generation()).split_off(told);
    let ended = after.iter().all(|kind| *kind == EventKind::Stopped) && after.len() <= 1;
    ensure!(ended, "after its callback has stopped it, it told {after:?}");
    ensure!(active.is_stopped_by_another(), "its owner is not told of the stop");
    case.stop(active)?;
    let (mut memory, _) = case.aborted("a ring that its callback has stopped", work)?;
    case.left_alone("the memory of a ring that its callback has stopped", &mut memory)
}

fn s29<R: Rig>(case: &Case<'_, '_, R>) -> Verdict {
    let mut both = Vec::new();
    for channel in 0..2 {
        let idle = case.channel(channel)?;
        let (first, second) = (case.finite(&idle, channel)?, case.finite(&idle, 10 + channel)?);
        let Ok((pending, first)) = first.submit(idle) else { return failed("submit was refused") };
        let Ok(second) = second.behind(&pending) else { return failed("submit was refused") };
        both.push((pending.issue(), first, second));
    }
    // Both of the first are over before anybody looks.
    case.pass(Micros(case.scale.patience.0 / 10));
    for (active, first, second) in both {
        let wanted = [first.generation(), second.generation()];
        let channel = active.id();
        case.completes("a first transfer of two", first)?;
        case.completes("a second transfer of two", second)?;
        let events = case.witness.seen();
        let mine = events.iter().filter(|event| event.channel == channel && event.kind == EventKind::Completed);
        let told: Vec<_> = mine.map(|event| event.generation).collect();
        ensure!(told == wanted, "on {channel:?} the ends told were {told:?}");
    }
    Ok(())
}

fn s30<R: Rig>(case: &Case<'_, '_, R>) -> Verdict {
    let (active, work) = case.start_endless(case.idle()?)?;
    let period = u64::from(case.counter(0).map_or(1, |counter| counter.period));
    // Nobody looks for five periods, and then for one at a time.
    case.pass(case.period() * 5 + Micros(case.period().0 / 2));
    case.run(case.period() * 4);
    let events = case.events_of(work.generation());
    let (mut sum, mut last) = (0, 0);
    for event in &events {
        let EventKind::Period { periods, position } = *event else {
            return failed(format!("a ring that goes round told {event:?}"));
        };
        ensure!(periods > 0 && position >= last, "{periods} periods, at {position} bytes, after {last}");
        sum += u64::from(periods);
        last = position;
        let true_to_it = (sum * period..(sum + 2) * period).contains(&position);
        ensure!(true_to_it, "{sum} periods of {period} bytes were told at {position} bytes");
    }
    ensure!(sum >= 8, "in nine periods, {sum} were told");
    case.stop(active)?;
    Ok(())
}
