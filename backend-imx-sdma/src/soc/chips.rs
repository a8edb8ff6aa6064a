//! The chips, one constant each.
//!
//! Request lines, register variants and clock ratios are those of the driver data in Linux 6.12
//! `drivers/dma/imx-sdma.c`; which chip takes whose is its list of compatible strings and `fsl,imx-sdma.yaml`.

use super::{ClockRatio, Registers, Soc, rom, scripts::ScriptAddresses};

impl Soc {
    /// i.MX25.
    pub const IMX25: Self = Self::common("imx25", rom::IMX25);

    /// i.MX31 of an unknown mask: it has scripts in ROM, but where depends on the mask. Take
    /// [`IMX31_TO1`](Self::IMX31_TO1) or [`IMX31_TO2`](Self::IMX31_TO2), or a firmware image for the mask that names
    /// them all.
    pub const IMX31: Self =
        Self { request_lines: 32, registers: Registers::Imx31, ..Self::common("imx31", ScriptAddresses::NONE) };

    /// i.MX31, first mask. Only one script's place was ever published; the others come with the firmware.
    pub const IMX31_TO1: Self = Self { name: "imx31-to1", rom: rom::IMX31_TO1, ..Self::IMX31 };

    /// i.MX31, second mask. Scripts for peripherals come with the firmware.
    pub const IMX31_TO2: Self = Self { name: "imx31-to2", rom: rom::IMX31_TO2, ..Self::IMX31 };

    /// i.MX35 of an unknown mask; see [`IMX31`](Self::IMX31).
    pub const IMX35: Self = Self::common("imx35", ScriptAddresses::NONE);

    /// i.MX35, first mask.
    pub const IMX35_TO1: Self = Self { name: "imx35-to1", rom: rom::IMX35_TO1, ..Self::IMX35 };

    /// i.MX35, second mask.
    pub const IMX35_TO2: Self = Self { name: "imx35-to2", rom: rom::IMX35_TO2, ..Self::IMX35 };

    /// i.MX50. Linux treats it as an [`IMX35`](Self::IMX35) and knows no script of its ROM; Freescale's kernel did.
    pub const IMX50: Self = Self::common("imx50", rom::IMX50);

    /// i.MX51.
    pub const IMX51: Self = Self::common("imx51", rom::IMX51);

    /// i.MX53.
    pub const IMX53: Self = Self::common("imx53", rom::IMX53);

    /// i.MX6 Quad and Dual.
    ///
    /// Erratum ERR009165: i.MX 6Dual/6Quad chip errata (IMX6DQCE). NXP's series for Linux, "add ecspi ERR009165 for
    /// i.mx6/7 soc family", says of the others: fixed in i.MX6UL, 6ULL and 6SLL, there on all other i.MX6, 7 and 8M.
    pub const IMX6Q: Self = Self { err009165: true, ..Self::common("imx6q", rom::IMX6Q) };

    /// i.MX6 DualLite and Solo: an [`IMX6Q`](Self::IMX6Q).
    pub const IMX6DL: Self = Self { name: "imx6dl", ..Self::IMX6Q };

    /// i.MX6 SoloLite: an [`IMX6Q`](Self::IMX6Q).
    pub const IMX6SL: Self = Self { name: "imx6sl", ..Self::IMX6Q };

    /// i.MX6 SoloX: an [`IMX6Q`](Self::IMX6Q).
    pub const IMX6SX: Self = Self { name: "imx6sx", ..Self::IMX6Q };

    /// i.MX6 UltraLite, ULL and SLL: the ROM of an [`IMX6Q`](Self::IMX6Q), and an eCSPI without ERR009165
    /// (`ecspi_fixed` in Linux 6.12).
    pub const IMX6UL: Self = Self { name: "imx6ul", err009165: false, ..Self::IMX6Q };

    /// i.MX7 Dual and Solo.
    pub const IMX7D: Self = Self { err009165: true, ..Self::common("imx7d", rom::IMX7D) };

    /// i.MX8M Quad: the ROM of an [`IMX7D`](Self::IMX7D), clocks that may be equal, and `DONE_CONFIG` (`fsl_sdma.h` of
    /// NXP's MCUXpresso SDK).
    pub const IMX8MQ: Self =
        Self { name: "imx8mq", clock_ratio: ClockRatio::EitherWay, done_config: true, ..Self::IMX7D };

    /// i.MX8M Mini: an [`IMX8MQ`](Self::IMX8MQ).
    pub const IMX8MM: Self = Self { name: "imx8mm", ..Self::IMX8MQ };

    /// i.MX8M Nano: an [`IMX8MQ`](Self::IMX8MQ).
    pub const IMX8MN: Self = Self { name: "imx8mn", ..Self::IMX8MQ };

    /// i.MX8M Plus: an [`IMX8MQ`](Self::IMX8MQ), and an eCSPI without ERR009165. That is what NXP's own kernel says;
    /// Linux 6.12 has no data of its own for it and still takes the script in RAM.
    pub const IMX8MP: Self = Self { name: "imx8mp", err009165: false, ..Self::IMX8MQ };

    /// What most have: 48 lines, the newer registers, and none of what came later.
    const fn common(name: &'static str, rom: ScriptAddresses) -> Self {
        Self {
            name,
            request_lines: 48,
            registers: Registers::Imx35,
            rom,
            clock_ratio: ClockRatio::TwoToOne,
            err009165: false,
            done_config: false,
        }
    }
}
