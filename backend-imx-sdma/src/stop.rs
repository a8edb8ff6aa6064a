//! How the driver knows that a channel has stopped: three ways, as types.
//!
//! Clearing HE asks a channel to stop; its script goes on with its burst until its next `done` (i.MX 6ULL RM chapter 46,
//! "scheduler"). NXP's advice in Linux's driver is to wait for "one BD cost time, maximum 1 ms"; Linux sleeps 1 to 2 ms and
//! hopes. All three ways here have a bound, and none takes the hope for the fact.

use dmaengine_core::Micros;
use dmaengine_core::engine::StopKind;

use crate::regs::{Psw, PswLayout};

/// Who is on the core, as PSW says.
#[doc(hidden)]
#[derive(Debug)]
pub struct OnCore {
    channel: u8,
    priority: u8,
}

impl OnCore {
    pub(crate) const fn new(psw: Psw, layout: PswLayout) -> Self {
        let (channel, priority) = psw.current(layout);
        Self { channel, priority }
    }

    /// Whether that is this channel; nobody is without priority.
    const fn is(&self, channel: u8) -> bool {
        self.channel == channel && self.priority != 0
    }
}

mod sealed {
    pub trait Sealed {}
}

/// A way to know that a channel has stopped: [`Fence`], [`Poll`] or [`Wait`].
pub trait StopMethod: sealed::Sealed + Send + Sync + 'static {
    /// A command of channel 0 goes after the stop, and its interrupt tells the end.
    #[doc(hidden)]
    const FENCED: bool;

    /// How long ago the stop was matters.
    #[doc(hidden)]
    const TIMED: bool = false;

    /// How the engine says that it stops.
    #[doc(hidden)]
    fn kind(bound: Micros) -> StopKind {
        StopKind::Deferred { bound, interrupt: Self::FENCED }
    }

    /// Whether the core has left the channel, as far as this way knows.
    #[doc(hidden)]
    fn has_left(
        fenced: impl FnOnce() -> bool,
        psw: impl FnOnce() -> OnCore,
        channel: u8,
        since_stop: impl FnOnce() -> Micros,
    ) -> bool;
}

/// A command of channel 0 that was begun after the stop and is complete: the default. It takes as long as the burst under way
/// and one short script, and tells its end by interrupt.
#[derive(Debug)]
pub enum Fence {}

/// The register PSW says which channel is on the core. As fast as the fence; nobody tells the end, it has to be asked for.
///
/// Its layout is a setting, because the manual prints four bits for 32 channels. Unconfirmed: that it shows no priority while the
/// core sleeps.
#[derive(Debug)]
pub enum Poll {}

/// A millisecond after the stop, as NXP advises: for silicon on which the other two turn out to be wrong.
#[derive(Debug)]
pub enum Wait {}

impl Wait {
    /// How long it waits.
    pub const TIME: Micros = Micros::from_millis(1);
}

impl sealed::Sealed for Fence {}
impl sealed::Sealed for Poll {}
impl sealed::Sealed for Wait {}

impl StopMethod for Fence {
    const FENCED: bool = true;

    #[inline]
    fn has_left(fenced: impl FnOnce() -> bool, _: impl FnOnce() -> OnCore, _: u8, _: impl FnOnce() -> Micros) -> bool {
        fenced()
    }
}

impl StopMethod for Poll {
    const FENCED: bool = false;

    #[inline]
    fn has_left(
        _: impl FnOnce() -> bool,
        psw: impl FnOnce() -> OnCore,
        channel: u8,
        _: impl FnOnce() -> Micros,
    ) -> bool {
        !psw().is(channel)
    }
}

impl StopMethod for Wait {
    const FENCED: bool = false;
    const TIMED: bool = true;

    #[inline]
    fn has_left(
        _: impl FnOnce() -> bool,
        _: impl FnOnce() -> OnCore,
        _: u8,
        since_stop: impl FnOnce() -> Micros,
    ) -> bool {
        since_stop() > Self::TIME
    }
}
