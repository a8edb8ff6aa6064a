//! Which script serves which kind of device (Linux 6.12 drivers/dma/imx-sdma.c, `sdma_get_pc`).

use dmaengine_core::Direction;
use dmaengine_core::error::PrepError;

use super::MultiFifo;
use crate::soc::scripts::{Script, ScriptAddresses};

/// What a device is, with what only its script wants to know.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    Ssi,
    SsiShared,
    SsiDual,
    Uart,
    UartShared,
    Ecspi,
    EcspiShared,
    Spdif,
    Esai,
    Sai,
    MultiSai(MultiFifo),
    Asrc,
    AsrcShared,
    Mmc,
    Sdhc,
    Mshc,
    MshcShared,
    Ata,
    Firi,
    I2c,
    Ext,
    Ccm,
    IpuMemory,
    Hdmi { buffers: u32 },
}

/// A script and what NXP's tables call it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Program(Script, &'static str);

impl Program {
    pub(super) const AP_2_AP: Self = Self(Script::Ap2Ap, "ap_2_ap");
    pub(super) const PER_2_PER: Self = Self(Script::Per2Per, "per_2_per");
    const APP_2_MCU: Self = Self(Script::App2Mcu, "app_2_mcu");
    const MCU_2_APP: Self = Self(Script::Mcu2App, "mcu_2_app");
    const SHP_2_MCU: Self = Self(Script::Shp2Mcu, "shp_2_mcu");
    const MCU_2_SHP: Self = Self(Script::Mcu2Shp, "mcu_2_shp");
    const SSISH_2_MCU: Self = Self(Script::Ssish2Mcu, "ssish_2_mcu");
    const MCU_2_SSISH: Self = Self(Script::Mcu2Ssish, "mcu_2_ssish");
    const UART_2_MCU: Self = Self(Script::Uart2Mcu, "uart_2_mcu");
    const UARTSH_2_MCU: Self = Self(Script::Uartsh2Mcu, "uartsh_2_mcu");
    const MCU_2_ECSPI: Self = Self(Script::Mcu2Ecspi, "mcu_2_ecspi");
    const SPDIF_2_MCU: Self = Self(Script::Spdif2Mcu, "spdif_2_mcu");
    const MCU_2_SPDIF: Self = Self(Script::Mcu2Spdif, "mcu_2_spdif");
    const SAI_2_MCU: Self = Self(Script::Sai2Mcu, "sai_2_mcu");
    const MCU_2_SAI: Self = Self(Script::Mcu2Sai, "mcu_2_sai");
    const ASRC_2_MCU: Self = Self(Script::Asrc2Mcu, "asrc_2_mcu");
    const MSHC_2_MCU: Self = Self(Script::Mshc2Mcu, "mshc_2_mcu");
    const MCU_2_MSHC: Self = Self(Script::Mcu2Mshc, "mcu_2_mshc");
    const ATA_2_MCU: Self = Self(Script::Ata2Mcu, "ata_2_mcu");
    const MCU_2_ATA: Self = Self(Script::Mcu2Ata, "mcu_2_ata");
    const FIRI_2_MCU: Self = Self(Script::Firi2Mcu, "firi_2_mcu");
    const MCU_2_FIRI: Self = Self(Script::Mcu2Firi, "mcu_2_firi");
    const I2C_2_MCU: Self = Self(Script::I2c2Mcu, "i2c_2_mcu");
    const MCU_2_I2C: Self = Self(Script::Mcu2I2c, "mcu_2_i2c");
    const HDMI_DMA: Self = Self(Script::HdmiDma, "hdmi_dma");
    const EXT_MEM_2_IPU: Self = Self(Script::ExtMem2Ipu, "ext_mem_2_ipu");
    const DPTC_DVFS: Self = Self(Script::DptcDvfs, "dptc_dvfs");

    /// Where it begins; refused if it is not there. Linux begins at address 0 or at an error's number.
    pub(super) const fn address(self, scripts: &ScriptAddresses) -> Result<u16, PrepError> {
        match scripts.get(self.0) {
            Some(address) => Ok(address),
            None => Err(PrepError::NoProgram { name: self.1 }),
        }
    }
}

impl Kind {
    /// The script between memory and the device; refused if there is no such way. `err009165`: the chip's eCSPI has
    /// that erratum.
    pub(super) const fn program(self, direction: Direction, err009165: bool) -> Result<Program, PrepError> {
        let (from_device, to_device) = match self {
            Self::Ssi | Self::Sai | Self::Ext => (Some(Program::APP_2_MCU), Some(Program::MCU_2_APP)),
            Self::SsiShared
            | Self::Mmc
            | Self::Sdhc
            | Self::EcspiShared
            | Self::Esai
            | Self::MshcShared
            | Self::AsrcShared => (Some(Program::SHP_2_MCU), Some(Program::MCU_2_SHP)),
            Self::SsiDual => (Some(Program::SSISH_2_MCU), Some(Program::MCU_2_SSISH)),
            Self::Uart => (Some(Program::UART_2_MCU), Some(Program::MCU_2_APP)),
            Self::UartShared => (Some(Program::UARTSH_2_MCU), Some(Program::MCU_2_SHP)),
            Self::Ecspi if err009165 => (Some(Program::APP_2_MCU), Some(Program::MCU_2_ECSPI)),
            Self::Ecspi => (Some(Program::APP_2_MCU), Some(Program::MCU_2_APP)),
            Self::Spdif => (Some(Program::SPDIF_2_MCU), Some(Program::MCU_2_SPDIF)),
            Self::MultiSai(_) => (Some(Program::SAI_2_MCU), Some(Program::MCU_2_SAI)),
            Self::Asrc => (Some(Program::ASRC_2_MCU), Some(Program::ASRC_2_MCU)),
            Self::Mshc => (Some(Program::MSHC_2_MCU), Some(Program::MCU_2_MSHC)),
            Self::Ata => (Some(Program::ATA_2_MCU), Some(Program::MCU_2_ATA)),
            Self::Firi => (Some(Program::FIRI_2_MCU), Some(Program::MCU_2_FIRI)),
            Self::I2c => (Some(Program::I2C_2_MCU), Some(Program::MCU_2_I2C)),
            Self::Ccm => (Some(Program::DPTC_DVFS), None),
            Self::IpuMemory => (None, Some(Program::EXT_MEM_2_IPU)),
            Self::Hdmi { .. } => (None, Some(Program::HDMI_DMA)),
        };
        let program = match direction {
            Direction::DevToMem => from_device,
            Direction::MemToDev => to_device,
            Direction::MemToMem | Direction::DevToDev => None,
        };
        match program {
            Some(program) => Ok(program),
            None => Err(PrepError::Direction { direction }),
        }
    }

    /// How many FIFOs take part in a transfer from device to device; `None` if it can be no end of one. What
    /// `per_2_per` serves is audio: it moves samples of 32 bit when both sides have asked, from one or two FIFOs.
    pub(super) const fn fifos_of_per_2_per(self) -> Option<u8> {
        match self {
            Self::Ssi | Self::SsiShared | Self::Esai | Self::Sai | Self::Asrc | Self::AsrcShared | Self::Spdif => {
                Some(1)
            }
            Self::SsiDual => Some(2),
            Self::MultiSai(fifos) if fifos.fifos() <= 2 => Some(fifos.fifos()),
            _ => None,
        }
    }
}
