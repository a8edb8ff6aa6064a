//! What a client says about its device, and what the SDMA has to be told for it.
//!
//! A client puts a [`Peripheral`] into its [`SlaveConfig`](dmaengine_core::SlaveConfig): which request line the device
//! pulls and what it is. [`cyclic`], [`slave_sg`], [`memcpy`] and [`dev_to_dev`] make a [`Plan`] of a request: which
//! script, with what in its registers. All that the SDMA cannot do is refused there, before anything is written.
//!
//! | [`Peripheral`]'s | device to memory | memory to device | `IMX_DMATYPE_` |
//! |---|---|---|---|
//! | `ssi`, `sai`, `ext` | `app_2_mcu` | `mcu_2_app` | `SSI`, `SAI`, `EXT` |
//! | `ssi_shared`, `ecspi_shared`, `mshc_shared` | `shp_2_mcu` | `mcu_2_shp` | `SSI_SP`, `CSPI_SP`, `MSHC_SP` |
//! | `asrc_shared`, `esai`, `mmc`, `sdhc` | `shp_2_mcu` | `mcu_2_shp` | `ASRC_SP`, `ESAI`, `MMC`, `SDHC` |
//! | `ssi_dual` | `ssish_2_mcu` | `mcu_2_ssish` | `SSI_DUAL` |
//! | `uart` | `uart_2_mcu` | `mcu_2_app` | `UART` |
//! | `uart_shared` | `uartsh_2_mcu` | `mcu_2_shp` | `UART_SP` |
//! | `ecspi` | `app_2_mcu` | `mcu_2_app` or `mcu_2_ecspi` | `CSPI` |
//! | `spdif` | `spdif_2_mcu` | `mcu_2_spdif` | `SPDIF` |
//! | `multi_sai` | `sai_2_mcu` | `mcu_2_sai` | `MULTI_SAI` |
//! | `asrc` | `asrc_2_mcu` | `asrc_2_mcu` | `ASRC` |
//! | `i2c` | `i2c_2_mcu` | `mcu_2_i2c` | `I2C` |
//! | `ata` | `ata_2_mcu` | `mcu_2_ata` | `ATA` |
//! | `firi` | `firi_2_mcu` | `mcu_2_firi` | `FIRI` |
//! | `mshc` | `mshc_2_mcu` | `mcu_2_mshc` | `MSHC` |
//! | `hdmi` | | `hdmi_dma` | `HDMI` |
//! | `ipu_memory` | | `ext_mem_2_ipu` | `IPU_MEMORY` |
//! | `ccm` | `dptc_dvfs` | | `CCM` |
//!
//! Linux's `MEMORY` is [`memcpy`]. Its `DSP` is not here: those scripts wait for a DSP, and from i.MX6 on there is none at
//! the SDMA. `SIM` and `FIFO_MEMORY` have no script in Linux either.
//!
//! ```
//! use backend_imx_sdma::peripheral::{Peripheral, Priority, RequestLine};
//! use dmaengine_core::{BusAddr, BusWidth, SlaveConfig};
//!
//! // i.MX6Q: SSI1 sends from its first FIFO at request line 38. It is checked when it is compiled.
//! const SSI1_TX0: RequestLine = RequestLine::new(38).unwrap();
//! let ssi = Peripheral::ssi_shared(SSI1_TX0).with_priority(Priority::High);
//! let config = SlaveConfig::new(BusAddr(0x0202_8000), BusWidth::Two, ssi).with_max_burst(8);
//! # let _ = config;
//! ```

mod kind;
mod multi_fifo;
mod per_to_per;
mod plan;

pub use multi_fifo::MultiFifo;
pub use per_to_per::{Pad, Until, dev_to_dev};
pub use plan::{Chip, Count, NO_SOFTWARE_DONE, Plan, cyclic, memcpy, slave_sg};
pub(crate) use plan::{has_an_end, slave};

use kind::Kind;

/// A request line: the wire by which a device asks for data. Below 48; i.MX31 has 32, which is checked in a
/// preparation.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[doc(alias = "dma_request")]
#[doc(alias = "event_id0")]
pub struct RequestLine(u8);

impl RequestLine {
    /// How many lines the largest chips have.
    pub const COUNT: u8 = 48;

    /// The line of a number, from 0; `None` if no chip has it.
    #[must_use]
    pub const fn new(line: u8) -> Option<Self> {
        if line < Self::COUNT { Some(Self(line)) } else { None }
    }

    /// Its number.
    #[must_use]
    pub const fn number(self) -> u8 {
        self.0
    }
}

/// How urgent a channel is: what its CHNPRI gets. Of those that can run, the most urgent does.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[doc(alias = "sdma_channel_prio")]
#[repr(u8)]
pub enum Priority {
    /// Linux's default, and that of memory copies.
    #[default]
    #[doc(alias = "DMA_PRIO_LOW")]
    Low = 1,
    /// Between the two.
    #[doc(alias = "DMA_PRIO_MEDIUM")]
    Medium = 2,
    /// What device trees say of most devices.
    #[doc(alias = "DMA_PRIO_HIGH")]
    High = 3,
}

/// A device at the SDMA: its request line, what it is, how urgent it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[doc(alias = "imx_dma_data")]
pub struct Peripheral {
    line: RequestLine,
    kind: Kind,
    priority: Priority,
}

static_assertions::assert_impl_all!(Peripheral: Copy, Send, Sync);

macro_rules! constructors {
    ($($(#[$doc:meta])* $name:ident = $kind:ident;)*) => {
        $($(#[$doc])*
        #[must_use]
        pub const fn $name(line: RequestLine) -> Self {
            Self::of(line, Kind::$kind)
        })*
    };
}

/// "Shared" is a device on the shared peripheral bus (SPBA), which the SDMA reaches by itself; the others lie behind
/// the AHB.
impl Peripheral {
    constructors! {
        /// A synchronous serial interface.
        #[doc(alias = "IMX_DMATYPE_SSI")]
        ssi = Ssi;
        /// A synchronous serial interface on the SPBA: that of i.MX6.
        #[doc(alias = "IMX_DMATYPE_SSI_SP")]
        ssi_shared = SsiShared;
        /// A synchronous serial interface on the SPBA with both FIFOs in use, which take turns word by word: bursts and
        /// buffers are whole pairs. Needs firmware.
        #[doc(alias = "IMX_DMATYPE_SSI_DUAL")]
        ssi_dual = SsiDual;
        /// A UART. It is received from in bytes only, at its first register, from where the script finds the status
        /// registers; and a descriptor ends early when the line falls idle.
        #[doc(alias = "IMX_DMATYPE_UART")]
        uart = Uart;
        /// A UART on the SPBA; see [`uart`](Self::uart).
        #[doc(alias = "IMX_DMATYPE_UART_SP")]
        uart_shared = UartShared;
        /// A SPI controller. On chips with erratum ERR009165 it sends by a script that works around it, which needs
        /// firmware.
        #[doc(alias = "IMX_DMATYPE_CSPI")]
        ecspi = Ecspi;
        /// A SPI controller on the SPBA, of chips from before that erratum.
        #[doc(alias = "IMX_DMATYPE_CSPI_SP")]
        ecspi_shared = EcspiShared;
        /// S/PDIF.
        #[doc(alias = "IMX_DMATYPE_SPDIF")]
        spdif = Spdif;
        /// The enhanced serial audio interface.
        #[doc(alias = "IMX_DMATYPE_ESAI")]
        esai = Esai;
        /// A synchronous audio interface with one FIFO in use.
        #[doc(alias = "IMX_DMATYPE_SAI")]
        sai = Sai;
        /// The sample rate converter behind the AHB. Needs firmware; Linux has one script for both directions.
        #[doc(alias = "IMX_DMATYPE_ASRC")]
        asrc = Asrc;
        /// The sample rate converter on the SPBA: that of i.MX6. Device to device needs firmware.
        #[doc(alias = "IMX_DMATYPE_ASRC_SP")]
        asrc_shared = AsrcShared;
        /// A multimedia card host.
        #[doc(alias = "IMX_DMATYPE_MMC")]
        mmc = Mmc;
        /// An SD card host.
        #[doc(alias = "IMX_DMATYPE_SDHC")]
        sdhc = Sdhc;
        /// A memory stick host.
        #[doc(alias = "IMX_DMATYPE_MSHC")]
        mshc = Mshc;
        /// A memory stick host on the SPBA.
        #[doc(alias = "IMX_DMATYPE_MSHC_SP")]
        mshc_shared = MshcShared;
        /// ATA.
        #[doc(alias = "IMX_DMATYPE_ATA")]
        ata = Ata;
        /// Infrared.
        #[doc(alias = "IMX_DMATYPE_FIRI")]
        firi = Firi;
        /// I2C. Needs firmware.
        #[doc(alias = "IMX_DMATYPE_I2C")]
        i2c = I2c;
        /// Whatever pulls an external request line.
        #[doc(alias = "IMX_DMATYPE_EXT")]
        ext = Ext;
        /// The clock controller's voltage and frequency scaling; it only gives.
        #[doc(alias = "IMX_DMATYPE_CCM")]
        ccm = Ccm;
        /// The image processing unit, from external memory; it only takes.
        #[doc(alias = "IMX_DMATYPE_IPU_MEMORY")]
        ipu_memory = IpuMemory;
    }

    /// A SAI or a microphone interface with several FIFOs. Needs firmware.
    #[doc(alias = "IMX_DMATYPE_MULTI_SAI")]
    #[must_use]
    pub const fn multi_sai(line: RequestLine, fifos: MultiFifo) -> Self {
        Self::of(line, Kind::MultiSai(fifos))
    }

    /// HDMI audio. The transmitter has a DMA engine of its own; the script gives it the next buffer at each request.
    /// Cyclic only. Needs firmware.
    ///
    /// The address is that of a table in memory: the bus addresses of the transmitter's `AHB_DMA_START`,
    /// `IH_AHBDMAAUD_STAT0` and `AHB_DMA_STRADDR0`, then first and last byte of each of `buffers` buffers (NXP's kernel,
    /// `sound/soc/fsl/imx-hdmi-dma.c`, which has room for ten).
    #[doc(alias = "IMX_DMATYPE_HDMI")]
    #[must_use]
    pub const fn hdmi(line: RequestLine, buffers: u32) -> Self {
        Self::of(line, Kind::Hdmi { buffers })
    }

    const fn of(line: RequestLine, kind: Kind) -> Self {
        Self { line, kind, priority: Priority::Low }
    }

    /// With a priority other than [`Priority::Low`].
    #[must_use]
    pub const fn with_priority(mut self, priority: Priority) -> Self {
        self.priority = priority;
        self
    }

    /// Its request line.
    #[must_use]
    pub const fn line(&self) -> RequestLine {
        self.line
    }

    /// Its priority.
    #[must_use]
    pub const fn priority(&self) -> Priority {
        self.priority
    }
}
