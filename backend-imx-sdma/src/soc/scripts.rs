//! The scripts that move data, and where they lie in the SDMA's program memory.

/// A script, by its index in the table of a firmware image.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
#[repr(u8)]
pub enum Script {
    /// Memory to memory.
    Ap2Ap = 0,
    /// A UART behind the AHB to memory.
    Uart2Mcu = 11,
    /// Memory to a peripheral behind the AHB.
    Mcu2App = 13,
    /// Peripheral to peripheral; in RAM.
    Per2Per = 14,
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
