//! What no driver can see: for tests that want to know what the SDMA is about, and for setting it up without channel 0.

use crate::core::Core;

/// The inside of an [`Sdma`](crate::Sdma). A driver has no such view; a test may compare with it what a driver believes.
#[derive(Clone, Copy, Debug)]
pub struct View<'a>(pub(crate) &'a Core);

impl View<'_> {
    /// The channel on the core, or about to be; `None` while it sleeps.
    #[must_use]
    pub fn current(&self) -> Option<u8> {
        self.0.current()
    }

    /// The program counter in the core, whoever's it is.
    #[must_use]
    pub fn pc(&self) -> u16 {
        self.0.registers().pc
    }

    /// HE of all channels.
    #[must_use]
    pub fn he(&self) -> u32 {
        self.0.sched.he
    }

    /// The queued starts of all channels.
    #[must_use]
    pub fn hstart(&self) -> u32 {
        self.0.sched.hstart
    }

    /// EP of all channels.
    #[must_use]
    pub fn ep(&self) -> u32 {
        self.0.sched.ep
    }

    /// The channels that an election would consider now.
    #[must_use]
    pub fn runnable(&self) -> u32 {
        self.0.sched.runnable()
    }

    /// Where in data space a channel's context lies.
    #[must_use]
    pub fn context_address(&self, channel: u8) -> u16 {
        self.0.context(channel & 31)
    }

    /// A channel's context as it lies in memory: 24 or 32 words, by CHN0ADDR.SMSZ; what is beyond is 0. That of the channel on
    /// the core is as old as its last save.
    #[must_use]
    pub fn context(&self, channel: u8) -> [u32; 32] {
        let len = self.0.storage.context_len();
        let base = self.context_address(channel);
        core::array::from_fn(|n| if (n as u16) < len { self.data(base + n as u16).unwrap_or(0) } else { 0 })
    }

    /// A word of ROM or RAM in data space.
    #[must_use]
    pub fn data(&self, address: u16) -> Option<u32> {
        self.0.ram.read(address)
    }

    /// An instruction of ROM or RAM in program space.
    #[must_use]
    pub fn program(&self, address: u16) -> Option<u16> {
        self.0.ram.program(address)
    }

    /// Whether somebody wrote the word of RAM.
    #[must_use]
    pub fn is_written(&self, address: u16) -> bool {
        self.0.ram.is_written(address)
    }
}
