//! What channel 0 can be told: to move words between system memory and the SDMA's own.

use super::{BufferDescriptor, ContextSize, Mode, Status};

/// A command of channel 0, whose script is in every chip's ROM (i.MX 6ULL RM chapter 46).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub enum Command {
    /// Memory to data memory; counts words of 32 bit.
    #[doc(alias = "C0_SETDM")]
    SetDm = 0x01,
    /// Data memory to memory; counts words of 32 bit.
    #[doc(alias = "C0_GETDM")]
    GetDm = 0x02,
    /// Memory to program memory; counts words of 16 bit.
    #[doc(alias = "C0_SETPM")]
    SetPm = 0x04,
    /// Program memory to memory; counts words of 16 bit. Linux's header has 8 for it, and never uses it; the manual has
    /// 6.
    #[doc(alias = "C0_GETPM")]
    GetPm = 0x06,
}

impl Command {
    /// The one descriptor of a command: `count` words between `buffer`, a bus address, and `address` of the SDMA's own
    /// memory, both in the command's unit.
    ///
    /// It interrupts nobody: that it is done shows in bit 0 of STOP_STAT.
    #[must_use]
    pub const fn descriptor(self, count: u16, buffer: u32, address: u32) -> BufferDescriptor {
        let status = Status::DONE.union(Status::WRAP).union(Status::EXTD);
        BufferDescriptor { mode: Mode::new(count, status, self as u8), buffer, extended: address }
    }

    /// The descriptor that loads a channel's context from `buffer`.
    #[must_use]
    pub const fn load_context(size: ContextSize, channel: u8, buffer: u32) -> BufferDescriptor {
        Self::SetDm.descriptor(size.words(), buffer, size.address(channel))
    }

    /// The descriptor that saves a channel's context to `buffer`.
    #[must_use]
    pub const fn save_context(size: ContextSize, channel: u8, buffer: u32) -> BufferDescriptor {
        Self::GetDm.descriptor(size.words(), buffer, size.address(channel))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What Linux 6.12 gave channel 0 in each preparation of the golden traces S03, S05, S06 and S09.
    #[test]
    fn the_descriptor_that_loads_a_context_is_linuxs() {
        let descriptor = Command::load_context(ContextSize::Words32, 1, 0x1000_0200);
        assert_eq!(descriptor.words(), [0x0183_0020, 0x1000_0200, 0x0000_0820]);
    }

    #[test]
    fn commands_have_the_manuals_codes() {
        let word = |command: Command| command.descriptor(0x3EA, 0, 0).mode.0;
        assert_eq!(word(Command::SetDm), 0x0183_03EA);
        assert_eq!(word(Command::GetDm), 0x0283_03EA);
        assert_eq!(word(Command::SetPm), 0x0483_03EA);
        assert_eq!(word(Command::GetPm), 0x0683_03EA);
        let saved = Command::save_context(ContextSize::Words24, 2, 4);
        assert_eq!(saved.words(), [0x0283_0018, 4, 0x830]);
    }
}
