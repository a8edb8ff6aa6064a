//! An interrupt at every instruction of what a client calls, and of the interrupt handler itself.
//!
//! In each round of a walk the client does the same, and the interrupt comes one instruction later. It does what a client's handler does:
//! it has the SDMA tell news right there, or stops the run because of an XRUN. After each round nothing may be lost, told twice, or told of what is
//! quiescent; the memory is back, and the channel works.
//!
//! qemu: -icount shift=5,sleep=off
#![no_std]
#![no_main]

extern crate alloc;

mod aim;
mod client;

use core::sync::atomic::{AtomicBool, Ordering};

use board::{context, hardware};
use dmaengine_core::{Sleepable, SubmitError};
use sim_imx_sdma::Trouble;
use sim_imx_sdma::time::Cycles;

use aim::{Walked, note, over, walk};
use client::{Round, WALK_BEHIND_STOP, WALK_HANDLER, arm, arm_for, copy, news, was_stopped, xrun, xrun_and_rest};

/// Walks with an XRUN: where it comes early the handler stops the run, and where it comes late another was first.
fn race(what: &'static str, action: fn(), mut round: impl FnMut()) -> Walked {
    let (mut was_first, mut was_second) = (false, false);
    let walked = walk(what, action, || {
        round();
        *if was_stopped() { &mut was_first } else { &mut was_second } = true;
    });
    assert!(was_first && was_second, "{what}: stopped in time: {was_first}, too late: {was_second}");
    walked
}

/// Each of the routines takes a lock.
fn with_lock(walked: Walked) {
    assert!(walked.instructions > 1 && walked.stretches > 0, "{walked:?}");
    note(walked);
}

fn at_every_instruction_of_terminate_async(context: &mut Sleepable<'_>) {
    let mut round = || {
        let (round, idle) = Round::new();
        let (active, transfer) = round.ring(idle);
        aim::here();
        let stopping = active.terminate_async();
        over();
        round.end(stopping.synchronize(context).unwrap(), transfer, context);
    };
    with_lock(walk("terminate_async, a period ends", news, &mut round));
    with_lock(race("terminate_async, an XRUN", xrun, &mut round));
    with_lock(race("terminate_async, an XRUN whose stop is complete", xrun_and_rest, &mut round));
}

/// The client's own critical section: the interrupt waits for its end.
fn at_the_end_of_a_critical_section(context: &mut Sleepable<'_>) {
    static IS_INSIDE: AtomicBool = AtomicBool::new(false);
    let action = || {
        assert!(!IS_INSIDE.load(Ordering::Acquire), "the interrupt came into a critical section");
        xrun_and_rest();
    };
    let walked = race("terminate_async in a critical section, an XRUN", action, || {
        let (round, idle) = Round::new();
        let (active, transfer) = round.ring(idle);
        aim::here();
        let stopping = context::masked(context, |_| {
            IS_INSIDE.store(true, Ordering::Release);
            let stopping = active.terminate_async();
            IS_INSIDE.store(false, Ordering::Release);
            stopping
        });
        over();
        round.end(stopping.synchronize(context).unwrap(), transfer, context);
    });
    assert_eq!(walked.stretches, 1, "one section, and the lock is inside");
    with_lock(walked);
}

fn at_every_instruction_of_start(context: &mut Sleepable<'_>) {
    let mut round = || {
        let (round, idle) = Round::new();
        let prepared = copy(&idle, 256);
        arm_for(idle.stopper(), round.next());
        aim::here();
        let (active, transfer) = idle.start(prepared).unwrap();
        over();
        round.end_copies(active, [transfer], context);
    };
    with_lock(walk("start, news if there is any", news, &mut round));
    with_lock(race("start, an XRUN", xrun, &mut round));
    with_lock(race("start, an XRUN whose stop is complete", xrun_and_rest, &mut round));
}

fn at_every_instruction_of_submit(context: &mut Sleepable<'_>) {
    let mut refused = 0;
    let mut round = || {
        let (round, idle) = Round::new();
        let (first, second) = (copy(&idle, 1024), copy(&idle, 64));
        let (active, first) = idle.start(first).unwrap();
        arm(&active);
        aim::here();
        let submitted = active.submit(second);
        over();
        match submitted {
            Ok(second) => {
                active.issue();
                round.end_copies(active, [first, second], context);
            }
            Err(kept) => {
                assert!(was_stopped() && kept.error == SubmitError::Stopped);
                drop(kept.value);
                refused += 1;
                round.end_copies(active, [first], context);
            }
        }
    };
    with_lock(walk("submit, the transfer before ends", news, &mut round));
    with_lock(walk("submit, an XRUN", xrun, &mut round));
    with_lock(walk("submit, an XRUN whose stop is complete", xrun_and_rest, &mut round));
    assert!(refused > 0, "no stop came before a submit");
}

fn at_every_instruction_of_issue(context: &mut Sleepable<'_>) {
    let mut round = || {
        let (round, idle) = Round::new();
        let (first, second) = (copy(&idle, 1024), copy(&idle, 64));
        let (active, first) = idle.start(first).unwrap();
        let second = active.submit(second).unwrap();
        arm(&active);
        aim::here();
        active.issue();
        over();
        round.end_copies(active, [first, second], context);
    };
    with_lock(walk("issue, the transfer before ends", news, &mut round));
    with_lock(walk("issue, an XRUN", xrun, &mut round));
    with_lock(walk("issue, an XRUN whose stop is complete", xrun_and_rest, &mut round));
}

fn at_every_instruction_of_queue_after_stop(context: &mut Sleepable<'_>) {
    let mut round = || {
        let (round, idle) = Round::new();
        let (active, ring) = round.ring(idle);
        let stopping = active.terminate_async();
        let next =
            stopping.prep_memcpy(alloc::vec![0_u8; 64].into_boxed_slice(), alloc::vec![7_u8; 64].into_boxed_slice());
        aim::here();
        let (active, next) = stopping.queue_after_stop(next.unwrap()).unwrap();
        over();
        round.end_queued(active, ring, next, context);
    };
    with_lock(walk("queue_after_stop, the stop is complete", news, &mut round));
    // The handle is of the run before, and must not hit what waits behind its stop.
    with_lock(walk("queue_after_stop, an XRUN too late", xrun_and_rest, &mut round));
}

/// First to where it sleeps, then from the interrupt that wakes it to its return.
fn at_every_instruction_of_synchronize(context: &mut Sleepable<'_>) {
    // A stop takes 20 µs longer, so that there is something to wait for.
    let slow = |by| hardware::hw(|sdma| sdma.cause(Trouble::SlowChannel0 { by }));
    slow(Cycles(1_320));
    let walked = walk("synchronize to its sleep, the stop is complete", news, || {
        let (round, idle) = Round::new();
        let (active, transfer) = round.ring(idle);
        let stopping = active.terminate_async();
        aim::here();
        let idle = stopping.synchronize(context).unwrap();
        over();
        round.end(idle, transfer, context);
    });
    with_lock(walked);
    // The handle is spent, and the handler finds that out.
    let walked = walk("synchronize from its sleep on, an XRUN too late", xrun, || {
        let (round, idle) = Round::new();
        let (active, transfer) = round.ring(idle);
        let stopping = active.terminate_async();
        WALK_BEHIND_STOP.store(true, Ordering::Relaxed);
        let idle = stopping.synchronize(context).unwrap();
        over();
        assert!(!WALK_BEHIND_STOP.load(Ordering::Relaxed) && !was_stopped());
        round.end(idle, transfer, context);
    });
    with_lock(walked);
    slow(Cycles(0));
}

fn at_every_instruction_of_the_interrupt_handler(context: &mut Sleepable<'_>) {
    let mut round = || {
        let (round, idle) = Round::new();
        let (active, transfer) = round.ring(idle);
        WALK_HANDLER.store(true, Ordering::Relaxed);
        news();
        assert!(aim::has_come());
        let idle = active.terminate_async().synchronize(context).unwrap();
        round.end(idle, transfer, context);
    };
    with_lock(walk("the handler of a period, the next period ends", news, &mut round));
    with_lock(walk("the handler of a period, an XRUN", xrun, &mut round));
    with_lock(walk("the handler of a period, an XRUN whose stop is complete", xrun_and_rest, &mut round));
}

/// The client's own lock, which its interrupt handler takes, too.
fn while_the_client_looks_at_what_its_handler_writes(_: &mut Sleepable<'_>) {
    with_lock(walk("the client's own lock, the handler takes it, too", client::look, || {
        let (_round, idle) = Round::new();
        aim::here();
        let told = client::told();
        over();
        assert_eq!(told, 0);
        drop(idle);
    }));
}

board::program!(|context| {
    client::set_up();
    aim::set_up();
    macro_rules! named { ($($test:ident),* $(,)?) => { &[$((stringify!($test), $test as board::test::Test)),*] } }
    board::test::run(
        context,
        named![
            at_every_instruction_of_terminate_async,
            at_the_end_of_a_critical_section,
            while_the_client_looks_at_what_its_handler_writes,
            at_every_instruction_of_start,
            at_every_instruction_of_submit,
            at_every_instruction_of_issue,
            at_every_instruction_of_queue_after_stop,
            at_every_instruction_of_synchronize,
            at_every_instruction_of_the_interrupt_handler,
        ],
    );
    aim::report();
});
