//! What the clients need of a machine: an engine with two channels, devices at their far ends, and a processor.

pub mod imx;
pub mod mock;
pub mod moody;

use dmaengine_core::{
    Atomic, Direction, Dma, Engine, EngineCyclic, EngineQueueAfterStop, EngineTerminateAtomic, Micros, SlaveConfig,
    Sleepable,
};
use pcm_dmaengine::{
    Broken, Draining, HwParams, PauseFailed, Paused, Playback, ReleaseFailed, Running, Suspended, Way,
};

use crate::noise::Noise;
use crate::random::Random;
use crate::witness::Device;

/// An engine that can do all, or all but pause.
pub trait Able: EngineCyclic + EngineTerminateAtomic + EngineQueueAfterStop {
    const PAUSES: bool;

    fn pause<D: Way>(running: Running<'_, Self, D>) -> Result<Paused<'_, Self, D>, PauseFailed<'_, Self, D>>;
    fn resume<D: Way>(paused: Paused<'_, Self, D>) -> Result<Running<'_, Self, D>, ReleaseFailed<'_, Self, D>>;
    fn suspend<D: Way>(running: Running<'_, Self, D>) -> Result<Suspended<'_, Self, D>, Broken<'_, Self, D>>;
    fn suspend_rest(draining: Draining<'_, Self>) -> Suspended<'_, Self, Playback>;
}

/// What the machine alone knows of a run. Frames.
#[derive(Clone, Copy, Debug, Default)]
pub struct Truth {
    /// Which run is in the hardware.
    pub run: u64,
    /// How far it has come: at least, and at most.
    pub least: u64,
    pub most: u64,
    /// The frame of the sound that it could capture first.
    pub first: u64,
    /// Frames that the device has lost, had to throw away or did not listen to: counts on.
    pub lost: u64,
}

pub trait Processor {
    /// Lets time pass, with interrupts unless they are held off.
    fn pass(&self, time: Micros);
    fn hold_off(&self, hold: bool);
    fn take_interrupt(&self);
    fn masked(&self, context: &mut Sleepable<'_>, body: &mut dyn FnMut());
    fn thread(&self, body: &mut dyn FnMut(&mut Sleepable<'_>));
}

pub trait Machine: Device + Sized {
    type Engine: Able;

    /// A new one, with a temper of its own.
    fn new(random: &mut Random) -> Self;
    fn dma(&self) -> &Dma<Self::Engine, 2>;
    fn config(&self, stream: usize, way: Direction, channels: u16)
    -> SlaveConfig<<Self::Engine as Engine>::Peripheral>;
    fn processor<'a>(&'a self, handler: impl Fn(&Atomic<'_>) + 'a) -> impl Processor + 'a;

    /// Formats and most channels that its devices have.
    fn sounds(&self) -> (&'static [pcm_dmaengine::SampleFormat], u16);
    /// Puts a device at a channel that is idle.
    fn attach(&self, stream: usize, way: Direction, params: &HwParams, noise: &Noise, random: &mut Random);
    fn truth(&self, stream: usize) -> Truth;
    /// What a device has played, run by run.
    fn played(&self, stream: usize, see: &mut dyn FnMut(u64, &[u8]));

    /// Positions are exact at every moment.
    fn is_exact(&self) -> bool;
    /// Frames are lost while a run goes on, and counted: its periods are given back by interrupts.
    fn loses(&self) -> bool;
    /// Frames of a run that is being stopped which the device may take for the first of the next one.
    fn lead(&self) -> u64;
    /// A transfer may wait behind a stop.
    fn queues(&self) -> bool;
    /// Something goes wrong, or does not any more: what, and whether stops may now come later than they should.
    fn trouble(&self, stream: usize, random: &mut Random) -> (String, bool);
    fn no_trouble(&self);
    /// Interrupts may have got lost, and with them whatever waits for one.
    fn is_shaken(&self) -> bool;
    /// The next so many preparations, and ends of pauses, are refused. True if it can.
    fn refuse(&self, preparations: u32, pauses: u32) -> bool;
    /// Refusals that have not been given.
    fn refusals(&self) -> (u32, u32);
    /// Nobody touched what was not his.
    fn check(&self);
}

/// The time of a machine.
pub fn now<M: Machine>(machine: &M) -> Micros {
    use dmaengine_core::Platform;
    machine.dma().engine().platform().now()
}
