//! A channel is stopped and started again while the deferred work of the stop is under way.

use dmaengine_core::{EventKind, Outcome, Status};
use models::{Buf, explore, request};

/// The race of 2020. The owner stops a ring and restarts, by whichever of the two ways there is at that moment: behind
/// the stop, or on the idle channel. Meanwhile the hardware ends a period, comes to rest, and the interrupt settles the
/// stop. What the settling frees must be the old ring and nothing else: the new one runs, its memory stays with the
/// device, and the old one's comes back, once.
#[test]
fn restart_against_deferred_free() {
    explore("restart_against_deferred_free", None, |board| {
        let idle = board.channel(0).unwrap();
        let (ring, spare) = (idle.prep_cyclic(Buf(0), &request()), idle.prep_cyclic(Buf(1), &request()));
        let (active, old) = idle.start(ring.unwrap()).unwrap();
        let interrupts = move || {
            board.hw().period();
            board.take_interrupt(&mut |_, _| ());
            board.hw().rest();
            board.take_interrupt(&mut |_, _| ());
            old.try_resolve()
        };
        let restart = || match active.terminate_async().try_finish() {
            Ok(idle) => idle.start(spare.unwrap()).unwrap(),
            Err(stopping) => stopping.queue_after_stop(spare.unwrap()).unwrap(),
        };
        let (old, (_active, new)) = board.both(interrupts, restart);

        board.settle();
        board.assert_runs(new.generation());
        assert!(matches!(new.status(), Status::Running { .. }));
        let old = old.or_else(|old| old.try_resolve()).unwrap();
        assert_eq!((old.outcome, old.buffer), (Outcome::Aborted { residue: 1 }, Buf(0)));
        assert!(new.try_resolve().is_err(), "nobody has stopped the new transfer");
        board.hw().period();
    });
}

/// The same with the hardware on a third thread, so that it comes to rest in the middle of an interrupt that is told of
/// something else. Three threads: with a bound on preemptions.
#[test]
fn restart_while_the_hardware_does_as_it_likes() {
    explore("restart_while_the_hardware_does_as_it_likes", Some(3), |board| {
        let idle = board.channel(0).unwrap();
        let (ring, spare) = (idle.prep_cyclic(Buf(0), &request()), idle.prep_cyclic(Buf(1), &request()));
        let (active, old) = idle.start(ring.unwrap()).unwrap();
        let hardware = move || {
            board.hw().period();
            board.hw().rest();
        };
        let interrupts = move || {
            board.take_interrupt(&mut |_, _| ());
            board.take_interrupt(&mut |_, _| ());
        };
        let restart = || match active.terminate_async().try_finish() {
            Ok(idle) => idle.start(spare.unwrap()).unwrap(),
            Err(stopping) => stopping.queue_after_stop(spare.unwrap()).unwrap(),
        };
        let ((), ((), (_active, new))) = board.both(hardware, || board.both(interrupts, restart));

        board.settle();
        board.assert_runs(new.generation());
        assert_eq!(old.try_resolve().unwrap().buffer, Buf(0));
        assert!(new.try_resolve().is_err(), "nobody has stopped the new transfer");
    });
}

/// The same with one ring: its memory goes from the old transfer to the new one and is never handed back in between,
/// however the settling falls.
#[test]
fn the_same_memory_behind_the_stop() {
    explore("the_same_memory_behind_the_stop", None, |board| {
        let idle = board.channel(0).unwrap();
        let ring = idle.prep_cyclic(Buf(0), &request()).unwrap();
        let (active, old) = idle.start(ring).unwrap();
        let interrupts = move || {
            board.hw().rest();
            board.take_interrupt(&mut |_, _| ());
            board.hw().period();
            board.take_interrupt(&mut |_, _| ());
        };
        let restart = || active.terminate_async().queue_again(old, &request()).unwrap();
        let ((), (active, new)) = board.both(interrupts, restart);

        board.settle();
        board.assert_runs(new.generation());
        let stopping = active.terminate_async();
        let new = new.try_resolve().expect_err("the device still writes");
        board.settle();
        assert_eq!(new.try_resolve().unwrap().buffer, Buf(0));
        assert!(stopping.try_finish().is_ok());
    });
}

/// The old transfer runs to its end although it was told to stop, and the interrupt tells it when the next one waits or
/// runs already. The end belongs to the old one: it must not complete the new one, whose memory is in use.
#[test]
fn late_completion_against_restart() {
    explore("late_completion_against_restart", None, |board| {
        let idle = board.channel(0).unwrap();
        let prep = |place| idle.prep_slave_sg_from_device([Buf(place)], &request().config).unwrap();
        let (first, second) = (prep(0), prep(1));
        let (active, old) = idle.start(first).unwrap();
        let interrupts = move || {
            let mut completed = vec![];
            board.hw().finish();
            board.take_interrupt(&mut |_, event| {
                completed.extend((event.kind == EventKind::Completed).then_some(event.generation));
            });
            completed
        };
        let restart = || active.terminate_async().queue_after_stop(second).unwrap();
        let (mut completed, (_active, new)) = board.both(interrupts, restart);

        completed.extend(board.settle().iter().filter(|e| e.kind == EventKind::Completed).map(|e| e.generation));
        let was_first = old.generation();
        let old = old.try_resolve().unwrap();
        assert_eq!(completed, if old.outcome == Outcome::Completed { vec![was_first] } else { vec![] });
        board.assert_runs(new.generation());
        let new = new.try_resolve().expect_err("it has not ended");
        assert!(matches!(new.status(), Status::Running { .. }));
    });
}

/// The use after free that Jie Hai found in Linux's virtual channels (hisi_dma, July 2023): one thread stops a channel
/// while another holds a transfer that it has prepared and not yet submitted. The stop must not concern it: its
/// descriptor is still filled, its memory still mapped, and either it can be undone or it runs.
#[test]
fn prepared_against_terminate() {
    explore("prepared_against_terminate", None, |board| {
        let idle = board.channel(0).unwrap();
        let prep = |place| idle.prep_cyclic(Buf(place), &request()).unwrap();
        let (ring, undone, kept) = (prep(0), prep(1), prep(2));
        let (active, old) = idle.start(ring).unwrap();
        let other = move || {
            board.hw().rest();
            let memory = undone.cancel();
            board.take_interrupt(&mut |_, _| ());
            (memory, kept)
        };
        let stop = || {
            let stopping = active.terminate_async();
            // It takes a slot that is free; one that is held is not.
            let another = stopping.prep_cyclic(Buf(3), &request()).unwrap();
            (stopping.try_finish(), another)
        };
        let ((memory, kept), (stopping, another)) = board.both(other, stop);

        assert_eq!(memory, Buf(1));
        board.settle();
        assert_eq!(old.try_resolve().unwrap().buffer, Buf(0));
        let idle = stopping.or_else(|stopping| stopping.try_finish()).unwrap();
        assert_eq!(another.cancel(), Buf(3));
        let (_active, new) = idle.start(kept).unwrap();
        board.assert_runs(new.generation());
    });
}
