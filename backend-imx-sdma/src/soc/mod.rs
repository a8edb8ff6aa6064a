//! What differs from chip to chip.
//!
//! [`Soc`] says what a kind of SDMA has, and there is a constant for each. Where its registers lie, and which interrupt
//! it raises, is in [`instances`]; a chip of the i.MX8M family has up to three. [`imx6q`] names the request lines of
//! one chip. [`scripts`] names what the SDMA can run.

mod chips;
pub mod imx6q;
pub mod instances;
mod rom;
pub mod scripts;

use scripts::{Script, ScriptAddresses};

/// One kind of SDMA, and the chip around it as far as the SDMA's driver must know it.
///
/// ```
/// use backend_imx_sdma::soc::{Soc, scripts::Script};
///
/// let soc = Soc::IMX6Q;
/// assert_eq!((soc.request_lines, soc.registers.chnenbl()), (48, 0x200));
/// assert_eq!(soc.rom.get(Script::Mcu2App), Some(747));
/// assert_eq!(soc.rom.get(Script::Per2Per), None); // comes with the firmware
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Soc {
    /// Its name, as in Linux's device tree: `"imx6q"`.
    pub name: &'static str,
    /// How many DMA request lines it has, which NXP calls events.
    #[doc(alias = "num_events")]
    pub request_lines: u8,
    /// Where the registers lie that moved once.
    pub registers: Registers,
    /// The scripts in its ROM. Entries that Linux lists but that point into RAM are left out: they come with the
    /// firmware.
    pub rom: ScriptAddresses,
    /// How its two clocks relate.
    pub clock_ratio: ClockRatio,
    /// Whether its eCSPI has erratum ERR009165: in DMA mode the flag of the empty FIFO glitches, and what is in the
    /// FIFO is sent twice. See [`ecspi_tx_script`](Self::ecspi_tx_script).
    pub err009165: bool,
    /// Whether it has `DONE0_CONFIG` and `DONE1_CONFIG` at 0x1000, which the scripts for several FIFOs use.
    pub done_config: bool,
}

impl Soc {
    /// The script that feeds an eCSPI behind the AHB.
    ///
    /// With erratum ERR009165 that is one in RAM, which waits for the FIFO and starts each burst itself; without, the
    /// plain one. (Linux 6.12, `sdma_get_pc`; it takes the one in RAM on i.MX25 to i.MX53 too, for which no firmware
    /// has it.)
    #[must_use]
    pub const fn ecspi_tx_script(&self) -> Script {
        if self.err009165 { Script::Mcu2Ecspi } else { Script::Mcu2App }
    }
}

/// Where the registers lie that moved once. All others are at the same place everywhere.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Registers {
    /// i.MX31's, with room for 32 request lines.
    Imx31,
    /// Everyone else's, from i.MX25 and i.MX35 on.
    Imx35,
}

impl Registers {
    /// The offset of `CHNENBL0`, in bytes (Linux 6.12: `SDMA_CHNENBL0_IMX31` and `SDMA_CHNENBL0_IMX35`).
    #[must_use]
    pub const fn chnenbl(self) -> u32 {
        match self {
            Self::Imx31 => 0x080,
            Self::Imx35 => 0x200,
        }
    }
}

/// How the clock of the DMA units, called AHB, relates to that of the core, called IPG. The bit `ACR` of `CONFIG` must
/// say it, or the very first command of channel 0 does not end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum ClockRatio {
    /// Always twice the core's.
    TwoToOne,
    /// Twice the core's or the same: it depends on the instance and on the clock tree. From i.MX8MQ on.
    EitherWay,
}

impl ClockRatio {
    /// What `ACR` must be for clocks of these rates, in hertz: true for equal clocks, where they may be (Linux 6.12,
    /// `sdma_probe` and `check_ratio`).
    #[must_use]
    #[doc(alias = "check_ratio")]
    pub const fn acr(self, ahb_hz: u64, ipg_hz: u64) -> bool {
        match self {
            Self::TwoToOne => false,
            Self::EitherWay => ahb_hz == ipg_hz,
        }
    }
}
