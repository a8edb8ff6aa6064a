//! Channel 0, which alone reaches the SDMA's own memory: it loads contexts, reads them, and loads programs. And it is the fence
//! that shows that a channel has stopped.
//!
//! # One command at a time
//!
//! Channel 0 does what its one descriptor says. Whoever wants something of it leaves the wish here, with the lock of
//! [`Shared`](crate::shared::Shared) held, and comes back at once. Nobody waits for a command: who finds channel 0 done (its
//! interrupt, or somebody who asks whether his stop is complete) takes its answer and gives it the next wish. So a fence
//! asked for in an interrupt cannot wait for one that it interrupted.
//!
//! ```text
//!  wish                     command                    answer
//!  fence n  ── wanted ──▶ reads the context of n  ──▶ n is fenced
//!  load n   ── wanted ──▶ writes the context of n, ──▶ (if it has failed, n is stopped again)
//!                          and starts n if it is to go
//! ```
//!
//! A channel's fence goes before its load. A load that is taken back while channel 0 is at it is let run: it touches the
//! context and no client's memory.
//!
//! A channel is started right behind the command that loads it: channel 0 is elected first, and the context is restored when
//! the channel is elected itself (i.MX 6ULL RM chapter 46, "context switching"). So a start needs no interrupt while channel 0 is free,
//! and goes out as fast with interrupts masked; one that finds channel 0 at work goes out with the interrupt that ends that, or
//! with the next question after a stop. Linux waits for channel 0 in between, up to 500 µs with a lock held.
//!
//! # Why it is a fence
//!
//! Clearing HE does not stop a script: the current channel goes on to its next `done`. Channel 0 has the highest
//! priority, and no other channel has it, so at that `done` it is elected; and with HE cleared the stopped channel is not elected
//! again (i.MX 6ULL RM chapter 46, "scheduler"). A command of channel 0 that was begun after the STOP and is complete
//! shows that the core has left the old script. Inferred: with the script, the core has left nothing in the burst unit that is
//! still to be written, since scripts flush before they yield.
//!
//! In the dynamic modes the saving of a context may trail the switch (not confirmed by the manual). The command that reads the
//! context is over long after it, and the load that follows cannot be overwritten: a load after a stop is always the second
//! command.

mod commands;
mod wish;

pub(crate) use wish::{Bus, CameTo, Over, Program};

use crate::words::ContextArgs;
use wish::Load;

/// The highest there is, and nobody else's.
pub(crate) const CHANNEL_0_PRIORITY: u32 = 7;

/// What channel 0 is doing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Command {
    Fence(u8),
    Load(u8),
    Program,
}

/// The queue of channel 0. Sets of channels are words: bit n is channel n.
#[derive(Debug)]
pub(crate) struct ChannelZero {
    active: Option<Command>,
    fence_wanted: u32,
    load_wanted: u32,
    fenced: u32,
    failed: u32,
    /// Lost their transfer when the block was reset.
    lost: u32,
    /// Not started, for want of a script.
    refused: u32,
    /// To be started when their load is given to channel 0.
    go: u32,
    /// Something has happened to them since anybody was told.
    news: u32,
    /// Their bit in INTR was set.
    interrupted: u32,
    loads: [Option<Load>; 32],
    came_to: [CameTo; 32],
    program: Option<Program>,
    programmed: Option<bool>,
    /// Loads wait: the block may have no power.
    held: bool,
}

impl ChannelZero {
    pub(crate) const fn new() -> Self {
        Self {
            active: None,
            fence_wanted: 0,
            load_wanted: 0,
            fenced: 0,
            failed: 0,
            lost: 0,
            refused: 0,
            go: 0,
            news: 0,
            interrupted: 0,
            loads: [None; 32],
            came_to: [CameTo { descriptor: 0, left: 0, buffer: 0 }; 32],
            program: None,
            programmed: None,
            held: false,
        }
    }

    /// Loads a channel's context, and starts it with this descriptor if it is to `go`. It is stopped, or its fence is wanted.
    #[inline]
    pub(crate) fn load(&mut self, bus: &impl Bus, channel: u8, context: &ContextArgs, descriptor: u32, go: bool) {
        let bit = 1 << channel;
        self.came_to[usize::from(channel)] = CameTo::default();
        self.failed &= !bit;
        self.lost &= !bit;
        self.refused &= !bit;
        self.interrupted &= !bit;
        self.forget(channel);
        if go && self.active.is_none() && !self.held {
            // Nobody is before it, so that nothing has to be kept.
            self.give_load(bus, channel, context);
            self.start(bus, channel, descriptor);
        } else {
            self.want_load(bus, channel, Load { context: *context, descriptor }, go);
        }
    }

    /// Keeps it until channel 0 is free.
    #[cold]
    fn want_load(&mut self, bus: &impl Bus, channel: u8, load: Load, go: bool) {
        let bit = 1 << channel;
        self.loads[usize::from(channel)] = Some(load);
        self.load_wanted |= bit;
        self.go |= if go { bit } else { 0 };
        self.advance(bus);
    }

    /// Lets a channel go whose context is loaded, or will be, for this descriptor. False if it is not.
    pub(crate) fn go(&mut self, bus: &impl Bus, channel: u8, descriptor: u32) -> bool {
        let bit = 1 << channel;
        if self.loads[usize::from(channel)].is_none_or(|load| load.descriptor != descriptor) {
            return false;
        }
        if self.load_wanted & bit != 0 {
            self.go |= bit;
        } else {
            self.forget(channel);
            self.start(bus, channel, descriptor);
        }
        true
    }

    /// Takes a start back that has not come to the hardware yet. False if it has.
    #[inline]
    pub(crate) fn take_back(&mut self, channel: u8) -> bool {
        (self.go | self.refused) >> channel & 1 == 1 && self.forget_start(channel)
    }

    #[cold]
    fn forget_start(&mut self, channel: u8) -> bool {
        self.refused &= !(1 << channel);
        self.forget(channel);
        true
    }

    /// Nobody wants this channel loaded any more.
    pub(crate) fn forget(&mut self, channel: u8) {
        let bit = 1 << channel;
        self.go &= !bit;
        self.load_wanted &= !bit;
        self.loads[usize::from(channel)] = None;
    }

    /// The descriptor is not going to be started any more.
    pub(crate) fn forget_load_of(&mut self, channel: u8, descriptor: u32) {
        if self.loads[usize::from(channel)].is_some_and(|load| load.descriptor == descriptor) {
            self.forget(channel);
        }
    }

    /// Wants to know when the core has left a channel whose HE was cleared.
    #[inline]
    pub(crate) fn fence(&mut self, bus: &impl Bus, channel: u8) {
        let bit = 1 << channel;
        self.fenced &= !bit;
        if self.active.is_none() {
            // Then nobody is before it.
            self.give_fence(bus, channel);
        } else {
            self.want_fence(bus, channel);
        }
    }

    #[cold]
    fn want_fence(&mut self, bus: &impl Bus, channel: u8) {
        self.fence_wanted |= 1 << channel;
        self.advance(bus);
    }

    /// Loads code. [`programmed`](Self::programmed) tells the end.
    pub(crate) fn program(&mut self, bus: &impl Bus, program: Program) {
        self.programmed = None;
        self.program = Some(program);
        self.advance(bus);
    }

    /// Nobody waits for the code any more. True if channel 0 has been given it, and may read it at any time.
    pub(crate) fn forget_program(&mut self) -> bool {
        self.program.take().is_none()
    }

    /// Whether the code is loaded, once: `Some(false)` if the SDMA could not read it.
    pub(crate) fn programmed(&mut self) -> Option<bool> {
        self.programmed.take()
    }

    pub(crate) fn is_fenced(&self, channel: u8) -> bool {
        self.fenced >> channel & 1 == 1
    }

    /// Whether a running channel has interrupted since this was last asked.
    ///
    /// # Errors
    /// Why its transfer is over.
    pub(crate) fn check(&mut self, bus: &impl Bus, channel: u8) -> Result<bool, Over> {
        let bit = 1 << channel;
        let over = ((self.lost | self.refused | self.failed) & bit != 0).then(|| self.over(bit));
        self.tell(bus);
        if let Some(over) = over {
            return Err(over);
        }
        let interrupted = self.interrupted & bit != 0;
        self.interrupted &= !bit;
        Ok(interrupted)
    }

    /// Says of which channels there is something to check: whenever one is added, and when one was checked.
    fn tell(&self, bus: &impl Bus) {
        bus.say_over(self.lost | self.refused | self.failed);
    }

    #[cold]
    fn over(&mut self, bit: u32) -> Over {
        for (channels, over) in [(&mut self.lost, Over::Lost), (&mut self.refused, Over::NoProgram)] {
            if *channels & bit != 0 {
                *channels &= !bit;
                return over;
            }
        }
        self.failed &= !bit;
        Over::NotLoaded
    }

    /// A channel is not started, because its script is gone. Channel 0 calls back, so that its client is told; if it has no power,
    /// when it has it again.
    pub(crate) fn refuse(&mut self, bus: &impl Bus, channel: u8) {
        self.forget(channel);
        self.refused |= 1 << channel;
        self.news |= 1 << channel;
        self.tell(bus);
        self.call_back_the_refused(bus);
    }

    /// Sees to it that an interrupt comes if there is somebody who was refused.
    fn call_back_the_refused(&mut self, bus: &impl Bus) {
        if self.refused != 0 && !self.held {
            self.fence(bus, self.refused.trailing_zeros() as u8);
        }
    }

    /// Where the script was when its fence was passed.
    pub(crate) fn came_to(&self, channel: u8) -> CameTo {
        self.came_to[usize::from(channel)]
    }

    /// Keeps loads waiting from here on: the power may go.
    pub(crate) fn hold_loads(&mut self) {
        self.held = true;
    }

    /// Lets go what was kept waiting.
    pub(crate) fn go_on(&mut self, bus: &impl Bus) {
        self.held = false;
        self.call_back_the_refused(bus);
        self.advance(bus);
    }

    /// Channel 0 does nothing and nobody wants anything of it.
    pub(crate) fn is_idle(&self) -> bool {
        self.active.is_none() && self.next().is_none()
    }

    /// Which channels something has happened to since this was last asked, those whose bit in INTR was set among them.
    pub(crate) fn take_news(&mut self, interrupted: u32) -> u32 {
        self.interrupted |= interrupted;
        interrupted | core::mem::take(&mut self.news)
    }

    /// The block is being reset: every wish and every command is gone, and every stop is complete. These channels lose their
    /// transfers.
    pub(crate) fn lose(&mut self, bus: &impl Bus, running: u32) {
        *self = Self { lost: running, news: running, fenced: u32::MAX, held: self.held, ..Self::new() };
        self.tell(bus);
    }

    /// The block was reset, and nobody has lost a transfer: what channel 0 was at comes to no end.
    pub(crate) fn drop_commands(&mut self) {
        (self.active, self.fence_wanted, self.program) = (None, 0, None);
    }
}
