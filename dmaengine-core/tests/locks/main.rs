//! An interrupt never waits for the code that it interrupted: what runs with the lock held, how often it is taken, and
//! that it is never taken twice.
//!
//! A handler that spins on a lock which the interrupted code holds spins for ever on one core. The library's part of the
//! rule: with the lock held it calls the engine and nobody else, since what others do takes as long as they like and may
//! come back into the library.

#[path = "../common/mod.rs"]
mod common;
#[cfg(feature = "critical-section")]
mod critical_section;
mod watched;

use core::future::Future;
use core::pin::{Pin, pin};
use core::task::{Context, Poll};
use std::rc::Rc;

use backend_mock::Mock;
use backend_mock::hw::{News, NewsKind};
use common::{L, PERIOD_US, RING, attach_recorder, config, cyclic, mock, pass};
use dmaengine_core::{
    Active, Atomic, Callback, Direction, Dma, Event, EventKind, Group, Idle, Micros, Outcome, PrepError, Prepared,
    RequestError, Sleepable, Status, Transfer,
};
use watched::*;

type Engine = Wrapped<Watched>;
type Board = Dma<Engine, 2, 4>;

/// A board for ever, with a recorder at each channel.
fn board() -> &'static Board {
    let mock = mock(L);
    attach_recorder(&mock, 0);
    attach_recorder(&mock, 1);
    Box::leak(Box::new(Dma::new(Wrapped::new(mock))))
}

fn hw(board: &'static Board) -> &'static Mock {
    &board.engine().mock
}

fn interrupt(board: &Board, mut callback: impl FnMut(&Callback<'_, Engine>, Event)) {
    board.interrupt(&Atomic::new(), &mut |own, event| {
        user_code("a callback");
        callback(own, event);
    });
}

fn ring(idle: &Idle<'static, Engine>) -> Prepared<'static, Engine, Owned> {
    idle.prep_cyclic(Owned::new(RING), &cyclic(Direction::DevToMem)).unwrap()
}

fn start_ring(idle: Idle<'static, Engine>) -> (Active<'static, Engine>, Transfer<'static, Engine, Owned>) {
    let ring = ring(&idle);
    idle.start(ring).unwrap()
}

fn poll<F: Future + Unpin>(future: &mut F) -> Poll<F::Output> {
    let waker = waker();
    Pin::new(future).poll(&mut Context::from_waker(&waker))
}

/// Every call of a client, in an order in which each does something.
fn every_call(board: &'static Board, context: &Sleepable<'_>) {
    let time = |micros| pass(hw(board), micros);

    // Preparing, and undoing it.
    let idle = board.channel(0).unwrap();
    assert!(matches!(board.channel(0), Err(RequestError::Busy { channel: 0 })));
    drop(ring(&idle).cancel());
    drop(ring(&idle));
    let all: Vec<_> = (0..4).map(|_| ring(&idle)).collect();
    let full = idle.prep_cyclic(Owned::new(RING), &cyclic(Direction::DevToMem)).unwrap_err();
    assert_eq!(full.error, PrepError::NoDescriptor { limit: 4 });
    drop((full, all));
    drop(idle.prep_memcpy(Owned::new(0), Owned::new(8)).unwrap_err());

    // Copies run to their end, one of them watched by a task and one by nobody.
    let copy = |idle: &Idle<'static, Engine>| idle.prep_memcpy(Owned::new(64), Owned::new(64)).unwrap();
    let (first, second, third) = (copy(&idle), copy(&idle), copy(&idle));
    let (pending, mut first) = idle.submit(first).unwrap();
    let second = pending.submit(second).unwrap();
    let active = pending.issue();
    let third = active.submit(third).unwrap();
    active.issue();
    assert!(poll(&mut first).is_pending());
    assert!(poll(&mut &mut first).is_pending(), "its waker replaces the first one");
    drop(third);
    for _ in 0..3 {
        time(64);
        interrupt(board, |_, _| ());
    }
    assert!(matches!(poll(&mut first), Poll::Ready(ended) if ended.outcome == Outcome::Completed));
    assert_eq!(second.status(), Status::Completed);
    assert_eq!(second.wait(context, Micros(1)).unwrap().outcome, Outcome::Completed);
    let idle = active.try_idle().unwrap();

    // A ring: looked at, paused, stopped, waited for by two tasks; the next one behind it, in the same memory.
    let (active, mut old) = start_ring(idle);
    time(PERIOD_US + 5);
    interrupt(board, |_, _| ());
    old.copy_out(0, &mut [0; 4]).unwrap();
    old.copy_in(0, &[0; 4]).unwrap();
    let mut periods = old.periods();
    assert!(matches!(poll(&mut pin!(periods.next())), Poll::Ready(Some(_))));
    _ = poll(&mut pin!(periods.next()));
    let active = active.pause().unwrap().resume().unwrap();
    assert!(poll(&mut &mut old).is_pending());
    let stopping = active.terminate_async();
    let (active, mut new) = stopping.queue_again(old, &cyclic(Direction::DevToMem)).unwrap();
    assert!(poll(&mut &mut new).is_pending());
    time(L + PERIOD_US + 5);
    interrupt(board, |_, _| ());

    // Stopped from the side; tasks that wait for the transfer and for the stop.
    assert!(active.stop_handle().terminate_async());
    assert!(active.is_stopped_by_another() && !active.stop_handle().terminate_async());
    let refused = active.prep_cyclic(Owned::new(RING), &cyclic(Direction::DevToMem)).unwrap();
    drop(active.submit(refused).unwrap_err());
    let mut stopping = active.terminate_async();
    let mut quiescent = stopping.quiescent();
    assert!(poll(&mut quiescent).is_pending() && poll(&mut &mut new).is_pending());
    time(L + 5);
    interrupt(board, |_, _| ());
    drop(quiescent);
    assert!(matches!(poll(&mut new), Poll::Ready(ended) if matches!(ended.outcome, Outcome::Aborted { .. })));
    let idle = stopping.try_finish().unwrap();

    // Stopped in its callback, if that comes first, and waited for in every way.
    let (active, ring) = start_ring(idle);
    time(PERIOD_US + 5);
    interrupt(board, |own, _| _ = own.terminate_async());
    interrupt(board, |own, _| _ = own.terminate_atomic());
    let idle = active.terminate_sync(context).unwrap();
    drop(ring.try_resolve().unwrap());
    let (active, ring) = start_ring(idle);
    let idle = active.pause().unwrap().terminate_atomic().unwrap();
    drop(ring);
    let (active, first) = start_ring(idle);
    let (other, second) = start_ring(board.channel(1).unwrap());
    let [idle, other] = Group::terminate_async([active, other]).synchronize(context).unwrap();
    drop((first, second));
    let (active, ring) = start_ring(idle);
    let idle = active.terminate_async().reset().unwrap();
    drop(ring.try_resolve().unwrap());

    // Given up while it runs, by all who hold it.
    let segments = [Owned::new(400), Owned::new(400)];
    let capture = idle.prep_slave_sg_from_device(segments, &config()).unwrap();
    let (active, mut capture) = idle.start(capture).unwrap();
    assert!(poll(&mut capture).is_pending());
    drop(capture);
    drop((active, other));
    time(3 * L);
    interrupt(board, |_, _| ());
    let idle = board.channel(0).expect("what was left running has stopped");
    let all: Vec<_> = (0..4).map(|_| self::ring(&idle)).collect();
    assert_eq!(all.len(), 4, "no slot is lost");
    assert!(board.statistics(0).unwrap().stops > 0);
}

/// What must have run for the test to have shown anything.
const USER_CODE: [&str; 13] = [
    "a callback",
    "a waker's clone",
    "a waker's wake",
    "a waker's drop",
    "a buffer's drop",
    "a buffer's into_regions",
    "a buffer's from_regions",
    "a sleep",
    "map",
    "unmap",
    "sync_for_cpu",
    "sync_for_device",
    "now",
];

fn run_every_call(board: &'static Board) {
    let sleeper = Pass(hw(board));
    // SAFETY: this is a test's thread, and the lock's policy knows that it is not held.
    every_call(board, &unsafe { Sleepable::assume(&sleeper) });
    let seen = seen();
    for what in USER_CODE {
        assert!(seen.contains_key(what), "{what} never ran");
    }
}

/// Callbacks, wakers, buffers and the platform are called with no lock held, by every call there is. (That the lock is not
/// taken while it is held, the policy itself checks.)
#[test]
fn no_user_code_runs_with_the_lock_held() {
    run_every_call(board());
}

/// A task polls the future of a stop that is complete: the waker that it brought is not needed, and it is not dropped
/// under the lock either.
#[test]
fn a_stop_that_is_complete_drops_its_waker_outside_the_lock() {
    let board = board();
    let (active, _ring) = start_ring(board.channel(0).unwrap());
    let mut stopping = active.terminate_async();
    assert!(poll(&mut stopping.quiescent()).is_pending());
    pass(hw(board), L + 5);
    assert!(matches!(poll(&mut stopping.quiescent()), Poll::Ready(Ok(()))));
}

/// Every call again, with an interrupt at every single place where interrupts are not masked: as soon as a lock is let go, and in
/// every piece of user code. Each comes back, whatever the code is in the middle of that it interrupted.
#[test]
fn an_interrupt_never_waits_for_the_code_it_interrupted() {
    let board = board();
    let taken = Rc::new(core::cell::Cell::new(0));
    let count = Rc::clone(&taken);
    interrupts(move || {
        count.set(count.get() + 1);
        interrupt(board, |own, event| assert!(event.kind == EventKind::Stopped || format!("{own:?}").len() > 1));
    });
    run_every_call(board);
    assert!(taken.get() > 300, "{} interrupts", taken.get());
}

/// What a call costs, in locks. The hot ones take one; the interrupt takes one to begin with and one for each event.
#[test]
fn the_hot_calls_take_the_lock_once() {
    let board = board();
    let idle = board.channel(0).unwrap();
    let copy = |idle: &Idle<'static, Engine>| idle.prep_memcpy(Owned::new(64), Owned::new(64)).unwrap();
    let (first, second, third) = (copy(&idle), copy(&idle), copy(&idle));

    let (locks, (pending, first)) = taken(|| idle.submit(first).unwrap());
    assert_eq!(locks, 1, "submit to an idle channel");
    let (locks, active) = taken(|| pending.issue());
    assert_eq!(locks, 1, "issue");
    let (locks, second) = taken(|| active.submit(second).unwrap());
    assert_eq!(locks, 1, "submit");
    let third = active.submit(third).unwrap();
    active.issue();
    let (locks, status) = taken(|| first.status());
    assert!(locks == 1 && matches!(status, Status::Running { .. }), "status takes {locks}");
    let (locks, first) = taken(|| first.try_resolve().unwrap_err());
    assert_eq!(locks, 1, "try_resolve of what runs");

    assert_eq!(taken(|| interrupt(board, |_, _| ())).0, 0, "an interrupt without news");
    pass(hw(board), 64);
    assert_eq!(taken(|| interrupt(board, |_, _| ())).0, 2, "an interrupt with one event");
    pass(hw(board), 64);
    hw(board).hw().post_news(0, News { tag: 0, at: hw(board).hw().now(), kind: NewsKind::Done });
    assert_eq!(taken(|| interrupt(board, |_, _| ())).0, 2, "and with late news behind it");
    let (locks, ended) = taken(|| first.try_resolve().unwrap());
    assert!(locks == 1 && ended.outcome == Outcome::Completed, "try_resolve takes {locks}");
    drop((second, third));

    let handle = active.stop_handle();
    assert_eq!(taken(|| handle.terminate_async()), (1, true), "terminate_async of a handle");
    let (locks, stopping) = taken(|| active.terminate_async());
    assert_eq!(locks, 1, "terminate_async");
    pass(hw(board), L + 5);
    let (locks, idle) = taken(|| stopping.try_finish());
    assert_eq!(locks, 1, "try_finish");
    drop(idle);
}

/// Events of a burst are told one after the other, with one lock for each.
#[test]
fn an_interrupt_takes_one_lock_for_each_event() {
    let board = board();
    let idle = board.channel(0).unwrap();
    let copies = [(); 3].map(|()| idle.prep_memcpy(Owned::new(64), Owned::new(64)).unwrap());
    let [first, second, third] = copies;
    let (active, first) = idle.start(first).unwrap();
    let rest = [second, third].map(|copy| active.submit(copy).unwrap());
    active.issue();
    // The first one's end starts the second in the interrupt, and the hardware ends that one in the callback.
    let mut events = 0;
    pass(hw(board), 64);
    let (locks, ()) = taken(|| {
        interrupt(board, |_, _| {
            events += 1;
            pass(hw(board), 64);
        });
    });
    assert_eq!((events, locks), (3, 4));
    drop((first, rest));
    assert!(active.try_idle().is_ok());
}
