//! News and events: late, stale, doubled, folded, nested. Only what is about the transfer that runs becomes an event.
//!
//! Hardware tells of the past: an interrupt that was masked, a bit that was set before the stop and is read after the
//! restart. In Linux such a period goes to whoever runs by then: the stream's position jumps a period and nobody knows.
//! Here news carries the number of its transfer; what is not about the running one is counted in
//! `Statistics::late_events` and dropped.

mod common;

use core::cell::RefCell;

use backend_mock::Mock;
use backend_mock::hw::{News, NewsKind};
use common::*;
use dmaengine_core::{Atomic, Event, EventKind, Outcome, Status, TransferError};

fn late(dma: &Board<4>) -> u64 {
    dma.statistics(0).unwrap().late_events
}

/// Trouble on demand: the hardware tells something of a transfer of channel 0.
fn post(mock: &Mock, tag: u64, kind: NewsKind) {
    mock.hw().post_news(0, News { tag, at: mock.hw().now(), kind });
}

/// Interrupts are masked; four periods of the old run are pending when the client has stopped it, knows that it has
/// stopped, and has started again. Then they arrive.
#[test]
fn s49_a_period_of_the_old_run_is_not_delivered_after_the_restart() {
    let (dma, events) = (board::<4>(), Events::default());
    let cpu = cpu(&dma, &events);
    let (active, old) = recording(&dma);
    pass(dma.engine(), 2 * PERIOD_US + 5);
    let idle = active.terminate_atomic().unwrap();
    let old = old.try_resolve().unwrap();
    let (active, new) = start_ring(idle);
    assert_eq!(late(&dma), 0, "nobody has looked yet");
    run(&cpu, dma.engine(), PERIOD_US + 10);
    assert_eq!(events.kinds(), [(1, EventKind::Period { periods: 1, position: 200 })]);
    assert_eq!(late(&dma), 1, "four periods, folded");
    assert!(matches!(new.status(), Status::Running { .. }));
    let _idle = active.terminate_atomic().unwrap();
    assert_left_alone(dma.engine(), old.buffer);
}

/// The same with the new run waiting behind the stop: periods that the old one ends after it was stopped are late.
#[test]
fn s39_no_period_is_delivered_after_terminate_async() {
    let (dma, events) = (board::<4>(), Events::default());
    let cpu = cpu(&dma, &events);
    let (active, transfer) = recording(&dma);
    pass(dma.engine(), PERIOD_US + 5);
    let stopping = active.terminate_async();
    run(&cpu, dma.engine(), 3 * L);
    assert_eq!(events.kinds(), [(0, EventKind::Stopped)]);
    assert_eq!(late(&dma), 3, "one before the stop, two after it");
    let _idle = stopping.try_finish().unwrap();
    assert!(transfer.try_resolve().is_ok());
}

/// An old copy runs to its end although it was told to stop. Its completion must not complete the copy that runs when
/// it arrives: the client would read a buffer that is half full and free memory that is being written.
#[test]
fn the_end_of_an_old_copy_does_not_complete_the_new_one() {
    let (dma, events) = (board::<4>(), Events::default());
    let cpu = cpu(&dma, &events);
    let idle = dma.channel(0).unwrap();
    let (old, new) = (prep_copy(&idle, 640, 1), prep_copy(&idle, 640, 2));
    let (active, old) = idle.start(old).unwrap();
    pass(dma.engine(), 100);
    let idle = active.terminate_atomic().unwrap();
    assert_eq!(now(dma.engine()), 640, "it was faster than its stop");
    let old = old.try_resolve().unwrap();
    assert_eq!(old.outcome, Outcome::Aborted { residue: 0 });

    let (active, new) = idle.start(new).unwrap();
    pass(dma.engine(), 100);
    assert!(cpu.take_interrupt());
    assert_eq!((events.take(), late(&dma)), (vec![], 1));
    let new = new.try_resolve().expect_err("it is not at its end");
    assert!(matches!(new.status(), Status::Running { .. }));
    run(&cpu, dma.engine(), 540);
    assert_eq!(events.kinds(), [(1, EventKind::Completed)]);
    let new = new.try_resolve().unwrap();
    assert_eq!((new.outcome, new.buffer.0 == new.buffer.1), (Outcome::Completed, true));
    let _idle = active.try_idle().unwrap();
    assert_left_alone(dma.engine(), old.buffer.0);
}

/// An interrupt bit that is read twice: the first copy is reported done again, and failed, while the second runs.
#[test]
fn s14_news_of_a_transfer_that_is_over_changes_nothing() {
    let (dma, events) = (board::<4>(), Events::default());
    let cpu = cpu(&dma, &events);
    let idle = dma.channel(0).unwrap();
    let (first, second) = (prep_copy(&idle, 256, 1), prep_copy(&idle, 256, 2));
    let (active, first) = idle.start(first).unwrap();
    let second = active.submit(second).unwrap();
    active.issue();
    run(&cpu, dma.engine(), 256 + 100);
    for stale in [NewsKind::Done, NewsKind::Fault, NewsKind::Periods(3), NewsKind::Stopped] {
        post(dma.engine(), 0, stale);
        assert!(cpu.take_interrupt());
    }
    post(dma.engine(), 77, NewsKind::Done);
    assert!(cpu.take_interrupt());
    assert_eq!(events.kinds(), [(0, EventKind::Completed)], "once");
    assert_eq!(late(&dma), 4, "the spurious end of a stop is no news of a transfer");
    assert!(matches!(second.status(), Status::Running { .. }));
    assert_eq!(first.try_resolve().unwrap().outcome, Outcome::Completed);
    run(&cpu, dma.engine(), 256);
    assert_eq!(second.try_resolve().unwrap().outcome, Outcome::Completed);
    let _idle = active.try_idle().unwrap();
}

/// Each stop leaves one interrupt that says so. One of an earlier stop must not be taken for that of the present one.
#[test]
fn the_end_of_an_earlier_stop_does_not_end_this_one() {
    let (dma, events) = (board::<4>(), Events::default());
    let cpu = cpu(&dma, &events);
    let (active, _old) = recording(&dma);
    let (active, transfer) = start_ring(active.terminate_atomic().unwrap());
    dma.engine().hw().take_news(0);
    pass(dma.engine(), 305);
    let stopping = active.terminate_async();
    post(dma.engine(), 0, NewsKind::Stopped);
    assert!(cpu.take_interrupt());
    assert_eq!(transfer.status(), Status::Stopping);
    let stopping = stopping.try_finish().unwrap_err();
    let transfer = transfer.try_resolve().unwrap_err();
    assert_eq!(events.take(), []);
    pass(dma.engine(), L);
    let _idle = stopping.try_finish().unwrap();
    assert_left_alone(dma.engine(), transfer.try_resolve().unwrap().buffer);
}

/// A transfer that fails is over: its memory comes back, and the next one runs.
#[test]
fn a_failure_is_an_end_and_starts_the_next() {
    let (dma, events) = (board::<4>(), Events::default());
    let cpu = cpu(&dma, &events);
    let idle = dma.channel(0).unwrap();
    let next = prep_copy(&idle, 128, 1);
    attach_recorder(dma.engine(), 0);
    let (active, ring) = start_ring(idle);
    let next = active.submit(next).unwrap();
    active.issue();
    pass(dma.engine(), 305);
    dma.engine().hw().reset(0);
    post(dma.engine(), 0, NewsKind::Fault);
    run(&cpu, dma.engine(), 200);
    assert_eq!(events.kinds(), [(0, EventKind::Failed(TransferError::Bus)), (1, EventKind::Completed)]);
    assert_eq!(ring.status(), Status::Failed(TransferError::Bus));
    let ended = ring.try_resolve().unwrap();
    assert_eq!(ended.outcome, Outcome::Failed(TransferError::Bus));
    assert_left_alone(dma.engine(), ended.buffer);
    assert_eq!(next.try_resolve().unwrap().outcome, Outcome::Completed);
    let _idle = active.try_idle().unwrap();
}

/// Interrupts come late: five periods are one event. Who counts events instead of periods loses four.
#[test]
fn s30_folded_periods_are_one_event_that_says_how_many() {
    let (dma, events) = (board::<4>(), Events::default());
    let cpu = cpu(&dma, &events);
    let (active, transfer) = recording(&dma);
    pass(dma.engine(), 5 * PERIOD_US + 5);
    run(&cpu, dma.engine(), PERIOD_US);
    let periods = |periods, position| EventKind::Period { periods, position };
    assert_eq!(events.of(transfer.generation()), [periods(5, 1_000), periods(1, 1_200)]);
    drop(active);
}

/// Two channels, several transfers: the events of each come in the order in which its transfers ran, one by one.
#[test]
fn s29_events_come_in_order_and_one_for_each_completion() {
    let (dma, events) = (board::<4>(), Events::default());
    let cpu = cpu(&dma, &events);
    let mut keep = Vec::new();
    for channel in 0..2 {
        let idle = dma.channel(channel).unwrap();
        let copies: Vec<_> = (0..4).map(|i| prep_copy(&idle, 64, i)).collect();
        let mut copies = copies.into_iter();
        let (pending, first) = idle.submit(copies.next().unwrap()).unwrap();
        let rest: Vec<_> = copies.map(|copy| pending.submit(copy).unwrap()).collect();
        keep.push((pending.issue(), first, rest));
    }
    run(&cpu, dma.engine(), 10 * 64);
    let events = events.take();
    for channel in 0..2 {
        let mine = events.iter().filter(|event| event.channel.0 == channel);
        let mine: Vec<_> = mine.map(|event| (event.generation.0, event.kind)).collect();
        assert_eq!(mine, [0, 1, 2, 3].map(|generation| (generation, EventKind::Completed)));
    }
    assert_eq!(events.len(), 8);
}

/// An interrupt comes inside a callback, and finds news of the callback's own channel and of another. It must not wait
/// for the callback it interrupted, nor run a second callback of that channel inside the first; and what it left alone
/// must not be lost when no further interrupt comes.
#[test]
fn an_interrupt_inside_a_callback_neither_blocks_nor_reorders_nor_loses() {
    let dma = board::<4>();
    let told = RefCell::new(Vec::new());
    let tell = |event: Event, depth: u8| told.borrow_mut().push((depth, event.channel.0, event.generation.0));
    let cpu = cpu_with(&dma, |_, event| {
        tell(event, 0);
        if event.channel.0 == 0 && event.generation.0 < 3 {
            pass(dma.engine(), 64);
            dma.interrupt(&Atomic::new(), &mut |_, nested| tell(nested, 1));
            tell(event, 9);
        }
    });
    let (here, there) = (dma.channel(0).unwrap(), dma.channel(1).unwrap());
    let copies: Vec<_> = (0..4).map(|i| prep_copy(&here, 64, i)).collect();
    let mut copies = copies.into_iter();
    let (pending, first) = here.submit(copies.next().unwrap()).unwrap();
    let rest: Vec<_> = copies.map(|copy| pending.submit(copy).unwrap()).collect();
    let active = pending.issue();
    let copy = prep_copy(&there, 128, 9);
    let (other, elsewhere) = there.start(copy).unwrap();

    pass(dma.engine(), 64);
    assert!(cpu.take_interrupt());
    let (own, nested, back) = (0, 1, 9);
    let expected =
        [(own, 0, 0), (nested, 1, 0), (back, 0, 0), (own, 0, 1), (back, 0, 1), (own, 0, 2), (back, 0, 2), (own, 0, 3)];
    assert_eq!(told.take(), expected);
    let _idle = (active.try_idle().unwrap(), other.try_idle().unwrap());
    for copy in rest.into_iter().chain([first, elsewhere]) {
        assert_eq!(copy.try_resolve().unwrap().outcome, Outcome::Completed);
    }
    assert!(!cpu.take_interrupt(), "nothing is left");
}

/// `Stopped` names the stop it is about. The first stop was seen complete by asking, with its interrupt still pending; the
/// channel runs again and is stopped again, and now that interrupt is taken.
#[test]
fn stopped_news_of_an_earlier_stop_does_not_speak_for_a_later_one() {
    let (dma, events) = (board::<4>(), Events::default());
    let cpu = cpu(&dma, &events);
    let (active, first) = recording(&dma);
    let idle = active.terminate_atomic().unwrap();
    let _ = first.try_resolve().unwrap();
    let (active, second) = start_ring(idle);
    let stopping = active.terminate_async();
    pass(dma.engine(), L);
    assert!(cpu.take_interrupt());
    assert_eq!(events.kinds(), [(second.generation().0, EventKind::Stopped)]);
    let _idle = stopping.try_finish().unwrap();
}
