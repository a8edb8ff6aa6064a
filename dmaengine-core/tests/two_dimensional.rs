//! Filling memory, copying rectangles, and transfers that repeat until the next one replaces them.

mod common;

use backend_mock::Mock;
use common::*;
use core::task::{Context, Poll, Waker};
use dmaengine_core::{Chunk, EventKind, Idle, Interleaved, Outcome, Position, PrepError, ResidueGranularity, Status};

#[test]
fn memset_fills_the_buffer_and_nothing_else() {
    let (dma, events) = (board::<4>(), Events::default());
    let cpu = cpu(&dma, &events);
    let memory = zeroed(300);
    let (before, rest) = memory.split_at_mut(100);
    let (middle, after) = rest.split_at_mut(100);
    let idle = dma.channel(0).unwrap();
    let fill = idle.prep_memset(middle, 0x5C).unwrap();
    let (active, transfer) = idle.start(fill).unwrap();
    assert_eq!(transfer.status(), Status::Running { residue: 100, progress: Default::default() });
    run(&cpu, dma.engine(), 200);
    let resolved = transfer.try_resolve().unwrap();
    assert_eq!(resolved.outcome, Outcome::Completed);
    assert!(resolved.buffer.iter().all(|&byte| byte == 0x5C));
    assert!(before.iter().chain(after.iter()).all(|&byte| byte == 0));
    let _idle = active.try_idle().unwrap();
    assert_clean(dma.engine());
}

/// A rectangle of 3 lines of 4 bytes out of an image of 10 bytes a line, into one of 7.
const LINE: [Chunk; 1] = [Chunk { size: 4, src_gap: 6, dst_gap: 3 }];

#[test]
fn a_rectangle_is_copied_line_by_line_and_the_gaps_are_left_alone() {
    let (dma, events) = (board::<4>(), Events::default());
    let cpu = cpu(&dma, &events);
    let idle = dma.channel(0).unwrap();
    // Just as long as the rectangle needs: the last line has no gap behind it.
    let (dst, src) = (zeroed(2 * 7 + 4), pattern(2 * 10 + 4, 9));
    dst.fill(POISON);
    let copy = idle.prep_interleaved(dst, src, &Interleaved::new(&LINE, 3)).unwrap();
    let (_active, transfer) = idle.start(copy).unwrap();
    assert!(matches!(transfer.status(), Status::Running { residue: 12, .. }));
    run(&cpu, dma.engine(), 100);
    let (dst, src) = transfer.try_resolve().unwrap().buffer;
    for (at, &byte) in dst.iter().enumerate() {
        let (line, column) = (at / 7, at % 7);
        let expected = if column < 4 { src[line * 10 + column] } else { POISON };
        assert_eq!(byte, expected, "byte {at}");
    }
    assert_clean(dma.engine());
}

#[test]
fn a_rectangle_that_does_not_fit_is_refused_and_given_back() {
    let dma = board::<4>();
    let idle = dma.channel(0).unwrap();
    let rectangle = Interleaved::new(&LINE, 3);
    let refused = |dst: usize, src: usize, request: &Interleaved<'_>| {
        let kept = idle.prep_interleaved(zeroed(dst), zeroed(src), request).unwrap_err();
        assert_eq!((kept.value.0.len(), kept.value.1.len()), (dst, src), "given back");
        kept.error
    };
    assert_eq!(refused(17, 24, &rectangle), PrepError::OutOfBuffer { end: 18, len: 17 });
    assert_eq!(refused(18, 23, &rectangle), PrepError::OutOfBuffer { end: 24, len: 23 });
    assert_eq!(refused(18, 24, &Interleaved::new(&LINE, 0)), PrepError::Zero);
    assert_eq!(refused(18, 24, &Interleaved::new(&[], 3)), PrepError::Zero);
    let empty = [Chunk { size: 0, src_gap: 1, dst_gap: 1 }];
    assert_eq!(refused(18, 24, &Interleaved::new(&empty, 3)), PrepError::Zero);
    assert_eq!(refused(18, 24, &Interleaved::new(&LINE, u32::MAX)).kind(), dmaengine_core::ErrorKind::InvalidInput);
    assert_all_slots_free(&idle, 4);
}

/// Starts a repeating copy of 64 bytes: a round takes 64 µs.
fn repeating<'d>(
    idle: Idle<'d, Mock>,
) -> (dmaengine_core::Active<'d, Mock>, dmaengine_core::Transfer<'d, Mock, (Memory, Memory)>) {
    let all = [Chunk { size: 64, src_gap: 0, dst_gap: 0 }];
    let copy = idle.prep_interleaved(zeroed(64), pattern(64, 1), &Interleaved::new(&all, 1).repeating()).unwrap();
    idle.start(copy).unwrap()
}

const ONCE: [Chunk; 1] = [Chunk { size: 64, src_gap: 0, dst_gap: 0 }];

/// s65: it goes on round after round, tells each, and ends at the end of a round when one that may replace it is issued.
#[test]
fn s65_a_repeating_transfer_repeats_until_it_is_replaced() {
    let (dma, events) = (board::<4>(), Events::default());
    let cpu = cpu(&dma, &events);
    assert_eq!(dmaengine_core::Engine::facts(dma.engine()).residue, ResidueGranularity::Burst);
    let (active, first) = repeating(dma.channel(0).unwrap());
    run(&cpu, dma.engine(), 3 * 64 + 10);
    assert_eq!(events.of(first.generation()).len(), 3);
    let cx = &mut Context::from_waker(Waker::noop());
    assert_eq!(first.periods().poll_next(cx), Poll::Ready(Some(Position { periods: 3, bytes: 192 })));
    assert!(matches!(first.status(), Status::Running { residue: 64, .. }), "of this round");

    let request = Interleaved::new(&ONCE, 1).loaded_at_end();
    let second = active.submit(active.prep_interleaved(zeroed(64), pattern(64, 2), &request).unwrap()).unwrap();
    assert_eq!(events.take().len(), 3);
    active.issue();
    run(&cpu, dma.engine(), 40);
    assert!(matches!(first.status(), Status::Running { .. }), "to the end of its round");
    run(&cpu, dma.engine(), 20);
    assert_eq!(events.kinds(), [(0, EventKind::Completed)]);
    let (dst, src) = first.try_resolve().unwrap().buffer;
    assert_eq!(dst, src);
    run(&cpu, dma.engine(), 64);
    assert_eq!(second.try_resolve().unwrap().outcome, Outcome::Completed);
    let _idle = active.try_idle().unwrap();
}

/// s65: one that may not replace it waits, visibly, and is not lost: terminating ends both.
#[test]
fn s65_a_transfer_without_load_at_end_waits_behind_a_repeating_one() {
    let (dma, events) = (board::<4>(), Events::default());
    let cpu = cpu(&dma, &events);
    let (active, first) = repeating(dma.channel(0).unwrap());
    let second = active.submit(active.prep_memcpy(zeroed(8), zeroed(8)).unwrap()).unwrap();
    active.issue();
    run(&cpu, dma.engine(), 1_000);
    assert_eq!(second.status(), Status::Queued { residue: 8 });
    assert!(matches!(first.status(), Status::Running { .. }));
    let stopping = active.terminate_async();
    run(&cpu, dma.engine(), L);
    assert_eq!(second.try_resolve().unwrap().outcome, Outcome::Aborted { residue: 8 });
    assert!(matches!(first.try_resolve().unwrap().outcome, Outcome::Aborted { .. }));
    let _idle = stopping.try_finish().unwrap();
    assert_clean(dma.engine());
}

/// A chain: each replaces the one before it, and the last goes on.
#[test]
fn repeating_transfers_replace_each_other_in_order() {
    let (dma, events) = (board::<4>(), Events::default());
    let cpu = cpu(&dma, &events);
    let (active, first) = repeating(dma.channel(0).unwrap());
    let request = Interleaved::new(&ONCE, 1).repeating().loaded_at_end();
    let next = [2, 3]
        .map(|seed| active.submit(active.prep_interleaved(zeroed(64), pattern(64, seed), &request).unwrap()).unwrap());
    active.issue();
    run(&cpu, dma.engine(), 5 * 64 + 10);
    assert_eq!(first.try_resolve().unwrap().outcome, Outcome::Completed);
    let [second, third] = next;
    assert_eq!(second.try_resolve().unwrap().outcome, Outcome::Completed, "one round, then the next was waiting");
    assert!(matches!(third.status(), Status::Running { .. }));
    let told = [0, 1, 2].map(|id| events.of(dmaengine_core::Generation(id)));
    assert_eq!(told[0], [EventKind::Completed]);
    assert_eq!(told[1], [EventKind::Completed]);
    assert_eq!(told[2].len(), 3, "and it repeats");
}
