//! Critical sections: they mask interrupts, they nest, and the library's lock is one. If they did not mask, the first three tests would
//! fail, each in its own way.
#![no_std]
#![no_main]

use core::hint::black_box;
use core::sync::atomic::{AtomicU32, Ordering};

use dmaengine_core::Sleepable;
use dmaengine_core::lock::{CriticalSectionLock, Locked};
use firmware_m4::context;
use m4::{cpu, nvic, systick};

/// How often interrupt 0 was handled, and SysTick.
static HANDLED: AtomicU32 = AtomicU32::new(0);
static TICKS: AtomicU32 = AtomicU32::new(0);
/// What the thread and SysTick both add to.
static SUM: Locked<CriticalSectionLock, u32> = Locked::new(0);

/// Additions of the thread.
const TURNS: u32 = 20_000;
/// A tick every few hundred instructions, at moments that have nothing to do with the thread's.
const COUNTS: u32 = 101;

#[unsafe(no_mangle)]
extern "C" fn Interrupt0() {
    assert_eq!(cpu::exception(), 16);
    assert!(!context::may_sleep());
    HANDLED.fetch_add(1, Ordering::Relaxed);
}

#[unsafe(no_mangle)]
extern "C" fn SysTick() {
    TICKS.fetch_add(1, Ordering::Relaxed);
    add();
}

/// One more, slowly enough to be interrupted.
fn add() {
    SUM.with(|sum| {
        let before = black_box(*sum);
        *sum = black_box(before + 1);
    });
}

fn handled() -> u32 {
    HANDLED.load(Ordering::Relaxed)
}

fn what_comes_in_a_section_is_handled_behind_it(_: &mut Sleepable<'_>) {
    nvic::enable();
    nvic::raise();
    assert_eq!(handled(), 1, "no section, no delay");
    critical_section::with(|_section| {
        nvic::raise();
        assert_eq!(handled(), 1, "handled inside a section");
        assert!(nvic::is_pending() && !context::may_sleep());
    });
    assert_eq!(handled(), 2);
    assert!(context::may_sleep());
}

fn an_inner_section_ends_without_letting_anything_in(_: &mut Sleepable<'_>) {
    static INNER: Locked<CriticalSectionLock, ()> = Locked::new(());
    let before = handled();
    SUM.with(|_| {
        INNER.with(|()| nvic::raise());
        assert!(cpu::is_masked());
        assert_eq!(handled(), before, "handled inside a lock");
    });
    assert_eq!(handled(), before + 1);
}

fn thread_and_exception_share_a_lock_and_nothing_is_lost(_: &mut Sleepable<'_>) {
    systick::every(COUNTS);
    (0..TURNS).for_each(|_| add());
    systick::stop();
    let ticks = TICKS.load(Ordering::Relaxed);
    assert!(ticks > TURNS / 100, "only {ticks} ticks have tried");
    assert_eq!(SUM.with(|sum| *sum), TURNS + ticks);
}

firmware_m4::tests![
    what_comes_in_a_section_is_handled_behind_it,
    an_inner_section_ends_without_letting_anything_in,
    thread_and_exception_share_a_lock_and_nothing_is_lost,
];
