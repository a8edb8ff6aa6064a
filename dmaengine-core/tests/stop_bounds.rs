//! Every wait has a bound: hardware that stops late or never, and engines that say other things about their stop.
//!
//! Running out of the bound is an error that keeps everything, never a silent success: the channel is still stopping,
//! the transfer still owns its memory, and the caller may try again or reset the channel.

mod common;

use backend_mock::hw::StopLatency;
use backend_mock::{Mock, MockConfig};
use common::picky::{Picky, Whims};
use common::*;
use dmaengine_core::engine::StopKind;
use dmaengine_core::{
    Dma, ErrorKind, Micros, Outcome, RequestError, SYNCHRONIZE_GRACE, Status, StillRunning, Unfinished,
};

/// Hardware that needs 50 ms although its driver promises 1 ms.
fn slow() -> Board<4> {
    let config = MockConfig { stop_latency: Micros(50_000), stop_bound: Micros(L), ..MockConfig::default() };
    Dma::new(Mock::new(config))
}

fn timed_out(bound: u64) -> StillRunning {
    StillRunning { waited: Micros(bound), bound: Micros(bound), reason: Unfinished::Engine }
}

/// The bound of `synchronize`: twice the engine's word, and the grace for callbacks and schedulers.
const SYNCHRONIZE: u64 = 2 * L + SYNCHRONIZE_GRACE.0;

#[test]
fn s57_synchronize_with_hardware_slower_than_its_word_keeps_everything() {
    let (dma, events) = (slow(), Events::default());
    let cpu = cpu(&dma, &events);
    cpu.thread(|cx| {
        let (active, transfer) = recording(&dma);
        let asked = now(dma.engine());
        let kept = active.terminate_sync(cx).unwrap_err();
        assert_eq!(kept.error, timed_out(SYNCHRONIZE));
        assert_eq!(kept.error.kind(), ErrorKind::StillRunning);
        assert_eq!(now(dma.engine()), asked + SYNCHRONIZE);
        let transfer = transfer.try_resolve().expect_err("the engine still writes");
        assert_eq!(transfer.status(), Status::Stopping);
        assert_eq!(dma.channel(0).unwrap_err(), RequestError::Busy { channel: 0 });

        // Trying again is allowed, and ends when the hardware does.
        let mut stopping = kept.value;
        let _idle = loop {
            stopping = match stopping.synchronize(cx) {
                Ok(idle) => break idle,
                Err(kept) => kept.value,
            };
        };
        assert_eq!(now(dma.engine()), asked + 50_000);
        assert_left_alone(dma.engine(), transfer.try_resolve().unwrap().buffer);
    });
}

#[test]
fn s60_terminate_atomic_with_hardware_slower_than_its_word_keeps_everything() {
    let dma = slow();
    let (active, transfer) = recording(&dma);
    let kept = active.terminate_atomic().unwrap_err();
    assert_eq!(kept.error, timed_out(L));
    assert_eq!(now(dma.engine()), L);
    let kept = kept.value.terminate_atomic().unwrap_err();
    assert_eq!((kept.error, now(dma.engine())), (timed_out(L), 2 * L), "trying again is allowed");
    let transfer = transfer.try_resolve().unwrap_err();
    let stopping = kept.value.try_finish().unwrap_err();
    pass(dma.engine(), 48_000);
    let _idle = stopping.try_finish().unwrap();
    assert_left_alone(dma.engine(), transfer.try_resolve().unwrap().buffer);
}

/// The stop handle in an interrupt handler: the bound holds there too, and the stop stays asked for.
#[test]
fn a_stop_handle_with_slow_hardware_returns_at_its_bound_and_leaves_the_stop_asked_for() {
    let dma = slow();
    let (active, transfer) = recording(&dma);
    let stop = active.stop_handle();
    assert_eq!(stop.terminate_atomic(), Err(timed_out(L)));
    assert!(active.is_stopped_by_another());
    assert_eq!(stop.terminate_atomic(), Err(timed_out(L)), "still, and it does not stop it twice");
    assert_eq!(dma.statistics(0).unwrap().stops, 1);
    let transfer = transfer.try_resolve().unwrap_err();
    pass(dma.engine(), 48_000);
    assert_eq!(stop.terminate_atomic(), Ok(false), "another call did it");
    assert_left_alone(dma.engine(), transfer.try_resolve().unwrap().buffer);
}

/// Hardware that never stops: whoever waits learns it in time, nothing is given back, and a reset is the way out.
#[test]
fn s57_hardware_that_never_stops_is_reset() {
    let (dma, events) = (board::<4>(), Events::default());
    let cpu = cpu(&dma, &events);
    cpu.thread(|cx| {
        let (active, transfer) = recording(&dma);
        dma.engine().hw().set_stop_latency(StopLatency::Never);
        let kept = active.terminate_atomic().unwrap_err();
        assert_eq!(kept.error, timed_out(L));
        let kept = kept.value.synchronize(cx).unwrap_err();
        assert_eq!(kept.error, timed_out(SYNCHRONIZE));
        run(&cpu, dma.engine(), 1_000 * L);
        let stopping = kept.value.try_finish().unwrap_err();
        let transfer = transfer.try_resolve().unwrap_err();

        let idle = stopping.reset().unwrap();
        let ended = transfer.try_resolve().unwrap();
        assert!(matches!(ended.outcome, Outcome::Aborted { residue: 1..=800 }), "{:?}", ended.outcome);
        assert_left_alone(dma.engine(), ended.buffer);

        dma.engine().hw().set_stop_latency(StopLatency::After(us(L)));
        let (active, transfer) = start_ring(idle);
        run(&cpu, dma.engine(), 2 * PERIOD_US);
        assert!(!events.of(transfer.generation()).is_empty(), "it runs again");
        let _idle = active.terminate_sync(cx).unwrap();
        assert_left_alone(dma.engine(), transfer.try_resolve().unwrap().buffer);
    });
}

/// A transfer that waits behind a stop that never comes has never run; a reset gives both back.
#[test]
fn what_waits_behind_a_stop_that_never_comes_is_given_back_by_the_reset() {
    let dma = board::<4>();
    let (active, old) = recording(&dma);
    dma.engine().hw().set_stop_latency(StopLatency::Never);
    let stopping = active.terminate_async();
    let next = stopping.prep_memcpy(zeroed(64), zeroed(64)).unwrap();
    let (active, next) = stopping.queue_after_stop(next).unwrap();
    pass(dma.engine(), 100 * L);
    assert_eq!(next.status(), Status::Queued { residue: 64 });
    let stopping = active.terminate_async().try_finish().unwrap_err();
    let next = next.try_resolve().unwrap_err();
    let _idle = stopping.reset().unwrap();
    assert_eq!(next.try_resolve().unwrap().outcome, Outcome::Aborted { residue: 64 });
    assert_left_alone(dma.engine(), old.try_resolve().unwrap().buffer);
}

/// Dropping the handles of a channel that never stops keeps the channel from everybody.
#[test]
fn a_channel_that_never_stops_is_never_handed_out_again() {
    let dma = board::<4>();
    let (active, transfer) = recording(&dma);
    dma.engine().hw().set_stop_latency(StopLatency::Never);
    drop((active, transfer));
    pass(dma.engine(), 1_000 * L);
    assert_eq!(dma.channel(0).unwrap_err(), RequestError::Busy { channel: 0 });
    assert_eq!(dma.engine().hw().late_accesses(), 0, "the memory leaked; it was not given back");
}

fn picky(stop: StopKind, latency: u64, whims: Whims) -> Dma<Picky, 1, 4> {
    Dma::new(Picky::new(mock(latency), |facts| facts.stop = stop, whims))
}

/// Even the reset fails. The channel stays as it was, and is quiescent when the hardware thinks better of it.
#[test]
fn a_reset_that_fails_keeps_everything() {
    let stop = StopKind::Deferred { bound: Micros(L), interrupt: true };
    let dma = picky(stop, 50_000, Whims { cannot_reset: true, ..Whims::default() });
    let mock = &dma.engine().mock;
    attach_recorder(mock, 0);
    let (active, transfer) = start_ring(dma.channel(0).unwrap());
    pass(mock, 305);
    let kept = active.terminate_async().reset().unwrap_err();
    assert_eq!(kept.error.reason, Unfinished::Engine);
    let transfer = transfer.try_resolve().unwrap_err();
    pass(mock, 50_000);
    let _idle = kept.value.try_finish().unwrap();
    assert_left_alone(mock, transfer.try_resolve().unwrap().buffer);
}

/// An engine that does not tell the end of its stop must be asked. The sleeper asks often enough to be only a little
/// late.
#[test]
fn an_engine_that_does_not_tell_is_asked_now_and_then() {
    let dma = picky(StopKind::Deferred { bound: Micros(L), interrupt: false }, L, Whims::default());
    let mock = &dma.engine().mock;
    let cpu = backend_mock::Cpu::new(mock, |_atomic| ());
    cpu.thread(|cx| {
        attach_recorder(mock, 0);
        let (active, transfer) = start_ring(dma.channel(0).unwrap());
        cpu.hold_off_interrupts(true);
        pass(mock, 305);
        let _idle = active.terminate_sync(cx).unwrap();
        let late = now(mock) - 305 - L;
        assert!(late <= L / 16, "{late} us late");
        assert_left_alone(mock, transfer.try_resolve().unwrap().buffer);
    });
}

/// An engine that stops at once: every stop is complete when it returns, and needs neither wait nor interrupt.
#[test]
fn an_engine_that_stops_at_once_is_quiescent_on_return_of_terminate_async() {
    let dma = picky(StopKind::AtOnce, 0, Whims::default());
    let mock = &dma.engine().mock;
    attach_recorder(mock, 0);
    let (active, transfer) = start_ring(dma.channel(0).unwrap());
    let stop = active.stop_handle();
    pass(mock, 305);
    assert!(stop.terminate_async());
    assert_eq!(transfer.status(), Status::Aborted { residue: 680 }, "known without asking anybody again");
    let _idle = active.terminate_async().try_finish().unwrap();
    assert_left_alone(mock, transfer.try_resolve().unwrap().buffer);
}

/// A channel that has stopped by the time of the reset is not reset: with an engine whose reset fails, or takes the whole
/// controller, that would undo what time has done already.
#[test]
fn reset_of_a_channel_that_has_just_stopped_resets_nothing() {
    let whims = Whims { cannot_reset: true, ..Whims::default() };
    let dma: Dma<Picky, 1, 4> = Dma::new(Picky::new(mock(L), |_| {}, whims));
    let idle = dma.channel(0).unwrap();
    let copy = prep_copy(&idle, 4_000, 1);
    let (active, transfer) = idle.start(copy).unwrap();
    let stopping = active.terminate_async();
    let kept = stopping.reset().unwrap_err();
    assert_eq!(kept.error.reason, Unfinished::Engine, "not yet, and the reset fails");
    pass(&dma.engine().mock, L);
    let _idle = kept.value.reset().unwrap();
    assert!(matches!(transfer.try_resolve().unwrap().outcome, Outcome::Aborted { .. }));
}

/// Nobody polls the channel and no interrupt is taken: the handles themselves find out that the stop is complete, also of
/// transfers that never ran.
#[test]
fn handles_of_a_stopped_channel_find_out_without_an_interrupt() {
    let dma = board::<4>();
    let (active, running) = recording(&dma);
    let queued = active.submit(active.prep_memcpy(zeroed(8), zeroed(8)).unwrap()).unwrap();
    active.issue();
    let _stopping = active.terminate_async();
    assert_eq!(queued.status(), Status::Stopping);
    pass(dma.engine(), L);
    assert_eq!(queued.status(), Status::Aborted { residue: 8 });
    assert_eq!(queued.try_resolve().unwrap().outcome, Outcome::Aborted { residue: 8 });
    assert!(matches!(running.try_resolve().unwrap().outcome, Outcome::Aborted { .. }));
}
