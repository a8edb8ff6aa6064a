//! Completion for tasks: a transfer, its periods and a stop as futures, and who is woken when.
//!
//! A task that is woken too early finds memory that is still in use; one that is woken too late hangs. So each test counts
//! wake-ups, and looks before and after.

mod common;

use core::future::Future;
use core::pin::{Pin, pin};
use core::task::{Context, Poll, Waker};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::task::Wake;

use backend_mock::hw::{News, NewsKind, StopLatency};
use common::*;
use dmaengine_core::{Group, Micros, Outcome, Position, SYNCHRONIZE_GRACE, Unfinished};

/// A task that only counts how often it is woken.
#[derive(Default)]
struct Task(AtomicUsize);

impl Wake for Task {
    fn wake(self: Arc<Self>) {
        self.0.fetch_add(1, Ordering::Relaxed);
    }
}

impl Task {
    fn new() -> (Arc<Self>, Waker) {
        let task = Arc::<Self>::default();
        (task.clone(), task.into())
    }

    /// Wake-ups since the last look.
    fn woken(&self) -> usize {
        self.0.swap(0, Ordering::Relaxed)
    }
}

fn poll<F: Future + Unpin>(future: &mut F, waker: &Waker) -> Poll<F::Output> {
    Pin::new(future).poll(&mut Context::from_waker(waker))
}

#[test]
fn a_transfer_wakes_its_task_once_when_it_is_complete() {
    let (dma, events) = (board::<4>(), Events::default());
    let cpu = cpu(&dma, &events);
    let idle = dma.channel(0).unwrap();
    let copy = prep_copy(&idle, 500, 3);
    let (_active, mut transfer) = idle.start(copy).unwrap();
    let (task, waker) = Task::new();
    assert!(poll(&mut transfer, &waker).is_pending());
    run(&cpu, dma.engine(), 400);
    assert_eq!(task.woken(), 0, "not complete yet");
    run(&cpu, dma.engine(), 200);
    assert_eq!(task.woken(), 1);
    let Poll::Ready(resolved) = poll(&mut transfer, &waker) else { panic!("woken for nothing") };
    assert_eq!(resolved.outcome, Outcome::Completed);
    assert_eq!(resolved.buffer.0, pattern(500, 3));
    drop(transfer);
    assert_eq!(Arc::strong_count(&task), 2, "no waker is left behind");
}

/// Two transfers of one channel, two tasks: the end of one wakes one.
#[test]
fn each_transfer_wakes_its_own_task() {
    let (dma, events) = (board::<4>(), Events::default());
    let cpu = cpu(&dma, &events);
    let idle = dma.channel(0).unwrap();
    let (copies, wakers) = ([0; 3].map(|_| prep_copy(&idle, 500, 1)), [0; 3].map(|_| Task::new()));
    let mut copies = copies.into_iter();
    let (active, first) = idle.start(copies.next().unwrap()).unwrap();
    let mut transfers = vec![first];
    transfers.extend(copies.map(|copy| active.submit(copy).unwrap()));
    active.issue();
    for (transfer, (_, waker)) in transfers.iter_mut().zip(&wakers) {
        assert!(poll(transfer, waker).is_pending());
    }
    for done in 1..=3 {
        run(&cpu, dma.engine(), 512);
        let woken = wakers.each_ref().map(|(task, _)| task.woken());
        assert_eq!(woken, core::array::from_fn(|i| usize::from(i + 1 == done)), "after the {done}th");
    }
}

/// Giving up waiting gives up nothing else: the transfer goes on, and another task may wait for it.
#[test]
fn a_wait_that_was_cancelled_leaves_the_transfer_to_others() {
    let (dma, events) = (board::<4>(), Events::default());
    let cpu = cpu(&dma, &events);
    let idle = dma.channel(0).unwrap();
    let copy = prep_copy(&idle, 500, 1);
    let (active, mut transfer) = idle.start(copy).unwrap();
    let ((first, waker), (second, other)) = (Task::new(), Task::new());
    {
        let waiting = pin!(async { (&mut transfer).await });
        assert!(waiting.poll(&mut Context::from_waker(&waker)).is_pending());
    }
    assert!(poll(&mut transfer, &other).is_pending());
    run(&cpu, dma.engine(), 600);
    assert_eq!((first.woken(), second.woken()), (0, 1), "the last who asked is woken");
    assert!(transfer.try_resolve().is_ok());
    let _idle = active.try_idle().unwrap();
}

/// A handle that is dropped takes its waker along, while it waits and when the channel is stopped afterwards.
#[test]
fn a_dropped_transfer_wakes_nobody() {
    let (dma, events) = (board::<4>(), Events::default());
    let cpu = cpu(&dma, &events);
    let (active, mut transfer) = recording(&dma);
    let (task, waker) = Task::new();
    assert!(poll(&mut transfer, &waker).is_pending());
    assert_eq!(Arc::strong_count(&task), 3);
    drop(transfer);
    assert_eq!(Arc::strong_count(&task), 2, "its waker went with it");
    let stopping = active.terminate_async();
    run(&cpu, dma.engine(), 2 * L);
    assert_eq!(task.woken(), 0);
    let _idle = stopping.try_finish().unwrap();
}

/// The task of a transfer that was terminated is woken when the memory is free, not when the stop is asked for: between the
/// two there is nothing for it to do. Late news of the dead transfer wakes nobody.
#[test]
fn a_terminated_transfer_wakes_its_task_when_it_is_quiescent_and_not_before() {
    let (dma, events) = (board::<4>(), Events::default());
    let cpu = cpu(&dma, &events);
    let (active, mut ring) = recording(&dma);
    let mut queued = active.submit(active.prep_memcpy(zeroed(8), zeroed(8)).unwrap()).unwrap();
    active.issue();
    let ((first, waker), (second, other)) = (Task::new(), Task::new());
    assert!(poll(&mut ring, &waker).is_pending());
    assert!(poll(&mut queued, &other).is_pending());
    let stopping = active.terminate_async();
    run(&cpu, dma.engine(), L - 1);
    assert_eq!((first.woken(), second.woken()), (0, 0), "the engine still writes");
    assert!(dma.statistics(0).unwrap().late_events > 0, "and has told so");
    run(&cpu, dma.engine(), 2);
    assert_eq!((first.woken(), second.woken()), (1, 1));
    assert!(matches!(poll(&mut ring, &waker), Poll::Ready(_)));
    assert!(matches!(poll(&mut queued, &other), Poll::Ready(_)));
    let _idle = stopping.try_finish().unwrap();
}

/// The same without an interrupt: whoever finds out that the stop is complete wakes the others.
#[test]
fn who_polls_a_stop_wakes_the_tasks_that_wait() {
    let dma = board::<4>();
    let (active, mut ring) = recording(&dma);
    let (task, waker) = Task::new();
    assert!(poll(&mut ring, &waker).is_pending());
    let stopping = active.terminate_async();
    pass(dma.engine(), L);
    assert_eq!(task.woken(), 0, "nobody has looked");
    let _idle = stopping.try_finish().unwrap();
    assert_eq!(task.woken(), 1);
}

/// Positions follow the periods; what nobody asked for in time is folded into the next; the end ends the stream.
#[test]
fn periods_are_a_stream_of_positions_up_to_the_stop() {
    let (dma, events) = (board::<4>(), Events::default());
    let cpu = cpu(&dma, &events);
    let (active, ring) = recording(&dma);
    let (task, waker) = Task::new();
    let cx = &mut Context::from_waker(&waker);
    let mut periods = ring.periods();
    assert!(periods.poll_next(cx).is_pending());
    run(&cpu, dma.engine(), PERIOD_US + 10);
    assert_eq!(task.woken(), 1);
    assert_eq!(periods.poll_next(cx), Poll::Ready(Some(Position { periods: 1, bytes: 200 })));
    assert!(periods.poll_next(cx).is_pending(), "told once");
    assert!(ring.periods_after(Position { periods: 1, bytes: 200 }).poll_next(cx).is_pending());
    assert!(ring.periods().poll_next(cx).is_ready());
    assert!(periods.poll_next(cx).is_pending(), "the last who asked");
    run(&cpu, dma.engine(), 3 * PERIOD_US);
    assert_eq!(task.woken(), 1, "woken once; it has not asked again");
    assert_eq!(periods.poll_next(cx), Poll::Ready(Some(Position { periods: 4, bytes: 800 })), "three in one");
    assert!(periods.poll_next(cx).is_pending());
    let stopping = active.terminate_async();
    run(&cpu, dma.engine(), 2 * L);
    assert_eq!(task.woken(), 1);
    assert_eq!(periods.poll_next(cx), Poll::Ready(None));
    assert_eq!(ring.periods().poll_next(cx), Poll::Ready(None), "also for who begins to ask now");
    let _idle = stopping.try_finish().unwrap();
}

/// A stop, awaited: the interrupt that tells its end wakes the task; dropped half-way, the channel is as before.
#[test]
fn a_stop_can_be_awaited_cancelled_and_awaited_again() {
    let (dma, events) = (board::<4>(), Events::default());
    let cpu = cpu(&dma, &events);
    let (active, ring) = recording(&dma);
    let mut stopping = active.terminate_async();
    let ((first, waker), (second, other)) = (Task::new(), Task::new());
    assert!(poll(&mut stopping.quiescent(), &waker).is_pending());
    assert_eq!(Arc::strong_count(&first), 2, "cancelled");
    let mut quiescent = stopping.quiescent();
    assert!(poll(&mut quiescent, &other).is_pending());
    run(&cpu, dma.engine(), L);
    assert_eq!((first.woken(), second.woken()), (0, 1));
    assert_eq!(poll(&mut quiescent, &other), Poll::Ready(Ok(())));
    drop(quiescent);
    let idle = stopping.try_finish().unwrap();
    assert_left_alone(dma.engine(), ring.try_resolve().unwrap().buffer);
    let (_active, _ring) = start_ring(idle);
}

/// A stop that does not come has the same bound for a task as for a sleeper, and everything is kept.
#[test]
fn an_awaited_stop_has_its_bound() {
    let dma = board::<4>();
    dma.engine().hw().set_stop_latency(StopLatency::Never);
    let (active, _ring) = recording(&dma);
    let mut stopping = active.terminate_async();
    let (_, waker) = Task::new();
    let mut quiescent = stopping.quiescent();
    let bound = Micros(2 * L) + SYNCHRONIZE_GRACE;
    pass(dma.engine(), bound.0 - 1);
    assert!(poll(&mut quiescent, &waker).is_pending());
    pass(dma.engine(), 1);
    let Poll::Ready(Err(error)) = poll(&mut quiescent, &waker) else { panic!("it never stops") };
    assert_eq!((error.waited, error.bound, error.reason), (bound, bound, Unfinished::Engine));
    drop(quiescent);
    let _idle = stopping.reset().unwrap();
}

/// Full duplex: neither channel counts as stopped before both have.
#[test]
fn a_group_stops_whole_or_says_which_channel_did_not() {
    let (dma, events) = (board::<4>(), Events::default());
    let cpu = cpu(&dma, &events);
    cpu.thread(|cx| {
        attach_recorder(dma.engine(), 0);
        attach_recorder(dma.engine(), 1);
        let (first, a) = start_ring(dma.channel(0).unwrap());
        let (second, b) = start_ring(dma.channel(1).unwrap());
        let first = first.terminate_async();
        dma.engine().hw().set_stop_latency(StopLatency::Never);
        let group = Group::new([first, second.terminate_async()]);
        let group = group.try_finish().unwrap_err();
        let kept = group.synchronize(cx).unwrap_err();
        assert_eq!((kept.error.channel.0, kept.error.error.reason), (1, Unfinished::Engine));
        let kept = kept.value.terminate_atomic().unwrap_err();
        assert_eq!(kept.error.channel.0, 1);
        let mut group = kept.value;
        let (_, waker) = Task::new();
        let Poll::Ready(Err(error)) = ({
            let mut quiescent = pin!(group.quiescent());
            assert!(quiescent.as_mut().poll(&mut Context::from_waker(&waker)).is_pending());
            pass(dma.engine(), 2 * L + SYNCHRONIZE_GRACE.0);
            quiescent.as_mut().poll(&mut Context::from_waker(&waker))
        }) else {
            panic!("the second never stops")
        };
        assert_eq!(error.channel.0, 1);
        let [first, second] = group.reset().unwrap();
        assert_left_alone(dma.engine(), a.try_resolve().unwrap().buffer);
        assert_left_alone(dma.engine(), b.try_resolve().unwrap().buffer);

        dma.engine().hw().set_stop_latency(StopLatency::After(us(L)));
        let both = [start_ring(first), start_ring(second)];
        let since = now(dma.engine());
        let [_first, _second] = Group::terminate_async(both.map(|(active, _)| active)).synchronize(cx).unwrap();
        assert_eq!(now(dma.engine()) - since, L, "at the same time");
    });
}

/// A doubled end of a transfer finds no waker and no transfer.
#[test]
fn a_doubled_end_wakes_nobody_again() {
    let (dma, events) = (board::<4>(), Events::default());
    let cpu = cpu(&dma, &events);
    let idle = dma.channel(0).unwrap();
    let copy = prep_copy(&idle, 64, 1);
    let (_active, mut transfer) = idle.start(copy).unwrap();
    let (task, waker) = Task::new();
    assert!(poll(&mut transfer, &waker).is_pending());
    run(&cpu, dma.engine(), 100);
    let at = dma.engine().hw().now();
    dma.engine().hw().post_news(0, News { tag: transfer.generation().0, at, kind: NewsKind::Done });
    run(&cpu, dma.engine(), 100);
    assert_eq!(task.woken(), 1);
    assert_eq!(dma.statistics(0).unwrap().late_events, 1);
}

/// The end of an old stop is nothing to the transfer that waits behind it: its task is woken when it has something to see.
#[test]
fn a_transfer_behind_a_stop_does_not_wake_its_task_for_that_stop() {
    let (dma, events) = (board::<4>(), Events::default());
    let cpu = cpu(&dma, &events);
    let (active, _ring) = recording(&dma);
    let stopping = active.terminate_async();
    let copy = stopping.prep_memcpy(zeroed(500), zeroed(500)).unwrap();
    let (_active, mut transfer) = stopping.queue_after_stop(copy).unwrap();
    let (task, waker) = Task::new();
    assert!(poll(&mut transfer, &waker).is_pending());
    run(&cpu, dma.engine(), L + 100);
    assert_eq!(events.kinds().last().unwrap().1, dmaengine_core::EventKind::Stopped);
    assert_eq!(task.woken(), 0, "it has only begun");
    run(&cpu, dma.engine(), 500);
    assert_eq!(task.woken(), 1);
}

/// Who resolves a transfer by asking takes its waker out, and leaves the others in.
#[test]
fn wakers_that_are_not_needed_any_more_are_dropped_and_the_others_kept() {
    let dma = board::<4>();
    let (active, mut ring) = recording(&dma);
    let mut queued = [0; 3].map(|_| active.submit(active.prep_memcpy(zeroed(8), zeroed(8)).unwrap()).unwrap());
    active.issue();
    let tasks = [0; 4].map(|_| Task::new());
    assert!(poll(&mut ring, &tasks[0].1).is_pending());
    for (transfer, (_, waker)) in queued.iter_mut().zip(&tasks[1..]) {
        assert!(poll(transfer, waker).is_pending());
    }
    let [first, middle, last] = queued;
    drop(middle);
    let _stopping = active.terminate_async();
    pass(dma.engine(), L);
    // This one finds out that the stop is complete, and the others are told.
    assert!(last.try_resolve().is_ok());
    let woken = tasks.each_ref().map(|(task, _)| task.woken());
    assert_eq!(woken, [1, 1, 0, 0], "the ring, the first; not the dropped one, nor the one that asked");
    assert!(tasks.iter().all(|(task, _)| Arc::strong_count(task) == 2), "nobody holds a waker any more");
    drop((ring, first));
}

/// The hardware comes to its end, and before the interrupt is taken the channel is stopped. The end is late news then, and
/// there is no stop for the hardware to tell of: the terminate itself has to see that nothing runs.
#[test]
fn a_transfer_that_ended_just_before_its_stop_wakes_its_task() {
    let (dma, events) = (board::<4>(), Events::default());
    let cpu = cpu(&dma, &events);
    let idle = dma.channel(0).unwrap();
    let copy = prep_copy(&idle, 64, 1);
    let (active, mut transfer) = idle.start(copy).unwrap();
    let (task, waker) = Task::new();
    assert!(poll(&mut transfer, &waker).is_pending());
    pass(dma.engine(), 100);
    assert!(active.stop_handle().terminate_async());
    run(&cpu, dma.engine(), 100);
    assert_eq!(task.woken(), 1);
    let Poll::Ready(resolved) = poll(&mut transfer, &waker) else { panic!("woken for nothing") };
    assert_eq!(resolved.outcome, Outcome::Aborted { residue: 0 });
    let _idle = active.terminate_async().try_finish().unwrap();
}
