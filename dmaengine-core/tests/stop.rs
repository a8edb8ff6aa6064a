//! The four verbs that stop, each with what it promises on return.
//!
//! | | on return | time |
//! | --- | --- | --- |
//! | `terminate_async` | stopping: the engine still writes | none |
//! | `synchronize` | quiescent | asleep until the engine has stopped |
//! | `terminate_sync` | quiescent | both in one |
//! | `terminate_atomic` | quiescent | busy until the engine has stopped |
//!
//! What quiescent means is looked up in the hardware's log, and tried: memory that came back is poisoned and must stay
//! so. Numbers are those of the conformance statements that the tests' names quote.

mod common;

use common::*;
use dmaengine_core::{Dma, EventKind, Outcome, Status};

/// The client asks for a stop and looks at its buffer at once. The engine writes on for its stop latency, so the buffer
/// must not be had before; and what the stop finds out about the end must be the truth.
#[test]
fn s41_terminate_async_returns_while_the_engine_still_writes() {
    let (dma, events) = (board::<4>(), Events::default());
    let cpu = cpu(&dma, &events);
    cpu.thread(|_| {
        let (active, transfer) = recording(&dma);
        let (hw, generation) = (dma.engine().hw(), transfer.generation());
        run(&cpu, dma.engine(), 305);
        let stopping = active.terminate_async();
        assert_eq!(hw.now(), us(305), "it does not wait");
        assert!(hw.is_touching(0));
        assert_eq!(transfer.status(), Status::Stopping);

        let mut transfer = transfer.try_resolve().unwrap_err();
        let mut stopping = stopping.try_finish().unwrap_err();
        let mut written = hw.progress(0).bytes;
        for _ in 0..9 {
            pass(dma.engine(), L / 10);
            assert!(hw.progress(0).bytes > written, "it writes on");
            written = hw.progress(0).bytes;
            transfer = transfer.try_resolve().unwrap_err();
            stopping = stopping.try_finish().unwrap_err();
        }
        pass(dma.engine(), L / 10 - 1);
        let transfer = transfer.try_resolve().unwrap_err();

        pass(dma.engine(), 1);
        let ended = transfer.try_resolve().unwrap();
        let (_, last) = touched(dma.engine(), 0, generation).unwrap();
        assert!(us(305) < last && last <= us(305 + L), "the last write, at {last}");
        // 130 frames: the ring is 200 long.
        assert_eq!(ended.outcome, Outcome::Aborted { residue: RING as u64 - 130 * 4 });
        let _idle = stopping.try_finish().unwrap();
        assert_left_alone(dma.engine(), ended.buffer);
    });
}

/// After `synchronize` the client may free the buffer. So it must not return before the engine's last write, and the
/// engine must not write after it, ever.
#[test]
fn s52_synchronize_returns_after_the_last_access_and_not_before() {
    let (dma, events) = (board::<4>(), Events::default());
    let cpu = cpu(&dma, &events);
    cpu.thread(|cx| {
        let (active, transfer) = recording(&dma);
        run(&cpu, dma.engine(), 305);
        let stopping = active.terminate_async();
        let _idle = stopping.synchronize(cx).unwrap();
        assert_eq!(dma.engine().hw().now(), us(305 + L), "woken by the end of the stop");
        assert!(!dma.engine().hw().is_touching(0));
        let ended = transfer.try_resolve().unwrap();
        assert!(matches!(ended.outcome, Outcome::Aborted { .. }));
        assert_left_alone(dma.engine(), ended.buffer);
    });
}

/// Somebody else keeps interrupts off for too long. The wait ends at its bound at the latest, and finds out then.
#[test]
fn synchronize_does_not_depend_on_the_interrupt() {
    let (dma, events) = (board::<4>(), Events::default());
    let cpu = cpu(&dma, &events);
    cpu.thread(|cx| {
        let (active, transfer) = recording(&dma);
        pass(dma.engine(), 305);
        cpu.hold_off_interrupts(true);
        let _idle = active.terminate_async().synchronize(cx).unwrap();
        assert!(now(dma.engine()) <= 305 + 2 * L + dmaengine_core::SYNCHRONIZE_GRACE.0);
        assert!(!dma.engine().hw().is_touching(0));
        assert_left_alone(dma.engine(), transfer.try_resolve().unwrap().buffer);
        assert_eq!(events.take(), []);
    });
}

#[test]
fn s59_terminate_sync_is_both_in_one() {
    let (dma, events) = (board::<4>(), Events::default());
    let cpu = cpu(&dma, &events);
    cpu.thread(|cx| {
        let (active, transfer) = recording(&dma);
        run(&cpu, dma.engine(), 305);
        let _idle = active.terminate_sync(cx).unwrap();
        assert_eq!(now(dma.engine()), 305 + L);
        assert_left_alone(dma.engine(), transfer.try_resolve().unwrap().buffer);
    });
}

/// The second proposal of the thread of August 2020: a stop that is complete on return, with interrupts off. What spoke
/// against it was that nobody knew how long it takes.
#[test]
fn s60_terminate_atomic_busy_waits_at_most_its_bound_with_interrupts_masked() {
    let (dma, events) = (board::<4>(), Events::default());
    let cpu = cpu(&dma, &events);
    cpu.thread(|cx| {
        let (active, transfer) = recording(&dma);
        run(&cpu, dma.engine(), 305);
        let (seen, before) = (events.take(), cpu.masked_time());
        let _idle = cpu.masked(cx, |_atomic| active.terminate_atomic()).unwrap();
        assert_eq!(cpu.masked_time() - before, us(L));
        assert!(!dma.engine().hw().is_touching(0));
        assert_left_alone(dma.engine(), transfer.try_resolve().unwrap().buffer);
        assert_eq!((seen.len(), events.take().len()), (0, 0), "no interrupt came in between");
    });
}

/// `terminate_atomic` on a channel that is stopping already waits only for what is left of the stop.
#[test]
fn terminate_atomic_after_terminate_async_waits_for_the_rest() {
    let dma = board::<4>();
    let (active, transfer) = recording(&dma);
    pass(dma.engine(), 305);
    let stopping = active.terminate_async();
    pass(dma.engine(), 700);
    let _idle = stopping.terminate_atomic().unwrap();
    assert_eq!(now(dma.engine()), 305 + L);
    assert_left_alone(dma.engine(), transfer.try_resolve().unwrap().buffer);
}

#[test]
fn s43_terminate_on_a_finished_channel_succeeds_and_does_nothing() {
    let (dma, events) = (board::<4>(), Events::default());
    let cpu = cpu(&dma, &events);
    cpu.thread(|_| {
        let idle = dma.channel(0).unwrap();
        let copy = prep_copy(&idle, 256, 1);
        let (active, transfer) = idle.start(copy).unwrap();
        run(&cpu, dma.engine(), 256);
        let _idle = active.terminate_async().try_finish().expect("there is nothing to wait for");
        assert_eq!(dma.statistics(0).unwrap().stops, 0);
        let ended = transfer.try_resolve().unwrap();
        assert_eq!(ended.outcome, Outcome::Completed);
        assert_eq!(ended.buffer.0, ended.buffer.1);
    });
}

/// The hardware has ended, its interrupt is on its way, and the client terminates. Nothing runs and nothing is left to
/// wait for; the completion comes too late to be told.
#[test]
fn terminate_between_the_end_and_its_interrupt() {
    let (dma, events) = (board::<4>(), Events::default());
    let cpu = cpu(&dma, &events);
    cpu.thread(|_| {
        let idle = dma.channel(0).unwrap();
        let copy = prep_copy(&idle, 256, 1);
        let (active, transfer) = idle.start(copy).unwrap();
        pass(dma.engine(), 256);
        let _idle = active.terminate_async().try_finish().unwrap();
        let ended = transfer.try_resolve().unwrap();
        assert_eq!(ended.outcome, Outcome::Aborted { residue: 0 });
        run(&cpu, dma.engine(), 5 * L);
        assert_eq!(events.take(), []);
        assert_eq!(dma.statistics(0).unwrap().late_events, 1);
    });
}

#[test]
fn an_engine_that_stops_in_the_same_instant_needs_no_time() {
    let (dma, events) = (Board::<4>::new(mock(0)), Events::default());
    let cpu = cpu(&dma, &events);
    cpu.thread(|cx| {
        attach_recorder(dma.engine(), 0);
        let mut idle = dma.channel(0).unwrap();
        for way in 0..3 {
            let (active, transfer) = start_ring(idle);
            run(&cpu, dma.engine(), 305);
            let before = now(dma.engine());
            idle = match way {
                0 => active.terminate_async().try_finish().unwrap(),
                1 => active.terminate_sync(cx).unwrap(),
                _ => active.terminate_atomic().unwrap(),
            };
            assert_eq!(now(dma.engine()), before);
            assert_left_alone(dma.engine(), transfer.try_resolve().unwrap().buffer);
        }
    });
}

/// A stream was closed while it was paused, and Linux waited for a channel that nobody had stopped (commit
/// 6a7db25aad8c). Here a paused channel can only go on or be stopped, and then it is like any other.
#[test]
fn s36_terminate_while_paused_leaves_the_channel_restartable() {
    let (dma, events) = (board::<4>(), Events::default());
    let cpu = cpu(&dma, &events);
    cpu.thread(|cx| {
        attach_recorder(dma.engine(), 0);
        let mut idle = dma.channel(0).unwrap();
        for way in 0..3 {
            let (active, transfer) = start_ring(idle);
            run(&cpu, dma.engine(), 305);
            let paused = active.pause().unwrap();
            let left = RING as u64 - dma.engine().hw().progress(0).bytes;
            run(&cpu, dma.engine(), 3 * L);
            idle = match way {
                0 => paused.terminate_async().synchronize(cx).unwrap(),
                1 => paused.terminate_sync(cx).unwrap(),
                _ => paused.terminate_atomic().unwrap(),
            };
            let ended = transfer.try_resolve().unwrap();
            assert_eq!(ended.outcome, Outcome::Aborted { residue: left }, "nothing moved meanwhile");
            assert_left_alone(dma.engine(), ended.buffer);
        }
        let (_active, transfer) = start_ring(idle);
        run(&cpu, dma.engine(), 305);
        assert!(matches!(transfer.status(), Status::Running { progress, .. } if progress.bytes >= 120));
    });
}

/// Active, issued and submitted: all three are aborted, the last two without ever having touched memory.
#[test]
fn s38_terminate_aborts_what_runs_what_is_issued_and_what_is_submitted() {
    let (dma, events) = (board::<4>(), Events::default());
    let cpu = cpu(&dma, &events);
    cpu.thread(|cx| {
        let idle = dma.channel(0).unwrap();
        let (first, issued, submitted) = (prep_copy(&idle, 640, 1), prep_copy(&idle, 640, 2), prep_copy(&idle, 640, 3));
        let (active, first) = idle.start(first).unwrap();
        let issued = active.submit(issued).unwrap();
        active.issue();
        let submitted = active.submit(submitted).unwrap();
        run(&cpu, dma.engine(), 100);
        let stopping = active.terminate_async();
        for status in [first.status(), issued.status(), submitted.status()] {
            assert_eq!(status, Status::Stopping);
        }
        let idle = stopping.synchronize(cx).unwrap();

        // What was queued stays dead when the channel is used again.
        let copy = prep_copy(&idle, 64, 4);
        let (active, copy) = idle.start(copy).unwrap();
        run(&cpu, dma.engine(), 5 * L);
        assert_eq!(copy.status(), Status::Completed);
        let _idle = active.try_idle().unwrap();
        for (never_ran, generation) in [(issued, 1), (submitted, 2)] {
            assert_eq!(never_ran.generation().0, generation);
            assert_eq!(touched(dma.engine(), 0, never_ran.generation()), None);
            let ended = never_ran.try_resolve().unwrap();
            assert_eq!(ended.outcome, Outcome::Aborted { residue: 640 });
            assert_left_alone(dma.engine(), ended.buffer.0);
        }
        assert!(matches!(first.try_resolve().unwrap().outcome, Outcome::Aborted { .. }));
        assert_eq!(events.kinds(), [(0, EventKind::Stopped), (3, EventKind::Completed)]);
    });
}

/// Nothing runs: one transfer has ended and one was submitted and never issued. There is nothing to wait for.
#[test]
fn terminate_with_nothing_but_a_submitted_transfer_is_quiescent_at_once() {
    let (dma, events) = (board::<4>(), Events::default());
    let cpu = cpu(&dma, &events);
    cpu.thread(|_| {
        let idle = dma.channel(0).unwrap();
        let (first, second) = (prep_copy(&idle, 64, 1), prep_copy(&idle, 64, 2));
        let (active, first) = idle.start(first).unwrap();
        let second = active.submit(second).unwrap();
        run(&cpu, dma.engine(), 100);
        let stopping = active.terminate_async();
        assert_eq!(second.try_resolve().unwrap().outcome, Outcome::Aborted { residue: 64 });
        assert_eq!(first.try_resolve().unwrap().outcome, Outcome::Completed);
        let _idle = stopping.try_finish().unwrap();
        assert_eq!((now(dma.engine()), dma.statistics(0).unwrap().stops), (100, 0));
    });
}

/// Two stops within one latency. The first is for the transfer that ran; the second finds one that waits behind it.
/// That one never ran, so it is over when the first stop is; it must not be held for longer, nor come back earlier.
#[test]
fn s44_a_second_stop_within_the_latency_ends_with_the_first() {
    let dma: Dma<_, 2, 4> = board();
    let (active, old) = recording(&dma);
    pass(dma.engine(), 305);
    let stopping = active.terminate_async();
    let next = stopping.prep_cyclic(zeroed(RING), &cyclic(dmaengine_core::Direction::DevToMem)).unwrap();
    let (active, next) = stopping.queue_after_stop(next).unwrap();
    pass(dma.engine(), 400);
    let stopping = active.terminate_async();
    let (old, next) = (old.try_resolve().unwrap_err(), next.try_resolve().unwrap_err());
    pass(dma.engine(), L - 401);
    let (stopping, next) = (stopping.try_finish().unwrap_err(), next.try_resolve().unwrap_err());
    pass(dma.engine(), 1);
    let _idle = stopping.try_finish().unwrap();
    assert_eq!(next.try_resolve().unwrap().outcome, Outcome::Aborted { residue: RING as u64 });
    assert_left_alone(dma.engine(), old.try_resolve().unwrap().buffer);
    assert_eq!(dma.statistics(0).unwrap().stops, 1, "the hardware was asked once");
}
