//! A stop against whatever else would end the run: its own end, another stop, and the callback that is still running.

use std::sync::Arc;

use dmaengine_core::{EventKind, Outcome};
use loom::sync::atomic::{AtomicBool, Ordering};
use models::{Buf, explore, request};

/// The hardware runs to its end in the moment in which the owner stops it. One of the two comes first, and all must agree
/// which: the transfer is `Completed` and its callback was told, or it is `Aborted`, no callback was told of an end, and
/// the news was counted as late. Either way its memory comes back once, when the hardware is done.
#[test]
fn completion_against_terminate() {
    explore("completion_against_terminate", None, |board| {
        let idle = board.channel(0).unwrap();
        let single = idle.prep_slave_sg_from_device([Buf(0)], &request().config).unwrap();
        let (active, transfer) = idle.start(single).unwrap();
        let hardware = move || {
            let mut told = 0;
            board.hw().finish();
            board.take_interrupt(&mut |_, event| told += usize::from(event.kind == EventKind::Completed));
            told
        };
        let stop = || (active.terminate_async(), transfer.try_resolve());
        let (told, (stopping, ended)) = board.both(hardware, stop);

        assert!(board.settle().iter().all(|event| event.kind == EventKind::Stopped));
        let ended = ended.or_else(|transfer| transfer.try_resolve()).unwrap();
        let completed = ended.outcome == Outcome::Completed;
        assert_eq!((ended.buffer, told == 1), ([Buf(0)], completed));
        assert_eq!(board.statistics(0).unwrap().late_events, u64::from(!completed));
        assert!(stopping.try_finish().is_ok());
    });
}

/// Two stops race, from a stop handle and from another; one of them wins by one step, and the hardware is told once. The
/// loser's handle is spent: when the owner has started again, it cannot hit what runs now.
#[test]
fn two_terminates_one_wins() {
    explore("two_terminates_one_wins", None, |board| {
        let idle = board.channel(0).unwrap();
        let (ring, next) = (idle.prep_cyclic(Buf(0), &request()), idle.prep_cyclic(Buf(1), &request()));
        let (active, _old) = idle.start(ring.unwrap()).unwrap();
        let (one, two) = (active.stop_handle(), active.stop_handle());
        let other = move || [one.terminate_async(), one.terminate_async()];
        let owner = || {
            let won = two.terminate_async();
            assert!(active.is_stopped_by_another());
            let stopping = active.terminate_async();
            board.hw().rest();
            let idle = stopping.try_finish().expect("it has come to rest and nobody is called back");
            (won, idle.start(next.unwrap()).unwrap())
        };
        let (others, (won, (active, new))) = board.both(other, owner);

        assert_eq!(others.iter().filter(|&&won| won).count() + usize::from(won), 1, "one stop wins");
        assert_eq!(board.hw().stops(), 1, "the hardware is told once");
        assert!(!active.is_stopped_by_another());
        board.assert_runs(new.generation());
    });
}

/// The owner stops a ring while a period's callback runs on the other core, and asks until the channel is idle. `Idle` is
/// the proof that no callback of the old run is running or will: not the one that was there, and not another one whose
/// news came in between.
#[test]
fn callback_against_synchronize() {
    explore("callback_against_synchronize", None, |board| {
        let (inside, over) = (Arc::new(AtomicBool::new(false)), Arc::new(AtomicBool::new(false)));
        let idle = board.channel(0).unwrap();
        let ring = idle.prep_cyclic(Buf(0), &request()).unwrap();
        let (active, _ring) = idle.start(ring).unwrap();
        let (runs, ended) = (Arc::clone(&inside), Arc::clone(&over));
        let interrupts = move || {
            board.hw().period();
            board.take_interrupt(&mut |_, _| {
                runs.store(true, Ordering::Release);
                assert!(!ended.load(Ordering::Acquire), "a callback of the old run began on an idle channel");
                runs.store(false, Ordering::Release);
            });
        };
        let owner = || {
            let mut stopping = active.terminate_async();
            board.hw().rest();
            for _attempt in 0..2 {
                stopping = match stopping.try_finish() {
                    Ok(idle) => {
                        assert!(!inside.load(Ordering::Acquire), "a callback of the old run runs on an idle channel");
                        over.store(true, Ordering::Release);
                        return Ok(idle);
                    }
                    Err(stopping) => stopping,
                };
            }
            Err(stopping)
        };
        let ((), asked) = board.both(interrupts, owner);
        assert!(asked.or_else(|stopping| stopping.try_finish()).is_ok());
    });
}

/// The interrupt finds an overrun and stops the ring from its callback; at the same time the owner stops it and restarts, as
/// a reader does after the error. The callback's stop is for its own ring: whichever comes first, the hardware is told to
/// stop once, and what the owner has started goes on.
#[test]
fn stop_in_the_callback_against_restart() {
    explore("stop_in_the_callback_against_restart", None, |board| {
        let idle = board.channel(0).unwrap();
        let (ring, next) = (idle.prep_cyclic(Buf(0), &request()), idle.prep_cyclic(Buf(1), &request()));
        let (active, old) = idle.start(ring.unwrap()).unwrap();
        let interrupts = move || {
            let mut won = false;
            board.hw().period();
            board.take_interrupt(&mut |callback, event| {
                won |= event.kind != EventKind::Stopped && callback.terminate_async()
            });
            board.hw().rest();
            board.take_interrupt(&mut |_, _| ());
            won
        };
        let restart = || match active.terminate_async().try_finish() {
            Ok(idle) => idle.start(next.unwrap()).unwrap(),
            Err(stopping) => stopping.queue_after_stop(next.unwrap()).unwrap(),
        };
        let (_won, (active, new)) = board.both(interrupts, restart);

        board.settle();
        assert_eq!(board.hw().stops(), 1, "the hardware is told once");
        assert!(!active.is_stopped_by_another());
        board.assert_runs(new.generation());
        assert!(matches!(old.try_resolve(), Ok(ended) if ended.buffer == Buf(0)));
    });
}
