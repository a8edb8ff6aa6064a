//! The operations, each made ready and then done once, on any engine.
//!
//! A *queue of n* is as in the figures of the Linux driver: n cyclic transfers of 4 periods on one channel; half are issued, the first
//! of them runs; the rest are submitted.
//!
//! What makes ready takes a [`Machine`], on which it finds or leaves whatever the operation does not touch.

use alloc::boxed::Box;
use alloc::vec;
use alloc::vec::Vec;

use dmaengine_core::{
    Active, Cyclic, Idle, Kept, Micros, Prepared, Resolved, Sleepable, Sleeper, Status, StillRunning, Stopping,
};

use crate::rig::{Machine, Rig, Ring, Run};

/// Bytes of a period: 256 bursts of 6 words of 16 bits would be more than enough; the size costs nothing.
pub const PERIOD: u32 = 256;

/// A ring for so many periods.
fn ring<E: Rig>(machine: &Machine<E>, periods: u32) -> Ring {
    machine.ring((periods * PERIOD) as usize)
}

/// What is ready for a cyclic transfer: `prepare_submit_issue` does it.
#[derive(Debug)]
pub struct ToStart<E: Rig> {
    channel: Idle<'static, E>,
    ring: Ring,
    request: Cyclic<E::Peripheral>,
}

/// A transfer of so many periods, to be started. One like it has run and was stopped before, as every time but the first: what the
/// driver remembers of a channel and its request is there.
///
/// # Panics
/// If the first one is refused.
#[must_use]
pub fn to_start<E: Rig>(machine: &Machine<E>, periods: u32) -> ToStart<E> {
    let request = E::request();
    let channel = machine.channel();
    let prepared = channel.prep_cyclic(ring(machine, periods), &request).expect("it is right");
    let (active, transfer) = channel.start(prepared).expect("it is its channel");
    let channel = active.terminate_atomic().expect("it stops");
    let ring = transfer.try_resolve().expect("the channel is idle").buffer;
    ToStart { channel, ring, request }
}

/// The same, with another burst than the one that ran: what was remembered of the request is of no use.
#[must_use]
pub fn to_start_anew<E: Rig>(machine: &Machine<E>, periods: u32) -> ToStart<E> {
    let mut ready = to_start(machine, periods);
    ready.request.config.max_burst = 4;
    ready
}

/// Prepares a cyclic transfer, submits and issues it.
///
/// # Panics
/// If it is refused.
pub fn prepare_submit_issue<E: Rig>(ready: ToStart<E>) -> (Active<'static, E>, Run<E>) {
    let ToStart { channel, ring, request } = ready;
    let Ok(prepared) = channel.prep_cyclic(ring, &request) else { panic!("it is right") };
    let Ok(started) = channel.start(prepared) else { panic!("it is its channel") };
    started
}

/// A channel with a queue of n, and its transfers.
fn queue<E: Rig>(machine: &Machine<E>, n: usize) -> (Active<'static, E>, Vec<Run<E>>) {
    let idle = machine.channel();
    let first = idle.prep_cyclic(ring(machine, 4), &E::request()).expect("it is right");
    let (active, first) = idle.start(first).expect("it is its channel");
    let prepare = |active: &Active<'static, E>| -> Prepared<'static, E, Ring> {
        active.prep_cyclic(ring(machine, 4), &E::request()).expect("there is room")
    };
    let mut transfers = vec![first];
    for i in 1..n {
        if i == n / 2 {
            active.issue();
        }
        let prepared = prepare(&active);
        transfers.push(active.submit(prepared).expect("it runs"));
    }
    machine.answer();
    machine.interrupt();
    (active, transfers)
}

/// A channel with a queue of n. The handles of its transfers are somewhere else, as in a program.
pub fn active<E: Rig>(machine: &Machine<E>, n: usize) -> Active<'static, E> {
    let (active, transfers) = queue(machine, n);
    machine.keep(transfers);
    active
}

/// Nothing: what it costs to call a function with a channel and to hand it back.
pub fn nothing<E: Rig>(active: Active<'static, E>) -> Active<'static, E> {
    active
}

/// Stops, and comes back at once. The hardware has not stopped yet when it is asked.
pub fn terminate_async<E: Rig>(active: Active<'static, E>) -> Stopping<'static, E> {
    active.terminate_async()
}

/// What comes of a wait for a stop.
pub type Waited<E> = Result<Idle<'static, E>, Kept<Stopping<'static, E>, StillRunning>>;

/// Stops, and waits busily until it has, which is a microsecond later.
pub fn terminate_atomic<E: Rig>(active: Active<'static, E>) -> Waited<E> {
    active.terminate_atomic()
}

/// A sleeper that is not asked.
#[derive(Debug)]
struct Awake;

impl Sleeper for Awake {
    fn sleep(&self, _at_most: Micros) {}
}

/// A queue of n that was told to stop, and the hardware has; nobody has looked yet.
pub fn pending<E: Rig>(machine: &Machine<E>, n: usize) -> Stopping<'static, E> {
    let stopping = active(machine, n).terminate_async();
    machine.answer();
    stopping
}

/// The same, and the interrupt that tells it was taken: there is nothing left to wait for.
pub fn complete<E: Rig>(machine: &Machine<E>, n: usize) -> Stopping<'static, E> {
    let stopping = pending(machine, n);
    machine.interrupt();
    stopping
}

/// Waits for the stop.
pub fn synchronize<E: Rig>(stopping: Stopping<'static, E>) -> Waited<E> {
    // SAFETY: this is a thread that holds no lock.
    let context = unsafe { Sleepable::assume(&Awake) };
    stopping.synchronize(&context)
}

/// Transfers that a stop has caught, and that nothing touches any more.
///
/// # Panics
/// If the stop does not come.
pub fn stopped<E: Rig>(machine: &Machine<E>, n: usize) -> Vec<Run<E>> {
    let (active, transfers) = queue(machine, n);
    machine.keep_idle(active.terminate_atomic().expect("it stops"));
    transfers
}

/// Takes the memory out of terminated transfers.
///
/// # Panics
/// If one has not ended.
pub fn free<E: Rig>(transfers: Vec<Run<E>>, mut take: impl FnMut(Ring)) {
    for transfer in transfers {
        let Ok(Resolved { buffer, .. }) = transfer.try_resolve() else { panic!("the channel is idle") };
        take(buffer);
    }
}

/// A machine whose transfer has come so many periods on.
pub fn elapsed<E: Rig>(machine: &Machine<E>, periods: u16) -> &Machine<E> {
    machine.keep_active(active(machine, 1));
    machine.finish(periods);
    machine
}

/// The interrupt.
pub fn interrupt<E: Rig>(machine: &Machine<E>) {
    machine.interrupt();
}

/// The running transfer of a queue of n.
pub fn running<E: Rig>(machine: &Machine<E>, n: usize) -> Box<Run<E>> {
    let (active, mut transfers) = queue(machine, n);
    machine.keep_active(active);
    let first = transfers.swap_remove(0);
    machine.keep(transfers);
    Box::new(first)
}

/// How it stands.
#[must_use]
pub fn status<E: Rig>(transfer: &Run<E>) -> Status {
    transfer.status()
}

/// A stop that is pending, the transfer that ran, and what is to go on behind it.
#[derive(Debug)]
pub struct ToRestart<E: Rig> {
    stopping: Stopping<'static, E>,
    first: Run<E>,
    request: Cyclic<E::Peripheral>,
}

/// A queue of n that was told to stop, and whose first transfer is to go on.
pub fn to_restart<E: Rig>(machine: &Machine<E>, n: usize) -> ToRestart<E> {
    let (active, mut transfers) = queue(machine, n);
    let first = transfers.swap_remove(0);
    machine.keep(transfers);
    ToRestart { stopping: active.terminate_async(), first, request: E::request() }
}

/// Queues the ring of the first transfer behind the stop.
///
/// # Panics
/// If it is refused.
pub fn queue_again<E: Rig>(ready: ToRestart<E>) -> (Active<'static, E>, Run<E>) {
    let ToRestart { stopping, first, request } = ready;
    let Ok(started) = stopping.queue_again(first, &request) else { panic!("it is right") };
    started
}
