//! From wishes to commands, and what comes back of them. The ways that are taken often are short: a wish that finds channel 0 free
//! is a command at once.

use super::{Bus, CameTo, ChannelZero, Command, Program};
use crate::regs::{Registers, offset};
use crate::words::{BufferDescriptor, Command as Code, ContextArgs, ContextSize, ControlBlock, Status};

/// A channel's context has room for the scripts' own notes.
const SIZE: ContextSize = ContextSize::Words32;

/// Where in it a standard script keeps the address of its descriptor, what is left of it, and its buffer: scratch words 1, 5 and 6
/// (inferred from the scripts that Freescale published in its i.MX6 Platform SDK).
const DESCRIPTOR: usize = 24 + 1;
const LEFT: usize = 24 + 5;
const BUFFER: usize = 24 + 6;

impl ChannelZero {
    /// If channel 0 is done, takes its answer; if it is free, gives it the next wish.
    #[inline]
    pub(crate) fn advance(&mut self, bus: &impl Bus) {
        if let Some(command) = self.active {
            bus.regs().barrier();
            let status = bus.memory().channel_0_mode().status();
            if !status.contains(Status::DONE) {
                self.take_answer(bus, command, !status.contains(Status::RROR));
            }
        } else {
            self.give_next(bus);
        }
    }

    #[inline(never)]
    fn take_answer(&mut self, bus: &impl Bus, command: Command, well: bool) {
        self.active = None;
        self.answered(bus, command, well);
        self.give_next(bus);
    }

    #[inline]
    fn give_next(&mut self, bus: &impl Bus) {
        if self.fence_wanted | self.load_wanted != 0 || self.program.is_some() {
            self.give_wanted(bus);
        }
    }

    #[inline(never)]
    fn give_wanted(&mut self, bus: &impl Bus) {
        if let Some(command) = self.next() {
            self.give(bus, command);
        }
    }

    #[inline]
    pub(super) fn next(&self) -> Option<Command> {
        let lowest = |set: u32| (set != 0).then(|| set.trailing_zeros() as u8);
        let fence = lowest(self.fence_wanted).map(Command::Fence);
        let load = || lowest(if self.held { 0 } else { self.load_wanted }).map(Command::Load);
        fence.or_else(load).or(self.program.map(|_| Command::Program))
    }

    fn give(&mut self, bus: &impl Bus, command: Command) {
        match command {
            Command::Fence(channel) => {
                self.fence_wanted &= !(1 << channel);
                self.give_fence(bus, channel);
            }
            Command::Load(channel) => {
                self.load_wanted &= !(1 << channel);
                let Some(load) = self.loads[usize::from(channel)] else { return };
                self.give_load(bus, channel, &load.context);
                if self.go >> channel & 1 == 1 {
                    self.forget(channel);
                    self.start(bus, channel, load.descriptor);
                }
            }
            Command::Program => {
                let Some(Program { from, to, halfwords }) = self.program.take() else { return };
                self.command(bus, Command::Program, Code::SetPm.descriptor(halfwords, from, u32::from(to)));
            }
        }
    }

    #[inline]
    pub(super) fn give_fence(&mut self, bus: &impl Bus, channel: u8) {
        let descriptor = Code::save_context(SIZE, channel, bus.memory().save_buffer());
        self.command(bus, Command::Fence(channel), descriptor);
    }

    #[inline]
    pub(super) fn give_load(&mut self, bus: &impl Bus, channel: u8, context: &ContextArgs) {
        let memory = bus.memory();
        memory.fill_load_buffer(context);
        self.command(bus, Command::Load(channel), Code::load_context(SIZE, channel, memory.load_buffer()));
    }

    /// Lets channel 0 run, with an interrupt at the end.
    #[inline]
    fn command(&mut self, bus: &impl Bus, command: Command, mut descriptor: BufferDescriptor) {
        descriptor.mode = descriptor.mode.with(Status::INTR);
        bus.memory().set_channel_0_descriptor(descriptor);
        self.active = Some(command);
        bus.regs().write_ordered(offset::HSTART, 1);
    }

    fn answered(&mut self, bus: &impl Bus, command: Command, well: bool) {
        match command {
            Command::Fence(channel) => {
                let word = |at| if well { bus.memory().saved(at) } else { 0 };
                self.came_to[usize::from(channel)] =
                    CameTo { descriptor: word(DESCRIPTOR), left: word(LEFT), buffer: word(BUFFER) };
                self.fenced |= 1 << channel;
                self.news |= 1 << channel;
            }
            // A load that nobody wants any more, or that was wanted anew, says nothing.
            Command::Load(channel) if well || self.load_wanted >> channel & 1 == 1 => {}
            Command::Load(channel) => {
                self.forget(channel);
                self.failed |= 1 << channel;
                self.news |= 1 << channel;
                self.tell(bus);
            }
            // Nor does a program that was given up, and after which somebody wants another.
            Command::Program if self.program.is_some() => {}
            Command::Program => self.programmed = Some(well),
        }
    }

    /// Starts a channel whose context is loaded or being loaded.
    #[inline]
    pub(super) fn start(&self, bus: &impl Bus, channel: u8, descriptor: u32) {
        bus.memory().set_control_block(channel, ControlBlock::at(descriptor));
        bus.regs().write_ordered(offset::HSTART, 1 << channel);
    }
}
