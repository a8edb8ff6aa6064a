//! The races of the thread "pcm|dmaengine|imx-sdma race condition on i.MX6" (August 2020), as far as a type cannot say
//! it all: starts behind a stop that is not complete, and stops that come from another side than the owner's.
//!
//! Types reject a start *instead* of the wait (`compile_fail/row05_*`). What they let through is a start *behind* it,
//! and that has to be true in the hardware: no access of the new transfer before the last of the old one.

mod common;

use core::cell::{Cell, RefCell};

use backend_mock::Mock;
use common::*;
use dmaengine_core::{
    Direction, ErrorKind, EventKind, Generation, Outcome, PauseFailed, PrepError, ResumeFailed, Status, SubmitError,
    Unfinished,
};

/// Nothing of the second transfer before the last of the first, and both have touched memory.
fn assert_one_after_the_other(mock: &Mock, old: Generation, new: Generation) {
    let (_, last) = touched(mock, 0, old).expect("the old one ran");
    let (first, _) = touched(mock, 0, new).expect("the new one never ran: the silence of August 2020");
    assert!(last < first, "the new one began at {first}, the old one ended at {last}");
}

/// The thread's log, to the microsecond: a period callback finds the overrun and stops the stream (57 µs after it), the
/// reader prepares it (279) and starts it again (314); the worker that cleans up after the stop comes at 1584.
/// Linux 5.4 (drivers/dma/imx-sdma.c) queued the new descriptor behind the old one, did not start it, and the worker
/// freed both. Ten seconds later the reader had an I/O error.
#[test]
fn seed_the_overrun_of_august_2020() {
    let dma = board::<4>();
    let (found, overruns) = (RefCell::new(None), Cell::new(0));
    let events = Events::default();
    let cpu = cpu_with(&dma, |callback, event| {
        events.0.borrow_mut().push(event);
        if overruns.get() == 0 && matches!(event.kind, EventKind::Period { .. }) {
            pass(dma.engine(), 57);
            assert!(callback.terminate_async());
            overruns.set(1);
            found.replace(Some(now(dma.engine()) - 57));
        }
    });
    cpu.thread(|_| {
        let (active, old) = recording(&dma);
        run(&cpu, dma.engine(), PERIOD_US + 154);
        let callback = found.take().expect("the overrun");
        let old_generation = old.generation();

        cpu.run_until(us(callback + 279));
        assert!(active.is_stopped_by_another());
        let stopping = active.terminate_async();
        cpu.run_until(us(callback + 314));
        let (active, new) = stopping.queue_again(old, &cyclic(Direction::DevToMem)).unwrap();
        cpu.run_until(us(callback + 604));
        assert_eq!(new.status(), Status::Queued { residue: RING as u64 }, "it waits for the stop");
        events.take();

        cpu.run_until(us(callback + 57 + L + 4 * PERIOD_US + 20));
        assert_one_after_the_other(dma.engine(), old_generation, new.generation());
        let periods = events.of(new.generation()).len();
        assert_eq!(periods, 4, "the reader gets its periods");
        assert!(events.of(old_generation).iter().all(|kind| *kind == EventKind::Stopped), "and none of the old run");
        drop(active);
    });
    assert_clean(dma.engine());
}

/// Hazard 1, start before stop, the sound way: the new transfer has memory of its own and waits behind the stop.
#[test]
fn hazard_1_queue_after_stop_starts_when_the_old_transfer_is_quiescent() {
    let (dma, events) = (board::<4>(), Events::default());
    let cpu = cpu(&dma, &events);
    cpu.thread(|cx| {
        let (active, old) = recording(&dma);
        run(&cpu, dma.engine(), 305);
        let stopping = active.terminate_async();
        let next = stopping.prep_cyclic(zeroed(RING), &cyclic(Direction::DevToMem)).unwrap();
        let (active, new) = stopping.queue_after_stop(next).unwrap();
        assert_eq!((old.status(), new.status()), (Status::Stopping, Status::Queued { residue: RING as u64 }));
        let generations = (old.generation(), new.generation());

        // The old memory comes back by itself, while the new transfer runs.
        let ended = old.wait(cx, dmaengine_core::Micros(10 * L)).unwrap();
        assert_eq!(now(dma.engine()), 305 + L);
        assert!(matches!(ended.outcome, Outcome::Aborted { .. }));
        run(&cpu, dma.engine(), PERIOD_US + 10);
        assert!(matches!(new.status(), Status::Running { .. }));
        assert_one_after_the_other(dma.engine(), generations.0, generations.1);
        assert!(matches!(events.of(generations.1)[..], [EventKind::Period { periods: 1, position: 200 }]));
        ended.buffer.fill(POISON);
        let _idle = active.terminate_sync(cx).unwrap();
        assert!(ended.buffer.iter().all(|&byte| byte == POISON));
        assert_left_alone(dma.engine(), new.try_resolve().unwrap().buffer);
    });
}

/// With interrupts off nobody tells that the stop is complete, so the next transfer waits; it starts when they come
/// back. Its memory is the old one's. The old descriptor is not: the engine may be reading that until it has stopped.
#[test]
fn queue_again_without_interrupts_waits_and_loses_nothing() {
    let (dma, events) = (board::<2>(), Events::default());
    let cpu = cpu(&dma, &events);
    let (active, old) = recording(&dma);
    let old_generation = old.generation();
    pass(dma.engine(), 305);
    let (active, new) = active.terminate_async().queue_again(old, &cyclic(Direction::DevToMem)).unwrap();
    pass(dma.engine(), 5 * L);
    assert_eq!(touched(dma.engine(), 0, new.generation()), None);
    let exhausted = active.prep_memcpy(zeroed(8), zeroed(8)).unwrap_err();
    assert_eq!(exhausted.error, PrepError::NoDescriptor { limit: 2 }, "nobody has found out that it has stopped");
    run(&cpu, dma.engine(), PERIOD_US + 10);
    assert_one_after_the_other(dma.engine(), old_generation, new.generation());
    assert_eq!(events.of(new.generation()).len(), 1);
    assert!(active.prep_memcpy(exhausted.value.0, exhausted.value.1).is_ok(), "the old one's slot");
    drop(active);
}

/// The stop completed before the next transfer was queued: there is nothing to wait for, and no interrupt needed.
#[test]
fn queue_after_a_stop_that_is_complete_starts_at_once() {
    let dma = board::<4>();
    let (active, ring) = recording(&dma);
    let is_running = |status| matches!(status, Status::Running { progress, .. } if progress.bytes >= 8);
    pass(dma.engine(), 305);
    let stopping = active.terminate_async();
    pass(dma.engine(), L);
    let (active, ring) = stopping.queue_again(ring, &cyclic(Direction::DevToMem)).unwrap();
    pass(dma.engine(), 20);
    assert!(is_running(ring.status()), "{:?}", ring.status());

    let stopping = active.terminate_async();
    pass(dma.engine(), L);
    let next = stopping.prep_cyclic(zeroed(RING), &cyclic(Direction::DevToMem)).unwrap();
    let (active, next) = stopping.queue_after_stop(next).unwrap();
    pass(dma.engine(), 20);
    assert!(is_running(next.status()), "{:?}", next.status());
    drop(active);
}

/// More than one transfer may wait, in order; and what is submitted without issue waits for its issue as always.
#[test]
fn several_wait_behind_a_stop_in_order() {
    let (dma, events) = (board::<4>(), Events::default());
    let cpu = cpu(&dma, &events);
    let (active, old) = recording(&dma);
    run(&cpu, dma.engine(), 305);
    let stopping = active.terminate_async();
    let first = stopping.prep_memcpy(zeroed(128), pattern(128, 1)).unwrap();
    let (active, first) = stopping.queue_after_stop(first).unwrap();
    let second = active.submit(active.prep_memcpy(zeroed(128), pattern(128, 2)).unwrap()).unwrap();
    active.issue();
    let third = active.submit(active.prep_memcpy(zeroed(128), pattern(128, 3)).unwrap()).unwrap();
    run(&cpu, dma.engine(), 5 * L);
    assert_eq!(third.status(), Status::Queued { residue: 128 });
    let ended = [EventKind::Stopped, EventKind::Completed, EventKind::Completed];
    assert_eq!(events.kinds(), [(0, ended[0]), (1, ended[1]), (2, ended[2])]);
    for done in [first, second] {
        assert_one_after_the_other(dma.engine(), Generation(0), done.generation());
        let done = done.try_resolve().unwrap();
        assert_eq!(done.buffer.0, done.buffer.1);
    }
    assert!(matches!(old.try_resolve().unwrap().outcome, Outcome::Aborted { .. }));
    drop((active, third));
}

/// Memory goes from the old transfer to the new one only on the channel where the old one was stopped, and the same
/// way.
#[test]
fn queue_again_refuses_a_strange_transfer_and_gives_everything_back() {
    let dma = board::<4>();
    let (active, here) = recording(&dma);
    let (elsewhere, there) = start_ring(dma.channel(1).unwrap());
    let stopping = active.terminate_async();
    let kept = stopping.queue_again(there, &cyclic(Direction::DevToMem)).unwrap_err();
    assert_eq!(kept.error, PrepError::NotTerminated);
    let (stopping, there) = kept.value;
    assert!(matches!(there.status(), Status::Running { .. }), "untouched");
    let kept = stopping.queue_again(here, &cyclic(Direction::MemToDev)).unwrap_err();
    assert_eq!(kept.error, PrepError::Direction { direction: Direction::MemToDev });
    let (stopping, here) = kept.value;
    let too_short = dmaengine_core::Cyclic { period: 300, ..cyclic(Direction::DevToMem) };
    let kept = stopping.queue_again(here, &too_short).unwrap_err();
    assert_eq!(kept.error, PrepError::PeriodDoesNotDivide { len: RING as u64, period: 300 });
    let (stopping, here) = kept.value;
    let _idle = stopping.terminate_atomic().unwrap();
    assert_left_alone(dma.engine(), here.try_resolve().unwrap().buffer);
    drop(elsewhere);
}

/// The thread's first two remedies: wait for the stop, asleep or busy, and start at once after it.
#[test]
fn remedies_1_and_2_restart_immediately_after_the_wait() {
    let (dma, events) = (board::<4>(), Events::default());
    let cpu = cpu(&dma, &events);
    cpu.thread(|cx| {
        attach_recorder(dma.engine(), 0);
        let mut idle = dma.channel(0).unwrap();
        let mut generations = Vec::new();
        for round in 0..6 {
            let (active, transfer) = start_ring(idle);
            generations.push(transfer.generation());
            run(&cpu, dma.engine(), PERIOD_US + 25);
            assert_eq!(events.of(transfer.generation()).len(), 1, "run {round} is alive");
            idle = match round % 2 {
                0 => active.terminate_sync(cx).unwrap(),
                _ => active.terminate_atomic().unwrap(),
            };
            assert!(transfer.try_resolve().is_ok());
        }
        for pair in generations.windows(2) {
            assert_one_after_the_other(dma.engine(), pair[0], pair[1]);
        }
        drop(idle);
        assert_clean(dma.engine());
    });
}

/// The interrupt stops the stream while the owner, in a thread, still holds it as active. Every call of the owner finds
/// out, and hands over what the owner needs to go on.
#[test]
fn a_stop_handle_wins_and_the_owner_finds_out() {
    let dma = board::<8>();
    let (active, transfer) = recording(&dma);
    let (stop, again) = (active.stop_handle(), active.stop_handle().clone());
    pass(dma.engine(), 305);
    assert!(!active.is_stopped_by_another());
    assert!(stop.terminate_async());
    assert!(!again.terminate_async(), "one of two stops wins");
    assert!(active.is_stopped_by_another());

    let prepared = active.prep_memcpy(zeroed(8), zeroed(8)).unwrap();
    let kept = active.submit(prepared).unwrap_err();
    assert_eq!((kept.error, kept.error.kind()), (SubmitError::Stopped, ErrorKind::Stopped));
    let prepared = kept.value;
    active.issue();
    let kept = active.try_idle().unwrap_err();
    assert_eq!(kept.error, Unfinished::Stopped);
    let Err(PauseFailed::Stopped(stopping)) = kept.value.pause() else { panic!("paused a stopped channel") };
    let transfer = transfer.try_resolve().unwrap_err();
    pass(dma.engine(), L);
    assert!(transfer.try_resolve().is_ok(), "it needs no owner to be over");
    let (_active, _) = stopping.try_finish().unwrap().start(prepared).expect("a prepared one outlives the stop");
}

#[test]
fn a_stop_handle_wins_over_a_paused_channel() {
    let dma = board::<8>();
    let (active, transfer) = recording(&dma);
    let stop = active.stop_handle();
    pass(dma.engine(), 305);
    let paused = active.pause().unwrap();
    assert!(stop.terminate_async());
    let Err(ResumeFailed::Stopped(stopping)) = paused.resume() else { panic!("resumed a stopped channel") };
    pass(dma.engine(), L);
    let _idle = stopping.try_finish().unwrap();
    assert_left_alone(dma.engine(), transfer.try_resolve().unwrap().buffer);
}

/// The owner was faster, and has started again: the handle of the old run must not hit the new one.
#[test]
fn a_stop_handle_that_comes_too_late_hits_nothing() {
    let (dma, events) = (board::<4>(), Events::default());
    let cpu = cpu(&dma, &events);
    let (active, old) = recording(&dma);
    let stop = active.stop_handle();
    run(&cpu, dma.engine(), 305);
    let (active, new) = active.terminate_async().queue_again(old, &cyclic(Direction::DevToMem)).unwrap();
    assert!(!stop.terminate_async(), "while the new one waits");
    run(&cpu, dma.engine(), L + 200);
    assert!(!stop.terminate_async(), "and while it runs");
    assert_eq!(stop.terminate_atomic(), Ok(false));
    assert!(!active.is_stopped_by_another());
    assert!(matches!(new.status(), Status::Running { .. }));
    assert!(active.stop_handle().terminate_async(), "a handle of the new run does");
}

/// The old run was not stopped, it came to its end. Its handle is as spent.
#[test]
fn a_stop_handle_of_a_run_that_ended_by_itself_hits_nothing() {
    let (dma, events) = (board::<4>(), Events::default());
    let cpu = cpu(&dma, &events);
    let idle = dma.channel(0).unwrap();
    let copy = prep_copy(&idle, 64, 1);
    let (active, _copy) = idle.start(copy).unwrap();
    let stop = active.stop_handle();
    run(&cpu, dma.engine(), 64);
    let idle = active.try_idle().unwrap();
    assert!(!stop.terminate_async());
    let (active, _ring) = start_ring(idle);
    assert!(!stop.terminate_async());
    assert!(!active.is_stopped_by_another());
    drop(active);
    pass(dma.engine(), L);
    let (active, _ring) = start_ring(dma.channel(0).expect("it has stopped"));
    assert!(!stop.terminate_async());
    assert!(!active.is_stopped_by_another());
}

/// The channel may even have another owner by then.
#[test]
fn a_stop_handle_does_not_outlive_its_owner() {
    let dma = board::<4>();
    let (active, transfer) = recording(&dma);
    let stop = active.stop_handle();
    drop((active, transfer));
    pass(dma.engine(), L);
    let (active, _transfer) = start_ring(dma.channel(0).unwrap());
    assert!(!stop.terminate_async());
    assert!(!active.is_stopped_by_another());
}
