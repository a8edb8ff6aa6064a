//! What is wanted of channel 0, what it answers, and what its queue needs of the hardware.

use crate::memory::SharedMemory;
use crate::regs::Registers;
use crate::words::ContextArgs;

/// What a channel is to be started with.
#[derive(Clone, Copy, Debug)]
pub(super) struct Load {
    pub(super) context: ContextArgs,
    /// Where its first descriptor lies.
    pub(super) descriptor: u32,
}

/// How far a script had come when it was stopped, as it says itself.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct CameTo {
    /// The descriptor it was at.
    pub(crate) descriptor: u32,
    /// What it had left to do of the last one that it had.
    pub(crate) left: u32,
    /// The buffer of the last one that it had. One that it comes to and that is not the SDMA's does not change it.
    pub(crate) buffer: u32,
}

/// Why a transfer is over of which no descriptor says so.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Over {
    /// The block was reset under it.
    Lost,
    /// Its context could not be loaded. It may have been started with an old one.
    NotLoaded,
    /// It was not started: its script is gone.
    NoProgram,
}

/// Code for the SDMA's program memory.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Program {
    /// Where the code lies.
    pub(crate) from: u32,
    /// Where it is to lie.
    pub(crate) to: u16,
    /// How much, in words of 16 bit.
    pub(crate) halfwords: u16,
}

/// What channel 0's queue needs of the hardware, and of those who look at it from outside.
pub(crate) trait Bus {
    type Registers: Registers;

    fn regs(&self) -> &Self::Registers;
    fn memory(&self) -> &SharedMemory;

    /// Of these channels there is something to [check](super::ChannelZero::check): seen without the lock that the queue is under.
    fn say_over(&self, channels: u32);
}
