//! Stops from a channel's own callback, and waits for one: what a callback may do, and what waits for it.
//!
//! A callback runs with no lock held. It may stop its own transfer, and nothing later than that. It cannot be waited
//! for from inside; so while it runs its channel is not quiescent, whatever the hardware does (statements 24, 25, 53).

mod common;

use core::cell::RefCell;

use backend_mock::Mock;
use common::*;
use dmaengine_core::{Active, Direction, EventKind, Micros, Outcome, Status, Stopping, Transfer, Unfinished};

type Shared<T> = RefCell<Option<T>>;

/// An overrun is found in the period callback, which stops its stream. No event follows but the end of the stop, and
/// the owner, who knew nothing, finds the channel stopped.
#[test]
fn s25_terminate_async_from_the_own_callback() {
    let (dma, events) = (board::<4>(), Events::default());
    let cpu = cpu_with(&dma, |callback, event| {
        events.0.borrow_mut().push(event);
        if matches!(event.kind, EventKind::Period { .. }) {
            let before = dma.engine().hw().now();
            assert!(callback.terminate_async());
            assert!(!callback.terminate_async(), "once is enough");
            assert_eq!(dma.engine().hw().now(), before, "it does not wait");
            assert!(dma.engine().hw().is_touching(0));
        }
    });
    cpu.thread(|cx| {
        let (active, transfer) = recording(&dma);
        run(&cpu, dma.engine(), 5 * PERIOD_US);
        let kinds: Vec<_> = events.of(transfer.generation());
        assert_eq!(kinds, [EventKind::Period { periods: 1, position: 200 }, EventKind::Stopped]);
        assert!(active.is_stopped_by_another());
        let _idle = active.terminate_async().synchronize(cx).unwrap();
        assert_eq!(now(dma.engine()), 5 * PERIOD_US, "there was nothing left to wait for");
        assert_eq!(dma.statistics(0).unwrap().stops, 1);
        assert_left_alone(dma.engine(), transfer.try_resolve().unwrap().buffer);
    });
}

/// The busy-waiting sister: when it returns, the hardware has stopped, and all that is left to wait for is the callback
/// it was called from.
#[test]
fn terminate_atomic_from_the_own_callback_waits_for_the_hardware_and_not_for_itself() {
    let dma = board::<4>();
    let (owner, transfer): (Shared<Active<'_, Mock>>, Shared<Transfer<'_, Mock, Memory>>) = Default::default();
    let cpu = cpu_with(&dma, |callback, event| {
        let before = now(dma.engine());
        assert!(matches!(event.kind, EventKind::Period { .. }), "{:?}", event.kind);
        assert_eq!(callback.terminate_atomic(), Ok(true));
        assert!(!dma.engine().hw().is_touching(0));
        assert_eq!(now(dma.engine()) - before, L);

        // Neither the channel nor the memory is to be had while this callback runs.
        let unfinished = owner.take().unwrap().terminate_async().terminate_atomic().unwrap_err();
        assert_eq!(unfinished.error.reason, Unfinished::Callback);
        assert_eq!(unfinished.error.waited, Micros(L), "a mistake, but it ends");
        drop(unfinished);
        let mine = transfer.take().unwrap();
        assert!(matches!(mine.status(), Status::Aborted { .. }));
        transfer.replace(Some(mine.try_resolve().expect_err("its callback is running")));
        assert!(dma.channel(0).is_err(), "nor is the channel");
    });
    let (active, ring) = recording(&dma);
    owner.replace(Some(active));
    transfer.replace(Some(ring));
    run(&cpu, dma.engine(), PERIOD_US);
    let ended = transfer.take().unwrap().try_resolve().expect("its callback has returned");
    assert_left_alone(dma.engine(), ended.buffer);
    assert!(dma.channel(0).is_ok());
}

/// Another core stops the stream while its callback runs here. The hardware has stopped, the callback has not, and
/// `synchronize` says which of the two it is waiting for.
#[test]
fn s53_a_channel_with_a_running_callback_is_not_quiescent() {
    let dma = board::<4>();
    let owner: Shared<Active<'_, Mock>> = Shared::default();
    let stopping: Shared<Stopping<'_, Mock>> = Shared::default();
    let other_core = backend_mock::Cpu::new(dma.engine(), |_atomic| ());
    let cpu = cpu_with(&dma, |_, event| {
        let Some(active) = owner.take() else { return };
        assert!(matches!(event.kind, EventKind::Period { .. }));
        other_core.hold_off_interrupts(true);
        let kept = other_core.thread(|cx| active.terminate_sync(cx)).unwrap_err();
        assert_eq!(kept.error.reason, Unfinished::Callback);
        assert!(!dma.engine().hw().is_touching(0));
        stopping.replace(Some(kept.value.try_finish().unwrap_err()));
    });
    let (active, ring) = recording(&dma);
    owner.replace(Some(active));
    run(&cpu, dma.engine(), PERIOD_US);
    let _idle = stopping.take().unwrap().try_finish().expect("the callback has returned");
    assert_left_alone(dma.engine(), ring.try_resolve().unwrap().buffer);
}

/// While an old callback runs, the stream is stopped and started again by another core. The callback then decides to
/// stop "the stream": it can only mean its own.
#[test]
fn a_callback_of_the_old_run_cannot_stop_the_new_one() {
    let dma = board::<4>();
    let owner: Shared<Active<'_, Mock>> = Shared::default();
    let ring: Shared<Transfer<'_, Mock, Memory>> = Shared::default();
    let cpu = cpu_with(&dma, |callback, event| {
        if event.generation.0 > 0 || event.kind == EventKind::Stopped {
            return;
        }
        let stopping = owner.take().unwrap().terminate_async();
        let old = ring.take().unwrap();
        let (active, new) = stopping.queue_again(old, &cyclic(Direction::DevToMem)).unwrap();
        assert!(!callback.terminate_async(), "the new one waits");
        pass(dma.engine(), L);
        assert_eq!(callback.terminate_atomic(), Ok(false));
        assert!(matches!(new.status(), Status::Running { .. }), "{:?}", new.status());
        assert!(!callback.terminate_async(), "the new one runs");
        owner.replace(Some(active));
        ring.replace(Some(new));
    });
    let (active, transfer) = recording(&dma);
    owner.replace(Some(active));
    ring.replace(Some(transfer));
    run(&cpu, dma.engine(), PERIOD_US + 3 * L);
    let active = owner.take().unwrap();
    assert!(!active.is_stopped_by_another());
    assert!(matches!(ring.take().unwrap().status(), Status::Running { .. }));
    assert_clean(dma.engine());
}

/// The completion of a copy comes with a new one: prepare, submit and issue from the callback, with no lock in the way.
#[test]
fn s24_a_callback_prepares_submits_and_issues() {
    let dma = board::<8>();
    let owner: Shared<Active<'_, Mock>> = Shared::default();
    let copies = RefCell::new(Vec::new());
    let cpu = cpu_with(&dma, |_, event| {
        assert_eq!(event.kind, EventKind::Completed);
        let owner = owner.borrow();
        let active = owner.as_ref().unwrap();
        if event.generation.0 < 5 {
            let seed = event.generation.0 as u8;
            let next = active.prep_memcpy(zeroed(64), pattern(64, seed)).unwrap();
            copies.borrow_mut().push(active.submit(next).unwrap());
            active.issue();
        }
    });
    let idle = dma.channel(0).unwrap();
    let first = prep_copy(&idle, 64, 99);
    let (active, first) = idle.start(first).unwrap();
    copies.borrow_mut().push(first);
    owner.replace(Some(active));
    run(&cpu, dma.engine(), 10 * 64);
    let ended: Vec<_> = copies.take().into_iter().map(|copy| copy.try_resolve().unwrap()).collect();
    assert_eq!(ended.len(), 6);
    for copy in ended {
        assert_eq!((copy.outcome, copy.buffer.0 == copy.buffer.1), (Outcome::Completed, true));
    }
    let _idle = owner.take().unwrap().try_idle().unwrap();
    assert_clean(dma.engine());
}
