//! Rings on an engine that can tell only whether a transfer is over: its positions are the periods that it has told.

mod common;

use std::cell::RefCell;
use std::future::Future;
use std::pin::pin;
use std::task::{Context, Poll, Waker};

use backend_mock::Cpu;
use common::picky::{Picky, Whims};
use common::*;
use dmaengine_core::engine::Progress;
use dmaengine_core::{Dma, EventKind, Outcome, Position, ResidueGranularity, Status};

fn coarse() -> Dma<Picky, 1, 4> {
    let dma = Dma::new(Picky::new(mock(L), |facts| facts.residue = ResidueGranularity::Descriptor, Whims::default()));
    attach_recorder(&dma.engine().mock, 0);
    dma
}

/// An engine of this kind answers 0, or whatever its registers happen to hold, when it is asked how far a ring has come. A
/// client that believed it would think that nothing ever arrives. The events, the stream of positions, the status and the
/// residue of the end say the same: whole periods, in step with the interrupts, over all rounds.
#[test]
fn the_position_of_a_ring_is_its_told_periods_over_all_rounds() {
    let (dma, events) = (coarse(), RefCell::new(Vec::new()));
    let mock = &dma.engine().mock;
    let cpu = Cpu::new(mock, |atomic: &_| dma.interrupt(atomic, &mut |_, event| events.borrow_mut().push(event.kind)));
    let (active, ring) = start_ring(dma.channel(0).unwrap());
    let pass = |micros| cpu.run_until(mock.hw().now() + us(micros));
    let at = |bytes: u64| Status::Running {
        residue: RING as u64 - bytes % RING as u64,
        progress: Progress { bytes, in_flight: 0 },
    };
    pass(PERIOD_US - 10);
    assert_eq!(ring.status(), at(0), "nothing was told");
    for periods in 1..=10 {
        pass(PERIOD_US);
        let position = periods * u64::from(PERIOD);
        assert_eq!(events.take(), [EventKind::Period { periods: 1, position }]);
        assert_eq!(ring.status(), at(position), "period {periods}");
    }

    // Folded periods count as what they are, as soon as somebody is told of them.
    cpu.hold_off_interrupts(true);
    pass(3 * PERIOD_US);
    assert_eq!(ring.status(), at(2_000));
    cpu.hold_off_interrupts(false);
    pass(1);
    assert_eq!(events.take(), [EventKind::Period { periods: 3, position: 2_600 }]);
    {
        let mut stream = ring.periods();
        let next = pin!(stream.next()).poll(&mut Context::from_waker(Waker::noop()));
        assert_eq!(next, Poll::Ready(Some(Position { periods: 13, bytes: 2_600 })));
    }

    let stopping = active.terminate_async();
    pass(L);
    drop(stopping.try_finish().unwrap());
    let ended = ring.try_resolve().unwrap();
    assert_eq!(ended.outcome, Outcome::Aborted { residue: 4 * RING as u64 - 2_600 });
}

/// The count belongs to the transfer: the next one in the same slot begins at 0. And a transfer that ends by itself is the
/// engine's to tell of.
#[test]
fn each_ring_counts_from_0_and_a_copy_is_not_counted() {
    let dma = coarse();
    let mock = &dma.engine().mock;
    let cpu = Cpu::new(mock, |atomic: &_| dma.interrupt(atomic, &mut |_, _| ()));
    let pass = |micros| cpu.run_until(mock.hw().now() + us(micros));
    let mut idle = dma.channel(0).unwrap();
    for _ in 0..5 {
        let (active, ring) = start_ring(idle);
        assert!(matches!(ring.status(), Status::Running { progress: Progress { bytes: 0, .. }, .. }));
        pass(PERIOD_US + 10);
        assert!(matches!(ring.status(), Status::Running { progress: Progress { bytes: 200, .. }, .. }));
        idle = active.terminate_atomic().unwrap();
        assert_eq!(ring.try_resolve().unwrap().outcome, Outcome::Aborted { residue: 600 });
    }
    let copy = prep_copy(&idle, 256, 1);
    let (active, copy) = idle.start(copy).unwrap();
    pass(128);
    let progress = Progress { bytes: 128, in_flight: 0 };
    assert_eq!(copy.status(), Status::Running { residue: 128, progress }, "what the engine says");
    drop(active);
}
