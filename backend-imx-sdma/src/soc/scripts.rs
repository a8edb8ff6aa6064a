//! The scripts that move data, and where they lie in the SDMA's program memory.
//!
//! The names are those of NXP's tables: `ap` and `mcu` are the memory of the application processor, `bp` that of a DSP,
//! `app` is a peripheral behind the AHB, `shp` one on the shared peripheral bus (SPBA), `per` either.

/// Where the ROM ends in program memory, in words of 16 bit: it has 4 KB (i.MX 6ULL RM chapter 46).
pub const ROM_END: u16 = 0x0800;

/// Where code in RAM can begin, in words of 16 bit. The RAM begins at 0x1000, with the contexts of 32 channels.
pub const RAM_CODE_START: u16 = 0x1800;

/// Where the RAM ends, in words of 16 bit: it has 8 KB.
pub const RAM_END: u16 = 0x2000;

/// A script, by its place in the table of a firmware image.
///
/// The numbers are those of Linux 6.12 (`include/linux/dma/imx-dma.h` and `drivers/dma/imx-sdma.c`). Older images
/// number the last few otherwise; [`Firmware`](crate::firmware::Firmware) resolves that when it reads one, so that a
/// name means one script everywhere. Place 34 is nobody's: an image keeps there where its RAM code begins, see
/// [`Firmware::load_address`](crate::firmware::Firmware::load_address).
///
/// Which peripheral takes which script: i.MX 6ULL RM chapter 46, and `sdma_get_pc` of the Linux driver.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
#[repr(u8)]
pub enum Script {
    /// Memory to memory.
    Ap2Ap = 0,
    /// Memory to a DSP's memory.
    Ap2Bp = 1,
    /// Memory to memory, at one fixed address.
    Ap2ApFixed = 2,
    /// A DSP's memory to memory.
    Bp2Ap = 3,
    /// A test that loops data back on the DSP's side.
    LoopbackOnDspSide = 4,
    /// Nothing but an interrupt.
    McuInterruptOnly = 5,
    /// Infrared (FIRI) to a peripheral.
    Firi2Per = 6,
    /// Infrared (FIRI) to memory.
    Firi2Mcu = 7,
    /// A peripheral to infrared (FIRI).
    Per2Firi = 8,
    /// Memory to infrared (FIRI).
    Mcu2Firi = 9,
    /// A UART behind the AHB to a peripheral.
    Uart2Per = 10,
    /// A UART behind the AHB to memory.
    Uart2Mcu = 11,
    /// A peripheral to one behind the AHB.
    Per2App = 12,
    /// Memory to a peripheral behind the AHB.
    Mcu2App = 13,
    /// Peripheral to peripheral; in RAM.
    Per2Per = 14,
    /// A UART on the SPBA to a peripheral.
    Uartsh2Per = 15,
    /// A UART on the SPBA to memory.
    Uartsh2Mcu = 16,
    /// A peripheral to one on the SPBA.
    Per2Shp = 17,
    /// Memory to a peripheral on the SPBA.
    Mcu2Shp = 18,
    /// ATA to memory.
    Ata2Mcu = 19,
    /// Memory to ATA.
    Mcu2Ata = 20,
    /// A peripheral behind the AHB to another.
    App2Per = 21,
    /// A peripheral behind the AHB to memory.
    App2Mcu = 22,
    /// A peripheral on the SPBA to another.
    Shp2Per = 23,
    /// A peripheral on the SPBA to memory.
    Shp2Mcu = 24,
    /// A memory stick (MSHC) to memory.
    Mshc2Mcu = 25,
    /// Memory to a memory stick (MSHC).
    Mcu2Mshc = 26,
    /// S/PDIF to memory.
    Spdif2Mcu = 27,
    /// Memory to S/PDIF.
    Mcu2Spdif = 28,
    /// The sample rate converter (ASRC) to memory.
    Asrc2Mcu = 29,
    /// External memory to the image processing unit.
    ExtMem2Ipu = 30,
    /// The descrambler.
    Descrambler = 31,
    /// Voltage and frequency scaling (DPTC, DVFS).
    DptcDvfs = 32,
    /// The unified turbo and Reed-Solomon accelerator.
    Utra = 33,
    /// Memory to both FIFOs of an SSI on the SPBA; in RAM.
    Mcu2Ssish = 35,
    /// Both FIFOs of an SSI on the SPBA to memory; in RAM.
    Ssish2Mcu = 36,
    /// The descriptors of HDMI audio; in RAM.
    HdmiDma = 37,
    /// A CAN FD controller to memory; in RAM.
    Zcanfd2Mcu = 38,
    /// A quad SPI controller to memory; in RAM.
    Zqspi2Mcu = 39,
    /// Memory to an eCSPI, around erratum ERR009165; in RAM.
    Mcu2Ecspi = 40,
    /// Memory to the FIFOs of a SAI; in RAM.
    Mcu2Sai = 41,
    /// The FIFOs of a SAI or of a microphone interface to memory; in RAM.
    Sai2Mcu = 42,
    /// [`Uart2Mcu`](Self::Uart2Mcu) in ROM, where the image keeps a version in RAM under that name.
    Uart2McuRom = 43,
    /// [`Uartsh2Mcu`](Self::Uartsh2Mcu) in ROM, where the image keeps a version in RAM under that name.
    Uartsh2McuRom = 44,
    /// I2C to memory; in RAM.
    I2c2Mcu = 45,
    /// Memory to I2C; in RAM.
    Mcu2I2c = 46,
    /// Memory to a quad SPI controller; in RAM.
    Mcu2Zqspi = 47,
}

impl Script {
    /// All of them, by their place.
    pub const ALL: [Self; 47] = {
        use Script::*;
        [
            Ap2Ap,
            Ap2Bp,
            Ap2ApFixed,
            Bp2Ap,
            LoopbackOnDspSide,
            McuInterruptOnly,
            Firi2Per,
            Firi2Mcu,
            Per2Firi,
            Mcu2Firi,
            Uart2Per,
            Uart2Mcu,
            Per2App,
            Mcu2App,
            Per2Per,
            Uartsh2Per,
            Uartsh2Mcu,
            Per2Shp,
            Mcu2Shp,
            Ata2Mcu,
            Mcu2Ata,
            App2Per,
            App2Mcu,
            Shp2Per,
            Shp2Mcu,
            Mshc2Mcu,
            Mcu2Mshc,
            Spdif2Mcu,
            Mcu2Spdif,
            Asrc2Mcu,
            ExtMem2Ipu,
            Descrambler,
            DptcDvfs,
            Utra,
            Mcu2Ssish,
            Ssish2Mcu,
            HdmiDma,
            Zcanfd2Mcu,
            Zqspi2Mcu,
            Mcu2Ecspi,
            Mcu2Sai,
            Sai2Mcu,
            Uart2McuRom,
            Uartsh2McuRom,
            I2c2Mcu,
            Mcu2I2c,
            Mcu2Zqspi,
        ]
    };
}

/// Where each script lies, in words of 16 bit; those that a chip has not are absent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ScriptAddresses([u16; Self::COUNT]);

impl ScriptAddresses {
    /// How many places the table has: one for each [`Script`], and place 34.
    pub const COUNT: usize = 48;

    /// No script at all.
    pub const NONE: Self = Self([0; Self::COUNT]);

    /// Where a script lies. Address 0 is the boot code and no script's.
    #[must_use]
    pub const fn get(&self, script: Script) -> Option<u16> {
        match self.0[script as usize] {
            0 => None,
            address => Some(address),
        }
    }

    /// With a script at an address; with address 0, without it.
    #[must_use]
    pub const fn with(mut self, script: Script, address: u16) -> Self {
        self.0[script as usize] = address;
        self
    }
}
