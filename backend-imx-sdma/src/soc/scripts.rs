//! The scripts that move data, and where they lie in the SDMA's program memory.

/// A script, by its index in the table of a firmware image.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
#[repr(u8)]
pub enum Script {
    /// Memory to memory.
    Ap2Ap = 0,
    /// Infrared (FIRI) to memory.
    Firi2Mcu = 7,
    /// Memory to infrared (FIRI).
    Mcu2Firi = 9,
    /// A UART behind the AHB to memory.
    Uart2Mcu = 11,
    /// Memory to a peripheral behind the AHB.
    Mcu2App = 13,
    /// Peripheral to peripheral; in RAM.
    Per2Per = 14,
    /// A UART on the SPBA to memory.
    Uartsh2Mcu = 16,
    /// Memory to a peripheral on the SPBA.
    Mcu2Shp = 18,
    /// ATA to memory.
    Ata2Mcu = 19,
    /// Memory to ATA.
    Mcu2Ata = 20,
    /// A peripheral behind the AHB to memory.
    App2Mcu = 22,
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
    /// Voltage and frequency scaling (DPTC, DVFS).
    DptcDvfs = 32,
    /// Memory to both FIFOs of an SSI on the SPBA; in RAM.
    Mcu2Ssish = 35,
    /// Both FIFOs of an SSI on the SPBA to memory; in RAM.
    Ssish2Mcu = 36,
    /// The descriptors of HDMI audio; in RAM.
    HdmiDma = 37,
    /// Memory to an eCSPI, around erratum ERR009165; in RAM.
    Mcu2Ecspi = 40,
    /// Memory to the FIFOs of a SAI; in RAM.
    Mcu2Sai = 41,
    /// The FIFOs of a SAI or of a microphone interface to memory; in RAM.
    Sai2Mcu = 42,
    /// I2C to memory; in RAM.
    I2c2Mcu = 45,
    /// Memory to I2C; in RAM.
    Mcu2I2c = 46,
}

/// Where each script lies, in words of 16 bit; those that a chip has not are absent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ScriptAddresses([u16; Self::COUNT]);

impl ScriptAddresses {
    /// How many scripts there can be.
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

    /// With a script at an address.
    #[must_use]
    pub const fn with(mut self, script: Script, address: u16) -> Self {
        self.0[script as usize] = address;
        self
    }
}
