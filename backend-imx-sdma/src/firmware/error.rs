//! What can be wrong with a firmware image.

use crate::soc::scripts::Script;
use dmaengine_core::error::ErrorKind;

/// Why a firmware image was refused. Nothing of it was loaded.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum FirmwareError {
    /// The header is not all there.
    #[error("image of {len} bytes: the header alone has {limit}")]
    TooShort {
        /// The image's length in bytes.
        len: u64,
        /// The header's.
        limit: u32,
    },
    /// It does not begin with the bytes `SDMA`.
    #[error("magic {magic:#010x}: no SDMA firmware")]
    Magic {
        /// Its first four bytes, little-endian.
        magic: u32,
    },
    /// The table is of a form that is not known.
    #[error("major version {major}: 1 to 4 are known")]
    Version {
        /// The major version.
        major: u32,
    },
    /// The table ends before the entry that every image has, where its code goes.
    #[error("table of {num} scripts: at least {limit}")]
    TooFewScripts {
        /// How many entries it has.
        num: u32,
        /// How many it needs.
        limit: u8,
    },
    /// A table of version 4 has another number of entries than any published one, and they tell what its last entry
    /// means.
    #[error("version 4 with {num} scripts: the order of up to 41, of 42, 46 and 48 is known")]
    UnknownTable {
        /// How many entries it has.
        num: u32,
    },
    /// The table begins in the header.
    #[error("table at byte {start}: the header has {limit}")]
    TableInHeader {
        /// Where it begins, in bytes.
        start: u32,
        /// Where the header ends.
        limit: u32,
    },
    /// The table does not begin at a multiple of 4 bytes.
    #[error("table at byte {start}: not a multiple of 4")]
    TableMisaligned {
        /// Where it begins, in bytes.
        start: u32,
    },
    /// The table reaches behind the end of the image.
    #[error("table up to byte {end}: the image has {len}")]
    TablePastEnd {
        /// Where it ends, in bytes.
        end: u64,
        /// The image's length in bytes.
        len: u64,
    },
    /// There is no RAM code.
    #[error("no RAM code")]
    RamCodeEmpty,
    /// The RAM code is not a whole number of words of 16 bit.
    #[error("RAM code of {size} bytes: not a multiple of 2")]
    RamCodeOdd {
        /// Its length in bytes.
        size: u32,
    },
    /// The RAM code begins in the header.
    #[error("RAM code at byte {start}: the header has {limit}")]
    RamCodeInHeader {
        /// Where it begins, in bytes.
        start: u32,
        /// Where the header ends.
        limit: u32,
    },
    /// The RAM code reaches behind the end of the image.
    #[error("RAM code up to byte {end}: the image has {len}")]
    RamCodePastEnd {
        /// Where it ends, in bytes.
        end: u64,
        /// The image's length in bytes.
        len: u64,
    },
    /// The table and the RAM code share bytes.
    #[error("the table at byte {table} and the RAM code at byte {ram_code} overlap")]
    Overlap {
        /// Where the table begins, in bytes.
        table: u32,
        /// Where the RAM code begins, in bytes.
        ram_code: u32,
    },
    /// The RAM code goes where no code can be: below are the channels' contexts, above is nothing.
    #[error("RAM code for address {address}: code goes from {start:#x} up to {end:#x}")]
    LoadAddress {
        /// Where it goes, in words of 16 bit.
        address: i32,
        /// Where code can begin.
        start: u16,
        /// Where the RAM ends.
        end: u16,
    },
    /// The RAM code is longer than the RAM.
    #[error("RAM code up to address {end:#x}: the RAM ends at {limit:#x}")]
    RamCodeTooLong {
        /// Where it ends, in words of 16 bit.
        end: u32,
        /// Where the RAM ends.
        limit: u16,
    },
    /// A script is neither in the ROM nor in the image's RAM code.
    #[error("{script:?} at {address}: neither in ROM nor in the RAM code from {start} up to {end}")]
    ScriptOutside {
        /// The script.
        script: Script,
        /// Its address, in words of 16 bit.
        address: i32,
        /// Where the RAM code begins.
        start: u16,
        /// Where it ends.
        end: u16,
    },
}

impl FirmwareError {
    /// What sort of failure this is: of an image that may be sound but is of a kind not known, `Unsupported`.
    #[must_use]
    pub const fn kind(&self) -> ErrorKind {
        match self {
            Self::Version { .. } | Self::UnknownTable { .. } => ErrorKind::Unsupported,
            _ => ErrorKind::InvalidInput,
        }
    }
}
