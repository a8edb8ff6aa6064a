//! Findings 11 and 12: errors that a descriptor tells of, and what is left to do in each state of a transfer.

use backend_imx_sdma::regs::offset;
use dmaengine_core::{EventKind, Micros, Outcome, Status, TransferError};
use sim_imx_sdma::{RegisterAccess, Trouble};

use crate::bench::{Bench, PERIOD, PERIOD_TIME, buffer, counts, start_ring};

/// The bytes left of a transfer that runs.
fn left(status: Status) -> u64 {
    match status {
        Status::Running { residue, .. } => residue,
        other => panic!("{other:?}"),
    }
}

/// Linux 6.12 shows an error of a ring only while the callback runs, and goes on. Right: the ring is stopped, and it has failed
/// when the stop is complete; its memory comes back.
#[test]
fn finding_11_an_error_stops_a_ring_and_fails_it() {
    let bench = Bench::new();
    let cpu = bench.cpu();
    cpu.thread(|_| {
        let config = bench.capture(0);
        let (active, ring) = start_ring(bench.dma.channel(0).unwrap(), config);
        let third = bench.descriptor(1, 2)[1];
        bench.board.hw(|hw| hw.cause(Trouble::BusError { address: third + 24, len: 4 }));
        cpu.run_until(bench.board.after(4 * PERIOD_TIME));
        assert_eq!(ring.status(), Status::Failed(TransferError::Bus));
        let told = bench.told(ring.generation());
        assert_eq!(told.len(), 3, "{told:?}");
        assert_eq!(told[2], EventKind::Failed(TransferError::Bus));
        assert_eq!(bench.board.hw(|hw| hw.read32(offset::STOP_STAT)) & 2, 0, "it is stopped");
        let ring = ring.try_resolve().unwrap();
        assert_eq!(ring.outcome, Outcome::Failed(TransferError::Bus));
        assert!(counts(&ring.buffer[..96]));
        drop(active.try_idle().unwrap());
    });
}

/// Linux 6.12: of two periods in one interrupt only the first callback sees the error. Right: the good periods are told of, then
/// the failure, in one interrupt as in several.
#[test]
fn finding_11_periods_before_an_error_in_the_same_interrupt_are_told_of() {
    let bench = Bench::new();
    let cpu = bench.cpu();
    cpu.thread(|_| {
        let config = bench.capture(0);
        let (_active, ring) = start_ring(bench.dma.channel(0).unwrap(), config);
        let third = bench.descriptor(1, 2)[1];
        bench.board.hw(|hw| hw.cause(Trouble::BusError { address: third + 24, len: 4 }));
        cpu.hold_off_interrupts(true);
        cpu.run_until(bench.board.after(6 * PERIOD_TIME));
        cpu.hold_off_interrupts(false);
        cpu.run_until(bench.board.after(50));
        let told = bench.told(ring.generation());
        let position = 2 * u64::from(PERIOD);
        assert_eq!(told, [EventKind::Period { periods: 2, position }, EventKind::Failed(TransferError::Bus)]);
        assert_eq!(ring.try_resolve().unwrap().outcome, Outcome::Failed(TransferError::Bus));
    });
}

/// Linux 6.12 tells COMPLETE with residue 0 of a list with an error. Right: it has failed, whichever entry it was.
#[test]
fn finding_11_an_error_fails_a_list_or_a_copy() {
    for entry in 0..3 {
        let bench = Bench::new();
        let cpu = bench.cpu();
        cpu.thread(|context| {
            let config = bench.capture(0);
            let idle = bench.dma.channel(0).unwrap();
            let list = idle.prep_slave_sg_from_device([(); 3].map(|()| buffer(1)), &config).unwrap();
            let (active, list) = idle.start(list).unwrap();
            let address = bench.descriptor(1, entry)[1];
            bench.board.hw(|hw| hw.cause(Trouble::BusError { address: address + 24, len: 4 }));
            let generation = list.generation();
            let list = list.wait(context, Micros(10 * PERIOD_TIME)).expect("it came to an end");
            assert_eq!(list.outcome, Outcome::Failed(TransferError::Bus), "entry {entry}");
            assert_eq!(bench.told(generation), [EventKind::Failed(TransferError::Bus)]);

            let idle = active.try_idle().unwrap();
            let copy = idle.prep_memcpy(buffer(2), &*buffer(2)).unwrap();
            bench.board.hw(|hw| hw.clear_troubles());
            let (_active, copy) = idle.start(copy).unwrap();
            let destination = bench.descriptor(1, 0)[2];
            bench.board.hw(|hw| hw.cause(Trouble::BusError { address: destination + 100, len: 4 }));
            let copy = copy.wait(context, Micros(1_000)).expect("it came to an end");
            assert_eq!(copy.outcome, Outcome::Failed(TransferError::Bus));
        });
    }
}

/// Linux 6.12: the residue of a list that waits is 0, moves only in the interrupt, is 0 behind a ring's last period, and 0 after
/// terminate. Right: all of it while it waits; what the SDMA has done, interrupt or not; never 0 while a ring runs.
#[test]
fn finding_12_the_residue_is_right_in_every_state() {
    let bench = Bench::new();
    let cpu = bench.cpu();
    let round = 4 * u64::from(PERIOD);
    cpu.thread(|context| {
        let config = bench.capture(0);
        let idle = bench.dma.channel(0).unwrap();
        let list = idle.prep_slave_sg_from_device([(); 3].map(|()| buffer(1)), &config).unwrap();
        let behind = idle.prep_slave_sg_from_device([buffer(2)], &config).unwrap();
        let (pending, list) = idle.submit(list).unwrap();
        let behind = pending.submit(behind).unwrap();
        assert_eq!(list.status(), Status::Queued { residue: 576 }, "submitted");
        let active = pending.issue();
        assert_eq!(left(list.status()), 576, "started");
        assert_eq!(behind.status(), Status::Queued { residue: 384 }, "issued");
        cpu.hold_off_interrupts(true);
        cpu.run_until(bench.board.after(PERIOD_TIME * 3 / 2));
        assert_eq!(left(list.status()), 384, "one entry, and nobody has interrupted");
        cpu.run_until(bench.board.after(PERIOD_TIME));
        assert_eq!(left(list.status()), 192, "two entries");
        cpu.hold_off_interrupts(false);
        let list = list.wait(context, Micros(5 * PERIOD_TIME)).unwrap();
        assert_eq!(list.outcome, Outcome::Completed);
        let behind = behind.wait(context, Micros(5 * PERIOD_TIME)).unwrap();
        assert_eq!(behind.outcome, Outcome::Completed);

        let config = bench.capture(0);
        let (active, ring) = start_ring(active.try_idle().unwrap(), config);
        cpu.run_until(bench.board.after(30));
        let mut seen = vec![];
        for _ in 0..9 {
            seen.push(left(ring.status()));
            cpu.run_until(bench.board.after(PERIOD_TIME));
        }
        assert_eq!(seen[..5], [round, round - 192, round - 384, round - 576, round], "a round, and the next");
        assert!(seen.iter().all(|residue| *residue > 0));

        // Stopped in the middle of a period, it is exact: as many words as really came.
        let idle = active.terminate_sync(context).unwrap();
        let ring = ring.try_resolve().unwrap();
        let Outcome::Aborted { residue } = ring.outcome else { panic!("{:?}", ring.outcome) };
        let done = (round - residue) as usize / 4;
        assert!(ring.buffer[done - 1] > ring.buffer[done], "word {done} is the first of the last round");
        assert!(counts(&ring.buffer[..done]) && counts(&ring.buffer[done..]));
        assert_eq!(ring.buffer[done] + 192, ring.buffer[done - 1] + 1, "one round lies between them");
        drop(idle);
    });
    bench.was_clean();
}
