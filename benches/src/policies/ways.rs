//! From a stop to the next run: what each policy does in between.

use backend_imx_sdma::{Fence, StopMethod};
use dmaengine_core::{Active, Idle, Micros, Resolved, Sleepable, Stopping, Transfer};
use sim_board::Engine;
use sim_imx_sdma::time::Cycles;

use super::world::{Processor, Ring, World};

/// A stream that was told to stop, and the memory to go on with.
pub(super) struct Stopped<'d, S: StopMethod> {
    pub(super) stopping: Stopping<'d, Engine<S>>,
    pub(super) old: Transfer<'d, Engine<S>, Ring>,
    pub(super) next: Ring,
    /// When it was told.
    pub(super) at: Cycles,
    /// Where the SDMA sees the old memory.
    pub(super) ring_at: u32,
    /// Which stop of the walk it is.
    pub(super) nth: u64,
}

/// The stream's next run.
pub(super) struct Next<'d, S: StopMethod> {
    pub(super) active: Active<'d, Engine<S>>,
    pub(super) transfer: Transfer<'d, Engine<S>, Ring>,
    /// How the old run ended, and its memory.
    pub(super) old: Resolved<Ring>,
    /// When the memory came back.
    pub(super) back: Cycles,
    /// A moment between the old run and the new one.
    pub(super) between: Cycles,
}

/// A way from one to the other.
pub(super) type Restart<S> = for<'d> fn(&World<S>, &Processor<'_>, &mut Sleepable<'_>, Stopped<'d, S>) -> Next<'d, S>;

/// Linux's: a worker sleeps for 1 to 2 ms, as the kernel's timers please, and frees what it finds (Linux 6.12
/// drivers/dma/imx-sdma.c). The sleeps are spread evenly, both ends among them.
pub(super) fn fixed_sleep<'d, S: StopMethod>(
    world: &World<S>,
    cpu: &Processor<'_>,
    _: &mut Sleepable<'_>,
    stopped: Stopped<'d, S>,
) -> Next<'d, S> {
    // 617 and 1001 have no factor in common: 1001 stops in a row have 1001 different sleeps.
    let sleep = Micros(1_000 + stopped.nth * 617 % 1_001);
    cpu.run_until(stopped.at + world.board.hw(|hw| hw.clock().from_micros(sleep.0)));
    let Ok(idle) = stopped.stopping.try_finish() else { panic!("not stopped after {sleep:?}") };
    from_idle(world, idle, stopped.old, stopped.next)
}

/// Asleep, until the driver says that it has stopped.
pub(super) fn asleep<'d, S: StopMethod>(
    world: &World<S>,
    _: &Processor<'_>,
    context: &mut Sleepable<'_>,
    stopped: Stopped<'d, S>,
) -> Next<'d, S> {
    let idle = stopped.stopping.synchronize(context).expect("the hardware works");
    from_idle(world, idle, stopped.old, stopped.next)
}

/// Busy, with interrupts masked, until the driver says that it has stopped.
pub(super) fn busy<'d, S: StopMethod>(
    world: &World<S>,
    cpu: &Processor<'_>,
    context: &mut Sleepable<'_>,
    stopped: Stopped<'d, S>,
) -> Next<'d, S> {
    cpu.masked(context, |_| {
        let idle = stopped.stopping.terminate_atomic().expect("the hardware works");
        from_idle(world, idle, stopped.old, stopped.next)
    })
}

/// The next run waits behind the stop, and the old memory comes back when it does.
pub(super) fn queue_after_stop<'d>(
    world: &World<Fence>,
    _: &Processor<'_>,
    context: &mut Sleepable<'_>,
    stopped: Stopped<'d, Fence>,
) -> Next<'d, Fence> {
    let prepared = stopped.stopping.prep_cyclic(stopped.next, &world.request()).expect("a ring");
    let (active, transfer) = stopped.stopping.queue_after_stop(prepared).expect("its own channel");
    let old = stopped.old.wait(context, Micros(5_000)).expect("the hardware works");
    // The interrupt that told the end of the old run has let the new one go.
    Next { active, transfer, old, back: world.now(), between: world.desk.entered.get() }
}

/// The wrong way: the memory is taken from the SDMA as soon as the stop was asked for, and whoever gets it is free to use it. The
/// library has no call for that; the board is told behind its back. The restart is the one above.
pub(super) fn return_at_once<'d>(
    world: &World<Fence>,
    cpu: &Processor<'_>,
    context: &mut Sleepable<'_>,
    stopped: Stopped<'d, Fence>,
) -> Next<'d, Fence> {
    world.unmap(stopped.ring_at);
    let back = world.now();
    Next { back, ..queue_after_stop(world, cpu, context, stopped) }
}

fn from_idle<'d, S: StopMethod>(
    world: &World<S>,
    idle: Idle<'d, Engine<S>>,
    old: Transfer<'d, Engine<S>, Ring>,
    next: Ring,
) -> Next<'d, S> {
    let old = old.try_resolve().expect("its channel is idle");
    let back = world.now();
    let prepared = idle.prep_cyclic(next, &world.request()).expect("a ring");
    let (active, transfer) = idle.start(prepared).expect("its own channel");
    Next { active, transfer, old, back, between: back }
}
