//! Handles that are dropped early, in every state: the channel can be had again once it has stopped, no slot is lost,
//! and memory that the engine may still be touching is leaked, not freed (statements 62 and 63).
//!
//! Each test drops the same handles a thousand times on a channel with two slots, so that one lost slot shows at the
//! second round and a channel that stays claimed at the first.

mod common;

use backend_mock::Mock;
use common::picky::{Picky, Whims};
use common::*;
use dmaengine_core::{Atomic, Dma, Idle, Outcome, RequestError};

type Two = Board<2>;

/// Lets `leave` do its thing again and again. It drops what it has; after that the channel is to be had as soon as it
/// has stopped, with both slots.
fn a_thousand_times(leave: impl Fn(&Two, Idle<'_, Mock>, &Cpu<'_>)) {
    let (dma, events) = (Two::new(mock(L)), Events::default());
    let cpu = cpu(&dma, &events);
    dma.engine().hw().set_log(false);
    attach_recorder(dma.engine(), 0);
    for round in 0..1_000 {
        let idle = dma.channel(0).unwrap();
        leave(&dma, idle, &cpu);
        while dma.engine().hw().is_touching(0) {
            assert_eq!(dma.channel(0).unwrap_err(), RequestError::Busy { channel: 0 }, "round {round}: not yet");
            pass(dma.engine(), L / 4);
        }
        let idle = dma.channel(0).expect("it has stopped");
        assert_all_slots_free(&idle, 2);
    }
    assert_clean(dma.engine());
}

#[test]
fn idle_dropped() {
    a_thousand_times(|_, idle, _| drop(idle));
}

#[test]
fn prepared_dropped() {
    a_thousand_times(|_, idle, _| drop((prep_ring(&idle), prep_ring(&idle))));
}

/// The channel goes first; what was prepared on it is still its holder's, and gives its slot back later.
#[test]
fn prepared_dropped_after_its_channel() {
    a_thousand_times(|_, idle, _| {
        let prepared = prep_ring(&idle);
        drop(idle);
        let memory = prepared.cancel();
        assert_eq!(memory.len(), RING);
    });
}

#[test]
fn pending_dropped() {
    a_thousand_times(|_, idle, _| {
        let (first, second) = (prep_ring(&idle), prep_ring(&idle));
        let (pending, first) = idle.submit(first).unwrap();
        let second = pending.submit(second).unwrap();
        drop(pending);
        for never_ran in [first, second] {
            let ended = never_ran.try_resolve().expect("it was never issued");
            assert_eq!(ended.outcome, Outcome::Aborted { residue: RING as u64 });
        }
    });
}

#[test]
fn pending_dropped_after_its_transfer() {
    a_thousand_times(|_, idle, _| {
        let prepared = prep_ring(&idle);
        let (pending, transfer) = idle.submit(prepared).unwrap();
        drop(transfer);
        drop(pending);
    });
}

/// The memory is not leaked: it comes back with the transfer, when the hardware has stopped.
#[test]
fn active_dropped() {
    a_thousand_times(|dma, idle, cpu| {
        let (active, transfer) = start_ring(idle);
        run(cpu, dma.engine(), 305);
        drop(active);
        let transfer = transfer.try_resolve().unwrap_err();
        pass(dma.engine(), L);
        assert!(matches!(transfer.try_resolve().unwrap().outcome, Outcome::Aborted { .. }));
    });
}

#[test]
fn active_dropped_with_its_transfers() {
    a_thousand_times(|dma, idle, cpu| {
        let behind = prep_ring(&idle);
        let (active, transfer) = start_ring(idle);
        let behind = active.submit(behind).unwrap();
        active.issue();
        run(cpu, dma.engine(), 305);
        drop((active, transfer, behind));
    });
}

#[test]
fn active_dropped_before_its_transfer() {
    a_thousand_times(|dma, idle, _| {
        let (active, transfer) = start_ring(idle);
        drop(active);
        pass(dma.engine(), L / 2);
        drop(transfer);
    });
}

#[test]
fn paused_dropped() {
    a_thousand_times(|dma, idle, cpu| {
        let (active, transfer) = start_ring(idle);
        run(cpu, dma.engine(), 305);
        let paused = active.pause().unwrap();
        drop(transfer);
        drop(paused);
    });
}

#[test]
fn stopping_dropped() {
    a_thousand_times(|dma, idle, cpu| {
        let (active, transfer) = start_ring(idle);
        run(cpu, dma.engine(), 305);
        drop(active.terminate_async());
        drop(transfer);
    });
}

/// A transfer waits behind the stop and must not start after its channel was given up.
#[test]
fn queued_behind_a_stop_dropped() {
    a_thousand_times(|dma, idle, cpu| {
        let next = prep_ring(&idle);
        let (active, old) = start_ring(idle);
        run(cpu, dma.engine(), 305);
        let (active, next) = active.terminate_async().queue_after_stop(next).unwrap();
        drop((active, old));
        run(cpu, dma.engine(), 2 * L);
        assert!(!dma.engine().hw().is_touching(0), "it started although its channel is gone");
        assert_eq!(next.try_resolve().unwrap().outcome, Outcome::Aborted { residue: RING as u64 });
    });
}

#[test]
fn queued_again_dropped() {
    a_thousand_times(|dma, idle, cpu| {
        let (active, old) = start_ring(idle);
        run(cpu, dma.engine(), 305);
        let request = cyclic(dmaengine_core::Direction::DevToMem);
        let (active, again) = active.terminate_async().queue_again(old, &request).unwrap();
        run(cpu, dma.engine(), 2 * L);
        drop(again);
        drop(active);
    });
}

/// A transfer dropped while it runs leaks its memory and goes on: the engine meets nothing that is not there.
#[test]
fn transfer_dropped_while_it_runs() {
    a_thousand_times(|dma, idle, cpu| {
        let (active, transfer) = start_ring(idle);
        drop(transfer);
        run(cpu, dma.engine(), 3 * PERIOD_US);
        assert!(dma.engine().hw().is_touching(0), "it goes on");
        drop(active);
    });
}

#[test]
fn transfer_dropped_after_its_end() {
    a_thousand_times(|dma, idle, cpu| {
        let copy = prep_copy(&idle, 64, 1);
        let (active, transfer) = idle.start(copy).unwrap();
        run(cpu, dma.engine(), 64);
        drop(transfer);
        let _idle = active.try_idle().unwrap();
    });
}

/// A transfer that is over gives its memory back when it is dropped; one that is not keeps it mapped, for ever.
#[test]
fn memory_is_unmapped_by_a_drop_after_the_end_and_by_no_other() {
    let dma: Dma<Picky, 1, 4> = Dma::new(Picky::new(mock(L), |_| (), Whims::default()));
    let mock = &dma.engine().mock;
    let take_interrupt = || dma.interrupt(&Atomic::new(), &mut |_, _| ());
    let idle = dma.channel(0).unwrap();
    let copies = [1, 2, 3, 4].map(|seed| prep_copy(&idle, 640, seed));
    assert_eq!(dma.engine().mapped(), 8);
    let [resolved, completed, aborted, running] = copies;
    let (active, resolved) = idle.start(resolved).unwrap();
    pass(mock, 640);
    take_interrupt();
    assert!(resolved.try_resolve().is_ok());
    assert_eq!(dma.engine().mapped(), 6, "the one that came back");
    let idle = active.try_idle().unwrap();
    let (active, completed) = idle.start(completed).unwrap();
    pass(mock, 640);
    take_interrupt();
    drop(completed);
    assert_eq!(dma.engine().mapped(), 4);
    let aborted = active.submit(aborted).unwrap();
    active.issue();
    let idle = active.terminate_atomic().unwrap();
    drop(aborted);
    assert_eq!(dma.engine().mapped(), 2);
    let (active, running) = idle.start(running).unwrap();
    drop(running);
    pass(mock, 640);
    take_interrupt();
    assert_eq!(dma.engine().mapped(), 2, "nobody is left to give it to");
    assert_all_slots_free(&active.try_idle().unwrap(), 4);
    assert_clean(mock);
}

/// Orphans are taken back when the supply runs out, and one whose transfer still runs is not among them.
#[test]
fn the_slot_of_an_orphan_is_free_when_its_transfer_is_over_and_not_before() {
    let (dma, events) = (Two::new(mock(L)), Events::default());
    let cpu = cpu(&dma, &events);
    let (active, ring) = recording(&dma);
    drop(ring);
    let behind = active.prep_memcpy(zeroed(64), pattern(64, 7)).unwrap();
    let exhausted = |error| assert_eq!(error, dmaengine_core::PrepError::NoDescriptor { limit: 2 });
    exhausted(active.prep_memcpy(zeroed(8), zeroed(8)).unwrap_err().error);

    let stopping = active.terminate_async();
    exhausted(stopping.prep_memcpy(zeroed(8), zeroed(8)).unwrap_err().error);
    pass(dma.engine(), L - 1);
    let stopping = stopping.try_finish().unwrap_err();
    exhausted(stopping.prep_memcpy(zeroed(8), zeroed(8)).unwrap_err().error);
    pass(dma.engine(), 1);
    let idle = stopping.try_finish().unwrap();
    let second = prep_copy(&idle, 64, 8);

    let (active, behind) = idle.start(behind).unwrap();
    let second = active.submit(second).unwrap();
    active.issue();
    drop(second);
    run(&cpu, dma.engine(), 128);
    let behind = behind.try_resolve().unwrap();
    assert_eq!((behind.outcome, behind.buffer.0 == behind.buffer.1), (Outcome::Completed, true));
    assert_all_slots_free(&active.try_idle().unwrap(), 2);
    assert_clean(dma.engine());
}

/// A driver undoes what it set up for a client when the client has left and the hardware has stopped: once, and not before.
#[test]
fn the_engine_is_told_when_nobody_holds_a_channel_and_it_has_stopped() {
    let dma: Dma<Picky, 1, 4> = Dma::new(Picky::new(mock(L), |_| (), Whims::default()));
    let engine = dma.engine();
    drop(dma.channel(0).unwrap());
    assert_eq!(engine.parked(), 1);

    let idle = dma.channel(0).unwrap();
    let copy = prep_copy(&idle, 4_000, 0);
    let (active, transfer) = idle.start(copy).unwrap();
    let stopping = active.terminate_async();
    pass(&engine.mock, 2 * L);
    let idle = stopping.try_finish().unwrap();
    assert_eq!(engine.parked(), 1, "it has stopped, and its holder is there");

    let copy = prep_copy(&idle, 4_000, 0);
    let (active, _) = idle.start(copy).unwrap();
    drop(active);
    pass(&engine.mock, L / 2);
    assert!(dma.channel(0).is_err());
    assert_eq!(engine.parked(), 1, "its holder has gone, and it has not stopped");
    pass(&engine.mock, L);
    dma.interrupt(&Atomic::new(), &mut |_, _| ());
    assert_eq!(engine.parked(), 2);
    drop(dma.channel(0).unwrap());
    assert_eq!(engine.parked(), 3);
    drop(transfer);
}
