//! Which script lies where in program memory.

use alloc::vec::Vec;

use super::{Chip, channel0, hdmi, walk};

/// A script, by what it does. The names are those of NXP's firmware and Linux, `mcu` and `ap` meaning system memory.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ScriptKind {
    /// The ROM's startup code, at address 0.
    Startup,
    /// The ROM's script of channel 0, which carries out the driver's commands.
    Channel0,
    /// Memory to memory.
    #[doc(alias = "ap_2_ap")]
    Ap2Ap,
    /// Device to memory through the peripheral unit.
    #[doc(alias = "app_2_mcu")]
    App2Mcu,
    /// Memory to device through the peripheral unit.
    #[doc(alias = "mcu_2_app")]
    Mcu2App,
    /// UART to memory through the peripheral unit.
    #[doc(alias = "uart_2_mcu")]
    Uart2Mcu,
    /// UART to memory over the shared peripheral bus.
    #[doc(alias = "uartsh_2_mcu")]
    Uartsh2Mcu,
    /// Device to memory over the shared peripheral bus.
    #[doc(alias = "shp_2_mcu")]
    Shp2Mcu,
    /// Memory to device over the shared peripheral bus.
    #[doc(alias = "mcu_2_shp")]
    Mcu2Shp,
    /// SPDIF to memory, left and right.
    #[doc(alias = "spdif_2_mcu")]
    Spdif2Mcu,
    /// Memory to SPDIF, left and right.
    #[doc(alias = "mcu_2_spdif")]
    Mcu2Spdif,
    /// Memory to both FIFOs of an SSI. In RAM.
    #[doc(alias = "mcu_2_ssish")]
    Mcu2Ssish,
    /// Both FIFOs of an SSI to memory. In RAM.
    #[doc(alias = "ssish_2_mcu")]
    Ssish2Mcu,
    /// Memory to several FIFOs of an SAI. In RAM.
    #[doc(alias = "mcu_2_sai")]
    Mcu2Sai,
    /// Several FIFOs of an SAI to memory. In RAM.
    #[doc(alias = "sai_2_mcu")]
    Sai2Mcu,
    /// Device to device. In RAM.
    #[doc(alias = "per_2_per")]
    #[doc(alias = "p_2_p")]
    Per2Per,
    /// Memory to an ECSPI with erratum ERR009165. In RAM.
    #[doc(alias = "mcu_2_ecspi")]
    Mcu2Ecspi,
    /// The HDMI transmitter's next piece of work, at each event. In RAM.
    #[doc(alias = "hdmi_dma")]
    HdmiDma,
}

/// A firmware image that NXP publishes for the SDMA's RAM.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Firmware {
    /// `sdma-imx6q.bin`, version 3.3.
    Imx6V3_3,
    /// `sdma-imx6q.bin`, version 3.5: with the SAI scripts.
    Imx6V3_5,
    /// `sdma-imx7d.bin`, version 4.2.
    Imx7V4_2,
    /// `sdma-imx7d.bin`, version 4.5: with the SAI scripts.
    Imx7V4_5,
}

impl Firmware {
    /// Where its scripts lie (the table of scripts in the files' headers).
    const fn scripts(self) -> &'static [(ScriptKind, u16)] {
        use ScriptKind::{HdmiDma, Mcu2Ecspi, Mcu2Sai, Mcu2Ssish, Per2Per, Sai2Mcu, Ssish2Mcu, Uart2Mcu, Uartsh2Mcu};
        match self {
            Self::Imx6V3_3 => &[
                (Mcu2Ecspi, 6144),
                (Mcu2Ssish, 6235),
                (Per2Per, 6324),
                (Ssish2Mcu, 6638),
                (Uart2Mcu, 6722),
                (Uartsh2Mcu, 6814),
                (HdmiDma, 6989),
            ],
            Self::Imx6V3_5 => &[
                (Mcu2Ecspi, 6144),
                (Mcu2Sai, 6235),
                (Mcu2Ssish, 6370),
                (Per2Per, 6459),
                (Sai2Mcu, 6773),
                (Ssish2Mcu, 6905),
                (Uart2Mcu, 6989),
                (Uartsh2Mcu, 7081),
                (HdmiDma, 7256),
            ],
            Self::Imx7V4_2 => &[
                (Mcu2Ecspi, 6144),
                (Mcu2Ssish, 6235),
                (Per2Per, 6324),
                (Ssish2Mcu, 6580),
                (Uart2Mcu, 6664),
                (Uartsh2Mcu, 6756),
                (HdmiDma, 6931),
            ],
            Self::Imx7V4_5 => &[
                (Mcu2Ecspi, 6144),
                (Mcu2Sai, 6235),
                (Mcu2Ssish, 6370),
                (Per2Per, 6459),
                (Sai2Mcu, 6715),
                (Ssish2Mcu, 6847),
                (Uart2Mcu, 6931),
                (Uartsh2Mcu, 7023),
                (HdmiDma, 7198),
            ],
        }
    }
}

/// The length of the startup code and of channel 0's script (Freescale i.MX6 platform SDK, `sdma_script_code_mx6dq.h`).
const STARTUP_SIZE: u16 = 20;
const CHANNEL0_SIZE: u16 = 232;
/// Where channel 0's script begins in every ROM: the reset value of CHN0ADDR.
const CHANNEL0: u16 = 80;

/// One script: where it begins, its length, and what it is.
type Entry = (u16, u16, ScriptKind);

/// The scripts of a chip: in its ROM, and in the RAM image that it is loaded with.
///
/// The addresses are program addresses, in 16-bit words, as drivers put them into a context. Those of the ROMs are from Linux 6.12
/// drivers/dma/imx-sdma.c and arch/arm/mach-imx, the lengths from Freescale's platform SDK.
///
/// A RAM script is known by its address alone, because this crate contains no firmware: tell it what the image that the driver
/// loads has where, with [`with_firmware`](Self::with_firmware) for NXP's images or [`with_ram`](Self::with_ram) for others.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Scripts {
    /// In the order of their addresses, none overlapping another.
    entries: Vec<Entry>,
    /// Of each block of program memory, the first entry that does not end before it: where to look for an address.
    first: [u8; BLOCKS],
    chip: Chip,
}

/// Program memory in blocks of 64 words.
const BLOCKS: usize = 0x4000 / BLOCK as usize;
const BLOCK: u16 = 64;

impl Default for Scripts {
    /// No script anywhere, not even the startup code; windows as on i.MX6. To be filled with [`with_ram`](Self::with_ram).
    fn default() -> Self {
        Self { entries: Vec::new(), first: [0; BLOCKS], chip: Chip { window_shift: 2, sai_counts_what_remains: true } }
    }
}

/// A ROM by the addresses of its scripts, 0 where it has none.
struct Rom {
    ap_2_ap: u16,
    app_2_mcu: u16,
    mcu_2_app: u16,
    uart_2_mcu: u16,
    shp_2_mcu: u16,
    mcu_2_shp: u16,
    uartsh_2_mcu: u16,
    spdif_2_mcu: u16,
    mcu_2_spdif: u16,
}

impl Rom {
    /// The ROM of i.MX50 and i.MX6, which most others differ from in little.
    const IMX6: Self = Self {
        ap_2_ap: 642,
        app_2_mcu: 683,
        mcu_2_app: 747,
        uart_2_mcu: 817,
        shp_2_mcu: 891,
        mcu_2_shp: 960,
        uartsh_2_mcu: 1032,
        spdif_2_mcu: 1100,
        mcu_2_spdif: 1134,
    };

    fn scripts(self, window_shift: u32) -> Scripts {
        let mut scripts = Scripts::default();
        scripts.chip.window_shift = window_shift;
        scripts.put(ScriptKind::Startup, 0, STARTUP_SIZE);
        scripts.put(ScriptKind::Channel0, CHANNEL0, CHANNEL0_SIZE);
        for (kind, address, len) in [
            (ScriptKind::Ap2Ap, self.ap_2_ap, 41),
            (ScriptKind::App2Mcu, self.app_2_mcu, 64),
            (ScriptKind::Mcu2App, self.mcu_2_app, 70),
            (ScriptKind::Uart2Mcu, self.uart_2_mcu, 74),
            (ScriptKind::Shp2Mcu, self.shp_2_mcu, 69),
            (ScriptKind::Mcu2Shp, self.mcu_2_shp, 72),
            (ScriptKind::Uartsh2Mcu, self.uartsh_2_mcu, 68),
            (ScriptKind::Spdif2Mcu, self.spdif_2_mcu, 34),
            (ScriptKind::Mcu2Spdif, self.mcu_2_spdif, 59),
        ] {
            if address != 0 {
                scripts.put(kind, address, len);
            }
        }
        scripts
    }
}

impl Scripts {
    /// The ROM of i.MX25.
    #[must_use]
    pub fn imx25() -> Self {
        let rom = Rom { ap_2_ap: 729, app_2_mcu: 770, mcu_2_app: 834, uart_2_mcu: 904, ..Rom::IMX6 };
        let rom = Rom { shp_2_mcu: 979, mcu_2_shp: 1048, uartsh_2_mcu: 1120, ..rom };
        Rom { spdif_2_mcu: 0, mcu_2_spdif: 0, ..rom }.scripts(2)
    }

    /// The ROM of i.MX31, second mask. It has the memory copy alone; all else is in its RAM image.
    #[must_use]
    pub fn imx31() -> Self {
        let rom = Rom { ap_2_ap: 423, app_2_mcu: 0, mcu_2_app: 0, uart_2_mcu: 0, ..Rom::IMX6 };
        let rom = Rom { shp_2_mcu: 0, mcu_2_shp: 0, uartsh_2_mcu: 0, ..rom };
        Rom { spdif_2_mcu: 0, mcu_2_spdif: 0, ..rom }.scripts(2)
    }

    /// The ROM of i.MX35, second mask.
    #[must_use]
    pub fn imx35() -> Self {
        let rom = Rom { ap_2_ap: 729, app_2_mcu: 770, mcu_2_app: 834, uart_2_mcu: 904, ..Rom::IMX6 };
        let rom = Rom { shp_2_mcu: 979, mcu_2_shp: 1048, uartsh_2_mcu: 1270, ..rom };
        Rom { spdif_2_mcu: 0, mcu_2_spdif: 0, ..rom }.scripts(2)
    }

    /// The ROM of i.MX50.
    #[must_use]
    pub fn imx50() -> Self {
        Rom { spdif_2_mcu: 0, mcu_2_spdif: 0, ..Rom::IMX6 }.scripts(2)
    }

    /// The ROM of i.MX51.
    #[must_use]
    pub fn imx51() -> Self {
        let rom = Rom { shp_2_mcu: 892, mcu_2_shp: 961, uartsh_2_mcu: 0, ..Rom::IMX6 };
        Rom { spdif_2_mcu: 0, mcu_2_spdif: 0, ..rom }.scripts(2)
    }

    /// The ROM of i.MX53.
    #[must_use]
    pub fn imx53() -> Self {
        Rom::IMX6.scripts(2)
    }

    /// The ROM of i.MX6: Q, DL, SL, SX, UL.
    #[must_use]
    pub fn imx6() -> Self {
        Rom::IMX6.scripts(2)
    }

    /// The ROM of i.MX7 and i.MX8M: two words longer in the middle, and for peripherals that lie farther apart.
    #[must_use]
    pub fn imx7() -> Self {
        Rom {
            ap_2_ap: 644,
            app_2_mcu: 685,
            mcu_2_app: 749,
            uart_2_mcu: 819,
            shp_2_mcu: 893,
            mcu_2_shp: 962,
            uartsh_2_mcu: 1034,
            spdif_2_mcu: 1102,
            mcu_2_spdif: 1136,
        }
        .scripts(4)
    }

    /// And the scripts of one of NXP's firmware images.
    #[must_use]
    pub fn with_firmware(self, firmware: Firmware) -> Self {
        firmware.scripts().iter().fold(self, |scripts, &(kind, address)| scripts.with_ram(kind, address))
    }

    /// And a script at an address, in place of what was known there: a RAM script by what it does.
    #[must_use]
    pub fn with_ram(mut self, kind: ScriptKind, address: u16) -> Self {
        let len = match kind {
            ScriptKind::Startup => 1,
            ScriptKind::Channel0 => channel0::LABELS,
            ScriptKind::HdmiDma => hdmi::LABELS,
            _ => walk::LABELS,
        };
        self.put(kind, address, len);
        self
    }

    /// The SAI scripts leave in a BD what was done, as all others do, and not what remains (which NXP's kernel says they do).
    #[must_use]
    pub fn with_sai_counting_what_was_done(mut self) -> Self {
        self.chip.sai_counts_what_remains = false;
        self
    }

    /// Where a script begins. The one in RAM, if there is one in ROM, too.
    #[must_use]
    pub fn entry(&self, kind: ScriptKind) -> Option<u16> {
        self.entries.iter().rev().find(|entry| entry.2 == kind).map(|entry| entry.0)
    }

    fn put(&mut self, kind: ScriptKind, address: u16, len: u16) {
        self.entries.retain(|&(start, other, _)| start + other <= address || address + len <= start);
        let at = self.entries.partition_point(|entry| entry.0 < address);
        self.entries.insert(at, (address, len, kind));
        for (block, first) in (0..).step_by(BLOCK.into()).zip(&mut self.first) {
            *first = self.entries.partition_point(|&(start, len, _)| start + len <= block) as u8;
        }
    }

    /// Which script is there, and how many words into it.
    #[inline]
    pub(crate) fn at(&self, pc: u16) -> Option<(ScriptKind, u16)> {
        let first = *self.first.get(usize::from(pc / BLOCK))?;
        let mut entries = self.entries[usize::from(first)..].iter();
        let &(start, _, kind) = entries.find(|&&(start, len, _)| pc < start + len)?;
        Some((kind, pc.checked_sub(start)?))
    }

    pub(super) fn chip(&self) -> Chip {
        self.chip
    }
}
