//! From a stop to the next run: the three cures of the thread, and the second form of the third.

use backend_imx_sdma::{Fence, StopMethod};
use dmaengine_core::{Active, EngineTerminateAtomic, Idle, Micros, Resolved, Sleepable, Stopping, Transfer};
use sim_board::Engine;

use crate::bench::{Bench, Processor, Ring};

/// A stream whose stop was asked for in the interrupt, and the memory to go on with.
pub struct Stopped<'d, S: StopMethod> {
    pub stopping: Stopping<'d, Engine<S>>,
    pub old: Transfer<'d, Engine<S>, Ring>,
    pub next: Ring,
}

/// The stream's next run.
pub struct Next<'d, S: StopMethod> {
    pub active: Active<'d, Engine<S>>,
    pub transfer: Transfer<'d, Engine<S>, Ring>,
    /// How the old run ended, unless its memory went on to the new one.
    pub old: Option<Resolved<Ring>>,
    /// Memory that was not needed.
    pub spare: Option<Ring>,
    /// The words moved when the old run was known to be over and the new one had not begun.
    pub quiet: Option<u64>,
}

/// A way from one to the other.
pub type Cure<S> = for<'d> fn(&Bench<S>, &Processor<'_>, &mut Sleepable<'_>, Stopped<'d, S>) -> Next<'d, S>;

/// The first one: sleep until it has stopped.
pub fn synchronize<'d, S: StopMethod>(
    bench: &Bench<S>,
    _cpu: &Processor<'_>,
    context: &mut Sleepable<'_>,
    stopped: Stopped<'d, S>,
) -> Next<'d, S> {
    let idle = stopped.stopping.synchronize(context).unwrap();
    from_idle(bench, idle, stopped.old, stopped.next)
}

/// The second: busy-wait, with interrupts masked, no longer than was declared.
pub fn atomic<'d, S: StopMethod>(
    bench: &Bench<S>,
    cpu: &Processor<'_>,
    context: &mut Sleepable<'_>,
    stopped: Stopped<'d, S>,
) -> Next<'d, S> {
    let before = cpu.masked_time();
    let next = cpu.masked(context, |_| {
        let idle = stopped.stopping.terminate_atomic().unwrap();
        from_idle(bench, idle, stopped.old, stopped.next)
    });
    let took = bench.board.hw(|hw| hw.clock().nanos(cpu.masked_time() - before));
    let bound = 1_000 * bench.dma.engine().atomic_bound().0;
    assert!(took < bound + 10_000, "interrupts were masked for {took} ns");
    next
}

/// The third: let the next run wait behind the stop.
pub fn queue_after_stop<'d>(
    bench: &Bench<Fence>,
    _cpu: &Processor<'_>,
    context: &mut Sleepable<'_>,
    stopped: Stopped<'d, Fence>,
) -> Next<'d, Fence> {
    let prepared = stopped.stopping.prep_cyclic(stopped.next, &bench.request()).unwrap();
    let (active, transfer) = stopped.stopping.queue_after_stop(prepared).unwrap();
    bench.hand_over(transfer.generation());
    // Asked a few times: an interrupt may have been lost, of the fence or of the command before it.
    let mut waited = stopped.old.wait(context, Micros(1_000));
    for _ in 0..3 {
        waited = waited.or_else(|old| old.wait(context, Micros(1_000)));
    }
    let old = waited.expect("the old run is over");
    Next { active, transfer, old: Some(old), spare: None, quiet: None }
}

/// The third, in the memory that the old run had.
pub fn queue_again<'d>(
    bench: &Bench<Fence>,
    _cpu: &Processor<'_>,
    _context: &mut Sleepable<'_>,
    stopped: Stopped<'d, Fence>,
) -> Next<'d, Fence> {
    let (active, transfer) = stopped.stopping.queue_again(stopped.old, &bench.request()).unwrap();
    bench.hand_over(transfer.generation());
    Next { active, transfer, old: None, spare: Some(stopped.next), quiet: None }
}

fn from_idle<'d, S: StopMethod>(
    bench: &Bench<S>,
    idle: Idle<'d, Engine<S>>,
    old: Transfer<'d, Engine<S>, Ring>,
    next: Ring,
) -> Next<'d, S> {
    let quiet = Some(bench.moved());
    let old = Some(old.try_resolve().unwrap());
    let prepared = idle.prep_cyclic(next, &bench.request()).unwrap();
    let (active, transfer) = idle.start(prepared).unwrap();
    bench.hand_over(transfer.generation());
    Next { active, transfer, old, spare: None, quiet }
}
