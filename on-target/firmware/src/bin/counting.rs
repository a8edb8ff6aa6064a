//! Instructions are counted exactly, and an interrupt can be made to come at each of them.
//!
//! The program has `unsafe` because it consists of a known number of instructions.
//!
//! qemu: -icount shift=5,sleep=off
#![no_std]
#![no_main]

use core::arch::asm;
use core::sync::atomic::{AtomicU32, Ordering};

use board::timer::{global, private};
use board::{cpu, gic, irq};
use dmaengine_core::Sleepable;

/// Where the interrupt found the program: so many instructions were done.
static FOUND: AtomicU32 = AtomicU32::new(0);
static DONE: AtomicU32 = AtomicU32::new(0);

/// Called by its address, so that what is around it is always the same.
#[inline(never)]
fn counted(f: fn()) -> u32 {
    let f = core::hint::black_box(f);
    cpu::masked(|| {
        let from = global::count();
        f();
        global::instructions(from, global::count())
    })
}

macro_rules! nops {
    ($count:literal) => {
        // SAFETY: they do nothing.
        || unsafe { asm!(concat!(".rept ", $count), "nop", ".endr", options(nomem, nostack)) }
    };
}

fn instructions_are_counted(_: &mut Sleepable<'_>) {
    let [none, one, two, many] = [counted(nops!(0)), counted(nops!(1)), counted(nops!(2)), counted(nops!(1_000))];
    assert_eq!([one - none, two - none, many - none], [1, 2, 1_000]);
}

/// Eight instructions that each add 1, and a timer that is set from 0 to the end of them: some moment falls on each.
fn an_interrupt_comes_at_every_instruction(_: &mut Sleepable<'_>) {
    irq::handle(gic::PRIVATE_TIMER, irq::NORMAL, || {
        private::acknowledge();
        FOUND.store(DONE.load(Ordering::Relaxed), Ordering::Relaxed);
    });
    let mut seen = 0_u32;
    for counts in 1..200 {
        DONE.store(0, Ordering::Relaxed);
        private::once(counts);
        let done: u32;
        // SAFETY: it counts in the static's word, which the handler only reads.
        unsafe {
            asm!(
                ".rept 8",
                "add {n}, {n}, #1",
                "str {n}, [{done}]",
                ".endr",
                n = inout(reg) 0 => done,
                done = in(reg) DONE.as_ptr(),
                options(nostack),
            );
        }
        assert_eq!(done, 8);
        cpu::masked(private::stop);
        seen |= 1 << FOUND.swap(0, Ordering::Relaxed);
    }
    assert_eq!(seen, 0b1_1111_1111, "moments at which it came");
}

board::tests![instructions_are_counted, an_interrupt_comes_at_every_instruction];
