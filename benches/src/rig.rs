//! What is measured: an engine, and the hardware that plays along just as far as the operation needs it. One [`Machine`] is used again
//! and again, so that a benchmark of a million iterations takes the memory of one.

use alloc::boxed::Box;
use alloc::vec;
use alloc::vec::Vec;
use core::cell::RefCell;
use core::fmt::Debug;
use core::hint::black_box;

use dmaengine_core::{
    Active, Atomic, Cyclic, Dma, EngineCyclic, EngineQueueAfterStop, EngineTerminateAtomic, Idle, Resolved, Transfer,
};

/// Transfers that a machine may have at a time.
pub const SLOTS: usize = 520;

/// The ring of a transfer.
pub type Ring = &'static mut [u8];
/// A transfer over a ring.
pub type Run<E> = Transfer<'static, E, Ring>;

/// An engine that can be measured.
pub trait Rig:
    EngineCyclic<Peripheral: Debug> + EngineTerminateAtomic + EngineQueueAfterStop + Debug + 'static
{
    /// What the figures call it.
    const NAME: &'static str;
    /// What plays the hardware, if it is not inside the engine.
    type Hardware: Copy + Debug;

    /// Both. They are there for ever.
    fn new() -> (Self::Hardware, Self);

    /// A cyclic transfer.
    fn request() -> Cyclic<Self::Peripheral>;

    /// A client begins: its peripheral is there, and has seen nothing.
    fn begin(&self, hardware: Self::Hardware);

    /// What the hardware was asked for, a stop or a command, it has done, and interrupts.
    fn answer(&self, hardware: Self::Hardware);

    /// The hardware has come to the end of so many periods of the transfer that runs, and interrupts.
    fn finish(&self, hardware: Self::Hardware, periods: u16);
}

/// A machine with one channel, and everything on it that is not measured at the moment.
#[derive(Debug)]
pub struct Machine<E: Rig> {
    hardware: E::Hardware,
    dma: &'static Dma<E, 1, SLOTS>,
    active: RefCell<Option<Active<'static, E>>>,
    idle: RefCell<Option<Idle<'static, E>>>,
    transfers: RefCell<Vec<Run<E>>>,
    rings: RefCell<Vec<Ring>>,
}

impl<E: Rig> Machine<E> {
    /// A new one; it is there for ever.
    #[must_use]
    pub fn new() -> &'static Self {
        let (hardware, engine) = E::new();
        Box::leak(Box::new(Self {
            hardware,
            dma: Box::leak(Box::new(Dma::new(engine))),
            active: RefCell::default(),
            idle: RefCell::default(),
            transfers: RefCell::default(),
            rings: RefCell::default(),
        }))
    }

    /// Its channel, for a client that begins.
    ///
    /// # Panics
    /// If somebody has it.
    #[must_use]
    pub fn channel(&self) -> Idle<'static, E> {
        self.dma.engine().begin(self.hardware);
        self.dma.channel(0).expect("nobody has it")
    }

    /// Takes apart what an operation has left, for the next: the channel is stopped, and the transfers' memory is taken back. Of the
    /// channel's handles the last one must be kept here or dropped.
    ///
    /// # Panics
    /// If it does not stop.
    pub fn settle(&self) {
        *self.active.borrow_mut() = None;
        *self.idle.borrow_mut() = None;
        // A stop may wait for another command of channel 0, and then for its own.
        let stopped = (0..4).any(|_| {
            self.answer();
            self.interrupt();
            self.dma.channel(0).is_ok()
        });
        assert!(stopped, "it does not stop");
        for transfer in self.transfers.take() {
            let Ok(Resolved { buffer, .. }) = transfer.try_resolve() else { panic!("nothing runs") };
            self.keep_ring(buffer);
        }
    }

    /// A ring of so many bytes.
    #[must_use]
    pub fn ring(&self, bytes: usize) -> Ring {
        let mut rings = self.rings.borrow_mut();
        let kept = rings.iter().rposition(|ring| ring.len() == bytes);
        kept.map_or_else(|| vec![0; bytes].leak(), |n| rings.swap_remove(n))
    }

    /// Takes a ring that is not needed any more.
    pub fn keep_ring(&self, ring: Ring) {
        self.rings.borrow_mut().push(ring);
    }

    /// Holds transfers, as a program would somewhere.
    pub fn keep(&self, transfers: impl IntoIterator<Item = Run<E>>) {
        self.transfers.borrow_mut().extend(transfers);
    }

    /// Holds the channel, which runs.
    pub fn keep_active(&self, channel: Active<'static, E>) {
        *self.active.borrow_mut() = Some(channel);
    }

    /// Holds the channel, which is idle.
    pub fn keep_idle(&self, channel: Idle<'static, E>) {
        *self.idle.borrow_mut() = Some(channel);
    }

    /// As [`Rig::answer`].
    pub fn answer(&self) {
        self.dma.engine().answer(self.hardware);
    }

    /// As [`Rig::finish`].
    pub fn finish(&self, periods: u16) {
        self.dma.engine().finish(self.hardware, periods);
    }

    /// The interrupt, with a callback that does nothing.
    pub fn interrupt(&self) {
        self.dma.interrupt(&Atomic::new(), &mut |_, event| _ = black_box(event));
    }
}
