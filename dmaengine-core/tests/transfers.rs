//! What a client gets if nothing goes wrong: data, order, status and residue of copies, lists and rings.
//!
//! The numbers in the tests' names are those of the conformance statements: 1-6 (prepare, submit, issue), 16-23 (status
//! and residue), 32-35 (pause), 67 (data).

mod common;

use backend_mock::Mock;
use backend_mock::hw::Peripheral;
use common::picky::{Picky, Whims};
use common::*;
use dmaengine_core::{
    Direction, Dma, EventKind, Micros, Outcome, PauseFailed, ResumeFailed, Status, Transfer, TransferError, Unfinished,
};

fn bytes(mock: &Mock) -> u64 {
    mock.hw().progress(0).bytes
}

#[test]
fn s1_to_s4_nothing_starts_before_it_is_issued() {
    let (dma, events) = (board::<4>(), Events::default());
    let cpu = cpu(&dma, &events);
    let idle = dma.channel(0).unwrap();
    let (first, second, third) = (prep_copy(&idle, 64, 1), prep_copy(&idle, 64, 2), prep_copy(&idle, 64, 3));
    run(&cpu, dma.engine(), 500);
    assert_eq!(dma.engine().hw().log(), [], "1: prepared");

    let (pending, first) = idle.submit(first).unwrap();
    run(&cpu, dma.engine(), 500);
    assert_eq!(dma.engine().hw().log(), [], "2: submitted, on an idle channel");
    assert_eq!(first.status(), Status::Queued { residue: 64 });

    let second = pending.submit(second).unwrap();
    let active = pending.issue();
    assert!(matches!(first.status(), Status::Running { .. }), "4: the oldest");
    assert_eq!(second.status(), Status::Queued { residue: 64 }, "16: asked about the second, not the running one");
    let third = active.submit(third).unwrap();
    run(&cpu, dma.engine(), 500);
    assert_eq!([first.status(), second.status()], [Status::Completed; 2], "6: without help");
    assert_eq!(third.status(), Status::Queued { residue: 64 }, "3: submitted to a busy channel and not issued");
    assert_eq!(touched(dma.engine(), 0, third.generation()), None);
    let kept = active.try_idle().unwrap_err();
    assert_eq!(kept.error, Unfinished::Transfers, "one is submitted, though none runs");
    let active = kept.value;
    active.issue();
    run(&cpu, dma.engine(), 64);
    assert_eq!(third.status(), Status::Completed);
    active.issue();
    run(&cpu, dma.engine(), 500);
    assert_eq!(events.take().len(), 3, "5: an issue with nothing submitted is harmless");
    let _idle = active.try_idle().unwrap();
}

#[test]
fn s6_transfers_run_in_the_order_of_submission_and_one_at_a_time() {
    let (dma, events) = (board::<8>(), Events::default());
    let cpu = cpu(&dma, &events);
    let idle = dma.channel(0).unwrap();
    let copies: Vec<_> = (0..8).map(|i| prep_copy(&idle, 64 + 64 * usize::from(i), i)).collect();
    let mut copies = copies.into_iter();
    let (active, first) = idle.start(copies.next().unwrap()).unwrap();
    let mut all = vec![first];
    for copy in copies {
        all.push(active.submit(copy).unwrap());
        active.issue();
    }
    run(&cpu, dma.engine(), 64 * 36);
    let spans: Vec<_> = all.iter().map(|copy| touched(dma.engine(), 0, copy.generation()).unwrap()).collect();
    assert!(spans.windows(2).all(|pair| pair[0].1 < pair[1].0), "{spans:?}");
    for copy in all {
        let copy = copy.try_resolve().unwrap();
        assert_eq!((copy.outcome, copy.buffer.0 == copy.buffer.1), (Outcome::Completed, true));
    }
}

/// Copies of odd lengths into the middle of a buffer: the region exact, surroundings and source untouched.
#[test]
fn s67_a_copy_copies_its_region_and_nothing_else() {
    let (dma, events) = (board::<4>(), Events::default());
    let cpu = cpu(&dma, &events);
    cpu.thread(|cx| {
        let mut idle = dma.channel(0).unwrap();
        for len in [1, 2, 63, 64, 65, 1_000, 4_096] {
            let (before, rest) = zeroed(len + 200).split_at_mut(100);
            let (target, behind) = rest.split_at_mut(len);
            let (source, as_it_was) = (pattern(len, 5), pattern(len, 5));
            let copy = idle.prep_memcpy(target, source).unwrap();
            let (active, copy) = idle.start(copy).unwrap();
            let copy = copy.wait(cx, Micros(10 * L)).unwrap();
            assert_eq!(copy.outcome, Outcome::Completed);
            assert_eq!((&*copy.buffer.0, &*copy.buffer.1), (&*as_it_was, &*as_it_was), "{len} bytes");
            assert!(before.iter().chain(&*behind).all(|&byte| byte == 0), "{len} bytes");
            idle = active.try_idle().unwrap();
        }
        assert_clean(dma.engine());
    });
}

#[test]
fn a_list_from_a_device_fills_its_buffers_one_after_the_other() {
    let (dma, events) = (board::<4>(), Events::default());
    let cpu = cpu(&dma, &events);
    attach_recorder(dma.engine(), 0);
    let idle = dma.channel(0).unwrap();
    let list = idle.prep_slave_sg_from_device([zeroed(40), zeroed(4), zeroed(120)], &config()).unwrap();
    let (active, transfer) = idle.start(list).unwrap();
    run(&cpu, dma.engine(), 105);
    assert!(matches!(transfer.status(), Status::Running { residue: 124, .. }), "{:?}", transfer.status());
    run(&cpu, dma.engine(), 305);
    assert_eq!(events.kinds(), [(0, EventKind::Completed)]);
    let heard: Vec<u8> = transfer.try_resolve().unwrap().buffer.concat();
    let sounded: Vec<u8> = (1..=41_u32).flat_map(u32::to_le_bytes).collect();
    assert_eq!(heard, sounded);
    let _idle = active.try_idle().unwrap();
    assert_clean(dma.engine());
}

#[test]
fn a_list_to_a_device_is_played_one_after_the_other() {
    let (dma, events) = (board::<4>(), Events::default());
    let cpu = cpu(&dma, &events);
    dma.engine().hw().attach(0, Peripheral::player(stream()));
    let idle = dma.channel(0).unwrap();
    let parts: [&'static [u8]; 3] = [pattern(160, 1), pattern(8, 2), pattern(400, 3)];
    let list = idle.prep_slave_sg_to_device(parts, &config()).unwrap();
    let (active, transfer) = idle.start(list).unwrap();
    run(&cpu, dma.engine(), 5_000);
    assert_eq!(transfer.try_resolve().unwrap().outcome, Outcome::Completed);
    let played = dma.engine().hw().with_peripheral(0, |player| player.taken()[0].bytes.to_vec()).unwrap();
    assert_eq!(played, parts.concat());
    let _idle = active.try_idle().unwrap();
    assert_clean(dma.engine());
}

/// A capture ring, read while it goes round: behind the device the frames are there, in order, round after round.
#[test]
fn a_capture_ring_is_read_while_it_goes_round() {
    let (dma, events) = (board::<4>(), Events::default());
    let cpu = cpu(&dma, &events);
    let (active, ring) = recording(&dma);
    let mut heard = Vec::new();
    for period in 0..10_usize {
        run(&cpu, dma.engine(), PERIOD_US);
        let mut part = [0; PERIOD as usize];
        ring.copy_out(period * PERIOD as usize % RING, &mut part).unwrap();
        heard.extend_from_slice(&part);
        let EventKind::Period { periods: 1, position } = events.take()[0].kind else { panic!("no period") };
        assert_eq!(position, (period as u64 + 1) * u64::from(PERIOD));
    }
    let sounded: Vec<u8> = (1..=500_u32).flat_map(u32::to_le_bytes).collect();
    assert_eq!(heard, sounded);
    let outside = ring.copy_out(RING - 10, &mut [0; 11]).unwrap_err();
    assert_eq!((outside.offset, outside.len, outside.limit), (RING - 10, 11, RING));
    drop(active);
}

/// A playback ring, written while it goes round, ahead of the device.
#[test]
fn a_playback_ring_is_written_while_it_goes_round() {
    let (dma, events) = (board::<4>(), Events::default());
    let cpu = cpu(&dma, &events);
    dma.engine().hw().attach(0, Peripheral::player(stream()));
    let idle = dma.channel(0).unwrap();
    let song = pattern(10 * PERIOD as usize, 7);
    let ring = zeroed(RING);
    ring.copy_from_slice(&song[..RING]);
    let prepared = idle.prep_cyclic(ring, &cyclic(Direction::MemToDev)).unwrap();
    let (active, mut ring) = idle.start(prepared).unwrap();
    for next in song[RING..].chunks(PERIOD as usize).enumerate() {
        run(&cpu, dma.engine(), PERIOD_US);
        ring.copy_in(next.0 * PERIOD as usize % RING, next.1).unwrap();
    }
    run(&cpu, dma.engine(), 4 * PERIOD_US);
    let played = dma.engine().hw().with_peripheral(0, |player| player.taken()[0].bytes.to_vec()).unwrap();
    assert_eq!(played, song);
    assert!(ring.copy_in(usize::MAX, &[1]).is_err());
    drop(active);
}

#[test]
fn s21_the_residue_of_a_ring_is_of_one_round_and_never_0() {
    let dma = board::<4>();
    let (active, ring) = recording(&dma);
    let mut last = RING as u64;
    for step in 1..=1_000_u64 {
        pass(dma.engine(), 10);
        let Status::Running { residue, progress } = ring.status() else { panic!("{:?}", ring.status()) };
        assert!((1..=RING as u64).contains(&residue), "step {step}: {residue}");
        assert_eq!((progress.bytes, residue), (4 * step, RING as u64 - 4 * step % RING as u64));
        assert!(residue < last || last == 4, "20: monotone inside a round");
        last = residue;
    }
    drop(active);
}

/// The library remembers the round that was asked about last, instead of dividing each time. It is the transfer's: the next one in
/// its slot has rounds of another length.
#[test]
fn s21_the_residue_of_a_ring_does_not_depend_on_what_was_asked_before() {
    let dma = board::<1>();
    let (active, ring) = recording(&dma);
    let residue = |status| if let Status::Running { residue, .. } = status { residue } else { panic!("{status:?}") };
    pass(dma.engine(), 4_250);
    assert_eq!(residue(ring.status()), 3 * RING as u64 - 1_700);
    let idle = active.terminate_atomic().unwrap();
    assert!(matches!(ring.try_resolve().unwrap().outcome, Outcome::Aborted { .. }));

    let shorter = idle.prep_cyclic(zeroed(600), &cyclic(Direction::DevToMem)).unwrap();
    let (active, ring) = idle.start(shorter).unwrap();
    let mut bytes = 0;
    for more in [1_700, 100, 3_900] {
        pass(dma.engine(), more * 10 / 4);
        bytes += more;
        assert_eq!(residue(ring.status()), 600 - bytes % 600, "at {bytes}");
    }
    drop(active);
}

/// Who asks after a transfer that waits behind a stop sees to the stop: if that is complete, the transfer runs, and so it is told.
#[test]
fn a_transfer_that_starts_when_it_is_asked_about_runs() {
    let dma = board::<4>();
    let (active, ring) = recording(&dma);
    let (active, next) = active.terminate_async().queue_again(ring, &cyclic(Direction::DevToMem)).unwrap();
    assert_eq!(next.status(), Status::Queued { residue: RING as u64 });
    pass(dma.engine(), L);
    assert!(matches!(next.status(), Status::Running { .. }));
    drop(active);
}

/// A transfer that was aborted stays aborted, whatever is completed after it. (Linux compares cookies and says
/// complete.)
#[test]
fn s17_an_aborted_transfer_is_never_reported_as_complete() {
    let (dma, events) = (board::<4>(), Events::default());
    let cpu = cpu(&dma, &events);
    cpu.thread(|cx| {
        let idle = dma.channel(0).unwrap();
        let (first, second) = (prep_copy(&idle, 6_400, 1), prep_copy(&idle, 64, 2));
        let (active, first) = idle.start(first).unwrap();
        run(&cpu, dma.engine(), 650);
        let idle = active.terminate_sync(cx).unwrap();
        let aborted = Status::Aborted { residue: 6_400 - 25 * 64 };
        assert_eq!(first.status(), aborted);
        let (active, second) = idle.start(second).unwrap();
        run(&cpu, dma.engine(), 64);
        assert_eq!((first.status(), second.status()), (aborted, Status::Completed));
        let ended = first.try_resolve().unwrap();
        let (there, missing) = ended.buffer.0.split_at(25 * 64);
        assert_eq!(there, &ended.buffer.1[..25 * 64], "22: what counts as transferred is there");
        assert!(missing.iter().all(|&byte| byte == 0));
        let _idle = active.try_idle().unwrap();
    });
}

/// After `pause` returns no byte moves and the status says so; after `resume` none is missing.
#[test]
fn s32_s33_pause_holds_every_byte_and_resume_loses_none() {
    let (dma, events) = (board::<4>(), Events::default());
    let cpu = cpu(&dma, &events);
    let (active, ring) = recording(&dma);
    run(&cpu, dma.engine(), 305);
    let paused = active.pause().unwrap();
    let held = ring.status();
    assert!(matches!(held, Status::Paused { residue: 680, progress } if progress.bytes == 120), "{held:?}");
    run(&cpu, dma.engine(), 200);
    assert_eq!((ring.status(), bytes(dma.engine())), (held, 120));
    let active = paused.resume().unwrap();
    run(&cpu, dma.engine(), 100);
    assert!(matches!(ring.status(), Status::Running { .. }));
    let mut heard = [0; 240];
    ring.copy_out(0, &mut heard).unwrap();
    let sounded: Vec<u8> = (1..=60_u32).flat_map(u32::to_le_bytes).collect();
    assert_eq!(heard, *sounded, "the recorder's FIFO held what came in between");
    drop(active);
}

/// What is queued does not start while the channel is paused, even if the one that ran ends.
#[test]
fn a_paused_channel_starts_nothing() {
    let (dma, events) = (board::<4>(), Events::default());
    let cpu = cpu(&dma, &events);
    let idle = dma.channel(0).unwrap();
    let (first, second) = (prep_copy(&idle, 64, 1), prep_copy(&idle, 64, 2));
    let (active, first) = idle.start(first).unwrap();
    let second = active.submit(second).unwrap();
    active.issue();
    pass(dma.engine(), 64);
    let paused = active.pause().unwrap();
    run(&cpu, dma.engine(), 500);
    assert_eq!((first.status(), second.status()), (Status::Completed, Status::Queued { residue: 64 }));
    let active = paused.resume().unwrap();
    run(&cpu, dma.engine(), 64);
    assert_eq!(second.status(), Status::Completed);
    drop(active);
}

/// The engine refuses to pause, or to go on: the channel is what it was.
#[test]
fn s35_a_refused_pause_changes_nothing() {
    for (cannot_pause, cannot_resume) in [(true, false), (false, true)] {
        let whims = Whims { cannot_pause, cannot_resume, ..Whims::default() };
        let dma: Dma<Picky, 1> = Dma::new(Picky::new(mock(L), |_| (), whims));
        let mock = &dma.engine().mock;
        attach_recorder(mock, 0);
        let (active, ring): (_, Transfer<'_, _, Memory>) = start_ring(dma.channel(0).unwrap());
        pass(mock, 305);
        match active.pause() {
            Err(PauseFailed::Refused(kept)) => {
                assert_eq!((kept.error, cannot_pause), (TransferError::Device, true));
                assert!(matches!(ring.status(), Status::Running { .. }));
                assert!(kept.value.terminate_atomic().is_ok());
            }
            Ok(paused) => {
                let Err(ResumeFailed::Refused(kept)) = paused.resume() else { panic!("it went on") };
                assert!(matches!(ring.status(), Status::Paused { .. }));
                assert!(kept.value.terminate_atomic().is_ok());
            }
            Err(PauseFailed::Stopped(_)) => panic!("nobody stopped it"),
        }
        assert_left_alone(mock, ring.try_resolve().unwrap().buffer);
    }
}

/// Waits for a transfer end at their bound and give the handle back; a channel with transfers is not idle.
#[test]
fn a_wait_that_runs_out_and_a_channel_that_is_not_idle_keep_everything() {
    let (dma, events) = (board::<4>(), Events::default());
    let cpu = cpu(&dma, &events);
    cpu.thread(|cx| {
        // Another channel's interrupts wake the sleeper early.
        attach_recorder(dma.engine(), 1);
        let (_other, _ring) = start_ring(dma.channel(1).unwrap());
        let idle = dma.channel(0).unwrap();
        let copy = prep_copy(&idle, 640, 1);
        let (active, copy) = idle.start(copy).unwrap();
        let copy = copy.wait(cx, Micros(639)).unwrap_err();
        assert_eq!(now(dma.engine()), 639);
        let kept = active.try_idle().unwrap_err();
        assert_eq!(kept.error, Unfinished::Transfers);
        let copy = copy.wait(cx, Micros(L)).unwrap();
        assert_eq!((copy.outcome, now(dma.engine())), (Outcome::Completed, 640));
        let _idle = kept.value.try_idle().unwrap();
    });
}
