//! The operations, each made ready and then done once.
//!
//! A *queue of n* is as in the figures of the Linux driver: n cyclic transfers of 4 periods on one channel; half are issued, the first
//! of them runs; the rest are submitted.

use core::hint::black_box;

use backend_imx_sdma::Peripheral;
use backend_imx_sdma::peripheral::RequestLine;
use dmaengine_core::{
    Active, Atomic, BusAddr, BusWidth, Cyclic, Direction, Dma, Idle, Kept, Prepared, Resolved, SlaveConfig, Sleepable,
    Sleeper, Status, StillRunning, Stopping, Transfer,
};

use crate::plain::{Plain, Sdma};

/// The ring of a transfer.
pub type Ring = &'static mut [u8];
/// A transfer over a ring.
pub type Run = Transfer<'static, Sdma, Ring>;

/// Bytes of a period: 256 bursts of 6 words of 16 bits would be more than enough; the size costs nothing.
const PERIOD: u32 = 256;

/// A machine that is ready for work.
#[derive(Debug)]
pub struct Machine {
    plain: &'static Plain,
    dma: &'static Dma<Sdma, 1, 520>,
}

impl Machine {
    /// A new one; it is there for ever.
    #[must_use]
    pub fn new() -> Self {
        let (plain, sdma) = Plain::sdma();
        Self { plain, dma: Box::leak(Box::new(Dma::new(sdma))) }
    }

    /// Its channel.
    ///
    /// # Panics
    /// If somebody has it.
    #[must_use]
    pub fn channel(&self) -> Idle<'static, Sdma> {
        self.dma.channel(0).expect("nobody has it")
    }

    /// The interrupt, with a callback that does nothing.
    pub fn interrupt(&self) {
        self.dma.interrupt(&Atomic::new(), &mut |_, event| _ = black_box(event));
    }
}

impl Default for Machine {
    fn default() -> Self {
        Self::new()
    }
}

fn ring(periods: u32) -> Ring {
    vec![0; (periods * PERIOD) as usize].leak()
}

fn request() -> Cyclic<Peripheral> {
    // SSI1's transmitter (i.MX 6Dual/6Quad RM, table "SDMA event mapping").
    let line = RequestLine::new(38).expect("a line of i.MX6");
    let config = SlaveConfig::new(BusAddr(0x0202_8000), BusWidth::Two, Peripheral::ssi_shared(line)).with_max_burst(6);
    Cyclic { direction: Direction::MemToDev, period: PERIOD, config }
}

/// What is ready for a cyclic transfer: `prepare_submit_issue` does it.
#[derive(Debug)]
pub struct ToStart {
    channel: Idle<'static, Sdma>,
    ring: Ring,
    request: Cyclic<Peripheral>,
}

/// A transfer of so many periods, to be started. One like it has run and was stopped before, as every time but the first: the
/// channel's lines and its priority are set, and its plan is made.
///
/// # Panics
/// If the first one is refused.
#[must_use]
pub fn to_start(periods: u32) -> ToStart {
    let (machine, request) = (Machine::new(), request());
    let channel = machine.channel();
    let prepared = channel.prep_cyclic(ring(periods), &request).expect("it is right");
    let (active, transfer) = channel.start(prepared).expect("it is its channel");
    let channel = active.terminate_atomic().expect("channel 0 answers");
    let ring = transfer.try_resolve().expect("the channel is idle").buffer;
    ToStart { channel, ring, request }
}

/// The same, with another burst than the one that ran: it is planned anew.
#[must_use]
pub fn to_start_anew(periods: u32) -> ToStart {
    let mut ready = to_start(periods);
    ready.request.config.max_burst = 4;
    ready
}

/// Prepares a cyclic transfer, submits and issues it. The handles stay where they are: a program that hands them on pays for
/// that itself.
///
/// # Panics
/// If it is refused.
pub fn prepare_submit_issue(ready: ToStart) {
    let ToStart { channel, ring, request } = ready;
    let Ok(prepared) = channel.prep_cyclic(ring, &request) else { panic!("it is right") };
    let Ok(started) = channel.start(prepared) else { panic!("it is its channel") };
    _ = black_box(&started);
    core::mem::forget(started);
}

/// A channel with a queue of transfers, and the machine it is in.
#[derive(Debug)]
pub struct Queue {
    machine: Machine,
    active: Active<'static, Sdma>,
    transfers: Vec<Run>,
}

/// A queue of n.
///
/// # Panics
/// If there is no room for it.
#[must_use]
pub fn queue(n: usize) -> Queue {
    let machine = Machine::new();
    let idle = machine.channel();
    let first = idle.prep_cyclic(ring(4), &request()).expect("it is right");
    let (active, first) = idle.start(first).expect("it is its channel");
    let prepare = |active: &Active<'static, Sdma>| -> Prepared<'static, Sdma, Ring> {
        active.prep_cyclic(ring(4), &request()).expect("there is room")
    };
    let mut transfers = vec![first];
    for i in 1..n {
        if i == n / 2 {
            active.issue();
        }
        let prepared = prepare(&active);
        transfers.push(active.submit(prepared).expect("it runs"));
    }
    machine.plain.answer();
    machine.interrupt();
    Queue { machine, active, transfers }
}

/// A channel with a queue of n. The handles of its transfers are somewhere else, as in a program.
pub fn active(n: usize) -> Active<'static, Sdma> {
    let Queue { active, transfers, .. } = queue(n);
    transfers.leak();
    active
}

/// Nothing: what it costs to call a function with a channel and to hand it back.
pub fn nothing(active: Active<'static, Sdma>) -> Active<'static, Sdma> {
    active
}

/// Stops, and comes back at once. Channel 0 has not passed the fence yet when it is asked.
pub fn terminate_async(active: Active<'static, Sdma>) -> Stopping<'static, Sdma> {
    active.terminate_async()
}

/// What comes of a wait for a stop.
pub type Waited<E> = Result<Idle<'static, Sdma>, Kept<Stopping<'static, Sdma>, E>>;

/// Stops, and waits busily until it has: channel 0 has passed the fence a microsecond later.
pub fn terminate_atomic(active: Active<'static, Sdma>) -> Waited<StillRunning> {
    active.terminate_atomic()
}

/// A sleeper that is not asked.
#[derive(Debug)]
struct Awake;

impl Sleeper for Awake {
    fn sleep(&self, _at_most: dmaengine_core::Micros) {}
}

/// A queue of n that was told to stop, and whose fence was passed; nobody has looked yet.
pub fn pending(n: usize) -> Stopping<'static, Sdma> {
    let Queue { machine, active, transfers } = queue(n);
    transfers.leak();
    let stopping = active.terminate_async();
    machine.plain.answer();
    stopping
}

/// The same, and the interrupt of the fence was taken.
pub fn complete(n: usize) -> Stopping<'static, Sdma> {
    let Queue { machine, active, transfers } = queue(n);
    transfers.leak();
    let stopping = active.terminate_async();
    machine.plain.answer();
    machine.interrupt();
    stopping
}

/// Waits for the stop.
pub fn synchronize(stopping: Stopping<'static, Sdma>) -> Waited<StillRunning> {
    // SAFETY: this is a thread that holds no lock.
    let context = unsafe { Sleepable::assume(&Awake) };
    stopping.synchronize(&context)
}

/// Transfers that a stop has caught, and that nothing touches any more.
///
/// # Panics
/// If the stop does not come.
pub fn stopped(n: usize) -> Vec<Run> {
    let Queue { active, transfers, .. } = queue(n);
    let idle = active.terminate_atomic().expect("channel 0 answers");
    core::mem::forget(idle);
    transfers
}

/// Takes the memory out of terminated transfers.
#[must_use]
pub fn free(transfers: Vec<Run>) -> usize {
    let mut freed = 0;
    for transfer in transfers {
        let Ok(Resolved { buffer, .. }) = transfer.try_resolve() else { panic!("the channel is idle") };
        freed += buffer.len();
    }
    freed
}

/// A machine whose transfer has come so many periods on.
#[must_use]
pub fn elapsed(periods: u16) -> Machine {
    let Queue { machine, active, transfers } = queue(1);
    core::mem::forget(active);
    transfers.leak();
    machine.plain.finish(1, periods);
    machine
}

/// The interrupt.
pub fn interrupt(machine: Machine) {
    machine.interrupt();
}

/// The running transfer of a queue of n.
pub fn running(n: usize) -> &'static Run {
    let Queue { active, transfers, .. } = queue(n);
    core::mem::forget(active);
    &transfers.leak()[0]
}

/// How it stands.
#[must_use]
pub fn status(transfer: &Run) -> Status {
    transfer.status()
}

/// A stop that is pending, the transfer that ran, and what is to go on behind it.
pub fn to_restart(n: usize) -> (Stopping<'static, Sdma>, Run, Cyclic<Peripheral>) {
    let Queue { active, mut transfers, .. } = queue(n);
    let first = transfers.swap_remove(0);
    transfers.leak();
    (active.terminate_async(), first, request())
}

/// Queues the ring of the first transfer behind the stop.
///
/// # Panics
/// If it is refused.
pub fn queue_again(
    (stopping, first, request): (Stopping<'static, Sdma>, Run, Cyclic<Peripheral>),
) -> (Active<'static, Sdma>, Run) {
    let Ok(started) = stopping.queue_again(first, &request) else { panic!("it is right") };
    started
}
