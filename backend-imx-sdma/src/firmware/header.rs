//! Reading an image's header, and all the checks.
//!
//! Every number in the header is at most 32 bit, and sums of two are taken in 64, so that none overflows. The table is
//! checked before the code, and each entry last, when it is known where the code lies.

use super::{
    Firmware, FirmwareError,
    layout::{LOAD_ADDRESS, Layout, entry},
};
use crate::soc::scripts::{RAM_CODE_START, RAM_END, ROM_END, Script};

/// How long a header is, in bytes.
const HEADER: u32 = 28;

/// `SDMA`, as the image's bytes read.
const MAGIC: u32 = u32::from_le_bytes(*b"SDMA");

pub(super) fn parse(image: &[u8]) -> Result<Firmware<'_>, FirmwareError> {
    let len = image.len() as u64;
    let [magic, major, minor, table_start, num, code_start, code_size] =
        words(image).ok_or(FirmwareError::TooShort { len, limit: HEADER })?;
    if magic != MAGIC {
        return Err(FirmwareError::Magic { magic });
    }
    let layout = Layout::of(major, num)?;

    if table_start < HEADER {
        return Err(FirmwareError::TableInHeader { start: table_start, limit: HEADER });
    }
    if table_start % 4 != 0 {
        return Err(FirmwareError::TableMisaligned { start: table_start });
    }
    let table_end = u64::from(table_start) + 4 * u64::from(num);
    let table = range(image, table_start, table_end).ok_or(FirmwareError::TablePastEnd { end: table_end, len })?;

    if code_size == 0 {
        return Err(FirmwareError::RamCodeEmpty);
    }
    if code_size % 2 != 0 {
        return Err(FirmwareError::RamCodeOdd { size: code_size });
    }
    if code_start < HEADER {
        return Err(FirmwareError::RamCodeInHeader { start: code_start, limit: HEADER });
    }
    let code_end = u64::from(code_start) + u64::from(code_size);
    let ram_code = range(image, code_start, code_end).ok_or(FirmwareError::RamCodePastEnd { end: code_end, len })?;
    if u64::from(code_start) < table_end && u64::from(table_start) < code_end {
        return Err(FirmwareError::Overlap { table: table_start, ram_code: code_start });
    }

    let address = entry(table, LOAD_ADDRESS).unwrap_or(0);
    let load_address = u16::try_from(address)
        .ok()
        .filter(|address| (RAM_CODE_START..RAM_END).contains(address))
        .ok_or(FirmwareError::LoadAddress { address, start: RAM_CODE_START, end: RAM_END })?;
    let loaded_end = u32::from(load_address) + code_size / 2;
    if loaded_end > RAM_END.into() {
        return Err(FirmwareError::RamCodeTooLong { end: loaded_end, limit: RAM_END });
    }

    let loaded = i64::from(load_address)..i64::from(loaded_end);
    for script in Script::ALL {
        let address = layout.entry(table, script).unwrap_or(0);
        if address >= ROM_END.into() && !loaded.contains(&address.into()) {
            return Err(FirmwareError::ScriptOutside { script, address, start: load_address, end: loaded_end as u16 });
        }
    }
    Ok(Firmware { version: (major, minor), layout, table, load_address, ram_code })
}

/// The header, if the image is so long.
fn words(image: &[u8]) -> Option<[u32; 7]> {
    let mut words = [0; 7];
    let header = image.get(..HEADER as usize)?;
    for (word, bytes) in words.iter_mut().zip(header.chunks_exact(4)) {
        *word = u32::from_le_bytes(bytes.try_into().ok()?);
    }
    Some(words)
}

/// A part of the image, if all of it is there.
fn range(image: &[u8], start: u32, end: u64) -> Option<&[u8]> {
    image.get(usize::try_from(start).ok()?..usize::try_from(end).ok()?)
}
