//! Findings 1 to 4: the races of terminate, its deferred work, restart, and a second terminate. Linux frees in a worker a
//! millisecond after the STOP; here a fence tells, and a stop knows which transfers it is about.

use std::cell::RefCell;

use dmaengine_core::{Dma, Micros, Outcome, Status};
use sim_board::Cpu;
use sim_imx_sdma::Trouble;

use crate::bench::{Bench, PERIOD_TIME, POISON, buffer, counts, is_poison, poison, start_ring};

/// Linux 5.4: the issue after terminate + prep + submit writes no START, and the worker frees the new descriptor with the old
/// one. Right: whenever the stop completes, the new transfer starts behind it, runs to its end, and only the old one is freed.
///
/// A request may fall between the new script's look at its line and its going to sleep, and the model forgets such a one. No
/// driver can help that; those moments are counted and left out.
#[test]
fn finding_01_a_restart_while_the_stop_is_pending_starts_and_is_not_freed() {
    let mut forgotten = 0;
    for pause in (0..400).step_by(23) {
        let bench = Bench::new();
        let cpu = bench.cpu();
        cpu.thread(|context| {
            let config = bench.capture(0);
            let idle = bench.dma.channel(0).unwrap();
            let (active, old) = start_ring(idle, config);
            cpu.run_until(bench.board.after(2 * PERIOD_TIME + 31));

            cpu.hold_off_interrupts(true);
            let stopping = active.terminate_async();
            bench.pass(pause);
            let next = stopping.prep_slave_sg_from_device([buffer(2)], &config).unwrap();
            bench.pass(pause);
            let (active, new) = stopping.queue_after_stop(next).unwrap();
            bench.pass(pause);
            cpu.hold_off_interrupts(false);

            let (old_generation, new_generation) = (old.generation(), new.generation());
            let ended = match new.wait(context, Micros(10 * PERIOD_TIME)) {
                Ok(ended) => ended,
                Err(new) => {
                    assert!(bench.has_forgotten_a_request(), "not started after {pause} cycles");
                    assert!(matches!(new.status(), Status::Running { .. }));
                    forgotten += 1;
                    return;
                }
            };
            assert_eq!(ended.outcome, Outcome::Completed, "after {pause} cycles");
            assert!(counts(ended.buffer[0]), "after {pause} cycles");
            let old = old.try_resolve().unwrap();
            assert!(matches!(old.outcome, Outcome::Aborted { .. }));
            let [new] = ended.buffer;
            let (old, new) = (poison(old.buffer), poison(new));
            cpu.run_until(bench.board.after(4 * PERIOD_TIME));
            assert!(is_poison(old) && is_poison(new));
            assert!(bench.periods(old_generation) <= 2, "no period is told after the stop");
            assert_eq!(bench.told(new_generation).len(), 1);
            drop(active.try_idle().unwrap());
            bench.was_clean();
        });
    }
    assert!(forgotten <= 1, "{forgotten} of 18");
}

/// Linux 5.8: the worker between prep and submit frees what is being submitted; between submit and issue, what waits. Right:
/// the stop's interrupt may come at any of these moments and touches nothing but the stopped transfer.
#[test]
fn finding_02_the_end_of_a_stop_between_prep_submit_and_issue_frees_the_old_transfer_alone() {
    for moment in 0..4 {
        let bench = Bench::new();
        let cpu = bench.cpu();
        cpu.thread(|context| {
            let config = bench.capture(0);
            let idle = bench.dma.channel(0).unwrap();
            let (active, old) = start_ring(idle, config);
            bench.pass(20_000);
            cpu.hold_off_interrupts(true);
            // Busy, so the interrupt of the fence is still to come.
            let idle = active.terminate_atomic().unwrap();
            let interrupt = |now| {
                if now == moment {
                    cpu.hold_off_interrupts(false);
                    assert!(cpu.take_interrupt(), "there was one to take at {moment}");
                }
            };
            interrupt(0);
            let prepared = idle.prep_slave_sg_from_device([buffer(2)], &config).unwrap();
            interrupt(1);
            let (pending, new) = idle.submit(prepared).unwrap();
            assert!(matches!(new.status(), Status::Queued { residue: 384 }));
            interrupt(2);
            let active = pending.issue();
            interrupt(3);
            let old = poison(old.try_resolve().unwrap().buffer);
            let new = new.wait(context, Micros(10 * PERIOD_TIME)).expect("it was lost");
            assert_eq!(new.outcome, Outcome::Completed, "at moment {moment}");
            assert!(counts(new.buffer[0]) && is_poison(old));
            drop(active.try_idle().unwrap());
        });
        bench.was_clean();
    }
}

/// As above, with a stop that completes while its successor is only prepared: it is neither started nor freed by that.
#[test]
fn finding_02_the_end_of_a_stop_leaves_a_prepared_transfer_to_its_holder() {
    let bench = Bench::new();
    let cpu = bench.cpu();
    cpu.thread(|context| {
        let config = bench.capture(0);
        let idle = bench.dma.channel(0).unwrap();
        let (active, old) = start_ring(idle, config);
        cpu.run_until(bench.board.after(PERIOD_TIME));
        let stopping = active.terminate_async();
        let next = stopping.prep_slave_sg_from_device([buffer(1)], &config).unwrap();
        // The interrupt of the fence comes, and tells.
        cpu.run_until(bench.board.after(200));
        assert!(matches!(old.status(), Status::Aborted { .. }));
        let (active, new) = stopping.queue_after_stop(next).unwrap();
        let new = new.wait(context, Micros(10 * PERIOD_TIME)).expect("it was lost");
        assert!(new.outcome == Outcome::Completed && counts(new.buffer[0]));
        drop((active, old));
    });
    bench.was_clean();
}

/// Linux 6.12 survives a terminate and restart inside the callback, and so it has to be: the callback of the old transfer may
/// stop it and queue the next, which starts when the hardware has let go.
#[test]
fn finding_03_a_callback_can_stop_its_transfer_and_queue_the_next() {
    let bench = Bench::new();
    let config = bench.capture(0);
    let (running, restarted) = (RefCell::new(None), RefCell::new(None));
    let dma: &Dma<_, 4> = &bench.dma;
    let cpu = Cpu::new(&bench.board, |atomic| {
        dma.interrupt(atomic, &mut |_, _| {
            let Some(active): Option<dmaengine_core::Active<'_, _>> = running.borrow_mut().take() else { return };
            let stopping = active.terminate_async();
            let next = stopping.prep_slave_sg_from_device([buffer(2)], &config).unwrap();
            *restarted.borrow_mut() = Some(stopping.queue_after_stop(next).unwrap());
        });
    });
    cpu.thread(|context| {
        let idle = dma.channel(0).unwrap();
        let (active, old) = start_ring(idle, config);
        *running.borrow_mut() = Some(active);
        cpu.run_until(bench.board.after(2 * PERIOD_TIME));
        let (active, new) = restarted.borrow_mut().take().expect("a period ended");
        let old = old.try_resolve().expect("the callback has returned and the stop is complete");
        assert!(matches!(old.outcome, Outcome::Aborted { .. }));
        let new = new.wait(context, Micros(10 * PERIOD_TIME)).expect("it was never started");
        assert!(new.outcome == Outcome::Completed && counts(new.buffer[0]));
        drop(active.try_idle().unwrap());
    });
    bench.was_clean();
}

/// Linux 6.12: a second terminate puts its descriptor on the list that the first one's worker frees, 0.5 ms after the STOP.
/// Right: while the old script holds the core nothing comes back, whoever stops what; when it has left, all of it does.
#[test]
fn finding_04_a_second_terminate_shortens_no_wait_and_frees_nothing_early() {
    let bench = Bench::new();
    let cpu = bench.cpu();
    let board = &bench.board;
    cpu.thread(|_| {
        let config = bench.capture(0);
        let idle = bench.dma.channel(0).unwrap();
        let (active, first) = start_ring(idle, config);
        cpu.run_until(board.after(PERIOD_TIME));
        // In the middle of a burst, the script is held up for 1.5 ms.
        let hold = board.hw(|hw| hw.clock().from_micros(1_500));
        board.hw(|hw| hw.cause(Trouble::HoldCore { channel: 1, time: hold }));
        while board.hw(|hw| hw.view().current()) != Some(1) {
            bench.pass(1);
        }
        let stops = bench.dma.statistics(0).unwrap().stops;

        let stopping = active.terminate_async();
        cpu.run_until(board.after(500));
        let next = stopping.prep_slave_sg_from_device([buffer(2)], &config).unwrap();
        let (active, second) = stopping.queue_after_stop(next).unwrap();
        let handle = active.stop_handle();
        assert!(handle.terminate_async() && !handle.terminate_async(), "one of two stops does it");
        cpu.run_until(board.after(700));

        let stopping = active.terminate_async();
        assert_eq!((first.status(), second.status()), (Status::Stopping, Status::Stopping));
        let (first, second) = (first.try_resolve().unwrap_err(), second.try_resolve().unwrap_err());
        let stopping = stopping.try_finish().expect_err("the old script is still on the core");
        cpu.run_until(board.after(500));
        let (first, second) = (first.try_resolve().unwrap(), second.try_resolve().unwrap());
        assert!(matches!(first.outcome, Outcome::Aborted { .. }));
        assert_eq!(second.outcome, Outcome::Aborted { residue: 384 }, "it never ran");
        assert_eq!(second.buffer[0][0], POISON);
        let first = poison(first.buffer);
        assert_eq!(bench.dma.statistics(0).unwrap().stops, stops + 1);
        drop(stopping.try_finish().unwrap());
        cpu.run_until(board.after(500));
        assert!(is_poison(first));
    });
    bench.was_clean();
}
