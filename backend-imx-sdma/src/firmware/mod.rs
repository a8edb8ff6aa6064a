//! Firmware images: scripts for the SDMA's RAM, and the table that says where they lie.
//!
//! [`Firmware`] reads an image where it is, without copying, and checks all of it first: an image that is accepted can
//! be loaded, and every address it gives lies in the ROM or in the code that comes with it. Images are not trusted; no
//! bytes make it panic.
//!
//! # The format
//!
//! Words of 32 bit, little-endian (Linux 6.12 `drivers/dma/imx-sdma.c`, `struct sdma_firmware_header`):
//!
//! | byte | field | |
//! | --- | --- | --- |
//! | 0 | magic | the bytes `SDMA` |
//! | 4 | version_major | 1 to 4; it says how many entries of the table have a meaning |
//! | 8 | version_minor | |
//! | 12 | script_addrs_start | where the table begins, in bytes |
//! | 16 | num_script_addrs | how many entries it has |
//! | 20 | ram_code_start | where the RAM code begins in the file, in bytes |
//! | 24 | ram_code_size | how long it is, in bytes |
//!
//! An entry of the table is the address of a script in words of 16 bit, or not positive for a script that the image has
//! not. Entry 34 is the address at which the RAM code is loaded. `header` has the checks, `layout` the order of the
//! entries.

mod error;
mod header;
mod layout;

pub use error::FirmwareError;

use crate::soc::scripts::{Script, ScriptAddresses};
use layout::Layout;

/// A firmware image that was found to be sound.
///
/// Linux checks less: it takes any table, and looks only whether the RAM code lies in the file. What it takes and this
/// refuses would be read past its end, overwrite the channels' contexts, or start a channel at an address without code.
///
/// ```
/// use backend_imx_sdma::{
///     firmware::Firmware,
///     soc::{Soc, scripts::Script},
/// };
///
/// // Version 3.1: a header, a table of 41 entries, and 200 bytes of code for address 0x1800.
/// let mut entries = [-1_i32; 41];
/// entries[34] = 0x1800; // where the code goes
/// entries[14] = 0x1810; // per_2_per
/// let mut image = Vec::from(*b"SDMA");
/// for word in [3, 1, 28, 41, 28 + 4 * 41, 200] {
///     image.extend_from_slice(&u32::to_le_bytes(word));
/// }
/// image.extend(entries.iter().flat_map(|entry| entry.to_le_bytes()));
/// image.extend([0; 200]);
///
/// let firmware = Firmware::parse(&image)?;
/// assert_eq!(firmware.version(), (3, 1));
/// assert_eq!((firmware.load_address(), firmware.ram_code().len()), (0x1800, 200));
///
/// let scripts = firmware.merge(&Soc::IMX6Q.rom);
/// assert_eq!(scripts.get(Script::Per2Per), Some(0x1810)); // from the image
/// assert_eq!(scripts.get(Script::Mcu2App), Some(747)); // in ROM, as before
///
/// image.truncate(300);
/// assert_eq!(Firmware::parse(&image).unwrap_err().to_string(), "RAM code up to byte 392: the image has 300");
/// # Ok::<(), backend_imx_sdma::firmware::FirmwareError>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Firmware<'a> {
    version: (u32, u32),
    layout: Layout,
    table: &'a [u8],
    load_address: u16,
    ram_code: &'a [u8],
}

impl<'a> Firmware<'a> {
    /// Reads an image. The bytes may lie at any address; they are not copied, and those behind the image's parts are
    /// ignored.
    ///
    /// # Errors
    /// What is wrong with it, and where: see [`FirmwareError`].
    pub fn parse(image: &'a [u8]) -> Result<Self, FirmwareError> {
        header::parse(image)
    }

    /// The version: major, which is the form of the table, and minor.
    #[must_use]
    pub const fn version(&self) -> (u32, u32) {
        self.version
    }

    /// The code for the RAM: words of 16 bit, little-endian, and at least one. This is what channel 0's command
    /// `C0_SETPM` takes, and its count is half of this length.
    #[must_use]
    pub const fn ram_code(&self) -> &'a [u8] {
        self.ram_code
    }

    /// Where the code goes in program memory, in words of 16 bit: from 0x1800, where the contexts end.
    #[must_use]
    #[doc(alias = "ram_code_start_addr")]
    pub const fn load_address(&self) -> u16 {
        self.load_address
    }

    /// Where the image says a script is, in words of 16 bit. It may name one in ROM too.
    ///
    /// This is the entry as it stands; what a channel should run is in [`merge`](Self::merge).
    #[must_use]
    pub fn address(&self, script: Script) -> Option<u16> {
        let entry = self.layout.entry(self.table, script)?;
        u16::try_from(entry).ok().filter(|address| *address > 0)
    }

    /// The scripts that the image names, and where they are.
    pub fn scripts(&self) -> impl Iterator<Item = (Script, u16)> + use<'a> {
        let firmware = *self;
        Script::ALL.into_iter().filter_map(move |script| Some((script, firmware.address(script)?)))
    }

    /// What can be run once the RAM code is loaded: the scripts of a chip's ROM, replaced by those the image names.
    ///
    /// From version 3 on an image may name the UART's scripts twice, in RAM for old kernels and in ROM. Then the one in
    /// ROM is the better and is taken for both names, as Linux 6.12 does.
    #[must_use]
    #[doc(alias = "sdma_add_scripts")]
    pub fn merge(&self, base: &ScriptAddresses) -> ScriptAddresses {
        let mut merged = self.scripts().fold(*base, |table, (script, address)| table.with(script, address));
        for (script, rom) in [(Script::Uart2Mcu, Script::Uart2McuRom), (Script::Uartsh2Mcu, Script::Uartsh2McuRom)] {
            if let Some(address) = self.address(rom) {
                merged = merged.with(script, address);
            }
        }
        merged
    }
}
