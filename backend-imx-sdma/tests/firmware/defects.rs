//! Every reason to refuse an image, by an image that has that one defect; and beside it the nearest one that is sound.

use crate::image::Image;
use backend_imx_sdma::{
    firmware::{Firmware, FirmwareError},
    soc::scripts::Script,
};
use dmaengine_core::error::ErrorKind;

fn good() -> Image {
    Image::new(3, 45, 100)
}

#[track_caller]
fn accepted(bytes: &[u8]) {
    assert!(Firmware::parse(bytes).is_ok(), "{:?}", Firmware::parse(bytes));
}

#[track_caller]
fn refused(bytes: &[u8], error: FirmwareError, text: &str) {
    assert_eq!(Firmware::parse(bytes), Err(error));
    assert_eq!(error.to_string(), text);
}

#[test]
fn an_image_shorter_than_its_header() {
    let bytes = good().bytes();
    accepted(&bytes);
    refused(&[], FirmwareError::TooShort { len: 0, limit: 28 }, "image of 0 bytes: the header alone has 28");
    refused(&bytes[..27], FirmwareError::TooShort { len: 27, limit: 28 }, "image of 27 bytes: the header alone has 28");
}

#[test]
fn an_image_cut_off_anywhere_is_refused() {
    let bytes = good().bytes();
    for len in 0..bytes.len() {
        assert!(Firmware::parse(&bytes[..len]).is_err(), "{len} of {} bytes", bytes.len());
    }
}

#[test]
fn bytes_behind_the_image_do_no_harm() {
    let mut bytes = good().bytes();
    bytes.extend([0xFF; 3]);
    assert_eq!(Firmware::parse(&bytes).unwrap().ram_code().len(), 200);
}

#[test]
fn another_magic() {
    let image = Image { magic: u32::from_be_bytes(*b"SDMA"), ..good() };
    refused(&image.bytes(), FirmwareError::Magic { magic: 0x5344_4D41 }, "magic 0x53444d41: no SDMA firmware");
}

#[test]
fn a_version_not_known() {
    for major in 1..=4 {
        accepted(&Image::new(major, 38, 1).bytes());
    }
    for major in [0, 5, u32::MAX] {
        let error = FirmwareError::Version { major };
        refused(&Image::new(major, 38, 1).bytes(), error, &format!("major version {major}: 1 to 4 are known"));
        assert_eq!(error.kind(), ErrorKind::Unsupported);
    }
}

#[test]
fn a_table_that_ends_before_the_load_address() {
    for major in 1..=4 {
        accepted(&Image::new(major, 35, 1).bytes());
        let error = FirmwareError::TooFewScripts { num: 34, limit: 35 };
        refused(&Image::new(major, 34, 1).bytes(), error, "table of 34 scripts: at least 35");
    }
    assert_eq!(Firmware::parse(&Image::new(1, 0, 1).bytes()), Err(FirmwareError::TooFewScripts { num: 0, limit: 35 }));
}

#[test]
fn a_table_of_version_4_whose_end_nobody_knows() {
    for num in (35..=42).chain([46, 48]) {
        accepted(&Image::new(4, num, 1).bytes());
    }
    for num in [43, 44, 45, 47, 49, 200] {
        let error = FirmwareError::UnknownTable { num };
        let text = format!("version 4 with {num} scripts: the order of up to 41, of 42, 46 and 48 is known");
        refused(&Image::new(4, num, 1).bytes(), error, &text);
        assert_eq!(error.kind(), ErrorKind::Unsupported);
    }
}

#[test]
fn a_table_in_the_header() {
    for start in [0, 24] {
        let error = FirmwareError::TableInHeader { start, limit: 28 };
        let text = format!("table at byte {start}: the header has 28");
        refused(&Image { table_start: start, ..good() }.bytes(), error, &text);
    }
}

#[test]
fn a_table_at_an_odd_place() {
    for shift in 1..=3 {
        let image = Image { table_start: 28 + shift, code_start: 28 + shift + 4 * 45, ..good() };
        let bytes = [image.header(), vec![0; shift as usize], image.table(), image.code.clone()].concat();
        let error = FirmwareError::TableMisaligned { start: 28 + shift };
        refused(&bytes, error, &format!("table at byte {}: not a multiple of 4", 28 + shift));
    }
}

#[test]
fn a_table_behind_the_end() {
    accepted(&good().code_first());
    let error = FirmwareError::TablePastEnd { end: 412, len: 408 };
    refused(&Image { num: 46, ..good() }.code_first(), error, "table up to byte 412: the image has 408");

    // A sum of 32 bit would wrap, and so would the product.
    let image = Image { table_start: 0xFFFF_FFFC, ..good() };
    refused(
        &image.bytes(),
        FirmwareError::TablePastEnd { end: 0x1_0000_00B0, len: 408 },
        "table up to byte 4294967472: the image has 408",
    );
    let image = Image { num: 0x4000_0000 + 45, ..good() };
    refused(
        &image.bytes(),
        FirmwareError::TablePastEnd { end: 0x1_0000_00D0, len: 408 },
        "table up to byte 4294967504: the image has 408",
    );
}

#[test]
fn no_code() {
    refused(&Image::new(3, 45, 0).bytes(), FirmwareError::RamCodeEmpty, "no RAM code");
}

#[test]
fn half_a_word_of_code() {
    let error = FirmwareError::RamCodeOdd { size: 199 };
    refused(&Image { code_size: 199, ..good() }.bytes(), error, "RAM code of 199 bytes: not a multiple of 2");
}

#[test]
fn code_in_the_header() {
    // Bytes 0 to 27 are the header; two of them would be a word of code, and overlap nothing else.
    for start in [0, 26] {
        let image = Image { code_start: start, code_size: 2, ..good() };
        let error = FirmwareError::RamCodeInHeader { start, limit: 28 };
        refused(&image.bytes(), error, &format!("RAM code at byte {start}: the header has 28"));
    }
}

#[test]
fn code_behind_the_end() {
    let error = FirmwareError::RamCodePastEnd { end: 410, len: 408 };
    refused(&Image { code_size: 202, ..good() }.bytes(), error, "RAM code up to byte 410: the image has 408");

    let image = Image { code_start: 0xFFFF_FFFE, code_size: 100, ..good() };
    refused(
        &image.bytes(),
        FirmwareError::RamCodePastEnd { end: 0x1_0000_0062, len: 408 },
        "RAM code up to byte 4294967394: the image has 408",
    );
}

#[test]
fn a_table_and_code_that_share_bytes() {
    let overlap = |code_start, code_size| {
        let image = Image { code_start, code_size, ..good() };
        let error = FirmwareError::Overlap { table: 28, ram_code: code_start };
        let text = format!("the table at byte 28 and the RAM code at byte {code_start} overlap");
        refused(&image.bytes(), error, &text);
    };
    overlap(28, 200); // begin together
    overlap(206, 4); // the table's last half
    overlap(100, 8); // in the table

    let image = Image { table_start: 28 + 196, code_start: 28, ..good() };
    let bytes = [image.header(), vec![0; 196], image.table(), vec![0; 4]].concat();
    let error = FirmwareError::Overlap { table: 224, ram_code: 28 };
    refused(&bytes, error, "the table at byte 224 and the RAM code at byte 28 overlap");
}

#[test]
fn code_for_a_place_where_none_can_be() {
    accepted(&good().with(&[(34, 0x1800)]).bytes());
    accepted(&Image::new(3, 45, 1).with(&[(34, 0x1FFF)]).bytes());
    // The last two are 0x1800 in their lower half.
    for address in [0, -1, i32::MIN, 0x17FF, 0x2000, i32::MAX, 0x1_1800, -0xE800] {
        let error = FirmwareError::LoadAddress { address, start: 0x1800, end: 0x2000 };
        let text = format!("RAM code for address {address}: code goes from 0x1800 up to 0x2000");
        refused(&Image::new(3, 45, 1).with(&[(34, address)]).bytes(), error, &text);
    }
}

#[test]
fn more_code_than_the_ram_holds() {
    accepted(&Image::new(3, 45, 0x800).bytes());
    let error = FirmwareError::RamCodeTooLong { end: 0x2001, limit: 0x2000 };
    let text = "RAM code up to address 0x2001: the RAM ends at 0x2000";
    refused(&Image::new(3, 45, 0x801).bytes(), error, text);
    refused(&Image::new(3, 45, 2).with(&[(34, 0x1FFF)]).bytes(), error, text);
    // So much that the end would wrap in 16 bit.
    let error = FirmwareError::RamCodeTooLong { end: 0x1_1800, limit: 0x2000 };
    refused(&Image::new(3, 45, 0x1_0000).bytes(), error, "RAM code up to address 0x11800: the RAM ends at 0x2000");
}

#[test]
fn a_script_where_there_is_no_code() {
    for address in [1, 0x7FF, 6144, 6243] {
        accepted(&good().with(&[(0, address), (44, address)]).bytes());
    }
    for address in [0x800, 0x1000, 6143, 6244, 0x2000, 0x1_0282, i32::MAX] {
        for (index, script) in [(0, Script::Ap2Ap), (44, Script::Uartsh2McuRom)] {
            let error = FirmwareError::ScriptOutside { script, address, start: 6144, end: 6244 };
            let text = format!("{script:?} at {address}: neither in ROM nor in the RAM code from 6144 up to 6244");
            refused(&good().with(&[(index, address)]).bytes(), error, &text);
            assert_eq!(error.kind(), ErrorKind::InvalidInput);
        }
    }
}

#[test]
fn entries_that_are_not_positive_are_no_scripts() {
    for absent in [0, -1, -22, i32::MIN, -0xFD7E] {
        let bytes = good().with(&[(0, absent)]).bytes();
        assert_eq!(Firmware::parse(&bytes).unwrap().address(Script::Ap2Ap), None);
    }
}
