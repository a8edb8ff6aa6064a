//! The lock policy of the feature `critical-section`, on the implementation for hosts that the `critical-section` crate
//! has: a mutex that the thread which holds it may take again, as a section on one core may be entered again.

use core::sync::atomic::{AtomicBool, Ordering};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::thread;
use std::time::{Duration, Instant};

use dmaengine_core::lock::{CriticalSectionLock, Locked, RawLock};
use dmaengine_core::{Atomic, Dma, Outcome};

use super::common::{L, mock, pattern, zeroed};
use super::watched::Wrapped;

/// Sections nest; the same lock does not: its second closure would get a second `&mut`. It panics before that runs.
#[test]
fn the_same_lock_inside_itself_panics() {
    let value = Locked::<CriticalSectionLock, u32>::new(1);
    let nested = value.with(|outer| {
        *outer = 2;
        catch_unwind(AssertUnwindSafe(|| value.with(|inner| *inner = 3)))
    });
    let message = *nested.expect_err("it ran").downcast::<&str>().unwrap();
    assert_eq!(message, "a lock was taken by the code that holds it");
    assert_eq!(value.with(|value| *value), 2);
}

/// Two channels have two locks. Whoever holds one may take the other, and a section around both changes nothing.
#[test]
fn another_lock_inside_is_another_lock() {
    let (one, two) = (CriticalSectionLock::INIT, CriticalSectionLock::INIT);
    critical_section::with(|_| assert_eq!(one.with(|| two.with(|| 7)), 7));
    assert_eq!(one.with(|| 8), 8);
}

/// A closure that panics lets go of the lock, or the panic would take every later call with it.
#[test]
fn a_panic_inside_lets_go() {
    let lock = CriticalSectionLock::INIT;
    assert!(catch_unwind(AssertUnwindSafe(|| lock.with(|| panic!("inside")))).is_err());
    assert_eq!(lock.with(|| 1), 1);
}

/// Ten thousand increments on each of four threads, in two steps each.
#[test]
fn threads_exclude_each_other() {
    let value = Locked::<CriticalSectionLock, u32>::new(0);
    thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| {
                for _ in 0..10_000 {
                    value.with(|value| {
                        let old = *value;
                        thread::yield_now();
                        *value = old + 1;
                    });
                }
            });
        }
    });
    assert_eq!(value.with(|value| *value), 40_000);
}

/// Tells the other thread that it is over, also if this one fails.
struct Over<'t>(&'t AtomicBool);

impl Drop for Over<'_> {
    fn drop(&mut self) {
        self.0.store(true, Ordering::Relaxed);
    }
}

/// A channel behind this policy, with its owner on one thread and its interrupt on another: copies complete with the right
/// bytes or are aborted, and no slot is lost.
#[test]
fn it_is_a_channel_s_lock() {
    let dma: Dma<Wrapped<CriticalSectionLock>, 1, 2> = Dma::new(Wrapped::new(mock(L)));
    let over = AtomicBool::new(false);
    thread::scope(|scope| {
        scope.spawn(|| {
            while !over.load(Ordering::Relaxed) {
                let hw = dma.engine().mock.hw();
                hw.advance_to(hw.now() + backend_mock::hw::Nanos::from_micros(16));
                dma.interrupt(&Atomic::new(), &mut |_, _| ());
                thread::yield_now();
            }
        });
        let (_over, start) = (Over(&over), Instant::now());
        let mut idle = dma.channel(0).unwrap();
        let (mut completed, mut aborted) = (0, 0);
        for round in 0..200_u32 {
            let copy = idle.prep_memcpy(zeroed(64), pattern(64, round as u8)).expect("no slot is lost");
            let (active, mut transfer) = idle.start(copy).unwrap();
            for _ in 0..round % 8 {
                thread::yield_now();
            }
            let mut stopping = active.terminate_async();
            idle = loop {
                match stopping.try_finish() {
                    Ok(idle) => break idle,
                    Err(again) => stopping = again,
                }
                assert!(start.elapsed() < Duration::from_secs(20), "it does not stop");
                thread::yield_now();
            };
            let ended = loop {
                match transfer.try_resolve() {
                    Ok(ended) => break ended,
                    Err(again) => transfer = again,
                }
            };
            match ended.outcome {
                Outcome::Completed => {
                    completed += 1;
                    assert_eq!(ended.buffer.0, ended.buffer.1);
                }
                outcome => {
                    aborted += 1;
                    assert!(matches!(outcome, Outcome::Aborted { .. }));
                }
            }
        }
        assert_eq!(completed + aborted, 200);
    });
    assert_eq!(dma.engine().mock.hw().late_accesses(), 0);
}
