//! [`Rig`]: what a backend author writes to have the engine tried. Four short methods, and a few more if there is more to show.

use core::fmt;

use super::Abilities;
use super::prelude::*;
use crate::callback::{Callback, Event};
use crate::config::SlaveConfig;
use crate::context::{Atomic, Sleepable};
use crate::engine::Engine;
use crate::error::RequestError;
use crate::{Dma, Idle, Micros, Statistics};

/// A controller, as the suite sees it: any [`Dma`], whatever its numbers of channels and transfers.
///
/// Implemented by [`Dma`] and by nothing else. The suite may only do what a client can, so this is the client's side.
pub trait Controller<E: Engine>: sealed::Sealed {
    /// [`Dma::engine`].
    fn engine(&self) -> &E;
    /// [`Dma::channel`].
    ///
    /// # Errors
    /// As there.
    fn channel(&self, channel: u8) -> Result<Idle<'_, E>, RequestError>;
    /// [`Dma::interrupt`].
    fn interrupt(&self, context: &Atomic<'_>, handler: &mut dyn FnMut(&Callback<'_, E>, Event));
    /// [`Dma::statistics`].
    fn statistics(&self, channel: u8) -> Option<Statistics>;
    /// How many channels it has.
    fn channels(&self) -> usize;
    /// How many transfers each channel has room for.
    fn slots(&self) -> usize;
}

mod sealed {
    pub trait Sealed {}
}

impl<E: Engine, const CHANNELS: usize, const SLOTS: usize> sealed::Sealed for Dma<E, CHANNELS, SLOTS> {}

impl<E: Engine, const CHANNELS: usize, const SLOTS: usize> Controller<E> for Dma<E, CHANNELS, SLOTS> {
    fn engine(&self) -> &E {
        Dma::engine(self)
    }

    fn channel(&self, channel: u8) -> Result<Idle<'_, E>, RequestError> {
        Dma::channel(self, channel)
    }

    fn interrupt(&self, context: &Atomic<'_>, handler: &mut dyn FnMut(&Callback<'_, E>, Event)) {
        Dma::interrupt(self, context, handler);
    }

    fn statistics(&self, channel: u8) -> Option<Statistics> {
        Dma::statistics(self, channel)
    }

    fn channels(&self) -> usize {
        CHANNELS
    }

    fn slots(&self) -> usize {
        SLOTS
    }
}

/// An engine in its surroundings, fresh for each statement.
///
/// Time passes in two ways only, and both are the machine's own: asleep in [`Rig::thread`], where interrupts are taken, and
/// in the platform's [`delay`](crate::Platform::delay), where none is. Virtual time and real time are both good.
pub trait Rig {
    /// The engine under test.
    type Engine: Engine;

    /// The controller: at least one channel of at least four transfers. Two channels show more.
    fn dma(&self) -> &dyn Controller<Self::Engine>;

    /// Which optional traits the engine has.
    fn abilities(&self) -> Abilities<Self::Engine>;

    /// Runs `body` once, as a thread of a machine whose interrupt handler is `handler`.
    ///
    /// The handler is called while the body sleeps and at no other time, on the thread that sleeps: a simulated processor does
    /// that, and so does a loop that looks for interrupts while it sleeps in small pieces. The sleep ends when the handler
    /// has run, as [`Sleeper`](crate::Sleeper) says.
    fn thread(&self, handler: &dyn Fn(&Atomic<'_>), body: &mut dyn FnMut(&mut Sleepable<'_>));

    /// Puts a device that counts at the far end of a channel, for cyclic and slave transfers; `None` if there is none. Called
    /// once for a channel, before its first transfer.
    fn counter(&self, _channel: u8) -> Option<Counter<<Self::Engine as Engine>::Peripheral>> {
        None
    }

    /// Puts a device that takes at the far end of a channel, for cyclic and slave transfers to a device; `None` if there is
    /// none. It comes in the place of what was there ([`Rig::counter`]'s, or an earlier sink), and has taken nothing. Called
    /// between transfers, by those statements that need it.
    fn sink(&self, _channel: u8) -> Option<Sink<'_, <Self::Engine as Engine>::Peripheral>> {
        None
    }

    /// From now on the hardware ignores every request to stop (`true`), or obeys again. Answers whether it can be made to. When
    /// it obeys again, it may obey an old request or have forgotten it.
    fn ignore_stops(&self, _ignore: bool) -> bool {
        false
    }

    /// How often the hardware has tried to touch memory that was not, or not any more, its own; `None` if nobody counts. The
    /// suite looks at memory that came back in any case.
    fn trespasses(&self) -> Option<u64> {
        None
    }

    /// How long things are and take.
    fn scale(&self) -> Scale {
        Scale::default()
    }
}

/// A device that counts: it gives frames of four bytes, each one more than the one before it (little-endian, never 0), as
/// fast as it is told to in `period_time`, and waits a while for an engine that does not fetch them.
#[derive(Clone, Copy, Debug)]
pub struct Counter<P> {
    /// How the engine reaches it.
    pub config: SlaveConfig<P>,
    /// Bytes of a period of the suite's rings, a multiple of four. A ring has four periods; so has a round of what repeats.
    pub period: u32,
    /// How long the device takes for that many bytes.
    pub period_time: Micros,
    /// How long it can wait for the engine and lose nothing.
    pub patience: Micros,
}

/// A device that takes: it asks for as much as it is told to in `period_time`, and keeps what it got.
pub struct Sink<'r, P> {
    /// How the engine reaches it.
    pub config: SlaveConfig<P>,
    /// Bytes of a period of the suite's rings, a multiple of four. A ring has four periods.
    pub period: u32,
    /// How long the device takes for that many bytes.
    pub period_time: Micros,
    /// All bytes that the engine has handed over to it since it was put there, oldest first, whatever the device has made of
    /// them by now: bytes that still wait in its FIFO are among them.
    pub taken: Box<dyn Fn() -> Vec<u8> + 'r>,
}

impl<P> fmt::Debug for Sink<'_, P> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Sink({} bytes in {})", self.period, self.period_time)
    }
}

/// How long things are and take on a rig.
///
/// The defaults are for virtual time. Real time takes more patience and longer copies; and on an engine whose stop takes less
/// than a quarter of its bound, a second terminate within the first cannot be tried.
#[derive(Clone, Copy, Debug)]
pub struct Scale {
    /// Bytes of a copy that is over soon.
    pub short: usize,
    /// Bytes of a copy that goes on for longer than several of the longest stops: ten times the bound in
    /// [`Facts::stop`](crate::Facts::stop). Needed where there is no ring to go round. Its first bytes are looked for 200 us after
    /// its start. A round of a repeating copy is an eighth of it.
    pub long: usize,
    /// How long the suite waits for what has to happen before it says that it does not. A short copy is over in a tenth of it.
    pub patience: Micros,
    /// The longest that a call may take that does not wait. No time at all in virtual time.
    pub brief: Micros,
    /// How often the statements about endurance go round.
    pub rounds: u32,
}

impl Default for Scale {
    /// 256 bytes, 64 KiB, 100 ms, 1 ms, 300 times.
    fn default() -> Self {
        Self {
            short: 256,
            long: 1 << 16,
            patience: Micros::from_millis(100),
            brief: Micros::from_millis(1),
            rounds: 300,
        }
    }
}

impl<E: Engine> fmt::Debug for dyn Controller<E> + '_ {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} channels of {} transfers", self.channels(), self.slots())
    }
}
