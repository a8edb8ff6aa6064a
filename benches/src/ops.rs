//! The operations, each made ready and then done once.
//!
//! A *queue of n* is as in the figures of the Linux driver: n cyclic transfers of 4 periods on one channel; half are issued, the first
//! of them runs; the rest are submitted.

use core::hint::black_box;

use backend_imx_sdma::Peripheral;
use backend_imx_sdma::peripheral::RequestLine;
use dmaengine_core::{
    Active, Atomic, BusAddr, BusWidth, Cyclic, Direction, Dma, Idle, Prepared, Resolved, SlaveConfig, Sleepable, Sleeper,
    Status, Stopping, Transfer,
};

use crate::plain::{Plain, Sdma};

/// The ring of a transfer.
pub type Ring = &'static mut [u8];
type Run = Transfer<'static, Sdma, Ring>;

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

/// A transfer of so many periods, to be started. One was prepared and taken back before, as every time but the first.
#[must_use]
pub fn to_start(periods: u32) -> ToStart {
    let (channel, request) = (Machine::new().channel(), request());
    let prepared = channel.prep_cyclic(ring(periods), &request).expect("it is right");
    let ring = prepared.cancel();
    ToStart { channel, ring, request }
}

/// Prepares a cyclic transfer, submits and issues it.
///
/// # Panics
/// If it is refused.
#[must_use]
pub fn prepare_submit_issue(ready: ToStart) -> (Active<'static, Sdma>, Run) {
    let ToStart { channel, ring, request } = ready;
    let Ok(prepared) = channel.prep_cyclic(ring, &request) else { panic!("it is right") };
    let Ok(started) = channel.start(prepared) else { panic!("it is its channel") };
    started
}

/// A channel with a queue of transfers.
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
    machine.interrupt();
    Queue { machine, active, transfers }
}

/// A queue that was told to stop.
#[derive(Debug)]
pub struct Stopped {
    machine: Machine,
    stopping: Stopping<'static, Sdma>,
    transfers: Vec<Run>,
}

/// Stops, and comes back at once.
#[must_use]
pub fn terminate_async(queue: Queue) -> Stopped {
    let Queue { machine, active, transfers } = queue;
    Stopped { machine, stopping: active.terminate_async(), transfers }
}

/// Stops, and waits busily until it has.
#[must_use]
pub fn terminate_atomic(queue: Queue) -> (Idle<'static, Sdma>, Vec<Run>) {
    let Ok(idle) = queue.active.terminate_atomic() else { panic!("channel 0 answers") };
    (idle, queue.transfers)
}

/// A sleeper that is not asked.
#[derive(Debug)]
struct Awake;

impl Sleeper for Awake {
    fn sleep(&self, _at_most: dmaengine_core::Micros) {}
}

/// A stop that was asked for, and of which nobody knows yet that it is complete.
#[must_use]
pub fn pending(n: usize) -> Stopped {
    terminate_async(queue(n))
}

/// A stop that is known to be complete.
#[must_use]
pub fn complete(n: usize) -> Stopped {
    let stopped = pending(n);
    stopped.machine.plain.interrupt(1);
    stopped.machine.interrupt();
    stopped
}

/// Waits for the stop.
#[must_use]
pub fn synchronize(stopped: Stopped) -> (Idle<'static, Sdma>, Vec<Run>) {
    // SAFETY: this is a thread that holds no lock.
    let context = unsafe { Sleepable::assume(&Awake) };
    let Ok(idle) = stopped.stopping.synchronize(&context) else { panic!("channel 0 answers") };
    (idle, stopped.transfers)
}

/// Takes the memory out of terminated transfers.
#[must_use]
pub fn free((idle, transfers): (Idle<'static, Sdma>, Vec<Run>)) -> (Idle<'static, Sdma>, usize) {
    let mut freed = 0;
    for transfer in transfers {
        let Ok(Resolved { buffer, .. }) = transfer.try_resolve() else { panic!("the channel is idle") };
        freed += buffer.len();
    }
    (idle, freed)
}

/// A queue whose running transfer has come so many periods on.
#[must_use]
pub fn elapsed(periods: u16) -> Queue {
    let queue = queue(1);
    queue.machine.plain.finish(1, periods);
    queue
}

/// The interrupt.
#[must_use]
pub fn interrupt(queue: Queue) -> Queue {
    queue.machine.interrupt();
    queue
}

/// How the first transfer stands.
#[must_use]
pub fn status(queue: Queue) -> (Queue, Status) {
    let status = queue.transfers[0].status();
    (queue, status)
}

/// What is ready to start again after a stop.
#[must_use]
pub fn to_restart(n: usize) -> (Stopped, Cyclic<Peripheral>) {
    (pending(n), request())
}

/// Queues the ring of the first transfer behind the stop.
#[must_use]
pub fn queue_again((stopped, request): (Stopped, Cyclic<Peripheral>)) -> (Active<'static, Sdma>, Run, Vec<Run>) {
    let Stopped { stopping, mut transfers, .. } = stopped;
    let first = transfers.swap_remove(0);
    let Ok((active, transfer)) = stopping.queue_again(first, &request) else { panic!("it is right") };
    (active, transfer, transfers)
}
