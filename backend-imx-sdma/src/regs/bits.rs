//! What the bits of the registers mean (i.MX 6ULL RM chapter 46).

use super::offset;

bitflags::bitflags! {
    /// [`CONFIG`](offset::CONFIG) without its lowest field, which is [`ContextSwitch`].
    #[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
    pub struct Config: u32 {
        /// The SDMA's DMA units run as fast as its core, not twice as fast. It must match the clocks.
        #[doc(alias = "SDMA_H_CONFIG_ACR")]
        const ACR = 1 << 4;
        /// Pins for real-time debugging.
        #[doc(alias = "SDMA_H_CONFIG_RTD_PINS")]
        const RTDOBS = 1 << 11;
        /// The DSP's DMA; 0 from i.MX6 on.
        #[doc(alias = "SDMA_H_CONFIG_DSPDMA")]
        const DSPDMA = 1 << 12;
    }

    /// [`RESET`](offset::RESET). Both clear themselves.
    #[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
    pub struct Reset: u32 {
        /// Resets the SDMA.
        const RESET = 1 << 0;
        /// Makes the core change channels, as if the script had said `done`.
        const RESCHED = 1 << 1;
    }

    /// [`SDMA_LOCK`](offset::SDMA_LOCK).
    #[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
    pub struct Lock: u32 {
        /// Nobody changes where scripts begin, until a reset.
        const LOCK = 1 << 0;
        /// A software reset unlocks.
        const SRESET_LOCK_CLR = 1 << 1;
    }
}

/// How the core changes contexts: the lowest field of [`CONFIG`](offset::CONFIG).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[doc(alias = "CSM")]
#[repr(u32)]
pub enum ContextSwitch {
    /// Always all of it. What it must be until channel 0 has run for the first time.
    Static = 0,
    /// Dynamic, with low power.
    DynamicLowPower = 1,
    /// Dynamic, not within loops.
    DynamicNoLoop = 2,
    /// Dynamic. After a reset, and what Linux runs with.
    #[doc(alias = "SDMA_H_CONFIG_CSM")]
    Dynamic = 3,
}

impl Config {
    /// The register's word.
    #[must_use]
    pub const fn word(self, switch: ContextSwitch) -> u32 {
        self.bits() | switch as u32
    }
}

/// [`CHN0ADDR`](offset::CHN0ADDR): where channel 0 begins and how large contexts are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Chn0Addr(u32);

impl Chn0Addr {
    /// Contexts of 32 words, not of 24.
    pub const SMSZ: u32 = 1 << 14;
    /// The script in ROM, and contexts of 32 words. What Linux writes.
    pub const ROM: Self = Self(Self::SMSZ | 0x50);

    /// The register's word.
    #[must_use]
    pub const fn word(self) -> u32 {
        self.0
    }
}

/// How wide the fields of [`Psw`] are; sources contradict each other.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PswLayout {
    /// Four bits of channel and four of priority, as the i.MX 6ULL manual and the SDK's header print it.
    Printed,
    /// Five bits of channel and three of priority, as the next channel has it, and as 32 channels need.
    Symmetric,
}

/// [`PSW`](offset::PSW): the channel that runs and the one that is next, each with its priority.
///
/// The fields of the one that runs are printed in four bits each; there are 32 channels, so that is likely a misprint.
/// Nothing here depends on it: [`may_be_current`](Self::may_be_current) is right with either.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Psw(pub u32);

impl Psw {
    /// The channel that runs (CCR) and its priority (CCP), if the fields are as wide as that.
    #[must_use]
    pub const fn current(self, layout: PswLayout) -> (u8, u8) {
        let byte = self.0 as u8;
        match layout {
            PswLayout::Printed => (byte & 0xF, byte >> 4),
            PswLayout::Symmetric => (byte & 0x1F, byte >> 5),
        }
    }

    /// The next channel (NCR) and its priority (NCP).
    #[must_use]
    pub const fn next(self) -> (u8, u8) {
        let byte = (self.0 >> 8) as u8;
        (byte & 0x1F, byte >> 5)
    }

    /// Whether this channel may be the one that runs. A false is certain, with either layout; a true may be another
    /// channel, 16 away.
    #[must_use]
    pub const fn may_be_current(self, channel: u8) -> bool {
        (self.0 as u8 ^ channel) & 0xF == 0
    }
}

/// A lane of the software "done" of i.MX8M: one byte of [`DONE0_CONFIG`](offset::DONE0_CONFIG) or of
/// [`DONE1_CONFIG`](offset::DONE1_CONFIG).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[doc(alias = "sw_done_sel")]
pub struct DoneLane(u8);

impl DoneLane {
    /// How many there are.
    pub const COUNT: u8 = 8;

    /// A lane, from 0; `None` if there is no such.
    #[must_use]
    pub const fn new(lane: u8) -> Option<Self> {
        if lane < Self::COUNT { Some(Self(lane)) } else { None }
    }

    /// Its number.
    #[must_use]
    pub const fn index(self) -> u8 {
        self.0
    }

    /// The register it lies in.
    #[must_use]
    pub const fn offset(self) -> u32 {
        offset::DONE0_CONFIG + 4 * (self.0 / 4) as u32
    }

    /// That register's word with the software "done" of this lane switched on: selected, and not disabled.
    #[must_use]
    pub const fn enabled(self, word: u32) -> u32 {
        let shift = 8 * (self.0 % 4) as u32;
        word & !(1 << (shift + 6)) | 1 << (shift + 7)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn config_words_are_those_linux_writes() {
        assert_eq!(Config::empty().word(ContextSwitch::Static), 0);
        assert_eq!(Config::ACR.word(ContextSwitch::Static), 0x10);
        assert_eq!(Config::ACR.word(ContextSwitch::Dynamic), 0x13);
        assert_eq!(Chn0Addr::ROM.word(), 0x4050);
    }

    #[test]
    fn a_channel_that_psw_excludes_does_not_run_in_either_layout() {
        for low in 0..=0xFF_u32 {
            let psw = Psw(low);
            for channel in 0..32 {
                let is = |layout| psw.current(layout).0 == channel;
                let either = is(PswLayout::Printed) || is(PswLayout::Symmetric);
                assert!(psw.may_be_current(channel) || !either, "{low:#x} {channel}");
            }
        }
        assert!(!Psw(0x11).may_be_current(2));
        assert!(Psw(0x11).may_be_current(17) && Psw(0x11).may_be_current(1));
        assert_eq!(Psw(0x00F1).current(PswLayout::Symmetric), (17, 7));
        assert_eq!(Psw(0x00F1).current(PswLayout::Printed), (1, 15));
        assert_eq!(Psw(0x7F00).next(), (31, 3));
    }

    /// Linux 6.12 divides the lane by 4 and adds that to the address, so lanes from 4 on reach a misaligned one.
    #[test]
    fn lanes_from_four_on_lie_in_the_second_register() {
        let lane = |lane| DoneLane::new(lane).unwrap();
        assert_eq!(
            (lane(0).offset(), lane(3).offset(), lane(4).offset(), lane(7).offset()),
            (0x1000, 0x1000, 0x1004, 0x1004)
        );
        assert_eq!(lane(0).enabled(0xFFFF_FFFF), 0xFFFF_FFBF);
        assert_eq!(lane(0).enabled(0), 0x80);
        assert_eq!(lane(6).enabled(0x0040_0001), 0x0080_0001);
        assert_eq!(DoneLane::new(8), None);
    }
}
