//! The runtime itself: timers interrupt, the interrupt controller does what it is told, and the modes are what they are said to be.
#![no_std]
#![no_main]

use core::sync::atomic::{AtomicU32, Ordering};

use board::timer::{Epit, private};
use board::{cpu, gic, irq};
use dmaengine_core::Sleepable;

static TICKS: AtomicU32 = AtomicU32::new(0);
static RAISED: AtomicU32 = AtomicU32::new(0);
static INNER: AtomicU32 = AtomicU32::new(0);

fn count(counter: &AtomicU32) -> u32 {
    counter.load(Ordering::Relaxed)
}

fn add(counter: &AtomicU32) {
    counter.fetch_add(1, Ordering::Relaxed);
}

fn a_thread_may_sleep_and_masked_it_may_not(_: &mut Sleepable<'_>) {
    assert_eq!(cpu::mode(), cpu::Mode::Thread);
    assert!(board::context::may_sleep());
    cpu::masked(|| assert!(!board::context::may_sleep()));
    assert!(board::context::may_sleep());
}

fn timers_interrupt(_: &mut Sleepable<'_>) {
    irq::handle(gic::PRIVATE_TIMER, irq::NORMAL, || {
        private::acknowledge();
        assert_eq!(cpu::mode(), cpu::Mode::Interrupt);
        assert!(!board::context::may_sleep());
        add(&TICKS);
    });
    private::every(100 * private::MICROSECOND);
    while count(&TICKS) < 20 {
        cpu::wait_for_interrupt();
    }
    private::stop();

    let before = count(&TICKS);
    irq::handle(gic::EPIT2, irq::NORMAL, || {
        Epit::TWO.acknowledge();
        add(&TICKS);
    });
    Epit::TWO.every(6_600);
    while count(&TICKS) < before + 20 {
        cpu::wait_for_interrupt();
    }
    Epit::TWO.stop();
    gic::disable(gic::EPIT2);
}

fn an_interrupt_raised_by_hand_is_taken_at_once_and_when_masked_later(_: &mut Sleepable<'_>) {
    irq::handle(gic::SDMA, irq::NORMAL, || add(&RAISED));
    gic::set_pending(gic::SDMA);
    assert_eq!(count(&RAISED), 1);
    cpu::masked(|| {
        gic::set_pending(gic::SDMA);
        gic::set_pending(gic::SDMA);
        assert!(gic::is_pending(gic::SDMA));
        assert_eq!(count(&RAISED), 1);
    });
    assert_eq!(count(&RAISED), 2);
    cpu::masked(|| {
        gic::set_pending(gic::SDMA);
        gic::clear_pending(gic::SDMA);
    });
    assert_eq!(count(&RAISED), 2);
}

fn a_handler_lets_in_what_is_more_important(_: &mut Sleepable<'_>) {
    irq::handle(gic::EPIT2, irq::HIGH, || add(&INNER));
    irq::handle(gic::SDMA, irq::NORMAL, || {
        gic::set_pending(gic::EPIT2);
        assert_eq!(count(&INNER), 0);
        irq::nested(|| assert_eq!(count(&INNER), 1));
        gic::set_pending(gic::SDMA);
        // Its own is not more important.
        irq::nested(|| assert_eq!(count(&INNER), 1));
        gic::clear_pending(gic::SDMA);
        add(&RAISED);
    });
    let before = count(&RAISED);
    gic::set_pending(gic::SDMA);
    assert_eq!(count(&RAISED), before + 1);
}

/// What the entry of an interrupt saves: integers, and with the hard-float ABI numbers in floating-point registers.
fn an_interrupt_leaves_registers_alone(_: &mut Sleepable<'_>) {
    irq::handle(gic::SDMA, irq::NORMAL, || {
        let n = count(&RAISED) as f64;
        RAISED.store((n * 1.5 + 3.25) as u32, Ordering::Relaxed);
    });
    private::stop();
    irq::handle(gic::PRIVATE_TIMER, irq::NORMAL, || {
        private::acknowledge();
        gic::set_pending(gic::SDMA);
        irq::nested(|| ());
    });
    private::every(731);
    let (mut real, mut whole) = (1.0_f64, 1_u64);
    for n in 1..20_000_u32 {
        real = real * 1.000_1 + f64::from(n) * 0.5;
        whole = whole.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(n.into());
    }
    private::stop();
    let (mut real_again, mut whole_again) = (1.0_f64, 1_u64);
    cpu::masked(|| {
        for n in 1..20_000_u32 {
            real_again = core::hint::black_box(real_again * 1.000_1 + f64::from(n) * 0.5);
            whole_again = whole_again.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(n.into());
        }
    });
    assert_eq!((real.to_bits(), whole), (real_again.to_bits(), whole_again));
}

board::tests![
    a_thread_may_sleep_and_masked_it_may_not,
    timers_interrupt,
    an_interrupt_raised_by_hand_is_taken_at_once_and_when_masked_later,
    a_handler_lets_in_what_is_more_important,
    an_interrupt_leaves_registers_alone,
];
