//! Buffers that others than their transfer's handle may write: what a callback writes into a ring that goes round is heard,
//! and nobody writes into memory that is not the running transfer's.

mod common;

use std::cell::Cell;
use std::sync::atomic::Ordering::Relaxed;
use std::sync::atomic::{AtomicBool, AtomicU32};
use std::thread;

use backend_mock::Mock;
use backend_mock::hw::Peripheral;
use common::*;
use dmaengine_core::error::WriteError;
use dmaengine_core::{Active, Direction, ErrorKind, EventKind, Idle, Outcome, Transfer};

type Ring<'d> = Transfer<'d, Mock, Memory>;

fn started<'d>(idle: Idle<'d, Mock>, fill: u8) -> (Active<'d, Mock>, Ring<'d>) {
    let ring = zeroed(RING);
    ring.fill(fill);
    let prepared = idle.prep_cyclic(ring, &cyclic(Direction::MemToDev)).unwrap();
    idle.start(prepared).unwrap()
}

fn not_running(ring: &Ring<'_>) -> Result<(), WriteError> {
    Err(WriteError::NotRunning { transfer: ring.generation() })
}

/// What the buffer has, from where on.
fn bytes_of<const N: usize>(ring: &Ring<'_>, offset: usize) -> [u8; N] {
    let mut out = [0; N];
    ring.copy_out(offset, &mut out).unwrap();
    out
}

/// Each period that was played is blanked in its interrupt: the device hears the ring once, and then nothing.
#[test]
fn a_callback_writes_into_the_ring_that_goes_round() {
    let dma = board::<4>();
    dma.engine().hw().attach(0, Peripheral::player(stream()));
    let cpu = cpu_with(&dma, |callback, event| {
        let EventKind::Period { position, .. } = event.kind else { return };
        let last = (position as usize / PERIOD as usize - 1) * PERIOD as usize % RING;
        callback.copy_in(last, &[0; PERIOD as usize]).unwrap();
    });
    let (active, mut ring) = started(dma.channel(0).unwrap(), 0x77);
    ring.share();
    run(&cpu, dma.engine(), 3 * 4 * PERIOD_US);
    let played = dma.engine().hw().with_peripheral(0, |player| player.taken()[0].bytes.to_vec()).unwrap();
    assert!(played.len() > 2 * RING);
    assert!(played[..RING].iter().all(|&byte| byte == 0x77) && played[RING..].iter().all(|&byte| byte == 0));
    drop(active);
}

/// Nothing of what does not fit is written, however long it is.
#[test]
fn what_does_not_fit_is_refused_whole() {
    let dma = board::<4>();
    let idle = dma.channel(0).unwrap();
    let writer = idle.writer();
    let (active, mut ring) = started(idle, 1);
    assert_eq!(writer.copy_in(ring.generation(), 0, &[2]), Err(WriteError::NotShared));
    ring.share();
    for (offset, len) in [(RING - 1, 2), (RING + 1, 1), (usize::MAX, 1), (usize::MAX, 600), (RING - 599, 600)] {
        let Err(error @ WriteError::OutOfRange(outside)) = writer.copy_in(ring.generation(), offset, &vec![2; len])
        else {
            panic!("{len} bytes from {offset}")
        };
        assert_eq!((error.kind(), outside.offset, outside.len), (ErrorKind::InvalidInput, offset, len));
        assert_eq!(bytes_of(&ring, 0), [1; RING]);
    }
    assert_eq!(writer.copy_in(ring.generation(), RING - 600, &[2; 600]), Ok(()));
    let written: [u8; 601] = bytes_of(&ring, RING - 601);
    assert!(written[0] == 1 && written[1..] == [2; 600]);
    assert_eq!(writer.copy_in(ring.generation(), RING, &[]), Ok(()));
    drop(active);
}

/// The transfer that was stopped, the one that waits behind the stop with the same memory, the next one in the same slot.
#[test]
fn only_a_transfer_that_runs_is_written() {
    let (dma, events) = (board::<1>(), Events::default());
    let cpu = cpu(&dma, &events);
    let idle = dma.channel(0).unwrap();
    let writer = idle.writer();
    let (active, mut ring) = started(idle, 1);
    let number = ring.generation();
    ring.share();
    assert_eq!(writer.copy_in(number, 0, &[2]), Ok(()));

    let stopping = active.terminate_async();
    assert_eq!(writer.copy_in(number, 0, &[3]), not_running(&ring), "its memory may go on to the next one");
    run(&cpu, dma.engine(), L + 10);
    let idle = stopping.try_finish().unwrap();
    assert_eq!(writer.copy_in(number, 0, &[3]), not_running(&ring));
    let memory = ring.try_resolve().unwrap().buffer;
    assert_eq!(memory[..2], [2, 1]);

    let prepared = idle.prep_cyclic(memory, &cyclic(Direction::MemToDev)).unwrap();
    let (active, ring) = idle.start(prepared).unwrap();
    assert_eq!(writer.copy_in(number, 0, &[3]), Err(WriteError::NotRunning { transfer: number }));
    assert_eq!(writer.copy_in(ring.generation(), 0, &[3]), Err(WriteError::NotShared), "the one before was");
    assert_eq!(bytes_of(&ring, 0), [2, 1]);
    drop(active);
}

/// The memory goes on to the next transfer behind the stop, and the number of the old one reaches it no more, even while
/// the old one's callback still runs.
#[test]
fn memory_that_went_on_to_the_next_transfer_is_not_written_by_the_old_callback() {
    let dma = board::<4>();
    dma.engine().hw().attach(0, Peripheral::player(stream()));
    let (client, after) = (Cell::new(None::<(Active<'_, Mock>, Ring<'_>)>), Cell::new(None));
    let cpu = cpu_with(&dma, |callback, event| {
        if let (EventKind::Period { .. }, Some((active, ring))) = (event.kind, client.take()) {
            // As a thread on another core, which prepares anew at this very moment.
            let old = ring.generation();
            let (active, mut ring) = active.terminate_async().queue_again(ring, &cyclic(Direction::MemToDev)).unwrap();
            ring.share();
            pass(dma.engine(), L + 20);
            after.set(Some((callback.copy_in(0, &[3]), old, active, ring)));
        }
    });
    let idle = dma.channel(0).unwrap();
    let writer = idle.writer();
    let (active, mut ring) = started(idle, 1);
    ring.share();
    client.set(Some((active, ring)));
    run(&cpu, dma.engine(), PERIOD_US + 10);
    let (answer, old, active, ring) = after.take().unwrap();
    assert_eq!(answer, Err(WriteError::NotRunning { transfer: old }));
    run(&cpu, dma.engine(), 10);
    assert_eq!(writer.copy_in(ring.generation(), 1, &[4]), Ok(()), "the new one runs");
    assert_eq!(bytes_of(&ring, 0), [1, 4, 1]);
    drop(active);
}

/// A transfer that has ended gives its memory back at once, while its last callback still runs.
#[test]
fn the_last_callback_of_a_transfer_that_has_ended_writes_nothing() {
    let dma = board::<4>();
    let answers = Cell::new(None);
    let cpu = cpu_with(&dma, |callback, event| {
        assert_eq!(event.kind, EventKind::Completed);
        answers.set(Some(callback.copy_in(0, &[3])));
    });
    let idle = dma.channel(0).unwrap();
    let filled = idle.prep_memset(zeroed(64), 9).unwrap();
    let (active, mut filled) = idle.start(filled).unwrap();
    filled.share();
    run(&cpu, dma.engine(), 100);
    assert_eq!(answers.take(), Some(Err(WriteError::NotRunning { transfer: filled.generation() })));
    let ended = filled.try_resolve().unwrap();
    assert_eq!((ended.outcome, &*ended.buffer), (Outcome::Completed, &[9; 64][..]));
    drop(active);
}

/// What the handle is at is left alone, and nothing else is.
#[test]
fn a_view_keeps_others_out() {
    let dma = board::<4>();
    let idle = dma.channel(0).unwrap();
    let writer = idle.writer();
    let (active, mut ring) = started(idle, 1);
    ring.share();
    let number = ring.generation();
    let mut view = ring.view(100, 50).unwrap();
    view.bytes()[49].store(5, Relaxed);
    let held = Err(WriteError::Held { offset: 100, len: 50 });
    for (offset, len) in [(100, 50), (99, 2), (149, 1), (149, 2), (0, RING), (120, 4)] {
        assert_eq!(writer.copy_in(number, offset, &vec![2; len]), held, "{len} bytes from {offset}");
    }
    for (offset, len) in [(99, 1), (150, 1), (50, 50), (150, 50)] {
        assert_eq!(writer.copy_in(number, offset, &vec![2; len]), Ok(()), "{len} bytes from {offset}");
    }
    assert_eq!((view.len(), view.is_empty()), (50, false));
    view.copy_in(0, &[6, 7]).unwrap();
    let mut out = [0; 2];
    view.copy_out(48, &mut out).unwrap();
    assert_eq!(out, [1, 5]);
    assert_eq!(view.copy_out(49, &mut out).unwrap_err().limit, 50);
    assert!(view.copy_in(usize::MAX, &[1]).is_err());
    drop(view);
    assert_eq!(bytes_of(&ring, 98), [2, 2, 6, 7, 1]);
    assert_eq!(bytes_of(&ring, 148), [1, 5, 2, 2]);
    assert_eq!(writer.copy_in(number, 0, &[2; RING]), Ok(()));
    assert!(ring.view(RING, 1).is_err());

    // A view that is forgotten keeps them out for good, which does no harm; the next one takes its place.
    core::mem::forget(ring.view(0, 8));
    assert_eq!(writer.copy_in(number, 0, &[3]).unwrap_err().kind(), ErrorKind::Busy);
    drop(ring.view(0, 8));
    assert_eq!(writer.copy_in(number, 0, &[3]), Ok(()));
    drop(active);
}

/// Tells the other thread that this one is done, also if it fails.
struct Done<'s>(&'s AtomicBool);

impl Drop for Done<'_> {
    fn drop(&mut self) {
        self.0.store(true, Relaxed);
    }
}

/// The thread copies in and out, another core writes all the time: no copy is torn by another.
#[test]
fn two_threads_write_and_nothing_is_torn() {
    let dma = board::<4>();
    let idle = dma.channel(0).unwrap();
    let writer = idle.writer();
    let (active, mut ring) = started(idle, 1);
    ring.share();
    let (number, done, written) = (ring.generation(), AtomicBool::new(false), AtomicU32::new(0));
    let whole = |bytes: &[u8; 200]| *bytes == [bytes[0]; 200];
    thread::scope(|scope| {
        scope.spawn(|| {
            while !done.load(Relaxed) {
                match writer.copy_in(number, 10, &[written.load(Relaxed) as u8; 200]) {
                    Ok(()) => _ = written.fetch_add(1, Relaxed),
                    Err(WriteError::Held { .. }) => {}
                    Err(error) => panic!("{error}"),
                }
            }
        });
        let _done = Done(&done);
        // A busy machine may not let the other thread run for some time.
        let mut round = 0_u32;
        while round < 20_000 || written.load(Relaxed) < 1_000 {
            round += 1;
            let mut out = [0; 200];
            for _ in 0..20 {
                ring.copy_out(10, &mut out).unwrap();
                assert!(whole(&out), "round {round}: {out:?}");
            }
            ring.copy_in(10, &[round as u8; 200]).unwrap();
            let view = ring.view(10, 200).unwrap();
            view.copy_out(0, &mut out).unwrap();
            assert!(whole(&out), "round {round}, in a view: {out:?}");
            drop(view);
            // Nobody holds the bytes: the other's turn, however fast this one is.
            thread::yield_now();
        }
    });
    drop(active);
}
