//! A second core: it runs, it takes interrupts, and the lock and the simulated devices keep the two apart.
//!
//! qemu: -smp 2
#![no_std]
#![no_main]

use core::sync::atomic::{AtomicBool, AtomicU32, Ordering};

use board::lock::IrqLock;
use board::platform::Board;
use board::{context, cpu, gic, hardware, irq, mmio};
use dmaengine_core::lock::Locked;
use dmaengine_core::{Micros, Platform, Sleepable};

const TURNS: u64 = 2_000;
const SOFTWARE: u32 = 1;

static SUM: Locked<IrqLock, u64> = Locked::new(0);
static IS_UP: AtomicBool = AtomicBool::new(false);
static IS_DONE: AtomicBool = AtomicBool::new(false);
static CALLED: AtomicU32 = AtomicU32::new(u32::MAX);

fn wait_for(flag: &AtomicBool) {
    while !flag.load(Ordering::Acquire) {
        core::hint::spin_loop();
    }
}

/// CHNPRI of a channel, which holds what was written to it.
fn priority(channel: u32) -> u32 {
    0x020E_C100 + 4 * channel
}

/// Does what both cores do at once: a sum behind a lock, and registers of a simulated device.
fn work(channel: u32) {
    for turn in 0..TURNS {
        SUM.with(|sum| {
            let before = core::hint::black_box(*sum);
            *sum = before + 1;
        });
        let value = 1 + turn as u32 % 7;
        mmio::write(priority(channel), value);
        assert_eq!(mmio::read(priority(channel)), value);
    }
}

/// The second core's program.
fn second() {
    assert_eq!(cpu::core(), 1);
    irq::handle(SOFTWARE, irq::NORMAL, || CALLED.store(cpu::core() as u32, Ordering::Release));
    IS_UP.store(true, Ordering::Release);
    context::thread(|context| {
        work(2);
        let before = Board.now();
        context::sleep_for(context, Micros(500));
        assert!(Board.now() >= before + Micros(500));
    });
    IS_DONE.store(true, Ordering::Release);
}

fn a_second_core_runs(_: &mut Sleepable<'_>) {
    hardware::mount();
    board::start_core(1, second);
    wait_for(&IS_UP);
}

fn both_work_and_nothing_is_lost(_: &mut Sleepable<'_>) {
    work(1);
    wait_for(&IS_DONE);
    assert_eq!(SUM.with(|sum| *sum), 2 * TURNS);
    hardware::hw(|sdma| assert_eq!(sdma.reports(), []));
}

fn one_core_interrupts_the_other(_: &mut Sleepable<'_>) {
    gic::interrupt_core(1, SOFTWARE);
    while CALLED.load(Ordering::Acquire) == u32::MAX {
        core::hint::spin_loop();
    }
    assert_eq!(CALLED.load(Ordering::Acquire), 1);
}

board::tests![a_second_core_runs, both_work_and_nothing_is_lost, one_core_interrupts_the_other];
