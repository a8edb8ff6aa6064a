//! Wakers against the interrupt: none is lost, and none is woken to find memory that is still in use.

use core::future::Future;
use core::pin::Pin;
use core::task::{Context, Poll};
use std::sync::Arc;

use dmaengine_core::Outcome;
use loom::sync::atomic::{AtomicBool, Ordering};
use models::{Buf, SLOTS, Wakes, explore, request};

fn poll<F: Future + Unpin>(future: &mut F, wakes: &Arc<Wakes>) -> Poll<F::Output> {
    Pin::new(future).poll(&mut Context::from_waker(&wakes.waker()))
}

/// A task asks for the end of a transfer, gives up, and asks again with another waker, while the transfer ends. The
/// last answer was `Pending` only if its waker was woken afterwards: between the look and the waker being in place
/// nothing can fall through.
#[test]
fn wake_up_against_cancel() {
    explore("wake_up_against_cancel", None, |board| {
        let idle = board.channel(0).unwrap();
        let single = idle.prep_slave_sg_from_device([Buf(0)], &request().config).unwrap();
        let (_active, mut transfer) = idle.start(single).unwrap();
        let (first, second) = (Wakes::new(), Wakes::new());
        let hardware = move || {
            board.hw().finish();
            board.take_interrupt(&mut |_, _| ());
        };
        let task = || match poll(&mut &mut transfer, &first) {
            Poll::Pending => poll(&mut &mut transfer, &second),
            ready => ready,
        };
        let ((), mut answer) = board.both(hardware, task);

        if answer.is_pending() {
            assert_eq!(second.count(), 1, "the transfer has ended and its waker sleeps");
            answer = poll(&mut transfer, &second);
        }
        assert!(matches!(answer, Poll::Ready(ended) if ended.outcome == Outcome::Completed));
        assert!(first.count() <= 1 && second.count() <= 1);
    });
}

/// A task waits for a ring; a stop handle stops the ring; a period of it ends all the same before the hardware rests.
/// The task must be woken when its memory can be had, and not by the late period: who is woken earlier asks, is refused, and
/// believes the next wake-up less.
#[test]
fn a_dead_generation_wakes_when_it_is_quiescent() {
    explore("a_dead_generation_wakes_when_it_is_quiescent", None, |board| {
        let idle = board.channel(0).unwrap();
        let ring = idle.prep_cyclic(Buf(0), &request()).unwrap();
        let (active, mut transfer) = idle.start(ring).unwrap();
        let touches = board.hw().witness(transfer.generation());
        let wakes = Wakes::checking(move || assert!(!touches(), "woken while the hardware writes"));
        let interrupts = move || {
            board.hw().late_period();
            board.take_interrupt(&mut |_, _| ());
            board.hw().rest();
            board.take_interrupt(&mut |_, _| ());
        };
        let handle = active.stop_handle();
        let task = || {
            assert!(poll(&mut transfer, &wakes).is_pending());
            assert!(handle.terminate_async());
            poll(&mut transfer, &wakes)
        };
        let ((), mut answer) = board.both(interrupts, task);

        board.settle();
        if answer.is_pending() {
            assert_eq!(wakes.count(), 1, "the transfer is quiescent and its waker sleeps");
            answer = poll(&mut transfer, &wakes);
        }
        assert!(matches!(answer, Poll::Ready(ended) if ended.buffer == Buf(0)));
    });
}

/// No interrupt tells the end of the stop: the owner asks, and sees it. Whoever sees it wakes the task.
#[test]
fn who_sees_the_end_of_a_stop_wakes_the_task() {
    explore("who_sees_the_end_of_a_stop_wakes_the_task", None, |board| {
        let idle = board.channel(0).unwrap();
        let ring = idle.prep_cyclic(Buf(0), &request()).unwrap();
        let (active, mut transfer) = idle.start(ring).unwrap();
        let wakes = Wakes::new();
        let owner = move || {
            let stopping = active.terminate_async();
            board.hw().rest();
            stopping.try_finish().expect("it has come to rest and nobody is called back")
        };
        let (_idle, mut answer) = board.both(owner, || poll(&mut transfer, &wakes));

        if answer.is_pending() {
            assert_eq!(wakes.count(), 1, "the transfer is quiescent and its waker sleeps");
            answer = poll(&mut transfer, &wakes);
        }
        assert!(matches!(answer, Poll::Ready(ended) if ended.buffer == Buf(0)));
    });
}

/// A ring waits behind a stop, and a task for that ring. The interrupt sees the stop complete, starts the ring, and goes
/// to wake whom that concerns; just then a handle stops the ring, too. It is dead now, and its memory in use: the end of the
/// first stop must not wake its task.
#[test]
fn the_end_of_one_stop_does_not_wake_for_the_next() {
    explore("the_end_of_one_stop_does_not_wake_for_the_next", None, |board| {
        let idle = board.channel(0).unwrap();
        let (first, second) = (idle.prep_cyclic(Buf(0), &request()), idle.prep_cyclic(Buf(1), &request()));
        let (active, mut old) = idle.start(first.unwrap()).unwrap();
        let old_wakes = Wakes::new();
        assert!(poll(&mut old, &old_wakes).is_pending());
        let (active, mut new) = active.terminate_async().queue_after_stop(second.unwrap()).unwrap();
        let touches = board.hw().witness(new.generation());
        let wakes = Wakes::checking(move || assert!(!touches(), "woken while the hardware writes"));
        assert!(poll(&mut new, &wakes).is_pending());
        let interrupts = move || {
            board.hw().rest();
            board.take_interrupt(&mut |_, _| ());
        };
        let handle = active.stop_handle();
        board.both(interrupts, || assert!(handle.terminate_async()));

        board.settle();
        assert_eq!((old_wakes.count(), wakes.count()), (1, 1), "both are quiescent");
        assert!(poll(&mut old, &old_wakes).is_ready() && poll(&mut new, &wakes).is_ready());
    });
}

/// Nobody waits any more: handles of transfers, with a waker in each, are dropped while the first one ends. The waker of
/// the second, which nobody can be about to wake, is let go at once. Memory leaks or comes back, but is not handed back
/// early, and no slot is lost.
#[test]
fn dropped_transfer_against_completion() {
    explore("dropped_transfer_against_completion", None, |board| {
        let idle = board.channel(0).unwrap();
        let prep = |place| idle.prep_slave_sg_from_device([Buf(place)], &request().config).unwrap();
        let (first, second) = (prep(0), prep(1));
        let (active, mut first) = idle.start(first).unwrap();
        let mut second = active.submit(second).unwrap();
        active.issue();
        let (ones, twos) = (Wakes::new(), Wakes::new());
        assert!(poll(&mut first, &ones).is_pending() && poll(&mut second, &twos).is_pending());
        let hardware = move || {
            board.hw().finish();
            board.take_interrupt(&mut |_, _| ());
        };
        let give_up = || {
            drop(second);
            assert_eq!(Arc::strong_count(&twos), 1, "somebody keeps a waker that nobody waits for");
            drop(first);
        };
        board.both(hardware, give_up);

        assert_eq!(Arc::strong_count(&ones), 1, "somebody keeps a waker that nobody will wake");
        board.hw().finish();
        board.settle();
        let idle = active.try_idle().unwrap();
        let all: Vec<_> = (2..2 + SLOTS).map(|place| idle.prep_cyclic(Buf(place), &request())).collect();
        assert!(all.iter().all(Result::is_ok), "a slot is lost");
    });
}

/// A task waits for the stop itself. Two things keep it waiting: the hardware, and a callback that runs on another core. The
/// last of the two to end must wake it, whichever that is.
#[test]
fn wake_up_of_a_stop() {
    explore("wake_up_of_a_stop", None, |board| {
        let inside = Arc::new(AtomicBool::new(false));
        let idle = board.channel(0).unwrap();
        let ring = idle.prep_cyclic(Buf(0), &request()).unwrap();
        let (active, _ring) = idle.start(ring).unwrap();
        board.hw().period();
        let runs = Arc::clone(&inside);
        let interrupts = move || {
            board.take_interrupt(&mut |_, _| {
                runs.store(true, Ordering::Release);
                runs.store(false, Ordering::Release);
            });
            board.hw().rest();
            board.take_interrupt(&mut |_, _| ());
        };
        let (mut stopping, mut future) = (None, None);
        let (held, waits) = (&mut stopping, &mut future);
        let wakes = Wakes::new();
        let task = || {
            let stopping = held.insert(active.terminate_async());
            board.hw().rest();
            let answer = poll(waits.insert(stopping.quiescent()), &wakes);
            assert!(answer.is_pending() || !inside.load(Ordering::Acquire), "quiescent with a callback running");
            answer
        };
        let ((), mut answer) = board.both(interrupts, task);

        if answer.is_pending() {
            board.settle();
            assert!(wakes.count() > 0, "the channel is quiescent and its waker sleeps");
            answer = poll(future.as_mut().unwrap(), &wakes);
        }
        assert_eq!(answer, Poll::Ready(Ok(())));
    });
}
