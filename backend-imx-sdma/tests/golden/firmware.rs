//! The firmware files of the traces, made again from what the traces say of them.

use backend_imx_sdma::firmware::{Firmware, FirmwareError};
use serde_json::Value;

use super::differences::{Differences, Id};
use super::trace::number;

/// Where the code goes, and how much of it the files have, in words of 16 bit.
const LOAD_ADDRESS: u32 = 6144;
const HALFWORDS: u32 = 32;

/// A file with so many words of 16 bit of code: a header, a table, and code that counts up from 0xA000.
fn file(major: u32, table: &[i32], halfwords: u32) -> Vec<u8> {
    let code = 28 + 4 * table.len() as u32;
    let header = [major, 1, 28, table.len() as u32, code, 2 * halfwords];
    let words = header.into_iter().chain(table.iter().map(|entry| *entry as u32));
    let halves = (0..halfwords).map(|i| if i < HALFWORDS { 0xA000 + i as u16 } else { 0 });
    let mut file = b"SDMA".to_vec();
    file.extend(words.flat_map(u32::to_le_bytes));
    file.extend(halves.flat_map(u16::to_le_bytes));
    file
}

/// The table that all files of the traces have.
fn table(description: &Value) -> Vec<i32> {
    let mut table = vec![0; number(&description["num_script_addrs"]) as usize];
    for (index, address) in description["script_addrs_by_index"].as_object().expect("a table") {
        table[index.parse::<usize>().unwrap()] = number(address) as i32;
    }
    table
}

/// The file that Linux took, as this driver takes it: with code enough for all scripts that it names.
pub fn taken(differences: Option<&Differences>, description: &Value, major: u32) -> Firmware<'static> {
    let table = table(description);
    let as_it_is = file(major, &table, HALFWORDS).leak();
    let error = Firmware::parse(as_it_is).unwrap_err();
    assert!(matches!(error, FirmwareError::ScriptOutside { .. }), "{error}");
    if let Some(differences) = differences {
        differences.apply(Id::CodeInside);
    }
    let end = table.iter().max().copied().unwrap_or(0) as u32 + 1;
    Firmware::parse(file(major, &table, end - LOAD_ADDRESS).leak()).unwrap()
}

/// A file that Linux refused, by what the trace says is wrong with it; and what this driver says of it.
pub fn refused(args: &Value) -> FirmwareError {
    let mut table = vec![0; 48];
    table[34] = LOAD_ADDRESS as i32;
    let (major, size) = (number(&args["major"]), number(&args["file_size"]) as usize);
    let mut file = file(major, &table, HALFWORDS);
    file.truncate(size);
    assert_eq!(file.len(), size, "the size of the file");
    if args["what"] == "bad magic" {
        file[0] = !file[0];
    }
    let error = Firmware::parse(&file).unwrap_err();
    let as_said = match args["what"].as_str().unwrap() {
        "bad magic" => matches!(error, FirmwareError::Magic { .. }),
        "unknown major 5" => error == FirmwareError::Version { major: 5 },
        "shorter than header" => error == FirmwareError::TooShort { len: size as u64, limit: 28 },
        "RAM code past the end of file" => matches!(error, FirmwareError::RamCodePastEnd { .. }),
        other => panic!("no file is known to be refused for {other}"),
    };
    assert!(as_said, "{args}: {error}");
    error
}
