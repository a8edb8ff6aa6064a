//! What the example needs of a machine: an engine, a device at its channel 0, and a processor. There are two of them.

pub mod imx;
pub mod mock;

use backend_mock::hw::Nanos;
use dmaengine_core::{
    Atomic, Dma, Engine, EngineCyclic, EngineQueueAfterStop, EngineTerminateAtomic, SlaveConfig, Sleepable,
};

use crate::timeline::Span;

/// A machine with a microphone or a loudspeaker.
pub trait Machine {
    /// It can recover in all three ways.
    type Engine: EngineCyclic + EngineTerminateAtomic + EngineQueueAfterStop;

    /// Frames that the device's FIFO holds.
    const FIFO: u64;

    fn dma(&self) -> &Dma<Self::Engine, 1>;

    /// The device, as its driver describes it.
    fn device(&self) -> SlaveConfig<<Self::Engine as Engine>::Peripheral>;

    fn processor<'a>(&'a self, handler: impl Fn(&Atomic<'_>) + 'a) -> impl Processor + 'a;

    fn now(&self) -> Nanos;

    /// Starts the device with its channel, which `channel` does. In ALSA's order: the channel first.
    fn start<T, E>(&self, channel: impl FnOnce() -> Result<T, E>) -> Result<T, E>;

    /// Stops the device, whose channel was told to stop.
    fn stop(&self);

    /// How many frames are to be available before the client is back that is late for the `nth` time, from 0.
    fn late(&self, nth: u64) -> u64;

    /// Frames that have come or gone at the device in this run, as far as the client could know.
    fn passed(&self) -> u64;

    /// Frames of the sound that a microphone has heard in all.
    fn given(&self) -> u64;

    /// The frame of the sound with which the latest run of a microphone began.
    fn first_frame(&self) -> u64;

    /// When the engine began to work on the latest run. Asked after the first frames of it.
    fn began(&self) -> Option<Nanos>;

    /// What the engine did to memory around a stop, up to now. Asked once: from then on nothing is noted.
    fn spans(&self, stop: Nanos) -> Vec<Span>;

    /// What a loudspeaker has played, run by run.
    fn played(&self, deliver: &mut dyn FnMut(&mut dyn Iterator<Item = &[u8]>));

    /// How often the engine touched memory that was not its own any more.
    fn late_accesses(&self) -> u64;

    /// What else the hardware complains about.
    fn faults(&self) -> u64;
}

/// A processor with one thread and one interrupt.
pub trait Processor {
    fn thread<R>(&self, body: impl FnOnce(&mut Sleepable<'_>) -> R) -> R;

    fn masked<R>(&self, context: &mut Sleepable<'_>, body: impl FnOnce(&Atomic<'_>) -> R) -> R;

    fn hold_off_interrupts(&self, hold: bool);

    fn take_interrupt(&self);

    fn run_until(&self, moment: Nanos);
}
