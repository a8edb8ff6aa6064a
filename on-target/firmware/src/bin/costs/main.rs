//! What the operations of the benchmarks take on this core, in instructions, and for how many of them interrupts are masked at a time.
//! No test: it prints a line for each, of which `cargo xtask target costs` makes a table.
//!
//! The SDMA is the benchmarks': registers in plain memory, so that what is counted is the driver's. Nothing interrupts.
//!
//! qemu: -icount shift=5,sleep=off
#![no_std]
#![no_main]

extern crate alloc;

mod masked;
mod stream;

use alloc::boxed::Box;
use alloc::vec::Vec;
use core::fmt::Debug;
use core::hint::black_box;

use benches::ops;
use benches::plain::Sdma;
use benches::rig::{Machine, Run};
use board::lock::IrqLock;
use board::timer::global;
use dmaengine_core::lock::MasksInterrupts;
use masked::{Masked, longest};
use pcm_dmaengine::Recovery;

/// What a call of `f` takes. It is called by its address, so that what is around it is always the same.
#[inline(never)]
fn counted<I, O>(input: I, f: fn(I) -> O) -> (u32, O) {
    let (f, input) = (black_box(f), black_box(input));
    let from = global::count();
    let output = f(input);
    let taken = global::instructions(from, global::count());
    (taken, black_box(output))
}

/// A lock, and what is told of an operation under it.
trait Told: MasksInterrupts + Debug + 'static {
    const WHAT: &'static str;

    /// Of so many instructions.
    fn figure(taken: u32) -> u32;
}

impl Told for IrqLock {
    const WHAT: &'static str = "instructions";

    fn figure(taken: u32) -> u32 {
        let (nothing, ()) = counted((), |()| ());
        taken - nothing
    }
}

/// Its own counting would be counted.
impl Told for Masked {
    const WHAT: &'static str = "masked";

    fn figure(_taken: u32) -> u32 {
        longest()
    }
}

/// Does an operation that was made ready, and prints its name, the case, and the figure.
fn tell<L: Told, I, O>(name: &str, case: usize, input: I, f: fn(I) -> O) {
    longest();
    let (taken, output) = counted(input, f);
    board::println!("{} {name} {case} {}", L::WHAT, L::figure(taken));
    drop(output);
}

fn free<L: Told>(transfers: Vec<Run<Sdma<L>>>) -> usize {
    let mut bytes = 0;
    ops::free::<Sdma<L>>(transfers, |ring| bytes += ring.len());
    bytes
}

fn status<L: Told>(transfer: Box<Run<Sdma<L>>>) -> Box<Run<Sdma<L>>> {
    black_box(ops::status(&transfer));
    transfer
}

fn all<L: Told>() {
    let machine = Machine::<Sdma<L>>::new;
    for n in [1, 64] {
        tell::<L, _, _>("terminate_async", n, ops::active(machine(), n), ops::terminate_async);
        tell::<L, _, _>("terminate_atomic", n, ops::active(machine(), n), ops::terminate_atomic);
        tell::<L, _, _>("synchronize_complete", n, ops::complete(machine(), n), ops::synchronize);
        tell::<L, _, _>("synchronize_pending", n, ops::pending(machine(), n), ops::synchronize);
        tell::<L, _, _>("free", n, ops::stopped(machine(), n), free);
        tell::<L, _, _>("restart", n, ops::to_restart(machine(), n), ops::queue_again);
        tell::<L, _, _>("status", n, ops::running(machine(), n), status);
    }
    for periods in [4, 16, 64] {
        let ready = ops::to_start(machine(), periods as u32);
        tell::<L, _, _>("prepare_submit_issue", periods, ready, ops::prepare_submit_issue);
        let ready = ops::to_start_anew(machine(), periods as u32);
        tell::<L, _, _>("prepare_anew", periods, ready, ops::prepare_submit_issue);
    }
    for ended in [1, 2, 4] {
        tell::<L, _, _>("interrupt", ended, ops::elapsed(machine(), ended as u16), ops::interrupt);
    }
    tell::<L, _, _>("pcm_elapsed", 4, stream::to_move::<L>(), stream::moved);
    tell::<L, _, _>("pcm_xrun", 4, stream::to_be_late::<L>(Recovery::SYNC_STOP), stream::stopped);
    tell::<L, _, _>("pcm_write", 4, stream::sounding::<L>(Recovery::SYNC_STOP), stream::write);
    tell::<L, _, _>("pcm_recover_sync_stop", 4, stream::late::<L>(Recovery::SYNC_STOP), stream::recover);
    tell::<L, _, _>("pcm_recover_atomic", 4, stream::late::<L>(Recovery::ATOMIC), stream::recover);
    tell::<L, _, _>("pcm_recover_queued", 4, stream::late::<L>(Recovery::QUEUE_AFTER_STOP), stream::recover);
}

board::program!(|_context| {
    all::<IrqLock>();
    all::<Masked>();
});
