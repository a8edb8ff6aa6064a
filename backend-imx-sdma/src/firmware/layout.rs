//! The order of a table's entries, which changed between images.
//!
//! Up to version 3 entries were only ever added at the end, so that a version says how many there can be and an image
//! how many of them it has. Version 4 is version 3 with `mcu_2_zqspi` at its very end, and that end moved twice as
//! version 3 grew: a table of version 3 has 41 entries in Linux 5.8, 45 in Linux 6.2 and 47 in Linux 6.12, so one of
//! version 4 has 42, 46 or 48. The version does not tell which, the number of entries does. NXP's imx7d images 4.2 and
//! 4.5 are of the first two kinds, and a driver that reads one kind as another takes the wrong script for a name.

use super::FirmwareError;
use crate::soc::scripts::Script;

/// The entry that holds the address for the RAM code, which every image has.
pub(super) const LOAD_ADDRESS: u8 = 34;

/// Which entries an image has, and what they mean.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Layout {
    /// How many entries stand where [`Script`] has them, if the table is so long.
    in_place: u8,
    /// The entry for `mcu_2_zqspi`, behind those.
    mcu_2_zqspi: Option<u8>,
}

impl Layout {
    /// The layout of a table with `num` entries. Those behind the last that the version knows are ignored.
    pub(super) fn of(major: u32, num: u32) -> Result<Self, FirmwareError> {
        if !(1..=4).contains(&major) {
            return Err(FirmwareError::Version { major });
        }
        if num <= LOAD_ADDRESS.into() {
            return Err(FirmwareError::TooFewScripts { num, limit: LOAD_ADDRESS + 1 });
        }
        let up_to = |last| Self { in_place: last, mcu_2_zqspi: None };
        let with_last = |last| Self { in_place: last, mcu_2_zqspi: Some(last) };
        Ok(match (major, num) {
            (1, _) => up_to(35),
            (2, _) => up_to(38),
            (3, _) => up_to(47),
            (_, ..=41) => up_to(41),
            (_, 42) => with_last(41),
            (_, 46) => with_last(45),
            (_, 48) => with_last(47),
            _ => return Err(FirmwareError::UnknownTable { num }),
        })
    }

    /// What the table says of a script, if it has an entry for it.
    pub(super) fn entry(&self, table: &[u8], script: Script) -> Option<i32> {
        let index = match script {
            Script::Mcu2Zqspi => self.mcu_2_zqspi?,
            _ => Some(script as u8).filter(|index| *index < self.in_place)?,
        };
        entry(table, index)
    }
}

/// An entry of a table, if it is so long.
pub(super) fn entry(table: &[u8], index: u8) -> Option<i32> {
    table.chunks_exact(4).nth(index.into())?.try_into().ok().map(i32::from_le_bytes)
}
