//! Every register: where it is on which chip, what it holds after a reset, and what reading and writing it does
//! (i.MX 6ULL RM chapter 46, "SDMA memory map"; Linux 5.8 `drivers/dma/imx-sdma.c` for the older layouts).

use crate::config::Variant;

/// What a read or a write of a register does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Rule {
    /// It can only be read.
    ReadOnly,
    /// It can only be read, and that clears it.
    ReadClears,
    /// It holds what was written.
    ReadWrite,
    /// Ones that are written clear bits.
    WriteOneClears,
    /// Ones that are written set bits.
    WriteOneSets,
    /// Ones that are written start something and go back to 0 when it is done.
    Command,
}

/// One register, or an array of them, 4 bytes apart.
#[derive(Clone, Copy, Debug)]
pub struct Register {
    /// Its name in the manual.
    pub name: &'static str,
    /// Where it is in the window, in bytes.
    pub offset: u32,
    /// How many there are.
    pub count: u32,
    /// What it holds after a reset; `None` if it has no reset, as memory.
    pub reset: Option<u32>,
    /// What reading and writing it does.
    pub rule: Rule,
    /// The bits that exist.
    pub mask: u32,
    /// Whether SDMA_LOCK locks it.
    pub lockable: bool,
    pub(crate) id: Id,
    since: Variant,
    until: Variant,
}

/// Which register it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Id {
    Mc0ptr,
    Intr,
    StopStat,
    Hstart,
    Evtovr,
    Dspovr,
    Hostovr,
    Evtpend,
    Reset,
    Evterr,
    Intrmask,
    Psw,
    Evterrdbg,
    Config,
    SdmaLock,
    OnceEnb,
    OnceData,
    OnceInstr,
    OnceStat,
    OnceCmd,
    OnceRtb,
    EvtMirror,
    EvtMirror2,
    Illinstaddr,
    Chn0addr,
    XtrigConf,
    DoneConfig,
    Chnpri,
    Chnenbl,
}

use Id as I;
use Rule::{Command, ReadClears, ReadOnly, ReadWrite, WriteOneClears, WriteOneSets};
use Variant::{Imx6, Imx8m, Imx31, Imx35};

const fn register(offset: u32, name: &'static str, id: Id, rule: Rule) -> Register {
    let (since, until) = (Imx31, Imx8m);
    Register { name, offset, count: 1, reset: Some(0), rule, mask: u32::MAX, lockable: false, id, since, until }
}

impl Register {
    const fn reset(mut self, reset: u32) -> Self {
        self.reset = Some(reset);
        self
    }

    const fn mask(mut self, mask: u32) -> Self {
        self.mask = mask;
        self
    }

    const fn array(mut self, count: u32) -> Self {
        self.count = count;
        self
    }

    const fn memory(mut self) -> Self {
        self.reset = None;
        self
    }

    const fn lockable(mut self) -> Self {
        self.lockable = true;
        self
    }

    const fn on(mut self, since: Variant, until: Variant) -> Self {
        (self.since, self.until) = (since, until);
        self
    }

    const fn is_on(&self, variant: Variant) -> bool {
        self.since as u8 <= variant as u8 && variant as u8 <= self.until as u8
    }
}

const TABLE: &[Register] = &[
    register(0x000, "MC0PTR", I::Mc0ptr, ReadWrite),
    register(0x004, "INTR", I::Intr, WriteOneClears),
    register(0x008, "STOP_STAT", I::StopStat, WriteOneClears),
    register(0x00C, "HSTART", I::Hstart, WriteOneSets),
    register(0x010, "EVTOVR", I::Evtovr, ReadWrite),
    register(0x014, "DSPOVR", I::Dspovr, ReadWrite).reset(u32::MAX),
    register(0x018, "HOSTOVR", I::Hostovr, ReadWrite),
    register(0x01C, "EVTPEND", I::Evtpend, WriteOneSets),
    // Conflict: SDK headers have it read-only; the SDK's driver and QNX write it, and so does the manual's text.
    register(0x024, "RESET", I::Reset, Command).mask(0b11),
    register(0x028, "EVTERR", I::Evterr, ReadClears),
    register(0x02C, "INTRMASK", I::Intrmask, ReadWrite),
    register(0x030, "PSW", I::Psw, ReadOnly).mask(0xFFFF),
    register(0x034, "EVTERRDBG", I::Evterrdbg, ReadOnly),
    register(0x038, "CONFIG", I::Config, ReadWrite).reset(3).mask(0x1813),
    // Unconfirmed: that the i.MX31 has no lock; it is known of two others of its age.
    register(0x03C, "SDMA_LOCK", I::SdmaLock, ReadWrite).mask(0b11).lockable().on(Imx35, Imx8m),
    register(0x040, "ONCE_ENB", I::OnceEnb, ReadWrite).mask(1).lockable(),
    register(0x044, "ONCE_DATA", I::OnceData, ReadWrite),
    register(0x048, "ONCE_INSTR", I::OnceInstr, ReadWrite).mask(0xFFFF),
    register(0x04C, "ONCE_STAT", I::OnceStat, ReadOnly).reset(0xE000).mask(0xFF87),
    register(0x050, "ONCE_CMD", I::OnceCmd, ReadWrite).mask(0xF),
    register(0x054, "EVT_MIRROR", I::EvtMirror, ReadClears).on(Imx31, Imx35),
    register(0x058, "ILLINSTADDR", I::Illinstaddr, ReadWrite).reset(1).mask(0x3FFF).lockable(),
    register(0x05C, "CHN0ADDR", I::Chn0addr, ReadWrite).reset(0x50).mask(0x7FFF).lockable(),
    register(0x060, "ONCE_RTB", I::OnceRtb, ReadOnly).on(Imx31, Imx35),
    register(0x060, "EVT_MIRROR", I::EvtMirror, ReadClears).on(Imx6, Imx8m),
    register(0x064, "EVT_MIRROR2", I::EvtMirror2, ReadClears).mask(0xFFFF).on(Imx6, Imx8m),
    // Unconfirmed: OTB (0x078) and the profiling registers from 0x07C to 0x094. One header names them, no manual does: they are
    // not there. Nor is DSPENBL (0x020), which Linux names and the manual calls reserved.
    // Inferred: the trigger outputs lead out of the SDMA, so XTRIG_CONF only holds what was written.
    register(0x070, "XTRIG_CONF", I::XtrigConf, ReadWrite).array(2).mask(0x7F7F_7F7F),
    register(0x080, "CHNENBL", I::Chnenbl, ReadWrite).array(32).memory().on(Imx31, Imx31),
    register(0x100, "CHNPRI", I::Chnpri, ReadWrite).array(32).mask(7),
    register(0x200, "CHNENBL", I::Chnenbl, ReadWrite).array(48).memory().on(Imx35, Imx8m),
    // Unconfirmed: the reset value.
    register(0x1000, "DONE_CONFIG", I::DoneConfig, ReadWrite).array(2).mask(0xDFDF_DFDF).on(Imx8m, Imx8m),
];

/// The registers of a chip.
pub fn registers(variant: Variant) -> impl Iterator<Item = &'static Register> {
    TABLE.iter().filter(move |register| register.is_on(variant))
}

/// The register at an offset of a chip's window, and which of its array.
pub(crate) fn find(variant: Variant, offset: u32) -> Option<(&'static Register, usize)> {
    let register = registers(variant).find(|it| (it.offset..it.offset + 4 * it.count).contains(&offset))?;
    let into = offset - register.offset;
    (into % 4 == 0).then_some((register, into as usize / 4))
}
