//! Where each SDMA's registers lie, which interrupt it raises, and which part of the bus is shared with it.
//!
//! Source: the device trees of Linux 6.12, `arch/arm/boot/dts/nxp/imx` and `arch/arm64/boot/dts/freescale`; each
//! constant names its file. Every SDMA has one interrupt, the OR of its 32 channels.

/// One SDMA of a chip.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Instance {
    /// The bus address of its registers.
    pub base: u32,
    /// How many bytes they take.
    pub size: u32,
    /// Its interrupt.
    pub interrupt: Interrupt,
    /// The shared peripheral bus (SPBA) it can reach by itself; `None` where the device tree names none.
    pub spba: Option<Window>,
}

/// A number by which an interrupt controller knows the SDMA.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Interrupt {
    /// A line of the AVIC of i.MX25, 31 and 35, or of the TZIC of i.MX50, 51 and 53.
    Line(u16),
    /// A shared peripheral interrupt of the GIC, level high.
    Spi(u16),
}

impl Interrupt {
    /// The number that the controller itself reports: the GIC counts shared peripheral interrupts from 32.
    #[must_use]
    pub const fn id(self) -> u16 {
        match self {
            Self::Line(line) => line,
            Self::Spi(number) => 32 + number,
        }
    }
}

/// A range of bus addresses.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Window {
    /// Its first address.
    pub base: u32,
    /// How many bytes it has.
    pub size: u32,
}

impl Window {
    /// A window of `size` bytes from `base`.
    #[must_use]
    pub const fn new(base: u32, size: u32) -> Self {
        Self { base, size }
    }

    /// Whether an address is in it.
    #[must_use]
    pub const fn contains(&self, address: u32) -> bool {
        // Below the base this wraps around and is never less than the size.
        address.wrapping_sub(self.base) < self.size
    }
}

const fn with_line(base: u32, line: u16) -> Instance {
    Instance { base, size: 0x4000, interrupt: Interrupt::Line(line), spba: None }
}

const fn with_spi(base: u32, size: u32, spi: u16, spba: Option<Window>) -> Instance {
    Instance { base, size, interrupt: Interrupt::Spi(spi), spba }
}

/// i.MX25 (`imx25.dtsi`).
pub const IMX25: Instance = with_line(0x53FD_4000, 34);
/// i.MX31 (`imx31.dtsi`).
pub const IMX31: Instance = with_line(0x53FD_4000, 34);
/// i.MX35 (`imx35.dtsi`).
pub const IMX35: Instance = with_line(0x53FD_4000, 34);
/// i.MX50 (`imx50.dtsi`).
pub const IMX50: Instance = with_line(0x63FB_0000, 6);
/// i.MX51 (`imx51.dtsi`).
pub const IMX51: Instance = with_line(0x83FB_0000, 6);
/// i.MX53 (`imx53.dtsi`).
pub const IMX53: Instance = with_line(0x63FB_0000, 6);
/// i.MX6 Quad, Dual, DualLite and Solo (`imx6qdl.dtsi`).
pub const IMX6Q: Instance = with_spi(0x020E_C000, 0x4000, 2, Some(IMX6_SPBA));
/// i.MX6 SoloLite (`imx6sl.dtsi`).
pub const IMX6SL: Instance = IMX6Q;
/// i.MX6 SoloX (`imx6sx.dtsi`).
pub const IMX6SX: Instance = IMX6Q;
/// i.MX6 UltraLite and ULL (`imx6ul.dtsi`).
pub const IMX6UL: Instance = IMX6Q;
/// i.MX7 Dual and Solo (`imx7s.dtsi`).
pub const IMX7D: Instance = with_spi(0x30BD_0000, 0x1_0000, 2, Some(AIPS3_SPBA));
/// i.MX8M Quad, SDMA1 (`imx8mq.dtsi`).
pub const IMX8MQ_SDMA1: Instance = with_spi(0x30BD_0000, 0x1_0000, 2, None);
/// i.MX8M Quad, SDMA2: equal clocks (`imx8mq.dtsi`).
pub const IMX8MQ_SDMA2: Instance = with_spi(0x302C_0000, 0x1_0000, 103, None);
/// i.MX8M Mini, SDMA1 (`imx8mm.dtsi`).
pub const IMX8MM_SDMA1: Instance = with_spi(0x30BD_0000, 0x1_0000, 2, Some(AIPS3_SPBA));
/// i.MX8M Mini, SDMA2: equal clocks (`imx8mm.dtsi`).
pub const IMX8MM_SDMA2: Instance = with_spi(0x302C_0000, 0x1_0000, 103, Some(AIPS1_SPBA));
/// i.MX8M Mini, SDMA3: equal clocks (`imx8mm.dtsi`).
pub const IMX8MM_SDMA3: Instance = with_spi(0x302B_0000, 0x1_0000, 34, Some(AIPS1_SPBA));
/// i.MX8M Nano, SDMA1 (`imx8mn.dtsi`).
pub const IMX8MN_SDMA1: Instance = IMX8MM_SDMA1;
/// i.MX8M Nano, SDMA2: equal clocks (`imx8mn.dtsi`).
pub const IMX8MN_SDMA2: Instance = IMX8MM_SDMA2;
/// i.MX8M Nano, SDMA3: equal clocks (`imx8mn.dtsi`).
pub const IMX8MN_SDMA3: Instance = IMX8MM_SDMA3;
/// i.MX8M Plus, SDMA1 (`imx8mp.dtsi`).
pub const IMX8MP_SDMA1: Instance = with_spi(0x30BD_0000, 0x1_0000, 2, Some(AIPS3_SPBA));
/// i.MX8M Plus, SDMA2, in the audio subsystem (`imx8mp.dtsi`).
pub const IMX8MP_SDMA2: Instance = with_spi(0x30E1_0000, 0x1_0000, 103, Some(AIPS5_SPBA));
/// i.MX8M Plus, SDMA3, in the audio subsystem (`imx8mp.dtsi`).
pub const IMX8MP_SDMA3: Instance = with_spi(0x30E0_0000, 0x1_0000, 34, Some(AIPS5_SPBA));

/// `spba-bus@2000000` of the i.MX6.
const IMX6_SPBA: Window = Window::new(0x0200_0000, 0x4_0000);
/// `spba-bus@30000000` of i.MX8M Mini and Nano.
const AIPS1_SPBA: Window = Window::new(0x3000_0000, 0x10_0000);
/// `spba-bus@30800000` of i.MX7 and i.MX8M.
const AIPS3_SPBA: Window = Window::new(0x3080_0000, 0x10_0000);
/// `spba-bus@30c00000` of i.MX8M Plus.
const AIPS5_SPBA: Window = Window::new(0x30C0_0000, 0x10_0000);
