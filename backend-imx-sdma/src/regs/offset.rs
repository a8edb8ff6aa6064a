//! Where the registers lie, in bytes from the SDMA's base. All are 32 bit wide.
//!
//! Names are the manual's (i.MX 6ULL RM chapter 46), Linux's are aliases. Where each channel has a bit, bit n is
//! channel n.

/// The bus address of the channel control blocks.
#[doc(alias = "SDMA_H_C0PTR")]
pub const MC0PTR: u32 = 0x000;
/// Channels that interrupt; writing 1 takes the bit back.
#[doc(alias = "SDMA_H_INTR")]
pub const INTR: u32 = 0x004;
/// Read: channels that the host has enabled (HE). Writing 1 disables, and takes back a start that waits.
#[doc(alias = "SDMA_H_STATSTOP")]
pub const STOP_STAT: u32 = 0x008;
/// Writing 1 starts. Read: second starts that wait behind a running one.
#[doc(alias = "SDMA_H_START")]
pub const HSTART: u32 = 0x00C;
/// Channels that need no event to run.
#[doc(alias = "SDMA_H_EVTOVR")]
pub const EVTOVR: u32 = 0x010;
/// Channels that need no DSP to run; on chips without one, a 0 keeps the channel from ever running.
#[doc(alias = "SDMA_H_DSPOVR")]
pub const DSPOVR: u32 = 0x014;
/// Channels that need no start by the host to run.
#[doc(alias = "SDMA_H_HOSTOVR")]
pub const HOSTOVR: u32 = 0x018;
/// Read: channels whose event came. Writing 1 makes one; only a script takes it back.
#[doc(alias = "SDMA_H_EVTPEND")]
pub const EVTPEND: u32 = 0x01C;
/// Software reset and forced rescheduling: [`Reset`](super::Reset).
#[doc(alias = "SDMA_H_RESET")]
pub const RESET: u32 = 0x024;
/// Channels whose event came while the last one was still pending. Clears when it is read.
#[doc(alias = "SDMA_H_EVTERR")]
pub const EVTERR: u32 = 0x028;
/// Channels that interrupt on such a lost event, too.
#[doc(alias = "SDMA_H_INTRMSK")]
pub const INTRMASK: u32 = 0x02C;
/// Which channel runs and which is next: [`Psw`](super::Psw).
#[doc(alias = "SDMA_H_PSW")]
pub const PSW: u32 = 0x030;
/// [`EVTERR`], and reading does not clear it.
#[doc(alias = "SDMA_H_EVTERRDBG")]
pub const EVTERRDBG: u32 = 0x034;
/// [`Config`](super::Config).
#[doc(alias = "SDMA_H_CONFIG")]
pub const CONFIG: u32 = 0x038;
/// [`Lock`](super::Lock). Not on the oldest chips.
pub const SDMA_LOCK: u32 = 0x03C;
/// Bit 0: the debug unit listens to these registers instead of JTAG.
pub const ONCE_ENB: u32 = 0x040;
/// Data for the debug unit.
pub const ONCE_DATA: u32 = 0x044;
/// An instruction for the debug unit.
pub const ONCE_INSTR: u32 = 0x048;
/// What the core is doing.
pub const ONCE_STAT: u32 = 0x04C;
/// A command to the debug unit.
pub const ONCE_CMD: u32 = 0x050;
/// Where an illegal instruction leads.
#[doc(alias = "SDMA_ILLINSTADDR")]
pub const ILLINSTADDR: u32 = 0x058;
/// Where channel 0 begins, and how large contexts are: [`Chn0Addr`](super::Chn0Addr).
#[doc(alias = "SDMA_CHN0ADDR")]
pub const CHN0ADDR: u32 = 0x05C;
/// Request lines 0 to 31 that were seen. Clears when it is read. On i.MX31 and i.MX35 it lies at `0x054`.
pub const EVT_MIRROR: u32 = 0x060;
/// Request lines 32 to 47 that were seen. Clears when it is read.
pub const EVT_MIRROR2: u32 = 0x064;
/// What goes out to the cross trigger, first four.
#[doc(alias = "SDMA_XTRIG_CONF1")]
pub const XTRIG_CONF1: u32 = 0x070;
/// What goes out to the cross trigger, last four.
#[doc(alias = "SDMA_XTRIG_CONF2")]
pub const XTRIG_CONF2: u32 = 0x074;
/// The first register of [`chnpri`].
#[doc(alias = "SDMA_CHNPRI_0")]
pub const CHNPRI0: u32 = 0x100;
/// The first register of [`chnenbl`], on all chips but one.
#[doc(alias = "SDMA_CHNENBL0_IMX35")]
pub const CHNENBL0: u32 = 0x200;
/// The first register of [`chnenbl`] on i.MX31.
#[doc(alias = "SDMA_CHNENBL0_IMX31")]
pub const CHNENBL0_IMX31: u32 = 0x080;
/// Software "done", the first four lanes (i.MX8M): [`DoneLane`](super::DoneLane).
#[doc(alias = "SDMA_DONE0_CONFIG")]
pub const DONE0_CONFIG: u32 = 0x1000;
/// Software "done", the last four lanes (i.MX8M).
pub const DONE1_CONFIG: u32 = 0x1004;

/// The priority of a channel: 0 never runs, 1 is the lowest, 7 the highest.
#[must_use]
pub const fn chnpri(channel: u8) -> u32 {
    CHNPRI0 + 4 * channel as u32
}

/// The channels that a request line makes run. RAM, undefined until it is written. `first` is [`CHNENBL0`], or
/// [`CHNENBL0_IMX31`].
#[must_use]
pub const fn chnenbl(first: u32, line: u8) -> u32 {
    first + 4 * line as u32
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Linux 6.12 on an i.MX6Q, playing on line 38 by channel 1, writes its priority at 0x104 and the line at 0x298.
    #[test]
    fn registers_of_channels_and_lines_lie_where_linux_finds_them() {
        assert_eq!((chnpri(1), chnpri(31)), (0x104, 0x17C));
        assert_eq!((chnenbl(CHNENBL0, 38), chnenbl(CHNENBL0, 47)), (0x298, 0x2BC));
        assert_eq!((chnenbl(CHNENBL0_IMX31, 0), chnenbl(CHNENBL0_IMX31, 31)), (0x080, 0x0FC));
    }
}
